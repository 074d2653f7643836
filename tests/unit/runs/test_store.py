"""A run folder appears whole or not at all, and nothing of anybody else's is ever deleted."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml

from siteopt.findings import Findings, InputError
from siteopt.report.summary import summarise
from siteopt.runs.store import check_writable, default_run_folder, open_run, write_run
from siteopt.text import LANGUAGES, fill, finding_entries
from tests.runs_builder import SCRIPT, make_run

HTML, PNG = "<!DOCTYPE html><p>报告", b"\x89PNG not really"


def write(out: Path, **options: object) -> Path:
    """The default run in a folder."""
    return write_run(make_run(**options), out, html=HTML, map_png=PNG)  # type: ignore[arg-type]


def codes(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    """The codes of an error's findings."""
    return [finding.code for finding in error.value.findings]


def everything_in(folder: Path) -> list[str]:
    """Every path below a folder, hidden ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_the_folder_holds_every_file_that_others_rely_on(tmp_path: Path) -> None:
    out = write(tmp_path / "runs" / "黔城")
    assert sorted(path.name for path in out.iterdir()) == [
        "acceptance.xlsx",
        "communities.csv",
        "coverage.csv",
        "manifest.json",
        "map.png",
        "plan.gpkg",
        "report.html",
        "scenario.resolved.yaml",
        "sites.csv",
        "sites.geojson",
        "solver.log",
        "summary.json",
    ]
    assert [path.name for path in out.parent.iterdir()] == ["黔城"]
    assert (out / "report.html").read_text(encoding="utf-8") == HTML
    assert (out / "map.png").read_bytes() == PNG
    assert (out / "solver.log").read_text(encoding="utf-8") == "HiGHS says hello\n"
    assert json.loads((out / "summary.json").read_text(encoding="utf-8")) == summarise(make_run())
    assert yaml.safe_load((out / "scenario.resolved.yaml").read_text(encoding="utf-8")) == make_run().scenario


def test_the_manifest_tells_from_what_and_with_what_and_what_each_file_was(tmp_path: Path) -> None:
    out = write(tmp_path / "run")
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["schema"] == "siteopt.run/1"
    assert manifest["inputs"] == [{"file": "cells.csv", "sha256": "ab" * 32, "rows": 12, "bytes": 640}]
    assert manifest["timings_s"] == {"read": 0.11, "travel": 0.22, "solve": 0.33}
    assert manifest["peak_rss_mb"] == 212.5
    assert manifest["libraries"].keys() >= {"numpy", "scipy", "highspy", "pulp", "geopandas"}
    assert set(manifest["files"]) == {path.name for path in out.iterdir()} - {"manifest.json"}
    for name, facts in manifest["files"].items():
        raw = (out / name).read_bytes()
        assert facts == {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}


def test_two_writes_of_one_run_differ_in_nothing_but_the_manifest(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a"), write(tmp_path / "b")
    for path in first.iterdir():
        if path.name != "manifest.json":
            assert path.read_bytes() == (second / path.name).read_bytes(), path.name


def test_an_infeasible_run_is_written_too_so_that_it_can_be_shared(tmp_path: Path) -> None:
    stored = open_run(write(tmp_path / "run", feasible=False))
    assert stored.summary["status"] == stored.manifest["status"] == "infeasible"
    assert stored.summary["diagnosis"]["clashing"] == ["budget", "commercial_area"]
    assert len(stored.coverage()) == 36 and len(stored.sites()) == 0


def test_the_dossier_is_written_before_the_folder_gets_its_name_and_is_in_the_manifest(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def dossier(folder: Path) -> None:
        seen.append(sorted(path.name for path in tmp_path.iterdir()))
        assert (folder / "summary.json").exists() and not (folder / "manifest.json").exists()
        (folder / "dossier").mkdir()
        (folder / "dossier" / "sites.xlsx").write_bytes(b"xlsx")

    out = write_run(make_run(), tmp_path / "run", html=HTML, map_png=PNG, more=dossier)
    (while_writing,) = seen
    assert len(while_writing) == 1
    assert while_writing[0].startswith(".run.") and while_writing[0].endswith(".partial")
    assert "dossier/sites.xlsx" in open_run(out).manifest["files"]


def test_a_failure_in_the_middle_leaves_no_folder(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        write_run(make_run(), tmp_path / "new" / "run", html=HTML, map_png=PNG, more=fail)
    assert everything_in(tmp_path) == []


def test_an_interrupt_in_the_middle_keeps_the_earlier_run_as_it_was(tmp_path: Path) -> None:
    def interrupt(folder: Path) -> None:
        raise KeyboardInterrupt

    out = write(tmp_path / "run")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(KeyboardInterrupt):
        write_run(make_run(opened=[]), out, html=HTML, map_png=PNG, more=interrupt)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_killed_run_leaves_nothing_that_looks_whole(tmp_path: Path, root: Path) -> None:
    script = f"""
        import sys, time
        sys.path.insert(0, {str(root)!r})
        from pathlib import Path
        from siteopt.runs.store import write_run
        from tests.runs_builder import make_run

        def wait(folder):
            print("here", flush=True)
            time.sleep(60)

        write_run(make_run(), Path({str(tmp_path)!r}) / "run", html="x", map_png=b"x", more=wait)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"here\n"
        os.kill(process.pid, signal.SIGKILL)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".run.") and left.name.endswith(".partial")
    with pytest.raises(InputError) as error:
        open_run(left)
    assert codes(error) == ["not_a_run"]
    # and it is in nobody's way
    assert open_run(write(tmp_path / "run")).summary["status"] == "proven"


