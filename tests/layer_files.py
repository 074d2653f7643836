"""A small town as real files: cells, spaces, outlets and communities, each one changed or broken at will."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely

from siteopt.findings import Findings
from siteopt.layers.assemble import read_world
from siteopt.scenario.schema import ScenarioSpec, Source
from siteopt.text import finding_entries
from siteopt.world import Streets, World
from tests.worlds import make_types

CRS = "EPSG:4546"
X0, Y0 = 390_000.0, 3_010_000.0
"""The lower left corner of the town, near 109.89 E, 27.20 N."""


def square(column: float, row: float, side_m: float = 100.0) -> Any:
    """A square of the town's 100 m grid."""
    x, y = X0 + 100 * column, Y0 + 100 * row
    return shapely.box(x, y, x + side_m, y + side_m)


def cells(n: int = 3) -> geopandas.GeoDataFrame:
    """An n by n grid of cells, 10 people in each, 2 of them elderly."""
    at = [(c, r) for r in range(n) for c in range(n)]
    return geopandas.GeoDataFrame(
        {"cell": [f"{i:03d}" for i in range(n * n)], "people": [10] * (n * n), "old": [2.0] * (n * n)},
        geometry=[square(*p) for p in at],
        crs=CRS,
    )


def communities() -> geopandas.GeoDataFrame:
    """West (new, 2 columns of cells) and East (old, 1 column)."""
    west, east = shapely.box(X0, Y0, X0 + 200, Y0 + 300), shapely.box(X0 + 200, Y0, X0 + 300, Y0 + 300)
    return geopandas.GeoDataFrame(
        {
            "community_id": ["west", "east"],
            "age": ["new", "old"],
            "total": [5000.0, 3000.0],
            "shops": [400.0, 200.0],
        },
        geometry=[west, east],
        crs=CRS,
    )


SPACES = [
    {"site_id": "s1", "area_m2": "100", "kind": "idle_premises", "x": X0 + 50, "y": Y0 + 50},
    {"site_id": "s2", "area_m2": "80", "kind": "corner_plot", "x": X0 + 150, "y": Y0 + 150},
    {"site_id": "s3", "area_m2": "60", "kind": "new_building", "x": X0 + 250, "y": Y0 + 250},
]


def write_csv(path: Path, rows: list[dict[str, Any]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """Rows as delimited text, all cells as ``str`` prints them."""
    header = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([header, *([row.get(key, "") for key in header] for row in rows)])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def town(folder: Path, **over: Any) -> ScenarioSpec:
    """Write the town (files that are there already are kept) and give its scenario.

    ``over`` replaces parts of the scenario; a dict is merged into the part, None removes it.
    """
    if not (folder / "cells.gpkg").exists():
        cells().to_file(folder / "cells.gpkg")
    if not (folder / "spaces.csv").exists():
        write_csv(folder / "spaces.csv", SPACES)
    if not (folder / "communities.gpkg").exists():
        communities().to_file(folder / "communities.gpkg")
    if not (folder / "outlets.csv").exists():
        write_csv(folder / "outlets.csv", [{"id": "o1", "type": "t0", "x": X0 + 10, "y": Y0 + 10}])
    parts: dict[str, Any] = {
        "siteopt": 1,
        "name": "town",
        "demand": {"file": "cells.gpkg", "id": "cell", "people": "people"},
        "candidates": {"file": "spaces.csv", "crs": CRS},
        "existing": [{"file": "outlets.csv", "crs": CRS, "id": "id", "type": "type"}],
        "communities": {
            "file": "communities.gpkg",
            "age_class": "age",
            "floor_area_m2": "total",
            "commercial_area_m2": "shops",
        },
        "types": {"t0": {"cost": 5.0}, "t1": {"cost": {"fixed": 1.0, "per_m2": 0.1}}},
    }
    for key, value in over.items():
        parts[key] = parts[key] | value if isinstance(value, dict) and isinstance(parts.get(key), dict) else value
    return ScenarioSpec(**{key: value for key, value in parts.items() if value is not None})


def read(
    folder: Path, spec: ScenarioSpec, streets: Streets | None = None, crs: str = CRS
) -> tuple[World | None, Findings]:
    """The world of a scenario with outlet types t0 and t1 (50 m² each), and what was found."""
    findings = Findings()
    world = read_world(spec, folder, crs, make_types([10.0, 15.0]), streets, findings)
    sentences_hold(findings)
    return world, findings


def sentences_hold(findings: Findings) -> None:
    """Every finding has its sentence in both languages, and every field of it a fact."""
    for found in findings:
        entry = finding_entries()[found.code]
        for language in ("en", "zh"):
            for field in re.findall(r"{(\w+)", entry[language]):
                assert field in found.facts or field in ("value", "field", "row", "file"), (found.code, field)


def told(findings: Findings, severity: str = "error") -> list[str]:
    """The codes found, in order."""
    return [f.code for f in findings if f.severity == severity]


def only(findings: Findings, code: str) -> Any:
    """The one finding of a code."""
    hits = [f for f in findings if f.code == code]
    assert len(hits) == 1, (code, [f.code for f in findings])
    return hits[0]


def source(file: str, **more: Any) -> Source:
    """A layer's source."""
    return Source(file=file, **more)


def streets_through(xy_m: Any) -> Streets:
    """One short street through each point: where life takes place."""
    xy = np.asarray(xy_m, dtype=float)
    west, east = np.array([-40, 5]), np.array([40, 5])
    lines = np.array([shapely.LineString([p + west, p + east]) for p in xy], dtype=object)
    ends = np.concatenate([xy + west, xy + east])
    n = len(xy)
    return Streets(
        node_xy_m=ends,
        tail=np.arange(n),
        head=np.arange(n, 2 * n),
        length_m=np.full(n, 80.0),
        line=lines,
        component=np.zeros(2 * n, dtype=np.int64),
        component_length_m=np.array([80.0 * n]),
        file="streets.gpkg",
    )
