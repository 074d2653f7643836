"""A budget a coin short of what a plan costs: the row counts in grains, and no tolerance may buy one grain more.

With the amount unrounded in the row, or in a grain of one coin, CBC called doing nothing the best plan. And what the
row rounds down must not be told: a diagnosis named 160,000 where 199,999.99 was given.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from siteopt.program import Limits
from siteopt.solve.diagnose import diagnose
from siteopt.solve.engines import engine
from tests.programs import row_of_spaces, rule, solved

WORLD = row_of_spaces(2, cost=[[120_000.0], [80_000.0]])


@pytest.mark.parametrize("name", ["highs", "pulp"])
def test_a_coin_short_is_short(name: str) -> None:
    assert solved(WORLD, [rule("budget", amount=199_999.99)], by=name).opened == ["s001/t0"]
    assert solved(WORLD, [rule("budget", amount=200_000)], by=name).opened == ["s000/t0", "s001/t0"]


@pytest.mark.parametrize("name", ["highs", "pulp", "pulp:HiGHS"])
@pytest.mark.parametrize("seed", [1, 8, 11, 86])
def test_a_plan_that_is_a_coin_too_dear_does_not_hide_the_best_one(seed: int, name: str) -> None:
    r = np.random.default_rng(seed)
    cost = np.round(r.integers(50_000, 300_000, 6) + r.integers(0, 100, 6) / 100, 2)
    wanted = r.random(6) < 0.5
    budget = round(float(cost[wanted].sum()) - 0.01, 2)
    people = r.integers(1, 100, 6)
    affordable = [
        sum(people[list(c)])
        for k in range(7)
        for c in combinations(range(6), k)
        if cost[list(c)].sum() < budget + 0.005
    ]
    found = solved(row_of_spaces(6, cost=cost[:, None], people=people), [rule("budget", amount=budget)], by=name)
    assert found.answer.status == "proven" and found.answer.objective == max(affordable)


@pytest.mark.parametrize("amount", [199_999.99, 185_000.0, 199_999.0])
def test_the_diagnosis_names_the_budget_that_was_given(amount: float) -> None:
    found = solved(WORLD, [rule("budget", amount=amount), rule("required", sites=["s000", "s001"])])
    (give,) = diagnose(found.program, engine("highs"), Limits(time_limit_s=10.0, threads=1)).relaxations
    assert give.need == pytest.approx(amount, abs=1e-6)
    assert give.shortfall == pytest.approx(200_000 - amount, abs=1e-4)
