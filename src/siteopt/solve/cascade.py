"""A large covering program, step by step: a bound, a first plan, the few options that matter, proof on what is left.

Every step may be cut short and the answer stays right, for each says what it proves:

1. *search* (second core): a plan by marginal worth, bettered by annealing until the end.
2. *bound*: Lagrangian prices, then the linear program over few options (``lagrange.py``, ``pricing.py``).
3. *kernel*: the integer program over the options that the bound finds most worth opening, merged again.
4. *settle*: options that no better plan opens, or that all better plans open, leave.
5. *proof*: the engine on what is left where that is little, else branch and bound (``branch.py``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from siteopt.program import Answer, Goal, Limits, Program, Rows, Status
from siteopt.solve.backend import (
    ROW_TOLERANCE,
    Backend,
    Progress,
    Report,
    Stop,
    proven_bound,
    relative_gap,
    settled,
    value_of,
)
from siteopt.solve.beside import Beside
from siteopt.solve.branch import Branching
from siteopt.solve.cover import CoverForm
from siteopt.solve.lagrange import Bound, relaxed, settled_options
from siteopt.solve.pricing import priced_out
from siteopt.solve.restrict import Restricted, program_of, restricted
from siteopt.solve.seeker import Seeker
from siteopt.units import Bools, Floats

BOUND_SHARE, PRICING_SHARE, KERNEL_SHARE = 0.2, 0.3, 0.1
"""Of the time left, the most that one step may use."""

ENGINE_PAIRS = 2_500
"""With fewer pairs left, the engine alone decides what is left."""

FIRST_TURN_S = 0.5
"""On one core, how long branching goes on before the search has its first turn."""

ALONE_SHARE, PAIRS_PER_S = 0.9, 15_000
"""On one core, what the search has to itself before the costly steps: most of the time, or a second per so many
pairs. Annealing is worth most in one long run."""

TURNS, MOST_TURNS, TURN_S = 5, 12, 14.0
"""On one core, annealings apart where a plan is a matter of how many options open, and how long one should be where
there is time: together they know more than one long one. With other rows they do not: there, what is learnt of fines
would be lost."""

MERGE_SHARE = 0.25
"""Of an annealing's time, the most that the best of several plans may use."""

ELITE = 6
"""Of the plans found apart, the best that are merged: what more of them open is too much for the engine's time."""

FEW_SETTLED, PATIENCE = 0.1, 3.0
"""With fewer of the options settled, branching gets nowhere, so more annealings come first; but proof, should
it be near after all, waits for no more than so many times what was spent before."""

KERNEL = 1.5
"""Options of the kernel, per option that the relaxed plan opens at all."""


@dataclass(eq=False)
class _State:
    """What is known so far: the least upper bound, and the options that no better plan can open or must open."""

    upper: float
    closed: Bools
    opened: Bools


