"""Steps, bounds and proof for large programs, on small random ones: no bound too low, no optimum missed."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from siteopt.program import Answer, Limits, Program
from siteopt.solve.backend import Stop
from siteopt.solve.cover import CoverForm, cover_form
from siteopt.solve.highs import Highs
from siteopt.solve.lagrange import relaxed, settled_options
from siteopt.solve.pricing import priced_out
from siteopt.solve.restrict import restricted
from tests.random_programs import random_program

branch = importlib.import_module("siteopt.solve.branch")
cascade = importlib.import_module("siteopt.solve.cascade")

MANY, FEW = 60, 20
"""Batches of worlds, so that workers share them."""


def plain(program: Program) -> Answer:
    limits = Limits(time_limit_s=60.0, gap=0.0, threads=1)
    return Highs().solve(program, program.goals[0], (), limits=limits, start=None, report=lambda _: None, stop=Stop())


def form_of(program: Program) -> CoverForm:
    form = cover_form(program, program.goals[0])
    assert form is not None
    return form


@pytest.mark.parametrize("batch", range(MANY))
def test_no_bound_is_below_the_optimum_and_nothing_of_a_better_plan_is_settled_away(batch: int) -> None:
    for seed in range(batch * 40, batch * 40 + 40):
        program = random_program(seed)
        form, best = form_of(program), plain(program)
        rough = relaxed(form, steps=25)
        priced = priced_out(form, rough, rough.share > 0.5, seconds=30)
        if best.x is None:
            assert best.status == "infeasible"
            continue
        optimum, opened = form.sign * best.objective, form.opened(best.x)
        assert not priced.infeasible, seed
        for bound in (rough, priced.bound):
            assert bound.value >= optimum - 1e-6, seed
            for known in (optimum - 1, optimum - 4):
                closed, opens = settled_options(form, bound, known, 1.0)
                assert not (opened & closed).any() and not (~opened & opens).any(), seed


@pytest.mark.parametrize("batch", range(FEW))
def test_step_by_step_finds_and_proves_the_engine_s_optimum(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cascade, "ENGINE_PAIRS", 0)
    monkeypatch.setattr(branch, "LEAF_PAIRS", 12)
    for seed in range(batch * 10, batch * 10 + 10):
        program = random_program(seed)
        best = plain(program)
        steps = cascade.Cascade(
            program,
            program.goals[0],
            (),
            form_of(program),
            Highs(),
            Limits(time_limit_s=20.0, gap=0.0, threads=1 + seed % 2, seed=seed),
            start=None,
            report=lambda _: None,
            stop=Stop(),
        )
        found = steps.run()
        if best.x is None:
            assert found.x is None, seed
            continue
        assert found.status == "proven", (seed, found.log)
        assert found.objective == pytest.approx(best.objective, abs=1e-6), (seed, found.log)
        assert found.bound == pytest.approx(best.objective, abs=1e-6), (seed, found.log)


@pytest.mark.parametrize("batch", range(FEW))
def test_a_plan_of_a_restricted_form_is_worth_the_same_in_the_whole_form(batch: int) -> None:
    for seed in range(batch * 20, batch * 20 + 20):
        form = form_of(random_program(seed))
        r = np.random.default_rng(seed)
        small = restricted(form, r.random(form.n_options) < 0.6)
        for _ in range(5):
            plan = r.random(small.form.n_options) < 0.4
            whole = small.whole(plan)
            assert small.form.value(plan) == pytest.approx(form.value(whole))
            assert small.form.violation(plan) == pytest.approx(max(0.0, _rows_violation(form, whole)), abs=1e-9)


def _rows_violation(form: CoverForm, opened: np.ndarray) -> float:
    activity = form.rows_x @ opened.astype(float) + form.rows_z @ form.covered(opened).astype(float)
    return float(np.maximum(activity - form.row_upper, form.row_lower - activity).max(initial=0.0))


def test_shuffled_options_and_classes_have_the_same_bound_and_optimum() -> None:
    from tests.shuffle import shuffled

    for seed in range(30):
        program = random_program(seed)
        again = shuffled(program, seed)
        assert plain(again).objective == pytest.approx(plain(program).objective, nan_ok=True)
        one, other = relaxed(form_of(program), steps=60), relaxed(form_of(again), steps=60)
        assert other.value == pytest.approx(one.value, rel=1e-6)


@pytest.mark.parametrize("batch", range(FEW))
def test_the_engine_beside_the_steps_changes_neither_optimum_nor_proof(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    strategy = importlib.import_module("siteopt.solve.strategy")
    for name, value in (("SMALL", 0), ("LARGE", 0), ("TRY_S", 0.0)):
        monkeypatch.setattr(strategy, name, value)
    monkeypatch.setattr(cascade, "ENGINE_PAIRS", 0)
    monkeypatch.setattr(branch, "LEAF_PAIRS", 12)
    for seed in range(batch * 10, batch * 10 + 10):
        program = random_program(seed, sites=14, classes=120)
        best = plain(program)
        seen: list[tuple[float, float]] = []
        found = strategy.pursue(
            program,
            Highs(),
            Limits(time_limit_s=60.0, gap=0.0, threads=2, seed=seed),
            report=lambda p, seen=seen: seen.append((p.incumbent, p.bound)),
        )
        assert found.status == best.status, (seed, found.log)
        if best.x is None:
            continue
        assert found.objective == pytest.approx(best.objective, abs=1e-6), (seed, found.log)
        sign = 1.0 if program.goals[0].sense == "max" else -1.0
        for incumbent, bound in seen:
            assert not sign * bound < sign * best.objective - 1e-6, seed
            assert not sign * incumbent > sign * best.objective + 1e-6, seed
