"""Why there is no plan: the rules that clash, and the least that would have to give.

Every elastic row gets a slack at a price per unit of its own size; the cheapest point shows where and by how much.
A deletion filter over the rules leaves a set of which every member is needed for the clash.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from siteopt.plan import Diagnosis, Relaxation
from siteopt.program import Columns, Goal, Limits, Program, Rows
from siteopt.solve.backend import Backend, Stop
from siteopt.solve.strategy import quiet
from siteopt.units import Bools, Floats

SLACK_TOLERANCE = 1e-6


def diagnose(program: Program, backend: Backend, limits: Limits) -> Diagnosis:
    """Name the clash of an infeasible program.

    Parameters
    ----------
    program : Program, infeasible
    backend : Backend
    limits : time for the whole diagnosis

    Returns
    -------
    Diagnosis
        ``complete`` is False when time ran out before every rule was tested.
    """
    deadline = time.perf_counter() + limits.time_limit_s
    relaxations = _least_relaxation(program, backend, replace(limits, time_limit_s=limits.time_limit_s / 2, gap=1e-3))
    clashing, complete = _clash(program, backend, limits, deadline)
    return Diagnosis(clashing=clashing, relaxations=relaxations, complete=complete)


def _least_relaxation(program: Program, backend: Backend, limits: Limits) -> tuple[Relaxation, ...]:
    """Slack on every elastic row, priced by the size of the row's bound."""
    n = len(program.columns)
    blocks: list[Rows] = []
    prices: list[Floats] = []
    where: list[tuple[Rows, int]] = []
    extra = 0
    for block in program.blocks:
        if not block.elastic:
            blocks.append(block)
            continue
        for side in _one_sided(block):
            limit = np.where(np.isfinite(side.lower), side.lower, side.upper)
            blocks.append(_with_slack(side, n + extra))
            prices.append(1.0 / np.maximum(np.abs(limit), 1.0))
            where.extend((side, r) for r in range(len(side)))
            extra += len(side)
    if not extra:
        return ()
    columns = Columns(
        start=program.columns.start,
        lower=np.concatenate([program.columns.lower, np.zeros(extra)]),
        upper=np.concatenate([program.columns.upper, np.full(extra, np.inf)]),
        integer=np.concatenate([program.columns.integer, np.zeros(extra, dtype=np.bool_)]),
    )
    goal = Goal("relaxation", "min", np.concatenate([np.zeros(n), *prices]))
    elastic = Program(columns, tuple(blocks), (goal,))
    answer = backend.solve(elastic, goal, (), limits=limits, start=None, report=quiet, stop=Stop())
    if answer.x is None:
        return ()
    slack = answer.x[n:]
    found = []
    for k in np.flatnonzero(slack > SLACK_TOLERANCE):
        block, r = where[k]
        is_floor = bool(np.isfinite(block.lower[r]))
        kept = float(block.lower[r] if is_floor else block.upper[r])
        # What is told is the limit that the planner gave, what stands today included.
        stated = kept if block.stated is None else float(block.stated[r])
        today = 0.0 if block.today is None else float(block.today[r])
        need = (stated + today) / block.per_unit
        short = (float(slack[k]) - abs(stated - kept)) / block.per_unit
        found.append(
            Relaxation(
                rule=block.owner,
                subject=block.subject[r] if block.subject else "",
                need=need,
                possible=need - short if is_floor else need + short,
                shortfall=short,
                unit=block.unit,
            )
        )
    return tuple(sorted(found, key=lambda f: (f.rule, f.subject)))


def _one_sided(block: Rows) -> list[Rows]:
    """The floors and the ceilings of a block, each row with one bound."""
    floors, ceilings = np.isfinite(block.lower), np.isfinite(block.upper)
    return [
        replace(_only(block, floors), upper=np.full(int(floors.sum()), np.inf)),
        replace(_only(block, ceilings), lower=np.full(int(ceilings.sum()), -np.inf)),
    ]


def _only(block: Rows, keep: Bools) -> Rows:
    size = np.diff(block.indptr)
    entries = np.repeat(keep, size)
    return replace(
        block,
        indptr=np.concatenate([[0], np.cumsum(size[keep])]).astype(np.int64),
        column=block.column[entries],
        value=block.value[entries],
        lower=block.lower[keep],
        upper=block.upper[keep],
        subject=tuple(s for s, k in zip(block.subject, keep.tolist(), strict=True) if k),
        stated=None if block.stated is None else block.stated[keep],
        today=None if block.today is None else block.today[keep],
    )


def _with_slack(block: Rows, first: int) -> Rows:
    """Each row with a slack column of its own: + where it has a floor, - where it has a ceiling."""
    n = len(block)
    size = np.diff(block.indptr)
    indptr = np.concatenate([[0], np.cumsum(size + 1)]).astype(np.int64)
    last = indptr[1:] - 1
    own = np.zeros(indptr[-1], dtype=np.bool_)
    own[last] = True
    column, value = np.empty(indptr[-1], dtype=np.int64), np.empty(indptr[-1])
    column[own], value[own] = first + np.arange(n), np.where(np.isfinite(block.lower), 1.0, -1.0)
    column[~own], value[~own] = block.column, block.value
    return replace(block, indptr=indptr, column=column, value=value)


def _clash(program: Program, backend: Backend, limits: Limits, deadline: float) -> tuple[tuple[str, ...], bool]:
    """A set of rules that cannot be kept together, of which none can be left out."""
    # A planner may call a rule of her own "coverage"; the links of that name are never elastic.
    logic = [b for b in program.blocks if b.role == "link" and not b.elastic]
    rules = [b for b in program.blocks if b.role != "link" or b.elastic]
    owners = list(dict.fromkeys(b.owner for b in rules))
    keep = list(owners)
    for owner in owners:
        if time.perf_counter() > deadline:
            return tuple(keep), False
        rest = [b for b in rules if b.owner in keep and b.owner != owner]
        if not _feasible(program, [*logic, *rest], backend, replace(limits, time_limit_s=10.0)):
            keep.remove(owner)
    return tuple(keep), True


def _feasible(program: Program, blocks: Sequence[Rows], backend: Backend, limits: Limits) -> bool:
    """Whether some plan keeps these rows; an engine that cannot tell counts as yes (the rule stays in the set)."""
    goal = Goal("any", "min", np.zeros(len(program.columns)))
    trial = Program(program.columns, tuple(blocks), (goal,))
    if not len(program.columns):
        return all(np.all(b.lower <= 0) and np.all(b.upper >= 0) for b in blocks)
    answer = backend.solve(trial, goal, (), limits=limits, start=None, report=quiet, stop=Stop())
    return answer.status != "infeasible"
