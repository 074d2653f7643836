"""A folder of several plans appears whole or not at all, and never over what siteopt did not write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from siteopt.findings import Findings, InputError
from siteopt.runs.family import check_family, default_family_folder, write_family


def fill(folder: Path) -> None:
    (folder / "plan-1").mkdir()
    (folder / "plan-1" / "a.txt").write_text("one", encoding="utf-8")
    (folder / "page.html").write_text("<p>", encoding="utf-8")


def codes(folder: Path) -> list[str]:
    findings = Findings()
    check_family(folder, findings)
    return [f.code for f in findings]


def test_the_folder_holds_what_was_filled_in_and_a_manifest_of_it(tmp_path: Path) -> None:
    out = write_family(tmp_path / "runs" / "town-frontier", "frontier", fill)
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()) == [
        "manifest.json",
        "page.html",
        "plan-1/a.txt",
    ]
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["schema"] == "siteopt.family/1" and manifest["about"] == "frontier"
    assert set(manifest["files"]) == {"page.html", "plan-1/a.txt"}
    assert [p.name for p in out.parent.iterdir()] == ["town-frontier"]


def test_an_earlier_folder_of_this_kind_is_replaced(tmp_path: Path) -> None:
    write_family(tmp_path / "f", "frontier", lambda f: (f / "old.txt").touch())
    write_family(tmp_path / "f", "frontier", fill)
    assert not (tmp_path / "f" / "old.txt").exists() and (tmp_path / "f" / "page.html").exists()


def test_a_folder_with_anything_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()
    assert codes(tmp_path) == ["out_not_a_run"]
    with pytest.raises(InputError):
        write_family(tmp_path, "frontier", fill)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.odt"]


def test_a_run_folder_is_not_replaced_by_a_family(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"schema": "siteopt.run/1", "files": {}}', encoding="utf-8")
    assert codes(tmp_path) == ["out_not_a_run"]


def test_notes_put_into_an_earlier_folder_are_kept(tmp_path: Path) -> None:
    out = write_family(tmp_path / "f", "frontier", fill)
    (out / "plan-1" / "notes.txt").touch()
    assert codes(out) == ["out_has_own_files"]


def test_a_filling_that_fails_leaves_nothing_and_the_earlier_folder_as_it_was(tmp_path: Path) -> None:
    out = write_family(tmp_path / "deep" / "f", "frontier", fill)

    def half(folder: Path) -> None:
        (folder / "page.html").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_family(out, "frontier", half)
    assert (out / "page.html").read_text(encoding="utf-8") == "<p>"
    assert [p.name for p in out.parent.iterdir()] == ["f"]
    with pytest.raises(KeyboardInterrupt):
        write_family(tmp_path / "new" / "f", "frontier", half)
    assert not (tmp_path / "new").exists()


def test_the_default_folder_stays_in_runs_whatever_the_names_say(tmp_path: Path) -> None:
    folder = default_family_folder(tmp_path, "../../etc", "a/b", "frontier")
    assert folder.parent == tmp_path / "runs" and folder.name.endswith("-frontier")
