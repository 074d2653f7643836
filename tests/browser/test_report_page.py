"""The report as a planner sees it: opened from a file, in a real browser, without a network."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from siteopt.plan import Run
from siteopt.report.html import render_html
from siteopt.report.summary import summarise
from siteopt.world import Streets
from tests.browser.town import make_town
from tests.runs_builder import make_run

pytestmark = pytest.mark.browser

COUNT_COLOURS = """() => {
  const canvas = document.querySelector('#map canvas');
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const d = copy.getImageData(0, 0, canvas.width, canvas.height).data, n = {};
  for (let k = 0; k < d.length; k += 4) {
    const key = [d[k], d[k + 1], d[k + 2], d[k + 3]].join();
    n[key] = (n[key] || 0) + 1;
  }
  return n;
}"""

ADD_SCRIPT = """() => {
  const script = document.createElement('script');
  script.textContent = 'window.got = 1';
  document.body.append(script);
}"""

DRAW_WORD = """(word) => {
  const canvas = document.createElement('canvas');
  canvas.width = 120; canvas.height = 40;
  const context = canvas.getContext('2d');
  context.font = '28px ' + getComputedStyle(document.body).fontFamily;
  context.fillText(word, 4, 30);
  return canvas.toDataURL();
}"""

TIME_REPAINT = """() => {
  const started = performance.now();
  document.querySelector('input[value=people]').click();
  return new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - started))));
}"""


@dataclass
class Opened:
    """A page and all that went wrong on it."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def text(self, selector: str = "#page") -> str:
        return str(self.page.inner_text(selector))

    def canvas_colours(self) -> dict[str, int]:
        """How many pixels of the map's canvas have each colour."""
        counted: dict[str, int] = self.page.evaluate(COUNT_COLOURS)
        return counted


Open = Callable[..., Opened]


@pytest.fixture
def open_report(chromium: Any, tmp_path: Path) -> Iterator[Open]:
    """Writes a run's report and opens it from disk, offline."""
    contexts = []

    def _open(run: Run, streets: Streets | None = None, *, width: int = 1280) -> Opened:
        file = tmp_path / "report.html"
        file.write_text(render_html(run, summarise(run), streets), encoding="utf-8")
        context = chromium.new_context(viewport={"width": width, "height": 900}, offline=True)
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.on("request", lambda r: opened.requests.append(r.url))
        opened.page.on("requestfailed", lambda r: opened.complaints.append(f"failed {r.url}"))
        opened.page.on("pageerror", lambda e: opened.complaints.append(f"error {e}"))
        opened.page.on("console", lambda m: opened.complaints.append(f"{m.type} {m.text}"))

        def dialog(d: Any) -> None:
            opened.complaints.append(f"dialog {d.message}")
            d.dismiss()

        opened.page.on("dialog", dialog)
        started = time.perf_counter()
        opened.page.goto(file.as_uri())
        opened.page.wait_for_selector("html[data-ready=yes]")
        opened.seconds = time.perf_counter() - started
        return opened

    yield _open
    for context in contexts:
        context.close()


def test_the_page_makes_no_request_and_no_complaint(open_report: Open) -> None:
    opened = open_report(*make_town(side=16, n_sites=10, n_open=3))
    opened.page.wait_for_timeout(300)
    assert len(opened.requests) == 1 and opened.requests[0].startswith("file:")
    assert opened.complaints == []


def test_a_script_that_got_in_would_not_run(open_report: Open) -> None:
    opened = open_report(make_run())
    opened.page.evaluate(ADD_SCRIPT)
    assert opened.page.evaluate("() => window.got") is None
    opened.page.evaluate("() => fetch('https://example.com/').catch(() => 0)")
    assert any("Content Security Policy" in c for c in opened.complaints)


