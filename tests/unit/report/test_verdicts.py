"""A check that could not be made is told as such in every output: never kept, never broken."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from siteopt.findings import Findings
from siteopt.plan import Run, Verdict
from siteopt.report.comparison import render
from siteopt.report.comparison_tables import tables
from siteopt.report.dossier import write_dossier
from siteopt.report.page import page_facts
from siteopt.report.page_rules import rules
from siteopt.report.summary import summarise
from siteopt.report.verdicts import failing, outcome, outcome_told, unchecked
from siteopt.runs.compare import compare
from siteopt.runs.store import open_run, write_run
from siteopt.screen.answer import summary_view
from siteopt.screen.console import Screen
from tests.runs_builder import make_run
from tests.unit.report.dossier.run_folder import PLOT, make_folder, site

OPEN = Verdict("flue", "K1", 1.0, 0.0, "ge", "outlets", False, checked=False)
KEPT, BROKEN = replace(OPEN, holds=True, checked=True), replace(OPEN, checked=True)
WORDS = {"zh": "未核查", "en": "not checked"}
RULE = {"rule": "flue", "title": {"zh": "烟道", "en": "Flue"}, "sentence": {}, "formula": "", "params": {}}


def run_with(*verdicts: Verdict, language: str = "zh") -> Run:
    run = make_run(language=language)
    return replace(run, verdicts=(*run.verdicts, *verdicts), rules={**run.rules, "flue": RULE})


def test_an_outcome_is_one_of_three() -> None:
    assert [outcome(v) for v in (OPEN, KEPT, BROKEN)] == ["not_checked", "holds", "fails"]
    assert (failing((OPEN, KEPT, BROKEN)), unchecked((OPEN, KEPT, BROKEN))) == (1, 1)
    assert outcome(replace(OPEN, holds=True)) == "not_checked"


def test_a_summary_of_an_earlier_version_was_checked() -> None:
    assert outcome_told({"holds": True}) == "holds" and outcome_told({"holds": False}) == "fails"
    assert outcome_told({"holds": False, "checked": False}) == "not_checked"


def test_the_summary_says_whether_a_verdict_was_checked() -> None:
    told = summarise(run_with(OPEN, KEPT))["verdicts"]
    assert [v["checked"] for v in told if v["rule"] == "flue"] == [False, True]
    assert all(v["checked"] for v in told if v["rule"] != "flue")


def test_the_page_counts_it_apart_and_says_so_at_the_top() -> None:
    run = run_with(OPEN)
    facts = page_facts(run, summarise(run))
    assert (facts["figures"]["failing"], facts["figures"]["unchecked"]) == (0, 1)
    said = [banner["text"]["zh"] for banner in facts["banners"]]
    assert any("未能核查" in text for text in said) and not any("不符合" in text for text in said)


def test_the_page_lists_broken_checks_then_open_ones_then_kept_ones() -> None:
    (flue,) = [rule for rule in rules(run_with(KEPT, OPEN, BROKEN)) if rule["title"]["en"] == "Flue"]
    assert [check["outcome"] for check in flue["checks"]] == ["fails", "not_checked", "holds"]
    assert (flue["n"], flue["failing"], flue["unchecked"]) == (3, 1, 1)
    first = rules(run_with(OPEN))[0]
    assert first["title"]["en"] == "Flue", "a rule with open checks comes before those that are kept"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_terminal_names_the_rules_that_were_not_checked(language: str) -> None:
    def screen(run: Run) -> str:
        out = io.StringIO()
        Screen(file=out, width=200).print(summary_view(summarise(run), language))
        return out.getvalue()

    title = RULE["title"][language]  # type: ignore[index]
    said = screen(run_with(OPEN, OPEN, language=language))
    assert f"{title} ×2" in said
    assert title not in screen(run_with(KEPT, language=language))


def test_a_share_without_a_floor_area_is_not_checked_in_the_terminal() -> None:
    summary = summarise(make_run())
    summary["communities"][0]["shortfall_m2"] = None
    out = io.StringIO()
    Screen(file=out, width=200).print(summary_view(summary, "en"))
    assert "not checked" in out.getvalue()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_comparison_tells_it_from_kept_and_from_broken(tmp_path: Path, language: str) -> None:
    def stored(name: str, verdict: Verdict) -> Any:
        return open_run(write_run(run_with(verdict), tmp_path / name, html="", map_png=b""))

    data = compare([stored("a", KEPT), stored("b", OPEN)]).as_dict()
    (verdict,) = data["differences"][0]["verdicts"]
    assert (verdict["base"]["checked"], verdict["other"]["checked"]) == (True, False)
    (made,) = [table for table in tables(data, language) if table.key == "rules"]
    (row,) = made.rows
    assert row[3].endswith(WORDS[language]) and not row[2].endswith(WORDS[language])
    assert made.marks == ("",)
    assert WORDS[language] in render(data, language)


def test_the_hand_over_lists_rules_that_were_not_checked(tmp_path: Path) -> None:
    verdicts = [
        {"rule": "flue", "title": {"zh": "烟道"}, "subject": "K1", "holds": False, "checked": False},
        {"rule": "budget", "title": {"zh": "预算"}, "subject": "", "holds": True, "checked": True},
    ]
    findings = Findings()
    folder = make_folder(tmp_path / "run", [site("A", PLOT)], verdicts=verdicts)
    write_dossier(folder, tmp_path / "out", language="zh", findings=findings)
    cells = [c.value for row in openpyxl.load_workbook(tmp_path / "out" / "dossier.xlsx").worksheets[-1] for c in row]
    at = cells.index("烟道")
    assert "未核查" in str(cells[at + 1]) and "预算" not in cells


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({"why": {"zh": "缺少图层", "en": "no layer"}}, "缺少图层"),
        ({"missing": "households"}, "户数"),
        ({"missing": "other"}, "other"),
        ({"layer": "green_line"}, "城市绿线"),
        ({"layer": "my_layer"}, "my_layer"),
        ({}, "资料不全"),
    ],
)
def test_a_check_that_could_not_be_made_says_why(detail: dict[str, Any], said: str) -> None:
    (flue,) = [r for r in rules(run_with(replace(OPEN, detail=detail))) if r["title"]["en"] == "Flue"]
    assert said in flue["checks"][0]["why"]["zh"] and flue["checks"][0]["why"]["en"]
    assert rules(run_with(KEPT))[-1]["checks"][0]["why"] is None
