"""Exit codes, and what goes where: 0 verified · 1 our bug · 2 usage · 3 input · 4 infeasible · 5 no plan in time."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from siteopt.findings import Finding, InputError
from siteopt.model import constraint
from siteopt.model.constraint import Constraint, Params
from siteopt.plan import Plan, Verdict
from siteopt.runs.store import open_run
from siteopt.screen.console import Screen
from siteopt.screen.findings import findings_table
from tests.cli.hard import make_hard, on_a_terminal
from tests.cli.town import Town, assert_calm, invoke, make_town

COMMANDS = ("init", "check", "assess", "solve", "compare", "export", "schema", "catalogue")
ESCAPE = "\x1b"
COLOUR = re.compile(ESCAPE + r"\[(?:\d+;)*(?:3[0-7]|9[0-7]|38|48)")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return make_town(tmp_path)


def manifests(folder: Path) -> list[Path]:
    """Everything that looks like a whole run, hidden folders of unfinished writing aside."""
    found = folder.rglob("manifest.json")
    return [p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts)]


# --- 0 ---


def test_a_verified_plan_exits_0_and_progress_and_result_go_apart(town: Town) -> None:
    result = town.run()
    assert_calm(result)
    assert result.exit_code == 0
    assert "Proven" in result.stdout and "Report: " in result.stdout
    assert result.stderr == "reading scenario.yaml\nwriting town\n"
    assert manifests(town.folder) == [town.out / "manifest.json"]


def test_json_prints_the_summary_and_nothing_else_and_quiet_says_nothing(town: Town) -> None:
    result = town.run("solve", "--json", "--quiet")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == town.summary()
    assert result.stderr == ""


# --- 1 ---


class NeverContent(Constraint[Params]):
    """A rule whose rows allow everything and whose judge allows nothing."""

    name = "never_content"
    title = {"en": "Never content", "zh": "从不满意"}
    sentence = title
    formula = "0 ≥ 1"
    always = True

    def rows(self, problem: object, columns: object) -> list[Any]:
        return []

    def judge(self, world: object, travel: object, plan: Plan) -> list[Verdict]:
        return [Verdict(self.label, "[bold]all\x1b[31m", 1.0, 0.0, "ge", "outlets", False)]


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A siteopt with a broken rule; the folder where its log goes."""
    known: Mapping[str, Any] = {**constraint.registry(), NeverContent.name: NeverContent}
    monkeypatch.setattr(constraint, "registry", lambda: known)
    logs = tmp_path_factory.mktemp("logs")
    monkeypatch.setattr(tempfile, "tempdir", str(logs))
    return logs


def test_a_plan_that_fails_its_audit_is_refused_with_1_and_the_details_go_to_a_log(
    town: Town, refusing: Path
) -> None:
    town.save()
    before = town.files()
    result = town.run()
    assert_calm(result)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "failed its own audit" in result.stderr and "never_content: [bold]all·[31m" in result.stderr
    (log,) = refusing.glob("siteopt-*.log")
    assert str(log) in result.stderr
    assert "Traceback" in log.read_text(encoding="utf-8") and "RefusedPlan" in log.read_text(encoding="utf-8")
    assert town.files() == before


# --- 2 ---


