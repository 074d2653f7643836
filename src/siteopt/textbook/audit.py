"""Numbers recomputed from the caller's own matrix and the open sites, without any solver variable."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from siteopt.textbook.arrays import loosened
from siteopt.textbook.matrix import CHUNK, Pairs
from siteopt.units import Bools, Floats, Ints


def times_covered(pairs: Pairs, opened: Bools) -> Ints:
    """(I,) how many open sites are within reach of each demand point."""
    raw, limit = pairs.raw, loosened(pairs.reach)
    if sp.issparse(raw):
        inside = opened[raw.indices]
        if raw.dtype.kind != "b":
            inside &= np.isfinite(raw.data) & (raw.data <= limit)
        running = np.concatenate([[0], np.cumsum(inside)])
        return np.asarray(np.diff(running[raw.indptr]), dtype=np.int64)
    columns = np.flatnonzero(opened)
    out = np.zeros(len(raw), dtype=np.int64)
    step = max(1, CHUNK // max(1, len(columns)))
    for first in range(0, len(raw), step):
        part = raw[first : first + step, columns]
        inside = part if raw.dtype.kind == "b" else np.isfinite(part) & (part <= limit)
        out[first : first + step] = np.count_nonzero(inside, axis=1)
    return out


def nearest(pairs: Pairs, opened: Bools) -> tuple[Ints, Floats]:
    """(I,) the nearest open site within reach, the first of equals, -1 none; (I,) its distance, inf none.

    In a cover without distances every covering site is equally near, at 0.
    """
    raw, limit = pairs.raw, loosened(pairs.reach)
    n = len(pairs)
    site, distance = np.full(n, -1, dtype=np.int64), np.full(n, np.inf)
    if sp.issparse(raw):
        length = raw.data.astype(np.float64) if raw.dtype.kind != "b" else np.zeros(raw.nnz)
        inside = opened[raw.indices] & np.isfinite(length) & (length <= limit)
        row = np.repeat(np.arange(n), np.diff(raw.indptr))[inside]
        length, column = length[inside], raw.indices[inside]
        order = np.lexsort((column, length, row))
        rows, first = np.unique(row[order], return_index=True)
        site[rows], distance[rows] = column[order][first], length[order][first]
        return site, distance
    columns = np.flatnonzero(opened)
    if not len(columns) or not n:
        return site, distance
    step = max(1, CHUNK // len(columns))
    for begin in range(0, n, step):
        part: Any = raw[begin : begin + step, columns]
        part = np.where(part, 0.0, np.inf) if raw.dtype.kind == "b" else part.astype(np.float64)
        at = part.argmin(axis=1)
        length = part[np.arange(len(part)), at]
        inside = np.isfinite(length) & (length <= limit)
        site[begin : begin + step] = np.where(inside, columns[at], -1)
        distance[begin : begin + step] = np.where(inside, length, np.inf)
    return site, distance


def shares(covered: Bools, weights: Floats) -> dict[str, float]:
    """Points and weight covered, as numbers and as percentages of all."""
    n, total = len(covered), float(weights.sum())
    points, weight = int(covered.sum()), float(weights[covered].sum())
    return {
        "points": n,
        "points_covered": points,
        "percent_points": 100.0 * points / n if n else 0.0,
        "weight": total,
        "weight_covered": weight,
        "percent_weight": 100.0 * weight / total if total else 0.0,
    }
