"""Objectives in other units than people, phases, pilots: nothing is called people that is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from siteopt.model.objective import registry
from siteopt.plan import Measure, Phase, Run
from siteopt.program import GoalResult
from siteopt.report.goals import sought_unit
from siteopt.report.sentences import proof_sentence
from siteopt.report.stages import page_phases, page_pilots, waiting
from siteopt.report.summary import summarise
from siteopt.text import topic
from siteopt.world import Periods
from tests.runs_builder import make_run


def sought(name: str, unit: str, sense: Any, value: float, bound: float, **params: Any) -> Run:
    run = make_run(status="best_found")
    gap = abs(bound - value) / max(1.0, abs(value))
    goal = GoalResult(name, sense, value, bound, gap, "best_found", 0.0)
    return replace(
        run,
        objective={**run.objective, "name": name, "unit": unit, "params": params},
        proof=replace(run.proof, objective=value, bound=bound, gap=gap, goals=(goal,)),
        scores=replace(run.scores, objective=value, measures=(Measure(name, value, unit),)),
    )


@pytest.mark.parametrize(
    ("run", "amount"),
    [
        (sought("minutes", "person_minutes", "min", 1000.0, 899.5), "101 person-minutes"),
        (sought("worst_decile", "minutes", "min", 20.0, 18.76), "1.3 minutes"),
        (sought("worst_community", "share", "max", 0.5, 0.51234), "1.24 percentage points"),
        (sought("least_cost", "money", "min", 5000.0, 4000.0), "1,000 CNY"),
        (sought("weighted", "points", "max", 10.0, 10.5), "0.5 points"),
    ],
)
def test_what_is_left_open_is_told_in_the_unit_of_the_objective_and_rounded_up(run: Run, amount: str) -> None:
    both = summarise(run)["objective"]["in_words"]
    assert amount in both["en"] and "people" not in both["en"]
    assert "人次" not in both["zh"]
    proof = proof_sentence(run)
    assert amount in proof["en"]
    assert ("lower than this one" in proof["en"]) == (run.proof.goals[0].sense == "min")


def test_people_count_once_per_type_only_where_coverage_is_sought() -> None:
    assert sought_unit(sought("coverage", "people", "max", 10.0, 11.0)) == "services"
    assert sought_unit(sought("complete", "people", "max", 10.0, 11.0)) == "people"
    assert sought_unit(sought("decay", "people", "max", 10.0, 11.0)) == "weighted_people"
    parts = sought("ordered", "people", "max", 10.0, 11.0, parts=[{"name": "coverage"}, {"name": "minutes"}])
    assert sought_unit(parts) == "services"
    phased = replace(parts, world=replace(parts.world, periods=Periods(("1", "2"), (1.0, 1.0), (6.0, 12.0))))
    assert (sought_unit(phased), sought_unit(phased, one_phase=True)) == ("services_phases", "services")


def test_every_goal_has_its_audited_value_and_unit_and_parts_are_no_goals() -> None:
    run = sought("weighted", "points", "max", 10.0, 10.5)
    measures = (*run.scores.measures, Measure("cost", 7.0, "CNY"), Measure("minutes", 90.0, "person_minutes"))
    goals = summarise(replace(run, scores=replace(run.scores, measures=measures)))["objective"]["goals"]
    assert [(g["name"], g["value"], g["unit"], g["part"]) for g in goals] == [
        ("weighted", 10, "points", False),
        ("cost", 7, "CNY", False),
        ("minutes", 90, "person_minutes", True),
    ]
    assert goals[0]["bound"] == 10.5 and goals[1]["status"] is None


def test_every_objective_has_words_for_its_goal() -> None:
    assert {f"goal_{name}" for name in registry() if name != "ordered"} <= topic("report").keys()


@pytest.mark.parametrize(
    ("bound", "best", "said"),
    [
        (110.5, 100.0, "at most 11 "),
        (110.0, 110.0, "proven"),
        (100.0, 100.0, "nothing"),
        (float("nan"), 100.0, "not known"),
    ],
)
def test_what_waiting_costs_is_said_as_far_as_it_is_known(bound: float, best: float, said: str) -> None:
    run = sought("coverage", "people", "max", 100.0, 120.0)
    assert said in waiting(run, Phase("2", 100.0, best, bound, "best_found", True))["en"]


def test_waiting_for_fewer_minutes_costs_what_the_bound_lies_below() -> None:
    run = sought("minutes", "person_minutes", "min", 100.0, 80.0)
    assert "at most 20 person-minutes" in waiting(run, Phase("2", 100.0, 95.0, 80.0, "best_found", True))["en"]


def test_a_plan_of_two_phases_tells_money_and_people_of_each() -> None:
    run = make_run()
    assert run.plan is not None and page_phases(run) is None and summarise(run)["phases"] == []
    scores = replace(
        run.scores,
        cost_by_period=np.array([run.scores.cost_total, 0.0]),
        after_by_period=np.stack([run.scores.after, run.scores.after]),
    )
    phased = replace(
        run,
        scores=scores,
        plan=replace(run.plan, periods=("2024", "2025"), source=np.where(run.plan.opened, 0, -1)),
        world=replace(run.world, periods=Periods(("2024", "2025"), (1.0, 1.0), (7.0, np.inf))),
        phases=(Phase("2024", 5.0, 6.0, 7.0, "best_found", False), Phase("2025", 9.0, 9.0, 9.0, "proven", True)),
    )
    first, last = summarise(phased)["phases"]
    assert (first["name"], first["months"], last["months"]) == ("2024", 7, None)
    assert (first["reached"], first["best"], first["at_most"], last["every_rule"]) == (5, 6, 7, True)
    assert sum(first["cost_by_source"].values()) == pytest.approx(first["cost"])
    assert list(last["people"].values()) == run.scores.after[:, 0].tolist()
    told = page_phases(phased)
    assert told is not None and "nothing" in told["waiting"]["en"]


def test_pilots_are_told_with_their_grade_and_other_decisions_are_not_pilots() -> None:
    run = make_run()
    assert run.plan is not None
    community = str(run.world.communities.community_id[0])
    decided = {"pilots": {community: "basic"}, "other": {community: "x"}}
    run = replace(run, plan=replace(run.plan, decided=decided))
    assert summarise(run)["pilots"] == [{"community": community, "grade": "basic"}]
    (pilot,) = page_pilots(run)
    assert pilot["grade"] == "basic" and pilot["basic"] >= 1
