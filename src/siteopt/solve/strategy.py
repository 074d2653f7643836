"""Goals in order, with one clock: the first is sought until proven or out of time; later ones never spoil it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from siteopt.program import Answer, Goal, GoalResult, Limits, Program, Rows, Status, rows_from
from siteopt.solve.backend import (
    ROW_TOLERANCE,
    Backend,
    Progress,
    Report,
    Stop,
    no_worse,
    relative_gap,
    settled,
    value_of,
    worst_violation,
)
from siteopt.solve.beside import Beside
from siteopt.solve.complete import completed, straightened
from siteopt.solve.cover import cover_form
from siteopt.solve.dominate import dominated, without
from siteopt.solve.highs import Highs
from siteopt.solve.kinds import honest, whole
from siteopt.solve.merge import merged
from siteopt.solve.reconcile import reconciled
from siteopt.solve.refine import refined
from siteopt.solve.tidy import first_of_alike, trimmed
from siteopt.units import Floats

SMALL, LARGE, HUGE = 3_000, 30_000, 150_000
"""Pairs of class and option: below the first the engine alone is best, above the last it does not leave the root."""

TIDY_S_PER_NNZ = 2.5e-7
"""Kept back for what follows the search: restating the answer takes seconds where there are millions of pairs."""

LATE_S = 0.5
"""After the limit, what tidying the best plan may still take."""

TRY_S = 1.0
"""Below the middle one, how long the engine is waited for before the steps begin beside it."""

FIRST_SHARE = 0.85
"""Of the time, what the first goal may use; the rest is for choosing the cheapest of equal plans."""

NOISE, PARTS_NOISE = 1e-9, 1e-6
"""By what part of its value a later goal may move an earlier one that has no grain: float noise; where columns are in
parts, an engine's tolerance, for of less room than that some say that there is none."""


def quiet(_: Progress) -> None:
    """Report nothing."""


def pursue(
    program: Program,
    backend: Backend,
    limits: Limits,
    *,
    start: Floats | None = None,
    report: Report = quiet,
    stop: Stop | None = None,
) -> Answer:
    """The best plan for the first goal, then for each later goal among plans as good.

    Parameters
    ----------
    program : Program
    backend : Backend
    limits : for all goals together
    start : (N,) a point to begin with; one that breaks a row is not used
    report, stop : progress and Ctrl-C

    Returns
    -------
    Answer
        Status, objective, bound and gap are the first goal's, at the plan given: where it has a tolerance, the gap
        counts what it gave up for later goals too. ``goals`` tells of each, in its own turn and at the end.
    """
    stop = stop if stop is not None else Stop()  # an unset Stop is falsy
    began = time.perf_counter()
    deadline = began + limits.time_limit_s
    program = honest(program)
    given = start if start is not None and _allowed(program, start) else None
    out = dominated(program)
    asked, program = program, without(program, out if given is None else out & (given < 0.5))
    tidying = min(TIDY_S_PER_NNZ * program.nnz, 0.1 * limits.time_limit_s)
    lead = replace(limits, time_limit_s=max(deadline - tidying - time.perf_counter(), 0.01))
    first, ended = _lead(program, backend, lead, given, report, stop)
    if first.x is None or first.status in ("infeasible", "engine_error"):
        return replace(first, seconds=time.perf_counter() - began)
    x, results, logs = first.x, list(ended), [first.log]
    parts = ~whole(program)
    noise = [PARTS_NOISE if goal.cost[parts].any() else NOISE for goal in program.goals]
    locks = [_lock(goal, r.value, n) for goal, r, n in zip(program.goals, ended, noise, strict=False)]
    for goal in program.goals[len(ended) :]:
        left = deadline - time.perf_counter()
        open_still = results[-1].status != "proven" if results else first.status != "proven"
        if stop or left < 0.05 or (open_still and program.nnz > 10 * HUGE):
            break  # the cheapest of plans as good is worth an engine's time only where it may find it
        answer = _sought(program, goal, locks, backend, replace(limits, time_limit_s=left), x, report, stop)
        if _doubtful(answer) and not stop and deadline - time.perf_counter() > 0.05:
            strict = replace(limits, time_limit_s=deadline - time.perf_counter())
            answer = _again(program, goal, locks, backend, strict, x, report, stop, answer.log)
        logs.append(answer.log)
        better = answer.x is not None and no_worse(goal, answer.x, x)
        if answer.x is None or not better or not _keeps(program, locks, answer.x):
            # The plan at hand stands; the claim of a better one falls, unless only by an engine's last digits.
            answer = _at_hand(goal, x, answer)
        else:
            x = answer.x
        results.append(_result(goal, answer))
        locks.append(_lock(goal, value_of(goal, x), noise[len(locks)]))
        if answer.status != "proven":
            break
    if len(results) < len(program.goals) or results[-1].status != "proven":
        x = trimmed(program, x, until=deadline - tidying + LATE_S)
    x = straightened(program, x, [r.value for r in results], _lock, LATE_S)
    x = first_of_alike(asked, x)
    x = refined(program, x, _lock, seconds=max(deadline - time.perf_counter(), LATE_S))
    answer = _closed(program.goals, first, x, results, time.perf_counter() - began, limits.gap)
    return replace(answer, log="\n".join(filter(None, logs)))


