"""Compiled: a grid of street segments, and the few stretches that may be nearest to each point.

This only narrows the choice down; which of the few is nearest, and where on it, is decided by the same geometry
library as without compiled loops, so both give the same answer to the bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from siteopt.compiled import compiled


@compiled
def fill_grid(
    x: Any, y: Any, owner: Any, x0: float, y0: float, side: float, columns: int, rows: int, place: Any, segment: Any
) -> None:
    """Count (``segment`` empty) or write the segments that pass through each square of a grid.

    Parameters
    ----------
    x, y : (M,) vertices; owner : (M,) stretch of each; segment k runs from vertex k to k + 1 of one stretch
    place : (columns * rows,) counts, or the next free place of each square's row in ``segment``
    """
    write = len(segment) > 0
    for k in range(len(x) - 1):
        if owner[k] != owner[k + 1]:
            continue
        ax, ay, bx, by = x[k] - x0, y[k] - y0, x[k + 1] - x0, y[k + 1] - y0
        if bx < ax:
            ax, ay, bx, by = bx, by, ax, ay
        first, last = int(ax // side), int(bx // side)
        slope = (by - ay) / (bx - ax) if bx > ax else 0.0
        for c in range(first, last + 1):
            # Heights where the segment enters and leaves this column, a little wider than float noise.
            left, right = max(ax, c * side), min(bx, (c + 1) * side)
            a, b = (ay, by) if first == last else (ay + (left - ax) * slope, ay + (right - ax) * slope)
            low, high = min(a, b) - 1e-6 * side, max(a, b) + 1e-6 * side
            for r in range(max(int(low // side), 0), min(int(high // side), rows - 1) + 1):
                square = min(max(c, 0), columns - 1) * rows + r
                if write:
                    segment[place[square]] = k
                place[square] += 1


@compiled
def nearest(
    px: Any, py: Any, x: Any, y: Any, owner: Any, x0: float, y0: float, side: float, columns: int, rows: int,
    indptr: Any, segment: Any, most_rings: int, tolerance: float, count: Any, stretch: Any,
) -> None:  # fmt: skip
    """For each point the stretches no farther than the nearest one, float noise allowed for.

    Parameters
    ----------
    px, py : (N,) points
    x, y, owner, x0 ... rows : as in :func:`fill_grid`
    indptr, segment : CSR by square
    most_rings : squares to look away from the point's own
    tolerance : metres that distances may be wrong by
    count : (N,) how many stretches were found; 0 = none near, or too many to hold: look elsewhere
    stretch : (N, K)
    """
    room = stretch.shape[1]
    metres = np.empty(room)
    for p in range(len(px)):
        column, row = int((px[p] - x0) // side), int((py[p] - y0) // side)
        fx, fy = px[p] - x0 - column * side, py[p] - y0 - row * side
        # How far the edge of the point's own square is: beyond it by whole squares lies what was not looked at.
        inner = max(min(min(fx, side - fx), min(fy, side - fy)), 0.0)
        best, held, dropped = np.inf, 0, np.inf
        for ring in range(most_rings + 1):
            if best + tolerance < (ring - 1) * side + inner:
                break
            for c in range(max(column - ring, 0), min(column + ring, columns - 1) + 1):
                whole = c in (column - ring, column + ring)
                step = 1 if whole or ring == 0 else 2 * ring
                for r in range(row - ring, row + ring + 1, step):
                    if r < 0 or r >= rows:
                        continue
                    square = c * rows + r
                    for at in range(indptr[square], indptr[square + 1]):
                        k = segment[at]
                        dx, dy = x[k + 1] - x[k], y[k + 1] - y[k]
                        ex, ey = px[p] - x[k], py[p] - y[k]
                        square_m = dx * dx + dy * dy
                        t = (ex * dx + ey * dy) / square_m if square_m > 0 else 0.0
                        t = min(max(t, 0.0), 1.0)
                        ex, ey = ex - t * dx, ey - t * dy
                        d = np.sqrt(ex * ex + ey * ey)
                        if d > best + tolerance:
                            continue
                        if d < best:
                            best = d
                            kept = 0
                            for h in range(held):
                                if metres[h] <= best + tolerance:
                                    metres[kept], stretch[p, kept] = metres[h], stretch[p, h]
                                    kept += 1
                            held = kept
                        known = False
                        for h in range(held):
                            if stretch[p, h] == owner[k]:
                                metres[h] = min(metres[h], d)
                                known = True
                        if not known:
                            if held == room:
                                dropped = min(dropped, d)
                            else:
                                metres[held], stretch[p, held] = d, owner[k]
                                held += 1
        else:
            # Out of rings: right only if nothing nearer can lie beyond the last one.
            if best + tolerance >= most_rings * side + inner:
                held = 0
        count[p] = 0 if dropped <= best + tolerance else held
