"""summary.json: stable, complete, without NaN, and equal to the audited scores."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from siteopt.plan import Verdict
from siteopt.report.safe import json_text
from siteopt.report.summary import summarise
from tests.runs_builder import FORMULA, SCRIPT, make_run

STABLE_KEYS = {
    "schema",
    "scenario",
    "title",
    "status",
    "illustrative",
    "language",
    "engine",
    "travel",
    "objective",
    "goals",
    "coverage",
    "complete",
    "nothing",
    "communities",
    "cost",
    "sites",
    "existing",
    "verdicts",
    "diagnosis",
    "findings",
    "timings_s",
    "peak_rss_mb",
}


def test_the_summary_has_every_key_that_others_rely_on() -> None:
    summary = summarise(make_run())
    assert summary["schema"] == "siteopt.summary/1"
    assert summary.keys() >= STABLE_KEYS
    assert summary["objective"].keys() >= {"name", "value", "bound", "gap", "in_words"}
    assert summary["sites"][0].keys() >= {
        "site_id",
        "name",
        "outlet_type",
        "period",
        "source",
        "kind",
        "area_m2",
        "cost",
        "newly_covered",
        "only_covered_by_this",
        "community",
    }
    assert summary["cost"].keys() >= {"total", "budget", "by_type", "by_source", "by_period"}


def test_coverage_is_the_people_of_the_first_group_and_of_every_group() -> None:
    market = summarise(make_run())["coverage"]["market"]
    assert (market["total"], market["before"], market["after"]) == (680.5, 280, 445)
    assert market["share_after"] == round(445 / 680.5, 6)
    assert market["by_group"]["residents"]["after"] == 445
    assert market["by_group"]["elderly"] == {
        "total": 136.1,
        "before": 56,
        "after": 89,
        "share_before": round(56 / 136.1, 6),
        "share_after": round(89 / 136.1, 6),
    }


def test_new_outlets_are_ordered_by_site_id_and_type_and_existing_ones_are_not_among_them() -> None:
    run = make_run(opened=[(4, 2), (4, 1), (0, 0)])
    sites = [(s["site_id"], s["outlet_type"]) for s in summarise(run)["sites"]]
    assert sites == [("007", "breakfast"), ("007", "locker"), ("A-1", "market")]
    assert summarise(run)["existing"] == {"market": 1, "locker": 1, "breakfast": 1}


def test_a_new_outlet_carries_its_evidence_and_its_place() -> None:
    site = next(s for s in summarise(make_run())["sites"] if s["site_id"] == "A-1")
    assert (site["cost"], site["area_m2"], site["space_area_m2"]) == (150_000, 400, 600)
    assert (site["newly_covered"], site["only_covered_by_this"]) == (100, 100)
    assert (site["period"], site["source"], site["community"]) == ("1", "budget", "K1")
    # Hongjiang: 110 E, 27.2 N
    assert (round(site["lon"], 4), round(site["lat"], 4)) == (110.0009, 27.1938)


def test_the_commercial_area_rule_says_what_is_asked_and_what_is_missing() -> None:
    new, old = summarise(make_run(opened=[(0, 1)]))["communities"]
    assert (new["required"], new["sense"]) == (0.1, "ge")
    # corner plot: 6 m2 are new floor area, so 0.1 * 9006 - 566
    assert (new["commercial_area_after_m2"], new["floor_area_after_m2"]) == (566, 9006)
    assert new["shortfall_m2"] == 334.6
    assert new["commercial_share_after"] == round(566 / 9006, 6)
    assert (old["required"], old["sense"], old["shortfall_m2"]) == (None, None, None)


def test_a_rule_that_is_met_has_no_shortfall() -> None:
    assert summarise(make_run())["communities"][0]["shortfall_m2"] == 0


def test_a_ceiling_is_missed_by_what_is_too_much() -> None:
    run = make_run()
    # a scenario may give a rule a name of its own
    rules = {"budget": run.rules["budget"], "上限": run.rules["commercial_area"]}
    ceiling = Verdict("上限", "K1", 0.1, 990 / 9430, "le", "share", False)
    community = summarise(replace(run, rules=rules, verdicts=(run.verdicts[0], ceiling)))["communities"][0]
    assert (community["sense"], community["shortfall_m2"]) == ("le", 47)


def test_a_floor_area_that_was_not_given_is_null_not_nan() -> None:
    old = summarise(make_run())["communities"][1]
    assert old["floor_area_after_m2"] is None
    assert old["commercial_share_after"] is None


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("feasible", [True, False])
def test_json_holds_no_nan_and_comes_back_the_same(language: str, feasible: bool) -> None:
    summary = summarise(make_run(language=language, feasible=feasible))
    text = json_text(summary)
    assert "NaN" not in text and "Infinity" not in text
    assert json.loads(text) == summary


def test_an_infeasible_run_has_no_sites_but_a_diagnosis_and_the_figures_of_today() -> None:
    summary = summarise(make_run(feasible=False))
    assert summary["status"] == "infeasible"
    assert summary["sites"] == []
    assert summary["objective"]["value"] is None and summary["objective"]["gap"] is None
    assert summary["diagnosis"]["clashing"] == ["budget", "commercial_area"]
    assert summary["diagnosis"]["relaxations"][1]["shortfall"] == 718
    market = summary["coverage"]["market"]
    assert market["before"] == market["after"] == 280
    # the rule still says what it would have asked
    assert summary["communities"][0]["required"] == 0.1
    assert summary["communities"][0]["shortfall_m2"] == 340


def test_the_same_run_twice_gives_the_same_bytes() -> None:
    assert json_text(summarise(make_run())) == json_text(summarise(make_run()))


def test_how_sure_is_said_in_both_languages_with_the_people_beyond() -> None:
    objective = summarise(make_run(status="best_found"))["objective"]
    beyond = 0.02 * objective["value"]
    assert objective["beyond"] == pytest.approx(beyond)
    assert f"{np.ceil(beyond):,.0f} " in objective["in_words"]["en"]
    assert f"{np.ceil(beyond):,.0f}人次" in objective["in_words"]["zh"]
    assert "2.00%" in objective["in_words"]["zh"]
    assert "Proven" in summarise(make_run())["objective"]["in_words"]["en"]


def test_a_bound_that_is_not_known_is_not_called_a_gap() -> None:
    run = make_run(status="best_found")
    run = replace(run, proof=replace(run.proof, bound=float("inf"), gap=float("inf")))
    objective = summarise(run)["objective"]
    assert objective["bound"] is None and objective["beyond"] is None
    assert "not known" in objective["in_words"]["en"] and "inf" not in objective["in_words"]["en"]


def test_straight_lines_are_labelled_as_no_network() -> None:
    travel = summarise(make_run())["travel"]
    assert travel["network"] is False
    assert "No street network" in travel["label"]["en"] and "未使用路网" in travel["label"]["zh"]
    run = make_run()
    streets = summarise(replace(run, travel=replace(run.travel, mode="streets")))["travel"]
    assert streets["network"] is True and streets["detour"] is None
    assert "4.8" in streets["label"]["en"]


def test_names_and_findings_are_kept_as_they_are_for_those_who_escape() -> None:
    summary = summarise(make_run())
    assert SCRIPT in summary["title"]
    assert summary["communities"][1]["name"] == SCRIPT
    assert summary["findings"][0]["value"] == SCRIPT
    assert FORMULA not in {s["name"] for s in summary["sites"]}


def test_a_site_outside_every_community_has_none() -> None:
    run = make_run()
    community = np.full(9, -1)
    sites = replace(run.world.sites, community=community)
    run = replace(run, world=replace(run.world, sites=sites))
    assert {s["community"] for s in summarise(run)["sites"]} == {None}
