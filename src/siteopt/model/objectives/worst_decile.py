"""The worst-off tenth: the mean minutes of the longest tenth of all walks, as short as can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.columns import Block
from siteopt.model.levels import reached, services_at
from siteopt.model.objective import Objective
from siteopt.model.objectives.minutes import Walks, check_walks, minute_steps
from siteopt.model.people import weighed
from siteopt.plan import Measure, Plan
from siteopt.problem import ALREADY, Problem, Service, TravelTimes
from siteopt.program import Columns, Goal, Rows, rows_from
from siteopt.units import Floats, Ints
from siteopt.world import World


class WorstDecile(Walks):
    """Which part of all walks, and how minutes are counted."""

    share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.1, description="Share of the walks, the longest ones, 0 to 1."
    )


class Seek(Objective[WorstDecile]):
    """min η + Σ v_i w_k s_ik / (share · Σ v w), s_ik ≥ m_ik − η: the mean of the longest share of walks."""

    name = "worst_decile"
    title = {"en": "The longest tenth of walks", "zh": "最远十分之一人群的步行时间"}
    sentence = {
        "en": "The mean minutes of the longest tenth (or the set share) of all walks from weighted people to the "
        "nearest outlet of each type is as small as possible at the end of the plan; among equal plans the cheapest.",
        "zh": "规划期末，全部加权人口到各业态最近网点的步行时间中最长的十分之一（或设定比例）的平均值尽可能小；"
        "并列时费用最低。",
    }
    formula = "min η + Σ_{i,k} v[i]·w[k]·s[i,k] / (q·Σ v·w), s[i,k] ≥ m[i,k] − η, s ≥ 0"
    parameters = WorstDecile
    allows = frozenset({"merge_cells"})
    clauses = ("F2",)
    unit = "minutes"
    more_is_better = False
    additive = False

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_walks(self.params, world, findings, file)

    def services(self, world: World) -> tuple[Service, ...]:
        return services_at(minute_steps(self.params, world)[0])

    def _walks(self, problem: Problem) -> list[tuple[int, Ints, Floats]]:
        """(type, (M, L) classes at each step, (M,) weight) of cells that are alike at every step of a type."""
        world, weight = problem.world, weighed(self.params, problem.world)
        at = {service: s for s, service in enumerate(problem.services)}
        out = []
        for t, parts in minute_steps(self.params, world)[0].items():
            classes = problem.reduction.class_of_cell[:, [at[Service((t,), (m,))] for m, _ in parts]]
            alike, label = np.unique(classes, axis=0, return_inverse=True)
            total = np.bincount(label.reshape(-1), weights=weight, minlength=len(alike)) * world.types.weight[t]
            out.append((t, alike[total > 0], total[total > 0]))
        return out

    def blocks(self, problem: Problem) -> Sequence[Block]:
        n = 1 + sum(len(weight) for _, _, weight in self._walks(problem))
        most = max([0.0, *minute_steps(self.params, problem.world)[1].values()])
        return [Block(self.label, np.zeros(n), np.full(n, most), np.zeros(n, dtype=np.bool_))]

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        steps, beyond = minute_steps(self.params, problem.world)
        first, cover = columns.start[self.label], columns.start["cover"]
        entries, lower, n = [], [], 0
        for t, alike, _ in self._walks(problem):
            saved = np.array([d for _, d in steps[t]])
            for classes in alike:
                n += 1
                open_yet = classes >= 0
                # s + η + Σ Δ z >= what is walked when nothing opens; two steps may share a class of cells
                column, which = np.unique(cover + classes[open_yet], return_inverse=True)
                value = np.bincount(which, weights=saved[open_yet], minlength=len(column)).astype(np.float64)
                entries.append((np.append(column, [first, first + n]), np.append(value, [1.0, 1.0])))
                lower.append(beyond[t] - float(saved[classes == ALREADY].sum()))
        subject = [""] * len(lower)
        return [rows_from(self.label, entries, lower, [np.inf] * len(lower), subject, elastic=False)]

    def goal(self, problem: Problem, columns: Columns) -> Goal:
        cost = np.zeros(len(columns))
        weight = np.concatenate([np.zeros(0), *(w for _, _, w in self._walks(problem))])
        start = columns.start[self.label]
        cost[start] = 1.0
        if len(weight):
            cost[start + 1 : start + 1 + len(weight)] = weight / (self.params.share * weight.sum())
        return Goal(self.label, "min", cost)

    def measure(self, world: World, travel: TravelTimes, plan: Plan) -> Measure:
        steps, beyond = minute_steps(self.params, world)
        people, last = weighed(self.params, world), len(world.periods) - 1
        walked = np.array(list(beyond.values())) - reached(world, travel, plan, steps, period=last)
        weight = np.outer(people, world.types.weight[list(steps)])
        return Measure(self.label, _mean_of_longest(walked.ravel(), weight.ravel(), self.params.share), self.unit)


def _mean_of_longest(minutes: Floats, weight: Floats, share: float) -> float:
    """Weighted mean of the longest share of walks; the last one in part."""
    order = np.argsort(-minutes, kind="stable")
    minutes, weight = minutes[order], weight[order]
    whole = share * weight.sum()
    if not whole > 0:
        return 0.0
    before = np.concatenate([[0.0], np.cumsum(weight)[:-1]])
    counted = np.clip(whole - before, 0.0, weight)
    return float(counted @ minutes / whole)
