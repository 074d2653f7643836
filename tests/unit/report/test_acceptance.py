"""The acceptance sheet: what a line may claim, where its figures come from, and what the workbook holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from siteopt.plan import Plan, Run, Verdict
from siteopt.report.acceptance import ITEMS, Line, acceptance, worst
from siteopt.report.acceptance_page import page_items, summary_lines
from siteopt.report.acceptance_xlsx import write_acceptance
from siteopt.report.safe import plain
from tests.runs_builder import make_run
from tests.worlds import texts

SURVEY = {"share": 0.93, "n": 412, "date": "2025-11", "method": "入户问卷"}
CLAUSES = {"budget": ("H7",), "commercial_area": ("H8",)}


def sheet_run(
    *,
    rules: Mapping[str, tuple[str, ...]] = CLAUSES,
    verdicts: tuple[Verdict, ...] | None = None,
    acceptance: Mapping[str, Any] | None = None,
    policy: bool = False,
    scenario: Mapping[str, Any] | None = None,
    decided: Mapping[str, Mapping[str, str]] | None = None,
    feasible: bool = True,
    **communities: Any,
) -> Run:
    """The default run with clauses on its rules and more said about its communities."""
    run = make_run(language="zh", feasible=feasible)
    known = {
        label: {
            **run.rules.get(label, {"rule": label, "title": {"zh": label, "en": label}}),
            "clauses": list(clauses),
        }
        for label, clauses in rules.items()
    }
    world = replace(run.world, communities=replace(run.world.communities, **communities))
    more: dict[str, Any] = dict(scenario or {})
    if acceptance is not None:
        more["acceptance"] = acceptance
    if policy:
        more["policy"] = "hongjiang-2024"
    plan = run.plan
    if plan is not None and decided is not None:
        plan = replace(plan, decided=decided)
    return replace(
        run,
        rules={**run.rules, **known},
        world=world,
        plan=plan,
        scenario={**run.scenario, **more},
        verdicts=run.verdicts if verdicts is None else verdicts,
    )


def of(item: str, run: Run) -> list[Line]:
    return [made for made in acceptance(run) if made.item == item]


def flags(*values: bool) -> np.ndarray:
    return np.array(values)


# --- every line ---
def test_a_line_has_its_words_in_both_languages_and_its_item_in_order() -> None:
    lines = acceptance(sheet_run(policy=True, acceptance={"satisfaction": SURVEY}))
    order = [ITEMS.index(made.item) for made in lines]
    assert order == sorted(order)
    for made in lines:
        for said in (made.subject, made.source, made.note):
            assert set(said) == {"zh", "en"} and "…" not in "".join(said.values()), made
        assert made.subject["zh"] and made.source["en"]
        assert (made.verdict == "not_asked") or made.target is not None


def test_a_run_without_a_plan_has_no_sheet() -> None:
    run = sheet_run(feasible=False)
    assert acceptance(run) == () and page_items(run) == []


def test_nothing_is_met_that_was_not_asked() -> None:
    lines = acceptance(sheet_run(rules={}, verdicts=()))
    assert {made.verdict for made in lines} == {"not_asked"}


def test_a_verdict_that_was_not_checked_is_no_value_and_never_met() -> None:
    verdict = Verdict("area", "K1", 300.0, 0.0, "ge", "m2", False, checked=False)
    (made, *_) = of("A9", sheet_run(rules={"area": ("H14",)}, verdicts=(verdict,)))
    assert (made.verdict, made.value, made.target) == ("not_checked", None, 300.0)


def test_the_worst_line_speaks_for_an_item() -> None:
    lines = acceptance(sheet_run(policy=True))
    assert worst(lines) == "not_checked"  # no survey
    assert worst([]) == "not_asked"


# --- A1 ---
def test_types_that_a_community_lacks_are_named() -> None:
    (west, east) = of("A1", sheet_run())
    run = sheet_run()
    assert run.plan is not None
    for made, k in ((west, 0), (east, 1)):
        here = run.world.sites.community == k
        present = (run.plan.opened | run.world.sites.standing)[here].any(axis=0)
        assert made.value == present.sum() and made.target is None
        for t, name in enumerate(("菜市场", "快递柜", "早餐摊")):
            assert (name in made.note["zh"]) == (not present[t])


def test_a_rule_of_must_have_types_gives_target_and_verdict() -> None:
    verdict = Verdict("tier", "K1: market", 1.0, 0.0, "ge", "outlets", False)
    (made, *_) = of("A1", sheet_run(rules={"tier": ("H3",)}, verdicts=(verdict,)))
    assert (made.verdict, made.target, made.value, made.sense) == ("not_met", 1.0, 0.0, "ge")
    assert "菜市场" in made.subject["zh"] and "tier" in made.source["zh"]


# --- A2 ---
def test_reach_at_five_ten_and_fifteen_minutes_is_counted_cell_by_cell() -> None:
    run = sheet_run()
    assert run.plan is not None
    open_ = run.world.sites.standing | run.plan.opened
    travel, people = run.travel, run.world.cells.residents
    found = {made.subject["en"]: made.value for made in of("A2", run)}
    for limit in (5, 10, 15):
        reached = 0.0
        for i in range(len(people)):
            at = slice(travel.indptr[i], travel.indptr[i + 1])
            near = travel.site[at][travel.minutes[at] <= limit + 1e-6]
            reached += people[i] * open_[near, 1].any()
        assert found[f"Parcel locker, {limit} minutes"] == pytest.approx(reached / people.sum())
    complete = run.scores.complete_after[0] / run.scores.total[0]
    assert found["every basic type, each within its limit"] == pytest.approx(complete)
    assert found["Breakfast stall, 7.5 minutes"] == pytest.approx(run.scores.after[2, 0] / people.sum())


def test_classes_of_cells_tell_only_the_types_own_limits() -> None:
    run = sheet_run()
    cells = replace(run.world.cells, n_cells=np.ones(len(run.world.cells), dtype=np.int64))
    lines = of("A2", replace(run, world=replace(run.world, cells=cells)))
    assert [made.subject["en"].rpartition(", ")[2] for made in lines[1:]] == ["5 minutes", "5 minutes", "7.5 minutes"]


# --- A3 ---
def chain_run(share: float | None, told: bool, *, chain: bool = True, **more: Any) -> Run:
    """With a rule that finds this share of 100 outlets; None = no rule."""
    rules, verdicts = ({"chains": ("H13",)}, ()) if share is not None else ({}, ())
    if share is not None:
        detail = {"part_outlets": 100 * share, "whole_outlets": 100.0}
        verdicts = (Verdict("chains", "total", 0.3, share, "ge", "share", share >= 0.3, detail),)
    layer = {"file": "existing.csv", "chain": "chain" if told else None}
    run = sheet_run(rules=rules, verdicts=verdicts, scenario={"existing": [layer]}, **more)
    sites = replace(run.world.sites, chain=np.full(len(run.world.sites), chain))
    return replace(run, world=replace(run.world, sites=sites))


def test_chains_are_counted_over_all_outlets_existing_included() -> None:
    assert "共100处（含现有），其中连锁43处" in of("A3", chain_run(0.43, True))[0].note["zh"]
    run = chain_run(None, True)
    (made,) = of("A3", run)
    standing = int(run.world.sites.standing.sum())
    assert f"其中连锁{standing}处" in made.note["zh"]
    assert f"共{standing + 4}处" in made.note["zh"]
    assert made.verdict == "not_asked" and made.value == pytest.approx(standing / (standing + 4))


def test_a_share_that_is_missed_is_not_checked_where_nobody_said_which_outlets_are_chains() -> None:
    assert of("A3", chain_run(0.1, True))[0].verdict == "not_met"
    (unsaid,) = of("A3", chain_run(0.1, False))
    assert unsaid.verdict == "not_checked" and "existing[].chain" in unsaid.note["en"]


def test_a_share_that_is_reached_with_all_unsaid_as_independents_is_reached() -> None:
    assert of("A3", chain_run(0.35, False))[0].verdict == "met"


def test_chains_are_counted_in_the_pilots_where_there_are_any() -> None:
    (made,) = of("A3", chain_run(None, True, pilot=flags(True, False)))
    run = chain_run(None, True)
    assert run.plan is not None
    here = run.world.sites.community == 0
    total = int(run.world.sites.standing[here].sum() + run.plan.opened[here].sum())
    assert f"试点生活圈网点共{total}处" in made.note["zh"]


# --- A4 ---
def test_satisfaction_is_the_survey_and_nothing_else() -> None:
    (made,) = of("A4", sheet_run(acceptance={"satisfaction": SURVEY, "satisfaction_target": 0.9}))
    assert (made.value, made.target, made.verdict) == (0.93, 0.9, "met")
    assert "412" in made.note["zh"] and "入户问卷" in made.note["zh"]
    (short,) = of("A4", sheet_run(acceptance={"satisfaction": {**SURVEY, "share": 0.89}}))
    assert short.verdict == "not_met"


def test_without_a_survey_satisfaction_is_not_checked_and_has_no_value() -> None:
    (made,) = of("A4", sheet_run(policy=True))
    assert (made.value, made.verdict) == (None, "not_checked")
    assert of("A4", sheet_run()) == []


# --- A5 ---
def test_both_denominators_are_printed_and_each_has_its_own_verdict() -> None:
    run = sheet_run(acceptance={"floor_area_all_m2": {"K1": 20_000.0}})
    (approved, whole) = of("A5", run)
    assert (approved.verdict, approved.target, approved.sense) == ("met", 0.1, "ge")
    assert approved.value == pytest.approx(run.scores.commercial_after_m2[0] / run.scores.floor_after_m2[0])
    built = run.scores.floor_after_m2[0] - run.scores.floor_before_m2[0]
    assert whole.value == pytest.approx(run.scores.commercial_after_m2[0] / (20_000 + built))
    assert whole.verdict == "not_met" and "含地下" in whole.subject["zh"]


def test_exactly_ten_percent_is_met_in_the_second_reading_and_a_square_decimetre_less_is_not() -> None:
    run = sheet_run()
    part = float(run.scores.commercial_after_m2[0])
    built = float(run.scores.floor_after_m2[0] - run.scores.floor_before_m2[0])
    for whole, verdict in ((part * 10 - built, "met"), (part * 10 - built + 0.1, "not_met")):
        lines = of("A5", sheet_run(acceptance={"floor_area_all_m2": {"K1": whole}}))
        assert lines[1].verdict == verdict


def test_old_communities_have_no_sheet_and_a_new_one_without_a_rule_is_not_asked() -> None:
    (made,) = of("A5", sheet_run(rules={}, verdicts=()))
    assert "K1" in made.subject["zh"] and made.verdict == "not_asked"


# --- A6 ---
@pytest.mark.parametrize(
    ("steps", "verdict", "value"),
    [
        ({"planned": True, "built": True, "accepted": True, "delivered": True}, "met", 4.0),
        ({"planned": True, "built": False, "accepted": None, "delivered": None}, "not_met", 1.0),
        ({"planned": True, "built": True, "accepted": None, "delivered": None}, "not_checked", 2.0),
        (None, "not_checked", None),
    ],
)
def test_four_steps_in_step_with_housing(steps: Any, verdict: str, value: float | None) -> None:
    said = {} if steps is None else {"K1": steps}
    (made,) = of("A6", sheet_run(acceptance={"four_sync": said}))
    assert (made.verdict, made.value, made.target) == (verdict, value, 4.0)


# --- A7 ---
def pilots_run() -> Run:
    """Both communities are pilots: a basic one that asks for 2 basic types, a quality one that asks for 4."""
    grades = {"basic": {"basic": 2, "quality": 0}, "quality": {"basic": 4, "quality": 0}}
    verdict = Verdict("circles", "circles", 2.0, 2.0, "eq", "communities", True)
    run = sheet_run(policy=True, verdicts=(verdict,), decided={"circles": {"K1": "basic", "K<2>": "quality"}})
    rule = {
        "rule": "pilots",
        "title": {"zh": "试点", "en": "Pilots"},
        "clauses": ["H19"],
        "params": {"grades": grades},
    }
    return replace(run, rules={**run.rules, "circles": rule})


def test_one_pilot_of_each_grade_as_the_plan_decides() -> None:
    run = pilots_run()
    count, *rest = of("A7", run)
    assert (count.value, count.target, count.verdict) == (2.0, 2.0, "met")
    found = {made.subject["en"]: made.verdict for made in rest}
    assert "由方案选定" in rest[0].source["zh"]
    assert found == {
        "circles of the basic grade": "met",
        "circles of the enhanced grade": "not_met",
        "circles of the quality grade": "met",
    }


def test_a_pilots_grade_gives_the_numbers_of_types_that_it_must_have() -> None:
    first, second = of("A1", pilots_run())
    run = sheet_run()
    assert run.plan is not None
    there = (run.plan.opened | run.world.sites.standing)[run.world.sites.community == 0].any(axis=0).sum()
    assert (first.target, first.value, first.verdict) == (2.0, there, "met")
    assert (second.target, second.verdict) == (4.0, "not_met")


def test_a_grade_that_nobody_set_is_not_checked() -> None:
    run = sheet_run(policy=True, pilot=flags(True, True), grade=texts(["basic", ""]))
    assert [made.verdict for made in of("A7", run)] == ["met", "not_checked", "not_checked"]
    assert [made.verdict for made in of("A7", sheet_run(policy=True))] == ["not_checked"] * 3


# --- A8 ---
def test_money_is_held_against_the_caps_and_progress_against_the_plan() -> None:
    progress = {"date": "2025-10-31", "opened": 3, "spent": {"budget": 200_000.0, "private": 5.0}}
    run = sheet_run(acceptance={"progress": progress})
    budget, total, opened, spent, private = of("A8", run)
    assert (budget.verdict, budget.unit, budget.target) == ("met", "money", 400_000.0)
    assert total.value == run.scores.cost_total and total.verdict == "not_asked"
    assert (opened.value, opened.target, opened.verdict) == (3.0, 4.0, "not_met")
    assert (spent.target, spent.verdict) == (run.scores.cost_total, "met")
    assert private.verdict == "not_met" and "资金来源" in private.note["zh"]


def test_money_by_source_and_period_where_there_are_several() -> None:
    run = sheet_run()
    assert run.plan is not None
    plan = Plan(
        run.plan.opened, run.plan.period, run.plan.source, periods=("2026", "2027"), sources=("government", "private")
    )
    scores = replace(run.scores, cost_by_source=np.array([10.0, 5.0]), cost_by_period=np.array([9.0, 6.0]))
    said = {made.subject["zh"]: made.value for made in of("A8", replace(run, plan=plan, scores=scores))}
    assert said["其中：政府出资"] == 10.0 and said["其中：社会资本"] == 5.0
    assert said["其中：2026（分期）"] == 9.0 and said["其中：2027（分期）"] == 6.0


# --- A9 ---
def test_service_area_counts_what_stands_and_what_opens_and_elderly_care_counts_twice() -> None:
    run = sheet_run(
        households=np.array([1000.0, np.nan]),
        service_m2=np.array([200.0, np.nan]),
        elderly_m2=np.array([0.0, np.nan]),
    )
    kinds = texts(["", "", "elderly_care"])
    run = replace(run, world=replace(run.world, types=replace(run.world.types, service=kinds)))
    assert run.plan is not None
    here = run.world.sites.community == 0
    opened = float((run.plan.opened[here, 2] * run.world.types.area_m2[2]).sum())
    assert opened > 0
    service, elderly = [made for made in of("A9", run) if "K1" in made.subject["en"]]
    assert service.value == pytest.approx((200 + opened) / 10)
    assert elderly.value == pytest.approx(opened / 10)
    assert [made for made in of("A9", run) if "K<2>" in made.subject["en"]] == []  # nothing is known of it


# --- A10 ---
def test_an_unverified_figure_that_bound_a_rule_is_named_with_the_rule_and_never_met() -> None:
    bound = {"of": "type", "subject": "locker", "figure": "area_m2", "value": 6.0, "source": "S22", "policy": ""}
    free = {"of": "rule", "subject": "budget", "figure": "share", "value": 0.2, "source": "S22", "policy": "p"}
    facts = (bound | {"bound": True, "rules": ("budget",)}, free | {"bound": False, "rules": ()})
    first, second = of("A10", replace(sheet_run(), unverified=facts))
    assert (first.verdict, first.value, first.unit) == ("not_checked", 6.0, "m2")
    assert "快递柜" in first.subject["zh"] and "总预算" in first.note["zh"] and "S22" in first.source["zh"]
    assert second.verdict == "not_asked" and "总预算" in second.subject["zh"]


def test_a_rule_of_a_policy_pack_names_its_text_and_its_place() -> None:
    run = sheet_run()
    said = {"place": "五（三）", "source": {"zh": "洪江方案", "en": "Hongjiang plan"}, "verified": True}
    rules = {**run.rules, "commercial_area": {**run.rules["commercial_area"], "policy": said}}
    (made,) = of("A5", replace(run, rules=rules))
    assert "洪江方案，五（三）" in made.source["zh"] and "未核实" not in made.source["zh"]
    rules["commercial_area"] = {**rules["commercial_area"], "policy": {**said, "verified": False}}
    assert "未核实" in of("A5", replace(run, rules=rules))[0].source["zh"]


def test_a_rule_that_was_set_aside_says_why() -> None:
    nan = float("nan")
    why = {"why": {"zh": "缺少社区图层", "en": "no communities"}}
    verdict = Verdict("tier", "barber", nan, nan, "ge", "", False, why, checked=False)
    made = of("A1", sheet_run(rules={"tier": ("H3",)}, verdicts=(verdict,)))[0]
    assert (made.verdict, made.value, made.target, made.sense) == ("not_checked", None, None, "")
    assert made.note["zh"] == "缺少社区图层"


# --- where it is shown ---
def test_the_page_and_the_summary_show_the_same_lines() -> None:
    run = sheet_run(policy=True, acceptance={"satisfaction": SURVEY})
    items = page_items(run)
    assert [item["id"] for item in items] == list(ITEMS)
    told = summary_lines(run)
    assert json.loads(json.dumps(plain(told)))
    for item in items:
        assert item["n"] == sum(made["item"] == item["id"] for made in told) == len(item["lines"])
        assert item["asked"] == item["met"] + item["not_met"] + item["not_checked"]


def book_of(run: Run, path: Path) -> openpyxl.Workbook:
    write_acceptance(run, acceptance(run), path)
    return openpyxl.load_workbook(path)


def test_the_workbook_has_a_sheet_per_language_with_every_item_and_numbers_as_numbers(tmp_path: Path) -> None:
    run = sheet_run(policy=True, acceptance={"satisfaction": SURVEY})
    book = book_of(run, tmp_path / "acceptance.xlsx")
    assert book.sheetnames == ["验收对照表", "Acceptance"]
    for sheet in book.worksheets:
        firsts = [str(row[0].value) for row in sheet.iter_rows() if row[0].value]
        for item in ITEMS:
            assert any(said.startswith(f"{item} ") for said in firsts), item
        lines = [row for row in sheet.iter_rows(min_row=4) if row[0].value == "A4"]
        ((made),) = lines
        assert made[2].value == 0.93 and made[3].value == 0.9 and "%" in made[2].number_format
        assert made[5].value in ("达标", "met")
    assert len([r for r in book.worksheets[0].iter_rows(min_row=4) if r[0].value in ITEMS]) >= len(acceptance(run))


def test_hostile_names_are_text_in_the_workbook(tmp_path: Path) -> None:
    run = sheet_run(acceptance={"satisfaction": {**SURVEY, "method": "=1+1"}})
    run = replace(run, title="=HYPERLINK(1)", scenario_name="@x")
    for sheet in book_of(run, tmp_path / "acceptance.xlsx").worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert not str(cell.value or "").startswith(("=", "+", "@"))


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    run = sheet_run(policy=True)
    for name in ("a.xlsx", "b.xlsx"):
        write_acceptance(run, acceptance(run), tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
