"""A town whose rules cannot all be kept, worked out by hand: what check, solve, the report and explain say of it.

West is new: 3,000 m2 of floor area, 300 m2 of it commercial. Its spaces:

====  ==================  =========================  ===========
s1    idle premises       a market of 300 m2         310,000 CNY
s2    corner plot         a stall of 10 m2            20,000 CNY
s5    new building        a market of 300 m2         305,000 CNY
====  ==================  =========================  ===========

The rule asks for 25 %: 750 m2 of 3,000, so 450 m2 are missing. Converted space counts whole, new building makes the
total larger too: s1 gives 300, s5 gives 0.75 * 300 = 225, s2 gives 7.5. Only s1 and s5 together (525) give 450: that
costs 615,000 CNY, and the budget is 340,000. So the two rules clash, and each can make room by itself:

- the budget by 275,000, to 615,000 CNY (275 / 340 = 0.81 of it);
- the rule by 142.5 m2: s1 and s2 cost 330,000 and give 307.5 of 450 (0.32 of it). Then 610 of 3,010 m2 are
  commercial, 20.2658 %, printed as 20.26 % so that asking for what is printed can be kept.

The second asks for less, so it comes first.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from siteopt.report.diagnosis import page_diagnosis
from tests.cli.town import Town, assert_calm, invoke, make_town

CLASH = "constraints.commercial_area.share=0.25"
HOPELESS = "constraints.commercial_area.share=0.9"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return make_town(tmp_path)


def diagnosis(town: Town) -> dict[str, Any]:
    found: dict[str, Any] = town.summary()["diagnosis"]
    return found


def test_check_names_the_two_rules_and_the_money_and_exits_4(town: Town) -> None:
    result = town.run("check", "--set", CLASH)
    assert_calm(result)
    assert result.exit_code == 4
    words = " ".join((result.stdout + result.stderr).split())
    assert "at least 615,000 CNY where 340,000 CNY is allowed, 275,000 CNY too much" in words
    assert "No errors" not in words
    told = json.loads(town.run("check", "--set", CLASH, "--json").stdout)
    (clash,) = [f for f in told if f["code"] == "audit_clash_ceiling"]
    assert (clash["severity"], clash["field"]) == ("warning", "constraints.budget")


def test_check_says_how_much_floor_area_there_is_of_what_is_asked(town: Town) -> None:
    """90 % of 3,000 m2 less 300: 2,400 missing; s1 gives 300, s5 30 and s2 1: 331."""
    result = town.run("check", "--set", HOPELESS, "--lang", "zh")
    assert result.exit_code == 4
    assert "要求2,400 m²，最多只能达到331 m²，缺2,069 m²" in result.stderr


def test_a_sound_scenario_still_passes_the_check(town: Town) -> None:
    result = town.run("check")
    assert result.exit_code == 0 and "audit_impossible" not in result.stderr


def test_the_ways_out_are_those_worked_out_by_hand(town: Town) -> None:
    result = town.run("solve", "--set", CLASH)
    assert_calm(result)
    assert result.exit_code == 4
    found = diagnosis(town)
    assert set(found["clashing"]) == {"budget", "commercial_area"} and found["complete"]
    assert {"rule": "commercial_area", "subject": "west"} in found["subjects"]
    assert not found["searched"]
    first, second = found["repairs"]
    assert first["rules"] == ["commercial_area"] and second["rules"] == ["budget"]
    (area,), (money,) = first["changes"], second["changes"]
    assert (area["need"], area["possible"], area["shortfall"], area["unit"]) == (450, 307.5, 142.5, "m2")
    assert (money["need"], money["possible"], money["shortfall"]) == (340_000, 615_000, 275_000)
    assert {o["site_id"] for o in money["outlets"]} == {"s1", "s5"}
    assert first["effort"] == pytest.approx(142.5 / 450, abs=1e-6)
    assert second["effort"] == pytest.approx(275 / 340, abs=1e-6)
    (judged,) = first["verdicts"]
    assert judged["got"] == pytest.approx(610 / 3010, abs=1e-6)
    assert "settle for 20.26% instead of 25%" in first["in_words"]["en"]
    assert "142.5 m² short" in first["in_words"]["en"]
    assert "上限由34万元提高到61.5万元（增加27.5万元）" in second["in_words"]["zh"]
    assert [(r["rule"], r["shortfall"]) for r in found["relaxations"]] == [("commercial_area", 142.5)]
    (known,) = found["outlooks"]
    assert (known["rule"], known["against"], known["need"], known["possible"]) == (
        *("budget", "commercial_area"),
        *(340_000, 615_000),
    )
    words = " ".join(result.stdout.split())
    assert "Known before any search" in words and "Ways out, the easiest first" in words


@pytest.mark.parametrize(
    "repaired", [["constraints.budget.amount=615000", CLASH], ["constraints.commercial_area.share=0.2026"]]
)
def test_what_a_way_out_prints_can_be_asked_for(town: Town, repaired: list[str]) -> None:
    assert town.run("solve", *(part for s in repaired for part in ("--set", s))).exit_code == 0


@pytest.mark.parametrize(
    "short", [["constraints.budget.amount=614999", CLASH], ["constraints.commercial_area.share=0.2027"]]
)
def test_a_little_less_than_a_way_out_is_not_enough(town: Town, short: list[str]) -> None:
    assert town.run("solve", *(part for s in short for part in ("--set", s))).exit_code == 4


def test_the_report_of_an_impossible_town_tells_all_of_it_in_both_languages(town: Town) -> None:
    from siteopt import pipeline

    town.save()
    run = pipeline.solve(pipeline.check(town.folder / "scenario.yaml", sets=(CLASH,)))
    told = page_diagnosis(run)
    assert told is not None
    assert "61.5万元" in told["outlooks"][0]["zh"] and "615,000 CNY" in told["outlooks"][0]["en"]
    assert [r["title"]["en"] for r in told["rules"]] == ["Budget", "Commercial-area rule — 西苑社区 (west)"]
    assert len(told["repairs"]) == 2 and told["none_alone"] is None and told["not_all_tried"] is None
    assert all(set(s) == {"zh", "en"} and all(s.values()) for s in (*told["repairs"], *told["notes"]))
    assert not re.search(r"[{}]|\.\.\.|…", " ".join(s["zh"] + s["en"] for s in told["repairs"]))


def test_spaces_too_near_are_named_and_the_distance_they_have_is_told(town: Town) -> None:
    """s3 (250, 250) and s4 (350, 350) are 141 m apart; both are required to be markets, 400 m apart."""
    town.spec.pop("variants")
    town.spec["constraints"] = [
        {"rule": "required", "sites": {"s3": "market", "s4": "market"}},
        {"rule": "spacing", "metres": 400, "from_existing": False},
    ]
    assert town.run("solve").exit_code == 4
    found = diagnosis(town)
    ways = {r["rules"][0]: r["in_words"]["en"] for r in found["repairs"]}
    assert "settle for 141 m instead of 400 m" in ways["spacing"]
    assert "Yard (s3) Market" in ways["spacing"] and "Depot (s4) Market" in ways["spacing"]
    assert ways["required"].startswith("give up Required spaces")


def test_where_no_rule_alone_can_help_several_give_together(town: Town) -> None:
    """Nine markets and nine stalls where there are five spaces: either count is impossible, so both must give."""
    town.spec.pop("variants")
    town.spec["constraints"] = [
        {"rule": "count", "types": ["market"], "min": 9, "name": "markets"},
        {"rule": "count", "types": ["stall"], "min": 9, "name": "stalls"},
    ]
    assert town.run("solve").exit_code == 4
    found = diagnosis(town)
    (together,) = found["repairs"]
    assert set(together["rules"]) == {"markets", "stalls"} and together["proven"]
    assert found["repairs_complete"]


def test_what_each_rule_costs_is_what_solving_again_finds(town: Town) -> None:
    assert town.run("solve").exit_code == 0
    base = town.summary()["objective"]["value"]
    out = town.folder / "prices"
    result = invoke("explain", str(town.out), "--rules", "--out", str(out), "--lang", "zh")
    assert_calm(result)
    assert result.exit_code == 0 and "各项规则的代价" in result.stdout
    data = json.loads((out / "prices.json").read_text(encoding="utf-8"))
    assert data["schema"] == "siteopt.prices/1" and data["base"]["value"] == base
    prices = {p["rule"]: p for p in data["rules"]}
    assert set(prices) == {"budget", "commercial_area"}
    assert prices["budget"]["amount"] == 34_000 and prices["budget"]["proven"]
    richer = json.loads(town.run("solve", "--json", "--set", "constraints.budget.amount=374000").stdout)
    assert richer["objective"]["value"] - base == prices["budget"]["gain_least"] == prices["budget"]["gain_most"]
    with (out / "prices.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {r["rule"] for r in csv.DictReader(file)} == set(prices)
    page = (out / "prices.html").read_text(encoding="utf-8")
    assert "<script" not in page and "预算" in page


def test_rules_and_a_site_are_two_questions(town: Town) -> None:
    assert town.run("solve").exit_code == 0
    assert invoke("explain", str(town.out), "--rules", "--site", "s3").exit_code == 2
