"""The same program with its columns and the rows of its links in another order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siteopt.program import Columns, Program, Rows


def shuffled(program: Program, seed: int) -> Program:
    """Options among options and classes among classes, in a random order."""
    r = np.random.default_rng(seed)
    n, k = len(program.columns), int(program.columns.integer.sum())
    order = np.concatenate([r.permutation(k), k + r.permutation(n - k)])
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    c = program.columns
    columns = Columns(c.start, c.lower[order], c.upper[order], c.integer[order])
    goals = tuple(replace(g, cost=g.cost[order]) for g in program.goals)
    return Program(columns, tuple(_moved(b, place) for b in program.blocks), goals)


def _moved(block: Rows, place: np.ndarray) -> Rows:
    return replace(block, column=place[block.column])
