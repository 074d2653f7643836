"""The acceptance sheet in the report, in a real browser: there, readable, in both languages, with honest marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from siteopt.plan import Run, Verdict
from siteopt.report.html import render_html
from siteopt.report.summary import summarise
from tests.browser.town import make_town

pytestmark = pytest.mark.browser

SURVEY = {"share": 0.93, "n": 412, "date": "2025-11", "method": "<b>入户问卷</b>"}
OPEN = Verdict(
    "elderly", "C0", float("nan"), float("nan"), "ge", "m2", False, {"missing": "households"}, checked=False
)
RULE = {"rule": "elderly_area", "title": {"zh": "养老面积", "en": "Elderly care"}, "clauses": ["H14"], "params": {}}


def town(language: str = "zh") -> Run:
    run, _ = make_town(side=16, n_sites=10, n_open=3, language=language)
    return replace(
        run,
        scenario={**run.scenario, "policy": "hongjiang-2024", "acceptance": {"satisfaction": SURVEY}},
        rules={**run.rules, "elderly": RULE},
        verdicts=(*run.verdicts, OPEN),
    )


@pytest.fixture
def opened(chromium: Any, tmp_path: Path) -> Iterator[Any]:
    """The page of the town, wide; complaints of the browser in ``page.complaints``."""
    file = tmp_path / "report.html"
    file.write_text(render_html(town(), summarise(town())), encoding="utf-8")
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda m: page.complaints.append(m.text))
    page.on("pageerror", lambda e: page.complaints.append(str(e)))
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-ready=yes]")
    yield page
    context.close()


def test_every_item_is_there_and_the_language_switch_turns_all_of_it(opened: Any) -> None:
    said = opened.inner_text("#s-acceptance")
    assert "验收对照表" in said and "居民满意度" in said and "达标" in said
    for item in ("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10"):
        assert f"{item} " in said
    opened.click("#language")
    turned = opened.inner_text("#s-acceptance")
    assert "Acceptance sheet" in turned and "Residents' satisfaction" in turned and "met" in turned
    assert "验收对照表" not in turned
    assert opened.complaints == []


def test_what_was_not_checked_says_so_and_why_in_the_sheet_and_among_the_rules(opened: Any) -> None:
    for part in ("#s-acceptance", "#s-rules"):
        row = opened.locator(f"{part} details[open] tr", has_text="户数")
        assert row.count() == 1
        assert "未核查" in row.inner_text() and "达标" not in row.inner_text() and "✓" not in row.inner_text()
    assert "因资料不全未能核查" in opened.inner_text("header.top")


def test_open_items_stand_open_and_met_ones_are_folded(opened: Any) -> None:
    folded = opened.locator("#s-acceptance details:not([open]) summary").all_inner_texts()
    assert any("A4" in text and "达标" in text for text in folded)
    assert opened.locator("#s-acceptance details[open] summary", has_text="A9").count() == 1


def test_text_from_the_scenario_is_text(opened: Any) -> None:
    opened.locator("#s-acceptance summary", has_text="A4").click()
    assert "<b>入户问卷</b>" in opened.inner_text("#s-acceptance")
    assert opened.locator("#s-acceptance b").count() == 0


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_scrolls_sideways_with_every_item_open(opened: Any, width: int) -> None:
    opened.set_viewport_size({"width": width, "height": 900})
    opened.evaluate("document.querySelectorAll('#s-acceptance details').forEach((d) => d.setAttribute('open', ''))")
    assert opened.evaluate("() => document.documentElement.scrollWidth") <= width


def test_the_sheet_is_in_the_contents(opened: Any) -> None:
    assert opened.locator("nav a[href='#s-acceptance']").inner_text() == "验收对照表"
