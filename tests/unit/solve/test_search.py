"""Local search: every row is kept, fixed options stay, small forms are solved, the same steps give the same plan."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp

from siteopt.solve.cover import CoverForm
from siteopt.solve.search import Search
from siteopt.units import Bools


def form_of(
    covers: np.ndarray,
    weight: np.ndarray,
    *,
    profit: np.ndarray | None = None,
    rows: list[tuple[np.ndarray, np.ndarray | None, float, float]] | None = None,
    lower: np.ndarray | None = None,
    upper: np.ndarray | None = None,
) -> CoverForm:
    """A form from dense tables; rows are (over options, over classes, low, high)."""
    c, n = covers.shape
    rows = rows or []
    rows_z = [np.zeros(c) if z is None else z for _, z, _, _ in rows]
    table = sp.csr_matrix(covers.astype(float))
    table.indices = table.indices.astype(np.int32)
    return CoverForm(
        option_column=np.arange(n),
        class_column=np.arange(n, n + c),
        profit=np.zeros(n) if profit is None else profit,
        weight=weight.astype(float),
        lower=np.zeros(n) if lower is None else lower,
        upper=np.ones(n) if upper is None else upper,
        covers=table,
        rows_x=sp.csr_matrix(np.array([x for x, _, _, _ in rows]).reshape(len(rows), n)),
        rows_z=sp.csr_matrix(np.array(rows_z).reshape(len(rows), c)),
        row_lower=np.array([low for _, _, low, _ in rows]),
        row_upper=np.array([high for _, _, _, high in rows]),
        place=np.full(n, -1),
        sign=1.0,
        offset=5.0,
    )


def optimum(form: CoverForm) -> float:
    """The best value over all plans, -inf when none keeps the rows."""
    best = -np.inf
    for bits in product((False, True), repeat=form.n_options):
        x = np.array(bits)
        if form.violation(x) <= 1e-6:
            best = max(best, form.value(x))
    return best


def searched(form: CoverForm, *, seed: int = 0, steps: int = 8_000) -> Search:
    search = Search(form, seed=seed)
    search.start()
    search.run(steps=steps)
    return search


def random_form(seed: int, kind: str) -> CoverForm:
    """Ten options, twenty classes, a budget and one more kind of row."""
    r = np.random.default_rng(seed)
    n, c = 10, 20
    covers = r.random((c, n)) < 0.25
    weight = r.integers(1, 50, c)
    cost = r.integers(2, 12, n).astype(float)
    rows: list[tuple[np.ndarray, np.ndarray | None, float, float]] = [(cost, None, -np.inf, float(cost.sum() * 0.4))]
    profit, lower, upper = np.zeros(n), np.zeros(n), np.ones(n)
    if kind == "count":
        rows = [(np.ones(n), None, -np.inf, 3.0)]
    elif kind == "exact count":
        rows = [(np.ones(n), None, 4.0, 4.0)]
    elif kind == "places":
        rows += [(np.isin(np.arange(n), [k, k + 1]).astype(float), None, -np.inf, 1.0) for k in range(0, n, 2)]
    elif kind == "spacing":
        for _ in range(8):
            rows.append((np.isin(np.arange(n), r.permutation(n)[:2]).astype(float), None, -np.inf, 1.0))
    elif kind == "floor over options":
        rows.append((r.integers(0, 9, n).astype(float), None, 9.0, np.inf))
    elif kind == "floor over classes":
        here = r.random(c) < 0.4
        rows.append((np.zeros(n), weight * here, 0.5 * float((weight * here).sum()), np.inf))
    elif kind == "profits":
        profit = r.integers(-30, 10, n).astype(float)
    elif kind == "fixed":
        lower[r.integers(n)] = 1.0
        upper[(r.random(n) < 0.3) & (lower == 0)] = 0.0
    elif kind == "floor with negative coefficients":
        rows.append((np.where(r.random(n) < 0.5, 3.0, -2.0), None, 2.0, np.inf))
    return form_of(covers, weight, profit=profit, rows=rows, lower=lower, upper=upper)


KINDS = (
    "budget",
    "count",
    "exact count",
    "places",
    "spacing",
    "floor over options",
    "floor over classes",
    "profits",
    "fixed",
    "floor with negative coefficients",
)


@pytest.mark.parametrize("kind", KINDS)
def test_small_forms_with_every_kind_of_row_reach_the_optimum_and_never_pass_it(kind: str) -> None:
    reached = 0
    for seed in range(12):
        form = random_form(seed, kind)
        best = optimum(form)
        search = searched(form)
        if search.best is None:
            assert search.value == -np.inf
            reached += best == -np.inf
            continue
        assert form.violation(search.best) <= 1e-6
        assert search.value == form.value(search.best) <= best
        reached += search.value == best
    assert reached >= 11


def test_no_plan_no_best() -> None:
    form = form_of(np.ones((2, 3)), np.ones(2), rows=[(np.ones(3), None, 5.0, np.inf)])
    search = Search(form)
    assert not search.start()
    search.run(steps=1000)
    assert search.best is None
    assert search.value == -np.inf


def test_options_fixed_open_that_exclude_each_other_leave_no_plan() -> None:
    form = form_of(
        np.ones((2, 3)), np.ones(2), rows=[(np.array([1.0, 1, 0]), None, -np.inf, 1.0)], lower=np.array([1.0, 1, 0])
    )
    assert not Search(form).start()


def test_an_option_too_large_for_its_place_stays_closed() -> None:
    form = form_of(np.eye(3), np.array([9, 1, 2]), rows=[(np.array([5.0, 1, 1]), None, -np.inf, 1.0)])
    search = searched(form, steps=500)
    assert search.best is not None
    assert search.best.tolist() == [False, False, True]


def test_forms_without_options_classes_or_rows_are_answered() -> None:
    nothing = form_of(np.zeros((0, 0)), np.zeros(0))
    assert searched(nothing, steps=10).value == 5.0
    no_classes = form_of(np.zeros((0, 2)), np.zeros(0), profit=np.array([3.0, -1]))
    assert searched(no_classes, steps=500).value == 8.0
    no_rows = form_of(np.eye(3), np.array([1, 2, 3]))
    assert searched(no_rows, steps=500).value == 11.0


def test_the_same_seed_and_steps_give_the_same_plan() -> None:
    form = random_form(3, "spacing")
    one, other = searched(form, seed=4, steps=300), searched(form, seed=4, steps=300)
    assert one.best is not None
    assert other.best is not None
    assert (one.best == other.best).all()


def larger(seed: int = 0) -> CoverForm:
    """Sixty options of fractional worth in places, with a budget and a floor per half."""
    r = np.random.default_rng(seed)
    n, c = 60, 200
    covers = r.random((c, n)) < np.repeat([0.02, 0.05, 0.1], 20)[r.permutation(n)]
    weight = r.random(c) * 9
    cost = 1 + 9 * covers.mean(axis=0) * 10 * (0.5 + r.random(n))
    half = np.arange(c) < c // 2
    rows = [
        (cost, None, -np.inf, float(cost.sum()) / 6),
        (np.zeros(n), weight * half, float(weight[half].sum()) * 0.3, np.inf),
        (np.zeros(n), weight * ~half, float(weight[~half].sum()) * 0.3, np.inf),
        *((np.isin(np.arange(n), [k, k + 1, k + 2]).astype(float), None, -np.inf, 1.0) for k in range(0, n, 3)),
    ]
    return form_of(covers, weight, rows=rows)


SCRIPT = """
import json, sys
import numpy as np
sys.path.insert(0, {root!r})
from siteopt.compiled import available
from tests.unit.solve.test_search import guided_plan
print(json.dumps([available(), guided_plan()]))
"""


def guided_plan() -> list[int]:
    """The plan after a fixed number of steps, first without and then with guidance."""
    form = larger()
    search = Search(form, seed=2)
    search.start()
    search.run(steps=3000)
    search.guide(score=np.random.default_rng(5).random(60) * (np.arange(60) % 3 == 0), prices=None)
    search.run(steps=3000)
    assert search.best is not None
    return [int(j) for j in np.flatnonzero(search.best)]


def test_interpreted_and_compiled_loops_give_the_same_plan(root: object) -> None:
    out = []
    for flag in ("1", "0"):
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(root=str(root))],
            env={**os.environ, "SITEOPT_COMPILED": flag},
            capture_output=True,
            text=True,
            check=True,
        )
        out.append(json.loads(run.stdout))
    assert out[1][0] is False
    assert out[0][1] == out[1][1]
    assert len(out[0][1]) > 3


def test_a_run_ends_within_its_limit() -> None:
    search = Search(larger())
    search.start()
    search.run(0.05)
    began = time.perf_counter()
    search.run(0.4)
    assert 0.35 < time.perf_counter() - began < 0.9


def test_a_run_ends_when_told_to_stop() -> None:
    search = Search(larger())
    search.start()
    began = time.perf_counter()
    search.run(30.0, stop=lambda: True)
    assert time.perf_counter() - began < 1.0


def test_there_is_a_first_plan_though_time_was_up_before_it_was_begun() -> None:
    search = Search(larger())
    assert search.start(stop=lambda: True)
    assert search.best is not None and search.best.any()


def test_offers_are_taken_only_when_they_keep_the_rows_and_are_better() -> None:
    form = form_of(np.eye(3), np.array([4, 2, 3]), rows=[(np.ones(3), None, -np.inf, 1.0)])

    def plan(*j: int) -> Bools:
        return np.isin(np.arange(3), j)

    search = Search(form)
    assert search.offer(plan(1))
    assert not search.offer(plan(0, 1))
    assert not search.offer(plan())
    assert search.offer(plan(0))
    assert search.value == 9.0


def test_a_start_from_a_plan_keeps_what_it_can() -> None:
    form = form_of(np.eye(4), np.array([4, 2, 3, 1]), rows=[(np.ones(4), None, -np.inf, 2.0)])
    search = Search(form)
    assert search.start(np.array([False, True, False, True]))
    assert search.best is not None
    assert search.best.tolist() == [False, True, False, True]


def test_guidance_and_prices_never_lose_the_best_plan() -> None:
    form = larger(1)
    search = searched(form, steps=2000)
    before = search.value
    search.guide(score=np.zeros(form.n_options), prices=np.zeros(len(form.row_lower)))
    search.run(steps=2000)
    search.guide(score=np.ones(form.n_options), prices=np.full(len(form.row_lower), 0.5))
    search.run(steps=2000)
    search.guide(score=None, prices=None)
    search.run(steps=2000)
    assert search.best is not None
    assert search.value == form.value(search.best) >= before
    assert form.violation(search.best) <= 1e-6


def test_guidance_before_a_first_plan_and_without_one() -> None:
    form = larger(2)
    search = Search(form, seed=3)
    score = np.linspace(0, 1, form.n_options) * (np.arange(form.n_options) % 4 == 0)
    search.guide(score=score, prices=None)
    search.run(steps=4000)
    assert search.start()
    search.run(steps=4000)
    assert search.best is not None
    assert form.violation(search.best) <= 1e-6
    impossible = form_of(np.ones((2, 8)), np.ones(2), rows=[(np.ones(8), None, 9.0, np.inf)])
    search = Search(impossible)
    search.guide(score=np.arange(8) % 4 / 3, prices=np.array([-1.0]))
    assert not search.start()
    search.run(steps=500)
    assert search.best is None
