"""What the rules of a plan document ask besides: households, chains, flues, plots, land. All of it invented.

Drawn from streams of its own, so that what was there before stays as it was.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from shapely import Point, Polygon

from . import plan

PER_HOUSEHOLD = 2.62
"""Persons of a household, about; not a figure of any census."""


def of_communities(layer: gpd.GeoDataFrame, people: list[int]) -> gpd.GeoDataFrame:
    """Households, licensed dwelling area, service and elderly-care area that stand today."""
    rng = np.random.default_rng([plan.SEED, 6])
    old = layer["age_class"].to_numpy() != "new"
    draw = rng.random((2, len(layer)))
    households = np.round(np.array(people) / PER_HOUSEHOLD).astype(int)
    service = np.round(households * (0.18 + 0.16 * draw[0]) / 10) * 10
    elderly = np.where(old, np.round(households * 0.2 * (0.6 + 0.9 * draw[1]) / 10) * 10, 0)
    return layer.assign(
        households=households,
        residential_m2=np.round(layer["floor_area_m2"] * 0.84 / 100) * 100,
        community_service_m2=service,
        elderly_m2=elderly,
    )


def of_outlets(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Who belongs to a chain: many of the pharmacies and convenience stores, no stall."""
    rng = np.random.default_rng([plan.SEED, 7])
    share = layer["type"].map({"pharmacy": 0.7, "convenience_store": 0.35, "parcel_locker": 0.6}).fillna(0.0)
    return layer.assign(chain=np.where(rng.random(len(layer)) < share, "是", "否"))


def of_spaces(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Building, flue, form of building and plot of each vacant space."""
    rng = np.random.default_rng([plan.SEED, 8])
    draw = rng.random((2, len(layer)))
    kind, noted = layer["kind"].to_numpy(), layer["note"].str.contains("住宅楼底层").to_numpy()
    building = np.select(
        [noted, kind == "new_building", kind == "renovated_building", kind == "idle_premises"],
        ["商住", "商业", "公建", np.where(draw[0] < 0.5, "商住", "商业")],
        "",
    )
    flue = np.where(building == "商住", np.where(noted | (draw[1] < 0.4), "无", "有"), "")
    form = np.where(
        kind == "new_building", np.where(draw[0] < 0.55, "独栋", np.where(draw[0] < 0.8, "连栋", "附建")), ""
    )
    plot = np.round(shapely.area(layer.geometry.to_numpy()) * np.where(kind == "new_building", 2.4, 1.15))
    return layer.assign(building=building, flue=flue, form=form, plot_m2=plot)


def land() -> dict[str, gpd.GeoDataFrame]:
    """Layers that land rules look at."""
    town = Polygon(plan.OUTLINE)
    # Fields and woods lie outside the town but for two tongues that reach into it.
    fields = [Polygon([(1900, 2700), (2300, 2700), (2350, 3100), (1850, 3100)]), town.buffer(400) - town.buffer(60)]
    woods = [Point(1430, 2440).buffer(120), Point(2750, 2290).buffer(110)]
    return {
        "school_gates": _layer([f"学校{n}大门" for n in range(1, 7)], [Point(xy) for xy in plan.SCHOOL_GATES]),
        "development_boundary": _layer(["城镇开发边界"], [town.buffer(25)]),
        "permanent_basic_farmland": _layer(["北畈", "城郊"], fields),
        "ecological_red_line": _layer(["松坡山", "文峰山"], woods),
    }


def _layer(names: list[str], shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": names}, geometry=[shapely.normalize(shape) for shape in shapes])
