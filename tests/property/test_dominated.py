"""Columns left out as dominated never cost value: on random worlds, with and without them the optimum is the same."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.model.build import build
from siteopt.program import Limits
from siteopt.solve import strategy
from siteopt.solve.dominate import dominated
from siteopt.solve.engines import engine
from tests.random_worlds import random_case

LIMITS = Limits(time_limit_s=30.0, threads=1)


@pytest.mark.parametrize("seed", range(1000, 1060))
def test_leaving_out_dominated_columns_keeps_value_and_cost(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case = random_case(seed, n_sites=24, n_types=3, n_cells=20)
    program = build(case.problem, case.rules, case.seek)
    with_them_out = strategy.pursue(program, engine("highs"), LIMITS)
    monkeypatch.setattr(strategy, "dominated", lambda p: np.zeros(len(p.columns), dtype=bool))
    with_all = strategy.pursue(program, engine("highs"), LIMITS)
    assert with_them_out.status == with_all.status
    if with_all.status == "proven":
        assert with_them_out.objective == pytest.approx(with_all.objective, abs=1e-6)
        costs = [a.goals[1].value for a in (with_them_out, with_all) if a.goals[1:]]
        assert costs[0] == pytest.approx(costs[-1], abs=1e-6)


def test_random_worlds_have_columns_to_leave_out() -> None:
    out = [
        int(dominated(build(case.problem, case.rules, case.seek)).sum())
        for case in (random_case(seed, n_sites=24, n_types=3, n_cells=20) for seed in range(1000, 1020))
    ]
    assert sum(n > 0 for n in out) >= 10, out
