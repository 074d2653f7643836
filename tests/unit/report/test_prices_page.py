"""The page and table of what each rule costs: earned words, both languages, names that stay text."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from siteopt.report import prices_page
from siteopt.report.whatif_csv import write_prices
from siteopt.text import LANGUAGES
from tests.unit.report.test_whatif_pages import Closed
from tests.unit.report.whatif_data import ABOUT, HOSTILE


def price(rule: str, **over: Any) -> dict[str, Any]:
    return {
        "rule": rule,
        "kind": "budget",
        "title": {"en": "Budget", "zh": "预算"},
        "unit": "money",
        "step": 0.1,
        "amount": 34_000.0,
        "relative": True,
        "whole": False,
        "gain_least": 80.0,
        "gain_most": 80.0,
        "free_least": 220.0,
        "free_most": 220.0,
        "proven": True,
        "how": "searched",
    } | over


DATA: dict[str, Any] = ABOUT | {
    "schema": "siteopt.prices/1",
    "run": "town",
    "base": {"value": 1000.0, "bound": 1000.0, "gap": 0.0, "status": "proven", "cost": 5000.0, "outlets": 2},
    "stopped": "",
    "rules": [
        price("nothing", gain_least=0.0, gain_most=0.0, how="never_binds"),
        price("open", gain_least=3.0, gain_most=None, free_most=None, proven=False, how="no_time"),
        price("range", gain_least=5.0, gain_most=9.0, proven=False),
        price(HOSTILE, kind="required", unit="outlets", relative=False, whole=True),
        price("area", unit="m2", step=100.0, relative=False, amount=100.0, gain_least=1.0, gain_most=1.0),
        price("outlets", unit="outlets", step=1.0, relative=False, amount=1.0, gain_least=2.0, gain_most=2.0),
    ],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_and_lets_no_name_be_markup(language: str) -> None:
    html = prices_page.page(DATA, language)
    assert "script" not in Closed(html).tags and HOSTILE not in html and "://" not in html


def test_the_dearest_rule_comes_first_and_every_figure_has_earned_words() -> None:
    (table,) = prices_page.tables(DATA, "en")
    told = {row[0]: row[1:] for row in table.rows}
    assert table.rows[0][1:3] == ("the rule itself", "80")
    assert told["Budget (range)"][1] == "at least 5, at most 9" and told["Budget (range)"][3] == "range proven"
    assert told["Budget (nothing)"][1] == "nothing" and "no plan can feel it" in told["Budget (nothing)"][3]
    assert told["Budget (open)"][1] == "at least 3" and "no time" in told["Budget (open)"][3]
    assert told["Budget (area)"][0] == "100 m²" and told["Budget (outlets)"][0] == "1 outlet"
    assert told["Budget (range)"][0] == "34,000 CNY (10% of the limit)"


def test_a_scenario_without_rules_is_told_so() -> None:
    (table,) = prices_page.tables(DATA | {"rules": []}, "zh")
    assert table.rows == () and "没有可放宽的规则" in table.note
    assert prices_page.page(DATA | {"rules": []}, "zh")


def test_the_csv_has_a_row_per_rule(tmp_path: Path) -> None:
    write_prices(DATA, tmp_path / "prices.csv")
    with (tmp_path / "prices.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6 and rows[1]["gain_most"] == "" and rows[0]["proven"] == "1"
