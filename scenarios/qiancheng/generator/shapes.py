"""Small geometry: smooth curves, water, the outline, communities."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, affinity

from . import plan

CM = 0.01


def smooth(path: plan.Path, step_m: float = 40.0) -> LineString:
    """A Catmull-Rom curve through the points, one vertex about every ``step_m`` metres."""
    p = np.asarray(path, dtype=float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    out = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        n = max(2, int(np.hypot(*(c - b)) / step_m))
        t = (np.arange(n) / n)[:, None]
        out.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return LineString(np.round(np.vstack([*out, p[-2][None]]), 2))


def outline() -> Polygon:
    """The edge of town, with its corners rounded."""
    return Polygon(smooth((*plan.OUTLINE, plan.OUTLINE[0])).coords[:-1])


def river_lines() -> dict[str, LineString]:
    """Centre lines."""
    return {name: smooth(path) for name, (_, path) in plan.RIVERS.items()}


def water() -> MultiPolygon | Polygon:
    """Both rivers as one surface."""
    lines = river_lines()
    return shapely.union_all([lines[n].buffer(w / 2, quad_segs=8) for n, (w, _) in plan.RIVERS.items()])


def open_land(with_streets: bool | None = None) -> Polygon:
    """Parks, hills, schools and works: all, or those with (or without) lanes."""
    chosen = [o for o in plan.OPEN_LAND if with_streets is None or o.streets == with_streets]
    return shapely.union_all(
        [affinity.scale(Point(o.x, o.y).buffer(1, quad_segs=8), o.rx, o.ry) for o in chosen]
    )


def communities() -> dict[str, Polygon]:
    """Community id -> polygon: pieces cut by roads and river centre lines, each to the nearest seed on its bank."""
    edge = outline()
    cuts = [smooth(r.path) for r in plan.ROADS if r.divides] + list(river_lines().values())
    network = shapely.union_all([edge.exterior, *cuts])
    pieces = [p for p in shapely.get_parts(shapely.polygonize([network])) if edge.contains(p.representative_point())]
    seeds = [(c.id, Point(s)) for c in plan.COMMUNITIES for s in c.seeds]
    parts: dict[str, list[Polygon]] = {c.id: [] for c in plan.COMMUNITIES}
    for piece in pieces:
        inside = [i for i, s in seeds if piece.contains(s)]
        middle = piece.representative_point()
        parts[inside[0] if inside else min(seeds, key=lambda s: s[1].distance(middle))[0]].append(piece)
    merged = {i: shapely.set_precision(shapely.union_all(p), CM) for i, p in parts.items()}
    return {i: shapely.normalize(g) for i, g in merged.items()}
