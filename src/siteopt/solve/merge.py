"""Two goals in one search, where whole numbers allow it: most first, and of those the cheapest.

With the first goal counted in its grains (whole people) and the second in its own (whole thousands of money),
between 0 and R, the single goal ``first·(R + 1) − second`` ranks plans exactly as the two in order do. One search
then proves both; two searches in a row prove the hard part twice (on Porto 3.5 times the work). Where the numbers
would grow beyond what an engine's tolerances resolve, goals stay apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from siteopt.program import Answer, Goal, GoalResult, Limits, Program
from siteopt.solve.backend import Progress, relative_gap, value_of

MOST = 1e9
"""Largest merged value: a relative error of 1e-10 in a bound is then a tenth of the smallest step."""


@dataclass(frozen=True, eq=False)
class Merged:
    """Two goals as one.

    Attributes
    ----------
    goal : what the engine seeks
    first, second : what it stands for
    step : R + 1, what one grain of the first goal is worth
    """

    goal: Goal
    first: Goal
    second: Goal
    step: float

    def progress(self, p: Progress) -> Progress:
        """Progress in the first goal's terms."""
        best = self._first_value(np.ceil((p.incumbent - self.goal.offset) / self.step))
        return Progress(self.first.name, p.seconds, best, self._bound(p.bound), p.step)

    def split(self, answer: Answer, limits: Limits) -> tuple[Answer, tuple[GoalResult, ...]]:
        """The engine's answer as an answer to the first goal, and the results of those goals that it settles."""
        if answer.x is None:
            return replace(answer, bound=self._bound(answer.bound)), ()
        value, money = value_of(self.first, answer.x), value_of(self.second, answer.x)
        settled = answer.status == "proven" and abs(answer.bound - answer.objective) < 1
        bound = value if settled else self._bound(answer.bound)
        gap = relative_gap(value, bound)
        status = answer.status
        if status in ("proven", "best_found"):
            status = "proven" if gap <= max(limits.gap, 1e-9) else "best_found"
        mine = replace(answer, status=status, objective=value, bound=bound, gap=gap)
        results = [GoalResult(self.first.name, self.first.sense, value, bound, gap, status, answer.seconds)]
        if settled:
            results.append(GoalResult(self.second.name, self.second.sense, money, money, 0.0, "proven", 0.0))
        return mine, tuple(results)

    def _bound(self, merged: float) -> float:
        """The best first value that a merged bound leaves open: the second is at least 0."""
        return self._first_value(np.floor((merged - self.goal.offset + self.step - 1) / self.step + 1e-9))

    def _first_value(self, grains: float) -> float:
        return float(grains * self.first.grain + self.first.offset)


def merged(program: Program) -> Merged | None:
    """The first two goals of a program as one, or None where that would not be exact or not be safe."""
    if len(program.goals) < 2:
        return None
    first, second = program.goals[:2]
    suits = first.sense == "max" and second.sense == "min" and first.grain > 0 and second.grain > 0
    if not suits or first.tolerance > 0 or second.offset != 0:
        return None  # what the first goal may give up is for the second to take: that is no ranking in order
    if second.cost.min(initial=0.0) < 0 or first.cost.min(initial=0.0) < 0 or not _at_least_0(program, second):
        return None
    step = float(np.floor(_most(program, second) / second.grain + 1e-9)) + 1
    weight = first.cost / first.grain
    used = weight > 0
    largest = np.maximum(np.abs(program.columns.lower[used]), np.abs(program.columns.upper[used]))
    if not weight[used] @ np.maximum(largest, 1.0) * step <= MOST:
        return None
    cost = np.rint(weight) * step - np.rint(second.cost / second.grain)
    return Merged(Goal(first.name, "max", cost, first.offset / first.grain * step, 1.0), first, second, step)


def _at_least_0(program: Program, goal: Goal) -> bool:
    """Whether no column that a goal counts can be below 0."""
    return bool((program.columns.lower[goal.cost != 0] >= 0).all())


def _most(program: Program, goal: Goal) -> float:
    """A bound on a goal's value: the sum of its costs, or what one ceiling over all of them allows; or inf."""
    n, paid = len(program.columns), goal.cost > 0
    most = float(goal.cost[paid] @ program.columns.upper[paid])
    for block in program.blocks:
        for r in np.flatnonzero(np.isfinite(block.upper) & (np.diff(block.indptr) >= paid.sum())):
            part = slice(block.indptr[r], block.indptr[r + 1])
            if not len(block.column[part]) or (program.columns.lower[block.column[part]] < 0).any():
                continue  # what is below 0 makes room for the others
            row = np.zeros(n)
            row[block.column[part]] = block.value[part]
            if row.min() >= 0 and (row[paid] > 0).all():
                most = min(most, float(block.upper[r] * (goal.cost[paid] / row[paid]).max(initial=0.0)))
    return max(most, 0.0)
