"""The matrix: a stored 0 is at the door, what is absent or inf is out of reach, NaN is an error with its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from siteopt.textbook.matrix import read_cover, read_distances
from tests.unit.textbook.test_arrays import refused

DOOR = sp.csr_matrix((np.array([0.0, 5.0, 0.0]), (np.array([0, 0, 1]), np.array([0, 1, 1]))), shape=(3, 2))
"""Row 0 stands at site 0 and 5 from site 1; row 1 stands at site 1; row 2 reaches nobody."""


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok"])
def test_a_stored_zero_is_at_the_door_in_every_format_that_keeps_it(form: str) -> None:
    given = DOOR.asformat(form)
    if given.nnz < 3:
        pytest.fail(f"{form} lost a zero before it came here")
    pairs = read_distances(given)
    assert pairs.row.tolist() == [0, 0, 1] and pairs.site.tolist() == [0, 1, 1]
    assert pairs.distance is not None and pairs.distance.tolist() == [0.0, 5.0, 0.0]
    assert read_cover(given, 0.0).row.tolist() == [0, 1]


def test_the_callers_matrix_is_left_as_it_was() -> None:
    given = sp.csr_matrix((np.array([2.0, 0.0]), np.array([1, 0]), np.array([0, 2])), shape=(1, 2))
    read_distances(given, 1.0)
    assert given.indices.tolist() == [1, 0] and given.data.tolist() == [2.0, 0.0]
    cover = sp.csr_matrix((np.array([True, False]), np.array([1, 0]), np.array([0, 2])), shape=(1, 2))
    assert read_cover(cover, None).site.tolist() == [1]
    assert cover.nnz == 2


def test_dense_and_sparse_are_the_same_matrix() -> None:
    r = np.random.default_rng(1)
    d = r.integers(0, 5, (40, 7)).astype(float)
    d[r.random(d.shape) < 0.3] = np.inf
    row, column = np.nonzero(np.isfinite(d))
    table = sp.csr_matrix((d[row, column], (row, column)), shape=d.shape)
    for reach in (0.0, 2.0, np.inf):
        a, b = read_distances(d, reach), read_distances(table, reach)
        assert a.indptr.tolist() == b.indptr.tolist() and a.site.tolist() == b.site.tolist()
        assert a.distance is not None and b.distance is not None and a.distance.tolist() == b.distance.tolist()


def test_a_long_dense_matrix_is_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    d = np.random.default_rng(2).random((23, 3))
    whole = read_distances(d, 0.5)
    monkeypatch.setattr("siteopt.textbook.matrix.CHUNK", 7)
    parts = read_distances(d, 0.5)
    assert whole.indptr.tolist() == parts.indptr.tolist() and whole.site.tolist() == parts.site.tolist()
    d[20, 1] = np.nan
    assert refused("distance_nan", read_distances, d).facts["index"] == "[20, 1]"


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("distance_nan", np.array([[1.0, np.nan]])),
        ("distance_below_zero", np.array([[1.0, -2.0]])),
        ("distance_below_zero", np.array([[1.0, -np.inf]])),
        ("distance_below_zero", np.array([[1, -2]])),
        ("distance_too_large", np.array([[1.0, 1e16]])),
        ("distance_nan", sp.csr_matrix(np.array([[1.0, np.nan]]))),
        ("distance_below_zero", sp.csr_matrix(np.array([[1.0, -2.0]]))),
        ("not_a_matrix", np.array([1.0, 2.0])),
        ("not_numbers", [["1", "2"]]),
        ("not_numbers", np.array([[1, None]])),
        ("ragged", [[1.0], [1.0, 2.0]]),
        ("cover_for_distances", np.array([[True, False]])),
        ("zeros_unclear", sp.csr_matrix(np.ones((2, 2))).tobsr()),
        ("zeros_unclear", sp.csr_matrix(np.ones((2, 2))).todia()),
        ("pair_twice", sp.coo_matrix((np.ones(2), ([0, 0], [1, 1])), shape=(2, 2))),
        ("pair_twice", sp.csr_matrix((np.ones(2), np.array([1, 1]), np.array([0, 2, 2])), shape=(2, 2))),
        ("not_numbers", sp.csr_matrix(np.array([[1j]]))),
    ],
)
def test_distances_that_cannot_be_used_are_refused(code: str, given: Any) -> None:
    refused(code, read_distances, given)


def test_numbers_without_reach_could_be_flags_or_distances_and_are_refused() -> None:
    for given in (np.array([[0, 1]]), np.array([[0.0, 1.0]]), sp.csr_matrix(np.array([[0, 1]]))):
        refused("reach_needed", read_cover, given, None)
    refused("reach_of_a_cover", read_cover, np.array([[True]]), 3.0)


@pytest.mark.parametrize("reach", [-1.0, np.nan, "5", None, True])
def test_a_reach_that_is_no_distance_is_refused(reach: Any) -> None:
    refused("not_an_amount", read_distances, np.array([[1.0]]), reach)


def test_a_distance_on_the_limit_is_within_it_float_noise_aside() -> None:
    assert read_cover(np.array([[0.1 + 0.2, 0.30001]]), 0.3).site.tolist() == [0]
