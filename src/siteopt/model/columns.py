"""The columns of a program: one layout, known here only.

``open``: one binary per option. ``cover``: one continuous variable in [0, 1] per class of cells, at the end of the
last period; ``cover@1``, ``cover@2`` ... for the earlier periods, where there are any. Then the blocks of rules and
objective.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from siteopt.problem import Problem
from siteopt.program import Columns
from siteopt.units import Bools, Floats


@dataclass(frozen=True, eq=False)
class Block:
    """Columns that a rule or an objective brings along.

    Attributes
    ----------
    name : unique in the program; begin it with the rule's label
    lower, upper : (M,) bounds
    integer : (M,) bool
    """

    name: str
    lower: Floats
    upper: Floats
    integer: Bools


def cover_block(problem: Problem, period: int) -> str:
    """Name of the block of cover variables at the end of a period (0-based)."""
    return "cover" if period == problem.n_periods - 1 else f"cover@{period + 1}"


def layout(problem: Problem, brought: Iterable[Block] = ()) -> Columns:
    """The program's columns."""
    n_options, n_classes = len(problem.option_pair), len(problem.reduction.service_of)
    blocks = [Block("open", np.zeros(n_options), np.ones(n_options), np.ones(n_options, dtype=np.bool_))]
    for period in range(problem.n_periods):
        zero, one = np.zeros(n_classes), np.ones(n_classes)
        blocks.append(Block(cover_block(problem, period), zero, one, np.zeros(n_classes, dtype=np.bool_)))
    blocks.extend(brought)
    start, size = {}, 0
    for block in blocks:
        if block.name in start:
            raise ValueError(f"two blocks of columns are named {block.name!r}")
        start[block.name] = size
        size += len(block.lower)
    return Columns(
        start=start,
        lower=np.concatenate([b.lower for b in blocks]),
        upper=np.concatenate([b.upper for b in blocks]),
        integer=np.concatenate([b.integer for b in blocks]),
    )


def cover_cost(problem: Problem, columns: Columns, values: Floats) -> tuple[Floats, float]:
    """What covering is worth, added up over the periods with their weights.

    Parameters
    ----------
    problem : Problem
    columns : Columns
    values : (I, S), or (I, T) for the types by themselves; what covering each cell is worth

    Returns
    -------
    cost : (N,) objective coefficients
    offset : what standing outlets cover already
    """
    cost = np.zeros(len(columns))
    worth = problem.reduction.summed(values)
    for period, weight in enumerate(problem.world.periods.weight):
        cost[columns.start[cover_block(problem, period)] :][: len(worth)] = weight * worth
    return cost, float(sum(problem.world.periods.weight)) * problem.reduction.today(values)


def open_cost(problem: Problem, columns: Columns, values: Floats) -> Floats:
    """(N,) objective coefficients of a value per option."""
    cost = np.zeros(len(columns))
    cost[columns.start["open"] :][: len(values)] = values
    return cost
