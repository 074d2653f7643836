"""Two sources within reach: people who keep one of several types after any one outlet is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siteopt.model.columns import Block, cover_block
from siteopt.plan import Plan, opened_by
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.units import Floats, Ints, within
from siteopt.world import World


@dataclass(frozen=True, eq=False)
class Twice:
    """Cells alike in what may serve them, by what stands within reach of them.

    Attributes
    ----------
    group_of_cell : (I,) group, -1 two stand within reach already, -2 two can never be
    standing : (M,) outlets that stand within reach, 0 or 1
    indptr, pair : CSR over groups, the pairs that may serve, ascending
    """

    group_of_cell: Ints
    standing: Ints
    indptr: Ints
    pair: Ints


def twice(problem: Problem, types: Sequence[int], apart: Ints) -> Twice:
    """Group the cells; those alike share ``apart`` (I,) too. Members are compared, no hash is trusted."""
    world, n = problem.world, len(problem.world.cells)
    pair_of = np.full(world.sites.allowed.shape, -1, dtype=np.int64)
    pair_of[problem.pair_site, problem.pair_type] = np.arange(len(problem.pair_site))
    cells, pairs, stands = [], [], np.zeros(n, dtype=np.int64)
    for t in types:
        near = problem.coverage[t]
        cell = np.repeat(np.arange(n), np.diff(near.indptr))
        stands += np.bincount(cell[world.sites.standing[near.site, t]], minlength=n)
        may = pair_of[near.site, t] >= 0
        cells.append(cell[may])
        pairs.append(pair_of[near.site, t][may])
    cell, pair = np.concatenate([*cells, np.zeros(0, int)]), np.concatenate([*pairs, np.zeros(0, int)])
    order = np.lexsort((pair, cell))
    cell, pair = cell[order], pair[order]
    size = np.bincount(cell, minlength=n)
    start = np.concatenate([[0], np.cumsum(size)])
    group_of_cell = np.where(stands >= 2, -1, -2).astype(np.int64)
    known: dict[tuple[int, int, bytes], int] = {}
    members: list[Ints] = []
    for i in np.flatnonzero((stands < 2) & (stands + size >= 2)).tolist():
        mine = pair[start[i] : start[i + 1]]
        key = (int(apart[i]), int(stands[i]), mine.tobytes())
        if key not in known:
            known[key] = len(members)
            members.append(mine)
        group_of_cell[i] = known[key]
    return Twice(
        group_of_cell,
        np.array([stand for _, stand, _ in known], dtype=np.int64),
        np.cumsum([0, *map(len, members)]).astype(np.int64),
        np.concatenate([*members, np.zeros(0, dtype=np.int64)]).astype(np.int64),
    )


def block_name(label: str, problem: Problem, period: int) -> str:
    """Name of the block of a period."""
    return cover_block(problem, period).replace("cover", f"{label}.twice", 1)


def twice_block(name: str, found: Twice) -> Block:
    """One column per group: whole where nothing stands, for half of two is not one."""
    n = len(found.standing)
    return Block(name, np.zeros(n), np.ones(n), found.standing == 0)


def twice_rows(label: str, problem: Problem, columns: Columns, found: Twice, period: int) -> Rows:
    """(2 − standing)·z − Σ x <= 0 over the options open by the end of a period."""
    n = len(found.standing)
    each, option = problem.options_of_pairs(found.pair, until=period)
    per_pair = np.concatenate([[0], np.cumsum(each)])
    size = np.diff(per_pair[found.indptr])
    indptr = np.concatenate([[0], np.cumsum(size + 1)]).astype(np.int64)
    column, value = np.empty(indptr[-1], dtype=np.int64), np.full(indptr[-1], -1.0)
    is_option = np.ones(indptr[-1], dtype=np.bool_)
    is_option[indptr[:-1]] = False
    column[indptr[:-1]] = columns.start[block_name(label, problem, period)] + np.arange(n)
    value[indptr[:-1]] = 2.0 - found.standing
    column[is_option] = columns.start["open"] + option
    return Rows(label, indptr, column, value, np.full(n, -np.inf), np.zeros(n), elastic=False)


def has_two(
    world: World, travel: TravelTimes, plan: Plan, types: Sequence[int], *, period: int | None = None
) -> Floats:
    """(I,) 1 where two outlets of the types are within reach at the end of a period, else 0; from raw data."""
    opened, n = opened_by(plan, period), len(world.cells)
    count = np.zeros(n, dtype=np.int64)
    for t in types:
        there = opened[:, t] | world.sites.standing[:, t]
        at = there[travel.site] & within(travel.minutes, float(world.types.limit_min[t]))
        count += np.bincount(travel.cell[at], minlength=n)
    return (count >= 2).astype(np.float64)
