"""Every engine keeps the same promises: true words, true bounds, the same values."""

from __future__ import annotations

import threading
import time
from itertools import combinations

import numpy as np
import pytest

from siteopt.program import Answer, Goal, Limits, Program
from siteopt.solve.backend import EngineUnavailable, Progress, Stop
from siteopt.solve.engines import engine
from siteopt.solve.pulp import _cbc_bound
from siteopt.solve.strategy import pursue, quiet
from tests.hard_programs import binary_columns, of_rows, random_cover, row

ALL = pytest.mark.parametrize("name", ["highs", "pulp", "pulp:HiGHS"])
ONE = Limits(time_limit_s=20.0, threads=1)


def sought(program: Program, name: str, limits: Limits = ONE, **how: object) -> Answer:
    """The first goal alone, by an engine."""
    plain = {"start": None, "report": quiet, "stop": Stop()} | how
    return engine(name).solve(program, program.goals[0], (), limits=limits, **plain)  # type: ignore[arg-type]


def best_of(program: Program, most: int) -> float:
    """Brute force over all sets of so many sites."""
    links, weight = program.blocks[0], program.goals[0].cost
    n = int(program.columns.integer.sum())
    cover = np.zeros((len(links), n), dtype=bool)
    for r in range(len(links)):
        cover[r, links.column[links.indptr[r] + 1 : links.indptr[r + 1]]] = True
    return max(float(weight[n:][cover[:, list(s)].any(axis=1)].sum()) for s in combinations(range(n), most))


@ALL
def test_the_optimum_of_a_small_cover_is_proven(name: str) -> None:
    program = random_cover(12, 60, 3, density=0.15)
    answer = sought(program, name)
    assert answer.status == "proven" and answer.stopped == ""
    assert answer.objective == answer.bound == best_of(program, 3)
    assert answer.x is not None and set(answer.x[:12]) <= {0.0, 1.0}
    assert answer.engine == name and answer.version


@ALL
@pytest.mark.parametrize("seed", range(3))
def test_weights_with_fractions_are_proven_too(name: str, seed: int) -> None:
    program = random_cover(14, 50, 4, seed=seed, density=0.15, fractional=True)
    answer = sought(program, name)
    assert answer.status == "proven"
    assert answer.objective == pytest.approx(best_of(program, 4), rel=1e-9)


@ALL
def test_values_below_one_are_proven_although_engines_print_eight_decimals(name: str) -> None:
    answer = sought(of_rows(2, [], [0.1234567891234, 0.333333333333]), name)
    assert answer.status == "proven" and answer.objective == pytest.approx(0.4567901224564, abs=1e-13)


@ALL
def test_a_minimum_and_an_offset_are_told_as_they_are(name: str) -> None:
    least = of_rows(
        3, [row("need", {0: 1, 1: 1, 2: 1}, 2.0, np.inf)], [5, 7, 11], sense="min", grain=1.0, offset=100.0
    )
    answer = sought(least, name)
    assert (answer.status, answer.objective, answer.bound) == ("proven", 112.0, 112.0)


@ALL
def test_rows_with_two_sides_equal_sides_and_no_side_are_kept(name: str) -> None:
    program = of_rows(
        4,
        [
            row("between", {0: 1, 1: 1, 2: 1, 3: 1}, 1.0, 3.0),
            row("equal", {0: 1, 1: -1}, 0.0, 0.0),
            row("free", {2: 5}, -np.inf, np.inf),
            row("empty", {}, -1.0, 1.0),
        ],
        [1, 1, 1, 1],
    )
    answer = sought(program, name)
    assert answer.objective == 3.0 and answer.x is not None and answer.x[0] == answer.x[1]


@ALL
@pytest.mark.parametrize(
    "rows",
    [
        [row("a", {0: 1, 1: 1}, 3.0, np.inf)],
        [row("a", {0: 1}, 1.0, np.inf), row("b", {0: 1}, -np.inf, 0.0)],
        [row("a", {0: 2, 1: 2}, 1.0, 1.0)],  # whole numbers only make it impossible
        [row("a", {}, 1.0, np.inf)],
    ],
)
def test_an_impossible_program_is_called_infeasible_and_has_no_plan(name: str, rows: list[object]) -> None:
    answer = sought(of_rows(2, rows, [1, 1]), name)  # type: ignore[arg-type]
    assert answer.status == "infeasible" and answer.x is None


@ALL
def test_a_program_without_rows_is_solved(name: str) -> None:
    answer = sought(of_rows(3, [], [1, -2, 3]), name)
    assert (answer.status, answer.objective) == ("proven", 4.0)


@ALL
@pytest.mark.parametrize(
    ("rows", "status"),
    [([], "proven"), ([row("a", {}, 1.0, np.inf)], "infeasible"), ([row("a", {}, -1.0, 0.0)], "proven")],
)
def test_a_program_without_columns_has_one_plan_or_none(name: str, rows: list[object], status: str) -> None:
    program = Program(binary_columns(0), tuple(rows), (Goal("g", "max", np.empty(0), 7.0),))  # type: ignore[arg-type]
    answer = pursue(program, engine(name), ONE)
    assert answer.status == status
    if status == "proven":
        assert answer.x is not None and len(answer.x) == 0
        assert (answer.objective, answer.bound, answer.gap) == (7.0, 7.0, 0.0)


