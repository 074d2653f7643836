"""Each command does what its help says, end to end, on real files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import openpyxl
import pytest
import yaml

from siteopt.solve.engines import engine
from tests.cli.town import Town, assert_calm, invoke, make_town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return make_town(tmp_path)


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town solved as it is and with the double budget, under the default folder names."""
    town = make_town(tmp_path_factory.mktemp("solved"))
    scenario = town.save()
    before = Path.cwd()
    os.chdir(town.folder)
    try:
        assert invoke("solve", str(scenario)).exit_code == 0
        assert invoke("solve", str(scenario), "--variant", "double-budget").exit_code == 0
    finally:
        os.chdir(before)
    return town


# --- init ---


def test_init_makes_a_scenario_that_solves_in_an_empty_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = invoke("init", "my-town")
    assert made.exit_code == 0
    assert "siteopt solve my-town/scenario.yaml" in made.stdout
    result = invoke("solve", "my-town/scenario.yaml")
    assert_calm(result)
    assert result.exit_code == 0, result.output
    summary = json.loads((tmp_path / "runs" / "quickstart" / "summary.json").read_text(encoding="utf-8"))
    assert summary["status"] == "proven"
    # The optimum that the starter's README works out by hand.
    assert summary["objective"]["value"] == 650 + 630 and summary["cost"]["total"] == 340_000


def test_init_touches_nothing_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("ten years of work")
    result = invoke("init", str(tmp_path))
    assert_calm(result)
    assert result.exit_code == 3 and "folder_in_use" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.odt"]
    result = invoke("init", str(tmp_path / "thesis.odt" / "town"))
    assert_calm(result)
    assert result.exit_code == 3


# --- check ---


def test_check_prints_how_large_the_scenario_is_and_writes_nothing(town: Town) -> None:
    town.save()
    before = town.files()
    result = town.run("check")
    assert result.exit_code == 0
    for size in ("16 cells", "280 people", "5 spaces", "1 existing", "walkable pairs"):
        assert size in result.stdout
    assert town.files() == before


def test_check_as_json_is_a_list_of_findings(town: Town) -> None:
    town.edit("spaces.csv", "s2,Corner,390150,3010150", "s2,Corner,390050,3010050")
    result = town.run("check", "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert {"severity", "code", "file", "row", "field", "value", "message"} == set(found[0])
    assert "same_place" in {f["code"] for f in found}


# --- assess ---


def test_assess_shows_todays_reach_before_any_money_and_makes_no_run(town: Town) -> None:
    town.save()
    before = town.files()
    result = town.run("assess")
    assert_calm(result)
    assert result.exit_code == 0
    assert "before any money is spent" in result.stdout
    assert "90 (32.1%)" in result.stdout and "190 people (67.9 %)" in result.stdout
    assert "with the plan" not in result.stdout.split("Commercial")[0] and "New outlets" not in result.stdout
    summary = json.loads(town.run("assess", "--json").stdout)
    assert summary["status"] == "assessed" and summary["sites"] == [] and summary["cost"]["total"] == 0
    assert summary["coverage"]["market"]["before"] == summary["coverage"]["market"]["after"] == 90
    assert town.files() == before


# --- solve and its options ---


def test_the_variant_and_set_change_what_is_solved_and_set_has_the_last_word(solved: Town, town: Town) -> None:
    def budget(folder: Path) -> tuple[float, float]:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        return summary["cost"]["budget"], summary["objective"]["value"]

    runs = solved.folder / "runs"
    assert sorted(p.name for p in runs.iterdir()) == ["town", "town-double-budget"]
    (once, reached), (twice, more) = budget(runs / "town"), budget(runs / "town-double-budget")
    assert (once, twice) == (340_000, 680_000) and more > reached
    result = town.run("solve", "--variant", "double-budget", "--set", "constraints.budget.amount=50000",
                      "--set", "title=Set by hand")  # fmt: skip
    assert result.exit_code == 0 and result.stdout.startswith("Set by hand\n")
    assert town.summary()["cost"]["budget"] == 50_000
    resolved = yaml.safe_load((town.out / "scenario.resolved.yaml").read_text(encoding="utf-8"))
    assert resolved["constraints"][0]["amount"] == 50_000 and resolved["title"] == "Set by hand"


def test_time_limit_gap_and_engine_reach_the_engine(town: Town) -> None:
    result = town.run("solve", "--time-limit", "7", "--gap", "0.05", "--engine", "pulp")
    assert result.exit_code == 0
    resolved = yaml.safe_load((town.out / "scenario.resolved.yaml").read_text(encoding="utf-8"))
    assert (resolved["solver"]["time_limit_s"], resolved["solver"]["gap"]) == (7, 0.05)
    assert resolved["solver"]["engine"] == "pulp"
    assert "cbc" in json.dumps(town.summary()["objective"] | town.summary().get("proof", {})).lower() or (
        "cbc" in (town.out / "solver.log").read_text(encoding="utf-8").lower()
    )


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("--time-limit", "-1", "number_above"),
        ("--time-limit", "0", "number_above"),
        ("--time-limit", "nan", "number_finite"),
        ("--gap", "2", "number_at_most"),
        ("--gap", "inf", "number_finite"),
    ],
)
def test_a_limit_that_cannot_be_is_a_finding_about_the_option(town: Town, option: str, value: str, code: str) -> None:
    result = town.run("solve", option, value)
    assert_calm(result)
    assert result.exit_code == 3
    assert code in result.stderr and "--set" in result.stderr
    assert not town.out.exists()


