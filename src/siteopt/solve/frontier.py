"""The best value at each of many ceilings of one row (the budget): value and bound at every point.

What is known at one ceiling is used at the others, because their plans are nested:

- a plan that keeps a ceiling keeps every higher one: values never fall as the ceiling rises;
- a bound holds at every lower ceiling; no plan at one ceiling means none at any lower one;
- a plan found under a high ceiling whose activity fits a low one is a plan there.

So a point between two points of equal value needs no search. Values over ceilings are *not* concave, and nothing is
interpolated; but for any price λ ≥ 0 of one unit of the row, V(B) ≤ max(value − λ·activity) + λ·B at every B: one
search without the ceiling bounds all points at once by a straight line. Such lines tighten what searches leave open.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from siteopt.program import Answer, Goal, Limits, Program, Rows
from siteopt.solve.backend import ROW_TOLERANCE, Backend, Report, Stop, proven_bound, relative_gap, tighter, value_of
from siteopt.solve.curve import Ends, Point, Step, check, halving, slope_near
from siteopt.solve.kinds import honest, strict
from siteopt.solve.strategy import pursue, quiet
from siteopt.solve.variation import ENGINE_GAP, SLACK, ahead, best_start, floor_under, slack_of
from siteopt.units import MONEY_EPS, Floats

SPENT = "spent"
MOST_PRICES = 12
SEARCH_SHARE, STEP_SHARE = 0.65, 0.1
"""Of the time: what searches have used before straight lines are drawn; and the next step's part."""
LEAST_S = 0.05


@dataclass(frozen=True, eq=False)
class _Known:
    """A plan that keeps every row but perhaps the ceiling, with what it comes to on that one."""

    x: Floats
    value: float
    spent: float
    activity: float


