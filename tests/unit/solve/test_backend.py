"""What every engine shares: bounds that never lie, rounding, rows, interrupts."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from siteopt.program import Goal, Rows
from siteopt.solve.backend import (
    ROW_TOLERANCE,
    Progress,
    Stop,
    integer_gap_abs,
    proven_bound,
    relative_gap,
    rounded,
    run_with_interrupt,
    settled,
    value_of,
    worst_violation,
)
from tests.hard_programs import binary_columns, of_rows, row
from tests.small_covers import covering


def goal(sense: str, grain: float, offset: float = 0.0) -> Goal:
    return Goal("g", sense, np.zeros(1), offset, grain)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sense", "grain", "offset", "bound", "tightened"),
    [
        ("max", 1.0, 0.0, 17.9, 17.0),
        ("max", 1.0, 0.0, 18.0, 18.0),
        ("max", 1.0, 0.0, 17.9999999999, 18.0),  # float noise of a bound of 18
        ("max", 5.0, 3.0, 17.9, 13.0),  # values are 3, 8, 13, 18
        ("max", 5.0, 3.0, 18.0, 18.0),
        ("min", 1.0, 0.0, 16.1, 17.0),
        ("min", 1.0, 0.0, 16.0000000001, 16.0),
        ("min", 250.0, 0.0, 1001.0, 1250.0),
        ("max", 0.0, 0.0, 17.9, 17.9),  # nothing known of the values
    ],
)
def test_a_bound_is_tightened_to_the_values_that_plans_can_have(
    sense: str, grain: float, offset: float, bound: float, tightened: float
) -> None:
    assert proven_bound(goal(sense, grain, offset), bound) == tightened


@pytest.mark.parametrize("bound", [float("inf"), float("-inf")])
def test_a_bound_that_is_not_known_stays_unknown(bound: float) -> None:
    assert proven_bound(goal("max", 1.0), bound) == bound
    assert np.isnan(proven_bound(goal("max", 1.0), float("nan")))


@pytest.mark.parametrize("seed", range(5))
def test_a_proven_bound_is_never_on_the_wrong_side_of_a_value_that_the_engine_allows(seed: int) -> None:
    r = np.random.default_rng(seed)
    for _ in range(300):
        grain = float(r.choice([1.0, 2.0, 7.0, 250.0]))
        offset = float(r.choice([0.0, 0.3, 1234.5]))
        steps = int(r.integers(0, 10 ** int(r.integers(1, 9))))
        truth = offset + grain * steps
        # an engine's bound lies anywhere beyond the truth, less the noise of its last digits
        beyond = float(r.choice([0.0, 1e-7, 0.4, 3.0])) * grain - abs(truth) * 1e-12
        assert proven_bound(goal("max", grain, offset), truth + beyond) >= truth * (1 - 1e-15)
        assert proven_bound(goal("min", grain, offset), truth - beyond) <= truth * (1 + 1e-15)


def test_noise_on_the_wrong_side_of_a_real_value_is_put_right_and_nothing_else_is() -> None:
    assert settled(goal("max", 0.0), 1000.0, 999.99999999) == 1000.0
    assert settled(goal("min", 0.0), 1000.0, 1000.00000001) == 1000.0
    assert settled(goal("max", 0.0), 1000.0, 1000.1) == 1000.1
    assert settled(goal("max", 0.0), 1000.0, 990.0) == 990.0  # an engine that is wrong must be seen to be
    assert np.isnan(settled(goal("max", 0.0), 1000.0, float("nan")))
    assert settled(goal("max", 0.0), float("nan"), 5.0) == 5.0


def test_columns_are_rounded_where_whole_numbers_are_meant() -> None:
    program = of_rows(4, [], [1, 1, 1, 1])
    x = np.array([2.5e-15, 1.0000000000000018, 0.9999999, -1e-12])
    assert rounded(program, x).tolist() == [0.0, 1.0, 1.0, 0.0]


def test_shares_are_not_rounded_but_noise_at_their_ends_is() -> None:
    columns = binary_columns(1, 4)
    program = of_rows(5, [], [0, 0, 0, 0, 0])
    program = type(program)(columns, (), program.goals)
    x = np.array([0.3, 0.3, 1 - 1e-13, 1.0000001, 0.99999999])
    assert rounded(program, x).tolist() == [0.0, 0.3, 1.0, 1.0, 0.99999999]


def test_coverage_is_raised_to_what_is_open_but_not_through_a_row_that_caps_it() -> None:
    free = covering([[0], [0, 1]], [10, 6], profit=2)
    stopped = np.array([1.0, 0.0, 0.4, 0.0])
    assert rounded(free, stopped).tolist() == [1, 0, 1, 1]
    capped = covering([[0], [0, 1]], [10, 6], (row("cap", {2: 10, 3: 6}, -np.inf, 8.0),), profit=2)
    assert rounded(capped, stopped).tolist() == [1, 0, 0.4, 0]
    floor = covering([[0], [0, 1]], [10, 6], (row("floor", {2: 10}, 1.0, np.inf),), profit=2)
    assert rounded(floor, stopped).tolist() == [1, 0, 1, 1]


def test_the_gap_is_relative_to_the_value_and_to_one_at_least() -> None:
    assert relative_gap(100.0, 103.0) == pytest.approx(0.03)
    assert relative_gap(0.0, 0.5) == 0.5
    assert np.isnan(Progress("g", 1.0, float("nan"), 5.0).gap)
    assert Progress("g", 1.0, 100.0, 110.0).gap == pytest.approx(0.1)


def test_the_absolute_gap_that_proves_is_just_under_one_grain() -> None:
    assert 249.0 < integer_gap_abs(goal("max", 250.0)) < 250.0
    assert integer_gap_abs(goal("max", 0.0)) == 1e-6


def test_a_value_counts_the_offset() -> None:
    assert value_of(Goal("g", "max", np.array([2.0, 3.0]), 10.0), np.array([1.0, 1.0])) == 15.0


def test_the_worst_violation_is_that_of_the_worst_row_on_either_side() -> None:
    blocks = [row("a", {0: 1.0, 1: 1.0}, -np.inf, 1.0), row("b", {1: 2.0}, 5.0, np.inf)]
    assert worst_violation(blocks, np.array([0.0, 2.5])) == 1.5
    assert worst_violation(blocks, np.array([1.0, 1.0])) == 3.0
    assert worst_violation(blocks[:1], np.array([1.0, 0.0])) == 0.0


def test_a_row_at_its_bound_is_not_broken_by_the_noise_of_the_rows_before_it() -> None:
    n = 20_000
    big = 1e9 * np.arange(1, n + 1) / 7
    block = Rows(
        "many",
        np.arange(n + 1),
        np.zeros(n, dtype=np.int64),
        big,
        np.full(n, -np.inf),
        big.copy(),
    )
    assert worst_violation([block], np.array([1.0])) <= ROW_TOLERANCE
    block.upper[n // 2] -= 0.5
    assert worst_violation([block], np.array([1.0])) == pytest.approx(0.5, abs=1e-5)


def test_an_error_in_the_engine_comes_back_to_the_caller() -> None:
    def work() -> None:
        raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        run_with_interrupt(work, Stop())


def test_an_engine_that_cannot_look_is_told_when_stop_is_set() -> None:
    stop, told = Stop(), threading.Event()
    assert not stop
    threading.Timer(0.1, stop.set).start()
    began = time.perf_counter()
    run_with_interrupt(lambda: (told.wait(10.0), None)[1], stop, told.set)
    assert told.is_set() and bool(stop) and time.perf_counter() - began < 5.0


def test_an_engine_is_not_told_to_stop_without_reason() -> None:
    calls: list[int] = []
    run_with_interrupt(lambda: time.sleep(0.15), Stop(), lambda: calls.append(1))
    assert calls == []
