"""Pilots: so many of them, of every grade, by what stands and what opens."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from siteopt.findings import Findings
from siteopt.model.objectives.coverage import Coverage, Seek
from siteopt.model.pilots import chosen
from siteopt.world import Periods, World
from tests.programs import judged, minutes_of, row_of_spaces, rule, solved
from tests.random_worlds import Case, always, holds
from tests.sized_plans import every_phased_plan
from tests.worlds import make_communities

GRADES = {"basic": {"basic": 1}, "quality": {"basic": 1, "quality": 1}}


def town(**columns: object) -> World:
    """Three spaces in a row, one in each of three communities; type t0 is basic, t1 of quality; t0 stands in s002."""
    world = row_of_spaces(
        3, 2, slots=[2, 2, 2], standing=[[0, 0], [0, 0], [1, 0]], types={"category": ("basic", "quality")}
    )
    communities = make_communities([{"community_id": name} for name in "ABC"])
    return replace(
        world,
        sites=replace(world.sites, community=np.arange(3)),
        communities=replace(communities, **columns),  # type: ignore[arg-type]
    )


def test_a_grade_needs_its_numbers_of_types_and_every_grade_a_pilot() -> None:
    two = rule("pilots", count=2, grades=GRADES)
    assert not judged(town(), two, [])
    assert not judged(town(), two, [(0, 0)])  # A and C are basic, nobody is of quality
    assert judged(town(), two, [(0, 0), (0, 1)])  # A quality, C basic
    assert judged(town(), two, [(0, 0), (2, 1)])  # C quality, A basic
    assert not judged(town(), two, [(0, 1), (1, 1)])  # a quality type alone is not enough


def test_three_pilots_of_two_grades() -> None:
    three = rule("pilots", count=3, grades=GRADES)
    basic = [(0, 0), (1, 0)]  # t0 stands in C
    assert not judged(town(), three, basic) and not judged(town(), three, [(0, 0), (0, 1), (2, 1)])
    assert all(judged(town(), three, [*basic, (j, 1)]) for j in range(3))


def test_pilots_and_grades_set_by_hand_are_kept() -> None:
    by_hand = town(pilot=np.array([False, True, False]), grade=np.array(["", "basic", ""], dtype=object))
    one = rule("pilots", count=1, grades=GRADES, every_grade=False)
    assert not judged(by_hand, one, [])
    assert judged(by_hand, one, [(1, 0)])
    assert not judged(by_hand, rule("pilots", count=1, grades=GRADES), [(1, 0), (1, 1)])  # no room for both grades


def test_the_plan_tells_the_pilots_and_the_verdict_who_could_be() -> None:
    found = solved(town(), [rule("pilots", count=2, grades=GRADES)])
    assert found.plan is not None
    assert sorted(found.plan.decided["pilots"].values()) == ["basic", "quality"]
    verdict = next(v for v in found.verdicts if v.rule == "pilots")
    assert verdict.holds and set(verdict.detail["pilots"]) == set(found.plan.decided["pilots"])


@pytest.mark.parametrize("seed", range(30))
def test_rows_and_judge_agree_on_every_plan_of_a_town_of_two_phases(seed: int) -> None:
    r = np.random.default_rng(seed)
    world = town(pilot=r.random(3) < 0.2)
    world = replace(world, periods=Periods(("2024", "2025"), (1.0, 1.0), (12.0, 24.0)))
    params = {"count": int(r.integers(1, 4)), "grades": GRADES, "every_grade": bool(r.random() < 0.6)}
    pilots = rule("pilots", **params, **({"first_until": "2024"} if r.random() < 0.7 else {}))
    found = solved(world, [pilots])
    best = -1.0
    case = Case(world, minutes_of(world), (*always(), pilots), Seek(Coverage()))
    for plan in every_phased_plan(world):
        if holds(case, plan):
            best = max(best, case.seek.measures(world, case.travel, plan)[0].value)
    if best < 0:
        assert found.answer.status == "infeasible"
    else:
        assert found.answer.status == "proven" and found.answer.objective == pytest.approx(best)


@pytest.mark.parametrize("seed", range(200))
def test_a_choice_of_pilots_is_found_when_there_is_one(seed: int) -> None:
    r = np.random.default_rng(seed)
    n, levels = int(r.integers(1, 6)), int(r.integers(1, 4))
    eligible, forced = r.random((n, levels)) < 0.5, r.random(n) < 0.2
    count, every = int(r.integers(1, n + 2)), bool(r.random() < 0.6)
    ways = [
        grade
        for grade in product(range(-1, levels), repeat=n)
        if sum(g >= 0 for g in grade) == count
        and all(g < 0 or eligible[k, g] for k, g in enumerate(grade))
        and all(grade[k] >= 0 for k in np.flatnonzero(forced))
        and (not every or set(range(levels)) <= set(grade))
    ]
    found = chosen(eligible, forced, count, every_grade=every)
    assert (found is not None) == bool(ways)
    if found is not None:
        assert tuple(found.tolist()) in ways


def test_faults_of_the_table_are_found() -> None:
    findings = Findings()
    wrong = rule(
        "pilots", count=1, grades={"bsic": {}, "quality": {"basic": 2}}, communities=("Z",), first_until="2030"
    )
    wrong.check(town(), findings, "s.yaml")
    assert {f.code for f in findings.errors} == {
        "pilots_unknown_grade",
        "pilots_too_few_types",
        "rule_unknown_community",
        "rule_unknown_phase",
    }
