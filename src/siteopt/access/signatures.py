"""Cells that no plan can tell apart, merged as they come: memory follows the number of different cells, not of cells.

The signature of a cell is the sites it reaches, each with its level (the smallest walking limit, of a type that may
open or stands there, that the walk keeps), and the segment it lies in (its community). Cells of one signature are
covered by the same outlets under every plan, so one row with their people stands for all of them, exactly.

Rows are compared member by member; a hash only says where to look. Sums are of integers (see
:mod:`siteopt.access.exact`), minutes are the longest, ranks the smallest: so merging is associative and commutative,
and the finished table has one order. Batches, their order and who merged them change nothing, to the byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from siteopt.access.exact import LIMBS, carried, limbs_of, people_of
from siteopt.compiled import available
from siteopt.problem import TravelTimes
from siteopt.units import Bools, Floats, Ints, within

PER_M = 1024
"""Positions are added up as whole 1/1024 m."""

_COMPILED_FROM = 200_000
"""Pairs in one batch from which the compiled loop is worth its import."""


@dataclass(frozen=True, eq=False)
class Levels:
    """The walking limits that a pair of cell and site can keep.

    Attributes
    ----------
    limit_min : (L,) different limits, ascending
    of_pair : (J, L+1) the level that stands for a walk that keeps limit l and none below, -1 where no type that
        may open or stands at the site has that limit or a longer one; the last column is "keeps none"
    """

    limit_min: Floats
    of_pair: Ints

    @property
    def n_levels(self) -> int:
        """L."""
        return len(self.limit_min)


def levels_of(limit_min: Floats, useful: Bools) -> Levels:
    """The levels of a world.

    Parameters
    ----------
    limit_min : (T,) walking limit of each type
    useful : (J, T) bool, an outlet of the type may open or stands at the site

    Returns
    -------
    Levels
        Two walks to a site have the same level exactly when they keep the limits of the same useful types.
    """
    limits, level_of_type = np.unique(limit_min, return_inverse=True)
    of_pair = np.full((len(useful), len(limits) + 1), -1, dtype=np.int64)
    for t in np.argsort(-limit_min, kind="stable"):  # from the longest: the last word has the smallest that is kept
        level = int(level_of_type[t])
        of_pair[useful[:, t], : level + 1] = level
    return Levels(np.asarray(limits, dtype=np.float64), of_pair)


@dataclass(frozen=True, eq=False)
class Signatures:
    """Different cells (C rows) with what their members add up to.

    Attributes
    ----------
    indptr : (C+1,) int64
    code : (P,) int64, site * L + level, ascending within a row
    minutes : (P,) float64, the longest walk of any member
    segment : (C,) int64, community of all members, -1 none
    n_cells : (C,) int64
    people : (C, G, 3) int64, see :mod:`siteopt.access.exact`
    xy : (C, 2) int64, positions of the members added up, 1/1024 m
    first : (C,) int64, the smallest rank of a member: where it stands in the layer
    """

    indptr: Ints
    code: Ints
    minutes: Floats
    segment: Ints
    n_cells: Ints
    people: Ints
    xy: Ints
    first: Ints

    def __len__(self) -> int:
        return len(self.segment)


def signatures_of(
    travel: TravelTimes, levels: Levels, people: Floats, segment: Ints, xy_m: Floats, rank: Ints
) -> Signatures:
    """The different cells of one batch.

    Parameters
    ----------
    travel : TravelTimes of the batch, I cells
    levels : Levels
    people : (I, G) persons
    segment : (I,) what merged cells must share besides the covering set
    xy_m : (I, 2) metres
    rank : (I,) where each cell stands in the layer

    Returns
    -------
    Signatures
    """
    level = np.zeros(len(travel.minutes), dtype=np.int64)
    for limit in levels.limit_min:
        level += ~within(travel.minutes, limit)
    level = levels.of_pair[travel.site, level]
    kept = level >= 0
    running = np.concatenate([[0], np.cumsum(kept)])
    return _distinct(
        Signatures(
            indptr=running[travel.indptr].astype(np.int64),
            code=(travel.site[kept] * levels.n_levels + level[kept]).astype(np.int64),
            minutes=np.asarray(travel.minutes[kept], dtype=np.float64),
            segment=np.asarray(segment, dtype=np.int64),
            n_cells=np.ones(len(segment), dtype=np.int64),
            people=limbs_of(people),
            xy=np.rint(xy_m * PER_M).astype(np.int64),
            first=np.asarray(rank, dtype=np.int64),
        )
    )


def no_signatures(n_groups: int) -> Signatures:
    """A table without rows."""
    none = np.empty(0, dtype=np.int64)
    people, xy = np.empty((0, n_groups, LIMBS), dtype=np.int64), np.empty((0, 2), dtype=np.int64)
    return Signatures(np.zeros(1, dtype=np.int64), none, np.empty(0), none, none, people, xy, none)


def merged(parts: Sequence[Signatures]) -> Signatures:
    """Several tables as one; at least one must be given."""
    if len(parts) == 1:
        return parts[0]
    start = np.cumsum([0, *(part.indptr[-1] for part in parts)])
    inner = [part.indptr[1:] + before for part, before in zip(parts, start[:-1], strict=True)]
    return _distinct(
        Signatures(
            indptr=np.concatenate([np.zeros(1, dtype=np.int64), *inner]),
            code=np.concatenate([p.code for p in parts]),
            minutes=np.concatenate([p.minutes for p in parts]),
            segment=np.concatenate([p.segment for p in parts]),
            n_cells=np.concatenate([p.n_cells for p in parts]),
            people=np.concatenate([p.people for p in parts]),
            xy=np.concatenate([p.xy for p in parts]),
            first=np.concatenate([p.first for p in parts]),
        )
    )


class Gathering:
    """Takes tables one by one; holds at most about twice what is different among them.

    Tables wait until one of like size comes, so that a large table is not merged anew for each small batch.
    """

    def __init__(self, n_groups: int) -> None:
        self._stack: list[Signatures] = [no_signatures(n_groups)]

    def add(self, part: Signatures) -> None:
        """Take one more table."""
        self._stack.append(part)
        while len(self._stack) > 1 and _load(self._stack[-2]) <= 2 * _load(self._stack[-1]):
            last = self._stack.pop()
            self._stack[-1] = merged([self._stack[-1], last])

    def so_far(self) -> Signatures:
        """All that was taken, as one table in the order in which it came."""
        self._stack = [merged(self._stack)]
        return self._stack[0]

    def finished(self) -> Signatures:
        """All that was taken, in the one order that every way of gathering ends in."""
        return ordered(self.so_far())


def ordered(table: Signatures) -> Signatures:
    """Rows by number of sites, then segment, then sites and levels."""
    size = np.diff(table.indptr)
    parts = [_sorted_rows(table, np.flatnonzero(size == length), int(length)) for length in np.unique(size)]
    return _taken(table, np.concatenate(parts)) if parts else table


def _sorted_rows(table: Signatures, rows: Ints, length: int) -> Ints:
    """Rows of one length, sorted by segment and members."""
    members = table.code[table.indptr[rows][:, None] + np.arange(length)]
    key = np.column_stack([table.segment[rows] + 1, members]).astype(">i8")  # bytes in the order of the numbers
    return rows[np.argsort(np.ascontiguousarray(key).view(f"V{key.shape[1] * 8}").ravel(), kind="stable")]


def _taken(table: Signatures, rows: Ints) -> Signatures:
    size = np.diff(table.indptr)[rows]
    indptr = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    at = np.repeat(table.indptr[rows] - indptr[:-1], size) + np.arange(indptr[-1])
    return Signatures(
        indptr,
        table.code[at],
        table.minutes[at],
        table.segment[rows],
        table.n_cells[rows],
        table.people[rows],
        table.xy[rows],
        table.first[rows],
    )


def site_of(table: Signatures, levels: Levels) -> Ints:
    """(P,) the site of each member."""
    return table.code // levels.n_levels


def persons(table: Signatures) -> Floats:
    """(C, G) persons."""
    return people_of(table.people)


def mean_xy_m(table: Signatures) -> Floats:
    """(C, 2) the mean position of the members, metres."""
    return table.xy / (table.n_cells * PER_M)[:, None]


def _load(table: Signatures) -> int:
    """How much a table weighs, in rows."""
    return len(table) + len(table.code) // 8


def _distinct(table: Signatures) -> Signatures:
    """Rows that are the same, as one row with their sums."""
    if not len(table):
        return table
    compiled = available() and len(table.code) + len(table) >= _COMPILED_FROM
    group, first = (_groups_compiled if compiled else _groups)(table)
    unique = _taken(table, first)
    order = np.argsort(group, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(group))[:-1]])
    return replace(
        unique,
        minutes=(_longest_compiled if compiled else _longest)(table, group, unique.indptr),
        n_cells=np.add.reduceat(table.n_cells[order], start),
        people=carried(np.add.reduceat(table.people[order], start, axis=0)),
        xy=np.add.reduceat(table.xy[order], start, axis=0),
        first=np.minimum.reduceat(table.first[order], start),
    )


def _groups(table: Signatures) -> tuple[Ints, Ints]:
    """(class of each row, first row of each class), with numpy: the same classes as the compiled loop finds."""
    size = np.diff(table.indptr)
    group = np.empty(len(table), dtype=np.int64)
    first: list[Ints] = []
    n_classes = 0
    for length in np.unique(size):
        rows = np.flatnonzero(size == length)
        members = table.code[table.indptr[rows][:, None] + np.arange(length)]
        key = np.ascontiguousarray(np.column_stack([table.segment[rows], members])).view(f"V{8 * (length + 1)}")
        _, at, label = np.unique(key.ravel(), return_index=True, return_inverse=True)
        group[rows] = n_classes + label.ravel()
        first.append(rows[at])
        n_classes += len(at)
    return group, np.concatenate(first)


def _longest(table: Signatures, group: Ints, class_indptr: Ints) -> Floats:
    out = np.zeros(class_indptr[-1])
    to = np.repeat(class_indptr[group] - table.indptr[:-1], np.diff(table.indptr))
    np.maximum.at(out, to + np.arange(len(table.code)), table.minutes)
    return out


def _groups_compiled(table: Signatures) -> tuple[Ints, Ints]:
    from siteopt.access.signatures_kernel import group_rows

    n = len(table)
    group, first = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    slots = np.full(1 << (2 * n - 1).bit_length(), -1, dtype=np.int64)
    n_classes = int(group_rows(table.indptr, table.code, table.segment, slots, group, first))
    return group, first[:n_classes].copy()


def _longest_compiled(table: Signatures, group: Ints, class_indptr: Ints) -> Floats:
    from siteopt.access.signatures_kernel import longest

    out = np.zeros(class_indptr[-1])
    longest(table.indptr, table.minutes, group, class_indptr, out)
    return out
