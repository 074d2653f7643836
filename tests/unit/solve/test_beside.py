"""An engine at work beside other steps: when it has decided, how it is stopped, and that its failures are heard."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from siteopt.program import Answer, Goal, Limits, Program, Status
from siteopt.solve.backend import Progress, Stop
from siteopt.solve.beside import Beside
from siteopt.solve.highs import Highs
from siteopt.units import Floats
from tests.hard_programs import of_rows, random_cover, row

PROGRAM = of_rows(2, [row("one", {0: 1, 1: 1}, -np.inf, 1.0)], [5, 3])
LIMITS = Limits(time_limit_s=30.0, threads=2, seed=7)


def says(status: Status) -> Answer:
    nan = float("nan")
    return Answer(status, None, nan, nan, nan, 0.0, "patient", "1")


class Patient:
    """An engine that works until it is let go or told to stop, and then says what it was asked to say."""

    name = "patient"

    def __init__(self, answer: Answer | BaseException) -> None:
        self.answer, self.go = answer, threading.Event()
        self.how: dict[str, object] = {}
        self.stopped = False

    def solve(self, program: Program, goal: Goal, locks: object, **how: object) -> Answer:
        self.how = {"program": program, "goal": goal, "locks": locks, **how}
        how["report"](Progress(goal.name, 0.1, 4.0, 9.0))  # type: ignore[operator]
        while not self.go.is_set() and not how["stop"]:
            time.sleep(0.005)
        self.stopped = bool(how["stop"])
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def beside(engine: Patient, stop: Stop | None = None, start: Floats | None = None) -> Beside:
    user = stop if stop is not None else Stop()
    return Beside(engine, PROGRAM, PROGRAM.goals[0], (), LIMITS, start=start, stop=user)


@pytest.mark.parametrize(
    ("status", "decided"),
    [("proven", True), ("infeasible", True), ("engine_error", True), ("best_found", False), ("no_plan", False)],
)
def test_it_has_decided_only_with_an_answer_to_the_whole_question(status: Status, decided: bool) -> None:
    engine = Patient(says(status))
    found = beside(engine)
    assert not found.decided and found.answer is None
    engine.go.set()
    assert found.wait(10.0)
    assert found.decided is decided and found.answer is engine.answer


def test_it_is_given_one_core_the_question_and_the_start() -> None:
    engine, start = Patient(says("proven")), np.array([1.0, 0.0])
    engine.go.set()
    assert beside(engine, start=start).wait(10.0)
    limits = engine.how["limits"]
    assert isinstance(limits, Limits)
    assert (limits.threads, limits.seed, limits.time_limit_s) == (1, 7, 30.0)
    assert engine.how["start"] is start and engine.how["program"] is PROGRAM and engine.how["locks"] == ()


def test_waiting_ends_when_the_time_is_over() -> None:
    engine = Patient(says("proven"))
    found = beside(engine)
    began = time.perf_counter()
    assert not found.wait(0.1)
    assert 0.09 < time.perf_counter() - began < 2.0
    found.end()


def test_what_it_tells_of_its_progress_is_heard() -> None:
    engine = Patient(says("best_found"))
    found = beside(engine)
    found.wait(0.05)
    found.end()
    assert (found.incumbent, found.bound) == (4.0, 9.0)


def test_ending_stops_it_waits_for_it_and_leaves_the_user_s_stop_alone() -> None:
    engine, user = Patient(says("best_found")), Stop()
    found = beside(engine, user)
    found.end()
    assert engine.stopped and found.answer is engine.answer and not user
    found.end()  # twice is once


def test_the_user_s_stop_reaches_it() -> None:
    engine, user = Patient(says("best_found")), Stop()
    found = beside(engine, user)
    user.set()
    assert found.wait(10.0) and engine.stopped


def test_its_failure_counts_as_decided_and_is_raised_where_it_is_waited_for() -> None:
    engine = Patient(ArithmeticError("engine broke"))
    found = beside(engine)
    engine.go.set()
    with pytest.raises(ArithmeticError, match="engine broke"):
        found.wait(10.0)
    assert found.decided and found.answer is None
    with pytest.raises(ArithmeticError, match="engine broke"):
        found.end()


def test_a_real_engine_proves_beside_and_one_with_too_much_to_do_is_ended_soon() -> None:
    found = Beside(Highs(), PROGRAM, PROGRAM.goals[0], (), LIMITS, start=None, stop=Stop())
    assert found.wait(20.0) and found.decided
    assert found.answer is not None and found.answer.objective == 5.0
    hard = random_cover(150, 700, 12, seed=4)
    busy = Beside(Highs(), hard, hard.goals[0], (), LIMITS, start=None, stop=Stop())
    busy.wait(0.5)
    began = time.perf_counter()
    busy.end()
    assert time.perf_counter() - began < 5.0
    assert busy.answer is not None and busy.answer.status in ("best_found", "no_plan") and not busy.decided
