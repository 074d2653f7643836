"""Plans nearly as good as the best and as different from one another as can be.

A plan p is described by the things that it opens. Columns may open the same thing (one outlet, in either of two
phases), of which a plan takes one. The *distance* of a plan x from p is the number of things that p opens and x does
not: opening something useless beside p is no difference, doing without something of p is. Each further plan maximises
the distance from the nearest plan so far,

    max d,   d + Σ x_c ≤ |p| over columns c that open a thing of p, for each earlier p,
    first goal ≥ floor,   every row of the program;

then, among plans as distant, the program's own goals in order, with their tolerances, never below the floor. The
bound on d is proven by the engine: no plan that is good enough is farther from all plans before it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from siteopt.program import Goal, Limits, Program, Rows, rows_from
from siteopt.solve.backend import Backend, Report, Stop, value_of
from siteopt.solve.kinds import choices, honest
from siteopt.solve.strategy import pursue, quiet
from siteopt.solve.variation import floor_under, with_column
from siteopt.units import Bools, Floats, Ints

DISTANCE = "distance"
FLOOR = "nearly as good"
LEAST_S = 0.05
"""Less time than this is no time."""


@dataclass(frozen=True, eq=False)
class Alternative:
    """One more plan.

    Attributes
    ----------
    x : (N,) the point; None when none was found that differs from the plans before it
    value : of the program's first goal
    distance : what it does without of the plan nearest to it, recounted from the points
    at_most : proven: no plan within the slack is farther than this from all plans before it
    proven : ``distance`` is the largest there is
    stopped : "" or why the search ended early
    """

    x: Floats | None
    value: float
    distance: int
    at_most: int
    proven: bool
    stopped: str = ""


def alternatives(
    program: Program,
    backend: Backend,
    limits: Limits,
    *,
    best: Floats,
    floor: float,
    count: int,
    things: Ints | None = None,
    report: Report = quiet,
    stop: Stop | None = None,
) -> Iterator[Alternative]:
    """Up to ``count`` plans beside the best, each as distant as possible from all before it.

    Parameters
    ----------
    program : Program
    backend : Backend
    limits : time for all of them together; what one leaves over, the next ones have
    best : (N,) the plan that they are alternatives to
    floor : the first goal of each is no worse than this
    count : how many
    things : (N,) which thing each column opens, -1 for none; each choice a thing of its own when None
    report, stop : progress and Ctrl-C

    Yields
    ------
    Alternative
        The last one has ``x`` None where no different plan is left or time is up.
    """
    stop = stop if stop is not None else Stop()
    deadline = time.perf_counter() + limits.time_limit_s
    things = own_things(program) if things is None else things
    known = [opens(things, best)]
    for k in range(count):
        left = deadline - time.perf_counter()
        if stop or left < LEAST_S:
            yield Alternative(None, np.nan, 0, _most(known), False, "interrupt" if stop else "time")
            return
        mine = replace(limits, time_limit_s=left / (count - k), gap=0.0)
        found = _next(program, backend, mine, best, floor, things, known, report, stop)
        yield found
        if found.x is None:
            return
        known.append(opens(things, found.x))


def _next(
    program: Program,
    backend: Backend,
    limits: Limits,
    best: Floats,
    floor: float,
    things: Ints,
    known: Sequence[Bools],
    report: Report,
    stop: Stop,
) -> Alternative:
    n, most = len(program.columns), _most(known)
    if most == 0:
        return Alternative(None, np.nan, 0, 0, True)
    trial = distant(program, things, known, floor)
    # The best plan is always a start: it keeps the floor and is at distance 0 from itself.
    answer = pursue(trial, backend, limits, start=np.append(best, 0.0), report=report, stop=stop)
    at_most = most if not np.isfinite(answer.bound) else max(0, min(most, int(np.floor(answer.bound + 1e-6))))
    if answer.x is None:
        return Alternative(None, np.nan, 0, at_most, False, answer.stopped or answer.status)
    x = answer.x[:n]
    distance = distance_from(known, opens(things, x))
    proven = distance >= at_most
    if distance == 0:
        return Alternative(None, np.nan, 0, at_most, proven, "" if proven else answer.stopped or "time")
    return Alternative(x, value_of(program.goals[0], x), distance, at_most, proven, answer.stopped)


def distant(program: Program, things: Ints, known: Sequence[Bools], floor: float) -> Program:
    """The program whose best plan is the most distant one within the floor."""
    n = len(program.columns)
    wider = with_column(honest(program), DISTANCE, _most(known))
    goal = Goal(DISTANCE, "max", np.append(np.zeros(n), 1.0), grain=1.0)
    keep = floor_under(wider.goals[0], floor, FLOOR)
    return replace(wider, blocks=(*wider.blocks, keep, _distance_rows(things, known, n)), goals=(goal, *wider.goals))


def own_things(program: Program) -> Ints:
    """(N,) each choice of a program a thing of its own; -1 for other columns."""
    mine = choices(program)
    return np.where(mine, np.cumsum(mine) - 1, -1)


def opens(things: Ints, x: Floats) -> Bools:
    """(M,) the things that a point opens."""
    out = np.zeros(int(things.max(initial=-1)) + 1, dtype=np.bool_)
    out[things[(things >= 0) & (x[: len(things)] > 0.5)]] = True
    return out


def _distance_rows(things: Ints, known: Sequence[Bools], column: int) -> Rows:
    entries = []
    for p in known:
        at = np.append(np.flatnonzero((things >= 0) & p[things]), column)
        entries.append((at, np.ones(len(at))))
    sizes = [float(p.sum()) for p in known]
    k = len(known)
    return rows_from(DISTANCE, entries, [-np.inf] * k, sizes, [str(i) for i in range(k)], elastic=False)


def distance_from(known: Sequence[Bools], x: Bools) -> int:
    """What a plan does without of the plan nearest to it."""
    return min(int((p & ~x).sum()) for p in known)


def _most(known: Sequence[Bools]) -> int:
    """No plan is farther than this from all of these: the smallest of them holds no more."""
    return min(int(p.sum()) for p in known)
