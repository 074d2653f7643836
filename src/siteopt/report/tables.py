"""The tables of a run as CSV: ``sites.csv``, ``coverage.csv``, ``communities.csv``.

UTF-8 with a byte order mark, so that Excel opens Chinese; every text cell neutralised (see
:func:`siteopt.report.safe.neutral`); a number that does not exist is an empty cell.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from siteopt.plan import Plan, Run, assigned_share
from siteopt.problem import capacitated
from siteopt.report.safe import DECIMALS, neutral, neutral_all

BOM = "\ufeff"
CELLS_PER_CHUNK = 65_536
"""Rows of the long table are made for this many cells at a time: a million cells never stand in memory at once."""

SITE_COLUMNS = (
    "site_id",
    "name",
    "outlet_type",
    "period",
    "source",
    "kind",
    "area_m2",
    "space_area_m2",
    "cost",
    "newly_covered",
    "only_covered_by_this",
    "community",
    "tenure",
    "parcel_id",
    "x_m",
    "y_m",
    "lon",
    "lat",
)
COVERAGE_COLUMNS = (
    "cell_id",
    "type",
    "people",
    "covered_before",
    "covered_after",
    "minutes_before",
    "minutes_after",
    "served_by",
)
COUNT_COLUMN = "n_cells"
"""Cells that a row stands for; only where rows are classes of cells."""
COMMUNITY_COLUMNS = (
    "id",
    "name",
    "age_class",
    "tier",
    "commercial_share_before",
    "commercial_share_after",
    "required",
    "sense",
    "shortfall_m2",
    "commercial_area_before_m2",
    "commercial_area_after_m2",
    "floor_area_before_m2",
    "floor_area_after_m2",
)


def write_sites(summary: Mapping[str, Any], path: Path) -> None:
    """One row per new outlet, as in the summary; a header alone where there is no plan."""
    write_csv(path, SITE_COLUMNS, [[site[c] for c in SITE_COLUMNS] for site in summary["sites"]])


def write_communities(summary: Mapping[str, Any], path: Path) -> None:
    """One row per community: commercial area against the rule, people, and people covered of each type."""
    types = [t["id"] for t in summary["types"]]
    header = [*COMMUNITY_COLUMNS]
    header += [f"people_{group}" for group in summary["groups"]]
    header += [f"{moment}_{type_id}" for type_id in types for moment in ("before", "after")]
    rows = [
        [
            *(community[c] for c in COMMUNITY_COLUMNS),
            *(community["people"][group] for group in summary["groups"]),
            *(community["coverage"][t][moment] for t in types for moment in ("before", "after")),
        ]
        for community in summary["communities"]
    ]
    write_csv(path, header, rows)


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A small table; text is neutralised, None is an empty cell."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(BOM)
        out = csv.writer(file, lineterminator="\n")
        out.writerow(neutral_all(header))
        for row in rows:
            out.writerow([neutral(v) if isinstance(v, str) else v for v in row])


def write_coverage(run: Run, path: Path) -> None:
    """One row per cell and outlet type, cells in the order of the layer, written in chunks.

    ``people`` counts the first group, ``covered_*`` is 1 or 0, minutes are to the nearest outlet within the type's
    limit (empty when there is none), ``served_by`` is that outlet's site id after the plan. Of a type with a capacity
    ``covered_*`` is the share of people who are given to outlets, minutes and ``served_by`` are those of the outlet
    that most of them are given to. Where rows are classes of cells (a streamed layer), ``n_cells`` says of how many,
    and minutes are the longest of them.
    """
    classes, before, after = run.world.cells.n_cells is not None, *_covered(run)
    covered = pa.int8() if before.dtype == np.int8 else pa.float64()
    columns = (*COVERAGE_COLUMNS, *([COUNT_COLUMN] if classes else []))
    schema = pa.schema(
        [
            ("cell_id", pa.string()),
            ("type", pa.string()),
            ("people", pa.float64()),
            ("covered_before", covered),
            ("covered_after", covered),
            ("minutes_before", pa.float64()),
            ("minutes_after", pa.float64()),
            ("served_by", pa.string()),
            *([(COUNT_COLUMN, pa.int64())] if classes else []),
        ]
    )
    type_ids = pa.array(neutral_all(run.world.types.type_id), pa.string())
    site_ids = pa.array(neutral_all(run.world.sites.site_id), pa.string())
    options = pa_csv.WriteOptions(include_header=False, batch_size=CELLS_PER_CHUNK)
    with path.open("wb") as file:
        file.write(f"{BOM}{','.join(columns)}\n".encode())
        with pa_csv.CSVWriter(file, schema, write_options=options) as out:
            for start in range(0, len(run.world.cells), CELLS_PER_CHUNK):
                part = slice(start, start + CELLS_PER_CHUNK)
                shares = before[part], after[part]
                out.write_table(_coverage_chunk(run, part, shares, type_ids, site_ids, schema))


def _covered(run: Run) -> tuple[Any, Any]:
    """(I, T) before and after: 1 or 0; the share of a cell's people in the columns of types with a capacity."""
    scores, types = run.scores, run.world.types
    before, after = (np.isfinite(m).astype(np.int8) for m in (scores.minutes_before, scores.minutes_after))
    limited = np.flatnonzero(capacitated(types))
    if not len(limited) or scores.given_before is None:
        return before, after
    before, after = before.astype(np.float64), after.astype(np.float64)
    today = _today(run)
    for t in limited.tolist():
        before[:, t] = assigned_share(run.world, today, t)
        after[:, t] = assigned_share(run.world, run.plan or today, t)
    return np.round(before, DECIMALS), np.round(after, DECIMALS)


def _today(run: Run) -> Plan:
    """Nothing opens, and people are given to the outlets of today."""
    none = np.zeros_like(run.world.sites.standing)
    zero = np.zeros(none.shape, dtype=np.int64)
    return Plan(none, zero, zero - 1, assigned=run.scores.given_before)


def _coverage_chunk(run: Run, part: slice, shares: tuple[Any, Any], type_ids: Any, site_ids: Any, schema: Any) -> Any:
    """The rows of some cells: each cell's types one after another."""
    scores, cells = run.scores, run.world.cells
    ids = pa.array(neutral_all(cells.cell_id[part]), pa.string())
    n, n_types = len(ids), len(type_ids)
    before = scores.minutes_before[part].ravel()
    after = scores.minutes_after[part].ravel()
    served = scores.served_by[part].ravel()
    cell_of_row = np.repeat(np.arange(n), n_types)
    return pa.table(
        [
            ids.take(pa.array(cell_of_row)),
            type_ids.take(pa.array(np.tile(np.arange(n_types), n))),
            pa.array(np.round(cells.residents[part], DECIMALS)[cell_of_row]),
            pa.array(shares[0].ravel()),
            pa.array(shares[1].ravel()),
            _minutes(before),
            _minutes(after),
            site_ids.take(pa.array(np.maximum(served, 0), mask=served < 0)),
            *([pa.array(cells.n_cells[part][cell_of_row])] if cells.n_cells is not None else []),
        ],
        schema=schema,
    )


def _minutes(minutes: Any) -> Any:
    """Minutes to a hundredth of a second, null where no outlet is within reach."""
    reached = np.isfinite(minutes)
    return pa.array(np.round(np.where(reached, minutes, 0.0), 4), mask=~reached)
