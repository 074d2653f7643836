"""The sentences of a diagnosis: both languages, numbers on the safe side, names that stay text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from siteopt.plan import Diagnosis, Outlook, Relaxation, Repair, Run, Verdict
from siteopt.report.diagnosis import outlook_words, page_diagnosis, repair_words, summary_diagnosis
from siteopt.report.html import render_html
from siteopt.report.subjects import Subjects
from siteopt.report.summary import summarise
from tests.runs_builder import SCRIPT, make_run


def run_with(**over: Any) -> Run:
    run = make_run(feasible=False)
    assert run.diagnosis is not None
    return replace(run, diagnosis=replace(run.diagnosis, **over))


def money(possible: float) -> Relaxation:
    return Relaxation("budget", "budget", 100_000.0, possible, possible - 100_000.0, "money", "le")


def share(got: float, *, sense: str = "ge", need: float = 0.1) -> Repair:
    community = "沅江社区"
    gap = Relaxation("commercial_area", community, 1130.0, 412.0, 718.0, "m2")
    verdict = Verdict("commercial_area", community, need, got, sense, "share", False)
    return Repair(("commercial_area",), (gap,), 0.6, True, verdicts=(verdict,))


def words(run: Run, repair: Repair) -> dict[str, str]:
    return repair_words(run, repair, Subjects(run))


def test_a_share_is_rounded_to_where_it_can_be_kept() -> None:
    run = run_with()
    told = words(run, share(0.0719999))
    assert "settle for 7.19% instead of 10% (2.81 percentage points less), 718 m² short" in told["en"]
    assert "要求由10%降至7.19%（降低2.81个百分点），缺718 m²" in told["zh"]
    assert "allow 7.2% instead of 5%" in words(run, share(0.07191, sense="le", need=0.05))["en"]
    assert "7.2%" in words(run, share(0.072))["en"], "a share that is exact stays as it is"


def test_an_amount_of_money_is_rounded_up_to_what_is_enough() -> None:
    told = words(run_with(), Repair(("budget",), (money(150_001.2),), 0.5, True))
    assert "上限由10万元提高到15.01万元" in told["zh"] and "150,002 CNY" in told["en"]


def test_what_is_not_proven_is_not_said_as_if_it_were() -> None:
    run, proven = run_with(), Repair(("budget",), (money(150_000.0),), 0.5, True, 812.0, True)
    assert words(run, proven)["en"].endswith("The best plan is then worth 812 people, counted per outlet type.")
    found = words(run, replace(proven, proven=False, value_proven=False))
    assert "less may do" in found["en"] and "worth" not in found["en"] and "限时内求得" in found["zh"]


def test_required_and_forbidden_spaces_are_given_up_and_allowed_by_name() -> None:
    run = run_with()
    need = Verdict("required", "s1", 1.0, 0.0, "ge", "outlets", False)
    ban = Verdict("forbidden", "s1", 0.0, 1.0, "le", "outlets", False)
    for verdict, en, zh in ((need, "give up", "放弃"), (ban, "allow it", "予以允许")):
        told = words(run, Repair((verdict.rule,), (), 1.0, True, verdicts=(verdict,)))
        assert en in told["en"] and zh in told["zh"] and "s1" in told["en"]


def test_a_long_list_is_cut_and_counted() -> None:
    rows = tuple(Relaxation("count", f"c{k}", 1.0 + k, 0.5 + k, 0.5, "outlets", "ge") for k in range(1, 13))
    told = words(run_with(), Repair(("count",), rows, 1.0, True))
    assert "and 4 more" in told["en"] and "另有4项" in told["zh"]


@pytest.mark.parametrize("sense", ["ge", "le"])
@pytest.mark.parametrize(("against", "can"), [("", False), ("budget", False), ("budget", True)])
def test_every_outlook_has_a_sentence_in_both_languages(sense: str, against: str, can: bool) -> None:
    run = run_with()
    told = outlook_words(run, Outlook("count", "s1", sense, 5, 3, "outlets", against, can), Subjects(run))
    assert all("5" in text and "3" in text for text in told.values())
    assert "{" not in told["en"] + told["zh"] and "…" not in told["en"] + told["zh"]


def test_names_from_data_stay_text_in_page_and_summary() -> None:
    hostile = Relaxation("commercial_area", f"沅江社区 {SCRIPT}", 1130.0, 412.0, 718.0, "m2")
    known = Outlook("commercial_area", SCRIPT, "ge", 1130.0, 412.0, "m2", can=False)
    run = run_with(
        outlooks=(known,),
        repairs=(Repair(("commercial_area",), (hostile,), 0.6, True),),
        subjects=(("budget", SCRIPT),),
    )
    summary = summarise(run)
    html = render_html(run, summary)
    assert SCRIPT not in html
    assert summary["diagnosis"]["outlooks"][0]["possible"] == 412
    assert summary["diagnosis"]["repairs"][0]["changes"][0]["shortfall"] == 718


def test_a_page_says_when_no_rule_alone_helps_and_when_time_was_up() -> None:
    both = Repair(("budget", "commercial_area"), (money(150_000.0), share(0.07).relaxations[0]), 1.1, True)
    alone = page_diagnosis(run_with(repairs=(both,)))
    assert alone is not None and alone["none_alone"] and not alone["not_all_tried"]
    cut = page_diagnosis(run_with(repairs=(), repairs_complete=False, complete=False, relaxed_proven=False))
    assert cut is not None and cut["not_all_tried"] and not cut["none_alone"]
    assert "cut short" in cut["intro"]["en"] and "已证明" not in cut["notes"][0]["zh"].replace("尚未证明", "")


def test_there_is_no_section_where_nothing_is_known() -> None:
    run = replace(make_run(), diagnosis=None)
    assert page_diagnosis(run) is None and summary_diagnosis(run) is None


def test_the_keys_that_others_rely_on_are_still_there() -> None:
    told = summary_diagnosis(run_with())
    assert told is not None and isinstance(Diagnosis(("a",), ()), Diagnosis)
    assert set(told["relaxations"][0]) >= {"rule", "subject", "need", "possible", "shortfall", "unit"}
    assert told["clashing"] == ["budget", "commercial_area"] and told["complete"] is True
