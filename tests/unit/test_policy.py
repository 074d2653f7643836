"""Policy packs on a real world: what cannot be checked is set aside and told, what is wrong stops the run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from siteopt import commands, pipeline
from siteopt.findings import InputError
from tests.streamed_towns import write_town

LACKS = {
    "block_centre_services": "pharmacy",
    "community_services": "repair",
    "hosts": "courier_station",
    "micro_markets": "micro_market",
}


@pytest.fixture
def quickstart(root: Path, tmp_path: Path) -> Path:
    shutil.copytree(root / "scenarios" / "quickstart", tmp_path / "q")
    return tmp_path / "q" / "scenario.yaml"


def codes(ready: pipeline.Ready) -> list[str]:
    return [f.code for f in ready.findings if f.code.startswith("policy")]


def test_the_plans_rules_are_in_force_with_one_line_and_what_is_not_checked_is_told(quickstart: Path) -> None:
    ready = pipeline.check(quickstart, sets=["policy=hongjiang-2024"])
    labels = [rule.label for rule in ready.rules]
    assert {"commercial_area", "community_outlets", "land_lines", "flue", "chain_share", "losses"} <= set(labels)
    aside = {one.name: one for one in ready.loaded.set_aside}
    for name, type_id in LACKS.items():
        assert name not in labels and type_id in aside[name].missing
    # A norm without any type to count, found once the layers were read.
    assert "elderly_area" not in labels and aside["elderly_area"].clauses == ("H14",)
    assert "未核查" in aside["elderly_area"].why("zh") and "elderly_care" in aside["elderly_area"].why("en")
    kinds = {"policy_types_absent", "policy_types_absent_in_part", "policy_figure_absent", "policy_data_unfit"}
    assert set(codes(ready)) == kinds
    files = {f.file for f in ready.findings if f.code.startswith("policy")}
    assert files == {"policy hongjiang-2024"}


def test_a_rule_that_the_scenario_asks_for_itself_stops_the_run_for_want_of_data(quickstart: Path) -> None:
    with pytest.raises(InputError) as stopped:
        pipeline.check(quickstart, sets=["policy=hongjiang-2024", "constraints.elderly_area.off=false"])
    assert [f.code for f in stopped.value.findings if f.severity == "error"] == ["norm_no_type"]


def test_a_changed_figure_of_a_rule_without_data_is_warned_of_and_stops_nothing(quickstart: Path) -> None:
    sets = [
        "policy=hongjiang-2024",
        "constraints.elderly_area.old_least_m2=200",
        "constraints.full_coverage.share=0.9",
    ]
    ready = pipeline.check(quickstart, sets=sets)
    warned = {(f.severity, f.code, f.field) for f in ready.findings if f.severity == "warning"}
    assert ("warning", "policy_data_unfit", "constraints.elderly_area") in warned
    assert {one.name for one in ready.loaded.set_aside} >= {"elderly_area", "full_coverage"}


@pytest.mark.parametrize("rule", ["land_lines.needs=required", "elderly_area.types=[elderly_care]"])
def test_what_the_scenario_itself_asks_of_a_packs_rule_must_be_there(quickstart: Path, rule: str) -> None:
    with pytest.raises(InputError) as stopped:
        pipeline.check(quickstart, sets=["policy=hongjiang-2024", f"constraints.{rule}"])
    errors = {f.code for f in stopped.value.findings if f.severity == "error"}
    assert errors <= {"rule_layer_required", "type_unknown", "rule_unknown_type"} and errors


def test_what_is_wrong_rather_than_missing_stops_the_run_whoever_asks(quickstart: Path) -> None:
    table = quickstart.with_name("communities.csv")
    table.write_text(table.read_text(encoding="utf-8").replace(",1800,", ",90000,"), encoding="utf-8")
    text = quickstart.read_text(encoding="utf-8").replace("  - {rule: commercial_area, share: 0.10}\n", "")
    text = text[: text.index("variants:")]
    quickstart.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as stopped:
        pipeline.check(quickstart, sets=["policy=hongjiang-2024"])
    assert [f.code for f in stopped.value.findings if f.severity == "error"] == ["commercial_exceeds_total"]


def test_the_run_folder_says_the_rules_and_opens_again_to_the_same_plan(quickstart: Path, tmp_path: Path) -> None:
    sets = ["policy=hongjiang-2024", "constraints.losses.off=true"]
    ready = pipeline.check(quickstart, sets=sets)
    summary, folder = commands.write(pipeline.solve(ready), ready, tmp_path / "run")
    assert summary["status"] == "proven"
    kept = yaml.safe_load((folder / "scenario.resolved.yaml").read_text(encoding="utf-8"))
    named = {item["name"]: item for item in kept["constraints"]}
    assert named["flue"]["policy"] == "hongjiang-2024" and named["losses"] == {"name": "losses", "off": True}
    again = pipeline.check(folder / "scenario.resolved.yaml")
    assert [rule.label for rule in again.rules] == [rule.label for rule in ready.rules]
    assert [one.name for one in again.loaded.set_aside] == [one.name for one in ready.loaded.set_aside]
    assert commands.summarise(pipeline.solve(again))["objective"] == summary["objective"]


def test_a_streamed_scenario_sets_aside_as_well(tmp_path: Path) -> None:
    path = write_town(tmp_path, 4, constraints=[{"rule": "budget", "amount": 2000, "name": "money"}])
    ready = pipeline.check(path, sets=["policy=national-2025"])
    assert ready.streamed is not None
    assert {one.name for one in ready.loaded.set_aside} >= {"elderly_care", "service_complex"}
