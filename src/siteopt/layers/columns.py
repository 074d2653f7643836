"""Find a column and read it as text or ids, the way the scenario says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from siteopt.findings import Findings
from siteopt.layers.cells import as_numbers, as_texts, is_text
from siteopt.layers.table import Table
from siteopt.layers.words import closest, listed, shown
from siteopt.scenario.schema import Column, ColumnSpec
from siteopt.units import Bools, Texts

_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+\d{2,}")


def as_spec(column: Column) -> ColumnSpec:
    """A column's full way of reading, also where the scenario gives its name alone."""
    return ColumnSpec(column=column) if isinstance(column, str) else column


def find_column(table: Table, spec: ColumnSpec, field: str, findings: Findings) -> Any | None:
    """The Arrow column; None where only a default was given, or with a finding where the file has no such column.

    Takes ``missing_column`` (with the nearest name) or, where there is a default to go on with, the warning
    ``missing_column_default``.
    """
    if spec.column is None:
        return None
    if spec.column in table.columns.column_names:
        return table.columns.column(spec.column)
    where = {"file": table.file, "field": field, "value": shown(spec.column)}
    near, known = closest(spec.column, table.names), listed(table.names)
    if spec.default is None:
        findings.error("missing_column", nearest=near, known=known, **where)
    else:
        default = shown(spec.default)
        findings.warning("missing_column_default", nearest=near, known=known, default=default, **where)
    return None


def missing_cells(column: Any, spec: ColumnSpec) -> Bools:
    """(N,) bool: the cell holds one of the values that mean "not known"; compared as text and as number."""
    if not spec.missing:
        return np.zeros(len(column), dtype=np.bool_)
    words = {str(m).strip() for m in spec.missing}
    numbers = [float(m) for m in spec.missing if not isinstance(m, str)]
    out = pd.Series(as_texts(column), dtype=object).isin(words).to_numpy(dtype=np.bool_)
    if not is_text(column):
        numbers += [float(n) for n in pd.to_numeric(pd.Series(sorted(words)), errors="coerce").dropna()]
    return np.asarray(out | np.isin(as_numbers(column)[0], numbers), dtype=np.bool_)


def mapped(texts: Texts, spec: ColumnSpec) -> Texts:
    """Texts after ``map``."""
    if not spec.map:
        return texts
    return np.array([spec.map.get(t, t) for t in texts], dtype=object)


def read_texts(
    table: Table, column: Column, findings: Findings, *, field: str, required: bool = False
) -> Texts | None:
    """A column of text, trimmed; numbers without ".0"; empty cells are the default, or "".

    Parameters
    ----------
    field : str
        Path in the scenario, for a column that the file does not have.
    required : bool
        An empty cell without a default is a fault (``empty_cell``).

    Returns
    -------
    (N,) str objects or None
        None when a finding was added.
    """
    spec = as_spec(column)
    default = "" if spec.default is None else str(spec.default)
    found = find_column(table, spec, field, findings)
    if found is None:
        return None if spec.default is None else np.full(len(table), default, dtype=object)
    texts = as_texts(found).copy()
    texts[missing_cells(found, spec)] = ""
    empties = texts == ""
    texts = mapped(texts, spec)
    texts[empties] = spec.map.get("", default)
    if required and (texts == "").any():
        for i in np.flatnonzero(texts == ""):
            findings.error("empty_cell", file=table.file, row=table.label(i), field=spec.column, value="")
        return None
    return texts


def text_or(table: Table, column: Column | None, findings: Findings, *, field: str) -> Texts | None:
    """A column of text, or empty texts where the scenario names none."""
    if column is None:
        return np.full(len(table), "", dtype=object)
    return read_texts(table, column, findings, field=field)


def read_ids(
    table: Table, column: Column | None, findings: Findings, *, field: str, unique: bool = True, prefix: str = ""
) -> Texts | None:
    """Ids: text, never empty, never twice (unless ``unique`` is false); numbered in file order without a column.

    Takes ``duplicate_id`` (with the row of the first), and ``scientific_id`` for ids that a spreadsheet has
    turned into 1.31217E+10.

    Parameters
    ----------
    prefix : str
        Stands before the number of a row where there is no column.
    """
    if column is None:
        return np.array([f"{prefix}{n}" for n in table.ordinal.tolist()], dtype=object)
    ids = read_texts(table, column, findings, field=field, required=True)
    if ids is None:
        return None
    name = as_spec(column).column
    damaged = [i for i, t in enumerate(ids) if "+" in t and _SCIENTIFIC.fullmatch(t)]
    for i in damaged:
        findings.error("scientific_id", file=table.file, row=table.label(i), field=name, value=shown(ids[i]))
    if damaged:
        return None
    twice = unique and tell_duplicates(ids, lambda i: (table.file, table.label(i)), name, findings)
    return None if twice else ids


def tell_duplicates(
    ids: Texts, where: Callable[[int], tuple[str, Any]], field: str | None, findings: Findings
) -> bool:
    """Tell every id that came before as ``duplicate_id``; ``where(i)`` is its file and row.

    Returns
    -------
    bool
        There was one.
    """
    if not pd.Series(ids, dtype=object).duplicated().any():
        return False
    first: dict[str, int] = {}
    for i, text in enumerate(ids):
        if (before := first.setdefault(text, i)) != i:
            (file, row), (first_file, first_row) = where(i), where(before)
            findings.error(
                "duplicate_id", file=file, row=row, field=field, value=shown(text), first=first_row,
                first_file=first_file,
            )  # fmt: skip
    return True


def one_of(
    table: Table, texts: Texts, known: Iterable[str], findings: Findings, *, code: str, column: Column
) -> bool:
    """Tell every text that is not a known word as ``code``, with the nearest; true when all are known."""
    words = list(known)
    strange = ~pd.Series(texts, dtype=object).isin(words).to_numpy(dtype=np.bool_)
    for i in np.flatnonzero(strange):
        findings.error(
            code, file=table.file, row=table.label(i), field=as_spec(column).column, value=shown(texts[i]),
            nearest=closest(texts[i], words), known=listed(words),
        )  # fmt: skip
    return not strange.any()
