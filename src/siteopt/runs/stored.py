"""Open a run folder again, and say what has become of it since it was written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from siteopt.findings import Finding, Findings, InputError, nearest
from siteopt.report.summary import SCHEMA as SUMMARY_SCHEMA
from siteopt.report.tables import COVERAGE_COLUMNS
from siteopt.runs import layout


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A run as it lies on disk.

    Attributes
    ----------
    folder : absolute path
    summary, manifest : their JSON
    findings : warnings about files that have changed or gone since the run was written
    """

    folder: Path
    summary: dict[str, Any]
    manifest: dict[str, Any]
    findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        """The folder's name, by which people tell runs apart."""
        return self.folder.name

    def coverage(self, columns: Sequence[str] = COVERAGE_COLUMNS) -> pd.DataFrame:
        """``coverage.csv``, read anew: one row per cell and type; ids are categories, text as neutralised.

        Parameters
        ----------
        columns : sequence of str
            Only these columns; a large table has a million cells. ``covered_*`` are shares: 1 or 0 where no outlet
            can be full.

        Raises
        ------
        InputError
            The file is gone or is no longer such a table.
        """
        words = pa.dictionary(pa.int32(), pa.string())
        number = pa.float64()
        kinds = dict(zip(COVERAGE_COLUMNS, (words, words, *[number] * 5, words), strict=True))
        return self._table(layout.COVERAGE, pa_csv.ConvertOptions(column_types=kinds, include_columns=[*columns]))

    def sites(self) -> pd.DataFrame:
        """``sites.csv``, every column as text (see ``summary["sites"]`` for numbers)."""
        return self._text_table(layout.SITES)

    def communities(self) -> pd.DataFrame:
        """``communities.csv``, every column as text (see ``summary["communities"]`` for numbers)."""
        return self._text_table(layout.COMMUNITIES)

    def _text_table(self, name: str) -> pd.DataFrame:
        path = self.folder / name
        try:
            return pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
        except (OSError, ValueError) as problem:
            raise _unreadable(name, problem) from None

    def _table(self, name: str, convert: Any) -> pd.DataFrame:
        try:
            # pyarrow passes over a byte order mark by itself
            table = pa_csv.read_csv(
                self.folder / name,
                parse_options=pa_csv.ParseOptions(newlines_in_values=True),
                convert_options=convert,
            )
        except (OSError, ValueError, KeyError) as problem:
            raise _unreadable(name, problem) from None
        frame: pd.DataFrame = table.to_pandas()
        return frame


def open_run(folder: Path, *, verify: bool = True) -> StoredRun:
    """Open a run folder.

    Parameters
    ----------
    folder : Path
    verify : bool
        Compare every file with the SHA-256 that the manifest holds; what differs is a warning.

    Raises
    ------
    InputError
        There is no such folder, it is not a run, its version is unknown, or its summary cannot be read.
    """
    folder = folder.resolve()
    findings = Findings()
    manifest = _read(folder, layout.MANIFEST, layout.MANIFEST_SCHEMA, findings)
    findings.raise_errors()
    summary = _read(folder, layout.SUMMARY, SUMMARY_SCHEMA, findings)
    findings.raise_errors()
    if verify:
        _verify(folder, manifest, findings)
    return StoredRun(folder, summary, manifest, tuple(findings))


def _read(folder: Path, name: str, schema: str, findings: Findings) -> dict[str, Any]:
    """One of the two JSON files that make a folder a run."""
    try:
        if not folder.is_dir():
            beside = [p.name for p in folder.parent.iterdir() if p.is_dir()] if folder.parent.is_dir() else []
            close = nearest(folder.name, beside) or "—"
            findings.error("run_not_found", file=folder.name, value=str(folder), nearest=close)
            return {}
        if not (folder / name).is_file():
            findings.error("not_a_run", file=folder.name, value=str(folder), missing=name)
            return {}
        content = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        findings.error("run_unreadable", file=name, value=str(folder), reason=str(problem))
        return {}
    if not isinstance(content, dict) or "schema" not in content:
        findings.error("not_a_run", file=folder.name, value=str(folder), missing=f"{name}: schema")
        return {}
    if content["schema"] != schema:
        wrote = content.get("siteopt", "—")
        findings.error("run_wrong_version", file=name, value=str(content["schema"]), expected=schema, version=wrote)
    return content


def _verify(folder: Path, manifest: dict[str, Any], findings: Findings) -> None:
    files = manifest.get("files")
    for name, facts in sorted(files.items()) if isinstance(files, dict) else ():
        path = (folder / str(name)).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            findings.warning("run_file_missing", file=str(name), value=str(folder))
        elif not isinstance(facts, dict) or layout.sha256_of(path) != facts.get("sha256"):
            findings.warning("run_file_changed", file=str(name), value=str(folder))


def _unreadable(name: str, problem: Exception) -> InputError:
    return InputError([Finding("error", "run_unreadable", name, value=name, facts={"reason": str(problem)})])
