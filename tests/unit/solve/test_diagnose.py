"""Why there is no plan: each member of the clash is needed, and the shortfall is right."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.model.build import build
from siteopt.plan import Relaxation
from siteopt.program import Limits, Program
from siteopt.solve.diagnose import diagnose
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from siteopt.world import World
from tests.hard_programs import of_rows, row
from tests.programs import Rule, row_of_spaces, rule, solved
from tests.random_worlds import random_case
from tests.worlds import make_communities

BOTH = pytest.mark.parametrize("name", ["highs", "pulp"])
ONE = Limits(time_limit_s=20.0, threads=1)


def feasible(program: Program) -> bool:
    return pursue(program, engine("highs"), ONE).status != "infeasible"


def told(relaxations: tuple[Relaxation, ...]) -> list[tuple[str, str, float, float, float, str]]:
    return [
        (r.rule, r.subject, round(r.need, 3), round(r.possible, 3), round(r.shortfall, 3), r.unit)
        for r in relaxations
    ]


@BOTH
def test_only_the_rules_that_clash_are_named(name: str) -> None:
    program = of_rows(
        3,
        [
            row("harmless", {0: 1, 1: 1, 2: 1}, -np.inf, 2.0),
            row("most", {0: 1, 1: 1}, -np.inf, 1.0),
            row("least", {0: 1, 1: 1}, 2.0, np.inf),
        ],
        [1, 1, 1],
    )
    why = diagnose(program, engine(name), ONE)
    assert why.clashing == ("most", "least") and why.complete


@BOTH
def test_a_row_with_two_sides_gives_way_on_the_side_that_hurts(name: str) -> None:
    low = of_rows(2, [row("band", {0: 10, 1: 10}, 25.0, 40.0, unit="m2")], [1, 1])
    assert told(diagnose(low, engine(name), ONE).relaxations) == [("band", "band", 25.0, 20.0, 5.0, "m2")]
    high = of_rows(
        2,
        [row("band", {0: 10, 1: 10}, 2.0, 5.0, unit="m2"), row("must", {0: 1, 1: 1}, 1.0, np.inf, elastic=False)],
        [1, 1],
    )
    assert told(diagnose(high, engine(name), ONE).relaxations) == [("band", "band", 5.0, 10.0, 5.0, "m2")]


@BOTH
def test_an_equality_may_give_way_on_either_side(name: str) -> None:
    program = of_rows(2, [row("exactly", {0: 2, 1: 2}, 3.0, 3.0, unit="outlets")], [1, 1])
    ((rule_name, _, need, _, short, _),) = told(diagnose(program, engine(name), ONE).relaxations)
    assert (rule_name, need, short) == ("exactly", 3.0, 1.0)


def test_units_are_those_of_the_rule_not_of_the_row() -> None:
    program = of_rows(
        1,
        [row("budget", {0: 134.0}, -np.inf, 120.0, unit="money", per_unit=1e-4), row("must", {0: 1}, 1.0, np.inf)],
        [1],
    )
    assert told(diagnose(program, engine("highs"), ONE).relaxations) == [
        ("budget", "budget", 1_200_000.0, 1_340_000.0, 140_000.0, "money")
    ]


def spaces(**over: object) -> World:
    return row_of_spaces(2, cost=[[940_000.0], [400_000.0]], **over)  # type: ignore[arg-type]


@BOTH
def test_two_required_spaces_of_1340000_in_a_budget_of_1200000_are_140000_short(name: str) -> None:
    world, rules = spaces(), [rule("budget", amount=1_200_000), rule("required", sites=["s000", "s001"])]
    why = diagnose(solved(world, rules).program, engine(name), ONE)
    assert set(why.clashing) == {"budget", "required"}
    assert told(why.relaxations) == [("budget", "budget", 1_200_000.0, 1_340_000.0, 140_000.0, "money")]


def test_the_budget_that_is_told_is_the_one_that_was_given() -> None:
    rules = [rule("budget", amount=1_234_567.89), rule("required", sites=["s000", "s001"])]
    why = diagnose(solved(spaces(), rules).program, engine("highs"), ONE)
    assert told(why.relaxations) == [("budget", "budget", 1_234_567.89, 1_340_000.0, 105_432.11, "money")]


def test_floor_area_that_no_vacant_space_can_give_is_told_in_square_metres() -> None:
    # 10 % of 10,000 needed, 130 there: 870 missing; the two spaces give 50 each
    world = row_of_spaces(
        2,
        site_community=[0, 0],
        communities=make_communities([{"id": "C3", "floor_area_m2": 10_000.0, "commercial_area_m2": 130.0}]),
    )
    why = diagnose(solved(world, [rule("commercial_area")]).program, engine("highs"), ONE)
    assert why.clashing == ("commercial_area",)
    assert told(why.relaxations) == [("commercial_area", "C3", 870.0, 100.0, 770.0, "m2")]


def test_people_that_no_space_reaches_are_told_as_people() -> None:
    world = row_of_spaces(2, cell_xy=np.array([[0.0, 0.0], [9e3, 9e3]]))  # 10 people reachable of 30
    why = diagnose(solved(world, [rule("min_coverage", share=0.5)]).program, engine("highs"), ONE)
    assert told(why.relaxations) == [("min_coverage", "t0", 15.0, 10.0, 5.0, "people")]


def test_what_stands_today_is_part_of_what_is_needed_and_of_what_is_possible() -> None:
    # of 60 people 30 are served today, 50 could be; two markets stand, three are there at most
    world = row_of_spaces(
        3, cell_xy=np.array([[0.0, 0.0], [9e3, 9e3], [2000.0, 0.0]]), standing=[[0], [0], [1]], people=[20, 10, 30]
    )
    why = diagnose(solved(world, [rule("min_coverage", share=0.9)]).program, engine("highs"), ONE)
    assert told(why.relaxations) == [("min_coverage", "t0", 54.0, 50.0, 4.0, "people")]
    why = diagnose(solved(world, [rule("count", min=5)]).program, engine("highs"), ONE)
    assert told(why.relaxations) == [("count", "t0", 5.0, 3.0, 2.0, "outlets")]


def test_the_physical_world_does_not_give_way_but_is_named() -> None:
    # both types are required in one slot
    world = row_of_spaces(1, 2)
    why = diagnose(solved(world, [rule("required", sites={"s000": ["t0", "t1"]})]).program, engine("highs"), ONE)
    assert set(why.clashing) == {"required", "space_slots"}
    assert [r[0] for r in told(why.relaxations)] == ["required"]


def test_a_rule_that_a_planner_calls_coverage_is_still_a_rule() -> None:
    rules = [rule("min_coverage", "coverage", share=1.0), rule("count", max=1)]
    why = diagnose(solved(row_of_spaces(2), rules).program, engine("highs"), ONE)
    assert set(why.clashing) == {"coverage", "count"}


def test_one_rule_can_clash_with_itself() -> None:
    world = row_of_spaces(1)
    rules: list[Rule] = [rule("count", "few", min=2), rule("budget", amount=5)]
    assert diagnose(solved(world, rules).program, engine("highs"), ONE).clashing == ("few",)


def test_without_time_the_diagnosis_says_that_it_is_not_complete() -> None:
    rules = [rule("budget", amount=0), rule("count", min=1), rule("count", "more", max=9)]
    why = diagnose(solved(row_of_spaces(2), rules).program, engine("highs"), Limits(time_limit_s=0.0, threads=1))
    assert not why.complete and set(why.clashing) >= {"budget", "count"}


CLASHES = [0, 3, 5, 6, 7, 10, 11, 13, 17, 18, 19, 20]
"""Seeds of random worlds whose rules clash."""


def _program(seed: int) -> Program:
    case = random_case(seed)
    return build(case.problem, case.rules, case.seek)


@pytest.mark.parametrize("seed", CLASHES)
def test_without_any_one_member_of_the_clash_the_rest_can_be_kept(seed: int) -> None:
    program = _program(seed)
    why = diagnose(program, engine("highs"), ONE)
    assert why.complete and why.clashing
    core = [b for b in program.blocks if b.role == "link" or b.owner in why.clashing]
    assert not feasible(Program(program.columns, tuple(core), program.goals))
    for owner in why.clashing:
        rest = tuple(b for b in core if b.owner != owner or b.role == "link")
        assert feasible(Program(program.columns, rest, program.goals)), owner


@pytest.mark.parametrize("seed", CLASHES[::3])
def test_giving_way_by_the_shortfalls_makes_a_plan_possible(seed: int) -> None:
    program = _program(seed)
    why = diagnose(program, engine("highs"), ONE)
    blocks = []
    for b in program.blocks:
        lower, upper = b.lower.copy(), b.upper.copy()
        for give in why.relaxations:
            for r in range(len(b)):
                if (b.owner, b.subject[r] if b.subject else "") == (give.rule, give.subject):
                    room = give.shortfall * b.per_unit + 1e-5
                    lower[r], upper[r] = lower[r] - room, upper[r] + room
        blocks.append(type(b)(**{**b.__dict__, "lower": lower, "upper": upper}))
    assert why.relaxations
    assert feasible(Program(program.columns, tuple(blocks), program.goals))


def test_the_clashes_clash() -> None:
    assert [seed for seed in CLASHES if feasible(_program(seed))] == []
