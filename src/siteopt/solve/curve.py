"""The curve of best values over ceilings: its nouns, its hull, what must be true of it. Nothing is solved here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from siteopt.program import Answer, Goal
from siteopt.units import Floats


@dataclass(frozen=True, eq=False)
class Point:
    """One ceiling.

    Attributes
    ----------
    amount : the ceiling, in the row's unit (money)
    x : (N,) the best plan known there; None when none is
    value, bound : of the first goal; nan where not known
    spent : the plan's activity on the row, in its unit
    settled : value and bound meet
    infeasible : proven that no plan keeps this ceiling
    searched : False where the neighbours left nothing to search
    """

    amount: float
    x: Floats | None
    value: float
    bound: float
    spent: float
    settled: bool
    infeasible: bool
    searched: bool


@dataclass(frozen=True, eq=False)
class Ends:
    """What holds without a ceiling, and the least that must be spent.

    Attributes
    ----------
    free : the answer without the ceiling; infeasible when the other rules clash
    enough : activity from which on more money buys nothing: proven when ``enough_proven``, else what the best plan
        known needs
    least : the least activity of any plan that keeps the other rows; ``least_proven`` or the bound on it
    """

    free: Answer
    enough: float
    enough_proven: bool
    least: float
    least_proven: bool


@dataclass(frozen=True, eq=False)
class Step:
    """The next improvement: the money it takes in all, the value it adds, whether no less money would do."""

    amount: float
    gain: float
    proven: bool


def slope_near(point: Point, points: Sequence[Point], goal: Goal) -> float:
    """The slope of the concave hull of what is known around a point, in value per unit of money."""
    known = [p for p in points if p.x is not None]
    worst = (min if goal.sense == "max" else max)(p.value for p in known)
    hull = hull_of([(p.spent, abs(p.value - worst)) for p in known])
    for (x0, y0), (x1, y1) in pairwise(hull):
        if x0 <= point.amount <= x1 and x1 > x0:
            return (y1 - y0) / (x1 - x0)
    return 0.0


def halving(n: int) -> list[int]:
    """Both ends, then the middle of the widest gap, and so on: neighbours on both sides come early."""
    if n <= 2:
        return list(range(n))
    order, gaps = [n - 1, 0], [(0, n - 1)]
    while gaps:
        gaps.sort(key=lambda g: (g[0] - g[1], g[0]))
        low, high = gaps.pop(0)
        if high - low < 2:
            continue
        middle = (low + high) // 2
        order.append(middle)
        gaps += [(low, middle), (middle, high)]
    return order


def hull_of(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The upper concave hull of points (x, y), by rising x: where each unit of x buys ever less y."""
    hull: list[tuple[float, float]] = []
    best: dict[float, float] = {}
    for x, y in points:
        best[x] = max(y, best.get(x, y))
    for x, y in sorted(best.items()):
        if hull and y <= hull[-1][1]:
            continue  # dearer and no better
        while len(hull) >= 2 and _turns_up(hull[-2], hull[-1], (x, y)):
            hull.pop()
        hull.append((x, y))
    return hull


def _turns_up(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return (b[1] - a[1]) * (c[0] - a[0]) <= (c[1] - a[1]) * (b[0] - a[0])


def check(points: Sequence[Point], goal: Goal) -> None:
    """Hold a finished frontier against what must be true of it.

    Raises
    ------
    RuntimeError
        A bound below a plan's value, a value that falls as money rises, or a plan that spends more than it may.
    """
    sign = 1.0 if goal.sense == "max" else -1.0
    known = [p for p in points if p.x is not None]
    for p in known:
        slack = 1e-6 * max(1.0, abs(p.value))
        if np.isfinite(p.bound) and sign * (p.bound - p.value) < -slack:
            raise RuntimeError(f"frontier at {p.amount:g}: bound {p.bound:g}, a plan reaches {p.value:g}")
        if p.spent > p.amount + 0.01:
            raise RuntimeError(f"frontier at {p.amount:g}: the plan spends {p.spent:g}")
    for low, high in pairwise(known):
        if sign * (high.value - low.value) < -1e-6 * max(1.0, abs(low.value)):
            raise RuntimeError(f"frontier falls from {low.value:g} at {low.amount:g} to {high.value:g}")
