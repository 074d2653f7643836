"""Goals in order, with one clock: the first is sought until proven or out of time; later ones never spoil it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from siteopt.program import Answer, Goal, GoalResult, Limits, Program, Rows, rows_from
from siteopt.solve.backend import (
    ROW_TOLERANCE,
    Backend,
    Progress,
    Report,
    Stop,
    beats,
    keeps,
    no_worse,
    restated,
    standing,
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
    given = start if start is not None and keeps(program, (), start) else None
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
        doubtful = _doubtful(answer) or _contradicted(goal, answer, x)
        if doubtful and not stop and deadline - time.perf_counter() > 0.05:
            strict = replace(limits, time_limit_s=deadline - time.perf_counter())
            answer = _again(program, goal, locks, backend, strict, x, report, stop, answer.log)
        logs.append(answer.log)
        better = answer.x is not None and no_worse(goal, answer.x, x)
        if answer.x is None or not better or not keeps(program, locks, answer.x):
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
    tidy_s = max(deadline - time.perf_counter(), LATE_S)
    x = straightened(program, x, [r.value for r in results], _lock, tidy_s)
    x = first_of_alike(asked, x)
    answer = _closed(program.goals, first, x, results, time.perf_counter() - began, limits.gap)
    return replace(answer, log="\n".join(filter(None, logs)))


def _closed(
    goals: Sequence[Goal], first: Answer, x: Floats, results: Sequence[GoalResult], seconds: float, gap_asked: float
) -> Answer:
    """The answer restated from the last plan: what it is worth, and what the bound still proves of it."""
    told = tuple(_ended(g, r, x, gap_asked) for r, g in zip(results, goals, strict=False))
    # What a goal gives up for later ones is asked for, and is no doubt about its best.
    noise = np.inf if goals[0].tolerance else _moved(goals[0])
    return replace(restated(goals[0], first, x, gap_asked, noise), goals=told, seconds=seconds)


def _moved(goal: Goal) -> float:
    """By what part of its value later goals may move a goal that a row keeps: an engine's last digits."""
    return 1e-9 if goal.grain > 0 else 2 * PARTS_NOISE


def _ended(goal: Goal, result: GoalResult, x: Floats, gap_asked: float) -> GoalResult:
    """A goal's result with its value at the end; one that gave nothing up has no other."""
    final = value_of(goal, x)
    if goal.tolerance:
        return replace(result, final=final)
    bound, gap, status = standing(goal, final, result.status, result.value, result.bound, gap_asked, _moved(goal))
    return replace(result, value=final, bound=bound, gap=gap, status=status, final=final)


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
        answer = reconciled(goal, limits, answer, engine.answer, lambda x: keeps(program, locks, x))
    if answer.x is None and answer.status == "no_plan" and not stop and left() > 0.5:
        again = alone()  # no plan so far: the engine on the whole tells whether there is one
        answer = replace(again, log=answer.log + again.log)
    return replace(answer, seconds=time.perf_counter() - began)


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
    if (_doubtful(answer) or breaks or _contradicted(goal, answer, start)) and not stop:
        answer = _again(program, goal, (), backend, first_limits, start, report, stop, answer.log)
    if answer.status == "infeasible" and idle_is_allowed:
        return replace(answer, status="engine_error", message="called infeasible, but doing nothing keeps every rule")
    if answer.x is not None and worst_violation(program.blocks, answer.x) > ROW_TOLERANCE:
        return replace(answer, status="engine_error", message="the rounded answer breaks a row")
    if _contradicted(goal, answer, start):
        said = f"a given plan is worth more than {answer.bound:.10g}, which was called the most that any is worth"
        return replace(answer, status="engine_error", message=said)
    worse = answer.x is None or (start is not None and not no_worse(goal, answer.x, start))
    if start is not None and answer.status in ("proven", "best_found", "no_plan") and worse:
        return restated(goal, answer, start, limits.gap)
    return answer


def _contradicted(goal: Goal, answer: Answer, start: Floats | None) -> bool:
    """Whether a plan that is known is better than what was called the best."""
    return start is not None and beats(goal, value_of(goal, start), answer.bound)


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
    if _contradicted(goal, answer, x):  # asked twice, the engine is wrong twice: its bound says nothing
        answer = replace(answer, bound=np.inf if goal.sense == "max" else -np.inf)
    return restated(goal, answer, x, PARTS_NOISE if answer.status == "proven" else 0.0, 0.0)


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


def _result(goal: Goal, answer: Answer) -> GoalResult:
    return GoalResult(
        goal.name, goal.sense, answer.objective, answer.bound, answer.gap, answer.status, answer.seconds
    )
