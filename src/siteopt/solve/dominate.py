"""Leave out columns that another can always stand in for. Exact for every goal, whatever the rules.

Write every row as a ceiling, g·x ≤ u. Column B *dominates* column A when B's coefficient is no larger than A's in
every row that is not about a place, and B costs no more in any goal: B covers all that A covers, is no dearer, and
weighs no worse in any rule. A plan with A can then swap it for B, unless B is taken or its place is full.

A is left out when no plan can be in that bind:

- B's place has always room for it and A is *spare* (no rule needs it: no negative coefficient outside the links):
  with B open, A adds nothing and is dropped; with B closed, A is swapped for B.
- Or A has more dominators, at different places, than a plan with A can have columns that block them. A ceiling with
  coefficients above zero over all possible blockers (the budget, say) bounds how many are open at once.

Columns are left out one by one, each against those still there, so every step keeps an optimum of the step before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from siteopt.program import Program, Rows
from siteopt.units import Bools, Floats, Ints

MOST_PRODUCTS = 50_000_000
"""Comparing covering sets costs the sum of squares of the links' lengths; beyond this the search is cheaper."""

MOST_RIVALS = 400
"""Of the columns that could replace one that covers nothing, this many are looked at."""


def dominated(program: Program) -> Bools:
    """Columns that may be fixed at 0 without changing the value of any goal.

    Parameters
    ----------
    program : Program

    Returns
    -------
    (N,) bool
    """
    out = np.zeros(len(program.columns), dtype=np.bool_)
    columns = program.columns
    candidates = np.flatnonzero(columns.integer & (columns.upper == 1) & (columns.lower == 0))
    links = [b for b in program.blocks if b.role == "link" and len(b)]
    if not len(candidates) or not links or not all(_covers_once(program, b) for b in links):
        return out
    covers = _binary_links(links, len(program.columns))[candidates]
    degree = np.asarray(covers.sum(axis=0)).ravel()
    if float(degree @ degree) > MOST_PRODUCTS:
        return out
    side = _Side(program, candidates)
    for a in _in_turn(covers, side):
        out[candidates[a]] = True
    return out


def without(program: Program, columns: Bools) -> Program:
    """The program with some columns fixed at 0."""
    upper = np.where(columns, 0.0, program.columns.upper)
    return replace(program, columns=replace(program.columns, upper=upper))


@dataclass(frozen=True, eq=False)
class _Bound:
    """Ceilings that can bound how many columns are open: coefficients all >= 0."""

    value: Floats
    upper: float


class _Side:
    """Everything but the links, for the candidates: rules as ceilings, goals as costs, places."""

    def __init__(self, program: Program, candidates: Ints) -> None:
        n = len(program.columns)
        others = np.ones(n, dtype=np.bool_)
        others[candidates] = False
        least, most = program.columns.lower[others], program.columns.upper[others]
        rules = _ceilings([b for b in program.blocks if b.role == "rule"], n)
        goals = np.array([(-1.0 if g.sense == "max" else 1.0) * g.cost[candidates] for g in program.goals])
        self.rules: sp.csr_matrix = sp.hstack([rules[0][candidates], sp.csr_matrix(goals.T)]).tocsr()
        self.spare: Bools = np.asarray(self.rules.min(axis=1).todense()).ravel() >= 0
        self.bounds = _bounds(
            rules[0][candidates].tocsc(), rules[1] - _least_use(rules[0][np.flatnonzero(others)], least, most)
        )
        table, room = _ceilings([b for b in program.blocks if b.role == "place"], n)
        place = table[candidates]
        # What is no candidate (fixed, an area, a flow) may take all it can of a place.
        room = room + _least_use(-table[np.flatnonzero(others)], least, most)
        joined = sp.csgraph.connected_components(place @ place.T, directed=False)[1]
        self.place: Ints = np.asarray(joined, dtype=np.int64)
        self._blockers = _blockers(place.T.tocsr(), room)
        by_row = place.T.tocoo()
        self.fits: Bools = np.ones(len(candidates), dtype=np.bool_)
        self.fits[by_row.col[by_row.data > room[by_row.row] + 1e-9]] = False

    def blockers_of(self, column: int) -> Ints:
        """Columns that may keep this one out of its place."""
        return self._blockers.get(column, _NOBODY)

    def most_open(self, a: int, others: Ints) -> float:
        """A bound on how many of some columns are open in a plan with ``a``."""
        most = np.inf
        for b in self.bounds:
            least = b.value[others].min()
            if least > 0:
                most = min(most, np.floor((b.upper - b.value[a]) / least + 1e-9))
        return float(most)


_NOBODY: Ints = np.empty(0, dtype=np.int64)


def _blockers(place: sp.csr_matrix, room: Floats) -> dict[int, Ints]:
    """For each column, the columns of its place rows that may leave it no room.

    The smallest ones that leave room all together are harmless: whatever fills the place needs another one too.
    """
    found: dict[int, set[int]] = {}
    for r in range(place.shape[0]):
        part = slice(place.indptr[r], place.indptr[r + 1])
        columns, need = place.indices[part], place.data[part]
        for column, own in zip(columns.tolist(), need.tolist(), strict=True):
            order = np.argsort(need, kind="stable")
            others = columns[order][columns[order] != column]
            together = np.cumsum(need[order][columns[order] != column])
            found.setdefault(column, set()).update(others[together + own > room[r] + 1e-9].tolist())
    return {column: np.array(sorted(others), dtype=np.int64) for column, others in found.items()}


