"""What an engine is: one goal of a program, within limits, from a start."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from siteopt.program import Answer, Goal, Limits, Program, Rows, Status
from siteopt.solve.background import LOOK_S, Background
from siteopt.solve.kinds import liftable
from siteopt.units import Floats

BEATEN = 1e-6
"""A plan may be better than a bound by this part of its value: last digits of engines. More is a contradiction."""

ROW_TOLERANCE = 1e-6
"""A rounded answer may leave a row by this much, in the row's own small whole numbers: float noise, no more."""


class EngineUnavailable(Exception):
    """The asked engine is not here; ``known`` names those that are."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name)
        self.name = name
        self.known = tuple(known)


@dataclass(frozen=True)
class Progress:
    """One line of progress: what is being sought, and how far it is.

    ``incumbent`` and ``bound`` are nan until known; ``step`` is what is being tried ("bound", "pricing", "kernel",
    "proof"), "" where the engine alone is at work.
    """

    goal: str
    seconds: float
    incumbent: float
    bound: float
    step: str = ""

    @property
    def gap(self) -> float:
        """|bound - incumbent| / max(1, |incumbent|), nan when either is unknown."""
        return relative_gap(self.incumbent, self.bound)


Report = Callable[[Progress], None]


class Stop:
    """Set once (by Ctrl-C) to make every engine return the best it has."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Ask to stop."""
        self._event.set()

    def __bool__(self) -> bool:
        return self._event.is_set()


class Backend(Protocol):
    """An engine."""

    name: str

    def solve(
        self,
        program: Program,
        goal: Goal,
        locks: Sequence[Rows],
        *,
        limits: Limits,
        start: Floats | None,
        report: Report,
        stop: Stop,
        careful: bool = False,
    ) -> Answer:
        """Seek one goal over the program's rows and the locks.

        Parameters
        ----------
        program : Program
        goal : the goal sought
        locks : rows that keep earlier goals
        limits : time, gap, threads, seed
        start : (N,) a feasible point, or None
        report : called now and then
        stop : looked at often; when set, return the best plan so far
        careful : no presolve, tighter tolerances; for second opinions

        Returns
        -------
        Answer
            ``x`` rounded where integer; never "proven" without a measured bound.
        """
        ...


def relative_gap(value: float, bound: float) -> float:
    """|bound - value| / max(1, |value|)."""
    return abs(bound - value) / max(1.0, abs(value))


def proven_bound(goal: Goal, bound: float) -> float:
    """An engine's bound, tightened to the values that plans can have (multiples of the grain).

    A bound is never tightened past float noise: noise of 1e-9 of its size, or a millionth of a grain, is allowed
    for on the safe side.
    """
    if not np.isfinite(bound) or goal.grain <= 0:
        return bound
    steps = (bound - goal.offset) / goal.grain
    noise = 1e-6 + 1e-9 * abs(steps)
    whole = np.floor(steps + noise) if goal.sense == "max" else np.ceil(steps - noise)
    return float(whole * goal.grain + goal.offset)


def settled(goal: Goal, value: float, bound: float) -> float:
    """A bound that lies on the wrong side of a real point's value by an engine's last digits, put right.

    A bound that is wrong by more stays as it is: the audit must see it.
    """
    worse = bound < value if goal.sense == "max" else bound > value
    return value if worse and relative_gap(value, bound) < 1e-7 else bound


def beats(goal: Goal, value: float, bound: float) -> bool:
    """Whether a plan is worth more than what was called the most that any is worth: one of the two is wrong."""
    ahead = value - bound if goal.sense == "max" else bound - value
    return ahead > BEATEN * max(1.0, abs(value))


def standing(
    goal: Goal, value: float, claim: Status, of: float, bound: float, enough: float, noise: float = 1e-9
) -> tuple[float, float, Status]:
    """What is proven of a plan by what was claimed of another one: bound, gap and status.

    Parameters
    ----------
    goal : what both are worth
    value : of the plan
    claim, of, bound : status, value and bound that an engine told of its plan
    enough : the gap that is proof enough
    noise : by what part of its value the plan may differ from the engine's and be as proven

    Returns
    -------
    tuple
        "proven" only with a measured gap, and never beside a bound that the plan beats; that bound stays as it is,
        for the audit to see.
    """
    bound = settled(goal, value, bound)
    gap = relative_gap(value, bound)
    same = abs(value - of) <= noise * max(1.0, abs(value)) and gap < np.inf and not beats(goal, value, bound)
    return bound, gap, "proven" if gap <= max(enough, 1e-9) or (claim == "proven" and same) else "best_found"


