"""Who lives where: 100 m cells with whole persons, calibrated to the town's total and its age shares."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from . import plan, shapes

CELL_M = 100
RESIDENTS = 60_000
CHILDREN_SHARE = 0.1694
ELDERLY_SHARE = 0.1953
"""Under 15 and 65 or over: Hongjiang in the census of 2020. The only measured figures of this town."""

Reals = NDArray[np.float64]
Counts = NDArray[np.int64]


def whole(wanted: Reals, total: int, most: Counts | None = None) -> Counts:
    """Whole numbers near ``wanted`` that add up to ``total``, none above ``most`` (largest remainder)."""
    counts = np.floor(wanted + 1e-9).astype(np.int64)
    room = np.full(len(counts), total, dtype=np.int64) if most is None else most
    counts = np.minimum(counts, room)
    while (missing := total - int(counts.sum())) > 0:
        remainder = np.where(counts < room, np.round(wanted - counts, 6), -np.inf)
        counts[np.argsort(-remainder, kind="stable")[:missing]] += 1
        counts = np.minimum(counts, room)
    return counts


def calibrated(share: Reals, residents: Counts, total: int) -> Reals:
    """Persons of an age group per cell: one shift of all log-odds meets the total."""
    odds = np.log(share / (1 - share))
    low, high = -4.0, 4.0
    for _ in range(60):
        middle = (low + high) / 2
        persons = residents / (1 + np.exp(-(odds + middle)))
        low, high = (middle, high) if persons.sum() < total else (low, middle)
    return residents / (1 + np.exp(-(odds + low)))


def cells(areas: dict[str, Polygon], streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cells whose centre lies in the town: cell_id, residents, children, elderly, square."""
    edge = shapes.outline()
    x0, y0, x1, y1 = (np.round(np.array(edge.bounds) / CELL_M) * CELL_M).astype(int)
    grid = np.array([(x, y) for y in range(y0, y1 + 1, CELL_M) for x in range(x0, x1 + 1, CELL_M)], dtype=float)
    square = shapely.box(grid[:, 0], grid[:, 1], grid[:, 0] + CELL_M, grid[:, 1] + CELL_M)
    centre = shapely.points(grid + CELL_M / 2)
    rng = np.random.default_rng([plan.SEED, 3])
    noise = rng.normal(size=(len(grid), 3))
    inside = shapely.contains(edge, centre)
    grid, square, centre, noise = grid[inside], square[inside], centre[inside], noise[inside]

    home = np.zeros(len(grid), dtype=int)
    for k, c in enumerate(plan.COMMUNITIES):
        home[shapely.intersects(areas[c.id], centre)] = k
    land = edge.difference(shapely.union_all([shapes.water(24), shapes.open_land()]))
    dwelling = shapely.area(shapely.intersection(square, land)) / CELL_M**2
    fade = np.clip(shapely.distance(edge.exterior, centre) / 260, 0.12, 1.0)
    density = np.array([c.density for c in plan.COMMUNITIES])[home] * dwelling * fade * np.exp(0.28 * noise[:, 0])
    density *= _built(square, streets, home)
    density[density < 4] = 0  # nobody lives alone at the edge of a field
    residents = whole(density * RESIDENTS / density.sum(), RESIDENTS)

    shares = {}
    for column, field in enumerate(("elderly", "children"), start=1):
        base = np.array([getattr(c, field) for c in plan.COMMUNITIES])[home]
        shares[field] = np.clip(base * np.exp(0.30 * noise[:, column]), 0.02, 0.55)
    old = round(RESIDENTS * ELDERLY_SHARE)
    young = round(RESIDENTS * CHILDREN_SHARE)
    elderly = whole(calibrated(shares["elderly"], residents, old), old, residents)
    children = whole(calibrated(shares["children"], residents, young), young, residents - elderly)
    corner = (grid + np.array(plan.ORIGIN)).astype(int) // CELL_M
    return gpd.GeoDataFrame(
        {
            "cell_id": [f"{x}_{y}" for x, y in corner],
            "residents": residents.astype(np.int32),
            "children": children.astype(np.int32),
            "elderly": elderly.astype(np.int32),
        },
        geometry=list(square),
    )


def _built(square: NDArray[np.object_], streets: gpd.GeoDataFrame, home: Counts) -> Reals:
    """Share of the cell's land that is built: none far from a street, more along estates in new communities."""
    tree = shapely.STRtree(streets.geometry.to_numpy())
    built = np.zeros(len(square))
    near, _ = tree.query(square, predicate="dwithin", distance=25.0)
    built[near] = 1.0
    estates = streets.geometry[streets["class"] == "estate"].to_numpy()
    new = np.array([c.fabric == "new" for c in plan.COMMUNITIES])[home]
    housed = np.zeros(len(square), dtype=bool)
    housed[shapely.STRtree(estates).query(square, predicate="intersects")[0]] = True
    built[new & ~housed] *= 0.12
    built[new & housed] *= 1.6
    return built
