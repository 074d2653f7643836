"""Reading any table: formats, encodings, ids that stay text, rows as a person sees them, filters."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pandas as pd
import pytest
import shapely

from siteopt.findings import Findings
from siteopt.layers.cells import as_numbers, as_texts
from siteopt.layers.table import Table, read_table
from tests.layer_files import CRS, X0, Y0, cells, only, sentences_hold, source, square, told, write_csv

POINT = {"x": X0, "y": Y0}


def table_of(folder: Path, file: str, **how: object) -> tuple[Table | None, Findings]:
    findings = Findings()
    table = read_table(source(file, **how), folder, findings, role="demand")
    sentences_hold(findings)
    return table, findings


def column(table: Table | None, name: str) -> list[str]:
    assert table is not None
    return list(as_texts(table.columns.column(name)))


def write(folder: Path, ending: str) -> str:
    frame, file = cells(), f"layer.{ending}"
    if ending == "csv":
        frame.assign(x=frame.centroid.x, y=frame.centroid.y).drop(columns="geometry").to_csv(
            folder / file, index=False
        )
    elif ending == "tsv":
        pd.DataFrame(frame.assign(wkt=frame.geometry.to_wkt()).drop(columns="geometry")).to_csv(
            folder / file, index=False, sep="\t"
        )
    elif ending == "parquet":
        frame.to_parquet(folder / file)
    elif ending == "pq":
        frame.assign(lon=frame.centroid.x, lat=frame.centroid.y).drop(columns="geometry").to_parquet(folder / file)
    else:
        frame.to_file(folder / file)
    return file


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "shp", "fgb", "parquet", "csv", "tsv", "pq"])
def test_every_format_gives_the_same_rows(tmp_path: Path, ending: str) -> None:
    says_crs = ending in ("gpkg", "geojson", "shp", "fgb", "parquet")
    table, findings = table_of(tmp_path, write(tmp_path, ending), crs=None if says_crs else CRS)
    assert table is not None and told(findings) == []
    by_id = dict(zip(column(table, "cell"), column(table, "people"), strict=True))
    assert by_id == {f"{i:03d}": "10" for i in range(9)}
    assert table.crs is not None and table.crs.to_epsg() == 4546
    first = list(column(table, "cell")).index("000")
    assert shapely.distance(table.geometry[first], square(0, 0)) == 0


@pytest.mark.parametrize(
    ("ending", "label"), [("gpkg", "fid 1"), ("geojson", 1), ("shp", 1), ("parquet", 1), ("csv", 2), ("tsv", 2)]
)
def test_rows_are_named_as_a_person_sees_them(tmp_path: Path, ending: str, label: object) -> None:
    table, _ = table_of(tmp_path, write(tmp_path, ending), crs=CRS if ending in ("csv", "tsv") else None)
    assert table is not None
    assert table.label(0) == label
    assert table.labels()[0] == label


def test_rows_below_blank_lines_and_quoted_line_breaks_keep_their_spreadsheet_number(tmp_path: Path) -> None:
    text = 'id,x,y,note\n1,1,1,a\n\n2,1,1,"two\nlines"\n,,,\n3,1,1,c\n\n'
    (tmp_path / "a.csv").write_text(text)
    table, _ = table_of(tmp_path, "a.csv", crs=CRS)
    assert table is not None
    assert column(table, "id") == ["1", "2", "3"]
    assert [table.label(i) for i in range(3)] == [2, 4, 6]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_text_is_read_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    write_csv(tmp_path / "a.csv", [{"编号": "甲", "名称": "菜市场", **POINT}], encoding)
    table, findings = table_of(tmp_path, "a.csv", crs=CRS)
    assert column(table, "编号") == ["甲"] and column(table, "名称") == ["菜市场"]
    assert told(findings, "info") == (["encoding_found"] if encoding.startswith("gb") else [])


def test_a_named_encoding_overrides_the_search(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"name": "São João", **POINT}], "latin-1")
    table, _ = table_of(tmp_path, "a.csv", crs=CRS, encoding="latin-1")
    assert column(table, "name") == ["São João"]
    assert told(table_of(tmp_path, "a.csv", crs=CRS, encoding="utf-8")[1]) == ["bad_encoding"]
    assert told(table_of(tmp_path, "a.csv", crs=CRS, encoding="martian")[1]) == ["unknown_encoding"]


def test_text_in_no_known_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"id,x,y\n\xff\xff\x80,1,1\n")
    assert told(table_of(tmp_path, "a.csv", crs=CRS)[1]) == ["bad_encoding"]


def test_a_binary_file_named_csv_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"PK\x03\x04\x00\x00\x00\x00")
    assert told(table_of(tmp_path, "a.csv", crs=CRS)[1]) == ["not_text"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    write_csv(tmp_path / "a.txt", [{"id": "1", **POINT}], delimiter=delimiter)
    assert column(table_of(tmp_path, "a.txt", crs=CRS)[0], "id") == ["1"]


@pytest.mark.parametrize("ident", ["007", "13121705207", "9007199254740993", "89a8100c603ffff", "1e5", "TRUE", "NA"])
def test_ids_in_text_stay_as_they_are(tmp_path: Path, ident: str) -> None:
    write_csv(tmp_path / "a.csv", [{"id": ident, **POINT}])
    assert column(table_of(tmp_path, "a.csv", crs=CRS)[0], "id") == [ident]


@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
def test_ids_kept_as_numbers_read_without_a_point(tmp_path: Path, ending: str) -> None:
    frame = geopandas.GeoDataFrame(
        {
            "whole": pd.array([13121705207, None], dtype="Int64"),
            "real": [13121705207.0, float("nan")],
        },
        geometry=[square(0, 0), square(1, 0)],
        crs=CRS,
    )
    file = f"a.{ending}"
    frame.to_parquet(tmp_path / file) if ending == "parquet" else frame.to_file(tmp_path / file)
    table, _ = table_of(tmp_path, file)
    assert column(table, "whole") == ["13121705207", ""]
    assert column(table, "real") == ["13121705207", ""]


def test_a_row_with_too_many_cells_is_told_with_its_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,x,y\n1,1,1\n2,1,1,1\n\n3,1\n")
    table, findings = table_of(tmp_path, "a.csv", crs=CRS)
    assert table is None
    assert [(f.code, f.row) for f in findings] == [("bad_csv_row", 3), ("bad_csv_row", 5)]


def test_a_header_without_rows_is_an_empty_layer(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,x,y\n\n,,\n")
    assert told(table_of(tmp_path, "a.csv", crs=CRS)[1]) == ["empty_layer"]


def test_a_layer_without_features_is_empty(tmp_path: Path) -> None:
    cells().iloc[:0].to_file(tmp_path / "a.gpkg")
    assert told(table_of(tmp_path, "a.gpkg")[1]) == ["empty_layer"]


def test_a_repeated_column_that_is_needed_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,id,x,y\n1,2,1,1\n")
    findings = Findings()
    assert read_table(source("a.csv", crs=CRS), tmp_path, findings, role="demand", columns=["id"]) is None
    assert told(findings) == ["repeated_column"]


def test_names_and_values_that_say_degrees_are_taken_as_degrees_and_told(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"Lon": 109.9, "Lat": 27.2}])
    table, findings = table_of(tmp_path, "a.csv")
    assert table is not None and table.crs is not None and table.crs.to_epsg() == 4326
    assert told(findings, "info") == ["degrees_assumed"]


@pytest.mark.parametrize("row", [{"x": 109.9, "y": 27.2}, {"lon": X0, "lat": Y0}])
def test_columns_that_do_not_say_their_crs_need_one(tmp_path: Path, row: dict[str, float]) -> None:
    write_csv(tmp_path / "a.csv", [row])
    assert told(table_of(tmp_path, "a.csv")[1]) == ["no_crs"]


def test_chinese_position_columns_are_found(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"经度": 109.9, "纬度": 27.2}])
    table, _ = table_of(tmp_path, "a.csv")
    assert table is not None
    assert shapely.get_coordinates(table.geometry[0]).tolist() == [[109.9, 27.2]]


def test_a_table_without_positions_says_what_columns_it_has(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"id": 1, "east_m": 2}])
    table, findings = table_of(tmp_path, "a.csv", crs=CRS)
    assert table is None
    assert only(findings, "no_position_columns").facts["known"] == "id, east_m"


def test_a_bad_coordinate_or_wkt_is_told_with_its_row(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"x": 1, "y": 2}, {"x": "1O", "y": 2}, {"x": "", "y": 2}, {"x": "inf", "y": 2}])
    _, findings = table_of(tmp_path, "a.csv", crs=CRS)
    assert [(f.code, f.row, f.field, f.value) for f in findings] == [
        ("not_a_number", 3, "x", "1O"),
        ("empty_cell", 4, "x", ""),
        ("not_a_number", 5, "x", "inf"),
    ]
    write_csv(tmp_path / "b.csv", [{"wkt": "POINT (1 2)"}, {"wkt": "POINT 1 2"}, {"wkt": "SRID=4546;POINT (1 2)"}])
    table, findings = table_of(tmp_path, "b.csv", crs=CRS)
    assert [(f.code, f.row) for f in findings] == [("bad_wkt", 3)]
    assert table is not None and shapely.is_missing(table.geometry).tolist() == [False, True, False]


def test_the_scenario_may_name_the_position_columns(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"LONG": 5, "EW": 1, "NS": 2}])
    table, _ = table_of(tmp_path, "a.csv", crs=CRS, x="EW", y="NS")
    assert table is not None
    assert shapely.get_coordinates(table.geometry[0]).tolist() == [[1, 2]]
    _, findings = table_of(tmp_path, "a.csv", crs=CRS, x="EW", y="NSS")
    assert only(findings, "missing_column").facts["nearest"] == "NS"


def test_the_layer_must_be_named_where_there_are_several(tmp_path: Path) -> None:
    cells().to_file(tmp_path / "a.gpkg", layer="people_2020")
    cells(2).to_file(tmp_path / "a.gpkg", layer="people_2010")
    table, findings = table_of(tmp_path, "a.gpkg")
    assert table is None and only(findings, "which_layer").facts["known"] == "people_2020, people_2010"
    table, findings = table_of(tmp_path, "a.gpkg", layer="people_2019")
    assert table is None and only(findings, "missing_layer").facts["nearest"].startswith("people_20")
    table, _ = table_of(tmp_path, "a.gpkg", layer="people_2010")
    assert table is not None and len(table) == 4


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({"n": 2}, ["b", "c"]),
        ({"n": "2"}, ["b"]),
        ({"n": "02"}, ["c"]),
        ({"n": [1, 2]}, ["a", "b", "c"]),
        ({"open": True}, ["a", "c"]),
        ({"open": False, "n": 2}, ["b"]),
    ],
)
def test_where_keeps_rows_by_text_number_or_yes_and_no(
    tmp_path: Path, where: dict[str, object], ids: list[str]
) -> None:
    rows = [
        {"id": "a", "n": "1", "open": "True", **POINT},
        {"id": "b", "n": "2", "open": "no", **POINT},
        {"id": "c", "n": "02", "open": "yes", **POINT},
    ]
    write_csv(tmp_path / "a.csv", rows)
    assert column(table_of(tmp_path, "a.csv", crs=CRS, where=where)[0], "id") == ids


def test_where_on_number_columns_and_labels_after_it(tmp_path: Path) -> None:
    frame = cells()
    frame["real"] = [float(i) for i in range(9)]
    frame.to_file(tmp_path / "a.gpkg")
    for value in (7, "7", 7.0):
        table, _ = table_of(tmp_path, "a.gpkg", where={"real": value})
        assert column(table, "cell") == ["007"]
        assert table is not None and table.label(0) == "fid 8"


def test_where_that_finds_nothing_or_no_column_is_told(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"kind": "a", **POINT}])
    assert told(table_of(tmp_path, "a.csv", crs=CRS, where={"kind": "b"})[1]) == ["nothing_left"]
    _, findings = table_of(tmp_path, "a.csv", crs=CRS, where={"Kind": "a"})
    assert only(findings, "missing_column").facts["nearest"] == "kind"


def test_within_keeps_what_lies_inside_whatever_its_crs(tmp_path: Path) -> None:
    cells().to_file(tmp_path / "a.gpkg")
    area = geopandas.GeoDataFrame(geometry=[shapely.box(X0, Y0, X0 + 210, Y0 + 90)], crs=CRS)
    area.to_crs(4490).to_file(tmp_path / "area.geojson")
    table, findings = table_of(tmp_path, "a.gpkg", within="area.geojson")
    assert column(table, "cell") == ["000", "001"] and len(findings) == 0


def test_within_that_leaves_nothing_or_is_no_area_is_told(tmp_path: Path) -> None:
    cells().to_file(tmp_path / "a.gpkg")
    far = geopandas.GeoDataFrame(geometry=[shapely.box(X0 + 9e3, Y0, X0 + 9.1e3, Y0 + 90)], crs=CRS)
    far.to_file(tmp_path / "far.gpkg")
    assert told(table_of(tmp_path, "a.gpkg", within="far.gpkg")[1]) == ["nothing_within"]
    far.assign(geometry=far.centroid).to_file(tmp_path / "point.gpkg")
    assert told(table_of(tmp_path, "a.gpkg", within="point.gpkg")[1]) == ["within_no_polygons"]
    assert told(table_of(tmp_path, "a.gpkg", within="none.gpkg")[1]) == ["missing_file"]


def test_a_study_area_in_an_old_datum_is_refused(tmp_path: Path) -> None:
    cells().to_file(tmp_path / "a.gpkg")
    cells().set_crs("EPSG:2435", allow_override=True).to_file(tmp_path / "area.gpkg")
    assert told(table_of(tmp_path, "a.gpkg", within="area.gpkg")[1]) == ["mixed_datum"]


def test_a_crs_that_contradicts_the_file_is_told_but_may_replace_a_geojson_default(tmp_path: Path) -> None:
    cells().to_file(tmp_path / "a.gpkg")
    assert told(table_of(tmp_path, "a.gpkg", crs="EPSG:4490")[1]) == ["crs_conflict"]
    assert told(table_of(tmp_path, "a.gpkg", crs=CRS)[1]) == []
    assert told(table_of(tmp_path, "a.gpkg", crs="EPSG:99999999")[1]) == ["unknown_crs"]
    (tmp_path / "b.geojson").write_text(cells().to_json(drop_id=True).replace('"crs"', '"was"'))
    table, findings = table_of(tmp_path, "b.geojson", crs="4546")
    assert table is not None and table.crs is not None and table.crs.to_epsg() == 4546 and len(findings) == 0


def test_a_gbk_shapefile_without_cpg_reads_as_chinese(tmp_path: Path) -> None:
    frame = cells(1).assign(名称=["菜市场"])
    frame.to_file(tmp_path / "a.shp", encoding="GBK")
    (tmp_path / "a.cpg").unlink()
    table, _ = table_of(tmp_path, "a.shp")
    assert column(table, "名称") == ["菜市场"]


def test_a_shapefile_without_prj_has_no_crs(tmp_path: Path) -> None:
    cells().to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    assert told(table_of(tmp_path, "a.shp")[1]) == ["no_crs"]
    assert told(table_of(tmp_path, "a.shp", crs=CRS)[1]) == []


def test_numbers_are_read_from_any_column_type() -> None:
    import pyarrow as pa

    values, text = as_numbers(pa.chunked_array([["1", " 2.5 ", "", "1,5", "１２", "0x10", "1_0", "-3e2"]]))
    assert values[[0, 1, 7]].tolist() == [1, 2.5, -300]
    assert pd.isna(values[2:7]).all() and text(3) == "1,5" and text(2) == ""
    values, text = as_numbers(pa.chunked_array([pa.array([1, None], pa.int64())]))
    assert values[0] == 1 and pd.isna(values[1]) and text(1) == ""
    assert pd.isna(as_numbers(pa.chunked_array([pa.array([True])]))[0]).all()
