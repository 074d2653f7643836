"""The scenario's travel block, from files to minutes: slopes and the cache included."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from pyproj import Transformer
from rasterio.transform import Affine

from siteopt import kept
from siteopt.access.travel import walk_times
from siteopt.findings import Findings
from siteopt.scenario.schema import Travel
from siteopt.walk import walking_streets

CRS = "EPSG:3763"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A street of 1 km that climbs 100 m eastwards, and its heights in degrees."""
    road = geopandas.GeoDataFrame(geometry=[shapely.LineString([(-40_000, 160_000), (-39_000, 160_000)])], crs=CRS)
    road.to_file(tmp_path / "roads.gpkg")
    west, north = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(-41_000, 161_000)
    step = 0.0005
    lon, lat = np.meshgrid(west + step * (np.arange(120) + 0.5), north - step * (np.arange(120) + 0.5))
    x, _ = Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(lon, lat)
    told = {"driver": "GTiff", "height": 120, "width": 120, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    told["transform"] = Affine(step, 0, west, 0, -step, north)
    with rasterio.open(tmp_path / "dem.tif", "w", **told) as out:
        out.write((0.1 * (x + 41_000)).astype("float32"), 1)
    monkeypatch.setenv("SITEOPT_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_heights_make_the_way_up_longer_than_the_way_down(folder: Path) -> None:
    findings = Findings()
    how = Travel(streets={"file": "roads.gpkg"}, elevation={"file": "dem.tif", "smooth_m": 0})
    streets = walking_streets(how, folder, CRS, findings)
    assert streets is not None and [f.code for f in findings] == []
    ends = streets.node_xy_m[np.argsort(streets.node_xy_m[:, 0])]
    times, _ = walk_times(ends, ends, streets, cutoff_min=60, speed_kmh=4, max_snap_m=9, min_component_m=0)
    assert times.sloped
    assert times.minutes[1] == pytest.approx(15 * np.exp(0.35), rel=0.01)
    assert times.minutes[2] == pytest.approx(15, rel=0.01)


def test_heights_without_streets_change_nothing_and_it_is_told(folder: Path) -> None:
    findings = Findings()
    assert walking_streets(Travel(elevation={"file": "dem.tif"}), folder, CRS, findings) is None
    assert [(f.severity, f.code) for f in findings] == [("warning", "elevation_without_streets")]


def test_streets_are_kept_only_where_the_scenario_wants_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LEAST_BYTES", 1)
    for cache, n in ((False, 0), (True, 1), (True, 1)):
        streets = walking_streets(Travel(streets={"file": "roads.gpkg"}, cache=cache), folder, CRS, Findings())
        assert streets is not None and streets.length_m.tolist() == [1000.0]
        assert len(list((folder / "cache").glob("*"))) == n