def _closed(
    goals: Sequence[Goal], first: Answer, x: Floats, results: Sequence[GoalResult], seconds: float, gap_asked: float
) -> Answer:
    """The answer restated from the last plan: what it is worth, and what the bound still proves of it."""
    goal, value = goals[0], value_of(goals[0], x)
    # Kept by a row, a goal whose parts are not whole may lose an engine's last digits to later goals.
    noise = 1e-9 if goal.grain > 0 else 2 * PARTS_NOISE
    same = abs(value - first.objective) <= noise * max(1.0, abs(value))
    gap = relative_gap(value, first.bound)
    # What a goal gives up for later ones is asked for, and is no doubt about its best.
    proven = (first.status == "proven" and (same or goal.tolerance > 0)) or gap <= max(gap_asked, 1e-9)
    status: Status = "proven" if proven else "best_found"
    told = [_restated(g, r, x) for r, g in zip(results, goals, strict=False)]
    if told and not goal.tolerance:
        told[0] = replace(told[0], gap=gap, status=status)
    return replace(first, x=x, objective=value, gap=gap, status=status, goals=tuple(told), seconds=seconds)


def _restated(goal: Goal, result: GoalResult, x: Floats) -> GoalResult:
    """A goal's result with its value at the end; one that gave nothing up has no other."""
    final = value_of(goal, x)
    if goal.tolerance:
        return replace(result, final=final)
    return replace(result, value=final, gap=relative_gap(final, result.bound), final=final)


def _lead(
    program: Program, backend: Backend, limits: Limits, start: Floats | None, report: Report, stop: Stop
) -> tuple[Answer, tuple[GoalResult, ...]]:
    """The first goal, together with the second where one search settles both; and the results so far."""
    both = merged(program)
    if both is None:
        answer = _first(program, backend, limits, start, report, stop)
        return answer, (_result(program.goals[0], answer),)

    def told(p: Progress) -> None:
        report(both.progress(p))

    answer = _first(replace(program, goals=(both.goal,)), backend, limits, start, told, stop)
    return both.split(answer, limits)


def _sought(
    program: Program,
    goal: Goal,
    locks: Sequence[Rows],
    backend: Backend,
    limits: Limits,
    start: Floats | None,
    report: Report,
    stop: Stop,
) -> Answer:
    """One goal: step by step where the program is a large covering one, else by the engine alone."""
    began = time.perf_counter()

    def left() -> float:
        return max(limits.time_limit_s - (time.perf_counter() - began), 0.01)

    def alone() -> Answer:
        mine = replace(limits, time_limit_s=left())
        found = backend.solve(program, goal, locks, limits=mine, start=start, report=report, stop=stop)
        return completed(program, goal, locks, found, mine)

    form = cover_form(program, goal, locks) if program.nnz >= SMALL and isinstance(backend, Highs) else None
    if form is None or form.nnz < SMALL or form.n_options < 2 or not form.weight.any():
        return alone()
    engine = None
    if form.nnz < HUGE and limits.threads > 1:
        engine = Beside(backend, program, goal, locks, limits, start=start, stop=stop)
        if form.nnz < LARGE and engine.wait(TRY_S):
            assert engine.answer is not None
            return engine.answer
    # Imported only now: compiled loops take a second to load.
    from siteopt.solve.cascade import Cascade

    mine = replace(limits, time_limit_s=left())
    try:
        steps = Cascade(
            program, goal, locks, form, backend, mine, start=start, report=report, stop=stop, beside=engine
        )
        answer = steps.run()
    finally:
        if engine is not None:
            engine.end()
    if engine is not None and engine.answer is not None:
        answer = reconciled(goal, limits, answer, engine.answer, lambda x: _keeps(program, locks, x))
    if answer.x is None and answer.status == "no_plan" and not stop and left() > 0.5:
        again = alone()  # no plan so far: the engine on the whole tells whether there is one
        answer = replace(again, log=answer.log + again.log)
    return replace(answer, seconds=time.perf_counter() - began)


def _allowed(program: Program, x: Floats) -> bool:
    """Whether a point keeps every row and bound."""
    inside = bool((x >= program.columns.lower - 1e-9).all() and (x <= program.columns.upper + 1e-9).all())
    return inside and worst_violation(program.blocks, x) <= ROW_TOLERANCE


