"""Step by step: the clock, Ctrl-C, what is known without a plan, what is said on the way."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from siteopt.program import Answer, Limits, Program, Sense
from siteopt.solve import branch, cascade
from siteopt.solve.backend import Progress, Stop
from siteopt.solve.beside import Beside
from siteopt.solve.cascade import Cascade
from siteopt.solve.highs import Highs
from siteopt.text import say
from siteopt.units import Floats
from tests.hard_programs import random_cover, row
from tests.small_covers import covering, every_plan, form_of, optimum

BOTH = pytest.mark.parametrize("threads", [1, 2])


class Told:
    """An engine beside that has told a bound, or has decided."""

    def __init__(self, *, decided: bool = False, bound: float = float("nan"), answer: Answer | None = None) -> None:
        self.decided, self.bound, self.answer = decided, bound, answer


def steps(
    program: Program,
    *,
    seconds: float = 30.0,
    threads: int = 1,
    start: Floats | None = None,
    stop: Stop | None = None,
    said: list[Progress] | None = None,
    beside: Told | None = None,
    gap: float = 0.0,
) -> Answer:
    known: Beside | None = beside  # type: ignore[assignment]
    heard: list[Progress] = said if said is not None else []
    return Cascade(
        program,
        program.goals[0],
        (),
        form_of(program),
        Highs(),
        Limits(time_limit_s=seconds, threads=threads, gap=gap),
        start=start,
        report=heard.append,
        stop=stop if stop is not None else Stop(),
        beside=known,
    ).run()


def small() -> Program:
    return random_cover(14, 60, 4, seed=3, density=0.25)


def hard() -> Program:
    """Not proven within many minutes."""
    return random_cover(150, 700, 14, seed=4)


@BOTH
def test_a_small_world_is_proven_and_its_plan_is_worth_what_is_said(threads: int) -> None:
    program = small()
    found = steps(program, threads=threads)
    assert found.status == "proven" and found.stopped == ""
    assert found.objective == found.bound == optimum(form_of(program)) and found.gap == 0.0
    assert found.x is not None and program.goals[0].cost @ found.x == found.objective
    assert set(found.x.tolist()) <= {0.0, 1.0}


@BOTH
def test_the_time_limit_is_kept_within_a_second(threads: int) -> None:
    steps(small(), threads=threads)  # loads the compiled loops
    began = time.perf_counter()
    found = steps(hard(), seconds=1.5, threads=threads)
    assert time.perf_counter() - began < 2.5
    assert (found.status, found.stopped) == ("best_found", "time")
    assert found.x is not None and found.objective < found.bound < np.inf
    assert found.gap == pytest.approx((found.bound - found.objective) / found.objective)


@BOTH
def test_ctrl_c_returns_the_best_plan_so_far_with_its_bound(threads: int) -> None:
    stop = Stop()
    timer = threading.Timer(1.5, stop.set)
    began = time.perf_counter()
    timer.start()
    found = steps(hard(), seconds=600.0, threads=threads, stop=stop)
    assert time.perf_counter() - began < 6.0
    assert (found.status, found.stopped) == ("best_found", "interrupt")
    assert found.x is not None and 0 < found.objective <= found.bound < np.inf


def test_a_start_is_the_plan_when_there_is_no_time_for_a_better_one() -> None:
    program, stop = small(), Stop()
    stop.set()
    form = form_of(program)
    start = form.point(np.arange(14) < 2, len(program.columns))
    found = steps(program, start=start, stop=stop)
    assert found.status == "best_found" and found.x is not None
    assert found.x.tolist() == start.tolist() and found.objective == form.value(np.arange(14) < 2)
    assert found.bound >= optimum(form)


@BOTH
def test_without_any_plan_that_keeps_the_rows_there_is_no_plan(threads: int) -> None:
    program = covering([[0], [1], [0, 2]], [10, 6, 3], (row("floor", {3: 10, 4: 6}, 17.0, np.inf),))
    found = steps(program, threads=threads, seconds=5.0)
    assert found.status == "no_plan" and found.x is None and np.isnan(found.objective)


def test_the_log_names_the_steps_in_order_with_value_bound_and_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cascade, "ENGINE_PAIRS", 0)
    monkeypatch.setattr(branch, "LEAF_PAIRS", 0)
    said: list[Progress] = []
    found = steps(hard(), seconds=2.0, said=said)
    names = [line.split(" s  ")[1].split()[0] for line in found.log.splitlines()]
    assert names[:1] == ["bound"] and names[-1] == "branch"
    assert [n for n in names if n != "search"][:3] == ["bound", "pricing", "kernel"]
    assert all(" value " in line and " bound " in line and " gap " in line for line in found.log.splitlines())
    words = list(dict.fromkeys(p.step for p in said))
    assert [w for w in words if w != "search"][:3] == ["bound", "pricing", "kernel"] and "proof" in words
    assert all(say("cli", f"step_{word}", lang) for word in words for lang in ("en", "zh"))
    assert all(p.goal == "coverage" for p in said)


def test_where_little_is_settled_the_time_goes_into_more_annealings_and_the_proof_stays_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cascade, "TURN_S", 0.1)
    monkeypatch.setattr(cascade, "FEW_SETTLED", 1.1)
    monkeypatch.setattr(cascade, "ENGINE_PAIRS", 0)
    found = steps(hard(), seconds=4.0)
    names = [line.split(" s  ")[1].split()[0] for line in found.log.splitlines()]
    assert "search" in names[names.index("pricing") : names.index("kernel")]
    assert found.x is not None and found.objective <= found.bound
    for seed in range(5):
        program = random_cover(14, 60, 4, seed=seed, density=0.25)
        found = steps(program)
        assert found.status == "proven" and found.objective == optimum(form_of(program))


@pytest.mark.parametrize("pairs", [0, 10**6])
def test_the_engine_alone_and_branching_prove_the_same(pairs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cascade, "ENGINE_PAIRS", pairs)
    program = random_cover(16, 80, 4, seed=8, density=0.2)
    found = steps(program)
    assert found.status == "proven" and found.objective == optimum(form_of(program))


def test_no_bound_that_is_told_is_below_the_optimum_and_none_rises() -> None:
    program = random_cover(16, 80, 4, seed=8, density=0.2)
    said: list[Progress] = []
    steps(program, said=said)
    best = optimum(form_of(program))
    assert all(p.bound >= best for p in said) and all(not p.incumbent > best for p in said)
    last = [p.bound for p in said if p.step != "proof"]
    assert last == sorted(last, reverse=True)


@BOTH
def test_a_minimum_is_told_in_its_own_sense(threads: int) -> None:
    floor = row("floor", {4: 3, 5: 3, 6: 3}, 6.0, np.inf)  # two of three classes
    program = covering([[0, 3], [1, 3], [2]], [0, 0, 0], (floor,), profit=[-4, -5, -2, -8], sense="min", offset=1.0)
    said: list[Progress] = []
    found = steps(program, threads=threads, said=said)
    assert found.status == "proven" and found.objective == found.bound == 1 + 4 + 2
    assert found.x is not None and found.x[:4].tolist() == [1, 0, 1, 0]
    assert all(p.bound <= 7.0 for p in said) and all(not p.incumbent < 7.0 for p in said)


def test_a_gap_that_is_wide_enough_is_a_proof() -> None:
    found = steps(hard(), seconds=20.0, gap=0.5)
    assert found.status == "proven" and 0 < found.gap <= 0.5 and found.bound > found.objective


def test_an_engine_beside_that_has_decided_ends_the_steps() -> None:
    began = time.perf_counter()
    found = steps(hard(), seconds=60.0, threads=2, beside=Told(decided=True))
    assert time.perf_counter() - began < 5.0 and found.status in ("best_found", "no_plan")


def test_an_engine_that_calls_infeasible_what_has_a_plan_does_not_end_the_steps() -> None:
    nan = float("nan")
    infeasible = Answer("infeasible", None, nan, nan, nan, 0.0, "engine", "1")
    program = random_cover(14, 60, 4, seed=3, density=0.25)
    start = form_of(program).point(np.arange(14) < 1, len(program.columns))
    found = steps(program, start=start, beside=Told(decided=True, answer=infeasible))
    assert found.status == "proven" and found.objective == optimum(form_of(program))


@pytest.mark.parametrize("sense", ["max", "min"])
def test_the_bound_of_an_engine_beside_counts(sense: Sense) -> None:
    near = [(0, 1, 2), (1, 2, 3), (0, 3), (0, 1, 3), (2, 3)]
    count = row("count", dict.fromkeys(range(4), 1.0), -np.inf, 1.0 + 1e-3)
    program = covering(near, [7, 5, 9, 6, 8], (count,), profit=4, sense=sense)
    form = form_of(program)
    plans, values = every_plan(form)
    start = form.point(plans[values.argmax()], len(program.columns))
    told = Told(bound=form.sign * (values.max() + 0.4))  # less than a whole person away
    alone, found = steps(program, start=start), steps(program, start=start, beside=told)
    assert alone.status == found.status == "proven"
    assert found.bound == found.objective == form.sign * values.max()
    assert len(found.log.splitlines()) == 1  # proven as soon as it was heard


def test_an_option_that_must_be_open_is_open_and_a_closed_one_is_not() -> None:
    program = covering(
        [[0], [1], [2]],
        [10, 6, 4],
        (row("count", {0: 1, 1: 1, 2: 1}, -np.inf, 2.0),),
        lower={2: 1.0},
        upper={0: 0.0},
    )
    found = steps(program)
    assert found.status == "proven" and found.x is not None and found.x[:3].tolist() == [0, 1, 1]


def test_where_nothing_is_left_to_decide_the_one_plan_is_the_answer() -> None:
    program = covering([[0], [1]], [10, 6], lower={0: 1.0}, upper={1: 0.0}, profit=2)
    found = steps(program)
    assert (found.status, found.objective, found.bound) == ("proven", 10.0, 10.0)
    broken = covering(
        [[0], [1]], [10, 6], (row("none", {0: 1}, -np.inf, 0.0),), lower={0: 1.0}, upper={1: 0.0}, profit=2
    )
    assert steps(broken).status == "no_plan"
