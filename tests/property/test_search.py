"""Local search on random cities with rules: never past the optimum, never a broken row, however it is guided."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.model.build import build
from siteopt.program import Limits
from siteopt.solve import strategy
from siteopt.solve.cover import cover_form
from siteopt.solve.engines import engine
from siteopt.solve.search import Search
from tests.random_worlds import random_case

LIMITS = Limits(time_limit_s=30.0, threads=1)


@pytest.mark.parametrize("seed", range(2000, 2030))
def test_plans_keep_all_rows_and_stay_below_the_optimum(seed: int) -> None:
    case = random_case(seed, n_sites=14, n_types=3, n_cells=20)
    program = build(case.problem, case.rules, case.seek)
    form = cover_form(program, program.goals[0])
    if form is None:
        return
    answer = strategy.pursue(program, engine("highs"), LIMITS)
    search = Search(form, seed=seed)
    search.start()
    search.run(steps=6_000)
    r = np.random.default_rng(seed)
    search.guide(score=r.random(form.n_options) * (r.random(form.n_options) < 0.4), prices=None)
    search.run(steps=6_000)
    if search.best is None:
        return
    assert answer.x is not None
    assert form.violation(search.best) <= 1e-6
    assert form.sign * search.value == pytest.approx(
        program.goals[0].cost @ form.point(search.best, len(answer.x)) + program.goals[0].offset
    )
    if answer.status == "proven":
        assert search.value <= form.sign * answer.objective + 1e-6


def test_most_optima_are_found() -> None:
    found = tried = 0
    for seed in range(2000, 2030):
        case = random_case(seed, n_sites=14, n_types=3, n_cells=20)
        program = build(case.problem, case.rules, case.seek)
        form = cover_form(program, program.goals[0])
        answer = strategy.pursue(program, engine("highs"), LIMITS)
        if form is None or answer.status != "proven":
            continue
        search = Search(form, seed=seed)
        search.start()
        search.run(steps=20_000)
        tried += 1
        found += search.value >= form.sign * answer.objective - 1e-6
    assert tried >= 10
    assert found >= 0.9 * tried, (found, tried)
