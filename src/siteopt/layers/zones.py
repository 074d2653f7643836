"""Layers of land that rules look at: school gates, control lines, farmland, dwellings ...

A layer that the scenario does not name is absent: a rule that needs it says "not checked". A layer that it names
and that holds nothing is checked, with nothing there; that is told, for a filter may be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from siteopt.findings import Findings, nearest
from siteopt.layers.columns import text_or
from siteopt.layers.place import place
from siteopt.layers.shapes import LINES, NAMES, POINTS, POLYGONS
from siteopt.layers.table import Table, named, read_table, said_where
from siteopt.layers.words import listed, shown
from siteopt.scenario.schema import Zone
from siteopt.units import Texts, read_only
from siteopt.world import Zones

AREAS = (
    "residential", "permanent_basic_farmland", "ecological_red_line", "development_boundary", "green_line",
    "blue_line", "yellow_line", "purple_line",
)  # fmt: skip
"""Layers of which the inside counts: they must be polygons."""

ZONE_NAMES = ("school_gates", *AREAS)
"""The layers that rules look for by themselves; any other name is for a rule that gives it."""


def read_zones(
    spec: Mapping[str, Zone], base: Path, crs: str, findings: Findings, *, scenario: str = "scenario"
) -> dict[str, Zones] | None:
    """Read every layer of land, in the order of the scenario.

    Parameters
    ----------
    spec : mapping of str to Zone
        By name.
    base : Path
        Folder of the scenario file.
    crs : str
        The metric CRS.
    findings : Findings
        Takes the findings of table, place and columns, and ``zone_name_near``, ``zone_empty``, ``zone_none_left``,
        ``zone_none_within``, ``zone_not_polygons``, ``zone_shape``, ``zone_repaired``, ``zone_beyond_repair``,
        ``zone_not_finite``.
    scenario : str
        The scenario file's name in findings.

    Returns
    -------
    dict of str to Zones, or None
        None when an error was added.
    """
    out: dict[str, Zones | None] = {}
    for name, source in spec.items():
        near = nearest(name, ZONE_NAMES) if name not in ZONE_NAMES else None
        if near is not None:
            findings.warning(
                "zone_name_near", file=scenario, field=f"zones.{name}", value=shown(name), nearest=near,
                known=listed(ZONE_NAMES),
            )  # fmt: skip
        out[name] = _read_zone(name, source, base, crs, findings)
    good = {name: zone for name, zone in out.items() if zone is not None}
    return good if len(good) == len(out) else None


def _read_zone(name: str, source: Zone, base: Path, crs: str, findings: Findings) -> Zones | None:
    before = len(findings.errors)
    table = read_table(
        source, base, findings, role=f"zones.{name}", columns=named(source.name), may_be_empty=True
    )  # fmt: skip
    if table is None or len(findings.errors) > before:
        return None
    if not len(table):
        _tell_empty(name, source, findings)
        nothing: Texts = read_only(np.empty(0, dtype=object))
        return Zones(nothing, nothing, source.file, nothing)
    names = text_or(table, source.name, findings, field=f"zones.{name}.name")
    table = _sound(table, name, findings)
    placed = place(table, crs, findings, lines=True) if len(findings.errors) == before else None
    if placed is None or names is None:
        return None
    lost = ~np.isfinite(shapely.bounds(placed.geometry)).all(axis=1)
    for i in np.flatnonzero(lost):
        findings.error("zone_not_finite", file=source.file, row=table.label(i), field=f"zones.{name}")
    if lost.any():
        return None
    return Zones(read_only(names), read_only(placed.geometry), source.file, read_only(table.labels()))


def _tell_empty(name: str, source: Zone, findings: Findings) -> None:
    where = {"file": source.file, "field": f"zones.{name}"}
    if source.within:
        findings.warning("zone_none_within", value=shown(source.within), zone=shown(name), **where)
    elif source.where:
        findings.warning("zone_none_left", value=said_where(source), zone=shown(name), **where)
    else:
        findings.warning("zone_empty", value=shown(name), **where)


def _sound(table: Table, name: str, findings: Findings) -> Table:
    """The layer with what is not valid repaired; every shape that will not do is told."""
    geometry = table.geometry.copy()
    kind = shapely.get_type_id(geometry)
    some = (kind >= 0) & ~shapely.is_empty(geometry)
    plain = np.isin(kind, sorted(POINTS | LINES | POLYGONS))
    area = np.isin(kind, sorted(POLYGONS))
    finite = np.isfinite(shapely.bounds(geometry)).all(axis=1)
    for i in np.flatnonzero(some & ~finite):
        findings.error("zone_not_finite", file=table.file, row=table.label(i), field=f"zones.{name}")
    some &= finite
    where = {"file": table.file, "field": f"zones.{name}"}
    for i in np.flatnonzero(some & ~(area if name in AREAS else plain)):
        code = "zone_not_polygons" if name in AREAS else "zone_shape"
        findings.error(code, row=table.label(i), value=NAMES[kind[i]], zone=shown(name), **where)
    for i in np.flatnonzero(some & area & ~shapely.is_valid(geometry)):
        reason = shapely.is_valid_reason(geometry[i])
        mended = _polygons_of(geometry[i])
        if mended is None:
            findings.error("zone_beyond_repair", row=table.label(i), value=reason, **where)
            continue
        sizes = {"before": float(geometry[i].area), "after": float(mended.area)}
        findings.warning("zone_repaired", row=table.label(i), value=reason, **sizes, **where)
        geometry[i] = mended
    return replace(table, geometry=geometry)


def _polygons_of(shape: shapely.Geometry) -> shapely.Geometry | None:
    """The polygons of a shape once it is made valid; None when none is left."""
    try:
        parts = shapely.get_parts(shapely.make_valid(shape))
    except shapely.errors.GEOSException:
        return None
    # Collections may hold collections of polygons in their turn.
    parts = shapely.get_parts(parts[shapely.get_dimensions(parts) == 2])
    parts = parts[np.isin(shapely.get_type_id(parts), sorted(POLYGONS))]
    return shapely.union_all(parts) if len(parts) and shapely.area(parts).sum() > 0 else None
