"""Read CSV, TSV and TXT in batches: the same cells, rows and findings as in one piece, in bounded memory."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from siteopt.findings import Findings
from siteopt.layers.text_table import (
    MARKS,
    BadRows,
    TextTable,
    any_text,
    delimiter_of,
    header_of,
    keys_of,
    reading,
)
from siteopt.layers.words import shown

_PIECE = 1 << 20
BLOCK_BYTES = 8 << 20
"""A block holds one row at least."""


def text_batches(
    path: Path,
    file: str,
    findings: Findings,
    *,
    keep: Callable[[tuple[str, ...]], set[str]],
    encoding: str | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[TextTable]:
    """The rows of a delimited text file, block by block.

    Parameters
    ----------
    path, file, findings, keep, encoding
        As in :func:`siteopt.layers.text_table.read_text_table`; the same findings.
    block_bytes : int
        Bytes of text per batch.

    Yields
    ------
    TextTable
        After the first row with a wrong number of cells nothing more is given: all such rows are told.
    """
    found = _encoding(path, file, findings, encoding)
    if found is None:
        return
    with path.open("rb") as raw:
        decode = codecs.getincrementaldecoder(found)(errors="ignore").decode
        start = decode(raw.read(_PIECE)).lstrip("\ufeff").encode()
    names, delimiter = header_of(start), delimiter_of(start)
    if not any(names):
        findings.error("no_header", file=file)
        return
    wanted = keep(names)
    held = [i for i, name in enumerate(names) if name in wanted]
    bad, broken, next_row = BadRows(), False, 1
    try:
        with path.open("rb") as raw:
            source = raw if found == "utf-8" else _Recoded(raw, found)
            for batch in pa_csv.open_csv(source, **reading(keys_of(names), delimiter, block_bytes, bad)):
                broken = broken or bool(bad)
                row = np.arange(next_row, next_row + len(batch), dtype=np.int64)
                next_row += len(batch)
                if broken:
                    continue
                table = pa.Table.from_batches([batch])
                if len(row) and row[0] == 1:  # the header
                    table, row = table.slice(1), row[1:]
                filled = any_text(table)
                if not filled.all():
                    table, row = table.filter(pa.array(filled)), row[filled]
                if len(row):
                    yield TextTable(names, table.select(held).rename_columns([names[i] for i in held]), row)
    except (pa.ArrowException, ValueError) as error:
        findings.error("unreadable_file", file=file, reason=shown(error, 200))
    bad.tell(file, findings)


def _encoding(path: Path, file: str, findings: Findings, encoding: str | None) -> str | None:
    """The encoding in which the whole file can be read; it is read once to know."""
    with path.open("rb") as raw:
        head = raw.read(4)
    marked = next((name for mark, name in MARKS if head.startswith(mark)), None)
    tries = [encoding] if encoding else [marked] if marked else ["utf-8", "gb18030"]
    for name in tries:
        try:
            decode = codecs.getincrementaldecoder(name)()
        except LookupError:
            findings.error("unknown_encoding", file=file, field="encoding", value=encoding)
            return None
        try:
            with path.open("rb") as raw:
                text = True
                while piece := raw.read(_PIECE):
                    text = text and "\0" not in decode.decode(piece)
                text = text and "\0" not in decode.decode(b"", final=True)
        except UnicodeError:
            continue
        if not text:
            findings.error("not_text", file=file)
            return None
        if name == "gb18030" and not encoding:
            findings.info("encoding_found", file=file, value="GB18030")
        return name
    findings.error("bad_encoding", file=file, value=", ".join(n.upper() for n in tries))
    return None


class _Recoded:
    """A file of bytes in some encoding, read as UTF-8."""

    closed = False

    def __init__(self, raw: Any, encoding: str) -> None:
        self._raw = raw
        self._decode = codecs.getincrementaldecoder(encoding)()
        self._ready = b""

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes of UTF-8."""
        while size < 0 or len(self._ready) < size:
            piece = self._raw.read(_PIECE)
            self._ready += self._decode.decode(piece, final=not piece).encode()
            if not piece:
                break
        end = len(self._ready) if size < 0 else size
        given, self._ready = self._ready[:end], self._ready[end:]
        return given

    def close(self) -> None:
        """The file is closed by whoever opened it."""
        self.closed = True
