"""Kept: outlets that stand today stay, and none is opened twice."""

from __future__ import annotations

from siteopt.model.build import pairs_of
from tests.programs import judged, minutes_of, plan_with, row_of_spaces, rule, solved, stated

WORLD = row_of_spaces(3, 2, standing=[[1, 0], [0, 0], [0, 1]], slots=[2, 2, 2])
KEPT = rule("kept")


def test_the_rule_needs_no_rows_because_a_standing_pair_has_no_column() -> None:
    assert stated(WORLD, KEPT) == []
    pairs = set(zip(*(a.tolist() for a in pairs_of(WORLD)), strict=True))
    assert pairs == {(0, 1), (1, 0), (1, 1), (2, 0)}


def test_opening_an_outlet_where_the_type_stands_breaks_the_rule() -> None:
    assert judged(WORLD, KEPT, [(0, 1), (2, 0)])
    assert not judged(WORLD, KEPT, [(0, 0)])


def test_the_verdict_counts_the_outlets_that_stand() -> None:
    (verdict,) = KEPT.judge(WORLD, minutes_of(WORLD), plan_with(WORLD, [(1, 0)]))
    assert (verdict.need, verdict.got, verdict.sense, verdict.unit) == (2.0, 2.0, "eq", "outlets")


def test_existing_market_stays_open_even_if_a_new_one_next_door_serves_more() -> None:
    # s000 stands and serves 10 people, a new one in s001 would serve 20; both count
    world = row_of_spaces(2, standing=[[1], [0]])
    found = solved(world)
    assert found.opened == ["s001/t0"]
    assert found.scores is not None
    assert found.scores.before.tolist() == [[10.0]] and found.scores.after.tolist() == [[30.0]]
