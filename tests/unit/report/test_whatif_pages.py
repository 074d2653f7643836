"""Pages and tables of alternatives, frontier and refusals: both languages, nothing unescaped, earned words."""

from __future__ import annotations

import csv
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from siteopt.model.objective import registry
from siteopt.report import alternatives_page, explain_page, frontier_page, whatif_csv
from siteopt.report.frontier_chart import chart, ticks
from siteopt.report.whatif_words import WhatWords
from siteopt.text import LANGUAGES
from tests.unit.report.whatif_data import ALTERNATIVES, EXPLAINED, FORMULA, FRONTIER, HOSTILE, fewer

ROOMS: dict[str, tuple[Any, dict[str, Any]]] = {
    "alternatives": (alternatives_page, ALTERNATIVES),
    "frontier": (frontier_page, FRONTIER),
    "explain": (explain_page, EXPLAINED),
}


class Closed(HTMLParser):
    """Every tag that opens is closed, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", ROOMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_whole_and_lets_no_name_be_markup(name: str, language: str) -> None:
    room, data = ROOMS[name]
    html = room.page(data, language)
    assert "script" not in Closed(html).tags and HOSTILE not in html and "&lt;script&gt;" in html
    assert "://" not in html and "…" not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in html


@pytest.mark.parametrize("name", ROOMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_of_a_table_has_as_many_cells_as_its_header(name: str, language: str) -> None:
    room, data = ROOMS[name]
    made = room.tables(data, language)
    assert made
    for table in made:
        assert {len(row) for row in table.rows} <= {len(table.header)}, table.key
        assert all(isinstance(cell, str) for row in table.rows for cell in row)


def spaces(language: str) -> dict[str, tuple[str, ...]]:
    return {row[0]: row for row in explain_page.tables(EXPLAINED, language)[0].rows}


def test_a_loss_is_told_as_surely_as_it_is_known() -> None:
    rows = spaces("en")
    lost = {name: row[4] for name, row in rows.items()}
    assert lost["free"] == "nothing" and lost["costly"] == "120 (12%)"
    assert lost["range"] == "at least 40, at most 90" and lost["dark"] == "at least 7"
    assert lost["must"].startswith("everything") and lost["worse"] == "a plan without it is better by 4"
    # A loss below zero cannot be excluded where the plan is not proven best; it is never printed as a sure loss.
    assert lost[FORMULA] == "at least 0, at most 30"


def test_the_hardest_to_replace_comes_first() -> None:
    assert [row[0] for row in explain_page.tables(EXPLAINED, "en")[0].rows][:3] == ["must", "costly", "range"]


def test_what_comes_instead_leaves_out_the_refused_space_and_the_screen_names_only_a_few() -> None:
    rows = spaces("en")
    assert "other" in rows["costly"][6] and "drops Market in costly" not in rows["costly"][6]
    assert rows[FORMULA][6].endswith("and 3 more changes")
    assert "n5" in explain_page.page(EXPLAINED, "en")


def test_only_a_proven_irreplaceable_outlet_is_called_so() -> None:
    rows = alternatives_page.tables(ALTERNATIVES, "en")[1].rows
    assert [row[6] for row in rows] == ["cannot be replaced: proven", "not settled in the time", ""]


def test_a_budget_that_is_not_proven_shows_bound_and_range() -> None:
    rows = frontier_page.tables(FRONTIER, "en")[0].rows
    assert rows[2][1:3] == ("600", "720.5") and "gap 20.08%" in rows[2][7]
    assert rows[2][8] == "+179.5 – +300 (17.9 – 30 per 10,000 CNY)"
    assert rows[3][2] == "" and rows[3][8] == "+100 (10 per 10,000 CNY)"
    assert rows[0][7].startswith("no plan keeps the rules") and rows[1][7] == "no plan found in time"
    assert "nothing" in rows[4][8]


def test_the_chart_draws_value_and_bound_apart_and_nothing_as_known_that_is_not() -> None:
    drawn = chart(FRONTIER, WhatWords(FRONTIER, "en"))
    assert drawn.count('circle class="dot"') == 2 + 1 and drawn.count('circle class="found"') == 1 + 1
    assert drawn.count('line class="bound"') == 2 + 1
    assert drawn.count('rect class="area"') == 2 + 1
    assert not re.search(r"nan|inf\b", drawn.replace("infeasible", ""))
    nothing = FRONTIER | {"points": FRONTIER["points"][:2]}
    assert chart(nothing, WhatWords(nothing, "en")) == ""
    one = FRONTIER | {"points": FRONTIER["points"][3:4]}
    assert "nan" not in chart(one, WhatWords(one, "zh"))


def test_where_less_is_better_words_signs_and_the_drawing_turn_round() -> None:
    data = fewer(FRONTIER)
    table = frontier_page.tables(data, "en")[0]
    assert "No plan is below" in table.header and "the fewer the better" in table.note
    assert table.rows[2][1:3] == ("1,400", "1,279.5") and table.rows[2][3] == "−500"
    assert table.rows[2][8] == "−179.5 – −300 (17.9 – 30 per 10,000 CNY)"
    drawn = chart(data, WhatWords(data, "en"))
    assert "the value falls from 1,400 to 1,000 person-minutes; less is better" in drawn
    heights = [float(h) for h in re.findall(r'<rect class="area"[^>]*height="([\d.-]+)"/>', drawn)]
    assert len(heights) == 2 + 1 and min(heights) > 0
    assert "no plan exceeds" not in drawn.lower()
    page = frontier_page.page(data, "en")
    assert "value −25 person-minutes" in page and "1,100 person-minutes" in page
    assert "+25" not in page


def test_where_less_is_better_a_loss_is_what_is_added() -> None:
    (table,) = explain_page.tables(fewer(EXPLAINED), "en")
    assert table.header[4] == "Added" and "how much higher" in table.note
    assert {row[0]: row[4] for row in table.rows}["costly"] == "120 (12%)"
    assert "目标值的升高" in explain_page.tables(fewer(EXPLAINED), "zh")[0].note
    plans = alternatives_page.tables(fewer(ALTERNATIVES), "en")[0]
    assert "at most 1,010" in plans.note and plans.rows[1][2] == "5"


@pytest.mark.parametrize(
    ("unit", "value", "differs"),
    [
        ("people", "900 people", "25 people"),
        ("share", "90%", "2.5 pp"),
        ("money", "900 CNY", "25 CNY"),
        ("points", "900 points", "25 points"),
        ("minutes", "900 minutes", "25 minutes"),
    ],
)
def test_a_figure_that_stands_alone_has_its_unit(unit: str, value: str, differs: str) -> None:
    data = FRONTIER | {"objective": FRONTIER["objective"] | {"counted_as": unit}}
    words, scale = WhatWords(data, "en"), 1e-3 if unit == "share" else 1
    assert (words.amount(900 * scale), words.amount(25 * scale, differs=True)) == (value, differs)
    assert words.better(25 * scale, alone=True) == f"+{differs}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit_that_an_objective_has_is_worded(language: str) -> None:
    units = {seek.unit for seek in registry().values()} - {"", "people"}
    for unit in (*units, "people", "services", "services_phases", "weighted_people"):
        for data in (FRONTIER, ALTERNATIVES, EXPLAINED):
            words = WhatWords(data | {"objective": data["objective"] | {"counted_as": unit}}, language)
            assert words.unit() and words.about_value("frontier") and words.amount(0.5)


def test_what_a_first_goal_gives_up_is_said_on_every_page() -> None:
    for name, (room, data) in ROOMS.items():
        objective = data["objective"] | {"name": "ordered", "tolerance": 0.05}
        for language in LANGUAGES:
            notes = " ".join(t.note for t in room.tables(data | {"objective": objective}, language))
            assert "5%" in notes and ("first" in notes or "第一目标" in notes), name


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (190_333.0, 265_030.0), (-3.0, 7.0), (0.0, 1.1e15)])
def test_ticks_are_round_and_inside(low: float, high: float) -> None:
    made = ticks(low, high)
    step = made[1] - made[0]
    assert 3 <= len(made) <= 8 and low <= made[0] and made[-1] <= high + 1e-9 * high
    assert round(step / 10 ** math.floor(math.log10(step)), 6) in (1, 2, 2.5, 5)


def test_a_spreadsheet_takes_no_cell_for_a_formula(tmp_path: Path) -> None:
    whatif_csv.write_alternatives(ALTERNATIVES, tmp_path / "a.csv")
    whatif_csv.write_frontier(FRONTIER, tmp_path / "f.csv")
    whatif_csv.write_explained(EXPLAINED, tmp_path / "e.csv")
    for name in "afe":
        with (tmp_path / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        assert len({len(row) for row in rows}) == 1 and len(rows) > 1
        assert not [cell for row in rows for cell in row if cell.startswith("=")]
