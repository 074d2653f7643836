"""Find an input file, and say plainly why it cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

from siteopt.findings import Findings
from siteopt.layers.words import NOT_ANY, closest, listed

TEXT_TABLES = (".csv", ".tsv", ".txt")
PARQUET = (".parquet", ".geoparquet", ".pq")
GDAL_LAYERS = (".gpkg", ".geojson", ".json", ".shp", ".fgb")
RASTERS = (".tif", ".tiff")
LAYERS = TEXT_TABLES + PARQUET + GDAL_LAYERS

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx")


def locate(file: str, base: Path, findings: Findings, *, allowed: tuple[str, ...] = LAYERS) -> Path | None:
    """The path of an input file that is there, readable, not empty and of a known kind.

    Parameters
    ----------
    file : str
        As the scenario says it; relative paths count from ``base``.
    base : Path
        Folder of the scenario file.
    findings : Findings
        Takes ``missing_file``, ``not_a_file``, ``unsupported_file``, ``cannot_read_file`` or ``empty_file``.
    allowed : tuple of str
        File name endings that can be read here, lower case.

    Returns
    -------
    Path or None
        None when a finding was added.
    """
    path = base / file
    try:
        problem, facts = _trouble(path, allowed)
    except PermissionError:
        problem, facts = "cannot_read_file", {"reason": "permission denied"}
    except (OSError, ValueError) as error:  # a name with a NUL, a name too long, a broken mount
        problem, facts = "cannot_read_file", {"reason": str(error.__class__.__name__)}
    if problem is None:
        return path
    findings.error(problem, file=file, value=file, **facts)
    return None


def _trouble(path: Path, allowed: tuple[str, ...]) -> tuple[str | None, dict[str, str]]:
    if not os.path.lexists(path):
        folder = path.parent
        names = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
        return "missing_file", {"nearest": closest(path.name, names)}
    if path.is_dir():
        inside = sorted(p.name for p in path.iterdir() if p.suffix.lower() in allowed)
        return "not_a_file", {"inside": listed(inside)}
    if path.suffix.lower() not in allowed:
        return "unsupported_file", {"ending": path.suffix or NOT_ANY, "known": listed(allowed)}
    if not path.is_file():
        return "missing_file" if path.is_symlink() else "not_a_file", {"nearest": NOT_ANY, "inside": NOT_ANY}
    with path.open("rb") as stream:
        if not stream.read(1):
            return "empty_file", {}
    return None, {}


def parts_of(path: Path) -> tuple[Path, ...]:
    """The file and, for a Shapefile, its sidecar files, in a fixed order."""
    if path.suffix.lower() != ".shp":
        return (path,)
    beside = {p.suffix.lower(): p for p in sorted(path.parent.glob("*")) if p.stem == path.stem}
    return tuple(beside[part] for part in SHAPEFILE_PARTS if part in beside)