@pytest.mark.parametrize(
    "arguments",
    [
        ["sovle", "x.yaml"],
        ["solve"],
        ["solve", "x.yaml", "--time-limit", "soon"],
        ["solve", "x.yaml", "--frobnicate"],
        ["check", "x.yaml", "--lang", "fr"],
        ["compare", "only-one"],
        ["export", "run", "--encoding", "big5"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2_with_a_hint_and_nothing_on_stdout(arguments: list[str]) -> None:
    result = invoke(*arguments)
    assert_calm(result)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage: siteopt" in result.stderr and "--help" in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_shows_an_example(command: str) -> None:
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert re.search(rf"Example:\s+siteopt {command}", result.stdout)
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


def test_help_lists_every_command_and_how_to_start() -> None:
    result = invoke("--help")
    assert result.exit_code == 0
    assert all(re.search(rf"^  {command} ", result.stdout, re.MULTILINE) for command in COMMANDS)
    assert "siteopt init my-town" in result.stdout


# --- 4 ---


def test_infeasible_exits_4_names_the_clash_and_the_shortfall_and_can_be_shared(town: Town) -> None:
    town.spec["constraints"].append({"rule": "count", "types": ["market"], "min": 3})
    result = town.run()
    assert_calm(result)
    assert result.exit_code == 4
    words = " ".join(result.stdout.split())
    assert "These cannot be kept together: Budget, Number of outlets." in words
    assert "│ Number of outlets │ Market │ 3 outlets │ 2 │ 1 │" in words
    assert "proven" not in result.stdout
    summary = town.summary()
    assert summary["status"] == "infeasible" and summary["sites"] == []
    (short,) = summary["diagnosis"]["relaxations"]
    assert (short["rule"], short["need"], short["possible"], short["shortfall"]) == ("count", 3, 2, 1)
    stored = open_run(town.out)
    assert stored.summary["status"] == "infeasible"
    page = (town.out / "report.html").read_text(encoding="utf-8")
    assert "budget" in page.lower() and page.rstrip().endswith("</html>")
    again = town.run("solve", "--json")
    assert again.exit_code == 4 and json.loads(again.stdout)["status"] == "infeasible"


def test_doing_nothing_is_a_plan_when_the_budget_is_0(town: Town) -> None:
    result = town.run("solve", "--set", "constraints.budget.amount=0")
    assert result.exit_code == 0
    assert "Nothing opens" in result.stdout
    assert town.summary()["sites"] == [] and town.summary()["status"] == "proven"


# --- 5, and Ctrl-C ---


def test_no_plan_within_the_limit_exits_5_writes_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    scenario = make_hard(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    must = "constraints=[{rule: count, min: 3}, {rule: budget, amount: 9000000}]"
    result = invoke("solve", str(scenario), "--out", str(tmp_path / "run"), "--set", must, "--time-limit", "0.01",
                    "--engine", "pulp", "--json")  # fmt: skip
    assert_calm(result)
    assert result.exit_code == 5
    assert json.loads(result.stdout) == {"status": "no_plan"}
    assert "--time-limit" in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_ctrl_c_while_solving_keeps_the_best_plan_with_its_gap_and_exits_0(tmp_path: Path) -> None:
    run = tmp_path / "run"
    ended = on_a_terminal(
        ["solve", str(make_hard(tmp_path)), "--out", str(run)],
        when=lambda screen: bool(re.search(r"best [1-9][\d,]{4,}, bound [1-9]", screen)),
    )
    assert ended.code == 0, ended.screen[-2000:]
    assert "Stopped by Ctrl-C: this is the best plan" in ended.screen and "Traceback" not in ended.screen
    assert ESCAPE not in ended.stdout
    assert COLOUR.search(ended.screen), "a terminal without NO_COLOR has colours"
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    assert summary["status"] == "best_found" and summary["stopped"] == "interrupt"
    assert 0 < summary["objective"]["gap"] < 1 and summary["sites"]
    assert re.search(r"Best plan found .*gap \d+\.\d+%", ended.stdout)
    assert manifests(tmp_path) == [run / "manifest.json"]


def test_ctrl_c_while_reading_leaves_no_folder_and_exits_5(tmp_path: Path) -> None:
    ended = on_a_terminal(
        ["solve", str(make_hard(tmp_path, cells=200_000)), "--out", str(tmp_path / "run")],
        when=lambda screen: "reading scenario.yaml" in screen,
    )
    assert ended.code == 5, ended.screen
    assert "nothing was written" in ended.screen and "Traceback" not in ended.screen
    assert ended.stdout == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cells.csv", "scenario.yaml", "spaces.csv"]


def test_a_run_killed_while_writing_leaves_nothing_that_looks_whole_and_the_next_run_is_sound(town: Town) -> None:
    arguments = ["solve", str(town.save()), "--out", str(town.out)]

    def writing(_: str) -> bool:
        return any(town.out.parent.glob(".town.new-*/summary.json"))

    ended = on_a_terminal(arguments, when=writing, send=signal.SIGKILL)
    assert ended.code == -signal.SIGKILL
    assert manifests(town.folder) == [] and not town.out.exists()
    assert all(p.name.startswith(".") and p.name.endswith(".partial") for p in town.out.parent.iterdir())
    for left in town.out.parent.iterdir():
        with pytest.raises(InputError):
            open_run(left)
    assert town.run("solve", "--quiet").exit_code == 0
    assert manifests(town.folder) == [town.out / "manifest.json"]


# --- what goes to the screen ---


def test_no_color_is_respected_on_a_terminal(town: Town) -> None:
    town.edit("spaces.csv", "290000", "-1")
    ended = on_a_terminal(["check", str(town.save())], env={"NO_COLOR": "1"})
    assert ended.code == 3 and "number_too_low" in ended.screen
    assert not COLOUR.search(ended.screen)


@pytest.mark.parametrize("arguments", [["catalogue"], ["schema"]], ids=" ".join)
def test_a_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    """``siteopt catalogue | head``: the pipe closes, the command ends well and in silence."""
    process = subprocess.Popen(
        [sys.executable, "-m", "siteopt.cli", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    said = process.stderr.read().decode()
    process.stderr.close()
    assert (process.wait(timeout=60), said) == (0, "")


def test_tables_on_a_pipe_are_at_most_140_wide_and_findings_are_one_line_each(town: Town) -> None:
    town.edit("spaces.csv", "Yard", "Y" * 200)
    town.layer("communities.gpkg", lambda frame: frame.assign(name=["W" * 300, "E"]))
    town.edit("outlets.csv", "o1,market", "o1," + "m" * 200)
    result = town.run()
    assert result.exit_code == 0, result.output
    assert max(len(line) for line in result.stdout.splitlines()[:-1]) <= 140
    assert [line.split("  ")[0] for line in result.stderr.splitlines() if "warning" in line] == ["outlets.csv"]


def test_on_a_narrow_screen_the_sentence_of_a_finding_stands_below_its_place() -> None:
    found = Finding("error", "number_too_low", "spaces.csv", 4, "cost_market", -1, {"low": 0})
    shown = {}
    for width in (60, 160):
        screen = Screen(file=io.StringIO(), width=width, force_terminal=False)
        screen.print(findings_table([found], "en", width))
        shown[width] = screen.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert shown[60][0].rstrip() == "spaces.csv  row 4  cost_market  number_too_low"
    assert shown[60][1].startswith("    -1 is below 0")
    assert len(shown[160]) == 1 and "-1 is below 0" in shown[160][0]


def test_the_language_of_messages_is_the_scenario_s_unless_asked_for(town: Town) -> None:
    town.spec["report"] = {"language": "zh"}
    assert "可以求解" in town.run("check").stdout
    assert "Ready to solve" in town.run("check", "--lang", "en").stdout
