"""The pages of alternatives, frontier and refusals in a real browser, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from siteopt.report import alternatives_page, explain_page, frontier_page
from tests.unit.report.whatif_data import ALTERNATIVES, EXPLAINED, FRONTIER

pytestmark = pytest.mark.browser

PAGES = {
    "alternatives": alternatives_page.page(ALTERNATIVES, "zh"),
    "frontier": frontier_page.page(FRONTIER, "zh"),
    "explain": explain_page.page(EXPLAINED, "en"),
}


@pytest.mark.parametrize("name", sorted(PAGES))
@pytest.mark.parametrize("width", [420, 1280])
def test_a_page_opens_without_network_script_or_complaint_and_never_scrolls_sideways(
    chromium: Any, tmp_path: Path, name: str, width: int
) -> None:
    file = tmp_path / f"{name}.html"
    file.write_text(PAGES[name], encoding="utf-8")
    context = chromium.new_context(viewport={"width": width, "height": 800}, offline=True)
    page = context.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: complaints.append(m.text))
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.goto(file.as_uri())
    assert [r for r in requests if not r.startswith("data:")] == [file.as_uri()] and complaints == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("document.querySelectorAll('script, img').length") == 0
    context.close()


def test_the_chart_has_a_name_and_every_point_can_be_reached_by_keyboard_and_says_what_it_is(
    chromium: Any, tmp_path: Path
) -> None:
    file = tmp_path / "frontier.html"
    file.write_text(PAGES["frontier"], encoding="utf-8")
    page = chromium.new_page()
    page.goto(file.as_uri())
    assert page.locator("svg[role=img]").count() == 1
    assert page.evaluate("document.getElementById('chart-d').textContent").strip()
    points = page.locator("g.point")
    assert points.count() == len(FRONTIER["points"])
    for k in range(points.count()):
        assert points.nth(k).get_attribute("tabindex") == "0"
        assert points.nth(k).locator("title").text_content().strip()
        points.nth(k).focus()
    # A full dot where proven, a ring and a bar where not, a cross where nothing can be, a diamond where nothing is.
    assert page.locator("g.point circle.dot").count() == 2
    assert page.locator("g.point circle.found").count() == 1 and page.locator("g.point path.none").count() == 2
    box = page.locator("svg[role=img]").bounding_box()
    for k in range(points.count()):
        mark = points.nth(k).bounding_box()
        assert box["x"] <= mark["x"] and mark["y"] + mark["height"] <= box["y"] + box["height"]
    page.close()
