"""Walking distances on a street grid, from each of some cells to every cell within a limit."""

from __future__ import annotations

from typing import Any

import numpy as np

from siteopt.compiled import compiled


@compiled
def walks(start: Any, right_m: Any, down_m: Any, width: int, limit_m: int, cell: Any, metres: Any, first: Any) -> int:
    """Bounded shortest paths in whole metres, with one bucket of the queue per metre.

    Parameters
    ----------
    start : (S,) int64 cells walked from
    right_m, down_m : (I,) int32 length of the street to the next cell in the row or column; 0 where there is none
    width : cells in a row
    limit_m : the longest walk, itself included
    cell, metres : (P,) int32, int16; filled with the pairs of each start after those of the one before. No street
        is shorter than 100 m, so that 2 s (s + 1) + 1 pairs per start with s = limit_m // 100 are enough.
    first : (S + 1,) int64; filled with where the pairs of each start begin

    Returns
    -------
    int
        Number of pairs.
    """
    n = len(right_m)
    far = limit_m + 1
    best = np.full(n, far, np.int32)
    bucket = np.full(far, -1, np.int32)
    entry_cell = np.empty(8 * (limit_m // 100 + 2) ** 2, np.int32)
    entry_next = np.empty(len(entry_cell), np.int32)
    to = np.empty(4, np.int64)
    length = np.empty(4, np.int64)
    many = 0
    for s in range(len(start)):
        first[s] = many
        best[start[s]] = 0
        entry_cell[0], entry_next[0], bucket[0] = start[s], -1, 0
        entries = 1
        for d in range(far):
            while bucket[d] >= 0:
                e = bucket[d]
                bucket[d] = entry_next[e]
                i = entry_cell[e]
                if best[i] != d:
                    continue
                best[i] = -d - 1  # settled; the sign keeps a second entry of the same length out
                cell[many], metres[many] = i, d
                many += 1
                to[0], length[0] = i + 1, right_m[i]
                to[1], length[1] = i + width, down_m[i]
                to[2], length[2] = i - 1, right_m[i - 1] if i % width else 0
                to[3], length[3] = i - width, down_m[i - width] if i >= width else 0
                for k in range(4):
                    there = d + length[k]
                    if length[k] > 0 and there <= limit_m and there < best[to[k]]:
                        best[to[k]] = there
                        entry_cell[entries], entry_next[entries] = to[k], bucket[there]
                        bucket[there] = entries
                        entries += 1
        for p in range(first[s], many):
            best[cell[p]] = far
    first[len(start)] = many
    return many
