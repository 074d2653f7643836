"""What is known before any search: certain when it says so, and in the planner's units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.plan import Outlook
from siteopt.program import Limits, Rows
from siteopt.solve.backend import Stop
from siteopt.solve.engines import engine
from siteopt.solve.outlook import outlook
from siteopt.solve.strategy import quiet
from tests.clashing_programs import clashing_program
from tests.hard_programs import of_rows, row

INF = np.inf
HIGHS, ONE = engine("highs"), Limits(time_limit_s=10.0, threads=1)


def place(terms: dict[int, float], room: float) -> Rows:
    return replace(row("area", terms, -INF, room, elastic=False), role="place")


def certain(program: object, *, exact: bool = False) -> list[tuple[str, str, float, float, bool]]:
    found = outlook(program, HIGHS if exact else None, ONE)  # type: ignore[arg-type]
    return [(o.rule, o.against, round(o.need, 6), round(o.possible, 6), o.exact) for o in found if not o.can]


def test_a_floor_that_all_vacant_space_cannot_reach_is_told_with_what_it_can_reach() -> None:
    """C3 asks for 1,130 m2. Two spaces of 200 m2 and 212 m2 can take outlets of 200 m2 and 212 m2: 412 m2."""
    program = of_rows(2, [row("tenth", {0: 200, 1: 212}, 1130.0, INF, unit="m2")], [1, 1])
    assert certain(program) == [("tenth", "", 1130.0, 412.0, False)]


def test_outlets_that_compete_for_one_space_are_not_added_up() -> None:
    """One space of 250 m2, outlets of 200 and 212 m2: each alone fits, both do not. At most 212 m2, not 412.

    By parts the space would hold 200/200 of the first and 50/212 of the second: the bound is 250 (every square metre
    used), which is certain and not exact; the engine finds the 212.
    """
    rows = [row("tenth", {0: 200, 1: 212}, 300.0, INF, unit="m2"), place({0: 200, 1: 212}, 250.0)]
    program = of_rows(2, rows, [1, 1])
    assert certain(program) == [("tenth", "", 300.0, 250.0, False)]
    assert certain(program, exact=True) == [("tenth", "", 300.0, 212.0, True)]


def test_floor_area_and_slots_are_held_space_by_space() -> None:
    """Two spaces with one slot each; the first has room for its large outlet, the second only for its small one.

    Space 1: outlets of 10 and 90 in 100 m2, one slot: 90. Space 2: outlets of 10 and 90 in 50 m2: the large one is
    out of question, so 10. Together 100; slots alone would say 180, areas alone 100 + 50.
    """
    slots = replace(row("slots", {0: 1, 1: 1}, -INF, 1.0, elastic=False), role="place")
    more = replace(row("slots", {2: 1, 3: 1}, -INF, 1.0, elastic=False), role="place")
    areas = [place({0: 10, 1: 90}, 100.0), place({2: 10, 3: 90}, 50.0)]
    rows = [row("tenth", {0: 10, 1: 90, 2: 10, 3: 90}, 101.0, INF, unit="m2"), slots, more, *areas]
    assert certain(of_rows(4, rows, [1] * 4)) == [("tenth", "", 101.0, 100.0, False)]


def test_required_spaces_of_1340000_in_a_budget_of_1200000_are_a_pair_that_is_seen_at_once() -> None:
    """940,000 + 400,000 = 1,340,000, in coins of 20,000: 67 of 60."""
    rows = [
        row("budget", {0: 47.0, 1: 20.0, 2: 5.0}, -INF, 60.0, unit="money", per_unit=1 / 20_000),
        row("required", {0: 1.0}, 1.0, INF, unit="outlets"),
        row("required", {1: 1.0}, 1.0, INF, unit="outlets"),
    ]
    assert certain(of_rows(3, rows, [1] * 3)) == [("budget", "required", 1_200_000.0, 1_340_000.0, False)]


def test_the_cheapest_way_to_a_floor_counts_against_the_budget() -> None:
    """Two outlets of any are asked for; the cheapest two cost 3 + 4 = 7 of 6."""
    rows = [
        row("budget", {0: 9.0, 1: 4.0, 2: 3.0}, -INF, 6.0, unit="money"),
        row("count", {0: 1.0, 1: 1.0, 2: 1.0}, 2.0, INF, unit="outlets"),
    ]
    assert certain(of_rows(3, rows, [1] * 3)) == [("budget", "count", 6.0, 7.0, False)]
    rows[0] = row("budget", {0: 9.0, 1: 4.0, 2: 3.0}, -INF, 7.0, unit="money")
    assert certain(of_rows(3, rows, [1] * 3)) == []


def test_floors_that_one_outlet_can_meet_together_are_not_added_up() -> None:
    """Both communities count the outlet on their common border: 5 is enough for both."""
    rows = [
        row("budget", {0: 5.0, 1: 8.0}, -INF, 5.0, unit="money"),
        row("count", {0: 1.0, 1: 1.0}, 1.0, INF, unit="outlets"),
        row("count", {0: 1.0}, 1.0, INF, unit="outlets"),
    ]
    assert certain(of_rows(2, rows, [1, 1])) == []


def test_a_space_that_is_required_and_forbidden_is_told_once() -> None:
    rows = [row("required", {0: 1.0}, 1.0, INF), row("forbidden", {0: 1.0}, -INF, 0.0)]
    assert certain(of_rows(2, rows, [1, 1])) == [("forbidden", "required", 0.0, 1.0, False)]


def test_people_whom_no_open_space_reaches_count_for_nothing() -> None:
    """Column 0 has no slot, so coverage 1 (30 people) cannot be had; 10 of 20 people remain."""
    links = [
        replace(row("coverage", {1: 1.0, 0: -1.0}, -INF, 0.0, elastic=False), role="link"),
        row("reach", {1: 30.0, 2: 10.0}, 20.0, INF, unit="people"),
        replace(row("slots", {0: 1.0}, -INF, 0.0, elastic=False), role="place"),
    ]
    # A link's own column comes first in its row.
    links[0] = replace(links[0], column=np.array([1, 0]), value=np.array([1.0, -1.0]))
    assert certain(of_rows(3, links, [1] * 3)) == [("reach", "", 20.0, 10.0, False)]


def test_what_stands_today_is_part_of_both_figures() -> None:
    floor = replace(row("count", {0: 1.0}, 3.0, INF, unit="outlets"), today=np.array([2.0]))
    assert certain(of_rows(1, [floor], [1])) == [("count", "", 5.0, 3.0, False)]


def test_a_limit_that_can_hardly_be_kept_is_told_but_not_called_impossible() -> None:
    """97 of 100 m2 are asked for, and every space must give all it has."""
    program = of_rows(2, [row("tenth", {0: 60, 1: 40}, 97.0, INF, unit="m2")], [1, 1])
    assert outlook(program) == () or [o.can for o in outlook(program)] == [True]
    (note,) = outlook(program)
    assert isinstance(note, Outlook) and (note.need, note.possible) == (97.0, 100.0)
    loose = of_rows(2, [row("tenth", {0: 60, 1: 40}, 90.0, INF, unit="m2")], [1, 1])
    assert outlook(loose) == ()


def test_a_limit_met_to_the_last_square_metre_is_kept() -> None:
    tenth = [0.1, 0.2]
    program = of_rows(2, [row("tenth", {0: tenth[0], 1: tenth[1]}, 0.3, INF, unit="m2")], [1, 1])
    assert certain(program) == []  # 0.1 + 0.2 is 0.30000000000000004


@pytest.mark.parametrize("first", range(0, 1200, 100))
def test_nothing_is_called_impossible_that_an_engine_can_do(first: int) -> None:
    flagged = 0
    for seed in range(first, first + 100):
        program = clashing_program(seed, places=2 + seed % 4, kinds=1 + seed % 3)
        if any(not o.can for o in outlook(program)):
            goal = program.goals[0]
            answer = HIGHS.solve(program, goal, (), limits=ONE, start=None, report=quiet, stop=Stop())
            assert answer.status == "infeasible", seed
            flagged += 1
    assert flagged > 5


@pytest.mark.parametrize("seed", range(40))
def test_what_is_called_exact_is_what_some_choice_comes_to(seed: int) -> None:
    program = clashing_program(seed)
    for o in outlook(program, HIGHS, ONE):
        if not o.can and o.exact:
            bound = next(
                b for b in outlook(program) if (b.rule, b.subject, b.against) == (o.rule, o.subject, o.against)
            )
            worse = o.possible - bound.possible if o.sense == "ge" else bound.possible - o.possible
            assert worse <= 1e-6 * max(1.0, abs(o.possible))
            assert (o.possible < o.need) if o.sense == "ge" else (o.possible > o.need)
