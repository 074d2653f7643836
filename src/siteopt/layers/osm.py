"""Walkable streets from an OpenStreetMap extract (.osm.pbf, .osm)."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import Any

import numpy as np
import osmium
from pyproj import CRS

from siteopt.findings import Findings
from siteopt.layers.chains import chain_streets
from siteopt.layers.datum import datum_name, middle, operation
from siteopt.layers.words import shown
from siteopt.scenario.schema import WalkFilter
from siteopt.units import Ints
from siteopt.world import Streets

OSM_ENDINGS = (".pbf", ".osm", ".gz", ".bz2")
"""Endings of file names that are read here: .osm.pbf, .osm, .osm.gz, .osm.bz2."""

_NOWHERE = 2_147_483_647
"""What osmium holds as the coordinate of a node that the extract does not contain."""
_FIXED = 1e-7
"""OSM coordinates are whole multiples of this many degrees."""


def read_osm(path: Path, walk: WalkFilter, crs: str, findings: Findings, *, label: str) -> Streets | None:
    """Read the ways that a person walks; one-way is ignored, steps and paths are kept.

    Ways are connected at shared nodes only, so a bridge does not meet the street below it. Where the extract
    lacks a way's nodes (its rim), the way's remaining stretches are used.

    Parameters
    ----------
    path : Path
        The extract.
    walk : WalkFilter
        Which ways count.
    crs : str
        Metric CRS that lengths are measured in.
    findings : Findings
        Takes ``osm_unreadable``, ``osm_no_walkable_way``, ``osm_missing_nodes`` (warning), ``mixed_datum``.
    label : str
        The file's name as the user wrote it.

    Returns
    -------
    Streets or None
        None when an error was added.
    """
    try:
        n_highways, count, ref, place = _read_ways(path, walk)
    except Exception as problem:  # osmium raises RuntimeError, OSError, ValueError ... in its reader's own words
        reason = str(problem).replace(str(path.resolve()), path.name)
        findings.error("osm_unreadable", file=label, reason=shown(reason))
        return None
    held = place[:, 0] != _NOWHERE
    degrees = place.astype(np.float64) * _FIXED
    lon, lat = middle(degrees[held])[0] if held.any() else (0.0, 0.0)
    change = operation("EPSG:4326", crs, (lon, lat))
    if not change.known:
        wanted = datum_name(CRS.from_user_input(crs))
        findings.error("mixed_datum", file=label, value="OSM", datum="WGS 84", wanted=wanted)
        return None
    x, y = change.transform(degrees[:, 0], degrees[:, 1])
    present = held & np.isfinite(x) & np.isfinite(y)
    way = np.repeat(np.arange(len(count)), count)
    if not present.all():
        findings.warning(
            "osm_missing_nodes", file=label, nodes=int((~present).sum()), ways=len(np.unique(way[~present]))
        )
    # A gap ends a stretch: number the stretches by way and by the gaps passed so far.
    stretch = (way + np.cumsum(~present))[present]
    node, first, vertex = np.unique(ref[present], return_index=True, return_inverse=True)
    indptr = np.concatenate([[0], np.flatnonzero(np.diff(stretch)) + 1, [len(vertex)]])
    xy_m = np.column_stack([x[present], y[present]])[first] if len(node) else np.empty((0, 2))
    streets = chain_streets(xy_m, indptr, vertex, label)
    if streets is None:
        findings.error("osm_no_walkable_way", file=label, ways=n_highways)
    return streets


def walkable(tags: Any, walk: WalkFilter) -> bool:
    """Say whether a person walks a way with these tags (anything with ``get``)."""
    highway, foot = tags.get("highway"), tags.get("foot")
    if highway is None or foot in walk.foot_forbids:
        return False
    if walk.drop_areas and tags.get("area") == "yes":
        return False
    if foot in walk.foot_allows:
        return True
    return highway not in walk.exclude_highway and tags.get("access") not in walk.access_forbids


def _read_ways(path: Path, walk: WalkFilter) -> tuple[int, Ints, Ints, Ints]:
    """Highways seen; then of the walkable ones: nodes per way (L,), node ids (M,), places (M, 2) in 1e-7 degrees."""
    # The absolute path keeps osmium from taking a name for standard input or for an address to download.
    file = osmium.io.File(str(path.resolve()), _format(path))
    ways = (
        osmium.FileProcessor(file, osmium.osm.NODE | osmium.osm.WAY)
        .with_locations()
        .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        .with_filter(osmium.filter.KeyFilter("highway"))
    )
    n_highways, count = 0, array("q")
    # Plain numbers: lists of them would hold five times as much memory.
    ref, lon, lat = array("q"), array("i"), array("i")
    for way in ways:
        n_highways += 1
        if walkable(way.tags, walk):
            before = len(ref)
            for node in way.nodes:
                ref.append(node.ref)
                lon.append(node.x)
                lat.append(node.y)
            count.append(len(ref) - before)
    place = np.column_stack([np.asarray(lon, dtype=np.int64), np.asarray(lat, dtype=np.int64)])
    return n_highways, np.array(count, dtype=np.int64), np.array(ref, dtype=np.int64), place


def _format(path: Path) -> str:
    """The format by the name's ending; what ends oddly is tried as PBF."""
    name = path.name.lower()
    return next((f for f in ("osm.bz2", "osm.gz", "osm") if name.endswith("." + f)), "pbf")
