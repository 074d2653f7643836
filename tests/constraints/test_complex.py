"""Service complexes: large enough, with several functions under one roof, some of them the most wanted."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.model.build import build, encode, plan_of
from siteopt.model.objectives.coverage import Coverage, Seek
from siteopt.world import Periods, World
from tests.land_worlds import codes_of, verdicts, with_sites, with_type_ids
from tests.programs import (
    INF,
    accepted,
    judged,
    keeps_rows,
    minutes_of,
    plan_with,
    posed,
    row_of_spaces,
    rule,
    solved,
    stated,
)

NAMES = ("service_complex", "elderly_care", "infant_care", "library")
SMALL = {"min_area_m2": 0, "min_functions": 2, "min_priority": 1}


def town(areas: tuple[float, ...] = (300.0, 200.0, 100.0, 100.0), n: int = 1, **over: object) -> World:
    """Spaces for a complex (type 0) and three functions, the first two of which come first."""
    plain: dict[str, object] = {"area": [2000.0] * n, "slots": [4] * n}
    world = row_of_spaces(n, 4, types={"area_m2": np.array(areas)}, **(plain | over))
    return with_type_ids(world, *NAMES)


def test_the_figures_of_the_guide_are_the_default() -> None:
    rows = stated(town(), rule("complex"))
    assert rows == [
        (
            "s000: service_complex",
            {"s000/service_complex": -3.0, "s000/elderly_care": 1.0, "s000/infant_care": 1.0, "s000/library": 1.0},
            0.0,
            INF,
        ),
        (
            "s000: service_complex: elderly_care + infant_care",
            {"s000/service_complex": -2.0, "s000/elderly_care": 1.0, "s000/infant_care": 1.0},
            0.0,
            INF,
        ),
        (
            "s000: service_complex",
            {
                "s000/service_complex": -300.0,
                "s000/elderly_care": 200.0,
                "s000/infant_care": 100.0,
                "s000/library": 100.0,
            },
            0.0,
            INF,
        ),
    ]


def test_functions_and_those_that_come_first_are_counted_in_the_same_space() -> None:
    wanted = rule("complex", **SMALL)
    kept = [p for p in accepted(town(), wanted) if (0, 0) in p]
    assert kept == [
        [(0, 0), (0, 2), (0, 3)],
        [(0, 0), (0, 1), (0, 3)],
        [(0, 0), (0, 1), (0, 2)],
        [(0, t) for t in range(4)],
    ]
    apart = town(n=2, allowed=np.array([[True, False, True, False], [False, True, False, True]]))
    assert [(0, 0), (0, 2), (1, 1), (1, 3)] not in accepted(apart, wanted)


def test_exactly_the_least_area_is_enough_and_a_square_decimetre_less_is_not() -> None:
    wanted = rule("complex", min_area_m2=600, min_functions=1, min_priority=0)
    for first, enough in ((300.0, True), (299.99, False)):
        world = town((first, 200.0, 100.0, 50.0))
        assert judged(world, wanted, [(0, 0), (0, 1), (0, 2)]) is enough
        assert ([(0, 0), (0, 1), (0, 2)] in accepted(world, wanted)) is enough


def test_what_stands_counts_with_its_area() -> None:
    world = with_sites(town(), standing=np.array([[False, True, False, False]]), standing_area_m2=[250.0])
    wanted = rule("complex", min_area_m2=550, min_functions=1, min_priority=1)
    assert [(0, 0)] in accepted(world, wanted)
    assert [(0, 0)] not in accepted(world, rule("complex", min_area_m2=550.01, min_functions=1, min_priority=1))
    elsewhere = rule("complex", min_area_m2=550, min_functions=1, min_priority=0, functions=["library"])
    assert [(0, 0)] not in accepted(world, elsewhere)  # what stands there is none of its functions


def test_chosen_areas_are_judged_as_they_were_chosen() -> None:
    world, wanted = town(), rule("complex", min_area_m2=600, min_functions=1, min_priority=0)
    plan = replace(plan_with(world, [(0, 0), (0, 3)]), area_m2=np.array([[500.0, 0.0, 0.0, 100.0]]))
    assert all(v.holds for v in wanted.judge(world, minutes_of(world), plan))


def test_functions_are_open_by_the_time_the_complex_is() -> None:
    world = replace(town(), periods=Periods(("1", "2"), (1.0, 1.0), (12.0, 24.0)))
    wanted = rule("complex", min_area_m2=550, min_functions=2, min_priority=1)
    problem = posed(world, [wanted])
    program = build(problem, [wanted], Seek(Coverage()))
    held = set()
    for period in product(range(3), repeat=4):
        opened = np.array([period]) > 0
        plan = replace(plan_of(opened), period=np.array([period]), source=np.where(opened, 0, -1))
        x = np.zeros(len(program.columns))
        x[: len(problem.option_pair)] = encode(problem, plan)
        kept = keeps_rows(program, x)
        assert kept == all(v.holds for v in wanted.judge(world, minutes_of(world), plan)), period
        held |= {period} if kept else set()
    assert (2, 1, 2, 0) in held and (1, 1, 2, 2) not in held and (1, 1, 1, 1) in held and (0, 1, 0, 2) in held


def test_a_town_without_a_complex_has_nothing_to_judge() -> None:
    assert verdicts(town(), rule("complex"), [(0, 1)]) == []


def test_the_verdicts_tell_functions_list_and_area() -> None:
    found = verdicts(town(), rule("complex"), [(0, 0), (0, 1), (0, 3)])
    assert [(v.subject, v.need, v.got, v.unit, v.holds) for v in found] == [
        ("s000: service_complex", 3, 2, "outlets", False),
        ("s000: service_complex: elderly_care + infant_care", 2, 1, "outlets", False),
        ("s000: service_complex", 600, 600, "m2", True),
    ]
    assert found[0].detail["functions"] == "elderly_care, library"


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_a_complex_is_opened_with_its_functions_where_they_fit(engine: str) -> None:
    world = town(n=2, area=[700.0, 600.0])
    world = replace(world, types=replace(world.types, weight=np.array([1.0, 0.0, 0.0, 0.0])))
    found = solved(world, [rule("complex", min_functions=3)], by=engine)
    assert found.opened == [f"s000/{name}" for name in NAMES]


def test_the_check_says_that_too_few_functions_are_known() -> None:
    world = with_type_ids(town(), "service_complex", "a", "b", "c")
    assert codes_of(world, rule("complex", min_functions=4)) == [
        ("warning", "rule_complex_never", 3),
        ("warning", "rule_complex_never", 0),
    ]
    assert codes_of(town(), rule("complex")) == []
    assert [p for p in accepted(world, rule("complex")) if (0, 0) in p] == []


@pytest.mark.parametrize(
    "params", [{"functions": ["service_complex"]}, {"priority": ["service_complex"]}, {"min_functions": -1}]
)
def test_a_complex_is_no_function_of_itself(params: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rule("complex", **params)


def test_standing_functions_whose_area_nobody_says_add_none() -> None:
    world = with_sites(town(), standing=np.array([[False, True, False, False]]), standing_area_m2=[0.0])
    wanted = rule("complex", min_area_m2=301, min_functions=1, min_priority=0)
    assert [(0, 0)] not in accepted(world, wanted)
    assert [(0, 0)] in accepted(world, rule("complex", min_area_m2=300, min_functions=1, min_priority=0))
