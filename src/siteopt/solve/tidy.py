"""A plan put in order: without what it can do without, and with the first of columns that are alike."""

from __future__ import annotations

import time

import numpy as np

from siteopt.program import Program
from siteopt.solve.backend import ROW_TOLERANCE, no_worse, rounded, worst_violation
from siteopt.solve.kinds import choices, liftable
from siteopt.units import Floats


def trimmed(program: Program, x: Floats, *, until: float = np.inf) -> Floats:
    """A plan that was not brought to its end, without the columns that it can do without.

    The dearest first: a column is closed when every row still holds and no goal loses anything. Columns that a rule
    brings along stay as they are. What is not looked at by ``until`` (of ``time.perf_counter``) stays.
    """
    last, lift = program.goals[-1], liftable(program)
    opened = np.flatnonzero(choices(program) & (x > 0.5) & (program.columns.lower == 0))
    for column in opened[np.argsort(-last.cost[opened], kind="stable")]:
        if time.perf_counter() > until:
            break
        trial = np.where(lift, program.columns.lower, x)
        trial[column] = 0.0
        trial = rounded(program, trial)
        if all(no_worse(g, trial, x) for g in program.goals):
            x = trial if worst_violation(program.blocks, trial) <= ROW_TOLERANCE else x
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
        # Of columns with other bounds (one of them refused, say) none can stand for the other.
        rest = np.array([program.columns.lower[c], program.columns.upper[c], *(g.cost[c] for g in program.goals)])
        alike.setdefault(row[part].tobytes() + value[part].tobytes() + rest.tobytes(), []).append(c)
    out = x.copy()
    for group in alike.values():
        if len(group) > 1:
            out[group] = np.sort(x[group])[::-1]
    return out
