"""The matrix: who is within reach of what, from a scipy sparse matrix or a dense (I, J) array.

In a sparse matrix of distances a stored 0 is a demand point at the site's door, and a pair that is not stored is out
of reach; nothing here eliminates zeros. In a dense array ``np.inf`` is out of reach, and NaN is an error with its
place. Only the pairs within reach are kept, rows in order, sites in order within a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from siteopt.textbook.arrays import MOST, BadArrays, amount, loosened, plain
from siteopt.units import Floats, Ints

CHUNK = 4_000_000
"""Cells of a dense array that are looked at in one go."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """The P pairs within reach, by demand point.

    Attributes
    ----------
    indptr : (I + 1,) int64
    site : (P,) int32, ascending within a row
    distance : (P,) float64, or None for a cover without distances
    n_sites : J
    raw : the checked input, CSR or dense, for the audit
    reach : the limit on distances, inf for none
    """

    indptr: Ints
    site: Any
    distance: Floats | None
    n_sites: int
    raw: Any
    reach: float

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def row(self) -> Ints:
        """(P,) the demand point of each pair."""
        return np.repeat(np.arange(len(self)), np.diff(self.indptr))


def read_cover(given: Any, reach: float | None, argument: str = "cover") -> Pairs:
    """Who is covered by what: a boolean matrix, or distances with ``reach``.

    Raises
    ------
    BadArrays
        For numbers without ``reach`` (0/1 or distances?), a boolean matrix with it, and what ``read_distances``
        refuses.
    """
    table = _two_dimensional(given, argument)
    if table.dtype.kind == "b":
        if reach is not None:
            raise BadArrays("reach_of_a_cover", argument="reach", value=reach)
        return _pairs_of_cover(table)
    if reach is None:
        raise BadArrays("reach_needed", argument=argument, dtype=str(table.dtype))
    return read_distances(table, reach, argument, keep=False)


def read_distances(given: Any, reach: float = np.inf, argument: str = "distances", *, keep: bool = True) -> Pairs:
    """The pairs within reach and their distances (dropped where ``keep`` is False).

    Raises
    ------
    BadArrays
        For NaN, negative numbers, text, pairs stored twice, formats that cannot tell a stored 0 from nothing.
    """
    limit = amount("reach", reach, infinite=True)
    table = _two_dimensional(given, argument)
    if table.dtype.kind == "b":
        raise BadArrays("cover_for_distances", argument=argument)
    return (
        _from_sparse(table, limit, argument, keep)
        if sp.issparse(table)
        else _from_dense(table, limit, argument, keep)
    )


def _two_dimensional(given: Any, argument: str) -> Any:
    """The input as CSR with sorted rows, or as a dense (I, J) array."""
    if sp.issparse(given):
        if given.ndim != 2:
            raise BadArrays("not_a_matrix", argument=argument, value=given.ndim)
        return _rowwise(given, argument)
    array = given if isinstance(given, np.ndarray) else _listed(given, argument)
    if array.dtype.kind != "b":
        array = plain(argument, array)
    if array.ndim != 2:
        raise BadArrays("not_a_matrix", argument=argument, value=array.ndim)
    return array


def _listed(given: Any, argument: str) -> Any:
    try:
        return np.asarray(given)
    except ValueError:
        raise BadArrays("ragged", argument=argument) from None


def _rowwise(given: Any, argument: str) -> sp.csr_matrix:
    if given.dtype.kind not in "biuf":
        raise BadArrays("not_numbers", argument=argument, index="data", value="", dtype=str(given.dtype))
    if given.format in ("dia", "bsr") and given.dtype.kind != "b":
        raise BadArrays("zeros_unclear", argument=argument, value=given.format)
    table = sp.csr_matrix(given)
    twice = table.nnz < given.nnz  # a coordinate list sums pairs that it holds twice
    if not table.has_sorted_indices:
        table = table.sorted_indices()
    step = np.diff(table.indices) <= 0
    ends = table.indptr[1:-1]
    step[ends[(ends > 0) & (ends < table.nnz)] - 1] = False
    if (twice or step.any()) and given.dtype.kind != "b":
        at = int(np.flatnonzero(step)[0]) if step.any() else 0
        row = int(np.searchsorted(table.indptr, at, side="right")) - 1
        place = f"[{row}, {int(table.indices[at])}]" if step.any() else "?"
        raise BadArrays("pair_twice", argument=argument, index=place)
    if step.any():
        table = table.copy()
        table.sum_duplicates()
    return table


def _pairs_of_cover(table: Any) -> Pairs:
    """A stored False covers nothing."""
    if not sp.issparse(table):
        return _pairs(table, np.inf, lambda part: part, keep=False)
    if not table.data.all():
        table = sp.csr_matrix(table, copy=True)
        table.eliminate_zeros()
    return Pairs(table.indptr.astype(np.int64), table.indices, None, table.shape[1], table, np.inf)


def _from_sparse(table: Any, reach: float, argument: str, keep: bool) -> Pairs:
    data = table.data
    wrong = ~(data >= 0) | ((data > MOST) & np.isfinite(data))
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        row = int(np.searchsorted(table.indptr, at, side="right")) - 1
        _refuse(argument, (row, int(table.indices[at])), float(data[at]))
    inside = (data <= loosened(reach)) & np.isfinite(data)
    if inside.all():
        distance = data.astype(np.float64) if keep else None
        return Pairs(table.indptr.astype(np.int64), table.indices, distance, table.shape[1], table, reach)
    kept = np.concatenate([[0], np.cumsum(inside)])
    distance = data[inside].astype(np.float64) if keep else None
    return Pairs(kept[table.indptr].astype(np.int64), table.indices[inside], distance, table.shape[1], table, reach)


def _from_dense(table: Any, reach: float, argument: str, keep: bool) -> Pairs:
    step = max(1, CHUNK // max(1, table.shape[1]))
    for first in range(0, len(table), step):
        part = table[first : first + step]
        # NaN makes the least NaN, and then the comparison false
        if part.size and not (part.min() >= 0 and (part.max() <= MOST or not _too_large(part))):
            wrong = np.argwhere(~(part >= 0) | ((part > MOST) & np.isfinite(part)))[0]
            place = (int(wrong[0]) + first, int(wrong[1]))
            _refuse(argument, place, float(table[place]))
    limit = loosened(reach)
    if np.isinf(limit):
        return _pairs(table, reach, np.isfinite, keep)
    return _pairs(table, reach, lambda part: part <= limit, keep)


def _too_large(part: Any) -> bool:
    return bool(((part > MOST) & np.isfinite(part)).any())


def _refuse(argument: str, place: tuple[int, int], value: float) -> None:
    code = "distance_nan" if np.isnan(value) else "distance_below_zero" if value < 0 else "distance_too_large"
    raise BadArrays(code, argument=argument, index=f"[{place[0]}, {place[1]}]", value=value, most=MOST)


def _pairs(table: Any, reach: float, inside: Any, keep: bool) -> Pairs:
    """The pairs of a dense array, a few rows at a time."""
    n, width = table.shape
    step = max(1, CHUNK // max(1, width))
    size = np.zeros(n, dtype=np.int64)
    sites: list[Any] = [np.empty(0, dtype=np.int32)]
    distances: list[Floats] = [np.empty(0)]
    for first in range(0, n, step):
        part = table[first : first + step]
        mask = inside(part)
        size[first : first + step] = np.count_nonzero(mask, axis=1)
        sites.append((np.flatnonzero(mask) % width).astype(np.int32) if width else sites[0])
        if keep:
            distances.append(part[mask].astype(np.float64))
    indptr = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    return Pairs(indptr, np.concatenate(sites), np.concatenate(distances) if keep else None, width, table, reach)
