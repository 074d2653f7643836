"""A file that cannot be read is told plainly, and never read by half."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from siteopt.findings import Finding, Findings
from siteopt.layers.crs import choose_crs
from siteopt.layers.files import parts_of
from siteopt.layers.table import read_table
from siteopt.layers.whole import missing_bytes
from tests.layer_files import CRS, cells, only, read, sentences_hold, source, told, town


def fault(folder: Path, file: str) -> Finding:
    findings = Findings()
    assert (
        read_table(source(file, crs=None if not file.endswith("csv") else CRS), folder, findings, role="demand")
        is None
    )
    sentences_hold(findings)
    assert len(findings.errors) == 1, [f.code for f in findings]
    return findings.errors[0]


def test_a_missing_file_names_the_nearest_one(tmp_path: Path) -> None:
    cells().to_file(tmp_path / "demand.gpkg")
    found = fault(tmp_path, "Demnad.gpkg")
    assert (found.code, found.file, found.facts["nearest"]) == ("missing_file", "Demnad.gpkg", "demand.gpkg")
    assert fault(tmp_path, "no/such/folder/demand.gpkg").facts["nearest"] == "—"


def test_a_folder_in_place_of_a_file_lists_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "data.gpkg").mkdir()
    cells().to_file(tmp_path / "data.gpkg" / "cells.geojson")
    found = fault(tmp_path, "data.gpkg")
    assert found.code == "not_a_file" and found.facts["inside"] == "cells.geojson"


def test_a_dangling_link_is_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "a.gpkg").symlink_to(tmp_path / "gone.gpkg")
    assert fault(tmp_path, "a.gpkg").code == "missing_file"


@pytest.mark.parametrize("file", ["a.xlsx", "a", "a.gpkg.zip", "a.kml"])
def test_an_unknown_kind_of_file_names_the_known_ones(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text("x")
    found = fault(tmp_path, file)
    assert found.code == "unsupported_file" and ".gpkg" in found.facts["known"]


@pytest.mark.parametrize("file", ["a.csv", "a.gpkg", "a.geojson", "a.shp", "a.parquet", "a.fgb"])
def test_an_empty_file_is_told(tmp_path: Path, file: str) -> None:
    (tmp_path / file).touch()
    assert fault(tmp_path, file).code == "empty_file"


@contextmanager
def nobody() -> Iterator[None]:
    """Work as a user without rights, where the tests themselves run as root."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(me)


