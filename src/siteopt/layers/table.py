"""Read any table or layer, and remember for every row where it came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyproj import CRS
from pyproj.exceptions import CRSError

from siteopt.findings import Findings
from siteopt.layers.files import TEXT_TABLES, locate
from siteopt.layers.keep import where_rows, within_rows
from siteopt.layers.text_table import read_text_table
from siteopt.layers.vector import read_features
from siteopt.layers.words import closest, listed, shown
from siteopt.layers.xy import position_columns, positions
from siteopt.scenario.schema import Column, ColumnSpec, Source
from siteopt.units import Bools, Ints, Texts


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of one input file.

    Attributes
    ----------
    file : str
        As the scenario writes it.
    names : tuple of str
        All columns of the file, read or not: for "nearest column" in findings.
    columns : pyarrow.Table
        The columns that were asked for, typed as the file types them; CSV cells are text.
    geometry : (N,) shapely geometries in ``crs``, None where the row has none
    crs : pyproj.CRS or None
        None has been reported as a finding.
    row : (N,) int
        Spreadsheet row (CSV), fid (GeoPackage) or feature number from 1.
    ordinal : (N,) int
        Position in the file from 1, before any filter.
    has_fids : bool
        Rows are shown as "fid N".
    from_columns : bool
        The geometries were made of columns: a row without one has been told already.
    """

    file: str
    names: tuple[str, ...]
    columns: pa.Table
    geometry: Texts
    crs: CRS | None
    row: Ints
    ordinal: Ints
    has_fids: bool
    from_columns: bool

    def __len__(self) -> int:
        return len(self.row)

    def label(self, i: Any) -> int | str:
        """Where row i stands in the file, as a finding shows it."""
        return f"fid {self.row[i]}" if self.has_fids else int(self.row[i])

    def labels(self) -> Texts:
        """(N,) labels of all rows."""
        out = np.empty(len(self), dtype=object)
        out[:] = [f"fid {n}" for n in self.row.tolist()] if self.has_fids else self.row.tolist()
        return out

    def only(self, kept: Bools) -> Table:
        """The rows where ``kept`` is true."""
        if kept.all():
            return self
        columns = self.columns.filter(pa.array(kept)) if self.columns.num_columns else self.columns
        return replace(
            self, columns=columns, geometry=self.geometry[kept], row=self.row[kept], ordinal=self.ordinal[kept]
        )


def named(*columns: Column | int | dict[str, Column] | None) -> set[str]:
    """The column names in a reader's column fields."""
    out: set[str] = set()
    for column in columns:
        if isinstance(column, dict):
            out |= named(*column.values())
        elif isinstance(column, ColumnSpec):
            out |= {column.column} if column.column else set()
        elif isinstance(column, str):
            out.add(column)
    return out


def read_table(
    source: Source,
    base: Path,
    findings: Findings,
    *,
    role: str,
    columns: Iterable[str] | None = None,
    may_be_empty: bool = False,
) -> Table | None:
    """Read a layer's file, keep what ``where`` and ``within`` say, and know its CRS.

    Parameters
    ----------
    source : Source
        File, layer, CRS, encoding, position columns and filters.
    base : Path
        Folder of the scenario file.
    findings : Findings
        Takes every fault of the file; a fault that leaves nothing to go on with returns None.
    role : str
        What the layer is, as the scenario's key ("demand", "existing.0"): names the field in findings.
    columns : iterable of str, optional
        Columns to hold; all when left out.
    may_be_empty : bool
        A layer without rows is no fault, and so is one of which the filters leave none: it is for the caller to
        tell.

    Returns
    -------
    Table or None
    """
    path = locate(source.file, base, findings)
    if path is None:
        return None
    asked = None if columns is None else set(columns) | set(source.where)

    def keep(names: tuple[str, ...]) -> set[str]:
        return set(names) if asked is None else asked | set(position_columns(source, names) or ())

    if path.suffix.lower() in TEXT_TABLES:
        text = read_text_table(path, source.file, findings, encoding=source.encoding, keep=keep)
        if text is None:
            return None
        names, held, geometry, crs, says_crs = text.names, text.columns, None, None, False
        row, has_fids = text.row, False
    else:
        layer = read_features(path, source.file, findings, layer=source.layer, encoding=source.encoding, keep=keep)
        if layer is None:
            return None
        names, held, geometry, crs, says_crs = (
            layer.names, layer.columns, layer.geometry, layer.crs, layer.says_crs,
        )  # fmt: skip
        has_fids = layer.has_fids
        row = layer.fid if has_fids else np.arange(1, len(layer.fid) + 1)
    if not len(row) and not may_be_empty:
        findings.error("empty_layer", file=source.file)
        return None
    ordinal = np.arange(1, len(row) + 1, dtype=np.int64)
    table = as_table(
        source, role, asked, names, held, geometry, crs, row, ordinal, findings, says_crs=says_crs, has_fids=has_fids
    )
    return None if table is None else _filtered(table, source, base, findings, role, may_be_empty=may_be_empty)