def _first(
    program: Program, backend: Backend, limits: Limits, start: Floats | None, report: Report, stop: Stop
) -> Answer:
    """The first goal: from a given point or from doing nothing, and with a second opinion on bad news."""
    goal = program.goals[0]
    nothing = np.clip(np.zeros(len(program.columns)), program.columns.lower, program.columns.upper)
    idle_is_allowed = worst_violation(program.blocks, nothing) <= ROW_TOLERANCE
    if not len(program.columns):
        return _empty(goal, nothing, idle_is_allowed, backend)
    share = FIRST_SHARE if len(program.goals) > 1 else 1.0
    first_limits = replace(limits, time_limit_s=limits.time_limit_s * share)
    if start is None and idle_is_allowed:
        start = nothing
    answer = _sought(program, goal, (), backend, first_limits, start, report, stop)
    breaks = answer.x is not None and worst_violation(program.blocks, answer.x) > ROW_TOLERANCE
    if (_doubtful(answer) or breaks) and not stop:
        answer = _again(program, goal, (), backend, first_limits, start, report, stop, answer.log)
    if answer.status == "infeasible" and idle_is_allowed:
        return replace(answer, status="engine_error", message="called infeasible, but doing nothing keeps every rule")
    if answer.x is not None and worst_violation(program.blocks, answer.x) > ROW_TOLERANCE:
        return replace(answer, status="engine_error", message="the rounded answer breaks a row")
    if start is not None and answer.status == "no_plan":
        value = value_of(goal, start)
        return replace(answer, status="best_found", x=start, objective=value, gap=relative_gap(value, answer.bound))
    if start is not None and answer.x is not None and not no_worse(goal, answer.x, start):
        value = value_of(goal, start)
        return replace(answer, x=start, objective=value, gap=relative_gap(value, answer.bound))
    return answer


def _doubtful(answer: Answer) -> bool:
    """Engines have called feasible models infeasible, and have stopped without a proof and without a limit."""
    return answer.status == "infeasible" or (answer.status == "best_found" and not answer.stopped)


def _again(
    program: Program,
    goal: Goal,
    locks: Sequence[Rows],
    backend: Backend,
    limits: Limits,
    start: Floats | None,
    report: Report,
    stop: Stop,
    log: str,
) -> Answer:
    """A second opinion, slow and strict."""
    found = backend.solve(program, goal, locks, limits=limits, start=start, report=report, stop=stop, careful=True)
    found = completed(program, goal, locks, found, limits)
    return replace(found, log=log + found.log)


def _empty(goal: Goal, nothing: Floats, feasible: bool, backend: Backend) -> Answer:
    """A program without columns: doing nothing is the only plan."""
    value = value_of(goal, nothing)
    return Answer(
        status="proven" if feasible else "infeasible",
        x=nothing if feasible else None,
        objective=value,
        bound=value,
        gap=0.0,
        seconds=0.0,
        engine=backend.name,
        version="",
        message="nothing to decide",
    )


def _at_hand(goal: Goal, x: Floats, answer: Answer) -> Answer:
    """What an engine's answer to a later goal says of the plan that was there before."""
    value = value_of(goal, x)
    bound = settled(goal, value, answer.bound)
    gap = relative_gap(value, bound)
    proven = answer.status == "proven" and gap <= PARTS_NOISE
    status: Status = "proven" if proven else "best_found"
    return replace(answer, status=status, x=x, objective=value, bound=bound, gap=gap)


def _lock(goal: Goal, value: float, noise: float = NOISE) -> Rows:
    """A row that keeps a goal's value, less what it may give up, up to half a grain or float noise."""
    at = np.flatnonzero(goal.cost)
    # In steps of the grain the row has whole numbers, and half a step separates equal from worse.
    unit = goal.grain if goal.grain > 0 else max(1.0, float(np.abs(goal.cost).max(initial=1.0)))
    sign = 1.0 if goal.sense == "max" else -1.0
    target = (sign * (value - goal.offset) - goal.tolerance * abs(value)) / unit
    if goal.grain > 0:
        floor = float(np.ceil(target - 1e-6 - 1e-9 * abs(target))) - 0.5
    else:
        floor = target - noise * max(1.0, abs(value)) / unit
    low, high = (floor, np.inf) if goal.sense == "max" else (-np.inf, -floor)
    return rows_from(f"keep {goal.name}", [(at, goal.cost[at] / unit)], [low], [high], [goal.name], elastic=False)


def _keeps(program: Program, locks: Sequence[Rows], x: Floats) -> bool:
    return worst_violation([*program.blocks, *locks], x) <= ROW_TOLERANCE


def _result(goal: Goal, answer: Answer) -> GoalResult:
    return GoalResult(
        goal.name, goal.sense, answer.objective, answer.bound, answer.gap, answer.status, answer.seconds
    )
