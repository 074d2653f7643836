"""The audit: every number recomputed by a dense table here, and what a plan is refused for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.plan import Measure, Plan, Proof, Verdict
from siteopt.problem import TravelTimes
from siteopt.verify import judge_all, nearest_outlet, refusals, score
from siteopt.world import ADDS_FLOOR_AREA, World
from tests.programs import minutes_of, plan_with, proof_of, row_of_spaces, rule, solved
from tests.random_worlds import Case, every_plan, random_case
from tests.worlds import make_communities, make_types, make_world, times_from


def nothing(world: World, travel: TravelTimes, plan: Plan) -> tuple[Measure, ...]:
    """An objective that is worth nothing."""
    return (Measure("nothing", 0.0, "people"),)


def some_plan(case: Case, seed: int) -> Plan:
    """One of all plans, whether it keeps the rules or not."""
    plans = list(every_plan(case.world))
    return plans[int(np.random.default_rng(seed).integers(len(plans)))]


def dense_minutes(world: World, limit: float) -> np.ndarray:
    """(I, J) straight-line minutes, inf beyond the limit."""
    gap = world.cells.xy_m[:, None, :] - world.sites.xy_m[None, :, :]
    minutes = np.sqrt((gap**2).sum(axis=2)) / 80.0
    return np.where(minutes <= limit + 1e-6, minutes, np.inf)


@pytest.mark.parametrize("seed", range(25))
def test_every_number_is_what_a_dense_table_gives(seed: int) -> None:
    case = random_case(seed)
    world, plan = case.world, some_plan(case, seed)
    s = score(world, case.travel, plan, case.seek.measures)
    people, sites, types = world.cells.people, world.sites, world.types
    before, after = np.zeros((2, len(people), len(types)), dtype=bool)
    for t in range(len(types)):
        d = dense_minutes(world, types.limit_min[t])
        stand, every = np.flatnonzero(sites.standing[:, t]), np.flatnonzero(sites.standing[:, t] | plan.opened[:, t])
        d_before, d_after = d[:, stand].min(axis=1, initial=np.inf), d[:, every].min(axis=1, initial=np.inf)
        assert s.minutes_before[:, t] == pytest.approx(d_before)
        assert s.minutes_after[:, t] == pytest.approx(d_after)
        before[:, t], after[:, t] = np.isfinite(d_before), np.isfinite(d_after)
        for i in range(len(people)):
            j = s.served_by[i, t]
            assert (j == -1) == np.isinf(d_after[i])
            if j >= 0:
                assert j in every and d[i, j] == pytest.approx(d_after[i])
        for j in range(len(sites)):
            reached = np.isfinite(d[:, j]) & bool(plan.opened[j, t])
            others = [k for k in every if k != j]
            alone = reached & ~np.isfinite(d[:, others].min(axis=1, initial=np.inf))
            assert s.newly_covered[j, t] == pytest.approx(people[reached & ~before[:, t], 0].sum())
            assert s.only_covered_by_this[j, t] == pytest.approx(people[alone, 0].sum())
    assert s.total == pytest.approx(people.sum(axis=0))
    assert s.before == pytest.approx(np.array([people[before[:, t]].sum(axis=0) for t in range(len(types))]))
    assert s.after == pytest.approx(np.array([people[after[:, t]].sum(axis=0) for t in range(len(types))]))
    assert s.complete_before == pytest.approx(people[before.all(axis=1)].sum(axis=0))
    assert s.complete_after == pytest.approx(people[after.all(axis=1)].sum(axis=0))
    assert s.nothing_before == pytest.approx(people[~before.any(axis=1)].sum(axis=0))
    assert s.nothing_after == pytest.approx(people[~after.any(axis=1)].sum(axis=0))
    for k in range(len(world.communities)):
        mine = world.cells.community == k
        assert s.community_total[k] == pytest.approx(people[mine].sum(axis=0))
        for t in range(len(types)):
            assert s.community_before[k, t] == pytest.approx(people[mine & before[:, t]].sum(axis=0))
            assert s.community_after[k, t] == pytest.approx(people[mine & after[:, t]].sum(axis=0))
    weight = people @ [1.0, case.seek.params.group_weights["elderly"]]
    assert s.objective == pytest.approx(sum(types.weight[t] * weight[after[:, t]].sum() for t in range(len(types))))


@pytest.mark.parametrize("seed", range(25))
def test_money_and_floor_area_are_added_outlet_by_outlet(seed: int) -> None:
    case = random_case(seed)
    world, plan = case.world, some_plan(case, seed)
    s = score(world, case.travel, plan, case.seek.measures)
    n = len(world.communities)
    cost, counted, built = np.zeros(len(world.types)), np.zeros(n), np.zeros(n)
    for j, t in np.argwhere(plan.opened):
        cost[t] += world.sites.cost[j, t]
        k = world.sites.community[j]
        if k >= 0:
            counted[k] += world.types.area_m2[t] * world.types.qualifies[t]
            built[k] += world.types.area_m2[t] * (world.sites.kind[j] in ADDS_FLOOR_AREA)
    assert s.cost_by_type == pytest.approx(cost)
    assert s.cost_total == pytest.approx(cost.sum())
    assert s.cost_by_source == pytest.approx([cost.sum()])
    assert s.cost_by_period == pytest.approx([cost.sum()])
    c = world.communities
    assert s.commercial_after_m2 - s.commercial_before_m2 == pytest.approx(counted)
    assert s.floor_after_m2 - s.floor_before_m2 == pytest.approx(built)
    assert s.commercial_before_m2.tolist() == c.commercial_area_m2.tolist()


def test_newly_covered_and_only_covered_by_this_on_a_street_of_four_cells() -> None:
    # cells 0..3 with 1, 2, 4, 8 people; site 0 stands and reaches cell 0, site 1 reaches 0-1, site 2 reaches 1-3
    far = np.inf
    minutes = np.array([[1, 2, far], [far, 3, 3], [far, far, 4], [far, far, 5]])
    world = make_world(
        cell_xy=np.zeros((4, 2)),
        people=[1, 2, 4, 8],
        site_xy=np.zeros((3, 2)),
        types=make_types([5.0]),
        standing=[[1], [0], [0]],
    )
    s = score(world, times_from(minutes, 5.0), plan_with(world, [(1, 0), (2, 0)]), nothing)
    assert s.newly_covered[:, 0].tolist() == [0.0, 2.0, 14.0]  # cell 1 is new to both
    assert s.only_covered_by_this[:, 0].tolist() == [0.0, 0.0, 12.0]  # cell 0 has site 0 too, cell 1 has both
    assert s.served_by[:, 0].tolist() == [0, 1, 2, 2]
    assert s.before.tolist() == [[1.0]] and s.after.tolist() == [[15.0]]


def test_of_equally_near_outlets_the_first_in_order_serves() -> None:
    travel = times_from(np.array([[4.0, 2.0, 2.0]]), 5.0)
    minutes, site = nearest_outlet(travel, np.array([True, True, True]), 5.0)
    assert (minutes.tolist(), site.tolist()) == ([2.0], [1])
    minutes, site = nearest_outlet(travel, np.array([True, False, False]), 3.0)
    assert (minutes.tolist(), site.tolist()) == ([np.inf], [-1])


def test_complete_means_every_basic_type_and_no_quality_type() -> None:
    types = make_types([5.0, 5.0, 5.0], category=("basic", "basic", "quality"))
    world = row_of_spaces(2, types=None, n_types=3, slots=[3, 3])
    world = replace(world, types=types)
    s = score(world, minutes_of(world), plan_with(world, [(0, 0), (0, 1), (1, 0), (1, 2)]), nothing)
    assert s.complete_after.tolist() == [10.0]


def test_where_no_type_is_basic_complete_means_every_type() -> None:
    world = row_of_spaces(2, 2, types={"category": ("quality", "quality")}, slots=[2, 2])
    s = score(world, minutes_of(world), plan_with(world, [(0, 0), (0, 1), (1, 0)]), nothing)
    assert s.complete_after.tolist() == [10.0]


def test_people_are_counted_as_persons_whatever_they_weigh() -> None:
    world = row_of_spaces(2, types={"weight": np.array([7.5])})
    found = solved(world)
    assert found.scores is not None
    assert found.answer.objective == 225.0 and found.scores.after.tolist() == [[30.0]]


def sound() -> tuple[Proof, object, list[Verdict]]:
    found = solved(row_of_spaces(2), [rule("budget", amount=1)])
    return proof_of(found.answer), found.scores, list(found.verdicts)


def test_a_sound_plan_is_not_refused() -> None:
    proof, scores, verdicts = sound()
    assert refusals(proof, scores, verdicts) == []  # type: ignore[arg-type]


def test_a_plan_that_breaks_a_rule_is_refused_and_the_rule_named() -> None:
    world = row_of_spaces(2)
    proof, scores, _ = sound()
    verdicts = judge_all(world, minutes_of(world), plan_with(world, [(0, 0), (1, 0)]), [rule("budget", amount=1)])
    (wrong,) = refusals(proof, scores, verdicts)  # type: ignore[arg-type]
    assert "budget" in wrong and "got 2" in wrong


@pytest.mark.parametrize("claimed", [19.9, 21.0, float("nan"), float("inf")])
def test_an_objective_that_the_audit_does_not_find_is_refused(claimed: float) -> None:
    proof, scores, verdicts = sound()
    assert proof.objective == 20.0
    wrong = refusals(replace(proof, objective=claimed), scores, verdicts)  # type: ignore[arg-type]
    assert wrong and wrong[0].startswith("objective")


@pytest.mark.parametrize("status", ["proven", "best_found"])
def test_a_bound_below_what_a_plan_reaches_is_refused(status: str) -> None:
    proof, scores, verdicts = sound()
    claim = replace(proof, bound=19.0, status=status)  # type: ignore[arg-type]
    assert [w.split(":")[0] for w in refusals(claim, scores, verdicts)] == ["bound"]  # type: ignore[arg-type]


def test_a_proof_needs_a_bound_and_a_plan_that_claims_none_does_not() -> None:
    proof, scores, verdicts = sound()
    nameless = replace(proof, bound=float("nan"))
    assert refusals(nameless, scores, verdicts)  # type: ignore[arg-type]
    assert refusals(replace(nameless, status="best_found"), scores, verdicts) == []  # type: ignore[arg-type]
    assert refusals(replace(proof, bound=float("inf"), status="best_found"), scores, verdicts) == []  # type: ignore[arg-type]


def test_float_noise_is_not_refused() -> None:
    proof, scores, verdicts = sound()
    assert refusals(replace(proof, objective=20.0 + 1e-9, bound=20.0 - 1e-9), scores, verdicts) == []  # type: ignore[arg-type]


def test_cells_outside_every_community_count_in_all_but_in_none_of_them() -> None:
    world = row_of_spaces(2, cell_community=[-1, 0], communities=make_communities([{}]))
    s = score(world, minutes_of(world), plan_with(world, [(0, 0), (1, 0)]), nothing)
    assert s.after.tolist() == [[30.0]]
    assert s.community_total.tolist() == [[20.0]] and s.community_after.tolist() == [[[20.0]]]
