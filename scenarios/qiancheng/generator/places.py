"""Outlets that stand today and spaces that are vacant: points and plots along the streets."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Point, Polygon

from . import plan, shapes

STEP_M = 13.0
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Frontage:
    """Places along the streets where something can stand."""

    xy: Reals
    along: Reals
    """(N, 2) direction of the street."""
    street: NDArray[np.object_]
    kind: NDArray[np.object_]
    community: NDArray[np.object_]
    people: Reals
    """People of the cells around: outlets follow people."""


def frontage(streets: gpd.GeoDataFrame, areas: dict[str, Polygon], cells: gpd.GeoDataFrame) -> Frontage:
    """Places every few metres along every street but bridges."""
    rows = []
    for line, name, kind in zip(streets.geometry, streets["name"], streets["class"], strict=True):
        if kind == "bridge" or line.length < 30:
            continue
        for at in np.arange(12.0, line.length - 12.0, STEP_M):
            p, q = line.interpolate(at), line.interpolate(at + 2)
            step = np.array([q.x - p.x, q.y - p.y])
            rows.append((p.x, p.y, *(step / np.hypot(*step)), name, kind))
    xy = np.array([r[:2] for r in rows])
    points = shapely.points(xy)
    home = np.full(len(rows), "", dtype=object)
    for i, area in areas.items():
        home[shapely.contains(area.buffer(-15), points)] = i
    centres = shapely.get_coordinates(shapely.centroid(cells.geometry.to_numpy()))
    people = np.zeros(len(rows))
    close = shapely.STRtree(shapely.points(centres)).query(points, predicate="dwithin", distance=160.0)
    np.add.at(people, close[0], cells["residents"].to_numpy()[close[1]])
    return Frontage(
        xy=xy,
        along=np.array([r[2:4] for r in rows]),
        street=np.array([r[4] for r in rows], dtype=object),
        kind=np.array([r[5] for r in rows], dtype=object),
        community=home,
        people=people,
    )


def _spread(front: Frontage, weight: Reals, draw: Reals, quota: dict[str, int], apart_m: float) -> list[int]:
    """Places drawn in proportion to weight, ``apart_m`` from each other, a quota per community."""
    key = np.where(weight > 0, np.log(np.maximum(draw, 1e-12)) / np.maximum(weight, 1e-9), -np.inf)
    left = dict(quota)
    chosen: list[int] = []
    for k in np.argsort(-key, kind="stable"):
        home = front.community[k]
        if not np.isfinite(key[k]) or left.get(home, 0) == 0:
            continue
        if chosen and np.hypot(*(front.xy[chosen] - front.xy[k]).T).min() < apart_m:
            continue
        chosen.append(int(k))
        left[home] -= 1
    return chosen


@dataclass(frozen=True)
class Standing:
    """How many outlets of a type each community has today (C01 to C12), and what they are like."""

    type_id: str
    label: str
    area_m2: tuple[int, int]
    apart_m: float
    counts: tuple[int, ...]


STANDING: tuple[Standing, ...] = (
    Standing("vegetable_market", "菜市场", (700, 1900), 450, (1, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0)),
    Standing("parcel_locker", "快递柜", (4, 8), 130, (2, 3, 2, 5, 6, 1, 6, 5, 2, 6, 5, 3)),
    Standing("breakfast_stall", "早餐摊", (6, 12), 110, (4, 4, 2, 4, 4, 1, 4, 2, 2, 0, 1, 1)),
    Standing("convenience_store", "便利店", (40, 130), 150, (4, 3, 2, 4, 4, 1, 4, 3, 2, 2, 2, 2)),
    Standing("pharmacy", "药店", (60, 160), 180, (2, 2, 1, 2, 3, 0, 3, 2, 1, 1, 1, 0)),
)


def outlets(front: Frontage) -> gpd.GeoDataFrame:
    """Existing outlets: outlet_id, name, type, area_m2, point."""
    rows = []
    for n, kind in enumerate(STANDING):
        rng = np.random.default_rng([plan.SEED, 4, n])
        draw, size, side = rng.random((3, len(front.xy)))
        busy = np.select([front.kind == "main", front.kind == "lane", front.kind == "estate"], [1.6, 1.0, 0.5], 0.5)
        if kind.type_id == "parcel_locker":
            busy = np.select([front.kind == "estate", front.kind == "lane"], [2.0, 1.0], 0.3)
        quota = {c.id: k for c, k in zip(plan.COMMUNITIES, kind.counts, strict=True)}
        used: dict[str, int] = {}
        for k in sorted(_spread(front, busy * front.people, draw, quota, kind.apart_m)):
            across = np.array([-front.along[k, 1], front.along[k, 0]]) * (8 if side[k] < 0.5 else -8)
            name = f"{_place(front, k)}{kind.label}"
            used[name] = used.get(name, 0) + 1
            area = round(kind.area_m2[0] + size[k] * (kind.area_m2[1] - kind.area_m2[0]))
            label = name if used[name] == 1 else f"{name}({used[name]})"
            rows.append((kind.type_id, label, area, Point(np.round(front.xy[k] + across, 2))))
    return gpd.GeoDataFrame(
        {
            "outlet_id": [f"E{k:03d}" for k in range(1, len(rows) + 1)],
            "name": [r[1] for r in rows],
            "type": [r[0] for r in rows],
            "area_m2": [r[2] for r in rows],
        },
        geometry=[r[3] for r in rows],
    )


@dataclass(frozen=True)
class Vacant:
    """A kind of vacant space: how many each community has, and what they are like."""

    kind: str
    label: str
    area_m2: tuple[int, int]
    streets: tuple[str, ...]
    tenures: tuple[str, ...]
    land_uses: tuple[str, ...]
    counts: tuple[int, ...]
    allowed: tuple[str, ...]


STREET = ("breakfast_stall", "parcel_locker")
SHOPS = ("convenience_store", "pharmacy", *STREET)
ALL = ("vegetable_market", *SHOPS)
VACANT: tuple[Vacant, ...] = (
    Vacant("new_building", "配套用房", (600, 2400), ("lane", "main"),
           ("国有", "开发企业自持"), ("090101", "0702"), (0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 8, 6), ALL),
    Vacant("renovated_building", "治理改造房屋", (260, 1500), ("lane", "main", "path"),
           ("国有", "集体", "企业自持"), ("090101", "0702"), (3, 3, 4, 3, 3, 2, 3, 2, 3, 0, 0, 0), ALL),
    Vacant("idle_premises", "闲置用房", (45, 320), ("lane", "main"),
           ("国有", "集体", "私有"), ("0701", "090101"), (5, 5, 3, 4, 4, 2, 4, 4, 3, 2, 2, 3), SHOPS),
    Vacant("corner_plot", "边角空地", (12, 90), ("lane", "main", "estate", "path"),
           ("国有", "集体"), ("1403", "0702"), (4, 4, 3, 3, 3, 3, 3, 3, 2, 3, 3, 3), STREET),
)  # fmt: skip


def spaces(front: Frontage, streets: gpd.GeoDataFrame, areas: dict[str, Polygon]) -> gpd.GeoDataFrame:
    """Vacant spaces as plots beside the street; ``area_m2`` is usable floor area over all storeys."""
    parks = shapely.get_parts(shapes.open_land(with_streets=False))
    blocked = shapely.STRtree([*streets.geometry, shapes.water(4), *parks])
    gates = shapely.multipoints(plan.SCHOOL_GATES)
    taken: list[Polygon] = []
    rows = []
    for n, kind in enumerate(VACANT):
        rng = np.random.default_rng([plan.SEED, 5, n])
        draw, size, side, look = rng.random((4, len(front.xy)))
        fits = np.isin(front.kind, kind.streets).astype(float)
        ranked = _spread(front, fits, draw, dict.fromkeys(areas, 40), 45.0)
        left = {c.id: k for c, k in zip(plan.COMMUNITIES, kind.counts, strict=True)}
        for k in ranked:
            home = front.community[k]
            if left[home] == 0:
                continue
            low, high = kind.area_m2
            step = 5 if low > 40 else 1
            area = round(low * (high / low) ** size[k] / step) * step
            storeys = 1 if area < 240 else 2 if area < 1400 else 3
            plot = _plot(front, k, area / storeys, 1 if side[k] < 0.5 else -1)
            if len(blocked.query(plot, predicate="dwithin", distance=3.0)) or not areas[home].contains(plot):
                continue
            if taken and shapely.distance(plot, shapely.union_all(taken)) < 20:
                continue
            taken.append(plot)
            left[home] -= 1
            note = ""
            if shapely.distance(plot, gates) < 100:
                note = "距学校大门不足100米，不设早餐摊"
            elif kind.kind == "idle_premises" and look[k] < 0.2:
                note = "住宅楼底层，无独立烟道，不设早餐摊"
            allowed = [t for t in kind.allowed if t != "breakfast_stall"] if note else []
            rows.append((home, kind, k, area, storeys, look[k], allowed, note, plot))
    rows.sort(key=lambda r: (r[0], [v.kind for v in VACANT][::-1].index(r[1].kind), r[2]))
    return _table(front, rows)


def _plot(front: Frontage, k: int, footprint_m2: float, side: int) -> Polygon:
    """A rectangle along the street, set back from it."""
    u = front.along[k]
    v = np.array([-u[1], u[0]]) * side
    wide = np.sqrt(footprint_m2 * 1.5)
    deep = footprint_m2 / wide
    left, right = (front.xy[k] + v * (9.0 if front.kind[k] == "main" else 5.5) + u * wide * s for s in (-0.5, 0.5))
    return shapely.normalize(Polygon(np.round([left, right, right + v * deep, left + v * deep], 2)))


def _place(front: Frontage, k: int) -> str:
    """Street name, or the community's for paths inside estates."""
    if front.street[k] != "小区路":
        return str(front.street[k])
    return next(c.name for c in plan.COMMUNITIES if c.id == front.community[k]).removesuffix("社区") + "小区"


def _table(front: Frontage, rows: list[tuple]) -> gpd.GeoDataFrame:  # type: ignore[type-arg]
    out = []
    for number, (home, kind, k, area, storeys, look, allowed, note, plot) in enumerate(rows, start=1):
        tenure = kind.tenures[int(look * 7) % len(kind.tenures)]
        slots = 1 if area < 500 else 2 if area < 1300 else 3
        right = "JB" if tenure == "集体" else "GB"
        door = 1 + (k * 7) % 180
        out.append(
            {
                "site_id": f"S{number:03d}",
                "name": f"{_place(front, k)}{door}号{kind.label}",
                "kind": kind.kind,
                "area_m2": area,
                "storeys": storeys,
                "slots": slots,
                "allowed": ";".join(allowed),
                "tenure": tenure,
                # 999999 is no administrative code: nobody can take this for a real parcel.
                "parcel_id": f"999999{int(home[1:]):03d}{(k % 7) + 1:03d}{right}{number:05d}",
                "land_use": kind.land_uses[int(look * 11) % len(kind.land_uses)],
                "note": note,
                "geometry": plot,
            }
        )
    return gpd.GeoDataFrame(out, geometry="geometry")
