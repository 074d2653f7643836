"""The price of each rule: how much better the best plan would be if the rule gave one step, or were not there.

Every figure is a re-optimisation with the plan at hand as its start, and is an interval where a search ends without
proof. A rule that no plan can feel, or without which even the linear relaxation gains nothing, costs nothing, proven
without a search.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from siteopt.program import Goal, Limits, Program, Rows
from siteopt.solve.backend import Backend, Report, Stop, proven_bound, relative_gap
from siteopt.solve.box import Box, sharpened
from siteopt.solve.highs import linear_run, pass_model
from siteopt.solve.slack import one_sided, sizes
from siteopt.solve.strategy import pursue, quiet
from siteopt.units import Floats

STEPS: Mapping[str, float] = {"outlets": 1.0, "m2": 100.0}
"""One step of a rule in its unit; of other units (money, people) a tenth of the limit."""

SHARE_STEP = 0.1

LINEAR_NNZ = 400_000
"""Programs up to this size are relaxed before they are searched."""

LEAST_S = 0.05
NEARLY = 1e-6

How = Literal["never_binds", "relaxation", "searched", "no_time"]


@dataclass(frozen=True, eq=False)
class Price:
    """What one rule costs, in the unit of the first goal.

    Attributes
    ----------
    rule : its name
    unit, step : the rule gives by so much of its unit, at each of its limits; step is a share of each limit where
        ``relative``
    whole : one step is the whole rule (a space is required or it is not)
    least, most : the gain by one step is between these; equal where proven
    free_least, free_most : the gain without the rule
    amount : one step in ``unit``, where it is the same at every limit; else nan
    point, free_point : (N,) the plans that searches found with the rule one step looser and without it, to be
        audited; None where none was searched for or found
    how : "never_binds", "relaxation" (0, proven without a search), "searched", or "no_time"
    """

    rule: str
    unit: str
    step: float
    relative: bool
    whole: bool
    least: float
    most: float
    free_least: float
    free_most: float
    how: How
    amount: float = float("nan")
    point: Floats | None = None
    free_point: Floats | None = None

    @property
    def proven(self) -> bool:
        """Whether the gain by one step is known exactly."""
        return bool(self.most - self.least <= NEARLY * max(1.0, abs(self.most)))


def price_each(
    program: Program,
    backend: Backend,
    limits: Limits,
    *,
    best: Floats,
    value: float,
    bound: float,
    report: Report = quiet,
    stop: Stop | None = None,
) -> tuple[Price, ...]:
    """Price every rule that may give.

    Parameters
    ----------
    program : Program
    backend : Backend
    limits : time for all rules together
    best : (N,) the plan at hand; a start, where it keeps every row
    value, bound : of the first goal: what the plan is worth, and what no plan passes
    report, stop : progress and Ctrl-C

    Returns
    -------
    tuple of Price
        In the order of the program's rules.
    """
    work = _Pricing(program, backend, limits, best, value, bound, report, stop if stop is not None else Stop())
    rules = list(dict.fromkeys(b.owner for b in program.blocks if b.elastic and len(b)))
    return tuple(work.price(rule, among=2 * (len(rules) - n)) for n, rule in enumerate(rules))


class _Pricing:
    def __init__(
        self,
        program: Program,
        backend: Backend,
        limits: Limits,
        best: Floats,
        value: float,
        bound: float,
        report: Report,
        stop: Stop,
    ) -> None:
        self._program = replace(program, goals=program.goals[:1])
        self._goal: Goal = program.goals[0]
        self._sign = 1.0 if self._goal.sense == "max" else -1.0
        self._backend, self._limits, self._report, self._stop = backend, limits, report, stop
        self._best, self._value = best, value
        self._bound = bound if np.isfinite(bound) else self._sign * np.inf
        self._deadline = time.perf_counter() + limits.time_limit_s
        self._box = sharpened(program)

    def price(self, rule: str, *, among: int) -> Price:
        """One rule; ``among`` searches share the time that is left."""
        mine = [b for b in self._program.blocks if b.elastic and b.owner == rule]
        unit = mine[0].unit
        relative = unit not in STEPS
        step = SHARE_STEP if relative else STEPS[unit]
        sides = [s for b in mine for s in one_sided(b)]
        whole = unit == "outlets" and all((sizes(s) <= s.per_unit).all() for s in sides)

        each = [step * sizes(s) / s.per_unit if relative else np.full(len(s), step) for s in sides]
        steps = np.concatenate([*each, np.empty(0)])
        amount = float(steps[0]) if len(steps) and np.ptp(steps) <= NEARLY * abs(steps[0]) else float("nan")

        def made(
            step_gain: tuple[float, float],
            free: tuple[float, float],
            how: How,
            point: Floats | None = None,
            free_point: Floats | None = None,
        ) -> Price:
            return Price(rule, unit, step, relative, whole, *step_gain, *free, how, amount, point, free_point)

        nothing = (0.0, 0.0)
        if self._box is not None and not any(_may_bind(b, self._box) for b in mine):
            return made(nothing, nothing, "never_binds")
        without = replace(self._program, blocks=tuple(b for b in self._program.blocks if b not in mine))
        relaxed = self._relaxed(without)
        if self._gain(relaxed) <= self._noise():
            return made(nothing, nothing, "relaxation")
        searched, free_value, free_bound, x_free = self._search(without, relaxed, among)
        free = self._interval(free_value, free_bound)
        if whole or free[1] <= self._noise():
            # What one step gains is part of what the whole rule gains.
            return made(free, free, "searched" if searched else "no_time", None, x_free)
        looser = loosened(self._program, rule)
        relaxed = self._relaxed(looser)
        if self._gain(relaxed) <= self._noise():
            return made(nothing, free, "relaxation", None, x_free)
        ahead = self._sign * min(self._sign * relaxed, self._sign * free_bound)
        searched, value, bound, x = self._search(looser, ahead, among - 1)
        # Of two intervals of the whole rule, one is of a part of it: neither says less than the part.
        least, most = self._interval(value, bound)
        how: How = "searched" if searched else "no_time"
        return made((least, min(most, free[1])), (max(free[0], least), free[1]), how, x, x_free)

    def _gain(self, value: float) -> float:
        """How much better than the plan at hand a value is; 0 where it is no better."""
        return max(0.0, self._sign * (value - self._value))

    def _noise(self) -> float:
        return max(NEARLY * max(1.0, abs(self._value)), 0.5 * self._goal.grain)

    def _interval(self, value: float, bound: float) -> tuple[float, float]:
        """The gain at least (over what any plan of the rules reaches) and at most (over the plan at hand)."""
        most = self._gain(bound)
        least = max(0.0, self._sign * (value - self._bound))
        if relative_gap(value, bound) <= 1e-9 and relative_gap(self._value, self._bound) <= 1e-9:
            return self._gain(value), self._gain(value)
        return min(least, most), most

    def _search(self, program: Program, bound: float, among: int) -> tuple[bool, float, float, Floats | None]:
        """Whether an engine searched, the best value (the plan at hand is a plan here), the bound, the plan found."""
        left = (self._deadline - time.perf_counter()) / max(1, among)
        if self._stop or left < LEAST_S:
            return False, self._value, bound, None
        limits = replace(self._limits, time_limit_s=left, gap=0.0)
        answer = pursue(program, self._backend, limits, start=self._best, report=self._report, stop=self._stop)
        if answer.x is None:
            return True, self._value, bound, None
        value = self._value + self._sign * self._gain(answer.objective)
        known = [b for b in (answer.bound, bound) if np.isfinite(b)]
        tight = self._sign * min((self._sign * b for b in known), default=np.inf)
        if answer.status == "proven":
            tight = value
        return True, value, tight, answer.x

    def _relaxed(self, program: Program) -> float:
        """The bound of the linear relaxation; infinite where it is not sought."""
        far = self._sign * np.inf
        if program.nnz > LINEAR_NNZ or not len(program.columns) or self._stop:
            return far
        left = self._deadline - time.perf_counter()
        if left < LEAST_S:
            return far
        with linear_run() as h:
            h.setOptionValue("time_limit", left / 4)
            pass_model(h, program, self._goal, program.blocks, relaxed=True)
            h.run()
            solved = h.modelStatusToString(h.getModelStatus()) == "Optimal"
            return proven_bound(self._goal, float(h.getInfo().objective_function_value)) if solved else far


def _may_bind(block: Rows, box: Box) -> bool:
    """Whether some point of the box breaks a row."""
    row = np.repeat(np.arange(len(block)), np.diff(block.indptr))
    up = np.maximum(block.value * box.upper[block.column], block.value * box.lower[block.column])
    down = np.minimum(block.value * box.upper[block.column], block.value * box.lower[block.column])
    most = np.bincount(row, weights=up, minlength=len(block))
    least = np.bincount(row, weights=down, minlength=len(block))
    return bool((most > block.upper).any() or (least < block.lower).any())


def loosened(program: Program, rule: str) -> Program:
    """The program with every limit of a rule one step further out."""
    blocks = [_looser(b) if b.elastic and b.owner == rule else b for b in program.blocks]
    return replace(program, blocks=tuple(blocks))


def _looser(block: Rows) -> Rows:
    lower, upper = block.lower.copy(), block.upper.copy()
    for side in one_sided(block):
        floors = bool(np.isfinite(side.lower).all())
        step = STEPS[side.unit] * side.per_unit if side.unit in STEPS else SHARE_STEP * sizes(side)
        kept = side.lower if floors else side.upper
        moved = (kept if side.stated is None else side.stated) + (-step if floors else step)
        if side.stated is not None and (side.value == np.rint(side.value)).all():
            # The rule rounds its limit to whole numbers: so does the one further out.
            moved = np.ceil(moved - NEARLY) if floors else np.floor(moved + NEARLY)
        which = np.isfinite(block.lower if floors else block.upper)
        if floors:
            lower[which] = np.minimum(moved, kept)
        else:
            upper[which] = np.maximum(moved, kept)
    return replace(block, lower=lower, upper=upper)
