"""Spaces against layers of land: how far, how much of one lies in the other, and which codes of land use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import shapely

from siteopt.findings import Findings
from siteopt.units import Bools, Floats, Ints, Texts
from siteopt.world import Sites, World, Zones

EDGE_M = 1e-6
"""Exactly the distance away is far enough; nearer by more than a micrometre is not."""

Needs = Literal["optional", "required"]
"""Whether a layer that is absent leaves the rule unchecked or stops the run."""

POINTS = (0, 4)
POLYGONS = (3, 6)


def shapes_of(sites: Sites, at: Ints) -> Texts:
    """(N,) shapes of the sites ``at``, made valid; the point of a site that has no shape."""
    shape = sites.geometry[at].copy()
    lacking = np.asarray(shapely.is_missing(shape) | shapely.is_empty(shape))
    if lacking.any():
        shape[lacking] = shapely.points(sites.xy_m[at][lacking])
    return _valid(shape)


def metres_to(shapes: Texts, zones: Zones) -> Floats:
    """(N,) straight-line metres from each shape to the nearest feature of a layer; inf where the layer is empty."""
    out = np.full(len(shapes), np.inf)
    land = _present(zones.geometry)
    if len(shapes) and len(land):
        (mine, _), metres = shapely.STRtree(land).query_nearest(shapes, return_distance=True, all_matches=False)
        out[mine] = metres
    return out


def nearest_features(shapes: Texts, zones: Zones) -> list[tuple[float, str]]:
    """For each shape the metres to the nearest feature, and that feature's name (its row where it has none).

    Boxes tell which features can be nearest at all; the distance to those is measured. Without the index that
    :func:`metres_to` uses, so that a judge does not lean on what the rows lean on.
    """
    known = np.flatnonzero(~(shapely.is_missing(zones.geometry) | shapely.is_empty(zones.geometry)))
    if not len(known):
        return [(np.inf, "")] * len(shapes)
    land = zones.geometry[known]
    box, found = shapely.bounds(land), []
    for shape, own in zip(shapes, shapely.bounds(shapes), strict=True):
        dx = np.maximum(np.maximum(box[:, 0] - own[2], own[0] - box[:, 2]), 0.0)
        dy = np.maximum(np.maximum(box[:, 1] - own[3], own[1] - box[:, 3]), 0.0)
        least = np.hypot(dx, dy)
        reach = float(shapely.distance(shape, land[int(least.argmin())])) + EDGE_M
        close = np.flatnonzero(least <= reach)
        metres = shapely.distance(shape, land[close])
        best = float(metres.min())
        at_best = known[close[metres <= best + EDGE_M]]
        found.append((best, min(str(zones.name[k]) or str(zones.row[k]) for k in at_best)))
    return found


def far_enough(metres: Any, limit_m: float) -> Any:
    """Whether distances keep a limit; the limit itself does."""
    return np.greater_equal(metres, limit_m - EDGE_M)


def inside_m2(shapes: Texts, zones: Zones) -> Floats:
    """(N,) m2 of each polygon that lies in a layer's polygons; 0 for points, which have no area."""
    out = np.zeros(len(shapes))
    for k, land in _around(shapes, zones):
        out[k] = shapely.area(shapely.intersection(shapes[k], land))
    return out


def points_inside(shapes: Texts, zones: Zones, *, border: bool) -> Bools:
    """(N,) points that lie in a layer's polygons; on the border only if ``border``. False for polygons."""
    out = np.zeros(len(shapes), dtype=np.bool_)
    within = shapely.covers if border else shapely.contains_properly
    for k, land in _around(shapes, zones):
        out[k] = is_point(shapes[k]) and bool(within(land, shapes[k]))
    return out


def is_point(shapes: Any) -> Any:
    """Shapes that are points, of which nobody knows how far they stretch."""
    return np.isin(shapely.get_type_id(shapes), POINTS)


def _around(shapes: Texts, zones: Zones) -> Iterable[tuple[int, Any]]:
    """Each shape that meets a layer, with what it meets united: polygons that overlap count once."""
    land = _valid(_present(zones.geometry))
    if not len(shapes) or not len(land):
        return
    mine, theirs = shapely.STRtree(land).query(shapes, predicate="intersects")
    order = np.lexsort((theirs, mine))
    mine, theirs = mine[order], theirs[order]
    for part in np.split(np.arange(len(mine)), np.flatnonzero(np.diff(mine)) + 1):
        if len(part):
            yield int(mine[part[0]]), shapely.unary_union(land[theirs[part]])


def _present(geometry: Texts) -> Texts:
    return np.asarray(geometry[~(shapely.is_missing(geometry) | shapely.is_empty(geometry))], dtype=object)


def _valid(geometry: Texts) -> Texts:
    """The shapes with those that cross themselves mended: overlaying them would fail."""
    wrong = ~np.asarray(shapely.is_valid(geometry), dtype=np.bool_)
    if wrong.any():
        geometry = geometry.copy()
        geometry[wrong] = shapely.make_valid(geometry[wrong])
    return geometry


def check_layer(world: World, findings: Findings, file: str, label: str, layer: str, needs: Needs) -> None:
    """Report a layer that a rule looks at and the scenario does not give."""
    if layer not in world.zones:
        severity: Literal["error", "warning"] = "error" if needs == "required" else "warning"
        code = "rule_layer_required" if needs == "required" else "rule_layer_absent"
        known = ", ".join(sorted(world.zones)) or "—"
        findings.add(severity, code, file=file, field=f"constraints.{label}", value=layer, known=known)


def check_polygons(world: World, findings: Findings, label: str, layer: str) -> None:
    """Report features of a layer that have no area: nothing can lie in a line."""
    zones = world.zones.get(layer)
    if zones is not None:
        for k in np.flatnonzero(~np.isin(shapely.get_type_id(zones.geometry), POLYGONS)):
            findings.error(
                "rule_layer_not_polygons",
                file=zones.file,
                row=zones.row[k],
                field=f"zones.{layer}",
                value=layer,
                rule=label,
            )


def land_use_codes(text: str) -> tuple[str, ...]:
    """The land-use codes of a space: one, or several where its land is in mixed use ("0901/0702")."""
    return tuple(code for code in re.split(r"[\s;；,，、/／+＋|]+", text.strip()) if code)


def longest_prefix(code: str, known: Iterable[str]) -> str | None:
    """The entry that says most about a code: 090101 falls under 0901 before 09."""
    return max((k for k in known if code.startswith(k)), key=len, default=None)
