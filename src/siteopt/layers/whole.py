"""Is a file whole? GDAL reads some truncated files without a word; these checks read only headers."""

from __future__ import annotations

import struct
from pathlib import Path


def missing_bytes(path: Path) -> tuple[str, int, int] | None:
    """Compare the size that a file's header promises with the size it has.

    Returns
    -------
    (name, promised, found) or None
        The part that is cut short with both sizes in bytes; None when the file is whole or says nothing.
    """
    suffix = path.suffix.lower()
    if suffix == ".gpkg":
        return _short(path, _sqlite_size(path))
    if suffix == ".shp":
        for part in (path, path.with_suffix(".shx")):
            if part.exists() and (short := _short(part, _shp_size(part))):
                return short
        dbf = path.with_suffix(".dbf")
        return _short(dbf, _dbf_size(dbf)) if dbf.exists() else None
    return None


def _short(path: Path, promised: int | None) -> tuple[str, int, int] | None:
    found = path.stat().st_size
    return (path.name, promised, found) if promised is not None and found < promised else None


def _head(path: Path, length: int) -> bytes:
    with path.open("rb") as stream:
        return stream.read(length)


def _sqlite_size(path: Path) -> int | None:
    head = _head(path, 100)
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
        return None
    page, pages = struct.unpack(">H", head[16:18])[0], struct.unpack(">I", head[28:32])[0]
    # The page count may be trusted only where the writer marked it as current (SQLite file format, 1.3.7).
    current = head[24:28] == head[92:96]
    return (65536 if page == 1 else page) * pages if current and pages else None


def _shp_size(path: Path) -> int | None:
    head = _head(path, 28)
    return 2 * int(struct.unpack(">i", head[24:28])[0]) if len(head) == 28 else 28


def _dbf_size(path: Path) -> int | None:
    head = _head(path, 12)
    if len(head) < 12:
        return 32
    records, header, length = struct.unpack("<IHH", head[4:12])
    return int(header + records * length)