@ALL
@pytest.mark.parametrize("gap", [0.0, 0.02])
def test_a_time_limit_never_passes_for_a_proof(name: str, gap: float) -> None:
    program = random_cover(120, 500, 10, seed=4)
    answer = pursue(program, engine(name), Limits(time_limit_s=0.6, gap=gap, threads=1))
    assert answer.status in ("best_found", "proven")
    assert answer.bound >= answer.objective
    assert answer.gap == pytest.approx(abs(answer.bound - answer.objective) / max(1.0, answer.objective))
    assert (answer.status == "proven") == (answer.gap <= max(gap, 1e-9))
    assert answer.seconds < 10.0
    if answer.status == "best_found":
        assert answer.stopped == "time"


@ALL
def test_a_large_cover_at_its_time_limit_has_a_plan_and_a_true_bound(name: str) -> None:
    program = random_cover(300, 3000, 20, seed=1, density=0.02)
    answer = pursue(program, engine(name), Limits(time_limit_s=0.5, threads=1))
    assert answer.status in ("best_found", "proven") and answer.x is not None
    assert answer.bound >= answer.objective >= 0.0
    # whatever the engine found, the bound holds for a plan found by hand: the best sites one by one
    assert answer.bound >= greedy(program, 20)


def greedy(program: Program, most: int) -> float:
    """The value of taking the best site again and again."""
    links, weight = program.blocks[0], program.goals[0].cost
    n = int(program.columns.integer.sum())
    left = weight[n:].copy()
    cell = np.repeat(np.arange(len(links)), np.diff(links.indptr))
    of_site = links.column < n
    for _ in range(most):
        gain = np.bincount(links.column[of_site], weights=left[cell[of_site]], minlength=n)
        left[cell[links.column == np.argmax(gain)]] = 0.0
    return float(weight.sum() - left.sum())


@ALL
def test_a_gap_that_was_asked_for_is_enough_for_a_proof_and_is_told(name: str) -> None:
    program = random_cover(40, 150, 6, seed=2)
    answer = pursue(program, engine(name), Limits(time_limit_s=20.0, gap=0.5, threads=1))
    assert answer.status == "proven" and answer.gap <= 0.5
    assert answer.bound >= sought(program, "highs").objective


@ALL
def test_stop_returns_the_best_so_far_and_says_why(name: str) -> None:
    program = random_cover(120, 500, 10, seed=4)
    stop = Stop()
    threading.Timer(0.5, stop.set).start()
    began = time.perf_counter()
    answer = pursue(program, engine(name), Limits(time_limit_s=60.0, threads=1), stop=stop)
    assert time.perf_counter() - began < 30.0
    assert answer.status == "best_found" and answer.stopped == "interrupt"
    assert answer.x is not None and answer.bound >= answer.objective


def test_highs_reports_progress_with_incumbent_bound_and_gap() -> None:
    lines: list[Progress] = []
    pursue(random_cover(80, 300, 8), engine("highs"), Limits(time_limit_s=2.0, threads=1), report=lines.append)
    known = [line for line in lines if np.isfinite(line.gap)]
    assert known and all(line.bound >= line.incumbent for line in known if line.goal == "coverage")
    assert {line.goal for line in lines} <= {"coverage", "cost"}


def test_an_engine_starts_from_a_plan_that_it_is_given() -> None:
    program = random_cover(120, 500, 10, seed=4)
    good = pursue(program, engine("highs"), Limits(time_limit_s=2.0, threads=1))
    for name in ("highs", "pulp"):
        again = sought(program, name, Limits(time_limit_s=0.3, threads=1), start=good.x)
        assert again.x is not None and again.objective >= good.objective - 1e-9


def test_an_unknown_engine_names_those_that_are_known() -> None:
    with pytest.raises(EngineUnavailable) as missing:
        engine("gurobi")
    assert missing.value.name == "gurobi"
    assert {"highs", "pulp"} <= set(missing.value.known)


def test_a_solver_that_pulp_cannot_run_here_is_unavailable_and_names_those_it_can() -> None:
    for solver in ("NO_SUCH_SOLVER", "MIPCL_CMD"):
        with pytest.raises(EngineUnavailable) as missing:
            engine(f"pulp:{solver}")
        assert missing.value.name == f"pulp:{solver}"
        assert {"highs", "pulp:PULP_CBC_CMD", "pulp:HiGHS"} <= set(missing.value.known)


def test_scip_is_unavailable_where_it_is_not_installed_and_solves_where_it_is() -> None:
    try:
        scip = engine("pulp:SCIP_PY")
    except EngineUnavailable as missing:
        assert missing.name == "pulp:SCIP_PY"
    else:
        program = random_cover(12, 60, 3, density=0.15)
        assert pursue(program, scip, ONE).objective == best_of(program, 3)


CBC_ENDS = {
    "Result - Optimal solution found\n\nObjective value:                -7730.00000000\n": -7730.0,
    # three decimals are printed: the bound may be half of the last one farther out
    "Result - Stopped on time limit\n\nObjective value: -7730.00000000\nLower bound: -7886.123\n": -7886.1235,
    "Result - Optimal solution found (within gap tolerance)\n\nObjective value: -7.0\nLower bound: -7.5\n": -7.55,
    "Result - User ctrl-cuser ctrl-c\n\nObjective value: -14491.00000000\nLower bound:  -15442.467\n": -15442.4675,
}


@pytest.mark.parametrize("end", CBC_ENDS)
def test_the_bound_of_cbc_is_read_from_its_closing_lines_and_widened_by_what_is_not_printed(end: str) -> None:
    assert _cbc_bound("Lower bound: -1\nCbc0012I noise\n" + end) == pytest.approx(CBC_ENDS[end], abs=1e-9)


@pytest.mark.parametrize(
    "log", ["", "Cbc0010I best possible -9000", "Result - Stopped on time limit\n\nNo feasible solution found\n"]
)
def test_a_bound_that_cbc_does_not_tell_is_not_known(log: str) -> None:
    assert np.isnan(_cbc_bound(log))
