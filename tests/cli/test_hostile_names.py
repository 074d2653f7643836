"""Names from data are hostile: they are told, drawn and handed over as text, and never as anything else."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import pytest
import yaml

from tests.cli.town import Town, assert_calm, invoke, make_town

NAMES = {
    "script": "<script>alert(1)</script>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "end of a script": "</script><img src=x onerror=alert(1)>",
    "formula": "=cmd|' /C calc'!A0",
    "formula with a tab": '\t=HYPERLINK("http://x")',
    "at": "@SUM(1+9)*cmd",
    "path": "../../etc/passwd",
    "absolute path": "/etc/passwd",
    "newlines": "one\ntwo\r\nthree",
    "colours": "\x1b[31mred\x1b[0m\x07\x9b2J",
    "markup": "[bold]x[/bold] [/] [link=file:///etc/passwd]y",
    "markup at its end": "tail\\",
    "emoji code": ":warning: :cat:",
    "right to left": "\u202egpj.exe\u202c",
    "long": "Ж" * 10_000,
    "emoji": "👩‍👩‍👧 🏪",
    "template": "{value} {0} %s ${x} {{y}}",
    "blank": "　",
    "line separators": "a\u2028b\u2029c\u0085d",
    "surrogate": "\ufffe\uffff",
}
FORMULA = re.compile(r"[=+\-@\t\r]")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return make_town(tmp_path)


def name_everything(town: Town, name: str) -> None:
    """Put a name wherever data or scenario may bring one."""
    with (town.folder / "spaces.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for i, row in enumerate(rows):
        row["name"] = name
        row["site_id"] = f"{name}{i}"
    write_rows(town.folder / "spaces.csv", rows)
    write_rows(
        town.folder / "outlets.csv",
        [{"id": f"{name}o", "type": "market", "x": "390310", "y": "3010005", "area_m2": "250", "label": name}],
    )
    town.spec["existing"][0]["name"] = "label"
    town.layer("cells.gpkg", lambda frame: frame.assign(cell=[f"{name}{i}" for i in range(len(frame))]))
    town.layer("communities.gpkg", lambda frame: frame.assign(name=[name, f"{name}2"]))
    market = town.spec["types"]["market"]
    market["name"] = name
    town.spec["types"]["stall"]["name"] = {"en": f"{name} s", "zh": f"{name} 摊"}
    town.spec["title"] = name
    town.spec["notes"] = [name]
    town.spec["attribution"] = [name]
    town.spec["description"] = name
    town.spec["currency"] = name[:12]
    town.spec["report"]["producer"] = name


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]), quoting=csv.QUOTE_ALL)
    table.writeheader()
    table.writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_anywhere_is_told_as_text_or_found(town: Town, name: str) -> None:
    """``assess`` reads everything and shows types and communities."""
    name_everything(town, NAMES[name])
    result = town.run("assess")
    assert_calm(result)
    assert result.exit_code in (0, 3), result.output
    if result.exit_code == 0:
        as_json = town.run("assess", "--json")
        assert_calm(as_json)
        assert json.loads(as_json.stdout)["status"] == "assessed"


class _Tags(HTMLParser):
    """Counts elements and handlers of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.bad: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.bad += [(tag, k, v) for k, v in attrs if k.startswith("on") or "javascript:" in (v or "").lower()]
        self.bad += [tag] if tag in ("img", "iframe", "object") and ("src", "x") in attrs else []


