"""Loops of the Lagrangian bound. Options in rows (each option's classes), all arrays flat; see ``lagrange.py``."""

from __future__ import annotations

import numpy as np

from siteopt.compiled import compiled
from siteopt.units import Floats, Ints


@compiled
def priced(indptr: Ints, classes: Ints, alive: Ints, u: Floats, base: Floats, out: Floats) -> None:
    """out[j] = base[j] + sum of u over the classes of each living option j."""
    for k in range(len(alive)):
        j = alive[k]
        total = 0.0
        for e in range(indptr[j], indptr[j + 1]):
            total += u[classes[e]]
        out[j] = base[j] + total


@compiled
def chosen(place_start: Ints, member: Ints, lower: Floats, upper: Floats, reduced: Floats, x: Floats) -> float:
    """The best plan of the relaxed problem: in each place the best option worth more than 0; its worth.

    A place with an option that must be open has exactly that one.
    """
    worth = 0.0
    for k in range(len(place_start) - 1):
        best, at = 0.0, -1
        forced = False
        for e in range(place_start[k], place_start[k + 1]):
            j = member[e]
            x[j] = 0.0
            if lower[j] > 0.5:
                if forced:  # two that must be open: no plan exists; keep both, the bound stays above
                    x[j] = 1.0
                    worth += reduced[j]
                    continue
                forced = True
                best, at = reduced[j], j
            elif not forced and upper[j] > 0.5 and reduced[j] > best:
                best, at = reduced[j], j
        if at >= 0:
            x[at] = 1.0
            worth += best
    return worth


@compiled
def lead_price(
    place_start: Ints,
    member: Ints,
    lower: Floats,
    upper: Floats,
    worth: Floats,
    use: Floats,
    limit: float,
    low: float,
    high: float,
    halvings: int,
) -> float:
    """The best price of one ceiling, all other prices given: where the relaxed plan just keeps it.

    Halves [low, high]; returns the upper end.
    """
    for _ in range(halvings):
        middle = 0.5 * (low + high)
        used = 0.0
        for k in range(len(place_start) - 1):
            best, at = 0.0, -1
            forced = False
            for e in range(place_start[k], place_start[k + 1]):
                j = member[e]
                if lower[j] > 0.5:
                    forced = True
                    at = j
                elif not forced and upper[j] > 0.5 and worth[j] - middle * use[j] > best:
                    best, at = worth[j] - middle * use[j], j
            if at >= 0:
                used += use[at]
        if used > limit:
            low = middle
        else:
            high = middle
    return high


@compiled
def counted(indptr: Ints, classes: Ints, x: Floats, count: Floats) -> None:
    """count[c] = how many chosen options cover class c."""
    count[:] = 0.0
    for j in range(len(x)):
        if x[j] > 0.5:
            for e in range(indptr[j], indptr[j + 1]):
                count[classes[e]] += 1.0


@compiled
def lifted(worth: Floats, u: Floats, count: Floats, z: Floats) -> float:
    """z of the relaxed problem and its worth, Σ max(0, worth - u); at a tie z follows the chosen options."""
    total = 0.0
    for c in range(len(u)):
        left = worth[c] - u[c]
        if left > 1e-12 * worth[c]:
            z[c] = 1.0
            total += left
        else:
            z[c] = min(1.0, count[c])
            total += max(0.0, left)
    return total


@compiled
def adam(
    v: Floats, m: Floats, s: Floats, count: Floats, z: Floats, rate: float, warm_m: float, warm_s: float
) -> None:
    """One step of Adam on the shares v = u / worth, kept in [0, 1]."""
    for c in range(len(v)):
        g = count[c] - z[c]
        m[c] = 0.9 * m[c] + 0.1 * g
        s[c] = 0.99 * s[c] + 0.01 * g * g
        v[c] = min(1.0, max(0.0, v[c] - rate * (m[c] / warm_m) / (np.sqrt(s[c] / warm_s) + 1e-8)))


@compiled
def averaged(mean: Floats, now: Floats, share: float) -> None:
    """mean = (1 - share) mean + share now."""
    for c in range(len(mean)):
        mean[c] += share * (now[c] - mean[c])
