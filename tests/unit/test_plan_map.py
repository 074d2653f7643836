"""The map of the plan document is whole, and whatever it names is there."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from siteopt import cli
from siteopt.model import constraint, objective
from siteopt.scenario.schema import ScenarioSpec

ROOT = Path(__file__).resolve().parents[2]
MAKE = runpy.run_path(str(ROOT / "docs" / "make.py"))
ROWS: dict[int, dict[str, Any]] = MAKE["plan_map"]()
SOURCE = ROOT.parent / "shared" / "domain" / "plan-document-map.md"
KINDS = {"DATA", "RULE", "OBJ", "RPT"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")

named = pytest.mark.parametrize("row", ROWS)


def alternatives(kind: Any) -> Iterator[Any]:
    """What a value of an annotated type may be: lists by their items, tables by their values."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from alternatives(get_args(kind)[0])
    elif origin in (Union, UnionType):
        for inside in get_args(kind):
            yield from alternatives(inside)
    elif origin is tuple:
        yield from alternatives(get_args(kind)[0])
    elif origin in (dict, Mapping):
        yield kind
    else:
        yield kind


def is_field(path: str) -> bool:
    """Whether a dotted path leads to a field of the scenario; ID stands for a key of a table."""
    at: list[Any] = [ScenarioSpec]
    for step in path.split("."):
        found: list[Any] = []
        for kind in at:
            if get_origin(kind) is dict and step == "ID":
                found += alternatives(get_args(kind)[1])
            elif isinstance(kind, type) and issubclass(kind, BaseModel) and step in kind.model_fields:
                field = kind.model_fields[step]
                found += alternatives(field.annotation)
        if not found:
            return False
        at = found
    return True


def sections() -> set[str]:
    """Parts of the report page by their names."""
    found: set[str] = set()
    for file in files("siteopt.report").joinpath("assets").iterdir():
        if file.name.endswith(".js"):
            text = file.read_text(encoding="utf-8")
            found |= set(re.findall(r'\bsection\("(\w+)"', text)) | set(re.findall(r'id: "s-(\w+)"', text))
    return found


def run_files() -> set[str]:
    page = (ROOT / "docs" / "run-folder.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([\w./-]+)` \|", page, re.MULTILINE))


def packs() -> set[str]:
    folder = files("siteopt.catalogue").joinpath("packs")
    return {file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")}


def test_the_test_itself_tells_fields_from_what_is_none() -> None:
    assert is_field("communities.tier") and is_field("types.ID.area_m2") and is_field("existing.type")
    assert is_field("communities.values.ID.name") and is_field("travel.streets.walk.foot_allows")
    assert not is_field("communities.tears") and not is_field("types.area_m2") and not is_field("demand.people.pop")


@named
def test_a_row_is_served_or_says_what_is_missing(row: int) -> None:
    said = ROWS[row]
    served = {kind for kind in MAKE["SERVED_BY"] if said.get(kind)}
    assert said["kind"] in KINDS and said["place"]
    assert set(said) <= {"place", "kind", "gist", "missing", *MAKE["SERVED_BY"]}
    assert served or "missing" in said
    for key in {"gist", "missing"} & set(said):
        assert set(said[key]) == {"en", "zh"}, "a comma without quotes?"
        assert said[key]["en"].strip() and CHINESE.search(said[key]["zh"]), key


@named
def test_whatever_a_row_names_is_there(row: int) -> None:
    said = ROWS[row]
    assert [path for path in said.get("field", ()) if not is_field(path)] == []
    known = {
        "rule": set(constraint.registry()),
        "objective": set(objective.registry()),
        "report": sections(),
        "file": run_files(),
        "command": set(cli.cli.commands),
        "pack": packs(),
    }
    for kind, names in known.items():
        assert set(said.get(kind, ())) <= names, kind


@named
def test_the_page_has_the_row(row: int) -> None:
    page = MAKE["plan_map_page"]()
    assert len(re.findall(rf"^\| {row} \|", page, re.MULTILINE)) == 1


def test_every_row_of_the_document_that_asks_something_is_on_the_map() -> None:
    """Held against the project's reading of the document where it lies beside the checkout."""
    assert list(ROWS) == sorted(ROWS)
    if SOURCE.is_file():
        table = re.findall(r"^\| (\d+) \|.*?\| (\w+) \|[^|]*\|$", SOURCE.read_text(encoding="utf-8"), re.MULTILINE)
        assert len(table) > 90
        asking = {int(row): kind for row, kind in table if kind in KINDS}
        assert {row: said["kind"] for row, said in ROWS.items()} == asking