def test_a_file_that_one_may_not_read_is_told(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder.name.startswith("pytest-"):
            folder.chmod(0o755)
    tmp_path.chmod(0o755)
    (tmp_path / "a.csv").write_text("x,y\n1,1\n")
    (tmp_path / "a.csv").chmod(0)
    with nobody():
        assert fault(tmp_path, "a.csv").code == "cannot_read_file"


@pytest.mark.parametrize("file", ["a\0b.csv", "a" * 400 + ".csv"])
def test_a_name_that_no_file_can_have_is_told(tmp_path: Path, file: str) -> None:
    assert fault(tmp_path, file).code in ("cannot_read_file", "missing_file")


@pytest.mark.parametrize("file", ["a.gpkg", "a.geojson", "a.shp", "a.parquet", "a.fgb"])
def test_noise_under_any_name_is_unreadable(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_bytes(random.Random(7).randbytes(5000))
    assert fault(tmp_path, file).code in ("unreadable_file", "cut_short")


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb", "parquet", "shp", "dbf", "shx"])
def test_a_truncated_file_is_never_read_by_half(tmp_path: Path, ending: str, share: float) -> None:
    layer = "a.shp" if ending in ("shp", "dbf", "shx") else f"a.{ending}"
    frame = cells(30)
    frame.to_parquet(tmp_path / layer) if ending == "parquet" else frame.to_file(tmp_path / layer)
    path = tmp_path / f"a.{ending}"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert fault(tmp_path, layer).code in ("cut_short", "unreadable_file")


def test_a_geopackage_damaged_inside_is_told(tmp_path: Path) -> None:
    cells(60).to_file(tmp_path / "a.gpkg")
    whole = bytearray((tmp_path / "a.gpkg").read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 60_000] = random.Random(7).randbytes(60_000)
    (tmp_path / "a.gpkg").write_bytes(whole)
    assert fault(tmp_path, "a.gpkg").code in ("cut_short", "unreadable_file")


def test_a_shapefile_without_its_index_is_told(tmp_path: Path) -> None:
    cells().to_file(tmp_path / "a.shp")
    (tmp_path / "a.shx").unlink()
    assert "shx" in fault(tmp_path, "a.shp").facts["reason"].lower()


def test_whole_files_are_whole(tmp_path: Path) -> None:
    for ending in ("gpkg", "shp", "geojson"):
        cells().to_file(tmp_path / f"a.{ending}")
        assert missing_bytes(tmp_path / f"a.{ending}") is None


def test_a_truncated_raster_is_told(tmp_path: Path) -> None:
    people = np.random.default_rng(7).random((300, 300)).astype("float32")
    with rasterio.open(
        tmp_path / "whole.tif", "w", driver="GTiff", height=300, width=300, count=1, dtype="float32",
        crs=CRS, transform=from_origin(390_000, 3_010_000, 100, 100),
    ) as raster:  # fmt: skip
        raster.write(people, 1)
    whole = (tmp_path / "whole.tif").read_bytes()
    for share in (0.001, 0.5):
        (tmp_path / "people.tif").write_bytes(whole[: int(len(whole) * share)])
        spec = town(tmp_path, demand={"file": "people.tif", "id": None, "people": "1"}, communities=None)
        world, findings = read(tmp_path, spec)
        assert world is None and told(findings)[0] in ("unreadable_file", "no_crs")


def test_all_faulty_files_are_told_at_once(tmp_path: Path) -> None:
    spec = town(tmp_path)
    for file in ("cells.gpkg", "spaces.csv", "outlets.csv", "communities.gpkg"):
        (tmp_path / file).unlink()
    world, findings = read(tmp_path, spec)
    assert world is None
    assert {f.file for f in findings.errors} == {"cells.gpkg", "spaces.csv", "outlets.csv", "communities.gpkg"}
    assert told(findings) == ["missing_file"] * 4


def test_nothing_is_printed_by_the_libraries(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    spec = town(tmp_path)
    whole = (tmp_path / "cells.gpkg").read_bytes()
    (tmp_path / "cells.gpkg").write_bytes(whole[: len(whole) // 2] + bytes(len(whole) // 2))
    (tmp_path / "communities.gpkg").write_bytes(b"SQLite format 3\0" + bytes(500))
    world, findings = read(tmp_path, spec)
    assert world is None and len(findings.errors) >= 2
    out, err = capfd.readouterr()
    assert out == "" and err == ""


def test_the_parts_of_a_shapefile_are_found_whatever_their_case(tmp_path: Path) -> None:
    cells().to_file(tmp_path / "a.shp")
    shutil.move(tmp_path / "a.dbf", tmp_path / "a.DBF")
    cells().to_file(tmp_path / "a[1].shp")
    assert [p.name for p in parts_of(tmp_path / "a.shp")] == ["a.shp", "a.shx", "a.DBF", "a.prj", "a.cpg"]
    assert only_names(tmp_path / "a[1].shp") == {"a[1].shp", "a[1].shx", "a[1].dbf", "a[1].prj", "a[1].cpg"}


def only_names(path: Path) -> set[str]:
    return {p.name for p in parts_of(path)}


def test_a_warning_of_the_reader_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text(
        '{"type":"FeatureCollection","features":['
        '{"type":"Feature","id":1,"properties":{"p":1},"geometry":{"type":"Polygon","coordinates":'
        "[[[109.9,27.2],[109.901,27.2],[109.901,27.201],[109.9,27.201]]]}}]}"
    )
    findings = Findings()
    read_table(source("a.geojson"), tmp_path, findings, role="demand")
    assert told(findings, "warning") in ([], ["reader_warns"])
    if told(findings, "warning"):
        assert "ring" in only(findings, "reader_warns").facts["reason"]


def test_text_that_is_no_utf8_inside_a_layer_is_told(tmp_path: Path) -> None:
    frame = cells().assign(name="caixiaochang")
    frame.to_parquet(tmp_path / "a.parquet", compression=None)
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole.replace(b"caixiaochang", b"caixi\xff\xfechang"))
    assert fault(tmp_path, "a.parquet").code == "unreadable_file"


@pytest.mark.parametrize("seed", range(40))
def test_a_file_with_flipped_bytes_never_breaks_the_program(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    ending = ("gpkg", "shp", "geojson", "parquet", "fgb")[seed % 5]
    frame = cells(4)
    frame.to_parquet(tmp_path / "a.parquet") if ending == "parquet" else frame.to_file(tmp_path / f"a.{ending}")
    victim = tmp_path / (f"a.{rng.choice(['shp', 'shx', 'dbf', 'prj'])}" if ending == "shp" else f"a.{ending}")
    data = bytearray(victim.read_bytes())
    for _ in range(rng.choice([1, 5, 50])):
        data[rng.randrange(len(data))] = rng.randrange(256)
    victim.write_bytes(data)
    spec = town(tmp_path, demand={"file": f"a.{ending}"})
    findings = Findings()
    choose_crs(spec, tmp_path, findings)
    sentences_hold(findings)
    world, findings = read(tmp_path, spec)
    assert (world is None) == bool(findings.errors)
