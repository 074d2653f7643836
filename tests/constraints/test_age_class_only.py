"""Types for some communities only: micro markets in old ones."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from siteopt.world import World
from tests.land_worlds import codes_of, verdicts
from tests.programs import INF, accepted, row_of_spaces, rule, solved, stated
from tests.worlds import make_communities

RULE = rule("age_class_only", types=["t0"])


def town(n_types: int = 1) -> World:
    """A space in a new, one in a mature, one in an old community, and one in none."""
    return row_of_spaces(
        4,
        n_types,
        slots=[n_types] * 4,
        site_community=[0, 1, 2, -1],
        communities=make_communities([{"id": a.upper(), "age_class": a} for a in ("new", "mature", "old")]),
    )


def test_micro_markets_open_in_old_communities_only() -> None:
    assert accepted(town(), RULE) == [[], [(2, 0)]]
    assert [s for s, *_ in stated(town(), RULE)] == ["s000: t0", "s001: t0", "s003: t0"]
    assert {(low, high) for *_, low, high in stated(town(), RULE)} == {(-INF, 0.0)}


def test_other_classes_can_be_named() -> None:
    wanted = rule("age_class_only", types=["t0"], age_classes=["mature", "old"])
    assert sorted(p for p in accepted(town(), wanted) if len(p) == 1) == [[(1, 0)], [(2, 0)]]


def test_other_types_open_anywhere() -> None:
    assert [s for s, *_ in stated(town(2), RULE)] == ["s000: t0", "s001: t0", "s003: t0"]
    assert verdicts(town(2), RULE, [(0, 1)]) == []


def test_the_verdict_names_community_and_class_and_a_space_in_none_is_in_none() -> None:
    found = verdicts(town(), RULE, [(2, 0), (0, 0), (3, 0)])
    assert [(v.holds, v.detail["community"], v.detail["age_class"]) for v in found] == [
        (False, "NEW", "new"),
        (True, "OLD", "old"),
        (False, None, None),
    ]
    assert all(v.checked for v in found)


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_only_space_in_an_old_community_is_chosen(engine: str) -> None:
    assert solved(town(), [RULE], by=engine).opened == ["s002/t0"]


def test_communities_are_asked_for() -> None:
    assert codes_of(row_of_spaces(1), RULE) == [("error", "rule_needs_communities", "age_class_only")]
    assert codes_of(town(), RULE) == []


@pytest.mark.parametrize("params", [{}, {"types": []}, {"types": ["t0"], "age_classes": ["ancient"]}])
def test_types_and_classes_are_named(params: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rule("age_class_only", **params)
