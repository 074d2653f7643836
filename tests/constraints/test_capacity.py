"""An outlet serves no more people than its capacity; who has no place is not served."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.findings import Findings
from siteopt.model.build import build
from siteopt.model.constraint import Constraint, Params
from siteopt.model.objectives.coverage import Coverage, Seek
from siteopt.plan import Assigned, Plan
from siteopt.problem import ALREADY, TravelTimes, room_of
from siteopt.world import World
from tests.programs import Solved, minutes_of, plan_with, posed, row_of_spaces, rule, solved, stated
from tests.worlds import make_types, make_world, times_from

FAR = np.inf


def town(
    minutes: list[list[float]],
    people: list[float],
    capacity: float,
    *,
    groups: tuple[str, ...] = ("residents",),
    **over: object,
) -> tuple[World, TravelTimes]:
    """One type of 5 minutes with a capacity; minutes from each cell to each site."""
    table = np.array(minutes, dtype=float)
    world = make_world(
        cell_xy=np.zeros((len(table), 2)),
        people=np.array(people),
        groups=groups,
        site_xy=np.zeros((table.shape[1], 2)),
        types=make_types([5.0], capacity=np.array([capacity])),
        **over,  # type: ignore[arg-type]
    )
    return world, times_from(table, 5.0)


def the_rule() -> Constraint[Params]:
    return rule("capacity")


def judged(world: World, travel: TravelTimes, plan: Plan) -> bool:
    return all(v.holds for v in the_rule().judge(world, travel, plan))


def given(*ways: tuple[int, int, float], period: int = 0) -> Assigned:
    """(cell, site, share) of the one type."""
    n = len(ways)
    cell, site = (np.array([w[k] for w in ways], dtype=np.int64) for k in (0, 1))
    return Assigned(cell, site, np.zeros(n, np.int64), np.full(n, period), np.array([w[2] for w in ways]))


def shares(found: Solved) -> dict[tuple[str, str], float]:
    """(cell, site) -> share."""
    assert found.plan is not None and found.plan.assigned is not None
    world, a = found.problem.world, found.plan.assigned
    return {
        (str(world.cells.cell_id[i]), str(world.sites.site_id[j])): round(float(s), 6)
        for i, j, s in zip(a.cell, a.site, a.share, strict=True)
    }


# --- rows ---
def test_golden_rows() -> None:
    # site 0 stands and reaches cells 0 and 1; site 1 may open and reaches 1 and 2. 30 people each, 40 to an outlet.
    world, travel = town([[1, FAR], [2, 2], [FAR, 3]], [30, 30, 30], 40, standing=[[1], [0]], allowed=[[0], [1]])
    problem = posed(world, [the_rule()], travel)
    program = build(problem, [the_rule()], Seek(Coverage()))
    names = ["x1", "z(2)", "z(0)", "z(1)", "y(2,1)", "y(0,0)", "y(1,1)", "y(1,0)"]
    assert [list(world.cells.cell_id).index(f"c00{i}") for i in range(3)] == [0, 1, 2]
    assert problem.reduction.class_of_cell[:, 0].tolist() == [1, 2, 0]
    rows = []
    for block in program.blocks:
        for r in range(len(block)):
            part = slice(block.indptr[r], block.indptr[r + 1])
            terms = {names[c]: round(float(v), 3) for c, v in zip(block.column[part], block.value[part], strict=True)}
            rows.append((terms, float(block.upper[r])))
            assert np.isneginf(block.lower[r]) and not block.elastic
    assert rows == [
        ({"z(2)": 1.0, "y(2,1)": -1.0}, 0.0),
        ({"z(0)": 1.0, "y(0,0)": -1.0}, 0.0),
        ({"z(1)": 1.0, "y(1,1)": -1.0, "y(1,0)": -1.0}, 0.0),
        ({"y(2,1)": 1.0, "x1": -1.0}, 0.0),
        ({"y(1,1)": 1.0, "x1": -1.0}, 0.0),
        ({"y(2,1)": 0.75, "y(1,1)": 0.75, "x1": -1.0}, 0.0),
        ({"y(0,0)": 0.75, "y(1,0)": 0.75}, 1.0),
    ]


def test_only_an_outlet_that_can_be_full_has_a_row_for_its_room() -> None:
    roomy, travel = town([[1, FAR], [FAR, 1]], [40, 41], 40)
    problem = posed(roomy, [the_rule()], travel)
    (links, ways, rooms) = build(problem, [the_rule()], Seek(Coverage())).blocks
    assert (len(links), len(ways), len(rooms)) == (2, 2, 1)
    assert sorted(ways.value.tolist()) == pytest.approx([-1.0, -40 / 41, 1.0, 1.0])


def test_no_type_with_a_capacity_means_no_rows_and_no_columns() -> None:
    world = row_of_spaces(2)
    assert stated(world, the_rule()) == []
    assert list(posed(world, [the_rule()]).supply_site) == []
    assert the_rule().judge(world, minutes_of(world), plan_with(world, [(0, 0)])) == []


# --- plans ---
def test_people_go_to_the_outlet_that_has_room() -> None:
    # cells 0 and 1 could both use either; 2 only site 1. Each serves 40: 30 + 10 and 30 + 10, somebody stays out.
    world, travel = town([[1, 4], [1, 4], [FAR, 1]], [30, 30, 30], 40)
    found = solved(world, travel=travel)
    assert found.opened == ["s000/t0", "s001/t0"] and found.answer.objective == pytest.approx(80.0)
    assert found.scores is not None and found.scores.load_after[:, 0].tolist() == pytest.approx([40.0, 40.0])
    assert all(v.holds for v in found.verdicts)


@pytest.mark.parametrize(("capacity", "served"), [(59.0, 59.0), (60.0, 60.0), (61.0, 60.0)])
def test_the_edge_at_the_limit(capacity: float, served: float) -> None:
    world, travel = town([[1], [2]], [30, 30], capacity)
    found = solved(world, travel=travel)
    assert found.answer.objective == pytest.approx(served)
    (verdict,) = [v for v in found.verdicts if v.rule == "capacity"]
    assert verdict.holds and (verdict.need, verdict.subject) == (capacity, "s000: t0")
    assert verdict.got == pytest.approx(served)


def test_an_outlet_that_stands_today_is_full_too_and_a_new_one_helps() -> None:
    world, travel = town([[1, 2]], [100], 40, standing=[[1], [0]], allowed=[[0], [1]])
    found = solved(world, travel=travel)
    assert found.opened == ["s001/t0"] and found.answer.objective == pytest.approx(80.0)
    assert found.scores is not None
    assert (found.scores.before[0, 0], found.scores.after[0, 0]) == pytest.approx((40.0, 80.0))
    assert found.problem.reduction.class_of_cell[0, 0] != ALREADY


def test_a_second_outlet_opens_only_where_the_first_is_full() -> None:
    found = []
    for capacity in (100, 99):
        world, travel = town([[1, 2]], [100], capacity)
        found.append(solved(world, travel=travel).opened)
    assert found == [["s000/t0"], ["s000/t0", "s001/t0"]]


def test_whoever_weighs_most_is_served_first_though_their_cells_reach_the_same_outlet() -> None:
    # The same 40 places for 40 residents of cell 0, none of them elderly, and 40 of cell 1, all of them elderly.
    world, travel = town([[1], [1]], [[40, 0], [40, 40]], 40, groups=("residents", "elderly"))
    seek = Seek(Coverage(group_weights={"residents": 1.0, "elderly": 1.0}))
    found = solved(world, travel=travel, seek=seek)
    assert shares(found) == {("c001", "s000"): 1.0}
    assert found.answer.objective == pytest.approx(80.0)
    plain = solved(world, travel=travel)
    assert len(plain.problem.reduction.service_of) == 1  # where only residents count, the two are one class


def test_cells_in_proportion_are_merged_and_share_alike() -> None:
    world, travel = town([[1], [1]], [[40, 10], [80, 20]], 60, groups=("residents", "elderly"))
    found = solved(world, travel=travel, seek=Seek(Coverage(group_weights={"elderly": 2.0})))
    assert len(found.problem.reduction.service_of) == 1
    assert found.answer.objective == pytest.approx(60 + 2 * 15)


def test_of_ways_to_serve_as_many_people_go_the_shortest() -> None:
    world, travel = town([[1, 4], [4, 1]], [30, 30], 30)
    assert shares(solved(world, travel=travel)) == {("c000", "s000"): 1.0, ("c001", "s001"): 1.0}


def test_of_cells_that_reach_the_same_outlets_the_nearest_are_served_first() -> None:
    world, travel = town([[4], [1], [2]], [30, 30, 30], 40)
    found = solved(world, travel=travel)
    assert len(found.problem.reduction.service_of) == 1
    assert shares(found) == {("c001", "s000"): 1.0, ("c002", "s000"): round(1 / 3, 6)}


def test_a_cell_with_nobody_to_take_room_is_served_by_any_open_outlet() -> None:
    world, travel = town([[1], [2]], [[0, 7], [50, 0]], 20, groups=("residents", "elderly"))
    found = solved(world, travel=travel, seek=Seek(Coverage(group_weights={"elderly": 3.0})))
    assert found.answer.objective == pytest.approx(20 + 21)


def test_a_site_has_its_own_capacity_where_it_says_so() -> None:
    world, travel = town([[1, FAR], [FAR, 1]], [50, 50], 40)
    world = replace(world, sites=replace(world.sites, capacity=np.array([[np.nan], [45.0]])))
    assert room_of(world)[:, 0].tolist() == [40.0, 45.0]
    assert solved(world, travel=travel).answer.objective == pytest.approx(85.0)


def test_a_type_without_a_capacity_serves_all_beside_one_that_has_one() -> None:
    world = row_of_spaces(2, 2, types={"capacity": np.array([np.nan, 5.0])}, slots=[2, 2])
    found = solved(world)
    assert found.answer.objective == pytest.approx(30 + 10)
    assert np.isinf(room_of(world)[:, 0]).all()


def test_a_least_share_of_people_counts_those_who_are_served() -> None:
    world, travel = town([[1, 2]], [100], 40)
    floor = [rule("min_coverage", share=0.8), rule("budget", amount=2)]
    assert solved(world, floor, travel=travel).answer.status == "proven"
    assert solved(world, [rule("min_coverage", share=0.81)], travel=travel).answer.status == "infeasible"


# --- judge ---
@pytest.mark.parametrize(
    ("ways", "sound"),
    [
        ([(0, 0, 1.0)], True),
        ([(0, 0, 0.5), (0, 1, 0.5)], True),
        ([(0, 0, 0.6), (0, 1, 0.5)], False),  # given twice
        ([(0, 0, 1.0), (1, 0, 0.5)], False),  # 45 in 40
        ([(0, 2, 0.5)], False),  # closed
        ([(1, 1, 0.5)], False),  # too far
        ([(0, 0, -0.5)], False),
        ([(0, 0, float("nan"))], False),
    ],
)
def test_the_judge_counts_people_from_raw_data(ways: list[tuple[int, int, float]], sound: bool) -> None:
    world, travel = town([[1, 1, 1], [1, FAR, 1]], [30, 30], 40)
    plan = replace(plan_with(world, [(0, 0), (1, 0)]), assigned=given(*ways))
    assert judged(world, travel, plan) is sound


def test_in_each_period_only_what_is_open_by_then_serves() -> None:
    world, travel = town([[1, 1]], [30], 40)
    plan = plan_with(world, [(0, 0)])
    late = replace(plan, period=plan.period * 2, periods=("1", "2"))
    world = replace(world, periods=replace(world.periods, name=("1", "2"), weight=(1.0, 1.0), months=(12.0, 24.0)))
    assert judged(world, travel, replace(late, assigned=given((0, 0, 1.0), period=1)))
    assert not judged(world, travel, replace(late, assigned=given((0, 0, 1.0), period=0)))


def test_a_type_with_a_capacity_that_nobody_can_reach_serves_nobody() -> None:
    world, travel = town([[FAR], [FAR]], [30, 30], 40)
    found = solved(world, travel=travel)
    assert found.plan is not None and found.plan.assigned is not None
    assert found.opened == [] and not len(found.plan.assigned.cell)


def test_a_type_whose_capacity_is_nobody_is_found() -> None:
    world, _ = town([[1]], [30], 0.0)
    findings = Findings()
    the_rule().check(world, findings, "s.yaml")
    assert [(f.code, f.field) for f in findings.errors] == [("capacity_nobody", "types.t0.capacity_per_m2")]
