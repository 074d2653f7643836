"""GeoPackage and Shapefile, read again with another library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from shapely.affinity import translate

from siteopt.findings import Findings
from siteopt.report.dossier import write_dossier
from siteopt.report.dossier.shapes import fields
from tests.unit.report.dossier.run_folder import EAST, NORTH, PLOT, make_folder, site

HOLE = shapely.box(EAST + 10, NORTH - 20, EAST + 20, NORTH - 10)
POINT = shapely.Point(EAST + 300, NORTH)


def export(tmp_path: Path, sites: list[dict[str, Any]], **options: Any) -> tuple[Path, list[str]]:
    findings = Findings()
    write_dossier(make_folder(tmp_path / "run", sites), tmp_path / "out", findings=findings, **options)
    assert not findings.errors
    return tmp_path / "out", [f.code for f in findings]


def test_both_formats_carry_the_plot_of_the_text(tmp_path: Path) -> None:
    out, _ = export(tmp_path, [site("HJ-QC-001", PLOT - HOLE)])
    gpkg, shp = gpd.read_file(out / "plots.gpkg", layer="plots"), gpd.read_file(out / "plots.shp")
    for frame in (gpkg, shp):
        assert frame.crs.to_epsg(min_confidence=20) == 4525
        ring = np.asarray(frame.geometry[0].exterior.coords)
        printed = {
            (37_384_073.21, NORTH),
            (37_384_113.21, NORTH),
            (37_384_073.21, NORTH - 30),
            (37_384_113.21, NORTH - 30),
        }
        assert {(round(x, 2), round(y, 2)) for x, y in ring} == {(x, round(y, 2)) for x, y in printed}
        assert len(frame.geometry[0].interiors) == 1
        row = frame.iloc[0]
        assert (row.DKBH, row.DKMC, row.DKMJ, row.FKXH) == ("HJ-QC-001", "地块1", 0.11, "1/1")
        assert (row.KJLX, row.YTLX, row.SQMC, row.XZDL) == ("边角空地", "菜市场", "双溪社区", "2301")
        assert (row.YTMJ, row.TZJE, row.RKSY, row.RKWY) == (900, 800_000, 1204.5, 310)
        assert float(row.TQMJ) == pytest.approx(1100 / 1.000166**2, abs=0.02)
        assert row.BZ.startswith("示例数据")
    assert (out / "plots.cpg").read_text() == "UTF-8"
    assert 'False_Easting",37500000.0' in (out / "plots.prj").read_text()


@pytest.mark.parametrize("layer", ["plots", "points"])
def test_field_names_fit_a_shapefile_and_are_those_of_the_readme(tmp_path: Path, layer: str) -> None:
    out, _ = export(tmp_path, [site("A", PLOT), site("B", POINT)])
    assert all(len(name) <= 10 and name.isascii() for name in fields(layer))
    for path in (out / f"{layer}.shp", out / "plots.gpkg"):
        info = pyogrio.read_info(path, layer=layer)
        assert tuple(info["fields"]) == fields(layer)
    readme = (out / "README.txt").read_text(encoding="utf-8-sig")
    assert all(readme.count(f"  {name}  ") == 2 for name in fields(layer))


def test_degrees_are_longitude_first_in_the_files(tmp_path: Path) -> None:
    out, codes = export(tmp_path, [site("A", PLOT), site("B", POINT)], crs="EPSG:4490")
    for frame in (gpd.read_file(out / "plots.gpkg", layer="plots"), gpd.read_file(out / "plots.shp")):
        west, south, east, north = frame.total_bounds
        assert 109.829 < west < east < 109.832
        assert 27.199 < south < north < 27.201
        back = frame.to_crs(4546).total_bounds
        assert back == pytest.approx([EAST, NORTH - 30, EAST + 40, NORTH], abs=1e-5)
    assert "dossier_txt_refused" in codes
    assert not list(out.glob("boundary*"))


def test_points_without_boundary_go_to_a_layer_of_their_own(tmp_path: Path) -> None:
    out, codes = export(tmp_path, [site("A", PLOT), site("B", POINT)])
    assert dict(pyogrio.list_layers(out / "plots.gpkg")) == {"plots": "Polygon", "points": "Point"}
    for frame in (gpd.read_file(out / "plots.gpkg", layer="points"), gpd.read_file(out / "points.shp")):
        assert list(frame.DKBH) == ["B"]
        assert frame.BZ[0].startswith("待测绘")
        assert (frame.geometry[0].x, frame.geometry[0].y) == pytest.approx((37_384_373.21, NORTH))
    assert codes == ["dossier_site_to_survey"]


def test_without_any_polygon_there_are_points_only(tmp_path: Path) -> None:
    out, _ = export(tmp_path, [site("B", POINT)])
    assert [name for name, _ in pyogrio.list_layers(out / "plots.gpkg")] == ["points"]
    assert not (out / "plots.shp").exists()
    assert not (out / "boundary.txt").exists()
    assert "未生成界址点坐标文件" in (out / "README.txt").read_text(encoding="utf-8-sig")


def test_a_site_of_several_blocks_gives_several_plots(tmp_path: Path) -> None:
    out, _ = export(tmp_path, [site("A", shapely.MultiPolygon([PLOT, translate(PLOT, 100)]))])
    frame = gpd.read_file(out / "plots.shp")
    assert list(zip(frame.DKBH, frame.FKXH, strict=True)) == [("A-1", "1/2"), ("A-2", "2/2")]


def test_people_of_several_outlets_are_not_added_up(tmp_path: Path) -> None:
    outlets = [("vegetable_market", 900.0, 8e5, 1000.0, 10.0), ("pharmacy", 60.0, 5e4, 400.0, 30.0)]
    row = gpd.read_file(export(tmp_path, [site("A", PLOT, outlets=outlets)])[0] / "plots.shp").iloc[0]
    assert (row.YTLX, row.YTMJ, row.TZJE, row.RKSY, row.RKWY) == ("菜市场; 药店", 960, 850_000, 1000, 30)


def test_figures_that_the_run_does_not_have_are_null_not_zero(tmp_path: Path) -> None:
    outlets = [("vegetable_market", None, None, None, None)]
    row = gpd.read_file(export(tmp_path, [site("A", PLOT, outlets=outlets)])[0] / "plots.shp").iloc[0]
    assert all(np.isnan(row[name]) for name in ("YTMJ", "TZJE", "RKSY", "RKWY"))


def test_a_long_name_is_cut_between_characters_and_said(tmp_path: Path) -> None:
    out, codes = export(tmp_path, [site("A", PLOT, name="a" + "镇" * 200)])
    assert gpd.read_file(out / "plots.shp").DKMC[0] == "a" + "镇" * 84
    assert gpd.read_file(out / "plots.gpkg", layer="plots").DKMC[0] == "a" + "镇" * 200
    assert codes == ["dossier_text_cut"]


def test_polygons_beside_the_points_of_a_run_are_used(tmp_path: Path) -> None:
    run = make_folder(tmp_path / "run", [site("A", shapely.Point(EAST, NORTH))])
    frame = gpd.GeoDataFrame({"site_id": ["A"]}, geometry=[PLOT], crs="EPSG:4546")
    pyogrio.write_dataframe(frame, run / "plan.gpkg", layer="site_areas", append=True)
    write_dossier(run, tmp_path / "out", findings=Findings())
    assert gpd.read_file(tmp_path / "out" / "plots.shp").DKMJ[0] == 0.12
