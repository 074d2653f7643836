"""The boundary-coordinate text, byte by byte."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.affinity import translate

from siteopt.findings import Findings
from siteopt.report.dossier import DEFAULT, TxtTemplate, read_template, write_dossier
from tests.unit.report.dossier.run_folder import EAST, NORTH, PLOT, make_folder, site

EXAMPLE = """[属性描述]
格式版本号=1.01
数据产生单位=洪江市商务局
数据产生日期=2026-11-23
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=37
精度=0.01
转换参数=,,,,,,
[地块坐标]
5,0.1200,HJ-QC-001,地块1,面,,零售商业用地,090101,@
J1,1,3010332.40,37384073.21
J2,1,3010332.40,37384113.21
J3,1,3010302.40,37384113.21
J4,1,3010302.40,37384073.21
J1,1,3010332.40,37384073.21
"""
USES = {"vegetable_market": ("零售商业用地", "090101")}


def template(**over: Any) -> TxtTemplate:
    return replace(DEFAULT, **over)


def texts(
    tmp_path: Path, sites: list[dict[str, object]], form: TxtTemplate = DEFAULT, crs: str | None = None
) -> tuple[dict[str, bytes], list[str]]:
    findings = Findings()
    run = make_folder(tmp_path / "run", sites)
    paths = write_dossier(run, tmp_path / "out", crs=crs, template=form, findings=findings)
    assert not findings.errors
    found = {p.name: p.read_bytes() for p in paths if p.name.startswith("boundary")}
    return found, [f.code for f in findings]


def test_the_fictional_plot_of_the_land_review_note_prints_exactly_as_there(tmp_path: Path) -> None:
    found, codes = texts(tmp_path, [site("HJ-QC-001", PLOT)], template(uses=USES))
    assert found == {"boundary.txt": EXAMPLE.replace("\n", "\r\n").encode("utf-8")}
    assert codes == []


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8-sig"])
def test_the_encoding_is_the_offices(tmp_path: Path, encoding: str) -> None:
    found, _ = texts(tmp_path, [site("HJ-QC-001", PLOT)], template(uses=USES, encoding=encoding, line_end="lf"))
    assert found["boundary.txt"] == EXAMPLE.encode(encoding)


def test_planned_use_stays_empty_unless_the_office_assigns_it(tmp_path: Path) -> None:
    found, _ = texts(tmp_path, [site("HJ-QC-001", PLOT)])
    assert "5,0.1200,HJ-QC-001,地块1,面,,,,@" in found["boundary.txt"].decode()


def test_planned_use_stays_empty_where_two_outlets_of_a_site_disagree(tmp_path: Path) -> None:
    outlets = [("vegetable_market", 900.0, 1.0, 1.0, 1.0), ("pharmacy", 60.0, 1.0, 1.0, 1.0)]
    found, _ = texts(tmp_path, [site("HJ-QC-001", PLOT, outlets=outlets)], template(uses=USES))
    assert "面,,,,@" in found["boundary.txt"].decode()


def test_a_zone_without_prefix_prints_six_digits_of_easting_and_the_zone_in_the_header(tmp_path: Path) -> None:
    found, _ = texts(tmp_path, [site("HJ-QC-001", PLOT)], crs="EPSG:4546")
    text = found["boundary.txt"].decode()
    assert "J1,1,3010332.40,384073.21\r\n" in text
    assert "带号=37\r\n" in text


def test_a_hole_is_ring_two_and_its_points_run_on_the_other_way_round(tmp_path: Path) -> None:
    hole = shapely.box(EAST + 10, NORTH - 20, EAST + 20, NORTH - 10)
    found, _ = texts(tmp_path, [site("A", PLOT - hole)])
    assert found["boundary.txt"].decode().splitlines()[12:] == [
        "10,0.1100,A,地块1,面,,,,@",
        "J1,1,3010332.40,37384073.21",
        "J2,1,3010332.40,37384113.21",
        "J3,1,3010302.40,37384113.21",
        "J4,1,3010302.40,37384073.21",
        "J1,1,3010332.40,37384073.21",
        "J5,2,3010322.40,37384083.21",
        "J6,2,3010312.40,37384083.21",
        "J7,2,3010312.40,37384093.21",
        "J8,2,3010322.40,37384093.21",
        "J5,2,3010322.40,37384083.21",
    ]


def test_point_numbers_start_again_in_each_ring_where_the_office_wants_that(tmp_path: Path) -> None:
    hole = shapely.box(EAST + 10, NORTH - 20, EAST + 20, NORTH - 10)
    found, _ = texts(tmp_path, [site("A", PLOT - hole)], template(numbers_run_on=False))
    assert "J1,2,3010322.40,37384083.21" in found["boundary.txt"].decode()


def test_an_island_in_a_hole_and_other_blocks_are_plots_of_their_own(tmp_path: Path) -> None:
    moat = shapely.box(EAST + 10, NORTH - 20, EAST + 30, NORTH - 5)
    island = shapely.box(EAST + 15, NORTH - 15, EAST + 20, NORTH - 10)
    shape = shapely.MultiPolygon([translate(PLOT, 100, -50), PLOT - moat, island])
    found, _ = texts(tmp_path, [site("A", shape)])
    heads = [line for line in found["boundary.txt"].decode().splitlines() if line.endswith("@")]
    assert heads == ["10,0.0900,A-1,地块1,面,,,,@", "5,0.0025,A-2,地块1,面,,,,@", "5,0.1200,A-3,地块1,面,,,,@"]


def test_every_plot_line_counts_its_coordinate_lines(tmp_path: Path) -> None:
    round_plot = shapely.Point(EAST, NORTH).buffer(30, quad_segs=11)
    found, _ = texts(tmp_path, [site("A", round_plot), site("B", translate(PLOT, 200))])
    lines = found["boundary.txt"].decode().splitlines()[12:]
    at = [k for k, line in enumerate(lines) if line.endswith("@")] + [len(lines)]
    for first, after in pairwise(at):
        assert int(lines[first].split(",")[0]) == after - first - 1
        assert lines[first + 1] == lines[after - 1]


def test_hostile_names_cannot_end_a_field_or_a_line(tmp_path: Path) -> None:
    name = "甲,乙\r\nJ9,1,0,0\n，@；（角）\u202e\x00"
    found, codes = texts(tmp_path, [site("../x,1", PLOT, name=name)])
    line = found["boundary.txt"].decode().splitlines()[12]
    assert line == "5,0.1200,../x 1,甲 乙 J9 1 0 0 ;(角),面,,,,@"
    assert codes == ["dossier_txt_text_changed", "dossier_txt_text_changed"]


def test_what_gbk_lacks_is_replaced_and_said(tmp_path: Path) -> None:
    found, codes = texts(tmp_path, [site("A", PLOT, name="市场🏪")], template(encoding="gbk"))
    assert "A,市场?,面" in found["boundary.txt"].decode("gbk")
    assert codes == ["dossier_txt_text_changed"]


def test_two_ids_that_become_one_are_said(tmp_path: Path) -> None:
    _, codes = texts(tmp_path, [site("A,1", PLOT), site("A@1", translate(PLOT, 100))])
    assert codes.count("dossier_ids_collide") == 1


def test_one_text_per_plot_is_numbered_never_named_by_an_id(tmp_path: Path) -> None:
    sites = [site("../../evil", PLOT), site("b", translate(PLOT, 100))]
    found, _ = texts(tmp_path, sites, template(one_file=False))
    assert sorted(found) == ["boundary-001.txt", "boundary-002.txt"]
    assert all(text.decode().startswith("[属性描述]\r\n") for text in found.values())
    assert [text.decode().count("@") for text in found.values()] == [1, 1]


def test_twelve_fields_and_three_decimals_are_a_matter_of_the_template(tmp_path: Path) -> None:
    form = template(
        plot="{points},{area_ha},{site_id},{name},面,{sheet},{use},{use_code},{outlets},{parcel},,@",
        point="{number},{ring},{north},{east}",
        decimals=3,
        area_decimals=6,
    )
    found, _ = texts(tmp_path, [site("A", PLOT)], form)
    lines = found["boundary.txt"].decode().splitlines()
    assert lines[9] == "精度=0.001"
    assert lines[12:14] == ["5,0.120000,A,地块1,面,,,,菜市场,430481-001,,@", "1,1,3010332.400,37384073.210"]


def test_the_packaged_template_reads_as_any_other(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_text('attributes: ["带号={zone}"]\nplot: "{site_id},@"\npoint: "{north},{east}"\n', encoding="utf-8")
    findings = Findings()
    form = read_template(path, findings)
    assert form is not None
    assert (form.plot, form.encoding, len(findings)) == ("{site_id},@", "utf-8", 0)


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        ("plot: [", "dossier_template_unreadable", None),
        ("- 1", "dossier_template_field", None),
        ("attributes: ['']\nplot: '{secret}'\npoint: ''", "dossier_template_field", "plot"),
        ("attributes: ['']\nplot: '{name.__class__}'\npoint: ''", "dossier_template_field", "plot"),
        ("attributes: ['']\nplot: '{name!r:>9}'\npoint: ''", "dossier_template_field", "plot"),
        ("attributes: ['']\nplot: '{'\npoint: ''", "dossier_template_field", "plot"),
        ("attributes: ['']\nplot: ''\npoint: ''\nencoding: latin-1", "dossier_template_field", "encoding"),
        ("attributes: ['']\nplot: ''\npoint: ''\ncolour: red", "dossier_template_field", "colour"),
        ("attributes: ['']\nplot: ''\npoint: ''\ndecimals: 99", "dossier_template_field", "decimals"),
    ],
)
def test_a_faulty_template_is_a_finding(tmp_path: Path, text: str, code: str, field: str | None) -> None:
    path = tmp_path / "office.yaml"
    path.write_text(text, encoding="utf-8")
    findings = Findings()
    assert read_template(path, findings) is None
    assert [(f.code, f.field) for f in findings] == [(code, field)]


def test_a_missing_template_is_a_finding(tmp_path: Path) -> None:
    findings = Findings()
    assert read_template(tmp_path / "none.yaml", findings) is None
    assert [f.code for f in findings] == ["dossier_template_unreadable"]
