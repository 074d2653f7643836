"""Read CSV, TSV and TXT as text, cell by cell: no guessing of types, so that 007 stays 007."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from siteopt.findings import Findings
from siteopt.layers.words import shown
from siteopt.units import Ints

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = ",;\t|"
_LARGEST_BLOCK = 1 << 30


@dataclass(frozen=True, eq=False)
class TextTable:
    """Cells as text: the names of all columns, the columns that were asked for, and (N,) spreadsheet rows."""

    names: tuple[str, ...]
    columns: pa.Table
    row: Ints


def read_text_table(
    path: Path, file: str, findings: Findings, *, encoding: str | None = None, keep: Any = None
) -> TextTable | None:
    """Read a delimited text file; every cell stays the text it is.

    Parameters
    ----------
    path, file : Path, str
        Where it is, and its name in findings.
    findings : Findings
        Takes ``bad_encoding``, ``encoding_found``, ``not_text``, ``bad_csv_row``, ``no_header``.
    encoding : str, optional
        Overrides the search among byte-order marks, UTF-8 and GB18030 (which holds GBK and GB2312).
    keep : callable(names) -> set of str, optional
        Which columns to hold; all when left out.

    Returns
    -------
    TextTable or None
    """
    data = _as_utf8(path.read_bytes(), file, findings, encoding)
    if data is None:
        return None
    names = header_of(data)
    if not any(names):
        findings.error("no_header", file=file)
        return None
    wanted = set(names) if keep is None else keep(names)
    return _parse(data, names, wanted, file, findings)


def _as_utf8(data: bytes, file: str, findings: Findings, encoding: str | None) -> bytes | None:
    marked = next((name for mark, name in MARKS if data.startswith(mark)), None)
    tries = [encoding] if encoding else [marked] if marked else ["utf-8", "gb18030"]
    for name in tries:
        try:
            text = data.decode(name)
        except LookupError:
            findings.error("unknown_encoding", file=file, field="encoding", value=encoding)
            return None
        except UnicodeError:
            continue
        if "\0" in text:
            findings.error("not_text", file=file)
            return None
        if name == "gb18030" and not encoding:
            findings.info("encoding_found", file=file, value="GB18030")
        # A byte-order mark is no part of the first column's name, whatever encoding the user named.
        return data if name == "utf-8" and not text.startswith("\ufeff") else text.lstrip("\ufeff").encode()
    findings.error("bad_encoding", file=file, value=", ".join(n.upper() for n in tries))
    return None


def delimiter_of(data: bytes) -> str:
    """The delimiter that occurs most often outside quotes in the header line; a comma when there is none."""
    line = data[:100_000].decode(errors="ignore").splitlines()[0] if data else ""
    outside = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=lambda d: (outside.count(d), -_DELIMITERS.index(d)))


class BadRows:
    """Remembers rows with too few or too many cells, to tell them all."""

    def __init__(self) -> None:
        self._rows: list[tuple[int | None, int, int, str]] = []

    def __call__(self, row: Any) -> str:
        self._rows.append((row.number, row.expected_columns, row.actual_columns, row.text))
        return "skip"

    def __bool__(self) -> bool:
        return bool(self._rows)

    def tell(self, file: str, findings: Findings) -> bool:
        """Tell them as ``bad_csv_row``; true when there is one."""
        for number, expected, actual, text in self._rows:
            findings.error("bad_csv_row", file=file, row=number, value=shown(text), expected=expected, actual=actual)
        return bool(self._rows)


def header_of(start: bytes) -> tuple[str, ...]:
    """The column names in the first line of a UTF-8 text."""
    try:
        text = io.StringIO(start[:1_000_000].decode(errors="ignore"))
        first = next(csv.reader(text, delimiter=delimiter_of(start)))
    except (StopIteration, csv.Error):
        first = []
    return tuple(name.strip() for name in first)


def keys_of(names: tuple[str, ...]) -> list[str]:
    """Names of columns that do not repeat, as those of a file may."""
    return [f"c{i}" for i in range(len(names))]


def reading(keys: list[str], delimiter: str, block: int, bad: BadRows) -> dict[str, Any]:
    """How Arrow reads a text: every cell as it stands; the header as a row of its own, so that rows need no sums."""
    return {
        "read_options": pa_csv.ReadOptions(use_threads=False, column_names=keys, block_size=block),
        "parse_options": pa_csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=bad
        ),
        "convert_options": pa_csv.ConvertOptions(
            column_types=dict.fromkeys(keys, pa.string()), strings_can_be_null=False
        ),
    }


def _parse(data: bytes, names: tuple[str, ...], wanted: set[str], file: str, findings: Findings) -> TextTable | None:
    bad = BadRows()
    keys = keys_of(names)
    block = min(max(len(data), 1 << 20), _LARGEST_BLOCK)
    try:
        table = pa_csv.read_csv(pa.BufferReader(data), **reading(keys, delimiter_of(data), block, bad))
    except (pa.ArrowException, ValueError) as error:
        findings.error("unreadable_file", file=file, reason=shown(error, 200))
        return None
    if bad.tell(file, findings):
        return None
    table = table.slice(1)
    row = np.arange(2, len(table) + 2, dtype=np.int64)
    filled = any_text(table)
    if not filled.all():  # blank lines, or the rows of commas that spreadsheets leave at the end
        table, row = table.filter(pa.array(filled)), row[filled]
    held = [i for i, name in enumerate(names) if name in wanted]
    return TextTable(names, table.select(held).rename_columns([names[i] for i in held]), row)


def any_text(table: pa.Table) -> Any:
    """(N,) bool: some cell of the row is not empty."""
    filled = np.zeros(len(table), dtype=np.bool_)
    for column in table.columns:
        filled |= np.asarray(pc.utf8_length(column)) > 0
    return filled
