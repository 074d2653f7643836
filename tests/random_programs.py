"""Random covering programs with random rows of every kind, for tests of steps that see rows and not outlets."""

from __future__ import annotations

import numpy as np

from siteopt.program import Columns, Goal, Program, Rows, rows_from
from siteopt.units import Floats, Ints

Entries = list[tuple[Ints, Floats]]


def random_program(seed: int, *, sites: int = 8, classes: int = 40) -> Program:
    """A covering program of a few places with a few options each.

    Rows drawn at random: a budget, places that hold one option, counts, pairs too near each other, floors over
    options, floors over coverage, rows over both; options fixed open or closed; options with a worth of their own;
    and now and then the mirror of it all as a minimum.
    """
    r = np.random.default_rng(seed)
    places, kinds = int(r.integers(2, sites + 1)), int(r.integers(1, 4))
    n = places * kinds
    covers = r.random((int(r.integers(3, classes + 1)), n)) < r.uniform(0.1, 0.5)
    covers[0, 0] = True
    covers = covers[covers.any(axis=1)]
    c = len(covers)
    people = np.where(r.random(c) < 0.1, 0, r.integers(1, 60, c)).astype(np.float64)
    blocks = [_links(covers, n), *_rules(r, places, kinds, n, people)]
    lower, upper = np.zeros(n + c), np.ones(n + c)
    fixed = r.random(n)
    lower[:n][fixed < 0.04] = 1.0
    upper[:n][(fixed >= 0.04) & (fixed < 0.1)] = 0.0
    worth = np.concatenate([np.zeros(n), people])
    if r.random() < 0.4:
        worth[:n] = r.integers(-15, 5, n)
    least = r.random() < 0.2
    goal = Goal("g", "min" if least else "max", -worth if least else worth, float(r.integers(0, 50)), 1.0)
    columns = Columns({"open": 0, "cover": n}, lower, upper, np.arange(n + c) < n)
    return Program(columns, tuple(b for b in blocks if len(b)), (goal,))


def _links(covers: np.ndarray, n: int) -> Rows:
    c = len(covers)
    indptr = np.cumsum([0, *(covers.sum(axis=1) + 1)]).astype(np.int64)
    column = np.concatenate([np.concatenate([[n + k], np.flatnonzero(covers[k])]) for k in range(c)])
    value = np.full(len(column), -1.0)
    value[indptr[:-1]] = 1.0
    return Rows("link", indptr, column, value, np.full(c, -np.inf), np.zeros(c), role="link", elastic=False)


def _rules(r: np.random.Generator, places: int, kinds: int, n: int, people: Floats) -> list[Rows]:
    blocks: list[Rows] = []

    def add(entries: Entries, low: list[float], high: list[float], role: str = "rule") -> None:
        made = rows_from("rule", entries, low, high, ["subject"] * len(entries))
        blocks.append(Rows(**{**made.__dict__, "role": role}))

    def some(size: int) -> Ints:
        return np.sort(r.choice(size, int(r.integers(1, size + 1)), replace=False)).astype(np.int64)

    if r.random() < 0.8:
        add([(np.arange(n), r.integers(1, 20, n).astype(float))], [-np.inf], [float(r.integers(5, 60))])
    if r.random() < 0.7:
        slots = [(np.arange(j * kinds, (j + 1) * kinds), np.ones(kinds)) for j in range(places)]
        add(slots, [-np.inf] * places, [1.0] * places, "place")
    if r.random() < 0.4:
        chosen = some(n)
        add([(chosen, np.ones(len(chosen)))], [float(r.integers(0, 3))], [float(r.integers(2, 5))])
    if r.random() < 0.4 and n > 1:
        pairs: Entries = [(np.sort(r.choice(n, 2, replace=False)), np.ones(2)) for _ in range(3)]
        add(pairs, [-np.inf] * 3, [1.0] * 3)
    if r.random() < 0.4:
        chosen = some(n)
        add([(chosen, r.integers(1, 30, len(chosen)).astype(float))], [float(r.integers(0, 40))], [np.inf])
    if r.random() < 0.4:
        chosen = some(len(people))
        asked = people[chosen] + 1
        add([(n + chosen, asked)], [float(r.integers(0, int(asked.sum() * 0.6) + 1))], [np.inf])
    if r.random() < 0.2:
        both = np.array([r.integers(0, n), n + r.integers(0, len(people))])
        add([(both, np.array([-5.0, 3.0]))], [-4.0], [np.inf])
    return blocks