def as_table(
    source: Source,
    role: str,
    asked: set[str] | None,
    names: tuple[str, ...],
    columns: pa.Table,
    geometry: Texts | None,
    crs: CRS | None,
    row: Ints,
    ordinal: Ints,
    findings: Findings,
    *,
    says_crs: bool,
    has_fids: bool,
) -> Table | None:
    """Rows as they were read, with their positions and CRS: a whole file, or a batch of one.

    Takes ``repeated_column``, ``no_crs``, ``unknown_crs``, ``crs_conflict`` and what finding positions takes.
    """
    repeated = sorted({n for n in names if names.count(n) > 1} & (asked or set()))
    for name in repeated:
        findings.error("repeated_column", file=source.file, field=name, value=name)
    if repeated:
        return None
    from_columns = geometry is None
    if geometry is None:
        found = positions(source, names, columns, row, findings)
        if found is None:
            return None
        geometry, crs = found
    crs = _crs(source, crs, says_crs, role, findings)
    return Table(source.file, names, columns, geometry, crs, row, ordinal, has_fids, from_columns)


def tell_where_columns(table: Table, source: Source, findings: Findings, role: str) -> bool:
    """Tell the columns of ``where`` that the file does not have; true when it has all."""
    missing = [name for name in source.where if name not in table.names]
    for name in missing:
        findings.error(
            "missing_column", file=source.file, field=f"{role}.where.{name}", value=shown(name),
            nearest=closest(name, table.names), known=listed(table.names),
        )  # fmt: skip
    return not missing


def said_where(source: Source) -> str:
    """The conditions of ``where`` in one line."""
    return str(shown("; ".join(f"{k} = {v}" for k, v in source.where.items())))


def _filtered(
    table: Table, source: Source, base: Path, findings: Findings, role: str, *, may_be_empty: bool
) -> Table | None:
    if not tell_where_columns(table, source, findings, role):
        return None
    if source.where:
        left = table.only(where_rows(table.columns, source.where))
        if not len(left) and not may_be_empty:
            findings.error("nothing_left", file=source.file, field=f"{role}.where", value=said_where(source))
            return None
        table = left
    if source.within and table.crs is not None and len(table):
        area = locate(source.within, base, findings)
        inside = read_table(Source(file=source.within), base, findings, role=f"{role}.within") if area else None
        if inside is None or inside.crs is None:
            return None
        kept = within_rows(table.geometry, table.crs, inside, findings)
        if kept is None:
            return None
        table = table.only(kept)
        if not len(table) and not may_be_empty:
            findings.error("nothing_within", file=source.file, field=f"{role}.within", value=source.within)
            return None
    return table


def _crs(source: Source, found: CRS | None, says_crs: bool, role: str, findings: Findings) -> CRS | None:
    """The CRS that the file says, else the one the user says, else the format's default."""
    if source.crs is None:
        if found is None:
            findings.error("no_crs", file=source.file, field=f"{role}.crs")
        return found
    try:
        given = CRS.from_user_input(int(source.crs) if source.crs.isdigit() else source.crs)
    except (CRSError, OverflowError):
        findings.error("unknown_crs", file=source.file, field=f"{role}.crs", value=shown(source.crs))
        return None
    if found is not None and says_crs and not given.equals(found, ignore_axis_order=True):
        findings.error("crs_conflict", file=source.file, field=f"{role}.crs", value=given.name, found=found.name)
        return None
    return given
