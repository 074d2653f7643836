"""Capacity: an outlet serves only so many people, and people go where there is room.

H20 of the list: Σ_i p_i·y_ijk ≤ cap_k·x_jk, y_ijk ≤ x_jk, Σ_j y_ijk ≤ 1. How many one outlet serves is the planner's
figure (``capacity`` of a type, or of one site; ``capacity_per_m2`` where a larger outlet serves more): the plan
document names none. In force wherever a type has one.

The program knows shares of classes of cells. Cells are merged only where everybody who is counted is in proportion to
the residents (``pose.py``), so that any way to fill an outlet from a class is worth the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from siteopt.findings import Findings
from siteopt.model.areas import Steps, step_columns, steps_in, steps_of, with_areas
from siteopt.model.columns import Block, cover_block
from siteopt.model.constraint import Constraint, Params
from siteopt.model.outlets import outlet_name
from siteopt.plan import Assigned, Plan, Verdict, areas, opened_by
from siteopt.problem import Problem, TravelTimes, capacitated, room_of
from siteopt.program import Columns, Rows, link_rows
from siteopt.transport import given_to, joined
from siteopt.units import DM2_PER_M2, PEOPLE_EPS, Bools, Floats, Ints, within
from siteopt.world import World

LEAST_SHARE = 1e-7
"""A smaller share of a class is an engine's noise, not people."""
NOISE = 1e-9
"""Relative: what adding up shares of people may be off by."""


