"""A smallest clash: found with few questions, and honest when it is cut short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np

from siteopt.program import Answer, Limits, Program, Rows, rows_from
from siteopt.solve.backend import Stop
from siteopt.solve.clash import Clash
from siteopt.solve.diagnose import diagnose
from siteopt.solve.engines import engine
from tests.hard_programs import of_rows, row

INF = np.inf
ONE = Limits(time_limit_s=20.0, threads=1)


class Counted:
    """HiGHS, and how often it was asked."""

    name = "highs"

    def __init__(self) -> None:
        self.asked = 0
        self._engine = engine("highs")

    def solve(self, *given: Any, **more: Any) -> Answer:
        self.asked += 1
        return self._engine.solve(*given, **more)


def many(n: int) -> Program:
    """``n`` communities each ask for an outlet of their own; two of them are not allowed one."""
    ones: Sequence[Any] = [(np.array([k]), np.ones(1)) for k in range(n)]
    names = [f"C{k}" for k in range(n)]
    asked = rows_from("must", ones, [1.0] * n, [INF] * n, names, unit="outlets")
    return of_rows(n, [asked, row("most", dict.fromkeys(range(n), 1.0), -INF, n - 1.0)], [1.0] * n)


def test_whom_a_clash_is_about_is_found_among_many_with_few_questions() -> None:
    """Of 64 communities only C7 may not have what it asks for."""
    n = 64
    asked = many(n).blocks[0]
    banned = row("forbidden", {7: 1.0}, -INF, 0.0)
    program = of_rows(n, [asked, banned], [1.0] * n)
    backend = Counted()
    clash = Clash(program, backend, ONE, Stop())
    assert clash.rules((), perf_counter() + 20) == (("must", "forbidden"), True)
    backend.asked = 0
    assert clash.subjects(("must", "forbidden"), perf_counter() + 20) == (("must", "C7"), ("forbidden", "forbidden"))
    assert backend.asked < n / 2


def test_where_every_part_is_needed_every_part_is_told() -> None:
    why = diagnose(many(5), engine("highs"), ONE)
    assert set(why.clashing) == {"must", "most"}
    assert set(why.subjects) == {("most", "most"), *(("must", f"C{k}") for k in range(5))}


def test_one_rule_that_clashes_alone_is_told_rather_than_two_that_clash_together() -> None:
    """The second and third rule each other out; the first asks for three of two, and the filter meets it first."""
    rows: list[Rows] = [
        row("alone", {0: 1.0, 1: 1.0}, 3.0, INF, unit="outlets"),
        row("first", {0: 1.0}, 1.0, INF, unit="outlets"),
        row("second", {0: 1.0}, -INF, 0.0, unit="outlets"),
    ]
    assert diagnose(of_rows(2, rows, [1.0, 1.0]), engine("highs"), ONE).clashing == ("alone",)


def test_logic_that_belongs_to_no_rule_is_kept_and_not_named() -> None:
    once = row("once", {0: 1.0, 1: 1.0}, -INF, 1.0, elastic=False)
    program = of_rows(2, [once, row("both", {0: 1.0, 1: 1.0}, 2.0, INF, unit="outlets")], [1.0, 1.0])
    why = diagnose(program, engine("highs"), ONE)
    assert why.clashing == ("both",)
    (way,) = why.repairs
    assert [(c.need, c.possible) for c in way.relaxations] == [(2.0, 1.0)]


def test_ctrl_c_ends_a_diagnosis_with_what_is_known() -> None:
    stop = Stop()
    stop.set()
    why = diagnose(many(4), engine("highs"), ONE, stop=stop)
    assert not why.complete and set(why.clashing) == {"must", "most"}
    assert why.repairs == () and not why.repairs_complete


def test_a_gap_that_the_scenario_allows_is_not_allowed_to_a_way_out() -> None:
    """Money in coins of 1: 5 + 7 = 12 of 10 asked for; a gap of 50 % would let 13 pass for the least."""
    rows = [
        row("budget", {0: 5.0, 1: 7.0, 2: 8.0}, -INF, 10.0, unit="money"),
        row("count", {0: 1.0, 1: 1.0, 2: 1.0}, 2.0, INF, unit="outlets"),
    ]
    why = diagnose(of_rows(3, rows, [1.0, 1.0, 5.0]), engine("highs"), replace(ONE, gap=0.5))
    money = next(r for r in why.repairs if r.rules == ("budget",))
    assert money.proven and money.relaxations[0].possible == 12.0
