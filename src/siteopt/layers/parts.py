"""The parts in which a large demand layer is read: row groups, ranges of fids, windows of a raster, whole files.

A part is a few plain values, so that it can be read on another machine. Parts and their order follow from the files
alone, not from who reads them.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq
import pyogrio
import rasterio

from siteopt.findings import Findings
from siteopt.layers.files import LAYERS, PARQUET, RASTERS, locate
from siteopt.layers.heard import READER_ERRORS, heard, reason
from siteopt.layers.vector import parquet_layout, pick_layer
from siteopt.layers.whole import missing_bytes
from siteopt.layers.words import listed, shown
from siteopt.scenario.schema import Demand

PART_ROWS = 262_144
"""About so many rows are one part: a few batches, some seconds of work."""
_PIXELS = 262_144
_WINDOWS = 16


@dataclass(frozen=True)
class Part:
    """A piece of a layer.

    Attributes
    ----------
    file, path : the file as findings name it, and where it is
    number : of the file among the layer's files
    layer, fid_column : of a GeoPackage
    start, stop : row groups, fids or windows, the last one not included; all of the file when both are 0
    rows : as the file says; None when it does not
    stamp : size and time of change: a file that changes between two readings is found out
    """

    file: str
    path: str
    number: int
    layer: str | None = None
    fid_column: str = ""
    start: int = 0
    stop: int = 0
    rows: int | None = None
    stamp: tuple[int, int] = (0, 0)

    @property
    def suffix(self) -> str:
        """Ending of the file name, lower case."""
        return Path(self.path).suffix.lower()


def files_of(file: str, base: Path) -> list[Path] | None:
    """The files of a folder or a pattern in order of their names; None where the name is that of one file."""
    path = base / file
    if path.is_dir():
        found = [p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in LAYERS + RASTERS]
        hidden = [p for p in found if any(part[0] in "._" for part in p.relative_to(path).parts)]
        return sorted(set(found) - set(hidden))
    if glob.has_magic(file) and not path.exists():
        # Path.glob takes no pattern that starts at the root
        return sorted(Path(p) for p in glob.glob(str(path), recursive=True) if Path(p).is_file())  # noqa: PTH207
    return None


def parts_of(spec: Demand, base: Path, findings: Findings) -> tuple[Part, ...]:
    """The parts of a layer in order.

    Parameters
    ----------
    spec : Demand
        ``file`` is a file, a folder of parts or a pattern.
    base : Path
        Folder of the scenario file.
    findings : Findings
        Takes what finding a file takes, ``no_parts``, ``mixed_parts``, ``parts_written_how``.

    Returns
    -------
    tuple of Part
        Empty when an error was added.
    """
    many = files_of(spec.file, base)
    if many is None:
        one = locate(spec.file, base, findings, allowed=LAYERS + RASTERS)
        named = [] if one is None else [(spec.file, one)]
    else:
        named = [(part_name(spec.file, base, path), path) for path in many]
        if not named:
            findings.error("no_parts", file=spec.file, field="demand.file", value=spec.file, known=listed(LAYERS))
        endings = sorted({path.suffix.lower() for path in many})
        if len(endings) > 1:
            findings.error("mixed_parts", file=spec.file, field="demand.file", value=spec.file, known=listed(endings))
            return ()
    out: list[Part] = []
    for number, (file, path) in enumerate(named):
        if locate(str(path), base, findings, allowed=LAYERS + RASTERS) is not None:
            out += _split(spec, Part(file, str(path), number, stamp=_stamp(path)), findings)
    return tuple(out)


def changed(part: Part) -> bool:
    """Whether the file is no longer the one that was read."""
    try:
        return _stamp(Path(part.path)) != part.stamp
    except OSError:
        return True


def _stamp(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_size, about.st_mtime_ns


def part_name(file: str, base: Path, path: Path) -> str:
    """A file as findings name it: the folder as the scenario writes it, then the rest."""
    start = base / file if (base / file).is_dir() else base
    try:
        inner = path.relative_to(start).as_posix()
    except ValueError:
        return path.name
    return f"{file.rstrip('/')}/{inner}" if start != base else inner


def _split(spec: Demand, whole: Part, findings: Findings) -> Iterator[Part]:
    path = Path(whole.path)
    try:
        if short := missing_bytes(path):
            findings.error("cut_short", file=whole.file, value=short[0], promised=short[1], found=short[2])
            return
        with heard(whole.file, findings):
            made = list(_pieces(spec, whole, path, findings))
    except READER_ERRORS as error:
        findings.error("unreadable_file", file=whole.file, reason=reason(error, path))
        return
    yield from made


def _pieces(spec: Demand, whole: Part, path: Path, findings: Findings) -> Iterator[Part]:
    if whole.suffix in PARQUET:
        parquet = pq.ParquetFile(path)
        how = parquet_layout(parquet.schema_arrow)
        if how.geometry is not None and not how.is_wkb:
            findings.error("parts_written_how", file=whole.file, field=how.geometry, value=shown(how.how["encoding"]))
            return
        start, rows = 0, 0
        for group in range(parquet.num_row_groups):
            rows += parquet.metadata.row_group(group).num_rows
            if rows >= PART_ROWS or group == parquet.num_row_groups - 1:
                yield replace(whole, start=start, stop=group + 1, rows=rows)
                start, rows = group + 1, 0
    elif whole.suffix == ".gpkg":
        layer = pick_layer(path, whole.file, findings, spec.layer)
        if layer is None:
            return
        info = pyogrio.read_info(path, layer=layer, force_feature_count=True)
        column, count = info["fid_column"], int(info["features"])
        if not column:  # a view: it has no fids to cut it by
            yield replace(whole, layer=layer, rows=count)
            return
        quoted, table = column.replace('"', '""'), layer.replace('"', '""')
        sql = f'SELECT min("{quoted}") AS low, max("{quoted}") AS high FROM "{table}"'
        ends = pyogrio.read_dataframe(path, sql=sql, read_geometry=False).iloc[0]
        low, high = (int(ends["low"]), int(ends["high"])) if count else (0, -1)
        step = PART_ROWS * max(1, (high + 1 - low) // max(count, 1))  # fids may be far apart
        for start in range(low, high + 1, step):
            stop = min(start + step, high + 1)
            yield replace(
                whole, layer=layer, fid_column=column, start=start, stop=stop, rows=min(count, stop - start)
            )
        if not count:
            yield replace(whole, layer=layer, rows=0)
    elif whole.suffix in RASTERS:
        with rasterio.open(path) as raster:
            n = len(windows_of(raster))
        for start in range(0, n, _WINDOWS):
            yield replace(whole, start=start, stop=min(start + _WINDOWS, n))
    else:
        yield whole


def windows_of(raster: object) -> list[tuple[int, int, int, int]]:
    """(column, row, width, height) of windows of whole blocks, a quarter of a million pixels each or one block."""
    width, height = raster.width, raster.height  # type: ignore[attr-defined]
    tall, wide = raster.block_shapes[0]  # type: ignore[attr-defined]
    tall = min(height, max(1, _PIXELS // width // tall) * tall) if wide >= width else tall
    wide = min(width, max(1, _PIXELS // tall // wide) * wide)
    return [
        (column, row, min(wide, width - column), min(tall, height - row))
        for row in range(0, height, tall)
        for column in range(0, width, wide)
    ]
