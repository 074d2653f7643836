"""Random small programs whose rules often clash, every kind of row in them; the oracle is the list of all points."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from siteopt.program import Columns, Goal, Program, Rows, rows_from
from siteopt.solve.backend import rounded

KINDS = [0, 0, 1, 1, 1, 2, 3, 4, 5]
"""What opens, budgets, bands, either sign; the last two look at coverage."""


def clashing_program(
    seed: int, *, places: int = 4, kinds: int = 2, classes: int = 4, coverage: bool = True
) -> Program:
    """A few options in a few places, coverage classes, and a handful of rules named "rule0", "rule1" ...

    Places have floor area and slots; some options are fixed open or closed; rules are floors, ceilings, bands and
    equalities, with coefficients of either sign, over options, over coverage, or over both; over options alone where
    ``coverage`` is False.
    """
    r = np.random.default_rng(seed)
    n = places * kinds
    lower, upper = np.zeros(n + classes), np.ones(n + classes)
    lower[:n][r.random(n) < 0.05] = 1.0
    upper[:n][(r.random(n) < 0.1) & (lower[:n] == 0)] = 0.0
    blocks = [_links(r, n, classes), *_places(r, places, kinds)]
    for k in range(int(r.integers(1, 8))):
        blocks += _rule(r, f"rule{k}", n, classes, KINDS if coverage else KINDS[:-2])
    worth = np.concatenate([np.zeros(n), r.integers(1, 20, classes).astype(float)])
    cost = np.concatenate([r.integers(0, 9, n).astype(float), np.zeros(classes)])
    columns = Columns({"open": 0, "cover": n}, lower, upper, np.arange(n + classes) < n)
    return Program(columns, tuple(blocks), (Goal("people", "max", worth, 0.0, 1.0), Goal("cost", "min", cost)))


def _links(r: np.random.Generator, n: int, classes: int) -> Rows:
    entries = []
    for k in range(classes):
        near = np.flatnonzero(r.random(n) < 0.4)
        entries.append((np.append(n + k, near), np.append(1.0, np.full(len(near), -1.0))))
    made = rows_from("coverage", entries, [-np.inf] * classes, [0.0] * classes, [""] * classes, elastic=False)
    return replace(made, role="link")


def _places(r: np.random.Generator, places: int, kinds: int) -> list[Rows]:
    """Slots of every place, and the floor area of some."""
    ones = [(np.arange(j * kinds, (j + 1) * kinds), np.ones(kinds)) for j in range(places)]
    names = [f"s{j}" for j in range(places)]
    slots = rows_from(
        "slots", ones, [-np.inf] * places, r.integers(0, 3, places).astype(float).tolist(), names, elastic=False
    )
    some = np.flatnonzero(r.random(places) < 0.5)
    size = [(ones[j][0], r.integers(1, 9, kinds).astype(float)) for j in some]
    area = rows_from(
        "area",
        size,
        [-np.inf] * len(some),
        r.integers(0, 12, len(some)).astype(float).tolist(),
        [names[j] for j in some],
        elastic=False,
    )
    return [replace(b, role="place") for b in (slots, area) if len(b)]


def _rule(r: np.random.Generator, owner: str, n: int, classes: int, kinds: list[int]) -> list[Rows]:
    """One rule of one or two rows."""
    kind = int(r.choice(kinds))
    entries, low, high = [], [], []
    for _ in range(int(r.integers(1, 3))):
        span = n if kind < 4 else n + classes
        chosen = np.sort(r.choice(span, int(r.integers(1, min(span, 7) + 1)), replace=False)).astype(np.int64)
        value = r.integers(1, 12, len(chosen)).astype(float)
        if kind in (3, 5):
            value *= r.choice([-1.0, 1.0], len(chosen))
        total = float(np.abs(value).sum())
        if kind == 0:  # what must open
            value[:] = 1.0
            bounds = (float(r.integers(1, 3)), np.inf)
        elif kind == 1:  # a budget
            bounds = (-np.inf, float(r.integers(0, int(total) + 1)))
        elif kind == 2:  # a band, or exactly so much
            bottom = float(r.integers(0, int(total * 0.6) + 1))
            bounds = (bottom, bottom + float(r.integers(0, 12)))
        else:
            bounds = (float(r.integers(-3, int(total) // 3 + 1)), np.inf)
            bounds = bounds if r.random() < 0.7 else (-np.inf, -bounds[0])
        entries.append((chosen, value))
        low.append(bounds[0])
        high.append(bounds[1])
    unit = ["outlets", "money", "m2", "m2", "people", "people"][kind]
    per_unit = float(r.choice([1.0, 0.5, 4.0]))
    subject = [f"{owner}.{k}" for k in range(len(entries))]
    return [rows_from(owner, entries, low, high, subject, unit=unit, per_unit=per_unit)]


def every_point(program: Program) -> np.ndarray:
    """(M, N) every point of the whole columns within their bounds, coverage as high as its links let it be.

    Rules that look at coverage could want it lower; they are for an engine to judge.
    """
    whole = np.flatnonzero(program.columns.integer)
    lower, upper = program.columns.lower[whole], program.columns.upper[whole]
    bits = np.array(list(product((0.0, 1.0), repeat=len(whole))))
    bits = bits[((bits >= lower) & (bits <= upper)).all(axis=1)]
    out = np.zeros((len(bits), len(program.columns)))
    out[:, whole] = bits
    return np.array([rounded(program, x) for x in out]).reshape(out.shape)
