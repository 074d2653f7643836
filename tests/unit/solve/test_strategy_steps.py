"""Large programs: steps and an engine beside them, what counts of each, and what is not begun at all."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from siteopt.program import Answer, Goal, Limits, Program, Status
from siteopt.solve import cascade, strategy
from siteopt.solve.backend import Stop, worst_violation
from siteopt.solve.highs import Highs
from siteopt.solve.reconcile import reconciled
from siteopt.solve.strategy import pursue
from tests.hard_programs import binary_columns, random_cover, row
from tests.small_covers import covering, form_of, optimum

MOST, LEAST = Goal("g", "max", np.array([1.0])), Goal("g", "min", np.array([1.0]))
NO_GAP = Limits(gap=0.0)
NAN = float("nan")


def says(status: Status, value: float = NAN, bound: float = NAN, name: str = "engine", stopped: str = "") -> Answer:
    x = None if np.isnan(value) else np.array([value])
    return Answer(status, x, value, bound, abs(bound - value), 0.0, name, "1", stopped, log=f"{name}\n")


def both(
    goal: Goal, steps: tuple[Status, float, float], engine: tuple[Status, float, float], keeps: bool = True
) -> Answer:
    one, other = says(*steps, name="steps", stopped="time"), says(*engine)
    return reconciled(goal, NO_GAP, one, other, lambda _: keeps)


def test_an_engine_that_decided_has_the_last_word() -> None:
    for status, value, bound in (("proven", 5.0, 5.0), ("engine_error", NAN, NAN)):
        found = both(MOST, ("best_found", 4.0, 6.0), (status, value, bound))
        assert (found.engine, found.status) == ("engine", status) and found.log == "engine\nsteps\n"
    found = both(MOST, ("no_plan", NAN, 6.0), ("infeasible", NAN, NAN))
    assert (found.engine, found.status) == ("engine", "infeasible") and found.log == "engine\nsteps\n"


def test_infeasible_does_not_count_against_a_plan_that_keeps_every_row_and_is_told_of() -> None:
    for status, bound in (("best_found", 6.0), ("proven", 4.0)):
        found = both(MOST, (status, 4.0, bound), ("infeasible", NAN, NAN))
        assert (found.engine, found.status, found.objective, found.bound) == ("steps", status, 4.0, bound)
        assert "infeasible" in found.message and found.x is not None
    # A plan that breaks a row is none.
    assert both(MOST, ("best_found", 4.0, 6.0), ("infeasible", NAN, NAN), keeps=False).status == "infeasible"


@pytest.mark.parametrize("goal", [MOST, LEAST])
@pytest.mark.parametrize(
    ("steps", "engine"),
    [
        (("best_found", 6.0, 9.0), ("proven", 5.0, 5.0)),
        (("proven", 5.0, 5.0), ("best_found", 6.0, 9.0)),
        (("best_found", 6.0, 9.0), ("no_plan", NAN, 5.0)),
        (("no_plan", NAN, 5.0), ("best_found", 6.0, 9.0)),
    ],
)
def test_a_plan_better_than_a_bound_is_a_contradiction_and_never_silent(
    goal: Goal, steps: tuple[Status, float, float], engine: tuple[Status, float, float]
) -> None:
    sign = 1.0 if goal.sense == "max" else -1.0
    one, other = ((status, sign * value, sign * bound) for status, value, bound in (steps, engine))
    found = both(goal, one, other)
    assert found.status == "engine_error" and found.message
    assert (found.objective, found.bound) == (sign * 6.0, sign * 5.0) and found.log == "engine\nsteps\n"
    assert both(goal, one, other, keeps=False).status != "engine_error"  # of a plan that breaks a row nothing follows


@pytest.mark.parametrize(("noise", "status"), [(1e-9, "proven"), (5e-8, "proven"), (1e-5, "engine_error")])
def test_the_last_digits_of_an_engine_are_no_contradiction(noise: float, status: Status) -> None:
    found = both(MOST, ("best_found", 1000.0 * (1 + noise), 1200.0), ("proven", 1000.0, 1000.0))
    assert (found.engine, found.status) == ("steps", status)


def test_of_plans_as_good_an_engine_s_counts_where_it_is_proven() -> None:
    found = both(MOST, ("best_found", 5.0, 7.0), ("proven", 5.0, 5.0))
    assert (found.engine, found.status, found.stopped) == ("engine", "proven", "")
    assert both(MOST, ("best_found", 5.0, 7.0), ("best_found", 5.0, 6.0)).engine == "steps"


def test_steps_that_proved_it_or_an_engine_that_knows_no_bound_leave_the_steps_answer() -> None:
    assert both(MOST, ("proven", 5.0, 5.0), ("best_found", 4.0, 9.0)).engine == "steps"
    for bound in (np.inf, NAN):
        found = both(MOST, ("best_found", 4.0, 6.0), ("no_plan", NAN, bound))
        assert (found.engine, found.status, found.bound) == ("steps", "best_found", 6.0)


@pytest.mark.parametrize(
    ("steps", "engine", "who", "value", "bound"),
    [
        ((4.0, 7.0), (3.0, 6.0), "steps", 4.0, 6.0),
        ((4.0, 6.0), (3.0, 7.0), "steps", 4.0, 6.0),
        ((3.0, 6.0), (4.0, 7.0), "engine", 4.0, 6.0),
        ((3.0, 7.0), (4.0, 6.0), "engine", 4.0, 6.0),
        ((4.0, 6.0), (4.0, 7.0), "steps", 4.0, 6.0),  # as good: the steps'
        ((4.0, 7.0), (NAN, 6.0), "steps", 4.0, 6.0),
        ((NAN, 6.0), (4.0, 7.0), "engine", 4.0, 6.0),
    ],
)
@pytest.mark.parametrize("goal", [MOST, LEAST])
def test_the_better_plan_and_the_better_bound_count_whoever_has_them(
    goal: Goal, steps: tuple[float, float], engine: tuple[float, float], who: str, value: float, bound: float
) -> None:
    sign = 1.0 if goal.sense == "max" else -1.0
    one, other = (("best_found", sign * v, sign * b) for v, b in (steps, engine))
    found = both(goal, one, other)  # type: ignore[arg-type]
    assert (found.engine, found.objective, found.bound) == (who, sign * value, sign * bound)
    assert found.status == "best_found" and found.gap == pytest.approx(0.5)
    assert found.x is not None and found.x.tolist() == [sign * value]


def test_the_plan_of_one_and_the_bound_of_the_other_may_be_a_proof() -> None:
    assert both(MOST, ("best_found", 6.0, 9.0), ("best_found", 4.0, 6.0)).status == "proven"
    assert both(MOST, ("best_found", 4.0, 6.0), ("best_found", 6.0, 9.0)).status == "proven"


def test_an_engine_that_was_ended_with_the_steps_was_not_stopped_by_hand() -> None:
    steps = says("best_found", 3.0, 6.0, name="steps", stopped="time")
    found = reconciled(MOST, NO_GAP, steps, says("best_found", 4.0, 7.0, stopped="interrupt"), lambda _: True)
    assert (found.engine, found.status, found.stopped) == ("engine", "best_found", "time")
    proof = reconciled(MOST, NO_GAP, steps, says("best_found", 6.0, 9.0, stopped="interrupt"), lambda _: True)
    assert (proof.engine, proof.status, proof.stopped) == ("engine", "proven", "")


def test_two_without_a_plan_have_the_better_bound_and_no_plan() -> None:
    found = both(MOST, ("no_plan", NAN, 8.0), ("no_plan", NAN, 6.0))
    assert (found.status, found.bound) == ("no_plan", 6.0) and found.x is None


@pytest.fixture
def all_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every program is large enough for steps."""
    monkeypatch.setattr(strategy, "SMALL", 1)
    monkeypatch.setattr(strategy, "LARGE", 1)


