"""The walking network: main roads and embankments first, then lanes inside every block they enclose."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from shapely import LineString, Point, Polygon

from . import plan, shapes

SHORTEST_DEAD_END_M = 25.0
EMBANKMENT_M = 28.0
"""Distance from the water's edge to the road along it."""


@dataclass(frozen=True)
class Fabric:
    """How lanes lie inside a block: a jittered grid that loses some of its pieces."""

    along_m: float
    across_m: float
    jitter: float
    """Share of the spacing by which a crossing may be off."""
    lost: float
    """Share of pieces that are not there."""
    joined: float
    """Share of lane ends that open on to the main road; the others stop short."""
    estates: bool
    """Blocks between lanes are walled estates, with a ring path and one or two gates."""


FABRICS: dict[str, Fabric] = {
    "old": Fabric(78, 52, 0.22, 0.20, 0.75, False),
    "mature": Fabric(125, 95, 0.10, 0.16, 0.75, False),
    "new": Fabric(235, 200, 0.04, 0.05, 0.95, True),
    "village": Fabric(170, 130, 0.22, 0.26, 0.80, False),
}
INSIDE_ESTATE = Fabric(85, 72, 0.03, 0.22, 1.0, False)


@dataclass(frozen=True)
class Line:
    """A street before crossings cut it."""

    name: str
    kind: str
    path: LineString


def main_roads(water: Polygon, edge: Polygon) -> list[Line]:
    """Main roads and the embankment; only the bridges cross water, each once."""
    lines: list[Line] = []
    for road in plan.ROADS:
        path = shapes.smooth(road.path).intersection(edge)
        wet = path.intersection(water)
        if road.name in plan.BRIDGES:
            decks = [p for p in shapely.get_parts(wet) if p.length > 40]
            assert len(decks) == 1, f"{road.name} must cross the water once, not {len(decks)} times"
            lines.append(Line(road.name, "bridge", decks[0]))
        lines += [Line(road.name, "main", p) for p in shapely.get_parts(path.difference(water)) if p.length > 60]
    quay = shapes.water(EMBANKMENT_M).exterior.intersection(edge)
    lines += [Line("沿江路", "main", p) for p in shapely.get_parts(shapely.line_merge(quay)) if p.length > 60]
    return lines


def _connected_to_the_quay(lines: list[Line]) -> list[Line]:
    """Main roads stop at the embankment, bridges run on: stubs between quay and water are dropped."""
    strip = shapes.water(EMBANKMENT_M - 2.5)
    kept = []
    for line in lines:
        if line.kind != "main" or line.name == "沿江路" or line.name in plan.BRIDGES:
            kept.append(line)
            continue
        parts = shapely.get_parts(line.path.difference(strip))
        kept += [Line(line.name, line.kind, p) for p in parts if p.length > 40]
    return kept


def lanes(block: Polygon, fabric: Fabric, kind: str, names: list[str], rng: np.random.Generator) -> list[Line]:
    """A jittered grid inside a block, turned to its longer side, with pieces missing."""
    u = shapes.direction(block)
    v = np.array([-u[1], u[0]])
    corners = np.asarray(block.exterior.coords)
    origin, half = (corners.min(axis=0) + corners.max(axis=0)) / 2, np.hypot(*np.ptp(corners, axis=0)) / 2
    m, n = int(np.ceil(half / fabric.along_m)) + 1, int(np.ceil(half / fabric.across_m)) + 1
    i, j = np.meshgrid(np.arange(-m, m + 1), np.arange(-n, n + 1), indexing="ij")
    off = rng.uniform(-fabric.jitter, fabric.jitter, (*i.shape, 2))
    # Lane ends fall between grid lines, so a block's edge lanes never hug the main road.
    at = origin + ((i + 0.5 + off[..., 0]) * fabric.along_m)[..., None] * u
    at = at + ((j + 0.5 + off[..., 1]) * fabric.across_m)[..., None] * v
    keep = rng.random((*i.shape, 2)) >= fabric.lost
    join = rng.random((*i.shape, 2)) < fabric.joined
    inner = block.buffer(-22)
    out: list[Line] = []
    for a in range(i.shape[0]):
        for b in range(i.shape[1]):
            for way, (c, d) in enumerate(((a + 1, b), (a, b + 1))):
                if c >= i.shape[0] or d >= i.shape[1] or not keep[a, b, way]:
                    continue
                piece = LineString([at[a, b], at[c, d]])
                if not piece.intersects(inner):
                    continue
                clipped = piece.intersection(block if join[a, b, way] else inner)
                name = names[(b if way == 0 else a + 7) % len(names)]
                out += [Line(name, kind, p) for p in shapely.get_parts(clipped) if p.length > 12]
    return out


def estate(block: Polygon, rng: np.random.Generator) -> list[Line]:
    """A walled estate: a ring path inside, paths between the buildings, and one or two gates to the street."""
    draws = rng.random(3)
    out: list[Line] = []
    for part in shapely.get_parts(block.buffer(-34, join_style="mitre")):
        ring = shapes.plain(part)
        if ring.area < 3000:
            continue
        out.append(Line("小区路", "estate", ring.exterior))
        for gate in draws[: 1 + int(draws[2] < 0.6)] * 2 * np.pi:
            beyond = Point(ring.centroid.x + 1000 * np.cos(gate), ring.centroid.y + 1000 * np.sin(gate))
            inside = ring.exterior.interpolate(ring.exterior.project(beyond))
            outside = block.exterior.interpolate(block.exterior.project(inside))
            out.append(Line("小区路", "estate", LineString([inside, outside])))
        out += lanes(ring, INSIDE_ESTATE, "estate", ["小区路"], rng)
    return out