def test_hostile_names_are_shown_and_do_nothing(open_report: Open) -> None:
    opened = open_report(make_run())
    assert "<script>alert(1)</script>" in opened.text("#s-outlets")
    assert opened.page.locator("#page script").count() == 0
    opened.page.locator(".outlet-mark").first.click()
    opened.page.wait_for_selector(".leaflet-popup .popup")
    opened.page.locator(".community-tag").nth(1).dispatch_event("click")
    opened.page.wait_for_timeout(200)
    assert opened.complaints == []


def test_the_map_is_drawn_in_the_colours_of_its_legend(open_report: Open) -> None:
    opened = open_report(*make_town(side=24, n_sites=14, n_open=5))
    coloured = {k: n for k, n in opened.canvas_colours().items() if not k.endswith(",0")}
    assert sum(coloured.values()) > 20_000 and len(coloured) > 10
    orange, blue = pixel("#eda678", 0.86), pixel("#0a3765", 0.86)
    assert any(close(k, orange) for k in coloured) and any(close(k, blue) for k in coloured)


def pixel(colour: str, opacity: float) -> tuple[int, int, int, int]:
    return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16), round(opacity * 255))


def close(key: str, wanted: tuple[int, int, int, int]) -> bool:
    return all(abs(int(a) - b) <= 3 for a, b in zip(key.split(","), wanted, strict=True))


def test_the_colours_follow_the_choice_of_view_and_type(open_report: Open) -> None:
    opened = open_report(*make_town(side=24, n_sites=14, n_open=5))
    seen = []
    for view in ("after", "before", "gain", "people", "none"):
        opened.page.check(f"input[value={view}]")
        opened.page.wait_for_timeout(120)
        seen.append(tuple(sorted(opened.canvas_colours().items())))
    opened.page.check("input[value=after]")
    opened.page.select_option("#which", "0")
    opened.page.wait_for_timeout(120)
    seen.append(tuple(sorted(opened.canvas_colours().items())))
    assert len(set(seen)) == 6
    assert opened.page.locator(".outlet-mark").count() == 1  # of five outlets, one is a market
    assert opened.complaints == []


def test_a_click_on_a_cell_gives_its_evidence(open_report: Open) -> None:
    run, streets = make_town(side=24, n_sites=14, n_open=5, language="en")
    opened = open_report(run, streets)
    for layer in ("existing", "chosen", "communities"):
        opened.page.uncheck(f"input[name=layer-{layer}]")
    opened.page.locator("#map").click(position={"x": 330, "y": 390})
    text = opened.text(".leaflet-popup .popup")
    assert "Residential cell" in text and "People" in text and ("min" in text or "out of reach" in text)
    assert opened.complaints == []


def test_layers_can_be_switched(open_report: Open) -> None:
    opened = open_report(*make_town(side=16, n_sites=10, n_open=3))
    assert opened.page.locator(".outlet-mark").count() == 3
    assert opened.page.locator(".community-tag").count() == 4
    opened.page.uncheck("input[name=layer-chosen]")
    opened.page.uncheck("input[name=layer-communities]")
    assert opened.page.locator(".outlet-mark").count() == 0
    assert opened.page.locator(".community-tag").count() == 0


def test_the_language_switch_changes_every_word_and_keeps_the_view(open_report: Open) -> None:
    opened = open_report(*make_town(side=16, n_sites=10, n_open=3, language="zh"))
    opened.page.check("input[value=people]")
    assert opened.page.get_attribute("html", "lang") == "zh-CN"
    assert "新增网点" in opened.text() and "New outlets" not in opened.text()
    opened.page.click("#language")
    assert opened.page.get_attribute("html", "lang") == "en"
    assert "New outlets" in opened.text() and "新增网点" not in opened.text()
    assert opened.page.is_checked("input[value=people]")
    opened.page.click("#language")
    assert "新增网点" in opened.text()
    assert opened.complaints == []


def test_chinese_letters_are_drawn_not_boxes(open_report: Open) -> None:
    """Two different Chinese words of one length look different; boxes for missing letters would look the same."""
    opened = open_report(make_run(language="zh"))
    words = ("菜市场", "便利店", "\ue000\ue001\ue002")
    drawn = [opened.page.evaluate(DRAW_WORD, word) for word in words]
    assert len(set(drawn)) == 3
    assert opened.page.inner_text("h2#h-map") == "地图"


