"""The metric CRS: the user's is checked, else one is chosen by position."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pyproj
import pytest
import shapely

from siteopt.findings import Findings
from siteopt.layers.crs import choose_crs, zone_of
from siteopt.scenario.schema import ScenarioSpec
from tests.layer_files import CRS, cells, sentences_hold, told, town, write_csv


def chosen(folder: Path, spec: ScenarioSpec) -> tuple[str | None, list[str]]:
    findings = Findings()
    crs = choose_crs(spec, folder, findings)
    sentences_hold(findings)
    return crs, told(findings)


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (109.9, 27.2, "EPSG:4546"),  # Hongjiang
        (116.4, 39.9, "EPSG:4548"),  # Beijing
        (76.0, 39.5, "EPSG:4534"),  # Kashgar
        (134.3, 48.3, "EPSG:4554"),  # Fuyuan
        (110.3, 20.0, "EPSG:4546"),  # Haikou
        (-8.61, 41.15, "EPSG:32629"),  # Porto
        (-46.63, -23.55, "EPSG:32723"),  # São Paulo
        (105.85, 21.03, "EPSG:32648"),  # Hanoi
        (126.98, 37.57, "EPSG:32652"),  # Seoul
        (77.2, 28.6, "EPSG:32643"),  # Delhi
        (179.99, -16.5, "EPSG:32760"),
        (180.0, 10.0, "EPSG:32660"),
    ],
)
def test_the_zone_of_a_place(lon: float, lat: float, code: str) -> None:
    assert zone_of(lon, lat) == code


def test_every_chinese_zone_is_the_one_without_prefix() -> None:
    for meridian in range(75, 136, 3):
        code = 4534 + (meridian - 75) // 3
        assert pyproj.CRS(code).name == f"CGCS2000 / 3-degree Gauss-Kruger CM {meridian}E"


def test_the_demand_layer_decides(tmp_path: Path) -> None:
    spec = town(tmp_path)
    assert chosen(tmp_path, spec) == ("EPSG:4546", [])
    cells().to_crs(4326).to_file(tmp_path / "cells.geojson")
    assert chosen(tmp_path, town(tmp_path, demand={"file": "cells.geojson"})) == ("EPSG:4546", [])
    write_csv(tmp_path / "cells.csv", [{"lon": -8.6, "lat": 41.1}, {"lon": -8.5, "lat": 41.1}, {"lon": 0, "lat": 0}])
    assert chosen(tmp_path, town(tmp_path, demand={"file": "cells.csv"})) == ("EPSG:32629", [])


def test_the_study_area_decides_over_a_country_wide_layer(tmp_path: Path) -> None:
    country = geopandas.GeoDataFrame(
        {"cell": ["a", "b"], "people": [1, 1]}, geometry=shapely.points([(75, 35), (125, 45)])
    )
    country.set_crs(4490).to_file(tmp_path / "cells.gpkg")
    geopandas.GeoDataFrame(geometry=[shapely.box(109.8, 27.1, 110, 27.3)], crs=4490).to_file(tmp_path / "area.gpkg")
    assert chosen(tmp_path, town(tmp_path, demand={"within": "area.gpkg"})) == ("EPSG:4546", [])


def test_another_layer_decides_where_the_demand_layer_cannot_be_read(tmp_path: Path) -> None:
    spec = town(tmp_path)
    (tmp_path / "cells.gpkg").unlink()
    assert chosen(tmp_path, spec) == ("EPSG:4546", [])
    for file in ("spaces.csv", "outlets.csv", "communities.gpkg"):
        (tmp_path / file).unlink()
    assert chosen(tmp_path, spec) == (None, ["missing_file"] * 4)


def test_a_place_that_no_layer_tells_needs_a_crs_in_the_scenario(tmp_path: Path) -> None:
    unplaced = [{"x": 1, "y": 1}]
    for name in ("cells.csv", "spaces.csv"):
        write_csv(tmp_path / name, unplaced)
    spec = town(tmp_path, demand={"file": "cells.csv"}, candidates={"crs": None}, existing=[], communities=None)
    assert chosen(tmp_path, spec) == (None, ["no_crs", "no_crs"])
    nowhere = "+proj=tmerc +lat_0=0 +lon_0=0 +x_0=1e9 +ellps=GRS80"
    spec = town(
        tmp_path, demand={"file": "cells.csv", "crs": nowhere}, candidates={"crs": nowhere}, existing=[],
        communities=None,
    )  # fmt: skip
    assert chosen(tmp_path, spec) == (None, ["crs_not_chosen"])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("EPSG:3857", "crs_web_mercator"),
        ("3857", "crs_web_mercator"),
        ("EPSG:3785", "crs_web_mercator"),
        ("ESRI:102100", "crs_web_mercator"),
        ("+proj=merc +a=6378137 +b=6378137 +units=m", "crs_stretches"),
        ("EPSG:4490", "crs_in_degrees"),
        ("EPSG:4326", "crs_in_degrees"),
        ("EPSG:4978", "crs_in_degrees"),
        ("EPSG:2263", "crs_not_metres"),
        ("EPSG:3395", "crs_stretches"),
        ("EPSG:32629", "crs_elsewhere"),
        ("EPSG:0", "crs_unknown"),
        ("Gauss", "crs_unknown"),
        ("9" * 40, "crs_unknown"),
        ("", "crs_unknown"),
    ],
)
def test_a_crs_that_cannot_measure_here_is_refused(tmp_path: Path, said: str, code: str) -> None:
    findings = Findings()
    crs = choose_crs(town(tmp_path, crs=said), tmp_path, findings, file="town.yaml")
    assert crs == "EPSG:4546"  # the run goes on to find the layers' faults
    sentences_hold(findings)
    found = findings.errors[0]
    assert told(findings) == [code] and (found.file, found.field) == ("town.yaml", "crs")
    assert found.facts["remedy"] == "EPSG:4546"


@pytest.mark.parametrize(
    "said", ["EPSG:4546", "epsg:4546", "4546", pyproj.CRS(4546).to_wkt(), "EPSG:4525", "EPSG:32649"]
)
def test_a_crs_in_metres_that_fits_the_place_is_kept(tmp_path: Path, said: str) -> None:
    crs, codes = chosen(tmp_path, town(tmp_path, crs=said))
    assert codes == [] and crs is not None
    assert crs == (f"EPSG:{said[-4:]}" if said.casefold() in ("epsg:4546", "4546", "epsg:4525") else crs)
    assert pyproj.CRS(crs).is_projected


def test_the_web_mercator_by_its_name_alone_is_refused(tmp_path: Path) -> None:
    wkt = pyproj.CRS(3857).to_wkt().replace('ID["EPSG",3857]', 'ID["MINE",1]')
    assert chosen(tmp_path, town(tmp_path, crs=wkt)) == ("EPSG:4546", ["crs_web_mercator"])
    assert CRS == "EPSG:4546"