def restated(goal: Goal, answer: Answer, x: Floats, enough: float, noise: float = 1e-9) -> Answer:
    """An answer given for another plan: its value, and what is proven of it (see :func:`standing`)."""
    value = value_of(goal, x)
    bound, gap, status = standing(goal, value, answer.status, answer.objective, answer.bound, enough, noise)
    return replace(answer, x=x, objective=value, bound=bound, gap=gap, status=status)


def rounded(program: Program, x: Floats) -> Floats:
    """An engine's point with whole numbers where they are meant (engines return 0.9999999 and 2.5e-15).

    Each linked column is then as high as its link lets it be, where no other row hinders it: an engine that is
    stopped may leave coverage below what the open columns give. Other columns in parts stay as they are: a
    millionth of a flow of thousands of people is more than noise.
    """
    near, lift = np.rint(x), liftable(program)
    snap = program.columns.integer | (np.abs(near - x) < np.where(lift, 1e-6, 1e-12))
    out = np.clip(np.where(snap, near, x), program.columns.lower, program.columns.upper)
    for block in program.blocks:
        if block.role == "link" and len(block):
            first = block.indptr[:-1]
            lifted = block.column[first]
            own = out[lifted]
            running = np.concatenate([[0.0], np.cumsum(block.value * out[block.column])])
            room = block.upper - (running[block.indptr[1:]] - running[first]) + own
            room = np.where(np.abs(np.rint(room) - room) < 1e-9, np.rint(room), room)  # noise of adding up
            raised = np.maximum(own, np.minimum(room, program.columns.upper[lifted]))
            out[lifted] = np.where(lift[lifted], raised, own)
    return out


def value_of(goal: Goal, x: Floats) -> float:
    """A goal's value at a point, offset included."""
    return float(goal.cost @ x) + goal.offset


def no_worse(goal: Goal, x: Floats, than: Floats) -> bool:
    """Whether a point is as good as another, but for float noise."""
    difference = value_of(goal, x) - value_of(goal, than)
    return difference >= -1e-9 if goal.sense == "max" else difference <= 1e-9


def tighter(goal: Goal, first: float, second: float) -> float:
    """The stronger of two bounds; nan says nothing."""
    known = [b for b in (first, second) if np.isfinite(b)]
    if not known:
        return float("nan")
    return min(known) if goal.sense == "max" else max(known)


def worst_violation(blocks: Sequence[Rows], x: Floats) -> float:
    """The largest amount by which a point leaves a row; 0 when it keeps them all."""
    worst = 0.0
    for b in blocks:
        if not len(b):
            continue
        running = np.concatenate([[0.0], np.cumsum(b.value * x[b.column])])
        activity = running[b.indptr[1:]] - running[b.indptr[:-1]]
        # cumsum carries noise of the whole block; sum a suspicious row again by itself
        for r in np.flatnonzero((activity > b.upper + ROW_TOLERANCE / 2) | (activity < b.lower - ROW_TOLERANCE / 2)):
            part = slice(b.indptr[r], b.indptr[r + 1])
            exact = float(b.value[part] @ x[b.column[part]])
            worst = max(worst, exact - b.upper[r], b.lower[r] - exact)
    return worst


def keeps(program: Program, locks: Sequence[Rows], x: Floats) -> bool:
    """Whether a point keeps every row, lock and bound."""
    columns = program.columns
    inside = bool((x >= columns.lower - 1e-9).all() and (x <= columns.upper + 1e-9).all())
    return inside and worst_violation([*program.blocks, *locks], x) <= ROW_TOLERANCE


def integer_gap_abs(goal: Goal) -> float:
    """The absolute gap that proves optimality: just under one grain, or float noise when there is none."""
    return goal.grain * 0.999 if goal.grain > 0 else 1e-6


def run_with_interrupt(work: Callable[[], None], stop: Stop, tell: Callable[[], None] | None = None) -> None:
    """Run an engine in a thread, so that Ctrl-C reaches Python while the engine computes; re-raise its error.

    ``tell`` is called about once a second after ``stop`` is set, for an engine that cannot look at it by itself (and
    may not have been there to hear the first call).
    """
    job = Background(work)
    job.begin()
    told = -np.inf
    while job.running:
        try:
            job.wait(LOOK_S)
        except KeyboardInterrupt:
            stop.set()
        if stop and tell is not None and time.perf_counter() - told > 1.0:
            tell()
            told = time.perf_counter()
    job.raise_failure()
