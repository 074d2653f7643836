"""Random covering programs with random rows of every kind, for tests of steps that see rows and not outlets."""

from __future__ import annotations

import numpy as np

from siteopt.program import Columns, Goal, Program, Rows, link_rows, rows_from
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
    indptr = np.cumsum([0, *covers.sum(axis=1)])
    return link_rows("link", n + np.arange(len(covers)), indptr, np.nonzero(covers)[1])


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


def with_blocks(program: Program, seed: int) -> Program:
    """A program with columns of its rules' own, some of three kinds, and two to four goals over all of them.

    The least of several sums (free columns, equality rows); flows from open options with capacities; whole areas of
    options with least and most sizes. Some rows cap coverage, some places hold areas.
    """
    r = np.random.default_rng(seed + 10_000)
    grown = _Growing(program)
    kinds = r.random(3) < 0.5
    if not kinds.any():
        kinds[r.integers(0, 3)] = True
    for wanted, add in zip(kinds, (_least_sum, _flows, _areas), strict=True):
        if wanted:
            add(r, grown)
    return grown.program(r)


class _Growing:
    """A program that columns and rows are added to."""

    def __init__(self, program: Program) -> None:
        self.base = program
        c = program.columns
        self.n, self.n_classes = c.start["cover"], len(c) - c.start["cover"]
        self.start = dict(c.start)
        self.lower, self.upper, self.integer = list(c.lower), list(c.upper), list(c.integer)
        self.blocks = list(program.blocks)
        self.worth: list[tuple[Ints, Floats, bool]] = []

    def columns(self, name: str, low: Floats, high: Floats, integer: bool) -> Ints:
        self.start[name] = len(self.lower)
        at = np.arange(len(low)) + len(self.lower)
        self.lower += low.tolist()
        self.upper += high.tolist()
        self.integer += [integer] * len(low)
        return at

    def rows(self, entries: Entries, low: list[float], high: list[float], role: str = "rule") -> None:
        made = rows_from("own", entries, low, high, ["subject"] * len(entries))
        self.blocks.append(Rows(**{**made.__dict__, "role": role}))

    def program(self, r: np.random.Generator) -> Program:
        n, first = len(self.lower), self.base.goals[0]
        cost = np.concatenate([first.cost, np.zeros(n - len(first.cost))])
        goals = [Goal("g", first.sense, cost, first.offset, first.grain)]
        for at, value, most in self.worth:
            own = np.zeros(n)
            own[at] = value
            goals.append(Goal(f"own{len(goals)}", "max" if most else "min", own))
            if r.random() < 0.3:  # part of the first goal, whose values are then no whole numbers
                sign = 1.0 if most == (first.sense == "max") else -1.0
                goals[0] = Goal("g", first.sense, goals[0].cost + sign * own, first.offset)
        spent = np.zeros(n)
        spent[: self.n] = r.integers(0, 9, self.n)
        goals.append(Goal("cost", "min", spent, grain=1.0))
        order = r.permutation(len(goals)) if r.random() < 0.5 else np.arange(len(goals))
        columns = Columns(self.start, np.array(self.lower), np.array(self.upper), np.array(self.integer))
        return Program(columns, tuple(self.blocks), tuple(goals[k] for k in order[:4]))


def _least_sum(r: np.random.Generator, p: _Growing) -> None:
    """t <= every group's sum, or the sums as free columns of their own; now and then a cap over coverage."""
    groups = np.array_split(r.permutation(p.n_classes), int(r.integers(1, 4)))
    (t,) = p.columns("least", np.array([-np.inf]), np.array([np.inf]), False)
    for group in groups:
        z, weight = p.n + np.sort(group), r.integers(1, 9, len(group)).astype(float)
        if r.random() < 0.5:
            (share,) = p.columns(f"share{len(p.lower)}", np.array([-np.inf]), np.array([np.inf]), False)
            scale = max(weight.sum(), 1.0)
            p.rows([(np.append(z, share), np.append(weight / scale, -1.0))], [0.0], [0.0])
            p.rows([(np.array([share, t]), np.array([-scale, 1.0]))], [-np.inf], [0.0])
        else:
            p.rows([(np.append(z, t), np.append(-weight, 1.0))], [-np.inf], [float(r.integers(0, 3))])
        if r.random() < 0.15 and len(z):
            p.rows([(z, weight)], [-np.inf], [float(weight.sum() * 0.6)])
    p.worth.append((np.array([t]), np.ones(1), True))


def _flows(r: np.random.Generator, p: _Growing) -> None:
    """Shares of demand points go to open options near them, as much as those can take."""
    points = int(r.integers(2, 6))
    near = [(i, j) for i in range(points) for j in range(p.n) if r.random() < 0.5] or [(0, 0)]
    demand = r.integers(50, 5_000, points).astype(float)
    y = p.columns("flow", np.zeros(len(near)), np.ones(len(near)), False)
    for i in range(points):
        mine = np.array([k for k, (point, _) in enumerate(near) if point == i], dtype=np.int64)
        if len(mine):
            p.rows([(y[mine], np.ones(len(mine)))], [-np.inf], [1.0])
    for k, (_, j) in enumerate(near):
        p.rows([(np.array([j, y[k]]), np.array([-1.0, 1.0]))], [-np.inf], [0.0])
    for j in range(p.n):
        mine = np.array([k for k, (_, option) in enumerate(near) if option == j], dtype=np.int64)
        if len(mine):
            use = np.array([demand[near[k][0]] for k in mine])
            p.rows([(np.append(j, y[mine]), np.append(-float(r.integers(100, 4_000)), use))], [-np.inf], [0.0])
    people = np.array([demand[i] for i, _ in near])
    if r.random() < 0.3:
        p.rows([(y, people)], [float(demand.sum() * 0.2)], [np.inf])
    p.worth.append((y, people, True))


def _areas(r: np.random.Generator, p: _Growing) -> None:
    """Every option has a whole size when it is open, between a least and a most."""
    least, most = r.integers(1, 6, p.n).astype(float), r.integers(6, 15, p.n).astype(float)
    a = p.columns("area", np.zeros(p.n), most, True)
    for j in range(p.n):
        both = np.array([j, a[j]])
        p.rows([(both, np.array([least[j], -1.0])), (both, np.array([-most[j], 1.0]))], [-np.inf] * 2, [0.0] * 2)
    chosen = np.sort(r.choice(a, int(r.integers(1, p.n + 1)), replace=False))
    if r.random() < 0.6:
        p.rows([(chosen, np.ones(len(chosen)))], [-np.inf], [float(r.integers(5, 40))])
    if r.random() < 0.3:
        p.rows([(a, np.ones(p.n))], [float(r.integers(1, 8))], [np.inf])
    if r.random() < 0.3:  # sizes of a place, told by its role
        k = int(r.integers(0, p.n))
        p.rows([(a[k : k + 2], np.ones(len(a[k : k + 2])))], [-np.inf], [12.0], "place")
    if r.random() < 0.3:  # as much area as openings, and a row in which an area makes room
        slack = p.columns("slack", np.array([-3.0]), np.array([3.0]), True)
        entries = (np.concatenate([np.arange(p.n), slack]), np.append(np.ones(p.n), -1.0))
        p.rows([entries], [-np.inf], [float(r.integers(0, 3))])
    p.worth.append((a, r.integers(1, 5, p.n).astype(float), bool(r.random() < 0.5)))
