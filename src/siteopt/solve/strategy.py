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
    relative_gap,
    rounded,
    value_of,
    worst_violation,
)
from siteopt.solve.beside import Beside
from siteopt.solve.cover import cover_form
from siteopt.solve.dominate import dominated, without
from siteopt.solve.highs import Highs
from siteopt.solve.merge import merged
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
        Status, objective, bound and gap are the first goal's; ``goals`` tells of each.
    """
    stop = stop if stop is not None else Stop()  # an unset Stop is falsy
    began = time.perf_counter()
    deadline = began + limits.time_limit_s
    given = start if start is not None and _allowed(program, start) else None
    out = dominated(program)
    asked, program = program, without(program, out if given is None else out & (given < 0.5))
    tidying = min(TIDY_S_PER_NNZ * program.nnz, 0.1 * limits.time_limit_s)
    lead = replace(limits, time_limit_s=max(deadline - tidying - time.perf_counter(), 0.01))
    first, settled = _lead(program, backend, lead, given, report, stop)
    if first.x is None or first.status in ("infeasible", "engine_error"):
        return replace(first, seconds=time.perf_counter() - began)
    x, results, logs = first.x, list(settled), [first.log]
    locks = [_lock(goal, result.value) for goal, result in zip(program.goals, settled, strict=False)]
    for goal in program.goals[len(settled) :]:
        left = deadline - time.perf_counter()
        open_still = results[-1].status != "proven" if results else first.status != "proven"
        if stop or left < 0.05 or (open_still and program.nnz > 10 * HUGE):
            break  # the cheapest of plans as good is worth an engine's time only where it may find it
        answer = _sought(program, goal, locks, backend, replace(limits, time_limit_s=left), x, report, stop)
        logs.append(answer.log)
        better = answer.x is not None and _no_worse(goal, answer.x, x)
        if answer.x is None or not better or not _keeps(program, locks, answer.x):
            # The plan at hand stands; only the claim of a cheaper one falls.
            results.append(
                GoalResult(goal.name, goal.sense, value_of(goal, x), answer.bound, np.nan, "best_found", 0.0)
            )
            break
        x = answer.x
        results.append(_result(goal, answer))
        locks.append(_lock(goal, value_of(goal, x)))
        if answer.status != "proven":
            break
    if len(results) < len(program.goals) or results[-1].status != "proven":
        x = trimmed(program, x, until=deadline - tidying + LATE_S)
    x = first_of_alike(asked, x)
    return _closed(
        program.goals[0], first, x, results, time.perf_counter() - began, "\n".join(filter(None, logs)), limits
    )


def _closed(
    goal: Goal, first: Answer, x: Floats, results: Sequence[GoalResult], seconds: float, log: str, limits: Limits
) -> Answer:
    """The answer restated from the last plan: what it is worth, and what the bound still proves of it."""
    value = value_of(goal, x)
    same = abs(value - first.objective) <= 1e-9 * max(1.0, abs(value))
    gap = relative_gap(value, first.bound)
    proven = (first.status == "proven" and same) or gap <= max(limits.gap, 1e-9)
    status: Status = "proven" if proven else "best_found"
    lead = [replace(results[0], value=value, gap=gap, status=status), *results[1:]] if results else []
    return replace(first, x=x, objective=value, gap=gap, status=status, goals=tuple(lead), seconds=seconds, log=log)


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
        return backend.solve(program, goal, locks, limits=mine, start=start, report=report, stop=stop)

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
        answer = _both(goal, limits, answer, engine.answer)
    if answer.x is None and answer.status == "no_plan" and not stop and left() > 0.5:
        again = alone()  # no plan so far: the engine on the whole tells whether there is one
        answer = replace(again, log=answer.log + again.log)
    return replace(answer, seconds=time.perf_counter() - began)


def _both(goal: Goal, limits: Limits, steps: Answer, engine: Answer) -> Answer:
    """The better plan of two, and the better bound: each is a bound of every plan."""
    log = engine.log + steps.log
    if engine.status in ("proven", "infeasible", "engine_error"):
        return replace(engine, log=log)
    if steps.status == "proven" or not np.isfinite(engine.bound):
        return replace(steps, log=log)
    sign = 1.0 if goal.sense == "max" else -1.0
    bound = sign * min(sign * steps.bound, sign * engine.bound)
    best = steps if engine.x is None or (steps.x is not None and _no_worse(goal, steps.x, engine.x)) else engine
    if best.x is None:
        return replace(steps, bound=bound, log=log)
    gap = relative_gap(best.objective, bound)
    status: Status = "proven" if gap <= max(limits.gap, 1e-9) else "best_found"
    # The engine was told to stop when the steps ended; why they ended is in their answer.
    stopped = "" if status == "proven" else steps.stopped
    return replace(best, bound=bound, gap=gap, status=status, stopped=stopped, log=log)


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
    doubtful = (
        answer.status == "infeasible"
        or (answer.status == "best_found" and not answer.stopped)
        or (answer.x is not None and worst_violation(program.blocks, answer.x) > ROW_TOLERANCE)
    )
    if doubtful and not stop:
        # Engines have called feasible models infeasible, have stopped without a proof and without a limit, and
        # rounding may leave a row: ask again, slow and strict.
        again = backend.solve(
            program, goal, (), limits=first_limits, start=start, report=report, stop=stop, careful=True
        )
        answer = replace(again, log=answer.log + again.log)
    if answer.status == "infeasible" and idle_is_allowed:
        return replace(answer, status="engine_error", message="called infeasible, but doing nothing keeps every rule")
    if answer.x is not None and worst_violation(program.blocks, answer.x) > ROW_TOLERANCE:
        return replace(answer, status="engine_error", message="the rounded answer breaks a row")
    if start is not None and answer.status == "no_plan":
        value = value_of(goal, start)
        return replace(answer, status="best_found", x=start, objective=value, gap=relative_gap(value, answer.bound))
    if start is not None and answer.x is not None and not _no_worse(goal, answer.x, start):
        value = value_of(goal, start)
        return replace(answer, x=start, objective=value, gap=relative_gap(value, answer.bound))
    return answer


def trimmed(program: Program, x: Floats, *, until: float = np.inf) -> Floats:
    """A plan that was not brought to its end, without the columns that it can do without.

    The dearest first: a column is closed when every row still holds and the first goal loses nothing. What is not
    looked at by ``until`` (of ``time.perf_counter``) stays.
    """
    first, last = program.goals[0], program.goals[-1]
    sign = 1.0 if first.sense == "max" else -1.0
    opened = np.flatnonzero(program.columns.integer & (x > 0.5) & (program.columns.lower == 0))
    for column in opened[np.argsort(-last.cost[opened], kind="stable")]:
        if time.perf_counter() > until:
            break
        trial = np.where(program.columns.integer, x, program.columns.lower)
        trial[column] = 0.0
        trial = rounded(program, trial)
        no_worse = sign * (value_of(first, trial) - value_of(first, x)) >= -1e-9
        if no_worse and worst_violation(program.blocks, trial) <= ROW_TOLERANCE:
            x = trial
    return x


def first_of_alike(program: Program, x: Floats) -> Floats:
    """The same plan with, of columns alike in every row and goal, the first ones chosen.

    Two vacant rooms in one house reach the same cells at the same cost; whichever an engine picked, the plan names
    the first. Values, rows and goals do not change.
    """
    n = len(program.columns)
    coefficients = [(b.column, b.value, b.indptr) for b in program.blocks]
    column = np.concatenate([c for c, _, _ in coefficients] or [np.empty(0, dtype=np.int64)])
    value = np.concatenate([v for _, v, _ in coefficients] or [np.empty(0)])
    first_row = np.cumsum([0, *(len(p) - 1 for _, _, p in coefficients)])
    rows = [
        np.repeat(np.arange(len(p) - 1), np.diff(p)) + f
        for (_, _, p), f in zip(coefficients, first_row, strict=False)
    ]
    row = np.concatenate(rows or [np.empty(0, dtype=np.int64)])
    order = np.lexsort((row, column))
    start = np.searchsorted(column[order], np.arange(n + 1))
    alike: dict[bytes, list[int]] = {}
    for c in np.flatnonzero(program.columns.integer).tolist():
        part = order[start[c] : start[c + 1]]
        costs = np.array([g.cost[c] for g in program.goals])
        alike.setdefault(row[part].tobytes() + value[part].tobytes() + costs.tobytes(), []).append(c)
    out = x.copy()
    for group in alike.values():
        if len(group) > 1:
            out[group] = np.sort(x[group])[::-1]
    return out


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


def _lock(goal: Goal, value: float) -> Rows:
    """A row that keeps a goal's value, up to half a grain or float noise."""
    at = np.flatnonzero(goal.cost)
    # In steps of the grain the row has whole numbers, and half a step separates equal from worse.
    unit = goal.grain if goal.grain > 0 else max(1.0, float(np.abs(goal.cost).max(initial=1.0)))
    slack = 0.5 if goal.grain > 0 else 1e-9 * max(1.0, abs(value)) / unit
    target = (value - goal.offset) / unit
    low, high = (target - slack, np.inf) if goal.sense == "max" else (-np.inf, target + slack)
    return rows_from(f"keep {goal.name}", [(at, goal.cost[at] / unit)], [low], [high], [goal.name], elastic=False)


def _keeps(program: Program, locks: Sequence[Rows], x: Floats) -> bool:
    return worst_violation([*program.blocks, *locks], x) <= ROW_TOLERANCE


def _no_worse(goal: Goal, x: Floats, than: Floats) -> bool:
    difference = value_of(goal, x) - value_of(goal, than)
    return difference >= -1e-9 if goal.sense == "max" else difference <= 1e-9


def _result(goal: Goal, answer: Answer) -> GoalResult:
    return GoalResult(
        goal.name, goal.sense, answer.objective, answer.bound, answer.gap, answer.status, answer.seconds
    )
