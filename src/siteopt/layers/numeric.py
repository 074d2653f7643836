"""Read one column as numbers, the way the scenario says, and name every cell that will not do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from siteopt.findings import Findings
from siteopt.layers.cells import as_numbers, as_texts, is_text, parse_numbers
from siteopt.layers.columns import as_spec, find_column, mapped, missing_cells
from siteopt.layers.table import Table
from siteopt.layers.words import shown
from siteopt.scenario.schema import Column, ColumnSpec
from siteopt.units import Bools, Floats

_SENTINELS = np.array(
    [-99, -999, -9999, -99999, -999999, -9999999, -99999999, -999999999, -2147483648, -32768, 99999999, 999999999,
     9999999999, 99999999999, 999999999999, 2147483647, 4294967295]
)  # fmt: skip
"""Numbers that files use for "not known". None of them is a plausible head count, area or cost."""

_BEYOND_SENSE = 1e30


def is_sentinel(values: Floats) -> Bools:
    """Whether each number is one that files use for "not known"."""
    return np.asarray(np.isin(values, _SENTINELS) | (np.abs(values) > _BEYOND_SENSE), dtype=np.bool_)


def read_numbers(
    table: Table,
    column: Column,
    findings: Findings,
    *,
    field: str,
    low: float = 0.0,
    high: float = np.inf,
    empty: float | None = None,
) -> Floats | None:
    """A column of numbers in the unit asked for.

    Parameters
    ----------
    table : Table
    column : Column
        Its name, or how to read it: ``missing`` values become ``default``, the others are multiplied by ``scale``
        (a default is in the unit asked for already).
    findings : Findings
        Takes ``missing_column``, ``empty_cell``, ``not_a_number``, ``not_finite``, ``sentinel_value``,
        ``number_too_low``, ``number_too_high``, each with row and column.
    field : str
        Path in the scenario, for a column that the file does not have.
    low, high : float
        Least and greatest value allowed in the unit asked for, both included.
    empty : float, optional
        Value of an empty cell where the scenario gives no default; an empty cell is a fault when left out.

    Returns
    -------
    (N,) float64 or None
        None when a finding was added.
    """
    spec = as_spec(column)
    default, fault = _default(spec, table, field, findings, empty)
    found = find_column(table, spec, field, findings)
    if fault or found is None:
        return None if fault or spec.default is None else np.full(len(table), default)
    values, text = as_numbers(found)
    empties = missing_cells(found, spec)
    if spec.map:
        words = mapped(as_texts(found), spec)
        values, text = parse_numbers(words), lambda i: str(words[i])
    faults = _Faults(table, spec, text, findings)
    nan_at = np.flatnonzero(np.isnan(values) & ~empties)
    said = np.array([text(i).casefold() for i in nan_at], dtype=np.str_)
    # In a typed column nan is how pandas writes "empty"; in a text file the word is somebody's failed division.
    blank = (said == "") | ((said == "nan") & (default is not None and not is_text(found)))
    empties[nan_at[blank]] = True
    spelled = np.isin(said, ["nan", "-nan", "+nan"])
    faults.tell("not_finite", [*nan_at[spelled & ~blank], *np.flatnonzero(np.isinf(values) & ~empties)])
    faults.tell("not_a_number", nan_at[~spelled & ~blank])
    if default is None:
        faults.tell("empty_cell", np.flatnonzero(empties))
    scaled = values * spec.scale
    finite = np.isfinite(values) & ~empties
    sentinel = finite & is_sentinel(values)
    faults.tell("sentinel_value", np.flatnonzero(sentinel))
    faults.tell("number_too_low", np.flatnonzero(finite & ~sentinel & (scaled < low)), low=low)
    faults.tell("number_too_high", np.flatnonzero(finite & ~sentinel & (scaled > high)), high=high)
    if faults.any:
        return None
    scaled[empties] = default
    return scaled


class _Faults:
    """Tells bad cells and remembers that there was one."""

    def __init__(self, table: Table, spec: ColumnSpec, text: Callable[[Any], str], findings: Findings) -> None:
        self._table, self._spec, self._text, self._findings = table, spec, text, findings
        self.any = False

    def tell(self, code: str, rows: Any, **facts: Any) -> None:
        for i in rows:
            self.any = True
            value = shown(_plain(self._text(i)))
            where = {"file": self._table.file, "row": self._table.label(i), "field": self._spec.column}
            self._findings.error(code, value=value, **where, **facts)


def _plain(text: str) -> str:
    """A number without a needless ".0"."""
    return text[:-2] if text.endswith(".0") else text


def _default(
    spec: ColumnSpec, table: Table, field: str, findings: Findings, empty: float | None
) -> tuple[float | None, bool]:
    """(value of an empty cell or None, the default itself is a fault)."""
    if spec.default is None:
        return empty, False
    try:
        return float(spec.default), isinstance(spec.default, bool)
    except ValueError:
        findings.error("not_a_number", file=table.file, field=f"{field}.default", value=shown(spec.default))
        return None, True


def whole(table: Table, values: Floats, column: Column, findings: Findings) -> Bools:
    """(N,) bool: the number is whole; the others are told as ``not_whole``."""
    good = values == np.rint(values)
    for i in np.flatnonzero(~good):
        findings.error(
            "not_whole", file=table.file, row=table.label(i), field=as_spec(column).column, value=float(values[i])
        )
    return np.asarray(good, dtype=np.bool_)
