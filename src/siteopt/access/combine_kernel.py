"""Compiled: for each cell, the sites reached over the tail of its street, over the head, and along the street itself.

Each of the three rows is ascending by site, so one pass over them writes a cell's pairs in their final order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from siteopt.compiled import compiled


@compiled
def combine(
    first: int, tail: Any, head: Any, edge: Any, forth_m: Any, back_m: Any, tail_m: Any, head_m: Any, access_m: Any,
    row: Any, row_site: Any, row_m: Any, own: Any, own_site: Any, site_forth: Any, site_back: Any, site_access: Any,
    cutoff_m: float, m_per_min: float, limit_min: float, out_count: Any, out_site: Any, out_min: Any,
) -> int:  # fmt: skip
    """Pairs of cell after cell, until the output is full; the first cell that was not done is returned.

    Parameters
    ----------
    first : the cell to start with
    tail, head, edge : (N,) of each cell, edge -1 when it reaches nothing; forth_m ... access_m : (N,) its Ends
    row, row_site, row_m : sites reached from each node; own, own_site : sites on each edge
    site_forth, site_back, site_access : (J,)
    cutoff_m, m_per_min, limit_min : both limits inclusive
    out_count : (N,), out_site, out_min : pairs of the cells done, one after the other
    """
    done = 0
    for c in range(first, len(edge)):
        out_count[c] = 0
        if edge[c] < 0:
            continue
        i, i_end = row[tail[c]], row[tail[c] + 1]
        j, j_end = row[head[c]], row[head[c] + 1]
        k, k_end = own[edge[c]], own[edge[c] + 1]
        if done + (i_end - i) + (j_end - j) + (k_end - k) > len(out_site):
            return c
        began = done
        while i < i_end or j < j_end or k < k_end:
            site = np.int64(9_000_000_000)
            if i < i_end:
                site = np.int64(row_site[i])
            if j < j_end and row_site[j] < site:
                site = np.int64(row_site[j])
            if k < k_end and own_site[k] < site:
                site = np.int64(own_site[k])
            metres = np.inf
            if i < i_end and row_site[i] == site:
                metres = row_m[i] + tail_m[c]
                i += 1
            if j < j_end and row_site[j] == site:
                metres = min(metres, row_m[j] + head_m[c])
                j += 1
            if k < k_end and own_site[k] == site:
                along = site_forth[site] - forth_m[c]
                if along < 0:
                    along = back_m[c] - site_back[site]
                metres = min(metres, along)
                k += 1
            metres += access_m[c]
            metres += site_access[site]
            minutes = metres / m_per_min
            if metres <= cutoff_m and minutes <= limit_min:
                out_site[done] = site
                out_min[done] = minutes
                done += 1
        out_count[c] = done - began
    return len(edge)