def _least_use(table: sp.csr_matrix, lower: Floats, upper: Floats) -> Floats:
    """(R,) the least that columns within bounds can add to each ceiling; ``table`` is (columns, R), the result may be
    -inf."""
    by_entry = table.tocoo()
    value, column = by_entry.data, by_entry.row
    value, column, row = value[value != 0], column[value != 0], by_entry.col[value != 0]
    used = np.where(value > 0, value * lower[column], value * upper[column])
    return np.bincount(row, weights=used, minlength=table.shape[1]).astype(np.float64)


def _bounds(rules: sp.csc_matrix, upper: Floats) -> list[_Bound]:
    """Ceilings over many columns, all coefficients >= 0: the budget and its like."""
    n, least = rules.shape[0], max(1, rules.shape[0] // 10)
    wide = np.flatnonzero(np.diff(rules.indptr) >= least)
    columns = [(rules[:, [r]].toarray().ravel(), float(upper[r])) for r in wide.tolist()]
    fits = [(value, high) for value, high in columns if n and value.min() >= 0 and value.max() > 0]
    return [_Bound(value, high) for value, high in fits if np.isfinite(high)]


def _in_turn(covers: sp.csr_matrix, side: _Side) -> list[int]:
    """Candidates to leave out, found one by one."""
    size = np.diff(covers.indptr)
    better = _dominators(covers, size, side)
    gone = np.zeros(len(size), dtype=np.bool_)
    taken: list[int] = []
    # Small covering sets first; among equals the later column goes, so that the first by id stays.
    for a in np.lexsort((-np.arange(len(size)), size)).tolist():
        rivals = better[a][~gone[better[a]] & side.fits[better[a]]]
        if (size[a] == 0 and side.spare[a]) or (len(rivals) and _can_stand_in(a, rivals, side)):
            gone[a] = True
            taken.append(a)
    return taken


def _can_stand_in(a: int, rivals: Ints, side: _Side) -> bool:
    """Whether in every plan with ``a`` some rival is free to replace it."""
    blockers = {int(b): side.blockers_of(int(b)) for b in rivals}
    if side.spare[a] and any(not len(others) for others in blockers.values()):
        return True
    # One rival a place, so that one blocker can be in the way of one rival only.
    _, first = np.unique(side.place[rivals], return_index=True)
    apart = [int(b) for b in rivals[first] if side.place[b] != side.place[a]]
    if not apart:
        return False
    in_the_way = np.unique(np.concatenate([*(blockers[b] for b in apart), [] if side.spare[a] else apart]))
    return side.most_open(a, in_the_way.astype(np.int64)) < len(apart)


def _dominators(covers: sp.csr_matrix, size: Ints, side: _Side) -> list[Ints]:
    """For each candidate, those that dominate it."""
    n = len(size)
    shared = (covers @ covers.T).tocoo()
    keep = (shared.data >= size[shared.row] - 0.5) & (shared.row != shared.col)
    idle_a, idle_b = _rivals_of_idle(size, side)
    a = np.concatenate([shared.row[keep].astype(np.int64), idle_a])
    b = np.concatenate([shared.col[keep].astype(np.int64), idle_b])
    worse = np.zeros(len(a), dtype=np.bool_)
    for start in range(0, len(a), 200_000):
        part = slice(start, start + 200_000)
        difference = side.rules[b[part]] - side.rules[a[part]]
        worse[part] = np.asarray(difference.max(axis=1).todense()).ravel() > 0
    a, b = a[~worse], b[~worse]
    order = np.lexsort((b, a))
    cut = np.searchsorted(a[order], np.arange(n + 1))
    return [b[order[cut[k] : cut[k + 1]]] for k in range(n)]


def _rivals_of_idle(size: Ints, side: _Side) -> tuple[Ints, Ints]:
    """Pairs (a, b) for columns that cover nothing and that a rule may need: b is in the same rules as a."""
    rules = side.rules
    groups: dict[bytes, list[int]] = {}
    for c in range(len(size)):
        part = slice(rules.indptr[c], rules.indptr[c + 1])
        groups.setdefault(rules.indices[part].tobytes(), []).append(c)
    pairs = [
        (a, b)
        for members in groups.values()
        for a in members
        if size[a] == 0 and not side.spare[a]
        for b in members[:MOST_RIVALS]
        if b != a
    ]
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _binary_links(links: list[Rows], n: int) -> sp.csr_matrix:
    """(N, link rows) 1 where a column lifts a link's ceiling."""
    table = _ceilings(links, n)[0]
    return sp.csr_matrix((table < 0).astype(np.float64))


def _covers_once(program: Program, block: Rows) -> bool:
    """Whether a block says z <= sum of columns with z <= 1, so that one open column is as good as two."""
    first = block.indptr[:-1]
    head = np.zeros(len(block.column), dtype=np.bool_)
    head[first] = True
    return bool(
        (block.value[head] == 1.0).all()
        and (block.value[~head] == -1.0).all()
        and (block.upper >= 0.0).all()
        and np.isneginf(block.lower).all()
        and (program.columns.upper[block.column[head]] <= 1.0).all()
    )


def _ceilings(blocks: list[Rows], n: int) -> tuple[sp.csr_matrix, Floats]:
    """(N, R) coefficients and (R,) bounds of every row written as a ceiling; a floor is a ceiling turned over."""
    parts: list[sp.csr_matrix] = []
    bounds: list[Floats] = []
    for block in blocks:
        rows = sp.csr_matrix((block.value, block.column, block.indptr), shape=(len(block), n))
        for sign, bound in ((1.0, block.upper), (-1.0, -block.lower)):
            real = np.flatnonzero(np.isfinite(bound))
            parts.append(sign * rows[real])
            bounds.append(bound[real])
    if not parts:
        return sp.csr_matrix((n, 0)), np.empty(0)
    return sp.vstack(parts).T.tocsr(), np.concatenate(bounds)
