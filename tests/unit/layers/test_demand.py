"""Demand cells from points, polygons and real files."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from siteopt.findings import Findings
from siteopt.layers.communities import no_communities
from siteopt.layers.demand import read_demand
from siteopt.scenario.schema import Demand
from siteopt.world import DemandCells
from tests.layer_files import CRS, X0, Y0, cells, only, read, sentences_hold, square, told, town, write_csv


def demand(folder: Path, crs: str = CRS, **spec: object) -> tuple[DemandCells | None, Findings]:
    findings = Findings()
    found = read_demand(Demand(**spec), folder, crs, no_communities(), findings)  # type: ignore[arg-type]
    sentences_hold(findings)
    return found, findings


def test_polygons_with_groups(tmp_path: Path) -> None:
    cells().to_file(tmp_path / "a.gpkg")
    found, findings = demand(tmp_path, file="a.gpkg", id="cell", people={"all": "people", "elderly": "old"})
    assert found is not None and len(findings) == 0
    assert found.groups == ("all", "elderly")
    assert found.people.tolist() == [[10, 2]] * 9
    assert found.cell_id.tolist() == [f"{i:03d}" for i in range(9)]
    assert found.xy_m[4].tolist() == [X0 + 150, Y0 + 150]
    assert found.row[0] == "fid 1" and found.community.tolist() == [-1] * 9
    assert shapely.area(found.geometry).tolist() == [10_000] * 9


def test_arrays_of_cells_cannot_be_changed(tmp_path: Path) -> None:
    cells().to_file(tmp_path / "a.gpkg")
    found, _ = demand(tmp_path, file="a.gpkg", people="people")
    assert found is not None
    for array in (found.people, found.xy_m, found.cell_id, found.geometry, found.community, found.row):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_cells_without_an_id_column_are_numbered(tmp_path: Path) -> None:
    cells().to_file(tmp_path / "a.gpkg")
    found, _ = demand(tmp_path, file="a.gpkg", people="people", where={"cell": ("003", "005")})
    assert found is not None and found.cell_id.tolist() == ["4", "6"] and found.groups == ("residents",)


def test_cells_with_nobody_stay(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"p": p, "x": X0 + i, "y": Y0} for i, p in enumerate((0, 5, 0))])
    found, findings = demand_csv(tmp_path)
    assert found is not None and found.residents.tolist() == [0, 5, 0] and told(findings) == []


def demand_csv(folder: Path, **more: object) -> tuple[DemandCells | None, Findings]:
    findings = Findings()
    spec = Demand(**({"file": "a.csv", "people": "p", "crs": CRS} | more))  # type: ignore[arg-type]
    found = read_demand(spec, folder, CRS, no_communities(), findings)
    sentences_hold(findings)
    return found, findings


def test_a_layer_with_nobody_at_all_is_refused(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"p": 0, "x": X0, "y": Y0}])
    assert told(demand_csv(tmp_path)[1]) == ["no_people"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [("-3", "number_too_low"), ("nan", "not_finite"), ("many", "not_a_number"), ("999999999", "sentinel_value")],
)
def test_bad_head_counts_are_told_with_their_row(tmp_path: Path, cell: str, code: str) -> None:
    write_csv(tmp_path / "a.csv", [{"p": p, "x": X0 + i, "y": Y0} for i, p in enumerate((1, cell))])
    found, findings = demand_csv(tmp_path)
    assert found is None and [(f.code, f.row, f.field) for f in findings] == [(code, 3, "p")]


def test_duplicate_ids_are_told(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"id": i, "p": 1, "x": X0, "y": Y0} for i in ("a", "b", "a")])
    found, findings = demand_csv(tmp_path, id="id")
    assert found is None and only(findings, "duplicate_id").row == 4


def test_faults_of_shapes_ids_and_people_are_told_together(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(
        {"cell": ["a", "a", "b"], "people": [1.0, -2.0, 3.0]},
        geometry=[
            square(0, 0),
            square(1, 0),
            shapely.Polygon([(X0, Y0), (X0 + 9, Y0 + 9), (X0 + 9, Y0), (X0, Y0 + 9)]),
        ],
        crs=CRS,
    )
    frame.to_file(tmp_path / "a.gpkg")
    found, findings = demand(tmp_path, file="a.gpkg", id="cell", people="people")
    assert found is None
    assert set(told(findings)) == {"duplicate_id", "number_too_low", "invalid_polygon"}


def test_a_missing_people_column_names_the_group_and_the_nearest(tmp_path: Path) -> None:
    cells().to_file(tmp_path / "a.gpkg")
    _, findings = demand(tmp_path, file="a.gpkg", people={"all": "people", "elderly": "odl"})
    found = only(findings, "missing_column")
    assert (found.field, found.facts["nearest"]) == ("demand.people.elderly", "old")


def test_cells_in_a_community_by_column_or_by_position(tmp_path: Path) -> None:
    world, _ = read(tmp_path, town(tmp_path))
    assert world is not None and world.cells.community.tolist() == [0, 0, 1] * 3
    frame = cells().assign(home=["east", "west", ""] * 3)
    frame.to_file(tmp_path / "cells.gpkg")
    world, _ = read(tmp_path, town(tmp_path, demand={"community": "home"}))
    assert world is not None and world.cells.community.tolist() == [1, 0, -1] * 3


def test_the_census_of_porto(shared: Path) -> None:
    found, findings = demand(
        shared / "porto",
        "EPSG:3763",
        file="source/BGRI2021_1312.gpkg",
        within="study_area.geojson",
        id="SUBSECCAO",
        people={"residents": "N_INDIVIDUOS", "elderly": "N_INDIVIDUOS_65_OU_MAIS"},
    )
    assert found is not None and len(findings) == 0
    assert len(found) == 271 and found.residents.sum() == 25_083
    assert (found.residents == 0).sum() == 10
    assert {len(i) for i in found.cell_id} == {11} and "13121705207" in set(found.cell_id)
    assert shapely.contains(found.geometry, shapely.points(found.xy_m)).all()


def test_the_census_of_porto_is_the_published_cells(shared: Path) -> None:
    raw, _ = demand(
        shared / "porto", "EPSG:3763", file="source/BGRI2021_1312.gpkg", within="study_area.geojson",
        id="BGRI2021", people="N_INDIVIDUOS",
    )  # fmt: skip
    made, _ = demand(shared / "porto", "EPSG:3763", file="demand.csv", id="id", people="population")
    assert raw is not None and made is not None
    assert dict(zip(raw.cell_id, raw.residents, strict=True)) == dict(zip(made.cell_id, made.residents, strict=True))


def test_the_hexagons_of_sao_paulo_as_points(shared: Path) -> None:
    found, findings = demand(
        shared / "sao-paulo", "EPSG:31983", file="source/spo_hexgrid.csv", id="id", people="population",
        within="study_area.geojson",
    )  # fmt: skip
    assert found is not None and told(findings) == []
    assert len(found) == 323 and found.residents.sum() == 517_570
    assert np.isfinite(found.xy_m).all() and found.cell_id[0].startswith("89a8")
