"""Land use: an outlet opens where the land-use code allows its type, or where a change of use is on record."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.model.land import land_use_codes, longest_prefix
from siteopt.world import World
from tests.land_worlds import codes_of, outcomes, verdicts, with_sites
from tests.programs import INF, accepted, row_of_spaces, rule, solved, stated

TABLE = {"0901": ["t0"], "090105": ["t1"], "0702": "all", "14": []}


def land(*codes: str, n_types: int = 2, **over: object) -> World:
    """Spaces on land of these codes."""
    world = row_of_spaces(len(codes), n_types, slots=[n_types] * len(codes), **over)
    return with_sites(world, land_use=list(codes))


def single(world: World, wanted: object) -> list[tuple[int, int]]:
    return sorted(p[0] for p in accepted(world, wanted) if len(p) == 1)  # type: ignore[arg-type]


def test_the_table_says_which_types_a_code_allows_and_the_longest_code_decides() -> None:
    world = land("090101", "090105", "070201", "1401")
    assert single(world, rule("land_use", table=TABLE)) == [(0, 0), (1, 1), (2, 0), (2, 1)]
    assert stated(land("090101"), rule("land_use", table=TABLE)) == [("s000: t1", {"s000/t1": 1.0}, -INF, 0.0)]


def test_one_type_needs_no_list_and_all_is_no_type() -> None:
    wanted = rule("land_use", table={"0901": "t0", "0702": "all", "14": []})
    assert single(land("0901", "0702"), wanted) == [(0, 0), (1, 0), (1, 1)]
    assert list(wanted.params.references()["types"]) == ["t0"]


def test_a_code_is_not_taken_for_a_longer_one() -> None:
    # 09 is said of the space, 0901 in the table: nobody knows which 09 it is
    assert outcomes(land("09"), rule("land_use", table=TABLE), [(0, 0)]) == {"s000: t0": "not checked"}


def test_no_code_or_an_unlisted_one_is_not_checked_unless_forbidden() -> None:
    world = land("", "1207", "090101")
    assert outcomes(world, rule("land_use", table=TABLE), [(0, 0), (1, 0), (2, 0)]) == {
        "s000: t0": "not checked",
        "s001: t0": "not checked",
        "s002: t0": "holds",
    }
    assert single(world, rule("land_use", table=TABLE, unknown="forbid")) == [(2, 0)]
    assert len(accepted(world, rule("land_use", table=TABLE))) == 2**5


def test_mixed_land_allows_what_any_of_its_codes_allows() -> None:
    world = land("090101/1401", "1401；090105", "090101+9999", "1401、1402")
    assert single(world, rule("land_use", table=TABLE, unknown="forbid")) == [(0, 0), (1, 1)]


def test_a_change_of_use_on_record_allows_every_type_and_is_shown() -> None:
    world = land("1401")
    wanted = rule("land_use", table=TABLE, conversions={"s000": "过渡期政策，至2029-06"})
    assert len(accepted(world, wanted)) == 4
    (verdict,) = verdicts(world, wanted, [(0, 1)])
    assert verdict.holds and verdict.detail["conversion"] == "过渡期政策，至2029-06"


def test_the_verdict_names_code_entry_and_scheme() -> None:
    (verdict,) = verdicts(land("090101"), rule("land_use", table=TABLE, scheme="GB/T 21010-2017"), [(0, 1)])
    assert not verdict.holds and (verdict.need, verdict.got, verdict.sense) == (0, 1, "le")
    assert dict(verdict.detail) == {"land_use": "090101", "scheme": "GB/T 21010-2017", "entries": "0901"}


def test_only_the_named_kinds_are_asked() -> None:
    world = land("1401", "1401", kind=["new_building", "idle_premises"])
    assert single(world, rule("land_use", table=TABLE, kinds=["new_building"])) == [(1, 0), (1, 1)]


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_best_space_of_the_right_code_is_found(engine: str) -> None:
    world = land("090101", "090101", "1401", n_types=1)
    chosen = solved(world, [rule("land_use", table=TABLE | {"090105": []}), rule("count", max=1)], by=engine)
    assert chosen.opened == ["s001/t0"]


def test_the_check_names_empty_and_unlisted_codes_once_each() -> None:
    world = land("", "1207", "1207", "", "090101")
    assert codes_of(world, rule("land_use", table=TABLE, conversions={"nowhere": "paper"})) == [
        ("error", "rule_unknown_site", "nowhere"),
        ("warning", "rule_data_unsaid", "s000"),
        ("warning", "rule_land_use_unlisted", "1207"),
    ]
    assert [c for _, c, _ in codes_of(world, rule("land_use", table=TABLE, unknown="forbid"))] == [
        "rule_data_unsaid_closed",
        "rule_land_use_unlisted_closed",
    ]
    assert codes_of(land("1207"), rule("land_use", table=TABLE, conversions={"s000": "paper"})) == []


@pytest.mark.parametrize(
    "params", [{}, {"table": {}}, {"table": {"09": 5}}, {"table": TABLE, "conversions": {"a": ""}}]
)
def test_a_table_and_reasons_must_be_given(params: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rule("land_use", **params)


def test_codes_are_read_apart_and_looked_up_by_their_longest_beginning() -> None:
    assert land_use_codes(" 0901/0702；14 ") == ("0901", "0702", "14")
    assert land_use_codes("") == land_use_codes(" / ") == ()
    assert longest_prefix("090101", ["09", "0901", "0902"]) == "0901"
    assert longest_prefix("1207", ["09"]) is None


def test_add_ons_inside_an_outlet_that_stands_change_no_use_of_land() -> None:
    world = land("1401", n_types=1, kind=["existing_outlet"], types={"base": np.array([False])})
    assert len(accepted(world, rule("land_use", table=TABLE, unknown="forbid"))) == 2
    assert verdicts(world, rule("land_use", table=TABLE), [(0, 0)]) == []
    assert codes_of(land("", n_types=1, kind=["existing_outlet"]), rule("land_use", table=TABLE)) == []
