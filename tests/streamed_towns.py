"""Random towns as real files, for scenarios that read their demand in batches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely
import yaml

from tests.layer_files import CRS, X0, Y0, write_csv

GROUPS = {"residents": "people", "elderly": "old"}
RULES: tuple[dict[str, Any], ...] = (
    {"rule": "budget", "amount": 9000},
    {"rule": "budget", "amount": 3000.5, "types": ["shop"]},
    {"rule": "count", "max": 2, "types": ["clinic"]},
    {"rule": "spacing", "metres": 300, "types": ["shop"]},
    {"rule": "min_coverage", "share": 0.05, "types": ["shop"]},
    {"rule": "min_coverage", "share": 0.02, "types": ["shop"], "per": "community"},
    {"rule": "commercial_area", "share": 0.01},
    {"rule": "forbidden", "sites": ["s1"]},
)


def write_town(
    folder: Path, seed: int, *, n_cells: int = 60, fractional: bool = False, parts: int = 1, **over: Any
) -> Path:
    """A town of 1.5 km square with eight spaces, two outlets and two communities; its scenario file.

    ``parts`` files of demand cells in the folder ``cells``; ``over`` replaces parts of the scenario.
    """
    r = np.random.default_rng(seed)
    (folder / "cells").mkdir(parents=True, exist_ok=True)
    people = r.integers(0, 50, (n_cells, 2)) * (r.random((n_cells, 1)) > 0.2)
    xy = np.column_stack([X0 + r.integers(0, 30, n_cells) * 50.0, Y0 + r.integers(0, 30, n_cells) * 50.0])
    cells = geopandas.GeoDataFrame(
        {
            "id": [f"c{i}" for i in range(n_cells)],
            "people": people[:, 0] * (0.37 if fractional else 1),
            "old": people[:, 1] / (3 if fractional else 1),
        },
        geometry=shapely.points(xy),
        crs=CRS,
    )
    for n, rows in enumerate(np.array_split(np.arange(n_cells), parts)):
        cells.iloc[rows].to_parquet(folder / "cells" / f"part-{n}.parquet", row_group_size=7)
    kinds = r.choice(["corner_plot", "idle_premises", "new_building"], 8)
    spaces = [
        {
            "site_id": f"s{i}", "area_m2": 120, "kind": kinds[i], "slots": int(r.integers(1, 3)),
            "allowed": str(r.choice(["", "shop", "clinic"])),
            "x": X0 + int(r.integers(0, 30)) * 50, "y": Y0 + int(r.integers(0, 30)) * 50,
        }
        for i in range(8)
    ]  # fmt: skip
    write_csv(folder / "spaces.csv", spaces)
    outlets = [
        {"type": t, "x": X0 + int(r.integers(0, 1500)), "y": Y0 + int(r.integers(0, 1500))}
        for t in ("shop", "clinic")
    ]
    write_csv(folder / "outlets.csv", outlets)
    halves = [shapely.box(X0 - 1, Y0 - 1, X0 + 700, Y0 + 1501), shapely.box(X0 + 700, Y0 - 1, X0 + 1501, Y0 + 1501)]
    geopandas.GeoDataFrame(
        {"community_id": ["west", "east"], "age": ["new", "old"], "total": [9000.0, 9000.0], "shops": [50.0, 50.0]},
        geometry=halves,
        crs=CRS,
    ).to_file(folder / "communities.gpkg")
    rules = [dict(RULES[i]) for i in np.flatnonzero(r.random(len(RULES)) < 0.4)]
    for n, rule in enumerate(rules):
        rule["name"] = f"r{n}"
    scenario: dict[str, Any] = {
        "siteopt": 1,
        "name": f"town {seed}",
        "crs": CRS,
        "demand": {"file": "cells", "id": "id", "people": GROUPS, "streamed": True},
        "candidates": {"file": "spaces.csv", "crs": CRS, "slots": "slots", "allowed": "allowed"},
        "existing": [{"file": "outlets.csv", "crs": CRS, "type": "type"}],
        "communities": {
            "file": "communities.gpkg", "age_class": "age", "floor_area_m2": "total", "commercial_area_m2": "shops"
        },
        "types": {
            "shop": {"limit_min": 8, "area_m2": 40, "cost": 1000, "category": "basic", "name": "Shop"},
            "clinic": {"limit_min": 12, "area_m2": 60, "cost": 2500.5, "category": "quality", "name": "Clinic"},
        },
        "objective": {"name": "coverage", "group_weights": {"residents": 1, "elderly": float(r.choice([0, 1, 0.5]))}},
        "constraints": rules or [{"rule": "budget", "amount": 5000}],
        "solver": {"time_limit_s": 30, "threads": 1},
    }  # fmt: skip
    for key, value in over.items():
        scenario[key] = scenario[key] | value if isinstance(value, dict) and key in scenario else value
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump(json.loads(json.dumps(scenario)), allow_unicode=True), encoding="utf-8")
    return path
