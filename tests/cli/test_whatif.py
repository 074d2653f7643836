"""``alternatives``, ``frontier`` and ``explain`` on real files: what they print, write and refuse."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

from tests.cli.town import Town, assert_calm, invoke, make_town

TOO_MUCH = "constraints.commercial_area.share=0.9"
"""No town can do that."""
SCRIPT = "<img src=x onerror=alert(1)>"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return make_town(tmp_path)


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town solved, its market's name hostile."""
    town = make_town(tmp_path_factory.mktemp("solved"))
    town.edit("spaces.csv", "s3,Yard", f"s3,{SCRIPT}")
    assert town.run("solve").exit_code == 0
    return town


def loaded(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- alternatives ---


def test_alternatives_are_run_folders_within_the_slack_with_a_page_that_compares_them(town: Town) -> None:
    out = town.folder / "alts"
    result = town.run("alternatives", "--count", "2", "--slack", "30%", "--out", str(out))
    assert_calm(result)
    assert result.exit_code == 0, result.output
    data = loaded(out / "alternatives.json")
    assert data["schema"] == "siteopt.alternatives/1" and data["slack"] == 0.3
    assert len(data["plans"]) >= 2 and data["plans"][0]["plan"] == "plan-1"
    for plan in data["plans"]:
        summary = loaded(out / plan["plan"] / "summary.json")
        assert summary["objective"]["value"] == plan["value"] >= data["floor"]
        assert summary["cost"]["total"] == plan["cost"] <= 340_000
        assert all(v["holds"] for v in summary["verdicts"])
        assert summary["objective"]["bound"] >= plan["value"]
        assert (out / plan["plan"] / "report.html").is_file()
    page = (out / "alternatives.html").read_text(encoding="utf-8")
    for link in re.findall(r'href="([^"]+)"', page):
        assert link == "data:," or (out / link).is_file(), link
    assert {r["site_id"] for r in rows_of(out / "alternatives.csv")} == {o["site_id"] for o in data["outlets"]}
    again = town.run("alternatives", "--count", "1", "--slack", "0.3", "--out", str(out), "--json")
    assert again.exit_code == 0 and len(json.loads(again.stdout)["plans"]) == 2
    assert not (out / "plan-3").exists()


def test_a_plan_of_the_alternatives_solves_again_where_it_lies(town: Town) -> None:
    out = town.folder / "deep" / "alts"
    assert town.run("alternatives", "--count", "1", "--slack", "50%", "--out", str(out)).exit_code == 0
    assert invoke("check", str(out / "plan-1" / "scenario.resolved.yaml")).exit_code == 0
    explained = invoke("explain", str(out / "plan-2"), "--json")
    assert explained.exit_code == 0, explained.output
    assert json.loads(explained.stdout)["base"]["value"] == loaded(out / "alternatives.json")["plans"][1]["value"]


def test_where_nothing_else_is_as_good_that_is_said_and_proven(town: Town) -> None:
    result = town.run("alternatives", "--slack", "0", "--out", str(town.folder / "alts"), "--json")
    data = json.loads(result.stdout)
    if len(data["plans"]) == 1:
        assert data["ended"] == "none_left" and all(o["without"] == "needed" for o in data["outlets"])
    assert result.exit_code == 0 and data["best"]["status"] == "proven"


def test_alternatives_of_an_infeasible_scenario_end_as_solve_does(town: Town) -> None:
    town.save()
    before = town.files()
    result = town.run("alternatives", "--set", TOO_MUCH, "--out", str(town.folder / "alts"))
    assert_calm(result)
    assert result.exit_code == 4 and "No plan can keep all rules" in result.stdout
    assert town.files() == before


@pytest.mark.parametrize("slack", ["100%", "-1%", "much", "nan", "1.5", ""])
def test_a_slack_that_makes_no_sense_is_wrong_usage(town: Town, slack: str) -> None:
    assert town.run("alternatives", f"--slack={slack}").exit_code == 2


# --- frontier ---


def test_the_frontier_rises_to_where_money_buys_nothing_and_every_point_is_proven(town: Town) -> None:
    out = town.folder / "front"
    result = town.run("frontier", "--points", "6", "--out", str(out))
    assert_calm(result)
    assert result.exit_code == 0, result.output
    data = loaded(out / "frontier.json")
    points = data["points"]
    values = [p["value"] for p in points]
    assert all(p["status"] == "proven" and p["bound"] == p["value"] for p in points)
    assert values == sorted(values) and values[-1] == data["without_limit"]["value"]
    page = (out / "frontier.html").read_text(encoding="utf-8")
    assert points[-1]["enough"] and "nothing: this is all that money can buy" in page
    assert [p["own"] for p in points].count(True) == 1
    assert all(p["spent"] <= p["budget"] for p in points)
    solved = town.run("solve", "--json")
    own = next(p for p in points if p["own"])
    assert own["value"] == json.loads(solved.stdout)["objective"]["value"]
    table = rows_of(out / "frontier.csv")
    assert [float(r["value"]) for r in table] == values and table[0]["reach_market"]
    step = data["next_step"]
    assert step is not None and step["proven"]
    richer = town.run("solve", "--json", "--set", f"constraints.budget.amount={step['amount']}")
    assert json.loads(richer.stdout)["objective"]["value"] >= own["value"] + step["gain"]
    short = town.run("solve", "--json", "--set", f"constraints.budget.amount={step['amount'] - 1}")
    assert json.loads(short.stdout)["objective"]["value"] == own["value"]


def test_budgets_that_are_too_small_are_said_to_be_and_ones_that_suffice_are_solved(town: Town) -> None:
    town.spec["constraints"][1]["share"] = 0.15  # asks for a market in West
    out = town.folder / "front"
    result = town.run("frontier", "--budgets", "600000,0,340000", "--out", str(out), "--json")
    points = json.loads(result.stdout)["points"]
    assert [p["budget"] for p in points] == [0, 340_000, 600_000]
    assert [p["status"] for p in points] == ["infeasible", "proven", "proven"]
    nothing = town.run("frontier", "--budgets", "1,2", "--out", str(town.folder / "none"))
    assert_calm(nothing)
    assert nothing.exit_code == 4 and not (town.folder / "none").exists()


def test_a_scenario_without_a_budget_is_told_how_to_give_one(town: Town) -> None:
    town.spec["constraints"] = [{"rule": "commercial_area", "share": 0.1}]
    town.spec.pop("variants")
    result = town.run("frontier")
    assert_calm(result)
    assert result.exit_code == 3 and "frontier_no_budget" in result.stderr and "rule: budget" in result.stderr


def test_of_several_budgets_one_must_be_named_and_the_nearest_is_offered(town: Town) -> None:
    town.spec["constraints"] = [
        {"rule": "budget", "name": "coverage", "amount": 340_000},
        {"rule": "budget", "name": "fund_b", "amount": 400_000},
    ]
    town.spec.pop("variants")
    assert "frontier_which_rule" in town.run("frontier").stderr
    wrong = town.run("frontier", "--rule", "coverege")
    assert wrong.exit_code == 3 and "nearest: coverage" in wrong.stderr
    # A rule may bear the name of the coverage links.
    right = town.run("frontier", "--rule", "coverage", "--points", "4", "--out", str(town.folder / "f"), "--json")
    assert right.exit_code == 0 and {p["status"] for p in json.loads(right.stdout)["points"]} == {"proven"}


@pytest.mark.parametrize("options", [["--budgets", "a"], ["--budgets", "-1"], ["--budgets", "nan"], ["--points", "1"],
                                     ["--points", "3", "--budgets", "1"], ["--time-limit", "0"]])  # fmt: skip
def test_a_frontier_that_cannot_be_meant_is_wrong_usage(town: Town, options: list[str]) -> None:
    assert town.run("frontier", *options).exit_code == 2


# --- explain ---


def without(town: Town, site: str, folder: Path) -> Result:
    """The town solved again with a space forbidden."""
    spec = town.spec | {"constraints": [*town.spec["constraints"], {"rule": "forbidden", "sites": [site]}]}
    scenario = town.folder / "without.yaml"
    scenario.write_text(yaml.safe_dump(spec, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return invoke("solve", str(scenario), "--json", "--out", str(folder / f"without-{site}"))


def test_each_space_of_a_run_is_refused_and_what_is_lost_is_proven(solved: Town, tmp_path: Path) -> None:
    before = solved.files()
    result = invoke("explain", str(solved.out), "--out", str(tmp_path / "why"))
    assert_calm(result)
    assert result.exit_code == 0, result.output
    assert solved.files() == before, "the run folder is only read"
    data = loaded(tmp_path / "why" / "explain.json")
    summary = solved.summary()
    assert {s["site_id"] for s in data["sites"]} == {s["site_id"] for s in summary["sites"]}
    for s in data["sites"]:
        refused = without(solved, s["site_id"], tmp_path)
        if s["outcome"] == "infeasible":
            assert refused.exit_code == 4
            continue
        assert s["outcome"] == "proven" and s["loss_least"] == s["loss_most"]
        again = json.loads(refused.stdout)
        assert again["objective"]["value"] == s["value"] == summary["objective"]["value"] - s["loss_most"]
        assert again["cost"]["total"] == summary["cost"]["total"] + s["cost_change"]
    page = (tmp_path / "why" / "explain.html").read_text(encoding="utf-8")
    assert SCRIPT not in page and "&lt;img src=x" in page and "<script" not in page


def test_one_space_can_be_asked_about_and_one_that_is_not_in_the_plan_is_refused(solved: Town) -> None:
    site = solved.summary()["sites"][0]["site_id"]
    one = json.loads(invoke("explain", str(solved.out), "--site", site, "--json").stdout)
    assert [s["site_id"] for s in one["sites"]] == [site]
    wrong = invoke("explain", str(solved.out), "--site", f"{site}x")
    assert_calm(wrong)
    assert wrong.exit_code == 3 and f"nearest: {site}" in wrong.stderr


def copied(solved: Town, folder: Path) -> Town:
    shutil.copytree(solved.folder, folder, dirs_exist_ok=True)
    return Town(folder, solved.spec)


def test_a_run_whose_input_has_changed_is_not_explained(solved: Town, tmp_path: Path) -> None:
    town = copied(solved, tmp_path)
    town.edit("outlets.csv", ",250", ",251")
    result = invoke("explain", str(town.out))
    assert_calm(result)
    assert result.exit_code == 3 and "explain_input_changed" in result.stderr and "outlets.csv" in result.stderr


def test_a_run_that_was_changed_by_hand_is_not_explained(solved: Town, tmp_path: Path) -> None:
    town = copied(solved, tmp_path)
    path = town.out / "scenario.resolved.yaml"
    spec = yaml.safe_load(path.read_text(encoding="utf-8"))
    spec["constraints"][0]["amount"] = 1.0
    path.write_text(yaml.safe_dump(spec, allow_unicode=True), encoding="utf-8")
    result = invoke("explain", str(town.out))
    assert_calm(result)
    assert result.exit_code == 3 and "explain_run_changed" in result.stderr


def forged(town: Town, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a file of a run, and its checksum with it."""
    path, manifest = town.out / name, town.out / "manifest.json"
    data = loaded(path)
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    if name != manifest.name:
        list_ = loaded(manifest)
        list_["files"][name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        manifest.write_text(json.dumps(list_), encoding="utf-8")


FORGED: list[Callable[[dict[str, Any]], object]] = [
    *(lambda s, key=key: s.pop(key) for key in ("engine", "objective", "goals", "sites", "status")),  # type: ignore[misc]
    *(lambda s, key=key: s.update({key: 3}) for key in ("engine", "objective", "goals", "sites")),  # type: ignore[misc]
    *(lambda s, key=key: s["sites"][0].pop(key) for key in ("site_id", "outlet_type", "area_m2")),  # type: ignore[misc]
    lambda s: s["sites"][0].update(site_id=[]),
    lambda s: s["objective"].update(value="much"),
    lambda s: s["goals"].append("x"),
]


@pytest.mark.parametrize("n", range(len(FORGED)))
def test_a_summary_that_was_forged_checksum_and_all_is_a_finding(solved: Town, tmp_path: Path, n: int) -> None:
    town = copied(solved, tmp_path)
    forged(town, "summary.json", FORGED[n])
    result = invoke("explain", str(town.out))
    assert_calm(result)
    assert result.exit_code == 3, result.output


@pytest.mark.parametrize("inputs", [None, 3, [], "x", [3] * 5, [{}] * 5, [{"sha256": 1}] * 5])
def test_a_list_of_inputs_that_is_none_is_a_finding(solved: Town, tmp_path: Path, inputs: object) -> None:
    town = copied(solved, tmp_path)
    forged(town, "manifest.json", lambda m: m.update(inputs=inputs))
    result = invoke("explain", str(town.out))
    assert_calm(result)
    assert result.exit_code == 3, result.output


def test_of_a_run_half_deleted_what_is_left_is_explained_or_what_is_missing_is_named(
    solved: Town, tmp_path: Path
) -> None:
    for name in sorted(p.name for p in solved.out.iterdir()):
        town = copied(solved, tmp_path / name)
        gone = town.out / name
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
        result = invoke("explain", str(town.out), "--json")
        assert_calm(result)
        needed = name in ("summary.json", "manifest.json", "scenario.resolved.yaml")
        assert result.exit_code == (3 if needed else 0), (name, result.output)
        assert not needed or name in result.stderr


def test_a_run_without_a_plan_or_no_run_at_all_is_a_finding(town: Town) -> None:
    assert town.run("solve", "--set", TOO_MUCH).exit_code == 4
    result = invoke("explain", str(town.out))
    assert result.exit_code == 3 and "explain_no_plan" in result.stderr
    assert invoke("explain", str(town.folder / "nowhere")).exit_code == 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_names_reach_no_page_unescaped(solved: Town, tmp_path: Path, language: str) -> None:
    for command, options in (("alternatives", ["--slack", "40%", "--count", "1"]), ("frontier", ["--points", "3"])):
        out = tmp_path / command
        result = solved.run(command, *options, "--out", str(out), "--lang", language)
        assert_calm(result)
        assert result.exit_code == 0
        page = (out / f"{command}.html").read_text(encoding="utf-8")
        assert SCRIPT not in page and "<script" not in page and "://" not in page
        assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in page


# --- worlds beyond one phase, one purse, and the most people ---


def with_objective(town: Town, **objective: Any) -> Town:
    town.spec["objective"] = objective
    return town


GIVES_UP = {
    "name": "ordered",
    "parts": [{"name": "coverage", "tolerance": 0.4}, {"name": "least_cost"}],
}


def test_a_first_goal_that_gives_something_up_is_explained_at_its_best_and_replanned_as_a_solve_would(
    town: Town, tmp_path: Path
) -> None:
    with_objective(town, **GIVES_UP)
    assert town.run("solve").exit_code == 0
    summary = town.summary()
    best, final = summary["goals"][0]["value"], summary["objective"]["value"]
    assert final < best, "the tolerance is used"
    result = invoke("explain", str(town.out), "--out", str(tmp_path / "why"))
    assert_calm(result)
    assert result.exit_code == 0, result.output
    data = loaded(tmp_path / "why" / "explain.json")
    assert data["objective"]["tolerance"] == 0.4 and data["base"]["value"] == final
    for s in data["sites"]:
        again = json.loads(without(town, s["site_id"], tmp_path).stdout)
        assert s["outcome"] == "proven" and s["loss_least"] == s["loss_most"] == best - again["goals"][0]["value"]
        assert s["value"] == again["objective"]["value"]
        assert s["cost_change"] == again["cost"]["total"] - summary["cost"]["total"]
    page = (tmp_path / "why" / "explain.html").read_text(encoding="utf-8")
    assert "before it gives up to 40%" in page
    prices = json.loads(invoke("explain", str(town.out), "--rules", "--json").stdout)
    budget = next(p for p in prices["rules"] if p["rule"] == "budget")
    richer = json.loads(town.run("solve", "--json", "--set", "constraints.budget.amount=374000").stdout)
    assert budget["gain_least"] == budget["gain_most"] == richer["goals"][0]["value"] - best


def test_the_frontier_tells_the_first_goal_at_its_best_whatever_it_gives_up(town: Town) -> None:
    with_objective(town, **GIVES_UP)
    out = town.folder / "front"
    result = town.run("frontier", "--points", "5", "--out", str(out), "--json")
    assert result.exit_code == 0, result.output
    points = json.loads(result.stdout)["points"]
    own = next(p for p in points if p["own"])
    summary = json.loads(town.run("solve", "--json").stdout)
    assert own["value"] == summary["goals"][0]["value"] > summary["objective"]["value"]
    assert [p["value"] for p in points] == sorted(p["value"] for p in points)
    assert "gives up to 40% for later goals" in (out / "frontier.html").read_text(encoding="utf-8")


def test_alternatives_of_a_goal_that_gives_something_up_stay_within_the_slack_of_the_first_plan(town: Town) -> None:
    with_objective(town, **GIVES_UP)
    out = town.folder / "alts"
    result = town.run("alternatives", "--slack", "20%", "--out", str(out), "--json")
    assert_calm(result)
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert len(data["plans"]) > 1
    assert all(p["value"] >= data["floor"] - 1e-6 for p in data["plans"])
    assert all(p["below_best"] == pytest.approx(data["plans"][0]["value"] - p["value"]) for p in data["plans"])


def test_where_less_is_better_slack_goes_up_losses_are_added_minutes_and_money_buys_fewer(town: Town) -> None:
    with_objective(town, name="minutes")
    assert town.run("solve").exit_code == 0
    best = town.summary()["objective"]["value"]
    data = json.loads(town.run("alternatives", "--slack", "30%", "--out", str(town.folder / "a"), "--json").stdout)
    assert data["objective"]["sense"] == "min" and data["floor"] == pytest.approx(1.3 * best)
    assert len(data["plans"]) > 1 and all(best <= p["value"] <= data["floor"] for p in data["plans"])
    page = (town.folder / "a" / "alternatives.html").read_text(encoding="utf-8")
    assert "their value is at most" in page and "person-minutes, the fewer the better" in page
    front = town.run("frontier", "--points", "5", "--out", str(town.folder / "f"), "--json")
    front_data = json.loads(front.stdout)
    values = [p["value"] for p in front_data["points"]]
    assert values == sorted(values, reverse=True) and values[0] > values[-1]
    assert front_data["objective"]["sense"] == "min" and front_data["next_step"]["gain"] > 0
    page = (town.folder / "f" / "frontier.html").read_text(encoding="utf-8")
    assert "the value falls from" in page and "No plan is below" in page and 'class="area"' in page
    assert {r["value_sense"] for r in rows_of(town.folder / "f" / "frontier.csv")} == {"min"}
    why = json.loads(invoke("explain", str(town.out), "--out", str(town.folder / "why"), "--json").stdout)
    assert why["sites"] and all(s["value"] == best + s["loss_most"] >= best for s in why["sites"])
    page = (town.folder / "why" / "explain.html").read_text(encoding="utf-8")
    assert "Added" in page and ">Lost<" not in page


def test_the_same_outlets_paid_by_another_or_in_another_year_are_no_alternative(town: Town) -> None:
    town.spec["money"] = {"sources": [{"name": "gov"}, {"name": "private"}]}
    town.spec["phases"] = [{"name": "2026", "months": 12}, {"name": "2027", "months": 24}]
    town.spec["constraints"].append({"rule": "funding", "source": "gov", "amount": 300000})
    out = town.folder / "alts"
    result = town.run("alternatives", "--slack", "60%", "--count", "5", "--out", str(out), "--json")
    assert_calm(result)
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    opened = [{(s["site_id"], s["outlet_type"]) for s in loaded(out / p["plan"] / "summary.json")["sites"]}
              for p in data["plans"]]  # fmt: skip
    assert len({frozenset(o) for o in opened}) == len(opened) > 2
    for k, plan in enumerate(data["plans"][1:], 1):
        assert plan["distance"] == min(len(before - opened[k]) for before in opened[:k])
        assert plan["outlets"] == len(opened[k])
    for outlet in data["outlets"]:
        assert (outlet["without"] is not None) == (outlet["kind"] == "every")


@pytest.mark.parametrize("change", [
    {"market": {"capacity": 120}, "stall": {"capacity": 40}},
    {"market": {"area_m2": 200, "area_max_m2": 320, "area_step_m2": 10, "cost": {"fixed": 100000, "per_m2": 600}}},
])  # fmt: skip
def test_outlets_that_can_be_full_or_have_a_chosen_area_go_through_every_command(
    town: Town, change: dict[str, dict[str, Any]]
) -> None:
    for kind, fields in change.items():
        town.spec["types"][kind] |= fields
    if "area_max_m2" in change["market"]:
        town.spec["candidates"].pop("cost")
    assert town.run("solve").exit_code == 0
    alts = town.run("alternatives", "--slack", "40%", "--count", "2", "--out", str(town.folder / "a"), "--json")
    assert_calm(alts)
    assert alts.exit_code == 0 and len(json.loads(alts.stdout)["plans"]) > 1, alts.output
    assert (town.folder / "a" / "comparison.html").is_file()
    front = json.loads(town.run("frontier", "--points", "4", "--out", str(town.folder / "f"), "--json").stdout)
    own = next(p for p in front["points"] if p["own"])
    assert own["value"] == pytest.approx(town.summary()["objective"]["value"])
    for k, run in enumerate((town.out, town.folder / "a" / "plan-2")):
        why = json.loads(invoke("explain", str(run), "--json").stdout)
        assert {s["outcome"] for s in why["sites"]} <= {"proven", "infeasible", "best_found"}
        assert k or all(s["loss_most"] >= -1e-6 for s in why["sites"])
        assert invoke("explain", str(run), "--rules", "--json").exit_code == 0


def test_stopped_at_once_a_family_still_returns_what_is_there(town: Town) -> None:
    from siteopt import pipeline
    from siteopt.solve.backend import Stop
    from siteopt.whatif_alternatives import find_alternatives
    from siteopt.whatif_frontier import find_frontier

    stop = Stop()

    def told(_: object) -> None:
        stop.set()

    found = find_alternatives(pipeline.check(town.save()), count=3, slack=0.5, report=told, stop=stop)
    assert found.runs and found.data["ended"] in ("interrupt", "count", "none_left")
    late = Stop()
    threading.Timer(0.0, late.set).start()
    budgets = find_frontier(pipeline.check(town.save()), amounts=[340_000.0, 400_000.0], stop=late)
    assert budgets.data["points"] and all(p["status"] != "engine_error" for p in budgets.data["points"])
