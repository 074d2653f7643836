"""The report as text: one file, inert data, no request, both languages. How it behaves is in tests/browser."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from siteopt.plan import Proof, Run
from siteopt.problem import TravelTimes
from siteopt.report.acceptance_page import page_words
from siteopt.report.html import render_html
from siteopt.report.page import page_facts
from siteopt.report.sentences import money, number, people, percent
from siteopt.report.summary import summarise
from siteopt.text import topic
from tests.browser.town import make_town
from tests.runs_builder import SCRIPT, make_run


def html_of(run: Run, **more: Any) -> str:
    return render_html(run, summarise(run), **more)


def block(html: str, name: str) -> Any:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', html, re.S)
    assert found
    return json.loads(found.group(1))


class Tags(HTMLParser):
    """Every tag and attribute as a browser would find them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_a_hostile_name_appears_nowhere_as_markup() -> None:
    html = html_of(make_run())
    assert SCRIPT not in html
    assert "alert(1)" in html  # it is there, as data
    assert [tag for tag, _ in Tags(html).seen].count("script") == 3 + 8


def test_no_element_asks_for_another_file() -> None:
    for tag, attributes in Tags(html_of(make_run())).seen:
        assert "src" not in attributes, tag
        assert attributes.get("href", "data:,") == "data:,", tag


def test_the_policy_forbids_every_request_and_every_other_script() -> None:
    html = html_of(make_run())
    policy = next(a["content"] for t, a in Tags(html).seen if t == "meta" and "http-equiv" in a)
    assert policy and "default-src 'none'" in policy and "unsafe" not in policy
    assert policy.count("'sha256-") == len(re.findall(r"<script>|<style>", html)) == 10


def test_no_style_or_script_names_a_file() -> None:
    html = html_of(make_run())
    assert "url(images" not in html
    assert "sourceMappingURL" not in html


def test_a_name_that_looks_like_a_placeholder_stays_a_name() -> None:
    html = html_of(make_run(title="{{map}} {{nonsense}}"))
    assert block(html, "facts")["title"]["en"] == "{{map}} {{nonsense}}"


def test_the_same_run_gives_the_same_page() -> None:
    assert html_of(make_run()) == html_of(make_run())


def test_the_page_opens_in_the_language_of_the_run_and_holds_both() -> None:
    for language, tag in (("zh", "zh-CN"), ("en", "en")):
        html = html_of(make_run(language=language))
        assert f'<html lang="{tag}">' in html
        words = block(html, "words")
        assert words["zh"].keys() == words["en"].keys()


