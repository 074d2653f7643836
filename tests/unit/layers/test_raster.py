"""A population raster becomes cells, window by window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import Affine

from siteopt.findings import Findings
from siteopt.layers import raster as raster_module
from siteopt.layers.communities import no_communities
from siteopt.layers.datum import to_metric
from siteopt.layers.demand import read_demand
from siteopt.scenario.schema import Demand
from siteopt.world import DemandCells
from tests.layer_files import CRS, X0, Y0, only, read, sentences_hold, told, town

NORTH = Y0 + 300
GRID = np.array([[0, 1, 2], [3, 0, 5], [6, 7, 8]], dtype="float32")


def write(folder: Path, people: Any = GRID, *, bands: int = 1, **profile: Any) -> Path:
    people = np.asarray(people)
    made = {
        "driver": "GTiff", "height": people.shape[0], "width": people.shape[1], "count": bands,
        "dtype": people.dtype, "crs": CRS, "transform": Affine(100, 0, X0, 0, -100, NORTH),
    } | profile  # fmt: skip
    with rasterio.open(folder / "people.tif", "w", **made) as raster:
        for band in range(1, bands + 1):
            raster.write((people / band).astype(people.dtype), band)
    return folder / "people.tif"


def cells_of(folder: Path, **spec: Any) -> tuple[DemandCells | None, Findings]:
    findings = Findings()
    made = Demand(**({"file": "people.tif", "people": {"residents": "1"}} | spec))
    found = read_demand(made, folder, CRS, no_communities(), findings)
    sentences_hold(findings)
    return found, findings


def test_pixels_with_people_become_cells(tmp_path: Path) -> None:
    write(tmp_path)
    found, findings = cells_of(tmp_path)
    assert found is not None and len(findings) == 0
    assert found.cell_id.tolist() == ["r0c1", "r0c2", "r1c0", "r1c2", "r2c0", "r2c1", "r2c2"]
    assert found.residents.tolist() == [1, 2, 3, 5, 6, 7, 8]
    assert found.xy_m[0].tolist() == [X0 + 150, NORTH - 50]
    assert shapely.bounds(found.geometry[0]).tolist() == [X0 + 100, NORTH - 100, X0 + 200, NORTH]


def test_bands_are_groups(tmp_path: Path) -> None:
    write(tmp_path, bands=2)
    found, _ = cells_of(tmp_path, people={"residents": "1", "elderly": {"column": "2", "scale": 0.5}})
    assert found is not None and found.people[-1].tolist() == [8, 2]


def test_an_unknown_band_names_the_known_ones(tmp_path: Path) -> None:
    write(tmp_path, bands=2)
    for said in ("3", "population", "0"):
        found, findings = cells_of(tmp_path, people=said)
        assert found is None and only(findings, "no_such_band").facts["known"] == "1, 2"


def test_a_raster_in_degrees_lies_where_its_pixels_lie(tmp_path: Path) -> None:
    write(tmp_path, crs="EPSG:4326", transform=Affine(0.001, 0, 109.9, 0, -0.001, 27.2))
    found, findings = cells_of(tmp_path)
    assert found is not None and told(findings) == []
    centre = to_metric(shapely.points([(109.9015, 27.1995)]), "EPSG:4326", CRS)[0]
    assert shapely.distance(shapely.Point(found.xy_m[0]), centre) < 1e-6
    assert shapely.contains(found.geometry, shapely.points(found.xy_m)).all()
    assert 90 * 100 < shapely.area(found.geometry[0]) < 115 * 115


def test_nodata_of_the_file_or_of_the_scenario_is_nobody(tmp_path: Path) -> None:
    people = np.where(GRID == 0, -99999, GRID).astype("float32")
    write(tmp_path, people, nodata=-99999)
    found, _ = cells_of(tmp_path)
    assert found is not None and found.residents.sum() == 32
    write(tmp_path, people)
    found, findings = cells_of(tmp_path)
    assert found is None and told(findings) == ["raster_nodata", "raster_nodata"]
    assert findings.errors[0].row == "r0c0"
    found, findings = cells_of(tmp_path, nodata=-99999)
    assert found is not None and found.residents.sum() == 32 and len(findings) == 0


@pytest.mark.parametrize(
    ("value", "code"),
    [(-3.0, "raster_nodata"), (np.inf, "not_finite"), (999999999.0, "raster_nodata"), (3e38, "raster_nodata")],
)
def test_nonsense_in_a_pixel_is_told_with_its_place(tmp_path: Path, value: float, code: str) -> None:
    people = GRID.astype("float64")
    people[1, 2] = value
    write(tmp_path, people)
    found, findings = cells_of(tmp_path)
    assert found is None and [(f.code, f.row, f.field) for f in findings] == [(code, "r1c2", "band 1")]


def test_nan_pixels_are_nobody(tmp_path: Path) -> None:
    people = GRID.copy()
    people[0, 1] = np.nan
    write(tmp_path, people)
    found, findings = cells_of(tmp_path)
    assert found is not None and found.residents.sum() == 31 and len(findings) == 0


def test_a_raster_with_nobody_is_refused(tmp_path: Path) -> None:
    write(tmp_path, np.zeros((3, 3), "float32"))
    assert told(cells_of(tmp_path)[1]) == ["no_people"]


def test_within_bounds_the_reading_and_faults_outside_do_not_matter(tmp_path: Path) -> None:
    people = GRID.copy()
    people[0, 2] = -5
    write(tmp_path, people)
    area = geopandas.GeoDataFrame(geometry=[shapely.box(X0 + 60, Y0 - 50, X0 + 290, Y0 + 190)], crs=CRS)
    area.to_crs(4490).to_file(tmp_path / "area.gpkg")
    found, findings = cells_of(tmp_path, within="area.gpkg")
    assert found is not None and len(findings) == 0
    assert found.cell_id.tolist() == ["r1c2", "r2c1", "r2c2"]


def test_a_study_area_beside_the_raster_is_told(tmp_path: Path) -> None:
    write(tmp_path)
    area = geopandas.GeoDataFrame(geometry=[shapely.box(X0 + 6e4, Y0, X0 + 7e4, Y0 + 1e4)], crs=CRS)
    area.to_file(tmp_path / "area.gpkg")
    assert told(cells_of(tmp_path, within="area.gpkg")[1]) == ["nothing_within"]


@pytest.mark.parametrize("tiled", [True, False])
def test_windows_give_the_same_cells_as_the_whole(
    tmp_path: Path, tiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = np.random.default_rng(7).integers(0, 4, (150, 70)).astype("float32")
    write(tmp_path, people, tiled=tiled, blockxsize=64 if tiled else 70, blockysize=32)
    whole, _ = cells_of(tmp_path)
    monkeypatch.setattr(raster_module, "_PIXELS_AT_ONCE", 100)
    strips, _ = cells_of(tmp_path)
    assert whole is not None and strips is not None
    assert whole.cell_id.tolist() == strips.cell_id.tolist()
    assert (whole.people == strips.people).all() and (whole.xy_m == strips.xy_m).all()
    assert whole.residents.sum() == people.sum()


def test_a_scaled_raster_is_read_in_persons(tmp_path: Path) -> None:
    path = write(tmp_path, GRID.astype("int16"), nodata=-1)
    with rasterio.open(path, "r+") as raster:
        raster.scales, raster.offsets = (10.0,), (0.0,)
    found, _ = cells_of(tmp_path)
    assert found is not None and found.residents.max() == 80


def test_a_raster_without_crs_needs_one(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, crs=None)
    assert told(cells_of(tmp_path)[1]) == ["no_crs"]
    found, findings = cells_of(tmp_path, crs=CRS)
    assert found is not None and told(findings) == []
    assert capfd.readouterr() == ("", "")


def test_columns_that_a_raster_cannot_have_are_warned_of(tmp_path: Path) -> None:
    write(tmp_path)
    found, findings = cells_of(tmp_path, id="id", where={"a": 1})
    assert found is not None and told(findings, "warning") == ["not_for_raster", "not_for_raster"]


def test_a_raster_in_an_old_datum_is_refused(tmp_path: Path) -> None:
    write(tmp_path, crs="EPSG:2435")
    assert told(cells_of(tmp_path)[1]) == ["mixed_datum"]


def test_pixels_find_their_community(tmp_path: Path) -> None:
    write(tmp_path)
    spec = town(tmp_path, demand={"file": "people.tif", "id": None, "people": "1"})
    world, findings = read(tmp_path, spec)
    assert world is not None, told(findings)
    assert world.cells.community.tolist() == [0, 1, 0, 1, 0, 0, 1]
