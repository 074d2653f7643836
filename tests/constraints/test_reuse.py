"""Reuse first: converted space among the new outlets, by number or by floor area."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from siteopt.world import World
from tests.norm_worlds import found, town, verdicts
from tests.programs import INF, accepted, judged, rule, solved, stated

HALF = rule("reuse", share=0.5)
KINDS = ["idle_premises", "renovated_building", "new_building", "corner_plot"]


def spaces(area: tuple[float, ...] = (50.0,), **over: object) -> World:
    return town(4, len(area), kind=KINDS, types={"area_m2": np.array(area)}, **over)  # type: ignore[arg-type]


def test_the_row_counts_converted_against_newly_built_in_whole_numbers() -> None:
    terms = {"s000/t0": 1.0, "s001/t0": 1.0, "s002/t0": -1.0, "s003/t0": -1.0}
    assert stated(spaces(), HALF) == [("reuse", terms, 0.0, INF)]


def test_exactly_the_share_holds() -> None:
    assert judged(spaces(), HALF, [(0, 0), (2, 0)])
    assert not judged(spaces(), HALF, [(0, 0), (2, 0), (3, 0)])
    two_thirds = rule("reuse", share=0.6667)
    assert not judged(spaces(), two_thirds, [(0, 0), (1, 0), (2, 0)])
    assert judged(spaces(), rule("reuse", share=0.6666), [(0, 0), (1, 0), (2, 0)])
    assert judged(spaces(), rule("reuse", share=0.666667), [(0, 0), (1, 0), (2, 0)])  # two thirds is meant
    kept = accepted(spaces(), HALF)
    assert [] in kept and [(0, 0), (2, 0)] in kept and [(2, 0)] not in kept


def test_nothing_new_meets_the_rule() -> None:
    (verdict,) = verdicts(spaces(standing=[[0], [0], [1], [0]]), HALF)
    assert verdict.holds and math.isnan(verdict.got)
    assert (verdict.subject, verdict.need, verdict.unit) == ("reuse", 0.5, "share")


def test_by_area_a_large_new_building_needs_more_than_one_conversion() -> None:
    by_area = rule("reuse", share=0.5, by="area")
    world = spaces((50.0, 100.0))
    assert judged(world, by_area, [(0, 0), (1, 0), (2, 1)]) and not judged(world, by_area, [(0, 0), (2, 1)])
    larger = spaces((50.0, 100.01))
    assert not judged(larger, by_area, [(0, 0), (1, 0), (2, 1)])
    assert [(0, 0), (1, 0), (2, 1)] in accepted(world, by_area)
    assert [(0, 0), (1, 0), (2, 1)] not in accepted(larger, by_area)
    (verdict,) = verdicts(world, by_area, [(0, 0), (2, 1)])
    assert verdict.got == pytest.approx(1 / 3)
    assert (verdict.detail["part_m2"], verdict.detail["whole_m2"]) == (50.0, 150.0)


def test_a_corner_plot_is_reuse_where_the_planner_says_so() -> None:
    wide = rule("reuse", share=1.0, kinds=["idle_premises", "renovated_building", "corner_plot"])
    assert judged(spaces(), wide, [(3, 0)]) and not judged(spaces(), rule("reuse", share=1.0), [(3, 0)])


def test_types_and_communities_narrow_what_counts() -> None:
    world = spaces((50.0, 50.0), communities=[{"id": "A"}, {"id": "B"}], site_community=[0, 0, 0, 1])
    some = rule("reuse", share=1.0, types=["t0"], communities=["A"])
    assert [sorted(t) for _, t, _, _ in stated(world, some)] == [["s002/t0"]]
    assert judged(world, some, [(2, 1), (3, 0)]) and not judged(world, some, [(2, 0)])


def test_an_add_on_in_a_standing_outlet_does_not_count() -> None:
    world = spaces()
    kind = np.array(["existing_outlet", *KINDS[1:]], dtype=object)
    world = replace(world, sites=replace(world.sites, kind=kind))
    world = replace(world, types=replace(world.types, base=np.zeros(len(world.types), dtype=bool)))
    ((_, terms, _, _),) = stated(world, HALF)
    assert "s000/t0" not in terms
    (verdict,) = verdicts(world, HALF, [(0, 0)])
    assert verdict.holds and verdict.detail["whole_outlets"] == 0


def test_unknown_kinds_are_reported() -> None:
    assert [f.code for f in found(spaces(), rule("reuse", share=0.5, kinds=["idle_premise"]))] == [
        "rule_unknown_kind"
    ]


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_engine_reuses_before_it_builds(engine: str) -> None:
    # 10, 20, 30, 40 people; two new buildings need two conversions
    assert solved(spaces(), [HALF], by=engine).opened == ["s000/t0", "s001/t0", "s002/t0", "s003/t0"]
    world = spaces(allowed=[[1], [0], [1], [1]])
    assert solved(world, [HALF], by=engine).opened == ["s000/t0", "s003/t0"]
