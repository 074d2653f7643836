"""Minimum coverage: at least a share of people is within reach of a type."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.findings import Findings
from siteopt.units import PEOPLE_EPS
from tests.programs import INF, accepted, judged, minutes_of, plan_with, row_of_spaces, rule, solved, stated
from tests.worlds import make_communities

TWO = make_communities([{"id": "east"}, {"id": "west"}])
WORLD = row_of_spaces(3)  # 10, 20 and 30 people, each served by the space beside them


def test_the_row_counts_people_of_covered_classes() -> None:
    ((subject, terms, lower, upper),) = stated(WORLD, rule("min_coverage", share=0.5))
    assert subject == "t0"
    assert terms == {"z(t0: c000)": 10.0, "z(t0: c001)": 20.0, "z(t0: c002)": 30.0}
    assert lower == pytest.approx(30.0 - PEOPLE_EPS) and upper == INF


def test_people_who_are_served_today_count_already() -> None:
    world = row_of_spaces(3, standing=[[0], [1], [0]])
    ((_, terms, lower, _),) = stated(world, rule("min_coverage", share=0.5))
    assert terms == {"z(t0: c000)": 10.0, "z(t0: c002)": 30.0}
    assert lower == pytest.approx(10.0 - PEOPLE_EPS)


def test_a_share_that_is_met_today_asks_for_nothing() -> None:
    world = row_of_spaces(3, standing=[[0], [0], [1]])
    ((_, _, lower, _),) = stated(world, rule("min_coverage", share=0.5))
    assert lower == -INF
    assert [] in accepted(world, rule("min_coverage", share=0.5))


def test_the_share_is_met_exactly_and_not_by_a_person_less() -> None:
    half = rule("min_coverage", share=0.5)
    assert judged(WORLD, half, [(2, 0)])  # 30 of 60
    assert accepted(WORLD, half) == [
        [(2, 0)],
        [(1, 0), (2, 0)],
        [(0, 0), (2, 0)],
        [(0, 0), (1, 0)],
        [(0, 0), (1, 0), (2, 0)],
    ]
    one_less = row_of_spaces(3, people=[10, 21, 30])  # 30 of 61
    assert not judged(one_less, half, [(2, 0)])
    assert [(2, 0)] not in accepted(one_less, half)


def test_a_third_that_no_decimal_holds_is_met_by_a_third() -> None:
    world = row_of_spaces(3, people=[0.1, 0.2, 0.3])
    assert [(0, 0), (1, 0)] in accepted(world, rule("min_coverage", share=0.5))


def test_everybody_means_everybody() -> None:
    assert accepted(WORLD, rule("min_coverage", share=1.0)) == [[(0, 0), (1, 0), (2, 0)]]


def test_cells_without_people_and_places_without_people_ask_for_nothing() -> None:
    world = row_of_spaces(2, people=[0, 0])
    assert len(accepted(world, rule("min_coverage", share=1.0))) == 4
    (verdict,) = rule("min_coverage", share=1.0).judge(world, minutes_of(world), plan_with(world, []))
    assert verdict.holds and verdict.got == 1.0


def test_each_community_needs_its_share() -> None:
    world = row_of_spaces(3, cell_community=[0, 0, 1], communities=TWO)
    each = rule("min_coverage", share=0.6, per="community")
    assert each.cells_by == "community"
    rows = stated(world, each)
    assert [(s, t) for s, t, _, _ in rows] == [
        ("east: t0", {"z(t0: c000)": 10.0, "z(t0: c001)": 20.0}),
        ("west: t0", {"z(t0: c002)": 30.0}),
    ]
    assert [low for *_, low, _ in rows] == pytest.approx([18.0 - PEOPLE_EPS, 18.0 - PEOPLE_EPS])
    assert accepted(world, each) == [[(1, 0), (2, 0)], [(0, 0), (1, 0), (2, 0)]]


def test_cells_of_two_communities_are_not_merged_when_the_rule_tells_them_apart() -> None:
    # both cells are served by the one space; only c001 lies in west
    world = row_of_spaces(
        1, cell_xy=np.array([[0.0, 0.0], [100.0, 0.0]]), people=[5, 7], cell_community=[0, 1], communities=TWO
    )
    assert stated(world, rule("min_coverage", share=0.5))[0][1] == {"z(t0: c000+c001)": 12.0}
    assert stated(world, rule("min_coverage", share=0.5, communities=["west"])) == [
        ("t0", {"z(t0: c001)": 7.0}, pytest.approx(3.5 - PEOPLE_EPS), INF)
    ]


@pytest.mark.parametrize(
    "params",
    [
        {"share": 0.34},
        {"share": 0.5, "per": "community"},
        {"share": 0.7, "communities": ["east"]},
        {"share": 0.5, "types": ["t1"]},
    ],
)
def test_judge_agrees_with_rows_on_every_plan(params: dict[str, object]) -> None:
    world = row_of_spaces(3, 2, cell_community=[0, 0, 1], communities=TWO, standing=[[1, 0], [0, 0], [0, 0]])
    kept = accepted(world, rule("min_coverage", **params))
    assert 0 < len(kept) < 32


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_a_type_that_weighs_nothing_is_still_opened_for_its_share(engine: str) -> None:
    world = row_of_spaces(3, types={"weight": np.array([0.0])}, cost=[[5.0], [4.0], [8.0]])
    found = solved(world, [rule("min_coverage", share=0.5)], by=engine)
    assert found.opened == ["s002/t0"]  # 8, not 5 + 4


def test_the_verdict_tells_people_and_total() -> None:
    (verdict,) = rule("min_coverage", share=0.5).judge(WORLD, minutes_of(WORLD), plan_with(WORLD, [(1, 0)]))
    assert (verdict.need, verdict.got, verdict.unit, verdict.holds) == (0.5, 20 / 60, "share", False)
    assert dict(verdict.detail) == {"people": 20.0, "total": 60.0}


def test_check_reports_unknown_communities_and_a_place_without_any() -> None:
    findings = Findings()
    rule("min_coverage", share=0.5, communities=["wset"]).check(row_of_spaces(1, communities=TWO), findings, "s.yaml")
    rule("min_coverage", share=0.5, per="community").check(row_of_spaces(1), findings, "s.yaml")
    assert [(f.code, f.value) for f in findings] == [
        ("rule_unknown_community", "wset"),
        ("rule_needs_communities", "min_coverage"),
    ]


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValidationError):
        rule("min_coverage", share=share)