def test_a_full_disk_is_a_finding_and_leaves_nothing(tmp_path: Path, root: Path) -> None:
    # no file may grow beyond a limit, as on a disk without room
    script = f"""
        import resource, sys
        sys.path.insert(0, {str(root)!r})
        from pathlib import Path
        from siteopt.findings import InputError
        from siteopt.runs.store import write_run
        from tests.runs_builder import make_run
        run = make_run()
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
        try:
            write_run(run, Path({str(tmp_path)!r}) / "run", html="x", map_png=b"x")
        except InputError as error:
            print(error.findings[0].code, "|", error.findings[0].facts["reason"])
    """
    # stops inside summary.json, as the GeoPackage begins, and further inside it
    for limit in ("1000", "13000", "60000"):
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script), limit], capture_output=True, text=True, check=False
        )
        assert done.stdout.startswith("cannot_write | "), (limit, done.stdout, done.stderr)
        assert everything_in(tmp_path) == []


def test_an_earlier_run_is_replaced_whole(tmp_path: Path) -> None:
    write(tmp_path / "run")
    out = write(tmp_path / "run", opened=[(0, 0)])
    assert len(open_run(out).summary["sites"]) == 1
    assert open_run(out).findings == ()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".DS_Store").write_bytes(b"")
    assert open_run(write(tmp_path / "run")).name == "run"


def test_a_folder_that_is_no_run_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.docx").write_bytes(b"years of work")
    with pytest.raises(InputError) as error:
        write(tmp_path / "thesis")
    assert codes(error) == ["out_not_a_run"]
    assert "chapter1.docx" in str(error.value)
    assert everything_in(tmp_path) == ["thesis", "thesis/chapter1.docx"]


def test_somebody_elses_manifest_does_not_make_a_folder_ours(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "manifest.json").write_text('{"schema": "other/1", "files": {}}', encoding="utf-8")
    with pytest.raises(InputError) as error:
        write(tmp_path / "app")
    assert codes(error) == ["out_not_a_run"]


def test_notes_that_somebody_put_into_a_run_are_not_deleted(tmp_path: Path) -> None:
    out = write(tmp_path / "run")
    (out / "minutes of the meeting.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(InputError) as error:
        write(tmp_path / "run")
    assert codes(error) == ["out_has_own_files"]
    assert (out / "minutes of the meeting.txt").read_text(encoding="utf-8") == "kept"


def test_a_dossier_exported_later_does_not_keep_a_run_from_being_replaced(tmp_path: Path) -> None:
    out = write(tmp_path / "run")
    (out / "dossier").mkdir()
    (out / "dossier" / "sites.xlsx").write_bytes(b"x")
    write(tmp_path / "run")
    assert not (out / "dossier").exists()


def test_a_file_in_the_way_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("I am a file", encoding="utf-8")
    with pytest.raises(InputError) as error:
        write(tmp_path / "run")
    assert codes(error) == ["out_is_a_file"]
    assert (tmp_path / "run").read_text(encoding="utf-8") == "I am a file"


@pytest.mark.parametrize("where", ["file/below/run", "x" * 300])
def test_a_place_that_cannot_be_written_is_a_finding_before_and_after_solving(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    findings = Findings()
    check_writable(tmp_path / where, findings)
    assert [f.code for f in findings] == ["cannot_write"]
    with pytest.raises(InputError) as error:
        write(tmp_path / where)
    assert codes(error) == ["cannot_write"]
    assert everything_in(tmp_path) == ["file"]


def test_the_kernels_own_folder_cannot_be_written_even_by_root() -> None:
    findings = Findings()
    check_writable(Path("/proc/siteopt/run"), findings)
    assert [f.code for f in findings] == ["cannot_write"]


def test_checking_leaves_everything_as_it_was(tmp_path: Path) -> None:
    findings = Findings()
    check_writable(tmp_path / "deep" / "er" / "run", findings)
    assert list(findings) == [] and everything_in(tmp_path) == []


def test_a_link_to_a_folder_is_followed_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    out = write(tmp_path / "link")
    assert out == tmp_path / "real"
    assert (tmp_path / "link").is_symlink() and (tmp_path / "link" / "summary.json").exists()


@pytest.mark.parametrize("name", ["../../etc", "/etc/passwd", "..", SCRIPT, "a\\..\\b", "", "CON"])
@pytest.mark.parametrize("variant", [None, "../..", "double budget", SCRIPT])
def test_a_run_folder_stays_in_runs_whatever_the_scenario_is_called(
    tmp_path: Path, name: str, variant: str | None
) -> None:
    folder = default_run_folder(tmp_path, name, variant)
    assert folder.resolve().parent == tmp_path.resolve() / "runs"


def test_a_run_folder_is_named_after_scenario_and_variant(tmp_path: Path) -> None:
    assert default_run_folder(tmp_path, "黔城").name == "黔城"
    assert default_run_folder(tmp_path, "qiancheng", "double budget").name == "qiancheng-double-budget"


def test_every_finding_of_this_room_reads_as_a_sentence_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("", encoding="utf-8")
    findings = Findings()
    check_writable(tmp_path / "run", findings)
    check_writable(Path("/proc/siteopt/run"), findings)
    for finding in findings:
        for language in LANGUAGES:
            facts = {"value": finding.value, "file": finding.file, **finding.facts}
            sentence = fill(finding_entries()[finding.code], language, facts)
            assert "…" not in sentence and str(finding.value) in sentence