def test_every_word_that_the_scripts_ask_for_is_in_the_texts() -> None:
    from importlib.resources import files

    known = {**topic("report"), **page_words()["en"]}
    for name in ("core.js", "cells.js", "map.js", "tables.js", "acceptance.js", "stages.js", "app.js"):
        source = files("siteopt.report").joinpath("assets", name).read_text(encoding="utf-8")
        for key in re.findall(r'\bt\("(\w+)"\s*[,)]', source):
            assert key in known, (name, key)
        for prefix in re.findall(r'(?:\bt|hasWord|coded)\("(\w+_)"', source):
            assert any(key.startswith(prefix) for key in known), (name, prefix)
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\(", source), name
        assert not re.search(r"[\u4e00-\u9fff]", source), f"{name} holds Chinese text; it belongs in report.yaml"


def test_the_headline_counts_people_before_and_after() -> None:
    run = make_run()
    facts = page_facts(run, summarise(run))
    said = facts["headline"]["en"]
    for figure in (run.scores.complete_before[0], run.scores.complete_after[0], run.scores.total[0]):
        assert people(figure) in said
    assert "4 new outlets" in said
    assert "4处" in facts["headline"]["zh"]


def test_a_proven_plan_is_called_the_best_and_a_found_one_is_not() -> None:
    proven, found = make_run(), make_run(status="best_found")
    assert "proven the best possible" in page_facts(proven, summarise(proven))["proof_sentence"]["en"]
    said = page_facts(found, summarise(found))["proof_sentence"]["en"]
    assert "not yet proven" in said and "(2%)" in said


def test_with_one_unweighted_type_the_gap_is_told_in_people() -> None:
    run = make_run(status="best_found")
    types = run.world.types
    one = replace(
        types,
        **{f: getattr(types, f)[:1] for f in types.__dataclass_fields__},
    )
    world = replace(run.world, types=one)
    told = page_facts_of_proof(replace(run, world=world))
    assert "counted per outlet type" not in told and "people (2%)" in told


def page_facts_of_proof(run: Run) -> str:
    from siteopt.report.sentences import proof_sentence

    return proof_sentence(run)["en"]


def test_an_infeasible_run_names_the_clashing_rules_and_what_is_missing() -> None:
    run = make_run(feasible=False)
    facts = page_facts(run, summarise(run))
    assert facts["has_plan"] is False and facts["outlets"] == []
    assert [r["title"]["en"] for r in facts["diagnosis"]["rules"]] == ["Budget", "Commercial area"]
    assert any("718 m²" in s["zh"] and "相差" in s["zh"] for s in facts["diagnosis"]["shortfalls"])
    assert html_of(run)


@pytest.mark.parametrize("status", ["no_plan", "engine_error"])
def test_no_plan_is_never_called_infeasible(status: str) -> None:
    run = make_run(feasible=False)
    nan = float("nan")
    proof = Proof(status, nan, nan, nan, "highs", "1", 1.0, "time")  # type: ignore[arg-type]
    run = replace(run, proof=proof, diagnosis=None)
    facts = page_facts(run, summarise(run))
    assert facts["sure"]["status"] == status and facts["diagnosis"] is None
    assert "clash" not in facts["proof_sentence"]["en"]


def test_an_assessment_speaks_of_today() -> None:
    run = make_run(feasible=False)
    nan = float("nan")
    run = replace(run, proof=Proof("no_plan", nan, nan, nan, "", "", 0.0), diagnosis=None)
    facts = page_facts(run, summarise(run))
    assert facts["sure"]["status"] == "assessed"
    assert people(run.scores.nothing_before[0]) in facts["headline"]["en"]


def test_straight_lines_and_invented_figures_are_said_aloud() -> None:
    run = make_run()
    kinds = [b["kind"] for b in page_facts(run, summarise(run))["banners"]]
    assert kinds.count("illustrative") == 2 and kinds.count("warning") == 1
    on_streets = replace(run.travel, mode="streets")
    real = replace(run, travel=on_streets, world=replace(run.world, illustrative=False))
    kinds = [b["kind"] for b in page_facts(real, summarise(real))["banners"]]
    assert kinds == ["illustrative"]  # the types' costs still have no source


def test_failing_checks_come_first() -> None:
    run = make_run()
    broken = replace(run.verdicts[1], holds=False, got=0.05)
    run = replace(run, verdicts=(run.verdicts[0], broken))
    rules = page_facts(run, summarise(run))["rules"]
    assert rules[0]["title"]["en"] == "Commercial area" and rules[0]["failing"] == 1


def test_numerator_and_denominator_are_printed() -> None:
    run = make_run()
    lines = page_facts(run, summarise(run))["definitions"]["lines"]
    assert any(line["zh"].startswith("分子") for line in lines)
    assert any(line["zh"].startswith("分母") and "边角空地" in line["zh"] for line in lines)


def test_the_map_holds_only_inhabited_cells_and_their_reach() -> None:
    run = make_run()
    cells = block(html_of(run), "map-data")["cells"]
    lived_in = run.world.cells.residents > 0
    assert len(cells["people"]) == lived_in.sum() == 11
    for t, text in enumerate(cells["reach"]):
        before = np.isfinite(run.scores.minutes_before[lived_in, t])
        after = np.isfinite(run.scores.minutes_after[lived_in, t])
        assert [c == "1" for c in text] == before.tolist()
        assert [c in "12" for c in text] == after.tolist()


def test_the_map_lies_where_the_town_lies() -> None:
    run = make_run()
    data = block(html_of(run), "map-data")
    outlet = summarise(run)["sites"][0]
    j = list(run.world.sites.site_id).index(outlet["site_id"])
    lon = data["lon0"] + data["sites"]["xy"][2 * j] / 1e6
    lat = data["lat0"] + data["sites"]["xy"][2 * j + 1] / 1e6
    assert abs(lon - outlet["lon"]) < 2e-6 and abs(lat - outlet["lat"]) < 2e-6


def test_a_minute_at_the_limit_is_not_printed_beyond_it() -> None:
    run = make_run()
    minutes = run.scores.minutes_after.copy()
    minutes[np.isfinite(minutes)] = 15.0000004
    run = replace(run, scores=replace(run.scores, minutes_after=minutes))
    cells = block(html_of(run), "map-data")["cells"]
    assert {v for column in cells["after"] for v in column} <= {-1, 150}


def test_irregular_cells_keep_their_own_outlines_with_holes() -> None:
    import shapely

    run = make_run()
    geometry = run.world.cells.geometry.copy()
    x, y = run.world.cells.xy_m[0]
    geometry[0] = shapely.box(x - 150, y - 150, x + 150, y + 150).difference(
        shapely.box(x - 50, y - 50, x + 50, y + 50)
    )
    run = replace(run, world=replace(run.world, cells=replace(run.world.cells, geometry=geometry)))
    cells = block(html_of(run), "map-data")["cells"]
    assert [len(rings) for rings in cells["rings"][:2]] == [2, 1]


def test_points_are_drawn_as_marks() -> None:
    import shapely

    run = make_run()
    points = np.empty(len(run.world.cells), dtype=object)
    points[:] = list(shapely.points(run.world.cells.xy_m))
    run = replace(run, world=replace(run.world, cells=replace(run.world.cells, geometry=points)))
    cells = block(html_of(run), "map-data")["cells"]
    assert len(cells["shape"]) == 16 and len(cells["xy"]) == 22


def test_streets_stay_within_their_share_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    run, streets = make_town(side=12, n_sites=8, n_open=2)
    whole = html_of(run, streets=streets)
    monkeypatch.setattr("siteopt.report.mapdata.STREET_BYTES", 120)
    fewer = html_of(run, streets=streets)
    assert block(whole, "map-data")["streets"]
    assert 0 < len(json.dumps(block(fewer, "map-data")["streets"])) < 400
    assert block(html_of(run), "map-data")["streets"] is None


def test_very_many_cells_become_tiles_that_keep_all_people(monkeypatch: pytest.MonkeyPatch) -> None:
    run, _ = make_town(side=24, n_sites=10, n_open=3)
    monkeypatch.setattr("siteopt.report.mapdata.MOST_CELLS", 100)
    cells = block(html_of(run), "map-data")["cells"]
    assert len(cells["people"]) <= 100 and cells["tile_m"] > 100
    assert sum(cells["people"]) == run.world.cells.residents.sum()


def test_a_town_without_people_or_communities_still_has_a_page() -> None:
    run = make_run(cell_people=[0.0] * 12)
    assert block(html_of(run), "map-data")["cells"]["people"] == []


@pytest.mark.parametrize(
    ("value", "text"), [(1234567.0, "1,234,567"), (0.4, "0"), (0.5, "1"), (float("nan"), "—"), (float("inf"), "—")]
)
def test_people_are_whole(value: float, text: str) -> None:
    assert people(value) == text


def test_money_reads_as_a_planner_writes_it() -> None:
    assert money(1_180_000, "CNY", "zh") == "118万元"
    assert money(874_500, "CNY", "zh") == "87.45万元"
    assert money(9_999, "CNY", "zh") == "9,999元"
    assert money(1_180_000, "CNY", "en") == "1,180,000 CNY"
    assert money(1_180_000, "EUR", "zh") == "1,180,000 EUR"


def test_numbers_carry_no_idle_decimals_and_a_gap_never_reads_as_nothing() -> None:
    assert number(15.0) == "15" and number(7.5) == "7.5" and number(-0.0) == "0" and number(-0.01) == "0"
    assert number(-0.5) == "-0.5"
    assert percent(0.009) == "0.9%" and percent(0.0) == "0%" and percent(0.00002) == "0.002%"


def test_a_table_of_minutes_is_called_one() -> None:
    run = make_run()
    travel = TravelTimes(run.travel.indptr, run.travel.site, run.travel.minutes, 15.0, "table", 4.8)
    facts = page_facts(replace(run, travel=travel), summarise(run))
    assert "table" in facts["sure"]["walking"]["en"]
