"""What is lost when some columns are refused: the program solved again without them, for one group after the other.

Not a re-scoring: whatever may take their place does. A plan without the group is a plan of the program, so the
program's own bound holds for it too; and a plan known from an earlier refusal that happens to do without the group is
a start, or, where it reaches the bound, the answer.

What is lost is lost of the first goal in its own turn, at its best: what it then gives up for later goals, within its
tolerance, is asked for and no loss.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from siteopt.program import Goal, Limits, Program
from siteopt.solve.backend import Backend, Report, Stop, settled, tighter, value_of
from siteopt.solve.kinds import choices
from siteopt.solve.strategy import pursue, quiet
from siteopt.solve.variation import ENGINE_GAP, ahead, best_start, closing, opened, refusing, slack_of
from siteopt.units import Floats, Ints

Outcome = Literal["proven", "best_found", "infeasible", "unknown"]
LEAST_S, WORTHWHILE_S = 0.05, 1.0
"""Less time than this is none; and less than this per group is not worth a second search."""


@dataclass(frozen=True, eq=False)
class Refusal:
    """The best plan without some columns.

    Attributes
    ----------
    outcome : "proven"; "best_found" (value and bound apart); "infeasible": no plan keeps the rows without them;
        "unknown": no plan was found in the time, none was ruled out
    x : (N,) the plan, or None: that of all goals in order, which may be worse than ``value`` by the tolerance of the
        first goal
    value : of the first goal in its own turn; nan without a plan
    bound : no plan without the columns is better
    stopped : "" or why the search ended early
    """

    outcome: Outcome
    x: Floats | None
    value: float
    bound: float
    stopped: str = ""


def refuse_each(
    program: Program,
    groups: Sequence[Ints],
    backend: Backend,
    limits: Limits,
    *,
    best: Floats,
    bound: float,
    report: Report = quiet,
    stop: Stop | None = None,
) -> tuple[Refusal, ...]:
    """Refuse each group of columns, one group at a time.

    Parameters
    ----------
    program : Program
    groups : columns that are refused together (all options of a space)
    backend : Backend
    limits : time for all groups together, split evenly; what is left over goes to those that are not settled
    best : (N,) the plan that is refused in part
    bound : no plan of the program is better than this
    report, stop : progress and Ctrl-C

    Returns
    -------
    tuple of Refusal
        One per group; for those that time or Ctrl-C did not allow, what is known without a search.
    """
    stop = stop if stop is not None else Stop()
    deadline = time.perf_counter() + limits.time_limit_s
    found: dict[int, Refusal] = {}
    todo = list(range(len(groups)))
    while todo:
        for n, k in enumerate(todo):
            left = max(deadline - time.perf_counter(), 0.0) / (len(todo) - n)
            known = [r.x for r in found.values() if r.x is not None]
            limit = tighter(program.goals[0], bound, found[k].bound) if k in found else bound
            mine = replace(limits, time_limit_s=left)
            found[k] = refuse(
                program, groups[k], backend, mine, best=best, known=known, bound=limit, report=report, stop=stop
            )
        todo = [k for k in todo if found[k].outcome in ("best_found", "unknown")]
        if stop or deadline - time.perf_counter() < WORTHWHILE_S * max(1, len(todo)):
            break
    return tuple(found[k] for k in range(len(groups)))


def refuse(
    program: Program,
    group: Ints,
    backend: Backend,
    limits: Limits,
    *,
    best: Floats,
    bound: float,
    known: Sequence[Floats] = (),
    report: Report = quiet,
    stop: Stop | None = None,
) -> Refusal:
    """The best plan without a group of columns; parameters as in :func:`refuse_each`, ``known`` more plans."""
    stop = stop if stop is not None else Stop()
    goal, slack = program.goals[0], slack_of(program)
    trial = _nearest_first(refusing(program, group), best)
    without = [x for x in known if x[group].max(initial=0.0) < 0.5]
    start = best_start(trial, [closing(program, best, group), *without])
    # A plan as good as the bound could still be dearer than need be: worth the search while there is time.
    if stop or limits.time_limit_s < LEAST_S:
        return _known(goal, slack, start, bound, "interrupt" if stop else "time")
    answer = pursue(trial, backend, limits, start=start, report=report, stop=stop)
    if answer.status == "infeasible":
        return Refusal("infeasible", None, np.nan, -np.inf if goal.sense == "max" else np.inf)
    if answer.x is None:
        return _known(goal, slack, start, tighter(goal, answer.bound, bound), answer.stopped or "time")
    x, value = answer.x, answer.goals[0].value if goal.tolerance and answer.goals else answer.objective
    if start is not None and not _no_worse(goal, slack, value, value_of(goal, start)):
        x, value = start, value_of(goal, start)
    # The bound of the whole program holds here as well, unless it is the engine's own value and a hair better.
    least = settled(goal, value, tighter(goal, answer.bound, bound))
    if _no_worse(goal, slack, value, least):
        return Refusal("proven", x, value, value, answer.stopped)
    return Refusal("best_found", x, value, least, answer.stopped)


def _nearest_first(program: Program, best: Floats) -> Program:
    """The program with one more goal at the end: of plans that are equal in all else, the one most like the best."""
    kept = opened(program, best)
    cost = np.where(kept, -1.0, 1.0) * choices(program)
    changes = Goal("changes", "min", cost, offset=float(kept.sum()), grain=1.0)
    return replace(program, goals=(*program.goals, changes))


def _known(goal: Goal, slack: float, start: Floats | None, bound: float, why: str) -> Refusal:
    """What is known of a refusal without a search."""
    if start is None:
        return Refusal("unknown", None, np.nan, bound, why)
    value = value_of(goal, start)
    return Refusal("proven" if _no_worse(goal, slack, value, bound) else "best_found", start, value, bound, why)


def _no_worse(goal: Goal, slack: float, value: float, than: float) -> bool:
    return ahead(goal, than, value) <= max(ENGINE_GAP, slack * abs(value))
