"""Rows with the same sites become one; codes alone are never trusted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from siteopt.textbook.classes import Rows, alike, merged


def random_rows(seed: int, n: int = 300, width: int = 9) -> Any:
    return sp.csr_matrix(np.random.default_rng(seed).random((n, width)) < 0.35)


def by_hand(table: Any, key: Any) -> list[int]:
    seen: dict[Any, int] = {}
    out = []
    for r in range(table.shape[0]):
        members = (tuple(table.indices[table.indptr[r] : table.indptr[r + 1]].tolist()), int(key[r]))
        out.append(-1 if not members[0] else seen.setdefault(members, len(seen)))
    return out


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("codes", ["usual", "all equal", "few"])
def test_groups_are_those_of_comparing_members_whatever_the_codes(seed: int, codes: str) -> None:
    table = random_rows(seed)
    key = np.random.default_rng(seed).integers(0, 2, 300)
    made: Any = {"usual": None, "all equal": np.zeros(9, np.uint64), "few": np.arange(9, dtype=np.uint64) % 3}[codes]
    label, first = alike(table.indptr.astype(np.int64), table.indices, key, made)
    assert label.tolist() == by_hand(table, key)
    assert [label[r] for r in first] == list(range(len(first)))


def test_values_add_up_and_empty_rows_leave() -> None:
    table = random_rows(7)
    value = np.random.default_rng(7).integers(0, 9, 300).astype(float)
    groups, label, first = merged(Rows(table.indptr.astype(np.int64), table.indices, value))
    filled = np.diff(table.indptr) > 0
    assert groups.value.sum() == value[filled].sum()
    assert len(groups) == len(first) == label.max() + 1
    for g, r in enumerate(first):
        assert (
            groups.site[groups.indptr[g] : groups.indptr[g + 1]].tolist()
            == table.indices[table.indptr[r] : table.indptr[r + 1]].tolist()
        )


def test_nothing_at_all_has_no_groups() -> None:
    groups, label, first = merged(Rows(np.zeros(4, np.int64), np.empty(0, np.int32), np.ones(3)))
    assert len(groups) == len(first) == 0 and label.tolist() == [-1, -1, -1]