class Cascade:
    """One goal of one program, from its covering form to an answer.

    Parameters
    ----------
    program, goal, locks : what is sought
    form : its covering view
    backend : the engine for kernels and proof
    limits : time, gap, threads, seed
    start : (columns,) a feasible point, or None
    report, stop : progress and Ctrl-C
    beside : the engine at work on the whole program, if it is
    """

    def __init__(
        self,
        program: Program,
        goal: Goal,
        locks: Sequence[Rows],
        form: CoverForm,
        backend: Backend,
        limits: Limits,
        *,
        start: Floats | None,
        report: Report,
        stop: Stop,
        beside: Beside | None = None,
    ) -> None:
        self.program, self.goal, self.locks, self.form = program, goal, locks, form
        self.backend, self.limits, self.report, self.stop = backend, limits, report, stop
        self._beside = beside
        self._two = limits.threads > 1
        self._began = time.perf_counter()
        self._deadline = self._began + limits.time_limit_s
        known = form.opened(start) if start is not None else None
        self._seeker = Seeker(form, seed=limits.seed, start=known, stop=self._over)
        none = np.zeros(form.n_options, dtype=np.bool_)
        self._state = _State(np.inf, none, none.copy())
        self._turned, self._elite = 0, list[Bools]()
        self._lines: list[str] = []
        self._version = ""

    def run(self) -> Answer:
        """Step by step until proven, out of time or stopped."""
        if self._two:
            self._seeker.begin()
        try:
            self._steps()
        finally:
            self._seeker.end()
        return self._answer()

    # -- steps -----------------------------------------------------------------------------------------------------

    def _steps(self) -> None:
        form = self.form
        self._tell("bound")
        bound = relaxed(form, seconds=BOUND_SHARE * self._left(), stop=self._over)
        self._learn(bound, "bound")
        self._seeker.guide(bound.share, bound.prices.row)
        if not self._two:
            alone = min(ALONE_SHARE * self._left(), form.nnz / PAIRS_PER_S)
            if self._seeker.alike:
                self._turns(alone)
            else:
                self._seeker.alone(alone, self.limits.seed)
        if self._done():
            return
        keep = (bound.share > 0.005) | (bound.reduced > -0.002 * bound.reduced.max(initial=0.0))
        priced = priced_out(form, bound, keep, seconds=PRICING_SHARE * self._left(), stop=self._over)
        bound = priced.bound
        self._learn(bound, "pricing")
        self._seeker.guide(bound.share, bound.prices.row)
        if self._done():
            return
        if self._far_from_proof():
            spent = time.perf_counter() - self._began
            self._turns(min(ALONE_SHARE * self._left(), PATIENCE * spent))
            if self._done():
                return
        many = int(KERNEL * max((bound.share > 1e-6).sum(), 20))
        self._kernel(bound, self._most_worth(bound, ~self._state.closed & (form.upper > 0.5), many))
        if self._done():
            return
        left = self._little_left()
        if left is not None:
            self._prove(left)
        else:
            self._branch(bound, priced.keep)

    def _turns(self, seconds: float) -> None:
        """Annealings that know nothing of each other, and after each the best plan of what any of them opens."""
        until = time.perf_counter() + seconds
        for left in range(int(np.clip(seconds / TURN_S, TURNS, MOST_TURNS)), 0, -1):
            length = max(0.0, until - time.perf_counter()) / left
            plan = self._seeker.afresh(length, self.limits.seed + self._turned)
            if plan is None or self._done():
                return
            self._turned += 1
            self._elite = sorted([*self._elite, plan], key=self.form.value, reverse=True)[:ELITE]
            best = plan if self._seeker.best is None else self._seeker.best
            either = np.logical_or.reduce([*self._elite, best])
            status = "one plan"
            if len(self._elite) > 1:
                small = restricted(self.form, either)
                found = self._by_engine(small, MERGE_SHARE * length, "search", lambda _: self._tell("search"))
                status = found.status
            self._note("search", f"{int(either.sum())} options of {self._turned} plans: {status}")

    def _far_from_proof(self) -> bool:
        """On one core: whether time is better spent on the plan than on what branching would prove."""
        if self._two or not self._seeker.alike or self._left() < TURN_S or self._little_left() is not None:
            return False
        free = (self.form.upper > 0.5) & (self.form.lower < 0.5)
        settled = (self._state.closed | self._state.opened)[free]
        return bool(settled.sum() < FEW_SETTLED * len(settled))

    def _unsettled(self) -> CoverForm:
        """The form with the settled options fixed."""
        lower = np.maximum(self.form.lower, self._state.opened.astype(np.float64))
        return self.form.with_bounds(lower, np.where(self._state.closed, 0.0, self.form.upper))

    def _little_left(self) -> Restricted | None:
        """What is not settled, classes merged, where the engine alone is likely to decide it."""
        form = self._unsettled()
        free = form.upper > 0.5
        if int(np.diff(form.covered_by.indptr)[free].sum()) > 5 * ENGINE_PAIRS:
            return None
        small = restricted(form, free)
        return small if small.form.nnz <= ENGINE_PAIRS else None

    def _branch(self, bound: Bound, keep: Bools) -> None:
        """Branch and bound over what is left."""
        search = Branching(
            self._unsettled(),
            self.goal.grain,
            bound,
            keep,
            self._seeker,
            self.backend,
            replace(self.limits, threads=1),
            left=self._left,
            over=self._over,
            stop=_When(self._over),
        )
        noted = turned = time.perf_counter()
        turn = FIRST_TURN_S
        while search.open_nodes and not self._done():
            search.step()
            if not self._two and time.perf_counter() - turned > turn:
                # One core: branching and searching take turns, each longer than the last.
                self._seeker.alone(min(2 * turn, self._left()), self.limits.seed)
                turned, turn = time.perf_counter(), 1.5 * turn
            # What left with the settled options holds no better plan than the best one.
            self._lower_to(max(search.upper, self._seeker.value))
            self._hear()
            self._tell("proof")
            if time.perf_counter() - noted > 2.0:
                noted = time.perf_counter()
                self._note("branch", f"{search.solved} nodes, {search.open_nodes} open")
        if not search.open_nodes and self._seeker.best is not None:
            self._lower_to(self._seeker.value)
        self._note("branch", f"{search.solved} nodes, {search.open_nodes} open")

    def _most_worth(self, bound: Bound, free: Bools, many: int) -> Bools:
        """The options that matter most: those of the relaxed plan and of the best one, then by reduced worth."""
        keep = free & (bound.share > 1e-6)
        if self._seeker.best is not None:
            keep |= self._seeker.best
        rest = np.flatnonzero(free & ~keep)
        keep[rest[np.argsort(-bound.reduced[rest], kind="stable")][: max(0, many - int(keep.sum()))]] = True
        return keep

    def _kernel(self, bound: Bound, keep: Bools) -> None:
        """Plans from the integer program over some options; no bound, for the others were left out."""
        # It may cost as much as what went before, and a part of what is left.
        spent, left = time.perf_counter() - self._began, self._left()
        small = restricted(self.form, keep)
        found = self._by_engine(
            small, min(KERNEL_SHARE * left + 0.3, spent + 0.3), "kernel", lambda _: self._tell("kernel")
        )
        self._note("kernel", f"{len(small.option)} options, {small.form.nnz} pairs: {found.status}")
        self._settle(bound)

    def _prove(self, small: Restricted) -> None:
        """The integer program over all that is not settled: its bound is a bound of all."""

        def told(p: Progress) -> None:
            self._tell("proof", upper=min(self._state.upper, p.bound) if p.bound == p.bound else None)

        found = self._by_engine(small, self._left(), "proof", told)
        if found.status in ("proven", "best_found", "no_plan") and np.isfinite(found.bound):
            # A plan that opens what was settled closed, or the other way round, is no better than the best known.
            self._lower_to(max(found.bound, self._seeker.value))
        elif found.status == "infeasible" and self._seeker.best is not None:
            self._lower_to(self._seeker.value)
        self._note("proof", f"{len(small.option)} options, {small.form.nnz} pairs: {found.status}")

    def _by_engine(self, small: Restricted, seconds: float, step: str, told: Report) -> Answer:
        """A restricted form by the engine, from the best plan where it is one of it; plans found are offered."""
        if not len(small.option):
            return self._decided(small)
        program, goal = program_of(small.form, self.goal.grain)
        best, start = self._seeker.best, None
        if best is not None and (small.whole(best[small.option]) == best).all():
            start = small.form.point(best[small.option], len(program.columns))
        self._tell(step)
        limits = replace(self.limits, time_limit_s=seconds)
        found = self.backend.solve(program, goal, (), limits=limits, start=start, report=told, stop=_When(self._over))
        self._version = found.version
        if found.x is not None:
            self._seeker.offer(small.whole(found.x[: small.form.n_options] > 0.5))
        return found

    def _decided(self, small: Restricted) -> Answer:
        """Nothing is left to decide: one plan, or none."""
        opened, value, nan = small.whole(np.zeros(0, dtype=np.bool_)), small.form.offset, float("nan")
        self._seeker.offer(opened)
        if self.form.violation(opened) > ROW_TOLERANCE:
            return Answer("infeasible", None, nan, nan, nan, 0.0, "", "")
        return Answer("proven", None, value, value, 0.0, 0.0, "", "")

    # -- what is known ---------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        """What the engine beside has proven by now."""
        if self._beside is not None and np.isfinite(self._beside.bound):
            self._lower_to(self.form.sign * self._beside.bound)

    def _learn(self, bound: Bound, step: str) -> None:
        self._lower_to(bound.value)
        self._hear()
        self._settle(bound)
        self._note(step, "")

    def _lower_to(self, value: float) -> None:
        upper = -proven_bound(self.goal, -value) if self.form.sign < 0 else proven_bound(self.goal, value)
        self._state.upper = min(self._state.upper, upper)

    def _settle(self, bound: Bound) -> None:
        if self._seeker.best is None:
            return
        closed, opened = settled_options(self.form, bound, self._seeker.value, self.goal.grain)
        self._state.closed |= closed
        self._state.opened |= opened

    def _left(self) -> float:
        return max(0.0, self._deadline - time.perf_counter())

    def _over(self) -> bool:
        if self._beside is not None and self._beside.decided and not self._knows_better():
            return True
        return bool(self.stop) or time.perf_counter() > self._deadline

    def _knows_better(self) -> bool:
        """Whether the engine beside called infeasible what has a plan."""
        said = self._beside.answer if self._beside is not None else None
        return said is not None and said.status == "infeasible" and self._seeker.best is not None

    def _gap(self) -> float:
        return relative_gap(self._seeker.value, self._state.upper) if self._seeker.best is not None else np.inf

    def _done(self) -> bool:
        return self._over() or self._left() < 0.05 or self._gap() <= max(self.limits.gap, 1e-9)

    # -- what is said ----------------------------------------------------------------------------------------------

    def _tell(self, step: str, upper: float | None = None) -> None:
        sign, seeker = self.form.sign, self._seeker
        self.report(
            Progress(
                self.goal.name,
                time.perf_counter() - self._began,
                sign * seeker.value if seeker.best is not None else float("nan"),
                sign * (self._state.upper if upper is None else upper),
                step,
            )
        )

    def _note(self, step: str, more: str) -> None:
        seeker, state = self._seeker, self._state
        left = int((~state.closed & (self.form.upper > 0.5)).sum())
        self._lines.append(
            f"{time.perf_counter() - self._began:8.2f} s  {step:8s} value {self.form.sign * seeker.value:.10g}  "
            f"bound {self.form.sign * state.upper:.10g}  gap {100 * self._gap():.4f} %  {left} options left  {more}"
        )
        self._tell(step)

    def _answer(self) -> Answer:
        seeker, seconds = self._seeker, time.perf_counter() - self._began
        bound = self.form.sign * self._state.upper
        stopped = "interrupt" if self.stop else "time"
        log = "\n".join(self._lines) + "\n"
        if seeker.best is None:
            nan = float("nan")
            return Answer("no_plan", None, nan, bound, nan, seconds, "highs", self._version, stopped, log=log)
        x = seeker.form.point(seeker.best, len(self.program.columns))
        value = value_of(self.goal, x)
        bound = settled(self.goal, value, bound)
        gap = relative_gap(value, bound)
        status: Status = "proven" if gap <= max(self.limits.gap, 1e-9) else "best_found"
        return Answer(
            status=status,
            x=x,
            objective=value,
            bound=bound,
            gap=gap,
            seconds=seconds,
            engine="highs",
            version=self._version,
            stopped="" if status == "proven" else stopped,
            log=log,
        )


class _When(Stop):
    """Set when something else says so: the user, the clock, the engine beside; an engine may be slow to see it."""

    def __init__(self, over: Callable[[], bool]) -> None:
        super().__init__()
        self._over = over

    def __bool__(self) -> bool:
        return self._over()
