"""Who goes where: the most people by an independent max-flow, then the fewest minutes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow

from siteopt import transport
from siteopt.plan import Assigned, Measure, assigned_share
from siteopt.transport import Ways, given_today, most_served
from siteopt.verify import score
from siteopt.world import Periods
from tests.programs import plan_with
from tests.random_worlds import random_case
from tests.worlds import make_communities, make_types, make_world, times_from


def random_ways(seed: int) -> tuple[Ways, np.ndarray, np.ndarray]:
    r = np.random.default_rng(seed)
    near = r.random((12, 4)) < 0.5
    cell, outlet = np.nonzero(near)
    return Ways(cell, outlet, r.integers(0, 9, len(cell)).astype(float)), r.integers(0, 30, 12), r.integers(1, 60, 4)


def most(ways: Ways, people: np.ndarray, room: np.ndarray) -> int:
    """Source, cells, outlets, sink."""
    n, m = len(people), len(room)
    table = np.zeros((n + m + 2, n + m + 2), dtype=np.int32)
    table[0, 1 : n + 1] = people
    table[1 + ways.cell, 1 + n + ways.outlet] = 10_000
    table[1 + n : 1 + n + m, -1] = room
    return int(maximum_flow(csr_matrix(table), 0, n + m + 1).flow_value)


@pytest.mark.parametrize("seed", range(30))
def test_the_most_people_are_served_and_of_such_ways_by_the_fewest_minutes(seed: int) -> None:
    ways, people, room = random_ways(seed)
    share = most_served(ways, people.astype(float), room.astype(float))
    flow = share * people[ways.cell]
    best = most(ways, people, room)
    assert flow.sum() == pytest.approx(best) and flow == pytest.approx(np.rint(flow), abs=1e-6)
    assert (np.bincount(ways.cell, weights=share, minlength=12) <= 1 + 1e-9).all()
    assert (np.bincount(ways.outlet, weights=flow, minlength=4) <= room + 1e-6).all()
    rows = [(ways.cell == i).astype(float) for i in range(12)] + [(ways.outlet == j).astype(float) for j in range(4)]
    ends = np.concatenate([people, room])
    shortest = linprog(ways.minutes, A_ub=rows, b_ub=ends, A_eq=np.ones((1, len(flow))), b_eq=[best])
    assert ways.minutes @ flow == pytest.approx(shortest.fun, abs=1e-5)
    assert (share[people[ways.cell] == 0] > 0).sum() == len(np.unique(ways.cell[people[ways.cell] == 0]))


@pytest.mark.parametrize("seed", range(10))
def test_cells_put_together_are_served_as_many(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ways, people, room = random_ways(seed)
    monkeypatch.setattr(transport, "MOST_PAIRS", 0)
    flow = most_served(ways, people.astype(float), room.astype(float)) * people[ways.cell]
    assert flow.sum() == pytest.approx(most(ways, people, room))
    assert (np.bincount(ways.outlet, weights=flow, minlength=4) <= room + 1e-6).all()


def test_nobody_within_reach_is_nobody_served() -> None:
    none = np.empty(0, dtype=np.int64)
    assert most_served(Ways(none, none, np.empty(0)), np.ones(2), np.ones(1)).tolist() == []


@pytest.mark.parametrize("seed", range(10))
def test_today_is_the_most_that_standing_outlets_serve_in_every_period(seed: int) -> None:
    world, travel = random_case(seed).world, random_case(seed).travel
    world = replace(
        world,
        types=replace(world.types, capacity=np.array([25.0, np.nan])),
        sites=replace(world.sites, standing=world.sites.standing | (np.arange(5) < 3)[:, None]),
        periods=Periods(("a", "b"), (1.0, 1.0), (12.0, 24.0)),
    )
    given = given_today(world, travel)
    assert set(given.type.tolist()) <= {0} and set(given.period.tolist()) <= {0, 1}
    near = (travel.minutes <= world.types.limit_min[0] + 1e-6) & world.sites.standing[travel.site, 0]
    ways = Ways(travel.cell[near], travel.site[near], travel.minutes[near])
    people = world.cells.residents
    for period in (0, 1):
        mine = given.period == period
        load = np.bincount(given.site[mine], weights=people[given.cell[mine]] * given.share[mine], minlength=5)
        assert load.sum() == pytest.approx(most(ways, people.astype(int), np.full(5, 25)))
        assert (load <= 25 + 1e-6).all()


def test_the_numbers_of_a_type_with_a_capacity_speak_of_people_who_are_served() -> None:
    # cells of 30, 30, 40 people. Site 0 stands (40 places) and reaches cells 0, 1; site 1 is new and reaches 1, 2.
    far = np.inf
    world = make_world(
        cell_xy=np.zeros((3, 2)),
        people=[30, 30, 40],
        site_xy=np.zeros((2, 2)),
        types=make_types([5.0], capacity=np.array([40.0])),
        standing=[[1], [0]],
        cell_community=[0, 0, 1],
        communities=make_communities([{}, {}]),
    )
    travel = times_from(np.array([[1, far], [2, 3], [far, 4]]), 5.0)
    plan = plan_with(world, [(1, 0)])
    n = np.array([0, 1, 1, 2])
    shares = np.array([1.0, 1 / 3, 2 / 3, 0.5])
    plan = replace(plan, assigned=Assigned(n, np.array([0, 0, 1, 1]), n * 0, n * 0, shares))
    s = score(world, travel, plan, lambda *_: (Measure("nothing", 0.0, "people"),))
    assert s.before[0, 0] == pytest.approx(40) and s.after[0, 0] == pytest.approx(80)
    assert s.community_before[:, 0, 0] == pytest.approx([40, 0])
    assert s.community_after[:, 0, 0] == pytest.approx([60, 20])
    assert s.nothing_before[0] == pytest.approx(60) and s.nothing_after[0] == pytest.approx(20)
    assert s.complete_after[0] == pytest.approx(80)
    assert s.load_before[:, 0] == pytest.approx([40, 0]) and s.load_after[:, 0] == pytest.approx([40, 40])
    assert s.minutes_after[:, 0].tolist() == [1, 3, 4]  # most of cell 1 goes to site 1, 3 minutes away
    assert s.served_by[:, 0].tolist() == [0, 1, 1]
    assert s.minutes_before[:, 0].tolist() == [1, 2, far]
    assert s.newly_covered[1, 0] == pytest.approx(20 + 20)  # cell 1 had 10 of 30 served, now all
    assert s.only_covered_by_this[1, 0] == pytest.approx(20)
    assert s.given_before is not None and assigned_share(world, replace(plan, assigned=s.given_before), 0)[
        :2
    ] == pytest.approx([1, 1 / 3])
