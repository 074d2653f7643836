"""The dossier as a whole: from a run folder to files in place, or to findings and nothing written."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely
from shapely.affinity import translate

from siteopt.findings import Findings
from siteopt.report.dossier import write_dossier
from siteopt.report.dossier.words import Words
from tests.unit.report.dossier.run_folder import EAST, NORTH, PLOT, make_folder, site, write_json

ALL = {
    *("README.txt", "boundary.txt", "dossier.xlsx", "plots.gpkg"),
    *(f"{layer}{end}" for layer in ("plots", "points") for end in (".shp", ".shx", ".dbf", ".prj", ".cpg")),
}
SITES = [site("HJ-QC-001", PLOT), site("HJ-QC-002", shapely.Point(EAST + 300, NORTH))]


def export(run: Path, out: Path, **options: Any) -> tuple[tuple[Path, ...], Findings]:
    findings = Findings()
    return write_dossier(run, out, findings=findings, **options), findings


def test_all_files_are_written_and_returned_and_nothing_else_is_left(tmp_path: Path) -> None:
    run = make_folder(tmp_path / "run", SITES)
    paths, findings = export(run, run / "dossier")
    assert {p.name for p in paths} == ALL == {p.name for p in (run / "dossier").iterdir()}
    assert all(p.is_file() and p.stat().st_size > 0 for p in paths)
    assert not findings.errors


def test_the_same_run_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    run = make_folder(tmp_path / "run", SITES)
    first, _ = export(run, tmp_path / "a")
    time.sleep(1.1)
    second, _ = export(run, tmp_path / "b")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_the_readme_has_both_languages_and_the_fingerprint_of_every_file(tmp_path: Path) -> None:
    paths, _ = export(make_folder(tmp_path / "run", SITES), tmp_path / "out")
    raw = (tmp_path / "out" / "README.txt").read_bytes()
    text = raw.decode("utf-8-sig")
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\n") == raw.count(b"\r\n")
    for path in paths:
        if path.name != "README.txt":
            assert f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" in text
    assert "“未检查”不等于“通过”" in text
    assert "not checked does not mean passed" in text
    assert "示例数据" in text


def test_a_later_export_removes_what_it_no_longer_writes_and_nothing_of_others(tmp_path: Path) -> None:
    run, out = make_folder(tmp_path / "run", SITES), tmp_path / "out"
    export(run, out)
    (out / "opinion.docx").write_text("theirs")
    (out / "boundary-notes.txt").write_text("theirs")
    paths, _ = export(run, out, crs="EPSG:4490")
    assert not (out / "boundary.txt").exists()
    assert {p.name for p in out.iterdir()} == {p.name for p in paths} | {"opinion.docx", "boundary-notes.txt"}


def test_producer_and_date_of_the_caller_come_first(tmp_path: Path) -> None:
    run = make_folder(tmp_path / "run", SITES)
    export(run, tmp_path / "out", producer="黔城镇,政府\n", date="2027-01-05")
    text = (tmp_path / "out" / "boundary.txt").read_text(encoding="utf-8")
    assert "数据产生单位=黔城镇 政府\n" in text
    assert "数据产生日期=2027-01-05\n" in text


def test_a_run_without_unit_and_date_is_handed_over_with_warnings(tmp_path: Path) -> None:
    run = make_folder(tmp_path / "run", [site("A", PLOT)])
    write_json(run / "manifest.json", {})
    (run / "scenario.resolved.yaml").write_text("name: x\n", encoding="utf-8")
    paths, findings = export(run, tmp_path / "out")
    assert paths
    assert [f.code for f in findings] == ["dossier_no_producer", "dossier_no_date"]


@pytest.mark.parametrize("date", ["gestern", "2026-13-01", "2026-02-30", "23.11.2026"])
def test_a_date_that_is_none_is_an_error(tmp_path: Path, date: str) -> None:
    paths, findings = export(make_folder(tmp_path / "run", SITES), tmp_path / "out", date=date)
    assert (paths, [f.code for f in findings.errors]) == ((), ["dossier_date"])


@pytest.mark.parametrize("status", ["proven", "infeasible", "no_plan"])
def test_a_run_that_proposes_nothing_has_nothing_to_hand_over(tmp_path: Path, status: str) -> None:
    paths, findings = export(make_folder(tmp_path / "run", [], status=status), tmp_path / "out")
    assert paths == ()
    assert [(f.code, f.value) for f in findings] == [("dossier_nothing_to_hand_over", status)]
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    paths, findings = export(tmp_path / "nowhere", tmp_path / "out")
    assert (paths, [f.code for f in findings]) == ((), ["dossier_no_run"])


@pytest.mark.parametrize("name", ["summary.json", "plan.gpkg", "scenario.resolved.yaml", "manifest.json"])
def test_each_file_of_the_run_that_is_missing_is_named(tmp_path: Path, name: str) -> None:
    run = make_folder(tmp_path / "run", SITES)
    (run / name).unlink()
    paths, findings = export(run, tmp_path / "out")
    assert paths == ()
    assert [(f.code, f.value) for f in findings] == [("dossier_no_file", name)]


@pytest.mark.parametrize("name", ["summary.json", "plan.gpkg", "scenario.resolved.yaml", "manifest.json"])
@pytest.mark.parametrize("content", [b"", b"[1, 2", b"\xff\xfe\x00{", b"null", b"[" * 100_000])
def test_each_file_of_the_run_that_is_broken_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    run = make_folder(tmp_path / "run", SITES)
    (run / name).write_bytes(content)
    paths, findings = export(run, tmp_path / "out")
    assert paths == ()
    assert [(f.code, f.value) for f in findings] == [("dossier_broken_file", name)]
    assert not (tmp_path / "out").exists()


def test_a_geopackage_without_the_layer_of_sites_or_its_ids_is_named(tmp_path: Path) -> None:
    run = make_folder(tmp_path / "run", SITES)
    frame = gpd.GeoDataFrame({"id": ["A"]}, geometry=[PLOT], crs="EPSG:4546")
    for layer in ("other", "sites"):
        (run / "plan.gpkg").unlink()
        pyogrio.write_dataframe(frame, run / "plan.gpkg", layer=layer)
        paths, findings = export(run, tmp_path / "out")
        assert paths == ()
        assert [f.code for f in findings] == ["dossier_broken_file"]


@pytest.mark.parametrize("sites", [[1, None], {"a": 1}, "text", [{"outlet_type": "x"}], 7])
def test_a_summary_of_another_shape_is_no_traceback(tmp_path: Path, sites: object) -> None:
    run = make_folder(tmp_path / "run", SITES)
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    write_json(run / "summary.json", {**summary, "sites": sites})
    paths, findings = export(run, tmp_path / "out")
    assert (paths, [f.code for f in findings]) == ((), ["dossier_nothing_to_hand_over"])


def test_values_of_another_kind_in_the_run_are_no_traceback(tmp_path: Path) -> None:
    odd: dict[str, Any] = {"types": 5, "communities": "x", "objective": [], "title": {"a": 1}, "currency": 3}
    run = make_folder(tmp_path / "run", [site("A", PLOT)], **odd)
    (run / "scenario.resolved.yaml").write_text("report: 5\ntypes: [1]\ntitle: {zh: 7}\n", encoding="utf-8")
    write_json(run / "manifest.json", {"created": 5, "inputs": {"a": 1}, "libraries": [1]})
    paths, findings = export(run, tmp_path / "out")
    assert paths
    assert not findings.errors


def test_a_site_that_the_layer_does_not_know_is_an_error(tmp_path: Path) -> None:
    run = make_folder(tmp_path / "run", SITES)
    other = make_folder(tmp_path / "other", [SITES[0]])
    shutil.copy(other / "plan.gpkg", run / "plan.gpkg")
    paths, findings = export(run, tmp_path / "out")
    assert paths == ()
    assert [(f.code, f.value) for f in findings] == [("dossier_site_missing", "HJ-QC-002")]


@pytest.mark.parametrize("make", ["file", "under_file", "too_long", "directory_in_the_way"])
def test_a_folder_that_cannot_be_written_is_an_error_and_stays_as_it_was(tmp_path: Path, make: str) -> None:
    run, block = make_folder(tmp_path / "run", SITES), tmp_path / "block"
    out = {
        "file": block,
        "under_file": block / "out",
        "too_long": tmp_path / ("x" * 300),
        "directory_in_the_way": tmp_path / "full",
    }[make]
    block.write_text("mine")
    (tmp_path / "full" / "plots.gpkg" / "sub").mkdir(parents=True)
    paths, findings = export(run, out)
    assert paths == ()
    assert [f.code for f in findings.errors] == ["dossier_cannot_write"]
    assert block.read_text() == "mine"
    assert not list(tmp_path.rglob(".dossier-*"))


def test_an_unusable_crs_writes_nothing(tmp_path: Path) -> None:
    paths, findings = export(make_folder(tmp_path / "run", SITES), tmp_path / "out", crs="EPSG:0")
    assert (paths, [f.code for f in findings.errors]) == ((), ["dossier_crs_unknown"])
    assert not (tmp_path / "out").exists()


def test_findings_of_others_in_the_same_collector_stop_nothing(tmp_path: Path) -> None:
    findings = Findings()
    findings.error("other", file="x")
    assert write_dossier(make_folder(tmp_path / "run", SITES), tmp_path / "out", findings=findings)


def test_a_run_in_wgs84_metres_is_brought_to_the_office_with_a_warning(tmp_path: Path) -> None:
    utm = gpd.GeoSeries([PLOT], crs=4546).to_crs(32649)[0]
    paths, findings = export(make_folder(tmp_path / "run", [site("A", utm)], crs="EPSG:32649"), tmp_path / "out")
    assert [f.code for f in findings] == ["dossier_datum_change"]
    assert "J1,1,3010332.40,37384073.21" in (tmp_path / "out" / "boundary.txt").read_text(encoding="utf-8")
    assert paths


def test_a_place_outside_china_is_handed_over_without_the_text(tmp_path: Path) -> None:
    porto = shapely.box(532_000, 4_556_000, 532_040, 4_556_030)
    paths, findings = export(make_folder(tmp_path / "run", [site("A", porto)], crs="EPSG:32629"), tmp_path / "out")
    assert [f.code for f in findings] == ["dossier_outside_zones"]
    assert "boundary.txt" not in {p.name for p in paths}
    assert gpd.read_file(tmp_path / "out" / "plots.shp").crs.to_epsg(min_confidence=20) == 32629


def test_overlapping_plots_are_handed_over_with_the_warning_in_the_workbook(tmp_path: Path) -> None:
    sites = [site("A", PLOT), site("B", translate(PLOT, 20))]
    paths, findings = export(make_folder(tmp_path / "run", sites), tmp_path / "out")
    assert paths
    assert [(f.code, f.facts["other"]) for f in findings] == [("dossier_check_overlap", "B")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_finding_reads_as_a_whole_sentence(tmp_path: Path, language: str) -> None:
    sites = [
        site("A,1", PLOT, name="🏪" * 80),
        site("A@1", translate(PLOT, 20)),
        site("P", shapely.Point(EAST, NORTH)),
        site("N", None),
        site("I", shapely.Polygon([(EAST, NORTH), (EAST + 9, NORTH + 9), (EAST + 9, NORTH), (EAST, NORTH + 9)])),
    ]
    run = make_folder(tmp_path / "run", sites, crs="EPSG:2382")
    findings = export(run, tmp_path / "a", crs="EPSG:4524")[1]
    for extra in (export(run, tmp_path / "b", crs="nonsense")[1], export(tmp_path / "c", tmp_path / "d")[1]):
        findings._all += list(extra)
    assert len({f.code for f in findings}) >= 8
    for finding in findings:
        sentence = Words(language).finding(finding)
        assert "…" not in sentence, finding.code
        assert "{" not in sentence
        assert bool(re.search(r"[\u4e00-\u9fff]", sentence.replace(str(finding.value), ""))) == (language == "zh")
