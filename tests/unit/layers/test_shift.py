"""Positions shifted as Chinese web maps shift them."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from siteopt.findings import Findings
from siteopt.layers.datum import to_metric
from siteopt.layers.gcj02 import from_bd09, from_gcj02, in_offset_area, to_gcj02
from siteopt.layers.shift import ShiftCheck
from siteopt.units import Floats
from tests.layer_files import CRS, X0, Y0, cells, only, read, sentences_hold, streets_through, told, town, write_csv

RNG = np.random.default_rng(7)
PLACES = np.array([X0, Y0]) + RNG.random((60, 2)) * 3000
"""Where things are: a street passes 5 m from each."""


def degrees(xy_m: Floats) -> Floats:
    points = geopandas.GeoSeries(shapely.points(xy_m), crs=CRS).to_crs(4326)
    return np.column_stack([points.x, points.y])


def metres(lonlat: Floats) -> Floats:
    return shapely.get_coordinates(to_metric(shapely.points(lonlat), "EPSG:4326", CRS))


def to_bd09(gcj: Floats) -> Floats:
    x, y = gcj.T
    k = np.pi * 3000 / 180
    z = np.hypot(x, y) + 0.00002 * np.sin(y * k)
    t = np.arctan2(y, x) + 0.000003 * np.cos(x * k)
    return np.column_stack([z * np.cos(t) + 0.0065, z * np.sin(t) + 0.006])


def shift_of(xy_m: Floats) -> Findings:
    findings = Findings()
    ShiftCheck(streets_through(PLACES), CRS).tell("spaces.csv", xy_m, findings)
    sentences_hold(findings)
    return findings


def test_the_offset_is_the_known_one() -> None:
    # Tiananmen: WGS 84 116.39131, 39.90751 is shown at about 116.39755, 39.90891 on Chinese web maps.
    shown = to_gcj02(np.array([[116.39131, 39.90751]]))
    assert np.abs(shown - [[116.39755, 39.90891]]).max() < 2e-5


def test_undoing_the_offset_gives_the_position_back() -> None:
    places = np.column_stack([RNG.uniform(75, 134, 500), RNG.uniform(19, 52, 500)])
    assert np.abs(from_gcj02(to_gcj02(places)) - places).max() < 1e-8
    assert np.abs(from_bd09(to_bd09(to_gcj02(places))) - places).max() < 2e-5  # Baidu's own inverse is this exact


def test_the_offset_reaches_chinas_box_only() -> None:
    assert in_offset_area(np.array([[109.9, 27.2], [-8.6, 41.1], [139.7, 35.7]])).tolist() == [True, False, False]


def test_a_shifted_layer_is_told_with_both_medians() -> None:
    found = only(shift_of(metres(to_gcj02(degrees(PLACES)))), "looks_shifted")
    assert found.severity == "error" and found.value == "GCJ-02" and found.file == "spaces.csv"
    assert found.facts["as_is_m"] > 60 and found.facts["undone_m"] < 6
    assert 300 < found.facts["offset_m"] < 800


def test_a_layer_from_baidu_is_told_as_such() -> None:
    found = only(shift_of(metres(to_bd09(to_gcj02(degrees(PLACES))))), "looks_shifted")
    assert found.value == "BD-09" and found.facts["undone_m"] < 8


def test_a_layer_in_its_place_passes() -> None:
    assert len(shift_of(PLACES)) == 0


@pytest.mark.parametrize("dx", [-300.0, 300.0, 700.0])
def test_a_layer_shifted_otherwise_is_not_taken_for_a_web_maps(dx: float) -> None:
    assert len(shift_of(PLACES + dx)) == 0


def test_points_anywhere_between_the_streets_pass() -> None:
    for seed in range(20):
        anywhere = np.array([X0, Y0]) + np.random.default_rng(seed).random((60, 2)) * 3000
        assert len(shift_of(anywhere)) == 0


def test_few_points_are_not_judged() -> None:
    assert len(shift_of(metres(to_gcj02(degrees(PLACES)))[:5])) == 0


def test_outside_china_or_without_streets_nothing_is_judged() -> None:
    findings = Findings()
    shifted = metres(to_gcj02(degrees(PLACES)))
    ShiftCheck(None, CRS).tell("a", shifted, findings)
    ShiftCheck(streets_through(PLACES), "EPSG:32629").tell("a", shifted, findings)
    assert len(findings) == 0


def spaces(folder: Path, lonlat: Floats) -> None:
    kind = {"kind": "corner_plot", "area_m2": 50}
    write_csv(folder / "spaces.csv", [{"site_id": i, "lon": x, "lat": y} | kind for i, (x, y) in enumerate(lonlat)])


def test_a_run_with_shifted_candidates_is_refused_unless_they_are_trusted(tmp_path: Path) -> None:
    spaces(tmp_path, to_gcj02(degrees(PLACES)))
    spec = town(tmp_path, candidates={"crs": "EPSG:4490"}, communities=None)
    world, findings = read(tmp_path, spec, streets_through(PLACES))
    assert world is None and only(findings, "looks_shifted").file == "spaces.csv"
    spec = town(tmp_path, candidates={"crs": "EPSG:4490", "trust_position": True}, communities=None)
    world, findings = read(tmp_path, spec, streets_through(PLACES))
    assert world is not None and told(findings) == []


def test_a_grid_of_cells_is_never_taken_for_shifted(tmp_path: Path) -> None:
    cells(30).to_file(tmp_path / "cells.gpkg")
    spaces(tmp_path, degrees(PLACES))
    spec = town(tmp_path, candidates={"crs": None}, communities=None)
    world, findings = read(tmp_path, spec, streets_through(PLACES[::6]))
    assert world is not None and told(findings) == []
