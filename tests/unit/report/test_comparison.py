"""The page and the tables of a comparison: both languages, nothing unescaped, nothing fetched."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from siteopt.report.comparison import render
from siteopt.report.comparison_tables import MOST_ROWS, tables
from siteopt.report.comparison_words import with_sign
from siteopt.runs.compare import compare
from siteopt.runs.store import open_run, write_run
from siteopt.text import LANGUAGES, topic
from tests.runs_builder import SCRIPT, make_run

OTHER = ((0, 0), (3, 0), (3, 1), (4, 2), (3, 2))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Three runs compared: a base, another plan, none."""
    base = tmp_path_factory.mktemp("compare")
    runs = {"baseline": make_run(), f"b{SCRIPT[:8]}": make_run(opened=OTHER), "none": make_run(feasible=False)}
    return compare(
        [open_run(write_run(run, base / name, html="", map_png=b"")) for name, run in runs.items()]
    ).as_dict()


class Page(HTMLParser):
    """What a browser would find: tags with their attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_no_script_fetches_nothing_and_closes_every_tag(data: dict[str, Any], language: str) -> None:
    html = render(data, language)
    page = Page(html)
    assert page.open == []
    assert "script" not in {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        for name in ("src", "href", "action"):
            assert (attributes.get(name) or "data:").startswith("data:"), (tag, attributes)
        assert not any(name.startswith("on") for name in attributes)
    assert "url(" not in html and "@import" not in html and "http:" not in html and "https:" not in html
    assert ("html", {"lang": "zh-CN" if language == "zh" else "en"}) in page.tags


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_are_shown_as_text(data: dict[str, Any], language: str) -> None:
    html = render(data, language)
    assert "<script" not in html.lower()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert SCRIPT in "".join(Page(html).text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_field_of_a_sentence_is_left_empty(data: dict[str, Any], language: str) -> None:
    text = "".join(Page(render(data, language)).text)
    assert "…" not in text and "{" not in text and "None" not in text and "nan" not in text.lower().split()


def test_the_chinese_page_is_chinese(data: dict[str, Any]) -> None:
    text = "".join(Page(render(data, "zh")).text)
    for words in ("方案比较", "谁受益、谁受损", "各社区商业用房面积比例", "菜市场（5 分钟）", "移位", "万元"):
        assert words in text
    for words in ("Comparison", "within reach", "Budget", "opens"):
        assert words not in text


def test_the_page_says_what_is_illustrative_and_has_no_network(data: dict[str, Any]) -> None:
    text = "".join(Page(render(data, "en")).text)
    assert "Illustrative" in text and "straight lines" in text
    assert '"none" has no plan' in text


def test_the_tables_hold_the_figures_of_the_runs(data: dict[str, Any]) -> None:
    made = {(table.key, table.title): table for table in tables(data, "en")}
    keys = [key for key, _ in made]
    assert keys == [
        "runs",
        "coverage",
        "sites",
        "people",
        "sites",
        "people",
        "communities",
        "money",
        "rules",
        "rules",
    ]
    by_key = {key: table for (key, _), table in reversed(made.items())}
    coverage = {row[0]: row[1:] for row in by_key["coverage"].rows}
    assert coverage["Parcel locker (5 min)"] == (
        "280 (41.1%)",
        "461 (67.7%)",
        "455 (66.9%) −6",
        "280 (41.1%) −181",
    )
    assert by_key["people"].rows[1][1:3] == ("+55", "−61")
    assert by_key["money"].rows[-1] == ("Total", "329,100 CNY", "349,301 CNY", "0 CNY", "+20,200 CNY", "−329,100 CNY")
    assert by_key["communities"].rows[0][-1] == "6.22% (−4.28 points), short by 340 m²"
    assert by_key["sites"].marks == ("opened", "moved", "moved")


def test_every_row_is_as_wide_as_its_header(data: dict[str, Any]) -> None:
    for language in LANGUAGES:
        for table in tables(data, language):
            assert {len(row) for row in table.rows} <= {len(table.header)}
            assert all(isinstance(cell, str) for row in table.rows for cell in row)


def test_a_rule_with_a_verdict_per_space_is_cut_with_broken_ones_first(data: dict[str, Any]) -> None:
    side = {"need": 1, "got": 1, "holds": True}
    many = [
        {
            "rule": "space_area",
            "kind": "space_area",
            "subject": f"s{n}",
            "title": {},
            "unit": "m2",
            "sense": "le",
            "base": side,
            "other": {**side, "got": 2, "holds": n != 99},
        }
        for n in range(100)
    ]
    differences = [{**data["differences"][0], "verdicts": many}, *data["differences"][1:]]
    table = next(t for t in tables({**data, "differences": differences}, "en") if t.key == "rules")
    assert len(table.rows) == MOST_ROWS and str(100 - MOST_ROWS) in table.note
    assert table.rows[0][1] == "s99" and "not met" in table.rows[0][3] and table.marks[0] == "bad"
    assert table.rows[0][0] == "space_area"


def test_rules_are_told_in_names_and_money_in_the_runs_currency(data: dict[str, Any]) -> None:
    side = {"need": 1000, "got": 900, "holds": True}
    verdicts = [
        {"kind": kind, "rule": subject, "subject": subject, "title": {}, "unit": unit, "sense": "le"}
        | {"base": side, "other": None}
        for kind, subject, unit in (
            ("budget", "budget", "money"),
            ("budget", "snacks", "money"),
            ("spacing", "locker", "m"),
            ("commercial_area", "K1", "share"),
        )
    ]
    differences = [{**data["differences"][0], "verdicts": verdicts}, {**data["differences"][1], "verdicts": verdicts}]
    there, none = (t for t in tables({**data, "differences": differences}, "en") if t.key == "rules")
    assert there.rows[0] == ("budget", "whole plan", "900 CNY ≤ 1,000 CNY: met", "not asked")
    assert [row[1] for row in there.rows] == ["whole plan", "snacks", "Parcel locker", "沅江社区"]
    assert none.rows[0][3] == "no plan"


def test_signs_are_true_and_nothing_has_none() -> None:
    assert (with_sign("5", 5), with_sign("5", -5), with_sign("0", 0.2)) == ("+5", "−5", "0")


def test_both_languages_of_every_text_have_the_same_fields() -> None:
    for name in ("compare", "tables", "findings_runs"):
        for key, entry in topic(name).items():
            assert set(entry) == {"en", "zh"}, key
            fields = [sorted(re.findall(r"{(\w+)", entry[language])) for language in LANGUAGES]
            assert set(fields[0]) == set(fields[1]), key


@pytest.mark.browser
def test_the_page_draws_in_a_browser_without_network_and_without_error(data: dict[str, Any], tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    assert chromium, "Chromium is needed for this test; .ci/run installs it"
    (tmp_path / "page.html").write_text(render(data, "zh"), encoding="utf-8")
    done = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--enable-logging=stderr",
            "--window-size=1100,3000",
            f"--screenshot={tmp_path / 'page.png'}",
            (tmp_path / "page.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "CONSOLE" not in done.stderr
    from matplotlib.image import imread

    picture = imread(tmp_path / "page.png")
    assert picture.shape[:2] == (3000, 1100)
    # the blue of a gain is drawn, and most of the page is not one colour
    blue = (abs(picture[..., :3] * 255 - [11, 79, 138]) < 3).all(axis=-1).sum()
    assert blue > 5000
