"""Programs without an outlet in them: covering problems of any size, and single rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siteopt.model.thrift import grain_of
from siteopt.program import Columns, Goal, Program, Rows, Sense, link_rows, rows_from


def binary_columns(n: int, continuous: int = 0) -> Columns:
    """``n`` columns of 0 or 1, then some in [0, 1]."""
    size = n + continuous
    return Columns({"open": 0, "cover": n}, np.zeros(size), np.ones(size), np.arange(size) < n)


def of_rows(
    n: int,
    blocks: Sequence[Rows],
    cost: Sequence[float],
    *,
    sense: Sense = "max",
    grain: float = 0.0,
    offset: float = 0.0,
) -> Program:
    """One goal over ``n`` binary columns."""
    return Program(binary_columns(n), tuple(blocks), (Goal("g", sense, np.asarray(cost, float), offset, grain),))


def row(owner: str, terms: dict[int, float], low: float, high: float, **more: object) -> Rows:
    """One row of a rule."""
    columns = np.array(sorted(terms), dtype=np.int64)
    values = np.array([terms[int(c)] for c in columns], dtype=float)
    return rows_from(owner, [(columns, values)], [low], [high], [owner], **more)  # type: ignore[arg-type]


def random_cover(
    n_sites: int, n_cells: int, most: int, *, seed: int = 0, density: float = 0.05, fractional: bool = False
) -> Program:
    """Maximal covering with random, not spatial, coverage: its relaxation is weak, so it is hard for its size."""
    r = np.random.default_rng(seed)
    near = r.random((n_cells, n_sites)) < density
    weight = r.integers(1, 100, n_cells).astype(float)
    if fractional:
        weight = weight * 0.3137 + r.random(n_cells)
    keep = near.any(axis=1)
    near, weight = near[keep], weight[keep]
    n = len(weight)
    indptr = np.concatenate([[0], np.cumsum(near.sum(axis=1))])
    links = link_rows("coverage", n_sites + np.arange(n), indptr, np.nonzero(near)[1])
    limit = row("count", dict.fromkeys(range(n_sites), 1.0), -np.inf, float(most))
    none = np.zeros(n_sites)
    goals = (
        Goal("coverage", "max", np.concatenate([none, weight]), 0.0, grain_of(weight)),
        Goal("cost", "min", np.concatenate([none + 1.0, np.zeros(n)]), 0.0, 1.0),
    )
    return Program(binary_columns(n_sites, n), (links, limit), goals)
