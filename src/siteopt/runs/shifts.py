"""Who gains and who loses between two plans, cell by cell, from their coverage tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from siteopt.units import PEOPLE_EPS, Floats, Ints

MINUTES_EPS = 1e-3
"""The tables hold minutes to 4 decimals; a walk that changes by less has not changed."""


COLUMNS = ("cell_id", "type", "people", "covered_after", "minutes_after")
"""What a comparison reads of ``coverage.csv``."""


@dataclass(frozen=True, eq=False)
class Grid:
    """A coverage table as arrays over cells (I) and types (T).

    Attributes
    ----------
    cell_id : (I,) in the order of the table
    people : (I,) persons
    covered : (I, T) share of each cell's people, after the plan: 1 or 0 where no outlet can be full
    minutes : (I, T) after the plan, nan where not covered
    """

    cell_id: pd.Index[Any]
    people: Floats
    covered: Floats
    minutes: Floats


@dataclass(frozen=True)
class Mismatch:
    """Why two tables cannot be compared cell by cell: cells of one only, and cells whose people differ."""

    only_base: int
    only_other: int
    people: int


def grid_of(coverage: pd.DataFrame, types: list[str]) -> Grid:
    """The rows of some types of ``coverage.csv`` as arrays; raises ValueError where a row is missing or double.

    Parameters
    ----------
    coverage : DataFrame
        As :meth:`siteopt.runs.stored.StoredRun.coverage` gives it.
    types : list of str
        Type ids as the table has them (neutralised).
    """
    cell, cell_id = _codes(coverage["cell_id"])
    kind, kind_id = _codes(coverage["type"])
    column = kind_id.map({name: t for t, name in enumerate(types)}.get).to_numpy(dtype=np.float64, na_value=-1)
    column_of_row = column[kind].astype(np.int64)
    keep = column_of_row >= 0
    row, col = cell[keep], column_of_row[keep]
    shape = (len(cell_id), len(types))
    if np.any(np.bincount(row * shape[1] + col, minlength=shape[0] * shape[1]) != 1):
        raise ValueError("a cell and type has no row, or more than one")
    covered = np.zeros(shape)
    minutes = np.full(shape, np.nan)
    people = np.zeros(shape)
    covered[row, col] = coverage["covered_after"].to_numpy()[keep]
    minutes[row, col] = coverage["minutes_after"].to_numpy()[keep]
    people[row, col] = coverage["people"].to_numpy()[keep]
    return Grid(cell_id, people[:, 0], covered, np.where(covered > 0, minutes, np.nan))


def align(base: Grid, other: Grid) -> Grid | Mismatch:
    """The other grid in the order of the base's cells, or why that cannot be."""
    at = other.cell_id.get_indexer(base.cell_id)
    missing = int((at < 0).sum())
    extra = len(other.cell_id) - (len(base.cell_id) - missing)
    here = np.flatnonzero(at >= 0)
    differ = int((np.abs(other.people[at[here]] - base.people[here]) > 2 * PEOPLE_EPS).sum())
    if missing or extra or differ:
        return Mismatch(missing, extra, differ)
    return Grid(base.cell_id, other.people[at], other.covered[at], other.minutes[at])


def shift(base: Grid, other: Grid, t: int) -> dict[str, float | None]:
    """Persons who gain, lose, walk less or more to one type, and mean minutes of those covered in both.

    ``saved_person_min`` is minutes saved, summed over the people covered in both plans (negative: added).
    """
    was, now, people = base.covered[:, t], other.covered[:, t], base.people
    both = people * np.minimum(was, now)
    step = np.where(both > 0, other.minutes[:, t] - base.minutes[:, t], 0.0)
    stay = float(both.sum())
    return {
        **_moved(people, was, now),
        "shorter_walk": float(both[step < -MINUTES_EPS].sum()),
        "longer_walk": float(both[step > MINUTES_EPS].sum()),
        "saved_person_min": float(-(both * step).sum()),
        "mean_min_base": float((both * base.minutes[:, t])[both > 0].sum()) / stay if stay > 0 else None,
        "mean_min_other": float((both * other.minutes[:, t])[both > 0].sum()) / stay if stay > 0 else None,
    }


def shift_of_set(base: Grid, other: Grid, columns: list[int]) -> dict[str, float | None]:
    """Persons who gain or lose a whole set of types at once (every basic type)."""
    return {**_moved(base.people, base.covered[:, columns].min(axis=1), other.covered[:, columns].min(axis=1))}


def _moved(people: Floats, was: Floats, now: Floats) -> dict[str, float]:
    """Persons who gain and who lose, from the shares of each cell."""
    change = people * (now - was)
    return {"gained": float(change[change > 0].sum()), "lost": float(-change[change < 0].sum())}


def _codes(column: pd.Series[Any]) -> tuple[Ints, pd.Index[Any]]:
    """(rows,) code of each row's value, and the values in order of appearance."""
    category = column.cat
    codes = np.asarray(category.codes, dtype=np.int64)
    if np.any(codes < 0):
        raise ValueError("an id is empty")
    return codes, category.categories