class Knowing(Highs):
    """HiGHS, but on the whole program it proves after half a second that nothing should be opened."""

    def __init__(self, whole: Program) -> None:
        self.whole = whole
        self.asked = 0

    def solve(self, program: Program, *rest: object, **how: object) -> Answer:  # type: ignore[override]
        if program is not self.whole:
            return super().solve(program, *rest, **how)  # type: ignore[arg-type]
        self.asked += 1
        time.sleep(0.5)
        return replace(says("proven", 0.0, 0.0), x=np.zeros(len(program.columns)))


@pytest.mark.usefixtures("all_is_large")
def test_an_engine_that_proves_beside_ends_the_steps_and_is_held_to_what_they_know() -> None:
    program = random_cover(150, 700, 14, seed=4)
    engine, limits = Knowing(program), Limits(time_limit_s=60.0, threads=2)
    began = time.perf_counter()
    answer = strategy._sought(program, program.goals[0], (), engine, limits, None, strategy.quiet, Stop())
    assert time.perf_counter() - began < 10.0
    assert engine.asked == 1 and "bound" in answer.log  # the steps had begun
    # They had found a plan, so that the engine's proof is none.
    assert answer.status == "engine_error" and answer.bound == 0.0 < answer.objective


def test_an_engine_that_proves_at_once_is_not_joined_by_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strategy, "SMALL", 1)
    monkeypatch.setattr(cascade, "Cascade", None)  # would fail
    program = random_cover(14, 60, 4, seed=3, density=0.25)
    answer = pursue(program, Highs(), Limits(time_limit_s=20.0, threads=2))
    assert answer.status == "proven" and answer.objective == optimum(form_of(program))