def blocks(lines: list[LineString], edge: Polygon, water: Polygon) -> list[Polygon]:
    """Land enclosed by streets (or by the edge of town), in a fixed order."""
    return shapes.faces([*lines, edge.exterior, water.exterior], edge.difference(water))


def noded(lines: list[Line]) -> gpd.GeoDataFrame:
    """Streets cut at every crossing, so that those that meet share an end point to the centimetre."""
    pieces = shapely.get_parts(shapely.union_all([line.path for line in lines], grid_size=shapes.CM))
    spots = shapely.buffer(shapely.line_interpolate_point(pieces, 0.5, normalized=True), 0.05)
    piece, line = shapely.STRtree([line.path for line in lines]).query(spots, predicate="intersects")
    owner = np.full(len(pieces), len(lines))
    np.minimum.at(owner, piece, line)
    names, kinds = [lines[k].name for k in owner], [lines[k].kind for k in owner]
    return without_slivers(gpd.GeoDataFrame({"name": names, "class": kinds}, geometry=list(pieces)))


def without_slivers(table: gpd.GeoDataFrame, shortest_m: float = 2.0) -> gpd.GeoDataFrame:
    """Crossings closer than ``shortest_m`` along a street become one."""
    node = ends(table)
    at = np.zeros((node.max() + 1, 2))
    for pair, g in zip(node, table.geometry, strict=True):
        at[pair[0]], at[pair[1]] = g.coords[0], g.coords[-1]
    short = table.length.to_numpy() < shortest_m
    n = len(at)
    _, label = connected_components(coo_matrix((np.ones(short.sum()), node[short].T), shape=(n, n)), directed=False)
    first = np.full(label.max() + 1, n)
    np.minimum.at(first, label, np.arange(n))
    move = first[label]
    table = table.assign(
        geometry=[
            LineString([at[move[a]], *g.coords[1:-1], at[move[b]]])
            for (a, b), g in zip(node, table.geometry, strict=True)
        ]
    )
    return table[~short & (table.length.to_numpy() > 0)].reset_index(drop=True)


def ends(table: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """(E, 2) node number of each street's ends."""
    xy = np.array([(*g.coords[0], *g.coords[-1]) for g in table.geometry]).reshape(-1, 2)
    _, number = np.unique(np.round(xy, 2), axis=0, return_inverse=True)
    return number.reshape(-1, 2)


def in_one_piece(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The largest connected part, without dead ends too short to be a street."""
    while True:
        node = ends(table)
        degree = np.bincount(node.ravel())
        stub = (degree[node].min(axis=1) == 1) & (table.length.to_numpy() < SHORTEST_DEAD_END_M)
        n = node.max() + 1
        _, label = connected_components(coo_matrix((np.ones(len(node)), node.T), shape=(n, n)), directed=False)
        metres = np.bincount(label[node[:, 0]], weights=table.length)
        keep = ~stub & (label[node[:, 0]] == metres.argmax())
        if keep.all():
            return table.reset_index(drop=True)
        table = table[keep]


def network(areas: dict[str, Polygon]) -> gpd.GeoDataFrame:
    """All streets: name, class, line."""
    edge, water = shapes.outline(), shapes.water()
    closed = shapes.open_land(with_streets=False, margin_m=12)
    fabric_of = {c.id: c.fabric for c in plan.COMMUNITIES}
    main = _connected_to_the_quay(main_roads(water, edge))
    lines = list(main)
    estates: list[Polygon] = []
    for number, block in enumerate(blocks([line.path for line in main], edge, water)):
        rng = np.random.default_rng([plan.SEED, 1, number])
        home = max(areas, key=lambda i: areas[i].intersection(block).area)
        outside = block.buffer(1).intersection(edge.exterior).length > 150
        kind = "village" if outside else fabric_of[home]
        if block.area < 6000 or block.buffer(-20).is_empty:
            continue
        names = [f"{n}{plan.LANE_ENDINGS[kind]}" for n in rng.permutation(plan.LANES[kind].split())]
        free = block.difference(closed)
        inner = lanes(block, FABRICS[kind], "path" if kind == "village" else "lane", names, rng)
        inner = [Line(x.name, x.kind, p) for x in inner for p in shapely.get_parts(x.path.intersection(free))]
        lines += [x for x in inner if isinstance(x.path, LineString) and x.path.length > 8]
        if FABRICS[kind].estates:
            estates.append(block)
    if estates:
        fine = blocks([line.path for line in lines], edge, water)
        new = shapely.union_all(estates)
        for number, block in enumerate(b for b in fine if new.contains(b.representative_point())):
            free = block.difference(closed)
            for part in shapely.get_parts(free):
                lines += estate(part, np.random.default_rng([plan.SEED, 2, number]))
    table = in_one_piece(noded(lines))
    table = table.set_geometry([g if g.coords[0] <= g.coords[-1] else g.reverse() for g in table.geometry])
    middle = np.round(
        shapely.get_coordinates(shapely.line_interpolate_point(table.geometry.to_numpy(), 0.5, True)), 1
    )
    return table.iloc[np.lexsort(middle.T[::-1])].reset_index(drop=True)
