"""Small geometry: smooth curves, water, the outline, communities."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon

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


def water(margin_m: float = 0.0) -> Polygon:
    """Both rivers as one surface, with a margin on the banks."""
    banks = [_band(line, plan.RIVERS[name][0] / 2 + margin_m) for name, line in river_lines().items()]
    return shapely.normalize(shapely.union_all(banks, grid_size=CM))


def _band(line: LineString, half_m: float) -> Polygon:
    """The line as wide as a river: its own offsets, so that no buffer algorithm decides where the bank is."""
    xy = np.asarray(line.coords)
    along = np.gradient(xy, axis=0)
    across = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None] * half_m
    return Polygon(np.round(np.vstack([xy + across, (xy - across)[::-1]]), 2))


def open_land(with_streets: bool | None = None, margin_m: float = 0.0) -> Polygon:
    """Parks, hills, schools and works: all, or those with (or without) lanes."""
    turn = np.linspace(0, 2 * np.pi, 33)[:-1]
    chosen = [o for o in plan.OPEN_LAND if with_streets is None or o.streets == with_streets]
    rings = [
        np.column_stack([o.x + (o.rx + margin_m) * np.cos(turn), o.y + (o.ry + margin_m) * np.sin(turn)])
        for o in chosen
    ]
    return shapely.normalize(shapely.union_all([Polygon(np.round(r, 2)) for r in rings], grid_size=CM))


def faces(lines: list[LineString], within: Polygon) -> list[Polygon]:
    """What the lines enclose inside ``within``, from west to east."""
    network = shapely.union_all(lines, grid_size=CM)
    parts = shapely.normalize(shapely.get_parts(shapely.polygonize([network])))
    inside = [p for p in parts if within.contains(p.representative_point())]
    return sorted(inside, key=lambda p: (round(p.centroid.x), round(p.centroid.y)))


def communities() -> dict[str, Polygon]:
    """Community id -> polygon: pieces cut by roads and river centre lines, each to the nearest seed."""
    edge = outline()
    cuts = [smooth(r.path) for r in plan.ROADS if r.divides]
    seeds = [(c.id, Point(s)) for c in plan.COMMUNITIES for s in c.seeds]
    parts: dict[str, list[Polygon]] = {c.id: [] for c in plan.COMMUNITIES}
    for piece in faces([edge.exterior, *cuts, *river_lines().values()], edge):
        parts[min(seeds, key=lambda s: round(piece.distance(s[1]), 2))[0]].append(piece)
    return {i: shapely.normalize(shapely.union_all(p, grid_size=CM)) for i, p in parts.items()}


def direction(block: Polygon) -> NDArray[np.float64]:
    """Unit vector along which most of a block's sides lie, or across it: the longer way of the two."""
    sides = np.diff(np.asarray(block.exterior.coords), axis=0)
    length, angle = np.hypot(*sides.T), np.arctan2(sides[:, 1], sides[:, 0])
    turn = np.arctan2((length * np.sin(4 * angle)).sum(), (length * np.cos(4 * angle)).sum()) / 4
    u, v = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    xy = np.asarray(block.exterior.coords)
    return u if np.ptp(xy @ u) >= np.ptp(xy @ v) else v


def plain(block: Polygon, least_m: float = 1.5) -> Polygon:
    """The block's outer ring without the corners that hardly turn; the same with every version of GEOS."""
    if block.is_empty:
        return block
    xy = np.asarray(shapely.normalize(Polygon(np.round(np.asarray(block.exterior.coords), 2))).exterior.coords)[:-1]
    before, after = np.roll(xy, 1, axis=0), np.roll(xy, -1, axis=0)
    chord, leg = after - before, xy - before
    off = np.abs(chord[:, 0] * leg[:, 1] - chord[:, 1] * leg[:, 0]) / np.maximum(np.hypot(*chord.T), 0.01)
    kept = xy[off > least_m]
    return Polygon(kept) if len(kept) >= 3 else Polygon()
