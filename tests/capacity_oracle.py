"""What open outlets with a capacity are worth, by the best way to give people to them: an oracle, nothing merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog

from siteopt.plan import Plan, areas
from siteopt.problem import room_of
from siteopt.units import PEOPLE_EPS
from siteopt.world import World
from tests.random_worlds import Case


@dataclass
class Oracle:
    """The most that open outlets are worth, cell by cell, with nothing merged."""

    case: Case
    known: dict[tuple[int, bytes, bytes, bool], float | None] = field(default_factory=dict)

    def value(self, opened: np.ndarray, room: np.ndarray, t: int, last: bool) -> float | None:
        """Of one type's open outlets, standing ones among them; None when a floor of coverage cannot be kept.

        ``opened`` and ``room`` (J,): how many people each serves.
        """
        key = (t, opened.tobytes(), np.where(opened, room, 0).tobytes(), last)
        if key not in self.known:
            self.known[key] = self._value(opened, room, t, last)
        return self.known[key]

    def _value(self, opened: np.ndarray, room: np.ndarray, t: int, last: bool) -> float | None:
        world, travel = self.case.world, self.case.travel
        near = opened[travel.site] & (travel.minutes <= world.types.limit_min[t] + 1e-6)
        cell, site = travel.cell[near], travel.site[near]
        people, n, worth = world.cells.residents, int(near.sum()), self.case.seek.weights(world)[:, t]
        rows, most = [], []
        for i in np.unique(cell):
            rows.append((cell == i).astype(float))
            most.append(1.0)
        for j in np.unique(site):
            if np.isfinite(room[j]):
                rows.append((site == j) * people[cell])
                most.append(room[j])
        for floor in self._floors(t) if last else ():
            here, need = floor
            rows.append(-(here[cell] * people[cell]))
            most.append(-need + PEOPLE_EPS)
        if not n:
            return None if any(m < -1e-9 for m in most) else 0.0
        found = linprog(-worth[cell], A_ub=np.array(rows), b_ub=np.array(most), bounds=(0, 1), method="highs")
        return None if found.status == 2 else -float(found.fun)

    def _floors(self, t: int) -> Iterator[tuple[np.ndarray, float]]:
        world = self.case.world
        for one in self.case.rules:
            if one.name != "min_coverage" or world.types.type_id[t] not in one.params.types:  # type: ignore[attr-defined]
                continue
            share, each = one.params.share, one.params.per == "community"  # type: ignore[attr-defined]
            for k in range(len(world.communities)) if each else (None,):
                here = np.ones(len(world.cells), bool) if k is None else world.cells.community == k
                yield here, share * float(world.cells.residents[here].sum())

    def of_plan(self, plan: Plan) -> float:
        """The value of a plan, phase by phase; nan when a floor of coverage cannot be kept."""
        world, room, total = self.case.world, people_served(self.case.world, plan), 0.0
        for p, weight in enumerate(world.periods.weight):
            there = world.sites.standing | (plan.opened & (plan.period <= p + 1))
            last = p + 1 == len(world.periods)
            each = [self.value(there[:, t].copy(), room[:, t].copy(), t, last) for t in range(len(world.types))]
            total = float("nan") if None in each else total + weight * sum(v for v in each if v is not None)
        return total


def people_served(world: World, plan: Plan) -> np.ndarray:
    """(J, T) by each outlet, said here once more: so many for each square metre, or a number of its own."""
    area = areas(world, plan)
    room = room_of(world)
    for j, t in np.argwhere(plan.opened & np.isnan(world.sites.capacity)).tolist():
        if world.types.capacity_per_m2[t] > 0:
            room[j, t] = world.types.capacity_per_m2[t] * area[j, t]
    return room
