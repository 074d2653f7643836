"""What columns can be, and what rows can come to at most, by what cannot give: bounds, places, links.

Every figure is a bound on all plans, never an estimate: a limit that lies beyond it is impossible for certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siteopt.program import Columns, Program, Rows
from siteopt.units import Floats, Ints

SURE = 4e-6
"""A limit is impossible when it is missed by more than this (and by float noise): engines and the audit let a row go
by a millionth."""

NOISE = 1e-9
"""Of its size, by which a sum of floats may be off."""

ROUNDS = 4
"""How often bounds of columns are sharpened by the rows that are no rules."""


@dataclass(frozen=True, eq=False)
class Box:
    """(N,) what columns can be, by their bounds and the rows that are no rules."""

    lower: Floats
    upper: Floats


def sharpened(program: Program, box: Box | None = None, extra: Sequence[Rows] = ()) -> Box | None:
    """Bounds of columns, sharpened by the rows that cannot give (and some more); None where nothing is left.

    ``box`` is what is known already, before the ``extra`` rows are heard.
    """
    columns = program.columns
    rows = [b for b in extra if len(b)] + [b for b in program.blocks if not b.elastic and len(b)]
    known = box or Box(columns.lower.astype(np.float64), columns.upper.astype(np.float64))
    lower, upper = known.lower.copy(), known.upper.copy()
    for k in range(ROUNDS):
        before = (lower.copy(), upper.copy())
        for n, block in enumerate(rows):
            if block.role == "link":
                _lift(block, lower, upper)
            else:
                _sharpen(block, lower, upper, columns)
            if box and not k and n == len(extra) - 1 and _same(before, lower, upper):
                return box  # the extra rows say nothing, and the others have been heard
        if (lower > upper + SURE).any():
            return None
        upper = np.maximum(upper, lower)
        if _same(before, lower, upper):
            break
    return Box(lower, upper)


def _same(before: tuple[Floats, Floats], lower: Floats, upper: Floats) -> bool:
    return np.array_equal(before[0], lower) and np.array_equal(before[1], upper)


def _lift(block: Rows, lower: Floats, upper: Floats) -> None:
    """A linked column is at most what its link leaves it; millions of links are heard in one pass."""
    head = block.indptr[:-1]
    # The linked column comes first, with coefficient 1; the others are options, taken away from the other side.
    with np.errstate(invalid="ignore"):
        least = np.where(block.value > 0, block.value * lower[block.column], block.value * upper[block.column])
    least = np.where(block.value == 0, 0.0, least)
    others = np.add.reduceat(least, head) - least[head] if len(head) else np.empty(0)
    edge = block.upper - others
    use = np.isfinite(edge)
    np.minimum.at(upper, block.column[head[use]], edge[use] + NOISE * np.maximum(1.0, np.abs(edge[use])))


def _sharpen(block: Rows, lower: Floats, upper: Floats, columns: Columns) -> None:
    """Each column of a row gets what the others must leave it."""
    row = np.repeat(np.arange(len(block)), np.diff(block.indptr))
    c, a = block.column, block.value
    for sign, limit in ((1.0, block.upper), (-1.0, -block.lower)):
        v = sign * a
        with np.errstate(invalid="ignore"):
            least = np.where(v > 0, v * lower[c], np.where(v < 0, v * upper[c], 0.0))
        total = np.bincount(row, weights=least, minlength=len(block))
        room = limit[row] - (total[row] - least)
        use = np.isfinite(room) & (v != 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            edge = np.where(use, room / v, np.nan)
        whole = columns.integer[c]
        noise = NOISE * np.maximum(1.0, np.abs(edge))
        high, low = use & (v > 0), use & (v < 0)
        most = np.where(whole, np.floor(edge + SURE + noise), edge + noise)
        np.minimum.at(upper, c[high], most[high])
        edge_low = np.where(whole, np.ceil(edge - SURE - noise), edge - noise)
        np.maximum.at(lower, c[low], edge_low[low])


class Packed:
    """How much of a row its columns can give where columns compete for places.

    Each block of ceilings that are no rules (floor area, slots, one period per outlet) is one family: within a place,
    the best columns are taken until it is full (in parts, so the sum is a bound). Of several families the least
    counts, place by place.
    """

    def __init__(self, program: Program, box: Box) -> None:
        n = len(program.columns)
        self._box = box
        self._families: list[tuple[Ints, Floats, Floats]] = []
        self._group = np.arange(n, dtype=np.int64)  # place of each column; its own where it is in none
        for block in program.blocks:
            if block.elastic or not len(block) or (block.value < 0).any() or not np.isfinite(block.upper).all():
                continue
            rows = np.repeat(np.arange(len(block)), np.diff(block.indptr))
            row_of, weight = np.full(n, -1, dtype=np.int64), np.zeros(n)
            row_of[block.column[::-1]] = rows[::-1]  # the first row of a column counts, others are left out
            mine = row_of[block.column] == rows
            weight[block.column[mine]] = block.value[mine]
            used = np.bincount(
                rows[mine], weights=block.value[mine] * box.lower[block.column[mine]], minlength=len(block)
            )
            self._families.append((row_of, weight, np.maximum(block.upper - used, 0.0)))
        self._in_place = np.zeros(n, dtype=np.bool_)
        if self._families:
            self._group = _places(n, [f[0] for f in self._families])
            self._in_place = np.any([f[0] >= 0 for f in self._families], axis=0)

    def most(self, column: Ints, value: Floats) -> float:
        """The most that Σ value·x over some columns (values > 0) can come to above the lower bounds."""
        free = self._box.upper[column] - self._box.lower[column]
        gain = value * free
        if not np.isfinite(gain).all():
            return np.inf
        if not self._in_place[column].any():
            return float(gain.sum())
        group = np.unique(self._group[column], return_inverse=True)[1]
        best = np.bincount(group, weights=gain)
        for row_of, weight, room in self._families:
            best = np.minimum(
                best, np.bincount(group, weights=self._filled(row_of, weight, room, column, value, free))
            )
        return float(best.sum())

    def _filled(
        self, row_of: Ints, weight: Floats, room: Floats, column: Ints, value: Floats, free: Floats
    ) -> Floats:
        """What each column gives when every place of a family is filled, the best per room first."""
        row, w = row_of[column], weight[column]
        bound = (row >= 0) & (w > 0)
        out = value * free
        at = np.flatnonzero(bound)
        if not len(at):
            return np.asarray(out)
        at = at[np.lexsort((-value[at] / w[at], row[at]))]
        taken = w[at] * free[at]
        running = np.cumsum(taken)
        first = np.concatenate([[True], row[at][1:] != row[at][:-1]])
        before = running - taken
        before -= np.repeat(before[first], np.diff(np.append(np.flatnonzero(first), len(at))))
        part = np.clip(room[row[at]] - before, 0.0, taken)
        out[at] = value[at] * part / w[at]
        return np.asarray(out)


def _places(n: int, families: Sequence[Ints]) -> Ints:
    """(N,) one number for columns that share a row of any family, joined through shared columns."""
    group = np.arange(n, dtype=np.int64)
    while True:
        before = group.copy()
        for row_of in families:
            inside = np.flatnonzero(row_of >= 0)
            least = np.full(int(row_of.max(initial=-1)) + 1, n, dtype=np.int64)
            np.minimum.at(least, row_of[inside], group[inside])
            group[inside] = np.minimum(group[inside], least[row_of[inside]])
        if np.array_equal(before, group):
            return group
