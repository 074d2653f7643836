"""Rows with the same sites become one row.

Rows are sorted by a sum of random codes of their members, and then the members themselves are compared with those of
the first row of each group: equal codes alone prove nothing. O(P + I log I) for P stored pairs, no Python per row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from siteopt.units import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Rows:
    """Sets of sites with a number each.

    Attributes
    ----------
    indptr : (R + 1,) int64
    site : (P,) ascending within a row
    value : (R,) what a row is worth
    """

    indptr: Ints
    site: Any
    value: Floats

    def __len__(self) -> int:
        return len(self.value)

    @property
    def size(self) -> Ints:
        """(R,) sites in each row."""
        return np.diff(self.indptr)

    def only(self, keep: Bools) -> Rows:
        """The rows of a mask."""
        inside = np.repeat(keep, self.size)
        return Rows(_starts(self.size[keep]), self.site[inside], self.value[keep])

    def without_sites(self, gone: Bools) -> Rows:
        """The same rows without some sites."""
        inside = ~gone[self.site]
        kept = np.concatenate([[0], np.cumsum(inside)])
        return Rows(kept[self.indptr], self.site[inside], self.value)

    def counts(self, sites: Bools) -> Ints:
        """(R,) how many of some sites are in each row."""
        kept = np.concatenate([[0], np.cumsum(sites[self.site])])
        return np.diff(kept[self.indptr])


def _starts(size: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(size)]).astype(np.int64)


@cache
def _codes(n: int) -> Any:
    return np.random.default_rng(20260101).integers(1, 2**63, n, dtype=np.uint64)


def alike(indptr: Ints, site: Any, key: Ints | None = None, codes: Any = None) -> tuple[Ints, Ints]:
    """Groups of rows with the same sites (and the same key).

    Parameters
    ----------
    indptr, site : CSR, ascending within a row
    key : (R,) whole numbers >= 0 that rows of a group share, or None
    codes : (J,) uint64, other codes than the usual ones (for tests)

    Returns
    -------
    label : (R,) group of each row, -1 for rows without sites; groups are in order of their first row
    first : (G,) first row of each group
    """
    size = np.diff(indptr)
    label = np.full(len(size), -1, dtype=np.int64)
    rows = np.flatnonzero(size > 0)
    if not len(rows):
        return label, rows
    codes = _codes(int(site.max()) + 1) if codes is None else codes
    mark = np.add.reduceat(codes[site], indptr[rows])
    if key is not None:
        mark += key[rows].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    order = np.argsort(mark, kind="stable")
    fresh = np.concatenate([[True], mark[order][1:] != mark[order][:-1]])
    group = np.empty(len(rows), dtype=np.int64)
    group[order] = np.cumsum(fresh) - 1
    first = rows[order[fresh]]  # the sort is stable: the first row of each group
    doubtful = _doubtful(indptr, site, size, rows, first[group], key)
    if doubtful.any():
        return _one_by_one(indptr, site, rows, key, label)
    place = np.argsort(first)
    rank = np.empty(len(first), dtype=np.int64)
    rank[place] = np.arange(len(first))
    label[rows] = rank[group]
    return label, first[place]


def _doubtful(indptr: Ints, site: Any, size: Ints, rows: Ints, like: Ints, key: Ints | None) -> Bools:
    """(len(rows),) rows whose members are not those of the row they were put with."""
    wrong: Bools = size[rows] != size[like]
    if key is not None:
        wrong |= key[rows] != key[like]
    if wrong.any():
        return wrong
    shift = np.repeat(indptr[like] - indptr[rows], size[rows])
    differs = site != site[np.arange(len(site)) + shift]
    if differs.any():
        return np.asarray(np.add.reduceat(differs, indptr[rows]) > 0)
    return wrong


def _one_by_one(indptr: Ints, site: Any, rows: Ints, key: Ints | None, label: Ints) -> tuple[Ints, Ints]:
    """The slow and sure way, for the day when two sets have one code."""
    seen: dict[tuple[bytes, int], int] = {}
    first: list[int] = []
    for r in rows.tolist():
        members = site[indptr[r] : indptr[r + 1]].tobytes(), 0 if key is None else int(key[r])
        if members not in seen:
            seen[members] = len(first)
            first.append(r)
        label[r] = seen[members]
    return label, np.array(first, dtype=np.int64)


def merged(rows: Rows, key: Ints | None = None) -> tuple[Rows, Ints, Ints]:
    """Rows with the same sites as one, values added; rows without sites leave.

    Returns
    -------
    rows, label, first : the groups, the group of each row (-1 none), the first row of each group
    """
    label, first = alike(rows.indptr, rows.site, key)
    there = label >= 0
    value = np.bincount(label[there], weights=rows.value[there], minlength=len(first)).astype(np.float64)
    size = rows.size[first]
    start = _starts(size)
    at = np.arange(int(start[-1])) + np.repeat(rows.indptr[first] - start[:-1], size)
    return Rows(start, rows.site[at], value), label, first
