"""A table of walking minutes that the user brings: one row per reachable pair."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from siteopt.findings import MOST_PER_CODE, Findings
from siteopt.layers.cells import as_numbers, as_texts
from siteopt.layers.files import PARQUET, TEXT_TABLES, locate
from siteopt.layers.text_table import read_text_table
from siteopt.layers.vector import read_features
from siteopt.layers.words import NOT_ANY, closest, listed, shown
from siteopt.problem import TravelTimes
from siteopt.scenario.schema import MinutesTable
from siteopt.units import Floats, Ints, Texts, read_only, within

_ROLE = "travel.table"
_MOST_COMPARED = 100_000
_NO_FIGURE = ("", "nan", "na", "n/a", "null", "none", "inf", "infinity")


def read_minutes(
    spec: MinutesTable,
    base: Path,
    cell_id: Texts,
    site_id: Texts,
    cutoff_min: float,
    speed_kmh: float,
    findings: Findings,
) -> TravelTimes | None:
    """Read the table; every id must be known, every pair at most once, every figure a number of minutes >= 0.

    Parameters
    ----------
    spec : MinutesTable
        File (CSV, TSV or Parquet) and its columns.
    base : Path
        Folder of the scenario file.
    cell_id : (I,) str
    site_id : (J,) str, candidate spaces and existing outlets
    cutoff_min : float
        Pairs beyond it are not kept.
    speed_kmh : float
        Carried into the result for the record; the table's minutes stay as they are.
    findings : Findings
        Takes an error per faulty row, and what the readers of files find.

    Returns
    -------
    TravelTimes or None
        None when an error was added.
    """
    before = len(findings.errors)
    columns = _read_columns(spec, base, findings)
    if columns is None:
        return None
    cell_column, site_column, minutes_column, row = columns
    cell_text, site_text = as_texts(cell_column), as_texts(site_column)
    cell = _look_up(cell_text, cell_id, row, spec.cell_id, "minutes_unknown_cell", spec.file, findings)
    site = _look_up(site_text, site_id, row, spec.site_id, "minutes_unknown_site", spec.file, findings)
    minutes = _figures(minutes_column, row, spec, findings)
    _tell_pairs_given_twice(cell, site, row, (cell_text, site_text), spec, findings)
    if len(findings.errors) > before:
        return None

    keep = within(minutes, cutoff_min)
    cell, site, minutes = cell[keep], site[keep], minutes[keep]
    order = np.lexsort((site, cell))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=len(cell_id)))])
    return TravelTimes(
        indptr=read_only(indptr, np.int64),
        site=read_only(site[order], np.int64),
        minutes=read_only(minutes[order], np.float64),
        cutoff_min=cutoff_min,
        mode="table",
        speed_kmh=speed_kmh,
    )


def _read_columns(spec: MinutesTable, base: Path, findings: Findings) -> tuple[Any, Any, Any, Ints] | None:
    """The three columns (Arrow) and (N,) row numbers; None when there is no such file or column."""
    path = locate(spec.file, base, findings, allowed=(*TEXT_TABLES, *PARQUET))
    if path is None:
        return None
    keys = {"cell_id": spec.cell_id, "site_id": spec.site_id, "minutes": spec.minutes}

    def keep(names: tuple[str, ...]) -> set[str]:
        return set(keys.values()) & set(names)

    if path.suffix.lower() in TEXT_TABLES:
        text = read_text_table(path, spec.file, findings, keep=keep)
        if text is None:
            return None
        names, held, row = text.names, text.columns, text.row
    else:
        features = read_features(path, spec.file, findings, keep=keep)
        if features is None:
            return None
        names, held, row = features.names, features.columns, features.fid
    missing = {key: name for key, name in keys.items() if name not in names}
    for key, name in missing.items():
        findings.error(
            "minutes_no_column", file=spec.file, field=f"{_ROLE}.{key}", value=shown(name),
            nearest=closest(name, names), known=listed(names),
        )  # fmt: skip
    repeated = sorted({name for name in keys.values() if names.count(name) > 1})
    for name in repeated:
        findings.error("repeated_column", file=spec.file, field=name, value=name)
    if missing or repeated:
        return None
    if not len(row):
        findings.error("minutes_empty", file=spec.file)
        return None
    return (*(held.column(name) for name in keys.values()), row)


def _look_up(text: Texts, known: Texts, row: Ints, column: str, code: str, file: str, findings: Findings) -> Ints:
    """The index of each id, -1 where unknown (with a finding)."""
    number, distinct = pd.factorize(text)
    index = {str(name): k for k, name in enumerate(known)}
    place = np.array([index.get(str(name), -1) for name in distinct], dtype=np.int64)
    found: Ints = place[number]
    unknown = np.flatnonzero(place < 0).tolist()
    # The nearest id costs a pass over all ids, so it is looked up for the first few unknown ones.
    few = min(MOST_PER_CODE, 1 + _MOST_COMPARED // max(len(index), 1))
    close = {n: closest(distinct[n], index) for n in unknown[:few]}
    for k in np.flatnonzero(found < 0).tolist():
        findings.error(
            code, file=file, row=int(row[k]), field=column, value=shown(text[k]),
            nearest=close.get(number[k], NOT_ANY),
        )  # fmt: skip
    return found


def _figures(column: Any, row: Ints, spec: MinutesTable, findings: Findings) -> Floats:
    """The minutes, each a finite number >= 0 or a finding."""
    minutes, text = as_numbers(column)
    with np.errstate(invalid="ignore"):
        negative = minutes < 0
    for k in np.flatnonzero(~np.isfinite(minutes) | negative).tolist():
        if text(k).lower().lstrip("+-") in _NO_FIGURE:
            code = "minutes_no_figure"
        else:
            code = "minutes_negative" if negative[k] else "minutes_not_a_number"
        findings.error(code, file=spec.file, row=int(row[k]), field=spec.minutes, value=shown(text(k)))
    return minutes


def _tell_pairs_given_twice(
    cell: Ints, site: Ints, row: Ints, texts: tuple[Texts, Texts], spec: MinutesTable, findings: Findings
) -> None:
    """A finding for every row whose pair an earlier row has already given."""
    known = np.flatnonzero((cell >= 0) & (site >= 0))
    order = known[np.lexsort((known, site[known], cell[known]))]
    again = np.zeros(len(order), dtype=np.bool_)
    again[1:] = (np.diff(cell[order]) == 0) & (np.diff(site[order]) == 0)
    first = order[~again][np.cumsum(~again) - 1]
    twice = np.flatnonzero(again)
    for k in twice[np.argsort(order[twice])].tolist():
        findings.error(
            "minutes_pair_twice",
            file=spec.file,
            row=int(row[order[k]]),
            value=f"{shown(texts[0][order[k]])}, {shown(texts[1][order[k]])}",
            first=int(row[first[k]]),
        )
