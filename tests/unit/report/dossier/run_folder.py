"""A small finished run's folder, as the store writes it, with whatever sites a test needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import shapely
import yaml
from shapely.geometry.base import BaseGeometry

NORTH, EAST = 3_010_332.40, 384_073.21
"""North-western corner of the fictional plot of 30 m x 40 m, EPSG:4546."""

PLOT = shapely.box(EAST, NORTH - 30, EAST + 40, NORTH)


def site(site_id: str, geometry: BaseGeometry | None, **over: Any) -> dict[str, Any]:
    """A proposed site with one outlet; ``outlets`` gives others as (type, area, cost, gain, only)."""
    return {
        "site_id": site_id,
        "geometry": geometry,
        "name": "地块1",
        "kind": "corner_plot",
        "tenure": "国有",
        "parcel_id": "430481-001",
        "land_use": "2301",
        "community": "k1",
        "outlets": [("vegetable_market", 900.0, 800_000.0, 1204.5, 310.0)],
        **over,
    }


def make_folder(folder: Path, sites: list[dict[str, Any]], *, crs: str = "EPSG:4546", **summary: Any) -> Path:
    """Write the four files that a dossier reads; keyword arguments replace parts of the summary."""
    folder.mkdir(parents=True)
    lines = [
        {
            "site_id": s["site_id"],
            "outlet_type": t,
            "period": "1",
            "area_m2": area,
            "cost": cost,
            "newly_covered": gain,
            "only_covered_by_this": only,
        }
        for s in sites
        for t, area, cost, gain, only in s["outlets"]
    ]
    whole = {
        "schema": "siteopt.summary/1",
        "scenario": "qiancheng",
        "title": "黔城示例",
        "status": "proven",
        "illustrative": True,
        "currency": "CNY",
        "crs": crs,
        "objective": {"in_words": {"zh": "已证明最优。", "en": "Proven."}},
        "types": [
            {"id": "vegetable_market", "name": {"zh": "菜市场", "en": "Vegetable market"}},
            {"id": "pharmacy", "name": {"zh": "药店", "en": "Pharmacy"}},
        ],
        "communities": [
            {
                "id": "k1",
                "name": "双溪社区",
                "age_class": "new",
                "commercial_share_before": 0.08,
                "commercial_share_after": 0.1,
                "required": 0.1,
                "sense": "ge",
                "shortfall_m2": 0,
                "commercial_area_before_m2": 8000,
                "commercial_area_after_m2": 10090,
                "floor_area_before_m2": 100000,
                "floor_area_after_m2": 100900,
            },
            {
                "id": "k2",
                "name": "=1+1",
                "age_class": "old",
                "commercial_share_before": None,
                "commercial_share_after": None,
                "required": None,
                "sense": None,
                "shortfall_m2": None,
                "commercial_area_before_m2": 50,
                "commercial_area_after_m2": 50,
                "floor_area_before_m2": None,
                "floor_area_after_m2": None,
            },
        ],
        "sites": lines,
        **summary,
    }
    write_json(folder / "summary.json", whole)
    write_json(
        folder / "manifest.json",
        {
            "created": "2026-11-22T23:00:00+00:00",
            "inputs": [{"file": "cells.csv", "sha256": "ab" * 32, "rows": 12, "bytes": 640}],
            "siteopt": "0.1.0",
            "libraries": {"highspy": "1.15.1"},
        },
    )
    scenario = {"siteopt": 1, "name": "qiancheng", "report": {"language": "zh", "producer": "洪江市商务局"}}
    text = yaml.safe_dump(scenario, allow_unicode=True)
    (folder / "scenario.resolved.yaml").write_text(text, encoding="utf-8")
    unused = site("unused", shapely.Point(EAST + 500, NORTH), name="", outlets=[])
    rows = [{k: v for k, v in s.items() if k not in ("geometry", "outlets")} for s in [*sites, unused]]
    frame = gpd.GeoDataFrame(rows, geometry=[s["geometry"] for s in [*sites, unused]], crs=crs)
    pyogrio.write_dataframe(frame, folder / "plan.gpkg", layer="sites", driver="GPKG", geometry_type="Unknown")
    return folder


def write_json(path: Path, value: Any) -> None:
    """Readable JSON."""
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
