"""Outlets per household: standing + new >= households / n, rounded up."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from tests.norm_worlds import found, town, verdicts
from tests.programs import INF, accepted, judged, rule, solved, stated

POINTS = rule("per_households", types=["t0"], households_per_outlet=2000)


def homes(households: float, **over: object) -> object:
    return town(3, communities=[{"id": "A", "households": households}], **over)  # type: ignore[arg-type]


def test_the_rows_ask_for_one_outlet_for_every_two_thousand_households_rounded_up() -> None:
    assert stated(homes(4500), POINTS) == [("A: t0", {"s000/t0": 1.0, "s001/t0": 1.0, "s002/t0": 1.0}, 3.0, INF)]


def test_exactly_two_thousand_households_ask_for_one_and_one_more_for_two() -> None:
    assert judged(homes(2000), POINTS, [(0, 0)]) and not judged(homes(2000), POINTS, [])
    assert not judged(homes(2001), POINTS, [(0, 0)]) and judged(homes(2001), POINTS, [(0, 0), (2, 0)])
    assert len(accepted(homes(2000), POINTS)) == 7
    assert len(accepted(homes(2001), POINTS)) == 4


def test_nobody_asks_for_none() -> None:
    assert stated(homes(0), POINTS) == []
    assert [] in accepted(homes(0), POINTS)


def test_outlets_that_stand_count_unless_told_otherwise() -> None:
    world = homes(4000, standing=[[1], [0], [0]])
    assert [(low, sorted(terms)) for _, terms, low, _ in stated(world, POINTS)] == [(1.0, ["s001/t0", "s002/t0"])]
    new_only = rule("per_households", types=["t0"], households_per_outlet=2000, count_existing=False)
    assert [low for _, _, low, _ in stated(world, new_only)] == [2.0]
    assert accepted(world, new_only) == [[(1, 0), (2, 0)]]


def test_types_count_by_themselves_or_together() -> None:
    world = town(1, 2, communities=[{"id": "A", "households": 1000}])
    each = rule("per_households", types=["t0", "t1"], households_per_outlet=1000)
    any_of = rule("per_households", types=["t0", "t1"], households_per_outlet=1000, together=True)
    assert accepted(world, each) == [[(0, 0), (0, 1)]]
    assert [s for s, *_ in stated(world, any_of)] == ["A: t0 + t1"]
    assert len(accepted(world, any_of)) == 3


def test_a_community_without_households_is_not_checked_and_asked_for() -> None:
    world = homes(np.nan)
    (verdict,) = verdicts(world, POINTS)
    assert (verdict.checked, verdict.holds, verdict.detail["missing"]) == (False, False, "households")
    assert stated(world, POINTS) == []
    (finding,) = found(world, POINTS)
    assert (finding.severity, finding.code, finding.file, finding.row, finding.field, finding.value) == (
        "warning",
        "norm_figure_missing",
        "communities.gpkg",
        "fid 1",
        "households",
        "A",
    )


def test_the_verdict_names_need_and_what_there_is() -> None:
    (verdict,) = verdicts(homes(4500, standing=[[1], [0], [0]]), POINTS, [(1, 0)])
    assert (verdict.subject, verdict.need, verdict.got, verdict.sense, verdict.unit) == (
        "A: t0",
        3.0,
        2.0,
        "ge",
        "outlets",
    )
    assert dict(verdict.detail) == {"standing": 1.0, "new": 1.0, "households": 4500.0}
    assert not verdict.holds


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_engine_opens_as_many_as_asked(engine: str) -> None:
    assert len(solved(homes(4500), [POINTS], by=engine).opened) == 3


def test_the_rule_asks_for_known_communities_and_types() -> None:
    stray = rule("per_households", types=["tO"], households_per_outlet=100, communities=["B"])
    assert [(f.code, f.value) for f in found(homes(10), stray)] == [
        ("rule_unknown_community", "B"),
        ("rule_unknown_type", "tO"),
    ]


@pytest.mark.parametrize(
    "bad", [{"types": [], "households_per_outlet": 1}, {"types": ["t0"], "households_per_outlet": 0}]
)
def test_a_norm_of_nothing_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rule("per_households", **bad)