def test_a_heading_sorts_its_table_up_and_down(open_report: Open) -> None:
    opened = open_report(*make_town(side=24, n_sites=14, n_open=6, language="en"))
    heading = opened.page.locator("#s-outlets th", has_text="Cost").locator("button")
    column = "#s-outlets tbody tr td:nth-child(7)"

    def costs() -> list[int]:
        return [int(t.replace(",", "")) for t in opened.page.locator(column).all_inner_texts()]

    heading.click()
    assert costs() == sorted(costs(), reverse=True)
    heading.press("Enter")
    assert costs() == sorted(costs())
    assert opened.page.locator("#s-outlets th[aria-sort=ascending]").count() == 1


def test_an_infeasible_run_explains_itself_in_place_of_a_plan(open_report: Open) -> None:
    opened = open_report(make_run(feasible=False, language="zh"))
    answer = opened.text("#answer")
    assert "无法同时满足" in answer and "总预算" in answer and "相差" in answer
    assert opened.page.locator("#s-outlets").count() == 0
    assert opened.page.locator("input[value=after]").count() == 0
    assert opened.complaints == []


def test_the_numbers_on_the_page_are_those_of_the_scores(open_report: Open) -> None:
    run, streets = make_town(side=24, n_sites=14, n_open=5, language="en")
    opened = open_report(run, streets)
    cards = opened.text("#s-figures")
    for value in (*run.scores.before[:, 0], *run.scores.after[:, 0], run.scores.nothing_after[0]):
        assert f"{int(value + 0.5):,}" in cards
    assert f"{run.scores.cost_total:,.0f} CNY" in cards


def test_a_phone_shows_everything_without_sideways_scrolling(open_report: Open) -> None:
    opened = open_report(*make_town(side=16, n_sites=10, n_open=3), width=400)
    assert opened.page.evaluate("() => document.documentElement.scrollWidth") <= 400
    assert opened.page.locator("#map canvas").bounding_box()["width"] > 300


def test_the_page_is_operable_by_keyboard(open_report: Open) -> None:
    opened = open_report(*make_town(side=16, n_sites=10, n_open=3, language="en"))
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("() => document.activeElement.className") == "skip"
    opened.page.locator("#language").focus()
    opened.page.keyboard.press("Enter")
    assert opened.page.get_attribute("html", "lang") == "zh-CN"
    assert opened.page.evaluate("() => document.activeElement.id") == "language"
    opened.page.locator(".leaflet-marker-icon[tabindex='0']").last.focus()
    opened.page.keyboard.press("Enter")
    assert opened.page.locator(".leaflet-popup .popup").count() == 1


def test_fourteen_thousand_cells_open_and_repaint_quickly(open_report: Open) -> None:
    run, streets = make_town(side=125, n_sites=200, n_open=12)
    run = replace(run, title="大城")
    lived_in = int((run.world.cells.residents > 0).sum())
    assert lived_in >= 12_000
    opened = open_report(run, streets)
    assert opened.seconds < 20  # 1-2 s on an idle machine; the test machine is shared
    repaint = opened.page.evaluate(TIME_REPAINT)
    assert repaint < 5_000
    assert sum(n for k, n in opened.canvas_colours().items() if not k.endswith(",0")) > 20_000
    assert opened.complaints == []


def test_printing_draws_the_map_at_the_width_of_paper_and_back(open_report: Open) -> None:
    opened = open_report(*make_town(side=16, n_sites=10, n_open=3))
    wide = opened.page.locator("#map").bounding_box()["width"]
    opened.page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    assert opened.page.locator("#map").bounding_box()["width"] == 660
    opened.page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    assert opened.page.locator("#map").bounding_box()["width"] == wide
    assert opened.page.pdf(format="A4", print_background=True)[:4] == b"%PDF"
    assert opened.complaints == []
