"""The commercial-area rule: Q + V + N >= share · (G0 + Q + N), exactly, in square decimetres."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.findings import Findings
from siteopt.world import World
from tests.programs import INF, accepted, judged, minutes_of, plan_with, row_of_spaces, rule, solved, stated
from tests.worlds import make_communities

TENTH = rule("commercial_area")


def town(
    area_m2: tuple[float, float] = (400.0, 300.0), qualifies: tuple[bool, bool] = (True, True), **community: object
) -> World:
    """One new community with 10,000 m2 of floor area, 600 of it commercial; t0 may go into s000, an idle shop inside
    the approved total, and into s001, a new building; t1 likewise."""
    about = {"id": "A", "floor_area_m2": 10_000.0, "commercial_area_m2": 600.0} | community
    return row_of_spaces(
        2,
        2,
        types={"area_m2": np.array(area_m2), "qualifies": np.array(qualifies)},
        kind=["idle_premises", "new_building"],
        area=[2000.0, 2000.0],
        slots=[2, 2],
        site_community=[0, 0],
        communities=make_communities([about]),
    )


def test_the_worked_example_states_ten_v_plus_nine_q_and_n_at_least_g0() -> None:
    # Q = 600, G0 = 9,400: 10·V + 9·(600 + N) ≥ 9,400, divided by ten: V + 0.9·N ≥ 400
    ((subject, terms, lower, upper),) = stated(town(), TENTH)
    assert subject == "A"
    assert terms == pytest.approx({"s000/t0": 400.0, "s000/t1": 300.0, "s001/t0": 360.0, "s001/t1": 270.0})
    assert (lower, upper) == (400.0, INF)
    ten_v = 10 * np.array([400.0, 300.0])
    nine_n = 9 * np.array([400.0, 300.0])
    assert [10 * terms[k] for k in ("s000/t0", "s000/t1")] == pytest.approx(ten_v)
    assert [10 * terms[k] for k in ("s001/t0", "s001/t1")] == pytest.approx(nine_n)
    assert 10 * lower == pytest.approx(9_400 - 9 * 600)


def test_every_plan_is_judged_as_the_formula_of_the_planning_text() -> None:
    world, q, g0 = town(), 600, 9_400
    expected = []
    for plan in [[], [(1, 1)], [(1, 0)], [(1, 0), (1, 1)], [(0, 1)], [(0, 1), (1, 1)], [(0, 1), (1, 0)], [(0, 0)]]:
        v = sum((400, 300)[t] for j, t in plan if j == 0)
        n = sum((400, 300)[t] for j, t in plan if j == 1)
        if 10 * v + 9 * (q + n) >= g0:
            expected.append(plan)
    assert [p for p in accepted(world, TENTH) if p in expected] == expected
    assert [(0, 1)] not in accepted(world, TENTH)


def test_exactly_ten_percent_holds_and_one_square_decimetre_less_does_not() -> None:
    assert judged(town((400.0, 300.0)), TENTH, [(0, 0)])
    assert not judged(town((399.99, 300.0)), TENTH, [(0, 0)])
    assert [(0, 0)] in accepted(town((400.0, 300.0)), TENTH)
    assert [(0, 0)] not in accepted(town((399.99, 300.0)), TENTH)


def test_new_building_needs_more_than_conversion_because_the_denominator_grows() -> None:
    # 10·V: 400 is enough. 9·N: 400 is not, 444.44 is one square decimetre short, 444.45 is enough.
    assert not judged(town((444.44, 1.0)), TENTH, [(1, 0)])
    assert judged(town((444.45, 1.0)), TENTH, [(1, 0)])
    assert [(1, 0)] in accepted(town((444.45, 1.0)), TENTH)
    assert [(1, 0)] not in accepted(town((444.44, 1.0)), TENTH)


def test_a_total_that_ten_does_not_divide_is_compared_in_whole_numbers() -> None:
    # 10,000.03 m2: a tenth is 1,000.003 m2, so 1,000.00 is short and 1,000.01 is enough
    assert not judged(town((400.00, 1.0), floor_area_m2=10_000.03), TENTH, [(0, 0)])
    assert judged(town((400.01, 1.0), floor_area_m2=10_000.03), TENTH, [(0, 0)])
    assert [(0, 0)] not in accepted(town((400.00, 1.0), floor_area_m2=10_000.03), TENTH)


def test_an_outlet_that_does_not_qualify_changes_only_the_denominator_and_only_when_newly_built() -> None:
    world = town((1000.0, 400.0), qualifies=(False, True))
    ((_, terms, lower, _),) = stated(world, TENTH)
    assert terms == pytest.approx({"s000/t1": 400.0, "s001/t0": -100.0, "s001/t1": 360.0})  # s000/t0 has no say
    assert lower == 400.0
    assert judged(world, TENTH, [(0, 1)])
    assert judged(world, TENTH, [(0, 1), (0, 0)])
    assert not judged(world, TENTH, [(0, 1), (1, 0)])
    accepted(world, TENTH)


def test_a_ceiling_binds_the_other_way() -> None:
    world = town(sense="le")
    ((_, terms, lower, upper),) = stated(world, TENTH)
    assert (lower, upper) == (-INF, 400.0)
    assert terms["s000/t0"] == 400.0
    assert judged(world, TENTH, [(0, 0)])
    assert not judged(world, TENTH, [(0, 0), (1, 1)])
    assert not judged(town((400.01, 1.0), sense="le"), TENTH, [(0, 0)])
    assert [] in accepted(world, TENTH)


def test_a_community_whose_sense_is_off_is_not_bound() -> None:
    world = town(sense="off")
    assert stated(world, TENTH) == []
    assert TENTH.judge(world, minutes_of(world), plan_with(world, [])) == []


def test_each_community_may_set_its_own_share() -> None:
    world = row_of_spaces(
        2,
        area=[2000.0, 2000.0],
        site_community=[0, 1],
        types={"area_m2": np.array([100.0])},
        communities=make_communities(
            [
                {"id": "A", "floor_area_m2": 1000.0, "share": 0.05},
                {"id": "B", "floor_area_m2": 1000.0},
            ]
        ),
    )
    assert [(s, low) for s, _, low, _ in stated(world, rule("commercial_area", share=0.2))] == [
        ("A", 50.0),
        ("B", 200.0),
    ]
    verdicts = rule("commercial_area", share=0.2).judge(world, minutes_of(world), plan_with(world, [(0, 0), (1, 0)]))
    assert [(v.subject, v.need, v.got, v.holds) for v in verdicts] == [("A", 0.05, 0.1, True), ("B", 0.2, 0.1, False)]
    assert [s for s, *_ in stated(world, rule("commercial_area", communities=["B"]))] == ["B"]


def test_spaces_outside_the_community_do_not_count() -> None:
    world = town()
    world = replace(world, sites=replace(world.sites, community=np.array([0, -1])))
    ((_, terms, _, _),) = stated(world, TENTH)
    assert sorted(terms) == ["s000/t0", "s000/t1"]
    accepted(world, TENTH)


def test_the_verdict_carries_numerator_denominator_and_shortfall() -> None:
    world = town()
    (verdict,) = TENTH.judge(world, minutes_of(world), plan_with(world, [(1, 0)]))
    # 600 + 400 of 10,000 + 400: 1,040 needed
    assert verdict.got == pytest.approx(1000 / 10_400)
    assert (verdict.need, verdict.sense, verdict.unit, verdict.holds) == (0.1, "ge", "share", False)
    assert dict(verdict.detail) == pytest.approx(
        {"numerator_m2": 1000.0, "denominator_m2": 10_400.0, "required_m2": 1040.0, "shortfall_m2": 40.0}
    )


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_cheapest_way_to_exactly_ten_percent_is_found(engine: str) -> None:
    world = town()
    cost = np.array([[500.0, 400.0], [300.0, 200.0]])
    # only what helps the share: nobody lives here
    world = replace(world, sites=replace(world.sites, cost=cost), cells=replace(world.cells, people=np.zeros((2, 1))))
    # 0.9·(400 + 300) = 630 ≥ 400 for 500; 400 ≥ 400 for 500; 300 + 270 ≥ 400 for 600; 360 + 300 for 700
    found = solved(world, [TENTH], by=engine)
    assert found.answer.status == "proven"
    assert found.scores is not None and found.scores.cost_total == 500.0


def test_missing_floor_area_is_an_error_only_where_the_rule_binds() -> None:
    for sense, codes in (("ge", ["floor_area_missing"]), ("le", ["floor_area_missing"]), ("off", [])):
        findings = Findings()
        TENTH.check(town(floor_area_m2=np.nan, sense=sense), findings, "s.yaml")
        assert [f.code for f in findings] == codes
    findings = Findings()
    TENTH.check(town(floor_area_m2=np.nan), findings, "s.yaml")
    (finding,) = findings
    assert (finding.file, finding.row, finding.field, finding.value) == (
        "communities.gpkg",
        "fid 1",
        "floor_area_m2",
        "A",
    )


def test_more_commercial_area_than_floor_area_is_an_error() -> None:
    findings = Findings()
    TENTH.check(town(commercial_area_m2=10_000.5), findings, "s.yaml")
    (finding,) = findings
    assert (finding.code, finding.row, finding.value) == ("commercial_exceeds_total", "fid 1", 10_000.5)
    assert finding.facts == {"total": 10_000.0, "community": "A"}


def test_the_rule_asks_for_communities_and_for_known_ones() -> None:
    findings = Findings()
    TENTH.check(row_of_spaces(1), findings, "s.yaml")
    rule("commercial_area", communities=["B"]).check(town(), findings, "s.yaml")
    assert [(f.code, f.value) for f in findings] == [
        ("rule_needs_communities", "commercial_area"),
        ("rule_unknown_community", "B"),
    ]


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValidationError):
        rule("commercial_area", share=share)
