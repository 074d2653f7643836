"""The workbook, read again with openpyxl."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
from openpyxl.worksheet.worksheet import Worksheet

from siteopt.findings import Findings
from siteopt.report.dossier import write_dossier
from tests.unit.report.dossier.run_folder import EAST, NORTH, PLOT, make_folder, site

HEAD = 3


def workbook(tmp_path: Path, sites: list[dict[str, Any]], language: str = "zh", **summary: Any) -> openpyxl.Workbook:
    findings = Findings()
    run = make_folder(tmp_path / "run", sites, **summary)
    write_dossier(run, tmp_path / "out", language=language, findings=findings)
    assert not findings.errors
    return openpyxl.load_workbook(tmp_path / "out" / "dossier.xlsx")


def rows(sheet: Worksheet) -> list[dict[str, Any]]:
    """Rows below the headings, by the English half of each heading."""
    keys = [str(c.value).split("\n")[1] for c in sheet[HEAD]]
    return [dict(zip(keys, line, strict=True)) for line in sheet.iter_rows(min_row=HEAD + 1, values_only=True)]


def notes(book: openpyxl.Workbook) -> dict[str, Any]:
    return dict(book.worksheets[4].iter_rows(min_row=HEAD + 1, max_col=2, values_only=True))


def test_one_row_per_site_with_what_the_run_knows(tmp_path: Path) -> None:
    book = workbook(tmp_path, [site("HJ-QC-001", PLOT)])
    assert book.sheetnames == ["选址清单", "界址点坐标", "商业面积比例", "审查事项", "说明"]
    (row,) = rows(book.worksheets[0])
    assert (row["Site id"], row["Name"], row["Community"]) == ("HJ-QC-001", "地块1", "双溪社区")
    assert (row["Centroid N (m)"], row["Centroid E (m)"]) == pytest.approx((NORTH - 15, 37_384_093.21))
    assert (row["Longitude (°)"], row["Latitude (°)"]) == pytest.approx((109.83020, 27.19987), abs=1e-5)
    assert (row["Kind of space"], row["Tenure"], row["Parcel no."]) == ("边角空地", "国有", "430481-001")
    assert (row["Current land-use code"], row["Code scheme"]) == ("2301", "待填")
    assert (row["Outlets proposed"], row["Outlet floor area (m²)"]) == ("菜市场", 900)
    assert row["Plot area, projected (ha)"] == 0.12
    assert row["Plot area, ellipsoid (m²)"] == pytest.approx(1199.60, abs=0.01)
    assert (row["Cost (currency: see notes)"], row["People who gain"]) == (800_000, 1204.5)
    assert (row["People with no other outlet"], row["Boundary (plot ids)"]) == (310, "HJ-QC-001")
    office = ["New construction land?", "Procedure", "Planned use code", "Opinion", "Verdict", "Reviewer", "Date"]
    assert [row[key] for key in office] == [None] * 7


def test_headings_are_in_both_languages_and_stay_in_sight(tmp_path: Path) -> None:
    book = workbook(tmp_path, [site("A", PLOT)])
    for sheet in book.worksheets:
        assert all(len(str(cell.value).split("\n")) == 2 for cell in sheet[HEAD])
        assert sheet.freeze_panes == "B4"
        assert all(cell.alignment.wrap_text for cell in sheet[HEAD])
    assert book.worksheets[0]["A3"].value == "地块编号\nSite id"


def test_english_comes_first_for_an_english_reader(tmp_path: Path) -> None:
    book = workbook(tmp_path, [site("A", PLOT)], "en")
    assert book.sheetnames[0] == "Sites"
    assert book.worksheets[0]["A3"].value == "Site id\n地块编号"
    assert book.worksheets[0]["H4"].value == "corner plot"


def test_an_unknown_value_is_to_fill_and_a_point_has_no_plot_area(tmp_path: Path) -> None:
    blank = {"tenure": "", "parcel_id": None, "land_use": ""}
    book = workbook(tmp_path, [site("B", shapely.Point(EAST, NORTH), **blank)])
    (row,) = rows(book.worksheets[0])
    to_fill = [
        "Tenure",
        "Parcel no.",
        "Current land-use code",
        "Plot area, projected (ha)",
        "Plot area, ellipsoid (m²)",
    ]
    assert [row[key] for key in to_fill] == ["待填"] * 5
    assert row["Boundary (plot ids)"] == "待测绘"
    assert row["Centroid N (m)"] == pytest.approx(NORTH)
    assert rows(book.worksheets[1]) == []


def test_people_of_several_outlets_stand_on_lines_of_their_own(tmp_path: Path) -> None:
    outlets = [("vegetable_market", 900.0, 8e5, 1204.0, 310.0), ("pharmacy", 60.0, 5e4, 400.0, None)]
    (row,) = rows(workbook(tmp_path, [site("A", PLOT, outlets=outlets)]).worksheets[0])
    assert row["People who gain"] == "菜市场: 1,204\n药店: 400"
    assert row["People with no other outlet"] == "菜市场: 310\n药店: —"
    assert (row["Outlet floor area (m²)"], row["Cost (currency: see notes)"]) == (960, 850_000)


HOSTILE = [
    '=HYPERLINK("http://x","y")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "\t=1",
    "=cmd|' /C calc'!A0",
    "http://x.example",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_is_a_formula_or_a_link_whatever_the_names(tmp_path: Path, name: str) -> None:
    hostile = site(name, PLOT, name=name, tenure=name, parcel_id=name, land_use=name, community=name, kind=name)
    book = workbook(tmp_path, [hostile], title=name, scenario=name)
    for sheet in book.worksheets:
        for line in sheet.iter_rows():
            for cell in line:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
                assert not str(cell.value if cell.data_type == "s" else "").startswith(tuple("=+-@\t\r＝"))
    (row,) = rows(book.worksheets[0])
    assert row["Site id"].lstrip("'") == name.strip()


def test_characters_that_xml_cannot_hold_do_not_break_the_workbook(tmp_path: Path) -> None:
    name = "甲\x01\x0b\ufffe\u202e乙🏪" + "长" * 40_000
    (row,) = rows(workbook(tmp_path, [site("A", PLOT, name=name)]).worksheets[0])
    assert row["Name"].startswith("甲 乙🏪长")
    assert len(row["Name"]) <= 32_767


def test_the_coordinate_table_is_the_text(tmp_path: Path) -> None:
    hole = shapely.box(EAST + 10, NORTH - 20, EAST + 20, NORTH - 10)
    book = workbook(tmp_path, [site("A", PLOT - hole)])
    table = [
        f"{r['Point']},{r['Ring']:.0f},{r['X = northing (m)']:.2f},{r['Y = easting (m)']:.2f}"
        for r in rows(book.worksheets[1])
    ]
    text = (tmp_path / "out" / "boundary.txt").read_text(encoding="utf-8").splitlines()
    assert table == text[13:]
    assert [r["To next point (m)"] for r in rows(book.worksheets[1])][:5] == pytest.approx([40, 30, 40, 30, None])


def test_the_commercial_share_is_the_runs_and_unknown_stays_unknown(tmp_path: Path) -> None:
    new, old = rows(workbook(tmp_path, [site("A", PLOT)]).worksheets[2])
    assert (new["Community id"], new["Requirement"], new["Result"]) == ("k1", "≥ 10.00%", "符合")
    assert (new["Share today"], new["Share after the plan"], new["Missing or in excess (m²)"]) == (0.08, 0.1, 0)
    assert (old["Name"], old["Requirement"], old["Result"], old["Share today"]) == ("'=1+1", "不适用", "不适用", None)


@pytest.mark.parametrize(("shortfall", "result"), [(0, "符合"), (0.01, "不符合"), (None, "总建筑面积缺失")])
def test_a_shortfall_is_never_called_met(tmp_path: Path, shortfall: float | None, result: str) -> None:
    community = {"id": "k", "required": 0.1, "sense": "ge", "shortfall_m2": shortfall}
    (row,) = rows(workbook(tmp_path, [site("A", PLOT)], communities=[community]).worksheets[2])
    assert row["Result"] == result


def test_no_overlay_check_is_ever_called_passed(tmp_path: Path) -> None:
    checks = rows(workbook(tmp_path, [site("A", PLOT)]).worksheets[3])
    assert len(checks) == 23
    assert {row["Result"] for row in checks} == {"未检查"}
    assert checks[0]["Check"] == "永久基本农田"
    assert all(row["Overlap (m²)"] is None and row["Source"] is None for row in checks)


def test_the_notes_tell_run_coordinates_checks_findings_and_fingerprints(tmp_path: Path) -> None:
    book = workbook(tmp_path, [site("A", PLOT), site("B", shapely.Point(EAST, NORTH))])
    told = notes(book)
    assert (told["运行编号"], told["数据产生日期"], told["数据产生单位"]) == ("run", "2026-11-23", "洪江市商务局")
    assert told["图形文件坐标系"] == "EPSG:4525 CGCS2000 / 3-degree Gauss-Kruger zone 37"
    assert told["当地投影长度比"].startswith("1.00016")
    assert (told["界址线闭合"], told["位于行政区界内"]) == ("通过", "未检查")
    assert "选址 B 只有点位" in told["提醒"]
    assert told["cells.csv"] == f"输入数据，12 行，sha256 {'ab' * 32}"
    assert told["summary.json"].startswith("sha256 ")
    assert told["软件版本"] == "siteopt 0.1.0, highspy 1.15.1"
    assert "示例数据" in book.worksheets[0]["A2"].value
    assert "示例数据" in book.worksheets[4]["A2"].value


def test_a_real_place_is_not_called_illustrative(tmp_path: Path) -> None:
    book = workbook(tmp_path, [site("A", PLOT)], illustrative=False)
    assert all("示例" not in str(sheet["A2"].value) for sheet in book.worksheets)
