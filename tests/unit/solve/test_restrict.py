"""A form over some options only: like classes merged, single ones folded, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from siteopt.program import Limits
from siteopt.solve.backend import Stop
from siteopt.solve.highs import Highs
from siteopt.solve.restrict import alike, program_of, restricted
from tests.hard_programs import row
from tests.random_programs import random_program
from tests.small_covers import covering, every_plan, form_of, optimum

ALL = np.ones(3, dtype=bool)


def table(*rows: list[int]) -> sp.csr_matrix:
    return sp.csr_matrix(np.array(rows, dtype=float))


def test_rows_with_the_same_members_share_a_label_and_others_never_do() -> None:
    label, first = alike(table([1, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]))
    assert label[0] == label[2] and label[1] == label[4]
    assert len({int(label[0]), int(label[1]), int(label[3])}) == 3 == len(first)
    assert label[first].tolist() == [0, 1, 2]


class _NoMarks:
    def integers(self, low: int, high: int, size: int, dtype: type) -> np.ndarray:
        return np.zeros(size, dtype=dtype)


def test_different_rows_stay_apart_even_when_their_random_sums_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np.random, "default_rng", lambda _: _NoMarks())
    rows = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], dtype=float)
    label, first = alike(sp.csr_matrix(rows))
    for one in range(len(rows)):
        for other in range(len(rows)):
            if label[one] == label[other]:
                assert rows[one].tolist() == rows[other].tolist()
    assert label[2] == label[3] and label[4] == label[5]  # neighbours are found still
    assert (rows[first[label]] == rows).all()


def test_no_rows_have_no_labels() -> None:
    label, first = alike(sp.csr_matrix((0, 3)))
    assert len(label) == len(first) == 0


def test_classes_that_the_kept_options_cannot_tell_apart_become_one() -> None:
    form = form_of(covering([[0, 1], [0, 1, 2], [0, 2]], [3, 4, 5]))
    small = restricted(form, np.array([True, True, False]))
    assert small.option.tolist() == [0, 1]
    assert small.form.weight.tolist() == [7.0] and small.group.tolist() == [0, 0, -3]


def test_a_class_of_one_kept_option_is_folded_into_it_with_its_part_in_rows() -> None:
    floor = row("floor", {2: 1, 3: 5, 4: 2}, 6.0, np.inf)  # options 0..2, classes 3..4
    form = form_of(covering([[0], [1, 2]], [10, 4], (floor,), profit=[-1, 0, 0]))
    small = restricted(form, ALL)
    assert small.group.tolist() == [-3, 0]
    assert small.form.profit.tolist() == [9.0, 0.0, 0.0] and small.form.weight.tolist() == [4.0]
    assert small.form.rows_x.toarray().tolist() == [[5, 0, 1]] and small.form.rows_z.toarray().tolist() == [[2]]


def test_a_class_without_a_kept_option_is_worth_nothing() -> None:
    small = restricted(form_of(covering([[2], [0, 1]], [10, 4])), np.array([True, True, False]))
    assert small.group.tolist() == [-2, 0] and small.form.weight.tolist() == [4.0]


def test_options_that_must_be_open_leave_with_what_they_cover_and_what_they_use() -> None:
    money = row("money", {0: 3, 1: 2, 2: 2}, -np.inf, 5.0)
    form = form_of(covering([[0, 1], [1, 2]], [10, 4], (money,), profit=[-1, 0, 0], lower={0: 1.0}))
    small = restricted(form, ALL)
    assert small.option.tolist() == [1, 2] and small.opened.tolist() == [True, False, False]
    assert small.group.tolist() == [-1, 0]
    assert small.form.offset == 9.0 and small.form.row_upper.tolist() == [2.0]
    assert small.whole(np.array([False, True])).tolist() == [True, False, True]


def test_options_of_a_taken_place_and_closed_ones_leave_even_when_kept() -> None:
    slot = row("slot", {0: 1, 1: 1}, -np.inf, 1.0)
    form = form_of(covering([[0, 1, 2, 3]], [10], (slot,), profit=4, lower={0: 1.0}, upper={2: 0.0}))
    assert restricted(form, np.ones(4, bool)).option.tolist() == [3]


def test_nothing_kept_leaves_a_form_without_options_that_is_worth_what_is_open() -> None:
    small = restricted(form_of(covering([[0], [1]], [3, 4], lower={0: 1.0})), np.zeros(3, bool))
    assert small.form.n_options == 0 == small.form.n_classes
    assert small.form.value(np.zeros(0, bool)) == 3.0
    assert small.whole(np.zeros(0, bool)).tolist() == [True, False, False]


def test_the_best_plan_of_the_kept_options_is_the_best_of_the_whole_that_opens_no_others() -> None:
    for seed in range(25):
        form = form_of(random_program(seed, sites=3, classes=15))
        keep = np.random.default_rng(seed).random(form.n_options) < 0.6
        small = restricted(form, keep)
        plans, values = every_plan(form)
        only_kept = ~(plans & ~keep & (form.lower < 0.5)).any(axis=1)
        assert optimum(small.form) == pytest.approx(values[only_kept].max(initial=-np.inf)), seed


def test_a_form_as_a_program_has_the_same_optimum_and_the_same_form() -> None:
    limits = Limits(time_limit_s=20.0, threads=1)
    for seed in range(25):
        form = form_of(random_program(seed, sites=3, classes=15))
        program, goal = program_of(form, 1.0)
        assert goal.sense == "max"
        again = form_of(program)
        for name in ("covers", "rows_x", "rows_z"):
            assert (getattr(again, name) != getattr(form, name)).nnz == 0
        assert again.place.tolist() == form.place.tolist()
        found = Highs().solve(program, goal, (), limits=limits, start=None, report=lambda _: None, stop=Stop())
        best = optimum(form)
        assert found.objective == pytest.approx(best) if np.isfinite(best) else found.status == "infeasible", seed
