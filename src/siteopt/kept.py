"""Street networks and walking minutes as arrays that a cache can hold, and back again, to the byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from siteopt.access.snap import Snap
from siteopt.access.travel import Pieces, SnapReport
from siteopt.cache import Cache, file_hash, key_of
from siteopt.findings import Findings
from siteopt.layers.files import parts_of
from siteopt.problem import TravelTimes
from siteopt.scenario.schema import StreetsSpec
from siteopt.units import read_only
from siteopt.world import Streets

LEAST_BYTES = 250_000
"""Street files smaller than this are read faster than it is worth keeping them."""
LEAST_POINTS = 1_000
"""Cells and sites: fewer are walked within a fraction of a second."""

_STREETS = ("node_xy_m", "tail", "head", "length_m", "component", "component_length_m")
_SNAPS = [f.name for f in fields(Snap)]


def kept_streets(
    cache: Cache | None,
    spec: StreetsSpec,
    base: Path,
    crs: str,
    findings: Findings,
    read: Callable[[Findings], Streets | None],
) -> Streets | None:
    """The streets of a file: from the cache, else read and kept, with all that was found about them either way."""
    try:
        files = parts_of(base / spec.file)
        large = cache is not None and sum(f.stat().st_size for f in files) >= LEAST_BYTES
        key = key_of("streets", spec.model_dump_json(), crs, *(file_hash(f) for f in files)) if large else ""
    except (OSError, ValueError):  # what is wrong with the file is told by its reader
        cache, key = None, ""
    if cache is None or not key:
        return read(findings)
    held = cache.get(key)
    if held is not None:
        before = Findings()
        for f in json.loads(str(held["findings"])):
            before.add(f["severity"], f["code"], **f["said"], **f["facts"])
        findings.extend(before)
        line = shapely.linestrings(held["line_xy"], indices=np.repeat(np.arange(len(held["tail"])), held["line_n"]))
        return Streets(line=read_only(line), file=spec.file, **{name: read_only(held[name]) for name in _STREETS})
    found = Findings()
    streets = read(found)
    findings.extend(found)
    if streets is not None and not found.errors:
        text = _as_json(found)
        if text is not None:
            xy, owner = shapely.get_coordinates(streets.line, return_index=True)
            arrays = {name: getattr(streets, name) for name in _STREETS}
            arrays |= {"line_xy": xy, "line_n": np.bincount(owner), "findings": np.array(text)}
            cache.put(key, arrays)
    return streets


def kept_minutes(
    cache: Cache | None,
    streets: Streets,
    asked: dict[str, Any],
    walk: Callable[[], tuple[TravelTimes, SnapReport]],
) -> tuple[TravelTimes, SnapReport]:
    """Minutes and how the points met the streets: from the cache, else searched and kept.

    Parameters
    ----------
    asked : what the walk depends on besides the streets, arrays and numbers by name; ``cells_xy``, ``sites_xy`` and
        ``max_snap_m`` among them
    walk : searches
    """
    if cache is None or len(asked["cells_xy"]) + len(asked["sites_xy"]) < LEAST_POINTS:
        return walk()
    parts = [part for name in sorted(asked) for part in (name, asked[name])]
    key = key_of("minutes", *(getattr(streets, name) for name in _STREETS), *_shape(streets), *parts)
    held = cache.get(key)
    if held is not None:
        return _minutes(held, asked, streets.slopes is not None)
    times, report = walk()
    arrays: dict[str, Any] = {"indptr": times.indptr, "site": times.site.astype(np.int32), "minutes": times.minutes}
    for who, snap in (("cells", report.cells), ("sites", report.sites)):
        arrays |= {f"{who}.{name}": getattr(snap, name) for name in _SNAPS}
    arrays["cells.at_xy_m"] = np.empty((0, 2))  # was not asked for
    pieces = {f.name: getattr(report.pieces, f.name) for f in fields(Pieces)}
    cache.put(key, arrays | {"pieces": np.array(json.dumps(pieces))})
    return times, report


def _minutes(
    held: dict[str, np.ndarray[Any, Any]], asked: dict[str, Any], sloped: bool
) -> tuple[TravelTimes, SnapReport]:
    times = TravelTimes(
        indptr=read_only(held["indptr"], np.int64),
        site=read_only(held["site"], np.int64),
        minutes=read_only(held["minutes"], np.float64),
        cutoff_min=asked["cutoff_min"],
        mode="streets",
        speed_kmh=asked["speed_kmh"],
        sloped=sloped,
    )
    held["cells.at_xy_m"] = np.broadcast_to(np.nan, (len(held["cells.edge"]), 2))
    cells, sites = (Snap(**{name: held[f"{who}.{name}"] for name in _SNAPS}) for who in ("cells", "sites"))
    return times, SnapReport(cells, sites, Pieces(**json.loads(str(held["pieces"]))), asked["max_snap_m"])


def _shape(streets: Streets) -> list[Any]:
    """What of the streets is no plain array: the lines that points snap to, and the slopes."""
    xy, owner = shapely.get_coordinates(streets.line, return_index=True)
    slopes = streets.slopes
    climb = [None] if slopes is None else [slopes.indptr, slopes.at_m, slopes.forth_m, slopes.back_m, slopes.stretch]
    return [xy, np.bincount(owner), *climb]


def _as_json(found: Findings) -> str | None:
    """Findings as text; None when one would not come back as it is."""
    where = ("file", "row", "field", "value")
    told = [
        {"severity": f.severity, "code": f.code, "facts": f.facts, "said": {w: getattr(f, w) for w in where}}
        for f in found
        if f.code != "more_of_the_same"
    ]
    if len(told) < len(list(found)):
        return None
    try:
        text = json.dumps(told)
    except (TypeError, ValueError):
        return None
    return text if json.loads(text) == told else None
