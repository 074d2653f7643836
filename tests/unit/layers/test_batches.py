"""A demand layer in batches: the cells, rows and findings of the layer read in one piece."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
from rasterio.transform import Affine

from siteopt.findings import Findings
from siteopt.layers import parts as parts_module
from siteopt.layers.batches import Batch, CellReader, Sight, label_of
from siteopt.layers.communities import no_communities
from siteopt.layers.conclude import conclude
from siteopt.layers.demand import read_demand
from siteopt.layers.part_tables import first_look
from siteopt.layers.parts import changed, parts_of
from siteopt.layers.text_batches import text_batches
from siteopt.layers.twice import Hashed, among, hashes_of
from siteopt.scenario.schema import Demand
from siteopt.world import Communities
from tests.layer_files import CRS, X0, Y0, cells, only, sentences_hold, square, told, write_csv
from tests.worlds import make_communities, texts


def streamed(
    folder: Path, *, communities: Communities | None = None, batch_rows: int = 4, **said: Any
) -> tuple[Batch, list[tuple[str, int | str]], Findings]:
    """All batches of a layer as one, the label of each cell, and what was found."""
    spec, findings = Demand(**said), Findings()
    known = no_communities() if communities is None else communities
    parts = parts_of(spec, folder, findings)
    look = first_look(spec, parts)
    reader = CellReader(spec, folder, CRS, known, None if look is None else look.lonlat, batch_rows=batch_rows)
    sight, hashed, found = Sight(), Hashed(in_memory=5), []
    for part in parts:
        seen = Sight()
        found += list(reader.batches(part, seen))
        sight.merge(seen)
        for hashes in seen.hashes:
            hashed.add(hashes)
    conclude(sight, parts, reader, look, hashed.twice(), findings)
    sentences_hold(findings)
    n_groups = len(reader.groups)
    whole = Batch(
        np.concatenate([np.empty((0, 2)), *(b.xy_m for b in found)]),
        np.concatenate([np.empty((0, n_groups)), *(b.people for b in found)]),
        np.concatenate([np.empty(0, int), *(b.community for b in found)]),
        np.concatenate([np.empty(0, int), *(b.rank for b in found)]),
    )
    return whole, [label_of(parts, int(rank)) for rank in whole.rank], findings


def facts(findings: Findings) -> list[tuple[Any, ...]]:
    """What was found, apart from the order."""
    return sorted((f.severity, f.code, f.file, str(f.row), str(f.field), str(f.value)) for f in findings)


def assert_as_in_one_piece(folder: Path, *, communities: Communities | None = None, **said: Any) -> None:
    """The same cells with the same rows, or the same faults."""
    findings = Findings()
    known = no_communities() if communities is None else communities
    whole = read_demand(Demand(**said), folder, CRS, known, findings)
    for batch_rows in (1, 4, 1000):
        batch, labels, found = streamed(folder, communities=communities, batch_rows=batch_rows, **said)
        assert facts(found) == facts(findings)
        if whole is not None:
            assert [row for _, row in labels] == whole.row.tolist()
            assert batch.people.tolist() == whole.people.tolist()
            assert batch.community.tolist() == whole.community.tolist()
            assert batch.xy_m.tolist() == whole.xy_m.tolist()


GROUPS = {"all": "people", "elderly": "old"}


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts_module, "PART_ROWS", 5)
    monkeypatch.setattr(parts_module, "_PIXELS", 6)
    monkeypatch.setattr(parts_module, "_WINDOWS", 2)


@pytest.mark.parametrize("ending", ["gpkg", "parquet", "geojson", "shp", "fgb"])
def test_features_of_every_format_are_those_read_in_one_piece(tmp_path: Path, ending: str) -> None:
    layer = cells(4)
    if ending == "parquet":
        layer.to_parquet(tmp_path / "a.parquet", row_group_size=3)
    elif ending == "geojson":
        layer.to_crs("EPSG:4326").to_file(tmp_path / "a.geojson")
    else:
        layer.to_file(tmp_path / f"a.{ending}")
    area = make_communities([{"id": "w", "geometry": shapely.box(X0, Y0, X0 + 200, Y0 + 400)}])
    said = {"file": f"a.{ending}", "id": "cell", "people": GROUPS}
    assert_as_in_one_piece(tmp_path, communities=area, **said)
    assert_as_in_one_piece(tmp_path, communities=area, where={"cell": ("003", "005", "015")}, **said)
    geopandas.GeoDataFrame(geometry=[square(0, 0, 150.0)], crs=CRS).to_file(tmp_path / "area.gpkg")
    assert_as_in_one_piece(tmp_path, communities=area, within="area.gpkg", **said)


def test_fids_far_apart_and_out_of_order_are_all_read(tmp_path: Path) -> None:
    layer = cells(4).set_index(pd.Index([5, 1, 900, 7, 8, 9, 10, 2_000_000, *range(11, 19)], name="fid"))
    layer.to_file(tmp_path / "a.gpkg", index=True)
    batch, labels, _ = streamed(tmp_path, file="a.gpkg", people="people")
    assert len(batch) == 16 and {row for _, row in labels} == {f"fid {n}" for n in layer.index}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_table_is_the_same_in_batches_whatever_its_encoding(tmp_path: Path, encoding: str) -> None:
    rows = [{"id": f"单元{i}", "people": i, "old": 0.5, "x": X0 + i, "y": Y0} for i in range(20)]
    write_csv(tmp_path / "a.csv", rows, encoding=encoding)
    assert_as_in_one_piece(tmp_path, file="a.csv", id="id", people=GROUPS, crs=CRS)


def test_rows_of_a_text_table_keep_their_numbers_over_blank_lines_and_line_breaks_in_cells(tmp_path: Path) -> None:
    lines = ["id,people,x,y", f"a,1,{X0},{Y0}", "", f'"b\nb",2,{X0},{Y0}', ",,,", f"c,3,{X0},{Y0}", f"d,4,{X0},{Y0}"]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    kept: set[str] = {"id", "people"}
    got: list[tuple[int, str]] = []
    for block in (40, 64, 1 << 20):
        found = Findings()
        batches = text_batches(tmp_path / "a.csv", "a.csv", found, keep=lambda names: kept, block_bytes=block)
        got = [
            pair for b in batches for pair in zip(b.row.tolist(), b.columns.column("people").to_pylist(), strict=True)
        ]
        assert got == [(2, "1"), (4, "2"), (6, "3"), (7, "4")] and not len(found)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ({"people": "many"}, "not_a_number"),
        ({"people": "-1"}, "number_too_low"),
        ({"people": ""}, "empty_cell"),
        ({"id": ""}, "empty_cell"),
        ({"x": "east"}, "not_a_number"),
        ({"people": "-9999"}, "sentinel_value"),
        ({"k": "nowhere"}, "unknown_community"),
    ],
)
def test_a_fault_in_the_third_batch_is_found_with_its_row(tmp_path: Path, cell: dict[str, str], code: str) -> None:
    rows: list[dict[str, Any]] = [{"id": f"c{i}", "people": 1, "x": X0 + i, "y": Y0, "k": "k0"} for i in range(12)]
    rows[9] |= cell
    write_csv(tmp_path / "a.csv", rows)
    said = {"file": "a.csv", "id": "id", "people": "people", "community": "k", "crs": CRS}
    _, _, findings = streamed(tmp_path, communities=make_communities([{}]), batch_rows=4, **said)
    assert only(findings, code).row == 11
    assert_as_in_one_piece(tmp_path, communities=make_communities([{}]), **said)


def test_a_row_with_too_few_cells_is_told_once_with_its_row_and_nothing_after_it_is_misnumbered(
    tmp_path: Path,
) -> None:
    rows = [f"c{i},1,{X0 + i},{Y0}" for i in range(30)]
    rows[11], rows[20] = "c11,1", "c20,many,,"
    (tmp_path / "a.csv").write_text("\n".join(["id,people,x,y", *rows]), encoding="utf-8")
    batch, _, findings = streamed(tmp_path, file="a.csv", id="id", people="people", crs=CRS)
    assert told(findings) == ["bad_csv_row"] and only(findings, "bad_csv_row").row == 13 and not len(batch)


def test_ids_that_occur_twice_in_different_batches_and_files_are_told_with_both_rows(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    for n in range(2):
        ids = [f"c{i}" for i in range(20 * n, 20 * n + 20)]
        ids[17] = "c3"
        layer = geopandas.GeoDataFrame({"id": ids, "p": 1}, geometry=[square(i, n) for i in range(20)], crs=CRS)
        layer.to_parquet(tmp_path / "parts" / f"{n}.parquet", row_group_size=6)
    _, _, findings = streamed(tmp_path, file="parts", id="id", people="p")
    twice = [(f.file, f.row, f.value, f.facts["first"], f.facts["first_file"]) for f in findings]
    assert twice == [
        ("parts/0.parquet", 18, "c3", 4, "parts/0.parquet"),
        ("parts/1.parquet", 18, "c3", 4, "parts/0.parquet"),
    ]


def test_ids_whose_hashes_collide_are_not_called_the_same() -> None:
    ids = texts(["a", "b", "a", "c"])
    hashes = hashes_of(ids)
    taken = Hashed(in_memory=1)
    for one in hashes:
        taken.add(np.array([one]))
    twice = taken.twice()
    assert twice.tolist() == [hashes[0]] and among(hashes, twice).tolist() == [True, False, True, False]


def test_a_layer_of_one_file_and_the_same_in_parts_give_the_same_cells(tmp_path: Path) -> None:
    layer = cells(4)
    (tmp_path / "parts" / "sub").mkdir(parents=True)
    layer[:7].to_parquet(tmp_path / "parts" / "a.parquet")
    layer[7:].to_parquet(tmp_path / "parts" / "sub" / "b.parquet")
    layer.to_parquet(tmp_path / "all.parquet")
    whole = streamed(tmp_path, file="all.parquet", id="cell", people=GROUPS)
    for file in ("parts", "parts/", "parts/**/*.parquet", str(tmp_path / "parts")):
        batch, labels, findings = streamed(tmp_path, file=file, id="cell", people=GROUPS)
        assert batch.xy_m.tolist() == whole[0].xy_m.tolist() and len(findings) == 0
        assert labels[7][0].endswith("parts/sub/b.parquet") and labels[7][1] == 1


def test_a_part_of_a_file_may_be_empty(tmp_path: Path) -> None:
    layer = cells(3)
    (tmp_path / "parts").mkdir()
    layer.to_parquet(tmp_path / "parts" / "a.parquet")
    layer[:0].to_parquet(tmp_path / "parts" / "b.parquet")
    batch, _, findings = streamed(tmp_path, file="parts", people="people")
    assert len(batch) == 9 and len(findings) == 0
    _, _, findings = streamed(tmp_path, file="parts/b.parquet", people="people")
    assert told(findings) == ["empty_layer"]


@pytest.mark.parametrize(
    ("names", "file", "code"),
    [
        ([], "parts", "no_parts"),
        ([], "parts/*.csv", "no_parts"),
        (["a.csv", "b.tsv"], "parts", "mixed_parts"),
        ([], "part", "missing_file"),
    ],
)
def test_parts_that_cannot_be_read_are_told(tmp_path: Path, names: list[str], file: str, code: str) -> None:
    (tmp_path / "parts").mkdir()
    for name in names:
        (tmp_path / "parts" / name).write_text("x,y\n1,2\n", encoding="utf-8")
    _, _, findings = streamed(tmp_path, file=file, people="p")
    assert told(findings) == [code]


def test_a_damaged_part_is_told_and_the_others_are_still_checked(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.parquet").write_bytes(b"PAR1 no")
    layer = cells(2)
    layer["people"] = -1
    layer.to_parquet(tmp_path / "parts" / "b.parquet")
    _, _, findings = streamed(tmp_path, file="parts", people="people")
    assert {f.code for f in findings} == {"unreadable_file", "number_too_low"}
    assert only(findings, "unreadable_file").file == "parts/a.parquet"


def test_a_file_that_changes_is_noticed(tmp_path: Path) -> None:
    cells().to_parquet(tmp_path / "a.parquet")
    (part,) = parts_of(Demand(file="a.parquet", people="people"), tmp_path, Findings())[:1]
    assert not changed(part)
    cells(2).to_parquet(tmp_path / "a.parquet")
    assert changed(part)
    (tmp_path / "a.parquet").unlink()
    assert changed(part)


@pytest.mark.parametrize(
    ("xy", "crs", "code"),
    [
        ([(39.9, 116.4)] * 8, "EPSG:4326", "axes_swapped"),
        ([(X0, Y0)] * 8, "EPSG:4326", "metres_where_degrees"),
        ([(109.89, 27.2)] * 8, CRS, "degrees_where_metres"),
        ([(109.89, 27.2)] * 7 + [(X0, Y0)], "EPSG:4326", "outside_degrees"),
        ([(109.89, 27.2)] * 7 + [(0, 0)], "EPSG:4326", "null_position"),
        ([(-60.0, 27.2)] * 8, "EPSG:4490", "outside_crs_area"),
        ([(X0 + 10 * i, Y0) for i in range(30)] + [(X0 + 200_000, Y0)], CRS, "stray_feature"),
    ],
)
def test_what_only_the_whole_layer_shows_is_told_at_the_end(
    tmp_path: Path, xy: list[tuple[float, float]], crs: str, code: str
) -> None:
    rows = [{"p": 1, "x": x, "y": y} for x, y in xy]
    write_csv(tmp_path / "a.csv", rows)
    assert_as_in_one_piece(tmp_path, file="a.csv", people="p", crs=crs)
    findings = streamed(tmp_path, file="a.csv", people="p", crs=crs)[2]
    assert code in told(findings) + told(findings, "warning")


def test_degrees_are_assumed_once_for_all_batches(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"p": 1, "lon": 109.89 + i / 1e4, "lat": 27.2} for i in range(12)])
    assert_as_in_one_piece(tmp_path, file="a.csv", people="p")
    assert told(streamed(tmp_path, file="a.csv", people="p")[2], "info") == ["degrees_assumed"]


def test_nobody_in_the_layer_and_nothing_left_of_it_are_told(tmp_path: Path) -> None:
    layer = cells(3).assign(people=0)
    layer.to_file(tmp_path / "a.gpkg")
    assert_as_in_one_piece(tmp_path, file="a.gpkg", people="people")
    assert_as_in_one_piece(tmp_path, file="a.gpkg", people="people", where={"cell": "none"})
    assert_as_in_one_piece(tmp_path, file="a.gpkg", people="people", where={"cel": "none"})
    geopandas.GeoDataFrame(geometry=[square(50, 50)], crs=CRS).to_file(tmp_path / "area.gpkg")
    assert_as_in_one_piece(tmp_path, file="a.gpkg", people="people", within="area.gpkg")


@pytest.mark.parametrize("column", ["peeple", "cells"])
def test_a_column_that_is_not_there_is_told_once(tmp_path: Path, column: str) -> None:
    cells(4).to_file(tmp_path / "a.gpkg")
    assert_as_in_one_piece(tmp_path, file="a.gpkg", people=column)


@pytest.mark.parametrize("tiled", [{}, {"tiled": True, "blockxsize": 16, "blockysize": 16}])
def test_a_raster_in_windows_gives_the_pixels_of_the_raster_in_one_piece(
    tmp_path: Path, tiled: dict[str, Any]
) -> None:
    people = np.random.default_rng(1).integers(0, 3, (40, 50)).astype("float32") / 3
    made = {"driver": "GTiff", "height": 40, "width": 50, "count": 1, "dtype": "float32", "crs": CRS, **tiled}
    with rasterio.open(tmp_path / "p.tif", "w", transform=Affine(100, 0, X0, 0, -100, Y0), **made) as raster:
        raster.write(people, 1)
    said: dict[str, Any] = {"file": "p.tif", "people": {"residents": "1"}}
    findings = Findings()
    area = make_communities([{"id": "w", "geometry": shapely.box(X0, Y0 - 2000, X0 + 900, Y0)}])
    whole = read_demand(Demand(**said), tmp_path, CRS, area, findings)
    batch, labels, found = streamed(tmp_path, communities=area, **said)
    assert whole is not None and not len(found) and len(batch) == len(whole)
    at = {row: i for i, row in enumerate(whole.row)}
    order = [at[row] for _, row in labels]
    assert batch.people.tolist() == whole.people[order].tolist()
    assert batch.xy_m.tolist() == whole.xy_m[order].tolist()
    assert batch.community.tolist() == whole.community[order].tolist()


def test_a_bad_pixel_is_told_as_in_one_piece(tmp_path: Path) -> None:
    people = np.ones((9, 9), dtype="float32")
    people[7, 3] = -5
    made = {"driver": "GTiff", "height": 9, "width": 9, "count": 1, "dtype": "float32", "crs": CRS}
    with rasterio.open(tmp_path / "p.tif", "w", transform=Affine(100, 0, X0, 0, -100, Y0), **made) as raster:
        raster.write(people, 1)
    for said in ({"people": {"all": "1"}}, {"people": {"all": "2"}}, {"people": {"all": "1"}, "within": "none.gpkg"}):
        findings = Findings()
        read_demand(Demand(file="p.tif", **said), tmp_path, CRS, no_communities(), findings)  # type: ignore[arg-type]
        assert facts(streamed(tmp_path, file="p.tif", **said)[2]) == facts(findings)


def test_no_batch_holds_a_whole_row_group(tmp_path: Path) -> None:
    cells(10).to_parquet(tmp_path / "a.parquet", row_group_size=100)
    assert pq.ParquetFile(tmp_path / "a.parquet").num_row_groups == 1
    spec = Demand(file="a.parquet", people="people")
    (part,) = parts_of(spec, tmp_path, Findings())
    reader = CellReader(spec, tmp_path, CRS, no_communities(), None, batch_rows=16)
    assert [len(b) for b in reader.batches(part, Sight())] == [16] * 6 + [4]