@pytest.mark.usefixtures("all_is_large")
@pytest.mark.parametrize("threads", [1, 2])
def test_steps_give_the_plan_of_the_engine_alone_in_every_goal(threads: int) -> None:
    program = random_cover(14, 60, 4, seed=3, density=0.25)
    answer = pursue(program, Highs(), Limits(time_limit_s=20.0, threads=threads))
    assert [g.status for g in answer.goals] == ["proven", "proven"]
    assert answer.goals[0].value == optimum(form_of(program)) and answer.goals[1].value == 4.0
    assert answer.x is not None and worst_violation(program.blocks, answer.x) == 0.0


@pytest.mark.usefixtures("all_is_large")
@pytest.mark.parametrize("threads", [1, 2])
def test_that_no_plan_exists_is_for_the_engine_to_say(threads: int) -> None:
    floor = row("floor", {3: 10, 4: 6}, 17.0, np.inf)
    program = covering([[0, 2], [1]], [10, 6], (floor,))
    answer = pursue(program, Highs(), Limits(time_limit_s=20.0, threads=threads))
    assert answer.status == "infeasible" and answer.x is None


class Scripted:
    """An engine that says what it is told to say."""

    name = "scripted"

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.goals = list(answers), list[str]()

    def solve(self, program: Program, goal: Goal, *_: object, **__: object) -> Answer:
        self.goals.append(goal.name)
        return self.answers.pop(0)


@pytest.mark.parametrize(
    ("huge", "first", "sought"),
    [(0, "best_found", ["value"]), (0, "proven", ["value", "cost"]), (10**6, "best_found", ["value", "cost"])],
)
def test_on_a_huge_program_a_later_goal_is_sought_only_after_a_proof(
    huge: int, first: Status, sought: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strategy, "HUGE", huge)
    goals = (Goal("value", "max", np.array([5.0, 4.0])), Goal("cost", "min", np.array([3.0, 1.0])))
    program = Program(binary_columns(2), (row("one", {0: 1, 1: 1}, -np.inf, 1.0),), goals)
    x = np.array([1.0, 0.0])
    lead = replace(says(first, 5.0, 5.0 if first == "proven" else 9.0, stopped="time"), x=x)
    engine = Scripted(lead, replace(says("proven", 3.0, 3.0), x=x))
    answer = pursue(program, engine, Limits(time_limit_s=20.0, threads=1))
    assert engine.goals == sought == [g.name for g in answer.goals]
    assert (answer.status, answer.objective) == (first, 5.0) and answer.x is not None
