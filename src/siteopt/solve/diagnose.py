"""Why there is no plan: the rules that clash, the least that would have to give, and the ways out one by one.

The order of work, under one clock: a smallest clashing set of rules; for each of its rules the least by which it must
give while all others are kept (a rule outside the set can give as much as it likes without helping); the least total
relaxation over all rules; whom in particular the clash is about.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from siteopt.plan import Diagnosis, Outlook, Repair
from siteopt.program import Limits, Program, rows_from
from siteopt.solve.backend import ROW_TOLERANCE, Backend, Stop, value_of, worst_violation
from siteopt.solve.clash import Clash
from siteopt.solve.slack import Elastic, activity, broken, elastic
from siteopt.solve.strategy import quiet
from siteopt.units import Floats

CLASH_SHARE, REPAIR_SHARE, TOTAL_SHARE = 0.35, 0.75, 0.9
"""Of the time, what has been used by the end of each step; the subjects of the clash have the rest."""

LEAST_S = 0.02


def diagnose(
    program: Program,
    backend: Backend,
    limits: Limits,
    *,
    outlooks: Sequence[Outlook] = (),
    stop: Stop | None = None,
) -> Diagnosis:
    """Name the clash of an infeasible program, and the ways out.

    Parameters
    ----------
    program : Program, infeasible
    backend : Backend
    limits : time for the whole diagnosis
    outlooks : what is known before any search (:func:`siteopt.solve.outlook.outlook`)
    stop : Ctrl-C: what is known by then is told

    Returns
    -------
    Diagnosis
        ``complete`` is False when time ran out before every rule was tested. The points of the repairs are still to
        be put into words.
    """
    began = time.perf_counter()
    stop = stop if stop is not None else Stop()
    limits = replace(limits, gap=0.0)  # the least is the least

    def until(share: float) -> float:
        return began + share * limits.time_limit_s

    clash = Clash(program, backend, limits, stop)
    clashing, complete = clash.rules(_suspects(outlooks), until(CLASH_SHARE))
    repairs, tried = _repairs(
        program, [o for o in clashing if o in clash.giving], backend, limits, until(REPAIR_SHARE), stop
    )
    left = max(until(TOTAL_SHARE) - time.perf_counter(), LEAST_S)
    outcome = _Relaxed.sought(elastic(program), backend, replace(limits, time_limit_s=left), stop)
    total = None if outcome.x is None else outcome.repair(program)
    relaxations = total.relaxations if total else ()
    if total is not None and len(total.rules) > 1:
        repairs.append(total)
    subjects = clash.subjects(clashing, until(1.0)) if complete else ()
    return Diagnosis(
        clashing=clashing,
        relaxations=relaxations,
        complete=complete,
        subjects=subjects,
        relaxed_proven=total is not None and total.proven,
        repairs=tuple(sorted(repairs, key=lambda r: (len(r.rules) > 1, round(r.effort, 9), r.rules))),
        repairs_complete=tried,
        outlooks=tuple(outlooks),
    )


def _suspects(outlooks: Sequence[Outlook]) -> tuple[str, ...]:
    """The shortest clash that is certain already: one rule alone, or two."""
    certain = [o for o in outlooks if not o.can]
    for o in sorted(certain, key=lambda o: bool(o.against)):
        return (o.rule, o.against) if o.against else (o.rule,)
    return ()


def _repairs(
    program: Program, rules: Sequence[str], backend: Backend, limits: Limits, until: float, stop: Stop
) -> tuple[list[Repair], bool]:
    """For each rule the least by which it alone must give; and whether every rule was tried to the end."""
    found: list[Repair] = []
    tried = True
    for n, rule in enumerate(rules):
        left = (until - time.perf_counter()) / (len(rules) - n)
        if left < LEAST_S or stop:
            return found, False
        outcome = _Relaxed.sought(elastic(program, {rule}), backend, replace(limits, time_limit_s=left), stop)
        if outcome.x is not None:
            found.append(outcome.repair(program))
        tried &= outcome.settled
    return found, tried


@dataclass(frozen=True, eq=False)
class _Relaxed:
    """The point that breaks some rules least, and of such points the one best for the first goal."""

    asked: Elastic
    x: Floats | None
    proven: bool
    settled: bool  # proven, or proven that these rules alone cannot help
    value_proven: bool

    @classmethod
    def sought(cls, asked: Elastic, backend: Backend, limits: Limits, stop: Stop) -> _Relaxed:
        began = time.perf_counter()
        program, least = asked.program, asked.program.goals[0]
        if not asked.sides:
            return cls(asked, None, False, True, False)
        answer = backend.solve(program, least, (), limits=limits, start=_idle(asked), report=quiet, stop=stop)
        if answer.x is None:
            return cls(asked, None, False, answer.status == "infeasible", False)
        x, proven = answer.x, answer.status == "proven"
        left = limits.time_limit_s - (time.perf_counter() - began)
        if not proven or left < LEAST_S or len(program.goals) < 2:
            return cls(asked, x, proven, proven, False)
        goal = program.goals[1]
        # What gives may not give more than this: the best plan among those is the one to show.
        at = np.flatnonzero(least.cost)
        most = answer.objective + 1e-7 * max(1.0, abs(answer.objective))
        lock = rows_from("keep", [(at, least.cost[at])], [-np.inf], [most], [""], elastic=False)
        again = backend.solve(
            program, goal, (lock,), limits=replace(limits, time_limit_s=left), start=x, report=quiet, stop=stop
        )
        given = _given(asked, x)
        if again.x is not None and _given(asked, again.x) <= given + 1e-9 * max(1.0, given):
            return cls(asked, again.x, True, True, again.status == "proven")
        return cls(asked, x, True, True, False)

    def repair(self, program: Program) -> Repair:
        assert self.x is not None
        n = self.asked.first
        point = self.x[:n]
        given, effort = broken(self.asked.sides, point, program.columns.integer)
        return Repair(
            rules=tuple(dict.fromkeys(g.rule for g in given)),
            relaxations=given,
            effort=effort,
            proven=self.proven,
            value=value_of(program.goals[0], point) if program.goals else float("nan"),
            value_proven=self.value_proven,
            point=point,
        )


def _given(asked: Elastic, x: Floats) -> float:
    """The price of what a point breaks, measured on its rows and not on the slacks that an engine gave."""
    total = 0.0
    cost = asked.program.goals[0].cost[asked.first :]
    point, k = x[: asked.first], 0
    for side in asked.sides:
        floors = np.isfinite(side.lower)
        limit = np.where(floors, side.lower, side.upper)
        come = activity(side, point)
        short = np.maximum(np.where(floors, limit - come, come - limit), 0.0)
        total += float(short @ cost[k : k + len(side)])
        k += len(side)
    return total


def _idle(asked: Elastic) -> Floats | None:
    """Doing nothing, every rule giving as much as that takes; None where it breaks what cannot give."""
    program, n = asked.program, asked.first
    x = np.clip(np.zeros(len(program.columns)), program.columns.lower, program.columns.upper)
    k = n
    for side in asked.sides:
        floors = np.isfinite(side.lower)
        limit = np.where(floors, side.lower, side.upper)
        come = activity(side, x[:n])
        x[k : k + len(side)] = np.maximum(np.where(floors, limit - come, come - limit), 0.0)
        k += len(side)
    return x if worst_violation(program.blocks, x) <= ROW_TOLERANCE else None