class Rule(Constraint[Params]):
    """People given to an outlet <= what it serves; only an open one within the limit serves anybody."""

    name = "capacity"
    title = {"en": "Capacity of outlets", "zh": "网点服务能力"}
    sentence = {
        "en": "An outlet of a type with a capacity serves no more people than that. People of one cell may be shared "
        "by the outlets within their reach; those for whom there is no room are not served. Where the capacity is "
        "given for each square metre, the area that is chosen counts.",
        "zh": "设有服务能力上限的业态，每处网点的服务人数不超过其服务能力；同一处居民可由步行可达的多处网点分担，"
        "超出服务能力的居民不计入已服务人口。服务能力按每平方米给出的，按选定面积计算。",
    }
    formula = (
        "Σ_i people[i]·y[i,j,k] ≤ cap[j,k]·x[j,k] + cap_m2[k]·(s[j,k] − amin[k]·x[j,k]); y[i,j,k] ≤ x[j,k]; "
        "z[i,k] ≤ Σ_j y[i,j,k]"
    )
    allows = frozenset({"merge_cells"})
    always = True
    clauses = ("H20",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        for t in np.flatnonzero(world.types.capacity <= 0).tolist():
            name = world.types.type_id[t]
            findings.error("capacity_nobody", file=file, field=f"types.{name}.capacity_per_m2", value=name)

    def blocks(self, problem: Problem) -> Sequence[Block]:
        flows = _flows(problem)
        n = len(flows.pair)
        if not n:
            return ()
        zero, share = np.zeros(n), np.zeros(n, dtype=np.bool_)
        return [Block(self._block(problem, p), zero, flows.most, share) for p in range(problem.n_periods)]

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        flows = _flows(problem)
        if not len(flows.pair):
            return []
        return [rows for p in range(problem.n_periods) for rows in self._period(flows, problem, columns, p)]

    def tell(self, problem: Problem, columns: Columns, x: Floats, plan: Plan) -> Plan:
        world = problem.world
        if not capacitated(world.types).any():
            return plan
        flows, parts = _flows(problem), []
        room = room_of(world, areas(world, with_areas(problem, columns, x, plan)))
        for period in range(problem.n_periods):
            start = columns.start.get(self._block(problem, period), 0)
            open_here = world.sites.standing | opened_by(plan, period)
            served = flows.served(problem, x[start : start + len(flows.pair)])
            # How many of a class are served is decided; who of them, and where, is not: so the ways are kept short.
            alike = problem.reduction.class_of_cell
            given = given_to(world, problem.travel, open_here, served, room=room, period=period, alike=alike)
            parts.append(given)
        return replace(plan, assigned=joined(parts))

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        limited = capacitated(world.types)
        if plan.assigned is None or not limited.any():
            return []
        given, people = plan.assigned, world.cells.residents
        room, shape = room_of(world, areas(world, plan)), world.sites.standing.shape
        load = np.zeros((len(world.periods), *shape))
        np.add.at(load, (given.period, given.site, given.type), people[given.cell] * given.share)
        most = load.max(axis=0)
        verdicts = [
            Verdict(
                self.label,
                outlet_name(world, j, t),
                need=float(room[j, t]),
                got=float(most[j, t]),
                sense="le",
                unit="people",
                holds=bool(most[j, t] <= room[j, t] * (1 + NOISE) + PEOPLE_EPS),
                detail={"new": bool(plan.opened[j, t]), "share": float(most[j, t] / room[j, t])},
            )
            for j, t in np.argwhere((world.sites.standing | plan.opened) & limited).tolist()
        ]
        return [*verdicts, *self._faults(world, travel, plan, given)]

    def _block(self, problem: Problem, period: int) -> str:
        return f"{self.label}.given{cover_block(problem, period).removeprefix('cover')}"

    def _period(self, flows: _Flows, problem: Problem, columns: Columns, period: int) -> Iterator[Rows]:
        """z ≤ Σ y of each class; y ≤ x of each way; Σ people·y ≤ capacity·x + more·e of each that can be full."""
        z = columns.start[cover_block(problem, period)]
        y = columns.start[self._block(problem, period)] + np.arange(len(flows.pair))
        x = columns.start["open"]
        yield link_rows(self.label, z + flows.classes, flows.indptr, y)
        new = np.flatnonzero(flows.pair < len(problem.pair_site))
        size, option = problem.options_of_pairs(flows.pair[new], until=period)
        row = np.arange(len(new))
        yield _ceilings(
            self.label,
            np.concatenate([row, np.repeat(row, size)]),
            np.concatenate([y[new], x + option]),
            # An outlet that cannot serve all of a class serves the part that it can: y ≤ min(1, capacity / people)·x.
            np.concatenate([np.ones(len(new)), -np.repeat(flows.most[new], size)]),
            np.zeros(len(new)),
        )
        outlet, of_flow = np.unique(flows.pair, return_inverse=True)
        of_flow = of_flow.reshape(-1)
        full = np.bincount(of_flow, weights=flows.taken) > 1.0
        row_of = np.cumsum(full) - 1
        mine = np.flatnonzero(full[of_flow] & (flows.taken > 0))
        may_open = np.flatnonzero(full & (outlet < len(problem.pair_site)))
        size, option = problem.options_of_pairs(outlet[may_open], until=period)
        row = np.full(len(problem.option_pair), -1, dtype=np.int64)
        row[option] = np.repeat(row_of[may_open], size)
        steps = steps_in(problem, columns)
        more = _part_of_room(problem, steps)
        larger = np.flatnonzero((row[steps.option] >= 0) & (more > 0))
        yield _ceilings(
            self.label,
            np.concatenate([row_of[of_flow[mine]], row[option], row[steps.option[larger]]]),
            np.concatenate([y[mine], x + option, step_columns(columns, steps)[larger]]),
            np.concatenate([flows.taken[mine], -np.ones(len(option)), -more[larger]]),
            (outlet[full] >= len(problem.pair_site)).astype(np.float64),
        )

    def _faults(self, world: World, travel: TravelTimes, plan: Plan, given: Assigned) -> Iterator[Verdict]:
        """People given twice, or to an outlet that is closed or too far: a plan of ours has none."""
        types = world.types
        at = _where(travel, given.cell, given.site)
        near = within(np.append(travel.minutes, np.inf)[at], types.limit_min[given.type])  # -1 is beyond reach
        later = plan.opened[given.site, given.type] & (plan.period[given.site, given.type] <= given.period + 1)
        wrong = ~near | ~(world.sites.standing[given.site, given.type] | later) | ~(given.share >= 0)
        for outlet in np.unique(given.site[wrong] * len(types) + given.type[wrong]).tolist():
            j, t = divmod(outlet, len(types))
            mine = wrong & (given.site == j) & (given.type == t)
            got = float(world.cells.residents[given.cell[mine]] @ given.share[mine])
            yield Verdict(self.label, outlet_name(world, j, t), 0.0, got, "le", "people", holds=False)
        key = (given.period * len(types) + given.type) * len(world.cells) + given.cell
        found, back = np.unique(key, return_inverse=True)
        total = np.bincount(back.reshape(-1), weights=given.share, minlength=len(found))
        for k in np.flatnonzero(~(total <= 1 + PEOPLE_EPS)).tolist():
            cell, kind = found[k] % len(world.cells), found[k] // len(world.cells) % len(types)
            words = f"{world.cells.cell_id[cell]}: {types.type_id[kind]}"
            yield Verdict(self.label, words, 1.0, float(total[k]), "le", "share", holds=False)


@dataclass(frozen=True, eq=False)
class _Flows:
    """The ways of people to outlets of types with a capacity: class by class, the pairs that serve it.

    Attributes
    ----------
    classes : (D,) classes of the reduction
    indptr : (D+1,) the ways of each
    pair : (E,) outlet of each way, counted as in the problem
    taken : (E,) part of the outlet's capacity (at its least area) that the whole class would take
    most : (E,) share of the class that the outlet can serve by itself, at its largest area
    """

    classes: Ints
    indptr: Ints
    pair: Ints
    taken: Floats
    most: Floats

    def served(self, problem: Problem, share: Floats) -> Floats:
        """(I, T) share of each cell's people that is given to outlets, from the ways' shares."""
        types, red = problem.world.types, problem.reduction
        total = np.zeros(len(red.service_of))
        running = np.concatenate([[0.0], np.cumsum(np.clip(share, 0.0, 1.0))])
        total[self.classes] = np.clip(np.diff(running[self.indptr]), 0.0, 1.0)
        total[total < LEAST_SHARE] = 0.0
        total[total > 1 - LEAST_SHARE] = 1.0
        own = red.class_of_cell[:, : len(types)]
        some = (own >= 0) & capacitated(types)
        return np.where(some, np.append(total, 0.0)[np.where(some, own, 0)], 0.0)


def _flows(problem: Problem) -> _Flows:
    red, types = problem.reduction, problem.world.types
    limited: Bools = np.append(capacitated(types), np.zeros(len(problem.services) - len(types), dtype=np.bool_))
    classes = np.flatnonzero(limited[red.service_of])
    size = np.diff(red.indptr)[classes]
    indptr = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    entry = np.arange(int(indptr[-1])) + np.repeat(red.indptr[classes] - indptr[:-1], size)
    pair, people = red.pair[entry], red.people[np.repeat(classes, size)]
    site = np.concatenate([problem.pair_site, problem.supply_site])
    kind = np.concatenate([problem.pair_type, problem.supply_type])
    taken = people / room_of(problem.world)[site[pair], kind[pair]]
    steps, largest = steps_of(problem), np.ones(len(site))
    largest[problem.option_pair[steps.option]] = 1.0 + steps.most * _part_of_room(problem, steps)
    return _Flows(classes, indptr, pair, taken, np.minimum(largest[pair] / np.maximum(taken, 1.0), 1.0))


def _part_of_room(problem: Problem, steps: Steps) -> Floats:
    """(E,) what a step of area adds to the capacity of each outlet, as a part of its capacity at its least area."""
    world, site, kind = problem.world, problem.option_site[steps.option], problem.option_type[steps.option]
    people = world.types.capacity_per_m2[kind] * (steps.dm2 / DM2_PER_M2)
    own = ~np.isnan(world.sites.capacity[site, kind])  # whatever its area
    return np.where(own, 0.0, people / room_of(world)[site, kind])


def _ceilings(owner: str, row: Ints, column: Ints, value: Floats, upper: Floats) -> Rows:
    """Rows <= upper of entries in any order; logic, never relaxed."""
    order = np.argsort(row, kind="stable")
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(upper)))]).astype(np.int64)
    none = np.full(len(upper), -np.inf)
    return Rows(owner, indptr, column[order], value[order], none, upper, elastic=False)


def _where(travel: TravelTimes, cell: Ints, site: Ints) -> Ints:
    """(A,) where each pair of cell and site stands in a travel table, -1 where it does not."""
    n = int(max(travel.site.max(initial=0), site.max(initial=0))) + 1
    key, wanted = travel.cell * n + travel.site, cell * n + site
    at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    return np.where(key[at] == wanted, at, -1) if len(key) else np.full(len(cell), -1, dtype=np.int64)
