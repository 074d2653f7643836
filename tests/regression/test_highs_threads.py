"""HiGHS refuses a second run in one process with another thread count, unless its pool is made anew."""

from __future__ import annotations

from siteopt.model.build import build
from siteopt.program import Limits
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from tests.random_worlds import random_case


def test_thread_counts_may_change_within_one_process() -> None:
    case = random_case(4)
    program = build(case.problem, case.rules, case.seek)
    values = {pursue(program, engine("highs"), Limits(threads=n)).objective for n in (1, 2, 1)}
    assert len(values) == 1
