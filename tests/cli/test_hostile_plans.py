"""Hostile names of phases, sources of money, rules, pilots, zones: text wherever they are told."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import pytest
import shapely

from siteopt.report.remarks import LONGEST_FACT
from tests.cli.test_hostile_names import FORMULA, NAMES, tags_of, write_rows
from tests.cli.town import CRS, X0, Y0, Town, assert_calm, invoke, make_town

FORTY = "<script>alert(1)</script>", "=cmd|' /C calc'!A0", '" onmouseover="alert(1)" x=\'', "[bold]x[/] 👩‍👩‍👧"
"""Names that fit into the 40 characters of a phase or a source."""
ARABIC = "سوق الحي القديم"
LONG = "很长的名称" * 60


def plan_of_phases(town: Town) -> None:
    """Phases, sources, rules, pilots and a zone with hostile names; communities and outlets too."""
    phases, sources = FORTY[:2], FORTY[2:]
    town.spec["title"] = {"en": NAMES["end of a script"], "zh": f"=1+1 {LONG}"}
    town.spec["phases"] = [{"name": name, "months": 12 * (k + 1)} for k, name in enumerate(phases)]
    town.spec["money"] = {"sources": [{"name": name} for name in sources]}
    town.spec["zones"] = {"@SUM(1) <b>zone</b>": {"file": "zone.gpkg"}}
    far = shapely.box(X0 + 5000, Y0 + 5000, X0 + 5100, Y0 + 5100)
    geopandas.GeoDataFrame({"name": [NAMES["script"]]}, geometry=[far], crs=CRS).to_file(town.folder / "zone.gpkg")
    town.spec["constraints"] = [
        {"rule": "budget", "amount": 900_000},
        {"rule": "budget", "name": "cap_2", "types": ["stall"], "amount": 500_000},
        {"rule": "funding", "source": sources[0], "by_phase": {phases[0]: 340_000, phases[1]: 400_000}},
        {"rule": "funding", "name": "second", "source": sources[1], "amount": 30_000},
        {"rule": "pilots", "count": 1, "grades": {"basic": {"basic": 0}}, "every_grade": False},
        {"rule": "commercial_area", "share": 0.1},
    ]
    parts = [{"name": "complete", "tolerance": 0.5}, {"name": "coverage"}]
    town.spec["objective"] = {"name": "ordered", "parts": parts}
    town.spec["types"]["market"]["name"] = {"en": f"=1+1{LONG}", "zh": ARABIC}
    town.spec["types"]["stall"]["category"] = town.spec["types"]["market"]["category"] = "basic"
    names = [NAMES["formula with a tab"], NAMES["markup"]]
    town.layer("communities.gpkg", lambda frame: frame.assign(community_id=["=west", "<i>east"], name=names))
    for row in (rows := list(csv.DictReader((town.folder / "spaces.csv").open(encoding="utf-8", newline="")))):
        row["community"] = {"west": "=west", "east": "<i>east"}[row["community"]]
        row["name"] = f"{ARABIC} \u202e {LONG}"
    write_rows(town.folder / "spaces.csv", rows)


@pytest.fixture(scope="module")
def phased(tmp_path_factory: pytest.TempPathFactory) -> Town:
    town = make_town(tmp_path_factory.mktemp("phased"))
    plan_of_phases(town)
    for result in (said := [town.run(), town.run("solve", "--lang", "zh"), invoke("export", str(town.out))]):
        assert_calm(result)
        assert result.exit_code == 0, result.output
    (town.folder / "screens.txt").write_text("".join(result.stdout for result in said), encoding="utf-8")
    return town


def test_phases_sources_and_pilots_keep_their_names_to_the_letter(phased: Town) -> None:
    summary = phased.summary()
    assert [p["name"] for p in summary["phases"]] == [*FORTY[:2]]
    assert {*summary["phases"][0]["cost_by_source"]} == {*FORTY[2:]}
    assert {p["community"] for p in summary["pilots"]} < {"=west", "<i>east"}
    assert {s["period"] for s in summary["sites"]} <= {*FORTY[:2]} and summary["sites"]


def test_the_screen_shows_them_as_text(phased: Town) -> None:
    screens = (phased.folder / "screens.txt").read_text(encoding="utf-8")
    assert all(name.split("👩")[0] in screens for name in FORTY)
    assert "\u202e" not in screens and "\x1b" not in screens


def test_the_page_holds_no_element_that_a_name_brought(phased: Town) -> None:
    page = phased.out / "report.html"
    text = page.read_text(encoding="utf-8")
    assert "<script>alert" not in text and "</script><img" not in text and "alert(1)" in text
    assert tags_of(page).bad == []


def test_no_table_or_workbook_has_a_formula(phased: Town) -> None:
    for path in phased.out.rglob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [c for c in cells if FORMULA.match(c) and not re.fullmatch(r"-?\d+(\.\d+)?", c)], path
    books = [*phased.out.rglob("*.xlsx")]
    assert {book.name for book in books} == {"acceptance.xlsx", "dossier.xlsx"}
    for book in books:
        for cell in (cell for sheet in openpyxl.load_workbook(book) for row in sheet.iter_rows() for cell in row):
            assert cell.data_type != "f", (book.name, cell.coordinate, cell.value)
            assert not (isinstance(cell.value, str) and FORMULA.match(cell.value)), (book.name, cell.value)


def test_map_layers_are_whole_and_hold_the_names(phased: Town) -> None:
    layer: dict[str, Any] = json.loads((phased.out / "sites.geojson").read_text(encoding="utf-8"))
    assert {f["properties"]["period"] for f in layer["features"]} <= {*FORTY[:2], None}
    assert layer["features"]
    assert len(geopandas.read_file(phased.out / "plan.gpkg", layer="sites"))


def test_a_comparison_of_such_plans_is_safe(phased: Town, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    result = invoke("compare", str(phased.out), str(phased.out), "--out", str(page))
    assert_calm(result)
    assert result.exit_code == 0, result.output
    assert tags_of(page).bad == [] and "<script>alert" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["colours", "newlines", "long", "right to left", "blank", "surrogate"])
@pytest.mark.parametrize("where", ["phases", "sources"])
def test_a_phase_or_source_whose_name_is_no_line_of_text_is_told_as_text_or_found(
    tmp_path: Path, name: str, where: str
) -> None:
    town = make_town(tmp_path)
    if where == "phases":
        town.spec["phases"] = [{"name": NAMES[name], "months": 12}, {"name": "b", "months": 24}]
    else:
        town.spec["money"] = {"sources": [{"name": NAMES[name]}, {"name": "b"}]}
    result = town.run("check")
    assert_calm(result)
    assert result.exit_code in (0, 3), result.output
    assert max(map(len, result.stderr.splitlines()), default=0) < 4 * LONGEST_FACT


@pytest.mark.parametrize("name", [*FORTY, "long", "../../x", "a b"])
def test_a_rule_with_a_hostile_name_is_told_as_text_or_found(tmp_path: Path, name: str) -> None:
    town = make_town(tmp_path)
    for k in (1, 2):
        label = NAMES.get(name, name) + str(k)
        town.spec["constraints"].append({"rule": "count", "name": label, "types": ["market"], "min": 2 + k})
    result = town.run()
    assert_calm(result)
    assert result.exit_code in (3, 4), result.output
    if result.exit_code == 4:
        assert tags_of(town.out / "report.html").bad == []
        assert "<script>alert" not in (town.out / "report.html").read_text(encoding="utf-8")
