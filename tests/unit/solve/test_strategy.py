"""Goals in order: later ones never spoil earlier ones; the clock; second opinions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.model.build import build
from siteopt.program import Answer, Goal, Limits, Program, Rows, rows_from
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from siteopt.solve.tidy import first_of_alike
from tests.hard_programs import binary_columns, of_rows, random_cover, row
from tests.random_worlds import random_case

BOTH = pytest.mark.parametrize("name", ["highs", "pulp"])
ONE = Limits(time_limit_s=20.0, threads=1)


def goals(*parts: tuple[str, str, list[float], float]) -> tuple[Goal, ...]:
    return tuple(Goal(n, s, np.array(c, float), 0.0, g) for n, s, c, g in parts)  # type: ignore[arg-type]


@BOTH
def test_a_later_goal_chooses_among_the_best_and_never_spoils_the_best(name: str) -> None:
    # two of four: {0,1}, {0,2} and {1,2} are worth 10, {1,2} is cheapest; {1,3} would cost 1 and is worth 9
    program = Program(
        binary_columns(4),
        (row("two", {0: 1, 1: 1, 2: 1, 3: 1}, -np.inf, 2.0),),
        goals(("value", "max", [5, 5, 5, 4], 1.0), ("cost", "min", [9, 1, 4, 0], 1.0)),
    )
    answer = pursue(program, engine(name), ONE)
    assert answer.x is not None and answer.x.tolist() == [0.0, 1.0, 1.0, 0.0]
    assert answer.objective == 10.0
    assert [(g.name, g.value, g.status) for g in answer.goals] == [("value", 10.0, "proven"), ("cost", 5.0, "proven")]


@BOTH
@pytest.mark.parametrize("grain", [1.0, 0.0])
def test_the_cheapest_of_equals_is_taken(name: str, grain: float) -> None:
    program = Program(
        binary_columns(3),
        (row("one", {0: 1, 1: 1, 2: 1}, -np.inf, 1.0),),
        goals(("value", "max", [5, 5, 5], grain), ("cost", "min", [3, 1, 2], grain)),
    )
    answer = pursue(program, engine(name), ONE)
    assert answer.x is not None and answer.x.tolist() == [0.0, 1.0, 0.0]
    assert answer.goals[1].value == 1.0


@BOTH
def test_three_goals_are_kept_in_order(name: str) -> None:
    program = Program(
        binary_columns(4),
        (row("one", {0: 1, 1: 1, 2: 1, 3: 1}, -np.inf, 1.0),),
        goals(
            ("value", "max", [5, 5, 5, 4], 1.0),
            ("cost", "min", [2, 1, 1, 0], 1.0),
            ("taste", "max", [9, 1, 2, 9], 1.0),
        ),
    )
    answer = pursue(program, engine(name), ONE)
    assert answer.x is not None and answer.x.tolist() == [0.0, 0.0, 1.0, 0.0]
    assert [g.value for g in answer.goals] == [5.0, 1.0, 2.0]


@BOTH
@pytest.mark.parametrize("fractional", [False, True])
def test_values_of_earlier_goals_survive_on_a_real_size(name: str, fractional: bool) -> None:
    program = random_cover(30, 200, 5, seed=6, density=0.08, fractional=fractional)
    answer = pursue(program, engine(name), ONE)
    assert answer.x is not None and answer.status == "proven"
    assert program.goals[0].cost @ answer.x == pytest.approx(answer.objective, rel=1e-9)


def test_the_status_is_that_of_the_first_goal_even_when_the_second_has_no_time() -> None:
    program = random_cover(120, 500, 10, seed=4)
    answer = pursue(program, engine("highs"), Limits(time_limit_s=0.4, threads=1))
    assert answer.goals[0].status == answer.status == "best_found"
    assert answer.objective == answer.goals[0].value


@BOTH
def test_the_same_program_twice_gives_the_same_plan(name: str) -> None:
    program = random_cover(25, 120, 5, seed=9, density=0.1)
    first, second = (pursue(program, engine(name), ONE) for _ in range(2))
    assert first.x is not None and second.x is not None
    assert first.x.tolist() == second.x.tolist()


@BOTH
@pytest.mark.parametrize("seed", [3, 11, 27])
def test_shuffled_rows_give_the_same_values(name: str, seed: int) -> None:
    case = random_case(seed)
    program = build(case.problem, case.rules, case.seek)
    shuffled = replace(program, blocks=tuple(_shuffled(b, seed) for b in reversed(program.blocks)))
    one, two = pursue(program, engine(name), ONE), pursue(shuffled, engine(name), ONE)
    assert one.status == two.status
    assert [g.value for g in one.goals] == pytest.approx([g.value for g in two.goals])


def _shuffled(block: Rows, seed: int) -> Rows:
    order = np.random.default_rng(seed).permutation(len(block))
    entries = [
        (block.column[block.indptr[r] : block.indptr[r + 1]], block.value[block.indptr[r] : block.indptr[r + 1]])
        for r in order
    ]
    subject = [block.subject[r] if block.subject else "" for r in order]
    made = rows_from(block.owner, entries, block.lower[order], block.upper[order], subject, elastic=block.elastic)
    return replace(made, role=block.role)


def test_of_columns_alike_in_every_row_and_goal_the_first_are_taken() -> None:
    program = of_rows(4, [row("two", {0: 1, 1: 1, 2: 1, 3: 1}, -np.inf, 2.0)], [5, 5, 4, 5])
    assert first_of_alike(program, np.array([0.0, 1.0, 0.0, 1.0])).tolist() == [1.0, 1.0, 0.0, 0.0]
    assert first_of_alike(program, np.array([0.0, 0.0, 1.0, 1.0])).tolist() == [1.0, 0.0, 1.0, 0.0]


def test_columns_that_differ_in_one_coefficient_are_not_alike() -> None:
    program = of_rows(2, [row("money", {0: 1, 1: 2}, -np.inf, 2.0)], [5, 5])
    assert first_of_alike(program, np.array([0.0, 1.0])).tolist() == [0.0, 1.0]


class Scripted:
    """An engine that says what it is told to say, to see what the strategy makes of it."""

    name = "scripted"

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.careful: list[bool] = []

    def solve(self, program: Program, goal: Goal, locks: object, **how: object) -> Answer:
        self.careful.append(bool(how.get("careful", False)))
        return self.answers.pop(0)


def says(
    status: str, x: list[float] | None = None, value: float = float("nan"), bound: float = float("nan")
) -> Answer:
    point = None if x is None else np.array(x)
    return Answer(status, point, value, bound, abs(bound - value), 0.0, "scripted", "1")  # type: ignore[arg-type]


def test_infeasible_is_asked_again_slow_and_strict_and_the_second_word_counts() -> None:
    program = of_rows(1, [row("must", {0: 1}, 1.0, np.inf)], [3.0])
    scripted = Scripted(says("infeasible"), says("proven", [1.0], 3.0, 3.0))
    assert pursue(program, scripted, ONE).status == "proven"
    assert scripted.careful == [False, True]


def test_infeasible_is_not_believed_where_doing_nothing_keeps_every_rule() -> None:
    program = of_rows(1, [row("at most", {0: 1}, -np.inf, 1.0)], [3.0])
    answer = pursue(program, Scripted(says("infeasible"), says("infeasible")), ONE)
    assert answer.status == "engine_error" and "doing nothing" in answer.message


def test_an_engine_that_stops_for_no_reason_without_a_proof_is_asked_again() -> None:
    program = of_rows(1, [row("at most", {0: 1}, -np.inf, 1.0)], [3.0])
    for second, status in (
        (says("proven", [1.0], 3.0, 3.0), "proven"),
        (says("best_found", [1.0], 3.0, 4.0), "best_found"),
    ):
        scripted = Scripted(says("best_found", [0.0], 0.0, 3.0), second)
        assert pursue(program, scripted, ONE).status == status
        assert scripted.careful == [False, True]


def test_a_plan_that_breaks_a_row_after_rounding_is_asked_for_again_and_never_passed_on() -> None:
    program = of_rows(1, [row("at most", {0: 1}, -np.inf, 0.0)], [3.0])
    broken = says("proven", [1.0], 3.0, 3.0)
    assert pursue(program, Scripted(broken, says("proven", [0.0], 0.0, 0.0)), ONE).status == "proven"
    assert pursue(program, Scripted(broken, broken), ONE).status == "engine_error"


def test_an_engine_without_a_plan_in_time_still_has_the_plan_of_doing_nothing() -> None:
    program = of_rows(1, [row("at most", {0: 1}, -np.inf, 1.0)], [3.0])
    answer = pursue(program, Scripted(says("no_plan", bound=3.0)), ONE)
    assert (answer.status, answer.objective, answer.bound, answer.gap) == ("best_found", 0.0, 3.0, 3.0)
    assert answer.x is not None and answer.x.tolist() == [0.0]


def test_an_engine_that_proves_less_than_a_given_plan_is_asked_again_and_then_not_believed() -> None:
    program = of_rows(1, [row("at most", {0: 1}, -np.inf, 1.0)], [3.0])
    idle, right = says("proven", [0.0], 0.0, 0.0), says("proven", [1.0], 3.0, 3.0)
    for second, status in ((idle, "engine_error"), (right, "proven")):
        scripted = Scripted(idle, second)
        answer = pursue(program, scripted, ONE, start=np.ones(1))
        assert scripted.careful == [False, True]
        assert answer.status == status


def test_a_second_goal_that_goes_wrong_leaves_the_plan_at_hand() -> None:
    program = Program(
        binary_columns(2),
        (row("one", {0: 1, 1: 1}, -np.inf, 1.0),),
        goals(("value", "max", [5, 5.5], 0.0), ("cost", "min", [3, 1], 1.0)),
    )
    for second in (says("engine_error"), says("proven", [0.0, 0.0], 0.0, 0.0), says("no_plan")):
        answer = pursue(program, Scripted(says("proven", [0.0, 1.0], 5.5, 5.5), second), ONE)
        assert answer.x is not None and answer.x.tolist() == [0.0, 1.0]
        assert answer.status == "proven" and answer.goals[1].status == "best_found"