def test_a_tiny_time_limit_is_a_number_too(town: Town) -> None:
    result = town.run("check", "--set", "solver.time_limit_s=1e-05")
    assert result.exit_code == 0, result.output


def test_an_unknown_engine_names_those_that_are_known(town: Town) -> None:
    result = town.run("solve", "--engine", "higs")
    assert result.exit_code == 3
    assert "engine_unavailable" in result.stderr and "highs, pulp" in result.stderr
    for known in ("highs", "pulp"):
        assert engine(known).name
    assert town.run("solve", "--engine", "pulp:NO_SUCH_SOLVER").exit_code == 3


def test_an_unknown_variant_names_the_nearest(town: Town) -> None:
    result = town.run("solve", "--variant", "doubel-budget")
    assert result.exit_code == 3
    assert "variant_unknown" in result.stderr and "nearest: double-budget" in result.stderr


@pytest.mark.parametrize("said", ["amount", "=5", "constraints.budget.amuont=5", "nowhere.at.all=1", "demand=3"])
def test_a_set_that_fits_nothing_is_a_finding(town: Town, said: str) -> None:
    result = town.run("solve", "--set", said)
    assert_calm(result)
    assert result.exit_code == 3
    assert not town.out.exists()


def test_a_second_run_replaces_the_first_and_is_the_same_apart_from_times(town: Town) -> None:
    assert town.run().exit_code == 0
    first = town.summary()
    assert town.run().exit_code == 0
    second = town.summary()
    for timed in ("timings_s", "peak_rss_mb", "created"):
        first.pop(timed, None)
        second.pop(timed, None)
    assert first == second
    assert [p.name for p in town.out.parent.iterdir()] == ["town"]


def test_a_run_that_someone_wrote_notes_into_is_not_replaced(solved: Town) -> None:
    note = solved.out / "minutes of the meeting.txt"
    note.write_text("agreed")
    try:
        result = solved.run("solve")
        assert result.exit_code == 3 and "out_has_own_files" in result.stderr
        assert note.read_text() == "agreed"
    finally:
        note.unlink()


# --- compare ---


def test_compare_shows_what_the_second_budget_buys_as_table_json_and_page(solved: Town, tmp_path: Path) -> None:
    runs = [str(solved.folder / "runs" / name) for name in ("town", "town-double-budget")]
    page = tmp_path / "pages" / "page.html"
    result = invoke("compare", *runs, "--out", str(page))
    assert_calm(result)
    assert result.exit_code == 0
    assert "340,000" in result.stdout and "680,000" in result.stdout
    assert str(page) in result.stderr and str(page) not in result.stdout
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>") and text.rstrip().endswith("</html>")
    assert [p.name for p in page.parent.iterdir()] == ["page.html"]
    as_json = invoke("compare", *runs, "--json")
    assert as_json.exit_code == 0
    assert len(json.loads(as_json.stdout)["runs"]) == 2
    in_chinese = invoke("compare", *runs, "--lang", "zh")
    assert "费用" in in_chinese.stdout and "费用" not in result.stdout


@pytest.mark.parametrize("what", ["nothing there", "no run", "a changed run", "an unfinished run"])
def test_compare_of_what_is_no_run_is_a_finding(solved: Town, tmp_path: Path, what: str) -> None:
    other = tmp_path / "twon"
    if what != "nothing there":
        other.mkdir()
    if what == "a changed run":
        (other / "manifest.json").write_text("{", encoding="utf-8")
        (other / "summary.json").write_text("{}", encoding="utf-8")
    if what == "an unfinished run":
        (other / "summary.json").write_bytes((solved.out / "summary.json").read_bytes())
    result = invoke("compare", str(solved.out), str(other))
    assert_calm(result)
    assert result.exit_code == 3
    assert result.stdout == ""