def tags_of(page: Path) -> _Tags:
    tags = _Tags()
    tags.feed(page.read_text(encoding="utf-8"))
    return tags


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town whose spaces, communities and types all have other hostile names; solved twice and handed over."""
    town = make_town(tmp_path_factory.mktemp("hostile"))
    chosen = ["script", "end of a script", "formula", "path", "markup"]
    with (town.folder / "spaces.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, key, other in zip(
        rows, chosen, ["colours", "newlines", "at", "right to left", "emoji code"], strict=True
    ):
        row["site_id"], row["name"] = NAMES[key], NAMES[other]
    write_rows(town.folder / "spaces.csv", rows)
    town.layer("communities.gpkg", lambda frame: frame.assign(name=[NAMES["attribute"], NAMES["formula with a tab"]]))
    town.layer("cells.gpkg", lambda frame: frame.assign(cell=[*NAMES.values()][: len(frame)]))
    town.spec["types"]["market"]["name"] = NAMES["script"]
    town.spec["types"]["stall"]["name"] = NAMES["formula"]
    town.spec["title"] = NAMES["end of a script"] + NAMES["markup"]
    town.spec["report"]["producer"] = NAMES["formula"]
    town.spec["constraints"][0]["amount"] = 900_000
    results = [
        town.run(),
        invoke("solve", str(town.scenario), "--out", str(town.folder / "runs" / "less"), "--set",
               "constraints.budget.amount=40000", "--quiet"),
        invoke("compare", str(town.out), str(town.folder / "runs" / "less"), "--out", str(town.folder / "page.html")),
        invoke("compare", str(town.out), str(town.folder / "runs" / "less"), "--json"),
        invoke("export", str(town.out)),
    ]  # fmt: skip
    for result in results:
        assert_calm(result)
        assert result.exit_code == 0, result.output
    json.loads(results[3].stdout)
    return town


def test_the_plan_opens_spaces_with_hostile_names_and_ids_are_kept_letter_by_letter(hostile: Town) -> None:
    opened = {s["site_id"] for s in hostile.summary()["sites"]}
    assert {NAMES["script"], NAMES["formula"], NAMES["path"]} & opened
    assert opened <= set(NAMES.values())
    layer = geopandas.read_file(hostile.out / "plan.gpkg", layer="sites")
    assert opened <= set(layer["site_id"])


@pytest.mark.parametrize("page", ["runs/town/report.html", "runs/less/report.html", "page.html"])
def test_pages_hold_no_element_that_a_name_brought(hostile: Town, page: str) -> None:
    path = hostile.folder / page
    text = path.read_text(encoding="utf-8")
    assert NAMES["script"] not in text and NAMES["end of a script"] not in text
    assert "alert(1)" in text, "the names are there, as text"
    assert tags_of(path).bad == []
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)


def test_no_csv_cell_is_a_formula(hostile: Town) -> None:
    for path in hostile.out.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                assert not [c for c in row if FORMULA.match(c) and not re.fullmatch(r"-?\d+(\.\d+)?", c)], path


def test_no_workbook_cell_is_a_formula(hostile: Town) -> None:
    (book,) = (hostile.out / "dossier").glob("*.xlsx")
    for sheet in openpyxl.load_workbook(book):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate, cell.value)
                assert cell.hyperlink is None or str(cell.hyperlink.target).startswith("https://")
                assert not (isinstance(cell.value, str) and FORMULA.match(cell.value)), cell.value


def test_no_file_stands_outside_the_run_folders(hostile: Town) -> None:
    inside = {hostile.out, hostile.folder / "runs" / "less"}
    given = {"cells.gpkg", "spaces.csv", "outlets.csv", "communities.gpkg", "streets.gpkg", "scenario.yaml"}
    strays = [
        p
        for p in hostile.folder.rglob("*")
        if p.is_file() and not inside & set(p.parents) and p.name not in given | {"page.html"}
    ]
    assert strays == []
    assert all(re.fullmatch(r"[\w.\-]+", p.name) for folder in inside for p in folder.rglob("*"))


def test_the_resolved_scenario_is_plain_yaml_again(hostile: Town) -> None:
    text = (hostile.out / "scenario.resolved.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["types"]["market"]["name"] == NAMES["script"]


@pytest.mark.parametrize("name", ["../../evil", "a/b", "", ".", "[red]", "a" * 200, "x\u202e", "con\n"])
def test_a_scenario_name_that_could_be_a_path_is_found(town: Town, name: str) -> None:
    town.spec["name"] = name
    result = town.run()
    assert_calm(result)
    assert result.exit_code == 3
    assert "scenario_name" in result.stderr or "text_" in result.stderr
    assert not town.out.parent.exists()


def test_a_nul_in_a_table_is_found_and_in_the_scenario_too(town: Town) -> None:
    data = (town.folder / "spaces.csv").read_bytes()
    (town.folder / "spaces.csv").write_bytes(data.replace(b"Yard", b"Ya\0rd"))
    result = town.run()
    assert_calm(result)
    assert result.exit_code == 3 and "not_text" in result.stderr
    town.scenario.write_bytes(town.scenario.read_bytes().replace(b"town", b"to\0wn", 1))
    result = town.run()
    assert_calm(result)
    assert result.exit_code == 3 and "yaml_" in result.stderr


@pytest.mark.parametrize("name", ["colours", "markup", "script", "long", "newlines", "template", "right to left"])
def test_a_hostile_value_in_a_finding_is_one_harmless_line(town: Town, name: str) -> None:
    rows = [{"site_id": "s1", "x": "390050", "y": "3010050", "kind": NAMES[name], "area_m2": NAMES[name]}]
    write_rows(town.folder / "spaces.csv", rows)
    for column in ("name", "allowed", "community", "cost"):
        town.spec["candidates"].pop(column)
    if name != "colours":  # a scenario with control characters is not read at all
        town.spec["demand"]["people"] = NAMES[name]
        town.spec["existing"][0]["file"] = NAMES[name]
    result = town.run("solve", "--json")
    assert_calm(result)
    assert result.exit_code == 3
    found = json.loads(result.stdout)
    codes = {f["code"] for f in found}
    assert {"unknown_kind", "not_a_number"} <= codes and (name == "colours" or "missing_column" in codes)
    # "reading", a line for each finding, and the count
    assert len(result.stderr.splitlines()) == 2 + sum(f["severity"] != "info" for f in found)
    assert max(len(f["message"]) for f in found) < 1500
    hit = next(f for f in found if f["code"] == "unknown_kind")
    assert (hit["file"], hit["row"], hit["field"]) == ("spaces.csv", "2", "kind")


def test_a_hostile_type_id_column_and_community_id_are_text_everywhere(town: Town) -> None:
    """Ids of types and communities name columns and layers of the outputs."""
    odd = "<b>=1+1</b>[/]"
    town.spec["types"] = {odd: town.spec["types"]["stall"]}
    town.spec["candidates"].pop("cost")
    town.spec["candidates"].pop("allowed")
    town.spec["existing"] = []
    town.layer("communities.gpkg", lambda frame: frame.assign(community_id=["../west", "=east"]))
    town.spec["candidates"].pop("community")
    result = town.run()
    assert_calm(result)
    assert result.exit_code == 0, result.output
    assert {s["outlet_type"] for s in town.summary()["sites"]} == {odd}
    assert [c["id"] for c in town.summary()["communities"]] == ["../west", "=east"]
    assert "<b>" not in (town.out / "report.html").read_text(encoding="utf-8").split("</head>")[1].split("<script")[0]
    with (town.out / "communities.csv").open(encoding="utf-8-sig", newline="") as file:
        assert not [c for row in csv.reader(file) for c in row if c.startswith("=")]