class Frontier:
    """The frontier of one row of a program, searched point by point.

    Parameters
    ----------
    program : Program
    block : index of the block whose single row is the ceiling; its coefficients are >= 0
    backend, limits, report, stop : as in :func:`siteopt.solve.strategy.pursue`; limits are for the whole frontier
    """

    def __init__(
        self,
        program: Program,
        block: int,
        backend: Backend,
        limits: Limits,
        *,
        report: Report = quiet,
        stop: Stop | None = None,
    ) -> None:
        self._row = program.blocks[block]
        self._block = block
        self._spend = _spend_goal(program, self._row)
        # Each point is the best that the first goal can be there, before it gives anything up for later goals: only
        # such values never fall as the ceiling rises.
        self._program = honest(strict(replace(program, goals=_goals(program, self._spend))))
        self._slack = slack_of(self._program)
        self._backend, self._limits, self._report = backend, limits, report
        self._stop = stop if stop is not None else Stop()
        self._deadline = time.perf_counter() + limits.time_limit_s
        self._plans: list[_Known] = []
        self._bounds: list[tuple[float, float]] = []  # (ceiling, bound there): holds at lower ceilings too
        self._lines: list[tuple[float, float]] = []  # (price, value without the money): bound at B is a + price * B
        self._too_low = -np.inf  # no plan at this ceiling

    @property
    def goal(self) -> Goal:
        """What is sought."""
        return self._program.goals[0]

    def left_s(self) -> float:
        """Seconds left for the whole frontier."""
        return self._deadline - time.perf_counter()

    def ends(self) -> Ends:
        """Both ends: without a ceiling, and as little as the other rows allow."""
        share = max(0.25 * self._limits.time_limit_s, LEAST_S)
        answer = self._pursue_free(self._program.goals, share)
        enough, sure = np.nan, False
        if answer.x is not None:
            self._know(answer.x)
            enough = self.spent(answer.x)
            sure = self._meets(answer.objective, answer.bound) and _proven(answer, SPENT)
        self._bounds.append((np.inf, answer.bound))
        if answer.status == "infeasible" or answer.x is None or self._stop:
            return Ends(answer, enough, sure, 0.0, False)
        low = self._pursue_free((self._spend, self.goal), 0.1 * self._limits.time_limit_s)
        if low.x is not None:
            self._know(low.x)
        least = 0.0 if not np.isfinite(low.bound) else max(0.0, low.bound)
        self._too_low = least - 1.2 * MONEY_EPS
        return Ends(answer, enough, sure, least, low.status == "proven")

    def run(self, ceilings: Sequence[tuple[float, Rows]]) -> tuple[Point, ...]:
        """A point for each ceiling, in rising order, with whatever time is left.

        Parameters
        ----------
        ceilings : (amount, the row with that ceiling), rising

        Returns
        -------
        tuple of Point
        """
        searched: set[int] = set()
        first, step = (1 - SEARCH_SHARE) * self._limits.time_limit_s, STEP_SHARE * self._limits.time_limit_s
        self._round(ceilings, searched, keep_s=first)
        self._straight_lines(ceilings, keep_s=step)
        # What is still open gets all the time that is left.
        self._round(ceilings, searched, keep_s=step)
        points = tuple(self.point(amount, row, searched=k in searched) for k, (amount, row) in enumerate(ceilings))
        check(points, self.goal)
        return points

    def ends_by_now(self, ends: Ends) -> Ends:
        """The ends, where searches since have found a better plan than the one without a ceiling did."""
        best, free = self._best_of(self._plans), ends.free
        if best is None or self._meets(free.objective, best.value):
            return ends
        found = replace(free, x=best.x, objective=best.value, gap=relative_gap(best.value, free.bound))
        return replace(ends, free=found, enough=best.spent, enough_proven=False)

    def _round(self, ceilings: Sequence[tuple[float, Rows]], searched: set[int], *, keep_s: float) -> None:
        """Search every point that is not settled, in an order in which neighbours help; note which were searched."""
        todo = [k for k in halving(len(ceilings)) if self._is_open(*ceilings[k])]
        for n, k in enumerate(todo):
            amount, row = ceilings[k]
            share = (self.left_s() - keep_s) / (len(todo) - n)
            if self._stop or share < LEAST_S:
                return
            if self._is_open(amount, row):
                self._search(amount, row, share)
                searched.add(k)

    def _is_open(self, amount: float, row: Rows) -> bool:
        return not self.point(amount, row, searched=False).settled

    def next_step(self, value: float, above: float) -> Step | None:
        """The least money with which the first goal gets better than a value, and by how much it then does.

        Parameters
        ----------
        value : proven to be the best at ``above``
        above : an amount of money; what is better needs more

        Returns
        -------
        Step or None
            None where it is proven that no money buys more, or nothing was found in the time.
        """
        goal = self.goal
        better = goal.grain if goal.grain > 0 else 1e-6 * max(1.0, abs(value))
        floor = floor_under(goal, value + better if goal.sense == "max" else value - better, "better")
        share = min(self.left_s(), STEP_SHARE * self._limits.time_limit_s)
        if self._stop or share < LEAST_S:
            return None
        coin = self._spend.grain
        more = floor_under(replace(self._spend, sense="max"), above + (coin or MONEY_EPS), "more money")
        answer = self._pursue_free((self._spend, goal), share, (floor, more))
        if answer.x is None:
            return None
        self._know(answer.x)
        gain, spent = abs(value_of(goal, answer.x) - value), self.spent(answer.x)
        return Step(spent, gain, spent <= above + coin + MONEY_EPS or spent <= answer.bound + MONEY_EPS)

    def point(self, amount: float, row: Rows, *, searched: bool) -> Point:
        """What is known at one ceiling, from all searches so far."""
        goal = self.goal
        if amount <= self._too_low:
            return Point(amount, None, np.nan, np.nan, np.nan, True, True, searched)
        best = self._best(row)
        bound = float("nan")
        for at, known in self._bounds:
            if at >= amount - MONEY_EPS:
                bound = tighter(goal, bound, known)
        sign = 1.0 if goal.sense == "max" else -1.0
        for price, base in self._lines:
            bound = tighter(goal, bound, base + sign * price * amount)
        bound = proven_bound(goal, bound)
        if best is None:
            return Point(amount, None, np.nan, bound, np.nan, False, False, searched)
        meets = self._meets(best.value, bound)
        bound = best.value if meets else bound
        return Point(amount, best.x, best.value, bound, best.spent, meets, False, searched)

    def spent(self, x: Floats) -> float:
        """A plan's activity on the row, in the row's unit."""
        return max(0.0, value_of(self._spend, x))

    def _meets(self, value: float, bound: float) -> bool:
        """Whether a bound leaves nothing better open: it is less than a grain away."""
        noise = max(ENGINE_GAP, self._slack * abs(value))
        return bool(-noise <= ahead(self.goal, bound, value) <= max(noise, 0.999 * self.goal.grain))

    def _know(self, x: Floats) -> None:
        """Remember a plan found by any search: all of them keep every row but the ceiling."""
        if not any(np.array_equal(x, known.x) for known in self._plans):
            activity = float(self._row.value @ x[self._row.column])
            self._plans.append(_Known(x, value_of(self.goal, x), self.spent(x), activity))

    def _at(self, row: Rows) -> Program:
        blocks = list(self._program.blocks)
        blocks[self._block] = row
        return replace(self._program, blocks=tuple(blocks))

    def _best(self, row: Rows) -> _Known | None:
        """Of the plans known that keep a ceiling the best, and of equally good ones the cheapest."""
        return self._best_of([known for known in self._plans if known.activity <= row.upper[0] + ROW_TOLERANCE / 2])

    def _best_of(self, fits: Sequence[_Known]) -> _Known | None:
        sign = 1.0 if self.goal.sense == "max" else -1.0
        most = max((sign * known.value for known in fits), default=0.0)
        slack = max(ENGINE_GAP, SLACK * abs(most))
        return min((k for k in fits if sign * k.value >= most - slack), key=lambda k: k.spent, default=None)

    def _pursue_free(self, goals: tuple[Goal, ...], seconds: float, more: tuple[Rows, ...] = ()) -> Answer:
        """Without the ceiling, with ``more`` rows."""
        blocks = tuple(b for k, b in enumerate(self._program.blocks) if k != self._block)
        free = replace(self._program, blocks=(*blocks, *more), goals=goals)
        limits = replace(self._limits, time_limit_s=max(seconds, LEAST_S))
        start = best_start(free, [known.x for known in self._plans])
        return pursue(free, self._backend, limits, start=start, report=self._report, stop=self._stop)

    def _search(self, amount: float, row: Rows, seconds: float) -> None:
        program = self._at(row)
        limits = replace(self._limits, time_limit_s=max(seconds, LEAST_S))
        known = self._best(row)
        start = None if known is None else known.x
        answer = pursue(program, self._backend, limits, start=start, report=self._report, stop=self._stop)
        if answer.status == "infeasible":
            self._too_low = max(self._too_low, amount)
            return
        if answer.x is not None:
            self._know(answer.x)
        if np.isfinite(answer.bound):
            self._bounds.append((amount, answer.bound))

    def _straight_lines(self, ceilings: Sequence[tuple[float, Rows]], *, keep_s: float) -> None:
        """Bounds for the points that are still open, at the price of money near each."""
        for _ in range(MOST_PRICES):
            points = [self.point(amount, row, searched=True) for amount, row in ceilings]
            still = [p for p in points if not p.settled and p.x is not None and np.isfinite(p.bound)]
            still.sort(key=lambda p: -abs(p.bound - p.value))
            prices = [slope_near(p, points, self.goal) for p in still]
            new = [q for q in prices if all(abs(q - known) > 1e-6 * max(q, known) for known, _ in self._lines)]
            left = self.left_s() - keep_s
            if self._stop or not new or left < 0.5:
                return
            self._line(new[0], left / 2)

    def _line(self, price: float, seconds: float) -> None:
        goal = self.goal
        sign = 1.0 if goal.sense == "max" else -1.0
        priced = replace(goal, name=goal.name, cost=goal.cost - sign * price * self._spend.cost, grain=0.0)
        answer = self._pursue_free((priced,), seconds)
        if answer.x is not None:
            self._know(answer.x)
        if np.isfinite(answer.bound):
            # A hair on the safe side: the line is read far from where it touches.
            noise = 1e-7 * max(1.0, abs(answer.bound))
            self._lines.append((price, answer.bound + sign * noise))


def _spend_goal(program: Program, row: Rows) -> Goal:
    """The row's activity as a goal, in the row's unit."""
    cost = np.zeros(len(program.columns))
    cost[row.column] = row.value / row.per_unit
    whole = np.all(np.abs(row.value - np.rint(row.value)) < 1e-9) and program.columns.integer[row.column].all()
    return Goal(SPENT, "min", cost, grain=1.0 / row.per_unit if whole and len(row.value) else 0.0)


def _goals(program: Program, spend: Goal) -> tuple[Goal, ...]:
    """The program's goals with the money of this row second: so a plan tells how little its value needs."""
    first, *rest = program.goals
    if rest and np.allclose(rest[0].cost, spend.cost, rtol=1e-12, atol=1e-9):
        return (first, replace(rest[0], name=SPENT), *rest[1:])
    return (first, spend, *rest)


def _proven(answer: Answer, name: str) -> bool:
    return any(g.name == name and g.status == "proven" for g in answer.goals)
