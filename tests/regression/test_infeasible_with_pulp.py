"""Diagnosis with the second engine: its slack has no upper bound, which PuLP must be told as None, not as inf."""

from __future__ import annotations

from siteopt.program import Limits
from siteopt.solve.diagnose import diagnose
from siteopt.solve.engines import engine
from tests.programs import row_of_spaces, rule, solved


def test_an_infeasible_program_is_diagnosed_by_every_engine_alike() -> None:
    rules = [rule("budget", amount=1), rule("count", min=2)]
    program = solved(row_of_spaces(2, cost=[[3.0], [4.0]]), rules).program
    whys = [
        diagnose(program, engine(name), Limits(time_limit_s=20.0, threads=1))
        for name in ("highs", "pulp", "pulp:HiGHS")
    ]
    assert {why.clashing for why in whys} == {("budget", "count")}
    assert all(why.complete and why.relaxations for why in whys)
