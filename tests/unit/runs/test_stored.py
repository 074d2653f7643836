"""A stored run opens as it was written, and says what has become of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from siteopt.findings import InputError
from siteopt.runs.store import write_run
from siteopt.runs.stored import open_run
from tests.runs_builder import FORMULA, make_run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The default run on disk."""
    return write_run(make_run(), tmp_path / "run", html="x", map_png=b"x")


def error_of(folder: Path) -> str:
    """The code of the one error that opening gives."""
    with pytest.raises(InputError) as error:
        open_run(folder)
    (finding,) = error.value.findings
    return finding.code


def test_an_untouched_run_opens_without_a_finding(folder: Path) -> None:
    run = open_run(folder)
    assert run.findings == ()
    assert run.name == "run" and run.folder == folder
    assert run.summary["scenario"] == "qiancheng"


def test_tables_come_back_with_ids_as_text_and_numbers_as_numbers(folder: Path) -> None:
    run = open_run(folder)
    coverage = run.coverage()
    assert len(coverage) == 36
    assert coverage["cell_id"][0] == "001"
    assert coverage["cell_id"][6] == "'" + FORMULA
    assert set(coverage["covered_after"]) <= {0.0, 1.0}
    assert np.isnan(coverage["minutes_after"][1]) and coverage["minutes_after"][0] == 0
    assert run.sites()["site_id"].tolist()[1] == "007"
    assert run.communities()["id"].tolist() == ["K1", "K<2>"]


def test_a_folder_that_is_not_there_names_the_nearest(folder: Path) -> None:
    with pytest.raises(InputError) as error:
        open_run(folder.parent / "rum")
    (finding,) = error.value.findings
    assert (finding.code, finding.facts["nearest"]) == ("run_not_found", "run")
    assert error_of(folder.parent / "no" / "where") == "run_not_found"


def test_a_file_is_not_a_run(folder: Path) -> None:
    assert error_of(folder / "summary.json") == "run_not_found"


def test_a_folder_without_manifest_or_summary_is_not_a_run(folder: Path, tmp_path: Path) -> None:
    (folder / "summary.json").unlink()
    assert error_of(folder) == "not_a_run"
    assert error_of(tmp_path) == "not_a_run"


@pytest.mark.parametrize("content", ["", "{", "\xff", "[" * 100_000])
@pytest.mark.parametrize("name", ["manifest.json", "summary.json"])
def test_json_that_does_not_parse_is_a_finding(folder: Path, name: str, content: str) -> None:
    (folder / name).write_bytes(content.encode("latin-1"))
    assert error_of(folder) == "run_unreadable"


@pytest.mark.parametrize("content", ["[]", "3", '"x"', "{}"])
def test_json_of_another_kind_is_not_a_run(folder: Path, content: str) -> None:
    (folder / "summary.json").write_text(content, encoding="utf-8")
    assert error_of(folder) == "not_a_run"


@pytest.mark.parametrize("name", ["manifest.json", "summary.json"])
def test_another_version_is_named_with_what_is_expected(folder: Path, name: str) -> None:
    content = json.loads((folder / name).read_text(encoding="utf-8"))
    content["schema"] = "siteopt.other/2"
    (folder / name).write_text(json.dumps(content), encoding="utf-8")
    assert error_of(folder) == "run_wrong_version"


def test_a_changed_or_missing_file_is_a_warning_that_names_it(folder: Path) -> None:
    (folder / "sites.csv").write_text("site_id\nmine\n", encoding="utf-8")
    (folder / "map.png").unlink()
    found = {(f.severity, f.code, f.file) for f in open_run(folder).findings}
    assert found == {("warning", "run_file_changed", "sites.csv"), ("warning", "run_file_missing", "map.png")}
    assert open_run(folder, verify=False).findings == ()


def test_a_manifest_that_points_outside_reads_nothing_there(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["../secret"] = {"sha256": "0", "bytes": 1}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert [(f.code, f.file) for f in open_run(folder).findings] == [("run_file_missing", "../secret")]


@pytest.mark.parametrize("content", ["", "cell_id,type\n1,2\n", "\x00\x01", None])
def test_a_coverage_table_that_is_no_longer_one_is_a_finding_not_a_traceback(
    folder: Path, content: str | None
) -> None:
    path = folder / "coverage.csv"
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as error:
        open_run(folder).coverage()
    assert error.value.findings[0].code == "run_unreadable"


def test_a_number_that_became_text_is_a_finding(folder: Path) -> None:
    path = folder / "coverage.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",100,", ",many,"), encoding="utf-8")
    with pytest.raises(InputError) as error:
        open_run(folder).coverage()
    assert error.value.findings[0].code == "run_unreadable"


def test_a_sites_table_in_another_encoding_is_a_finding(folder: Path) -> None:
    (folder / "sites.csv").write_bytes("site_id\n空地\n".encode("gb18030"))
    with pytest.raises(InputError) as error:
        open_run(folder).sites()
    assert error.value.findings[0].code == "run_unreadable"