def test_compare_into_a_place_that_cannot_be_written_is_a_finding(solved: Town) -> None:
    runs = [str(solved.folder / "runs" / name) for name in ("town", "town-double-budget")]
    result = invoke("compare", *runs, "--out", str(solved.folder / "spaces.csv" / "page.html"))
    assert_calm(result)
    assert result.exit_code == 3 and "cannot_write" in result.stderr


# --- export ---


def test_export_writes_the_hand_over_and_prints_each_file(solved: Town, tmp_path: Path) -> None:
    out = tmp_path / "dossier"
    result = invoke("export", str(solved.out), "--out", str(out), "--crs", "EPSG:4546", "--producer", "洪江市商务局")
    assert_calm(result)
    assert result.exit_code == 0, result.output
    listed = {Path(line) for line in result.stdout.splitlines()}
    assert listed and all(p.is_file() for p in listed)
    assert {p.suffix for p in listed} >= {".xlsx", ".gpkg", ".shp", ".txt"}
    (book,) = out.rglob("*.xlsx")
    cells = [c for sheet in openpyxl.load_workbook(book) for row in sheet.iter_rows(values_only=True) for c in row]
    opened = {s["site_id"] for s in json.loads((solved.out / "summary.json").read_text(encoding="utf-8"))["sites"]}
    assert opened <= set(cells)


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:99999999", "EPSG:4978", "nonsense"])
def test_export_in_a_crs_that_does_not_fit_is_a_finding(solved: Town, tmp_path: Path, crs: str) -> None:
    result = invoke("export", str(solved.out), "--out", str(tmp_path / "dossier"), "--crs", crs)
    assert_calm(result)
    assert result.exit_code == 3 and "dossier_crs" in result.stderr
    assert not (tmp_path / "dossier").exists()


def test_export_in_a_crs_of_elsewhere_is_warned_of_with_the_fitting_one(solved: Town, tmp_path: Path) -> None:
    result = invoke("export", str(solved.out), "--out", str(tmp_path / "dossier"), "--crs", "EPSG:4526")
    assert_calm(result)
    assert result.exit_code == 0
    warned = next(line for line in result.stderr.splitlines() if "dossier_crs_elsewhere" in line)
    assert "EPSG:4525 fits the place" in warned


@pytest.mark.parametrize("crs", ["EPSG:4530", "EPSG:27700"])
def test_export_in_a_crs_half_a_world_away_is_an_error(solved: Town, tmp_path: Path, crs: str) -> None:
    result = invoke("export", str(solved.out), "--out", str(tmp_path / "dossier"), "--crs", crs)
    assert_calm(result)
    assert result.exit_code == 3
    assert "dossier_crs_elsewhere" in result.stderr
    assert not (tmp_path / "dossier").exists()


def test_export_of_a_run_without_a_plan_is_a_finding(town: Town) -> None:
    assert town.run("solve", "--set", "constraints.budget.amount=0", "--quiet").exit_code == 0
    result = invoke("export", str(town.out))
    assert_calm(result)
    assert result.exit_code == 3 and "dossier_nothing_to_hand_over" in result.stderr
    assert invoke("export", str(town.folder / "nowhere")).exit_code == 3


# --- schema and catalogue ---


def test_the_schema_is_valid_json_and_knows_every_rule(tmp_path: Path) -> None:
    shown = json.loads(invoke("schema").stdout)
    assert shown["$schema"].startswith("https://json-schema.org/")
    text = json.dumps(shown)
    for rule in ("budget", "count", "commercial_area", "min_coverage", "spacing", "required", "forbidden"):
        assert f'"{rule}"' in text
    out = tmp_path / "siteopt.schema.json"
    assert invoke("schema", "--out", str(out)).exit_code == 0
    assert json.loads(out.read_text(encoding="utf-8")) == shown


def test_the_catalogue_lists_all_types_shows_one_and_names_the_nearest() -> None:
    listed = invoke("catalogue")
    assert listed.exit_code == 0 and "vegetable_market" in listed.stdout
    as_json = json.loads(invoke("catalogue", "--json").stdout)
    assert "vegetable_market" in as_json["types"] and as_json["sources"]
    one = invoke("catalogue", "vegetable_market", "--lang", "zh")
    assert one.exit_code == 0 and "菜市场" in one.stdout
    wrong = invoke("catalogue", "vegetable_markt")
    assert_calm(wrong)
    assert wrong.exit_code == 3 and "vegetable_market" in wrong.stderr
