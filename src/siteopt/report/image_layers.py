"""The layers of map.png, from the ground up: cells, streets, communities, existing outlets, new outlets."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from siteopt.report import palette
from siteopt.report.fonts import LATIN
from siteopt.report.image_canvas import EQUAL_SIZE, MARKERS, Canvas

MOST_STREETS = 60_000
MOST_SEAMS = 4_000
"""With more cells than this, pale seams between them would hide their colours."""


def draw_layers(canvas: Canvas) -> None:
    """Everything on the map but its words."""
    _cells(canvas)
    _streets(canvas)
    _communities(canvas)
    _existing(canvas)
    _chosen(canvas)


def _cells(canvas: Canvas) -> None:
    world, scores = canvas.run.world, canvas.run.scores
    lived_in = np.flatnonzero(world.cells.residents > 0)
    reach = np.isfinite(scores.minutes_after[lived_in]).sum(axis=1)
    colours = np.array([palette.MISSING, *palette.ramp(palette.COUNT_RAMP, len(world.types))])[reach]
    geometry = world.cells.geometry[lived_in]
    is_area = shapely.area(geometry) > 0
    parts, owner = shapely.get_parts(
        shapely.simplify(geometry[is_area], float(canvas.size_m[0]) / 4000), return_index=True
    )
    fill, few = colours[is_area][owner], len(parts) < MOST_SEAMS
    for colour in np.unique(fill):
        # One path per colour, and add_artist rather than add_patch, which would measure every corner: fast with
        # a hundred thousand cells.
        canvas.axes.add_artist(
            PathPatch(
                _path(parts[fill == colour]),
                facecolor=colour,
                edgecolor="white" if few else colour,
                linewidth=0.35 if few else 0.15,
                zorder=1,
            )
        )
    x, y = world.cells.xy_m[lived_in[~is_area]].T
    size = float(np.clip(2e5 / max(len(x), 1), 4, 420))
    canvas.axes.scatter(
        x, y, c=colours[~is_area], s=size, linewidths=0.5 if size > 40 else 0, edgecolors="#6a645c", zorder=1
    )


def _streets(canvas: Canvas) -> None:
    if canvas.streets is None:
        return
    longest = np.sort(np.argsort(-canvas.streets.length_m, kind="stable")[:MOST_STREETS])
    tolerance_m = float(canvas.size_m[0]) / 2500
    lines = shapely.simplify(canvas.streets.line[longest], tolerance_m, preserve_topology=False)
    drawn = [shapely.get_coordinates(line) for line in lines]
    canvas.axes.add_collection(LineCollection(drawn, colors="#4d4a45", linewidths=0.45, alpha=0.45, zorder=2))


def _communities(canvas: Canvas) -> None:
    communities = canvas.run.world.communities
    for k in range(len(communities)):
        geometry = communities.geometry[k]
        outline = _path(shapely.get_parts(geometry))
        for colour, width, style in (("white", 3.6, "-"), ("#3b3733", 1.3, "--")):
            canvas.axes.add_artist(
                PathPatch(outline, facecolor="none", edgecolor=colour, linewidth=width, linestyle=style, zorder=3)
            )
        x, y = shapely.get_coordinates(shapely.point_on_surface(geometry))[0]
        name = str(communities.name[k] or communities.community_id[k])[:24]
        canvas.label(x, y, name, size=11, colour="#3b3733")


def _existing(canvas: Canvas) -> None:
    sites = canvas.run.world.sites
    for t in range(len(canvas.run.world.types)):
        colour, shape = palette.type_style(t)
        x, y = sites.xy_m[sites.standing[:, t]].T
        area = 38 * EQUAL_SIZE.get(shape, 1.0)
        canvas.axes.scatter(
            x, y, s=area, marker=MARKERS[shape], facecolors="white", edgecolors=colour, linewidths=1.5, zorder=4
        )


def _chosen(canvas: Canvas) -> None:
    sites, types = canvas.run.world.sites, canvas.run.world.types
    where = {str(s): j for j, s in enumerate(sites.site_id)}
    beside: dict[int, int] = {}
    for n, row in enumerate(canvas.outlets, start=1):
        j = where[str(row["site_id"])]
        # An outlet that shares its space with others stands a step to the right of them.
        x, y = sites.xy_m[j] + np.array([beside.get(j, 0) * float(canvas.size_m[0]) * 0.0195, 0.0])
        beside[j] = beside.get(j, 0) + 1
        colour, shape = palette.type_style(types.type_id.index(row["outlet_type"]))
        area = 430 * EQUAL_SIZE.get(shape, 1.0)
        canvas.axes.scatter(
            [x], [y], s=area, marker=MARKERS[shape], c=[colour], edgecolors="white", linewidths=1.6, zorder=7
        )
        canvas.axes.annotate(
            str(n),
            (x, y),
            xytext=(0, {"triangle": -2, "down": 2}.get(shape, 0)),
            textcoords="offset points",
            ha="center",
            va="center_baseline",
            color="white",
            fontsize=10.5 if n < 100 else 8,
            fontfamily=LATIN,
            fontweight="bold",
            zorder=8,
        )


def _path(polygons: Any) -> Path:
    """Polygons with their holes as one path; outlines and holes turn in opposite ways, so that holes stay open."""
    rings = shapely.get_rings(shapely.normalize(polygons))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(points), Path.LINETO, dtype=Path.code_type)
    codes[np.flatnonzero(np.diff(ring, prepend=-1))] = Path.MOVETO
    codes[np.flatnonzero(np.diff(ring, append=-1))] = Path.CLOSEPOLY
    return Path(points, codes)
