"""Merging cells by what they reach: exact, and the same whatever the batches are."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from siteopt.access import signatures as module
from siteopt.access.exact import carried, limbs_of, people_of
from siteopt.access.signatures import (
    Gathering,
    Levels,
    Signatures,
    levels_of,
    mean_xy_m,
    merged,
    no_signatures,
    ordered,
    persons,
    signatures_of,
    site_of,
)
from siteopt.problem import TravelTimes, coverage_of
from siteopt.units import within
from tests.worlds import times_from

LIMITS = np.array([10.0, 5.0, 10.0])


class Batch:
    """Random cells that often reach the same sites."""

    def __init__(self, seed: int, n_cells: int = 200, n_sites: int = 4) -> None:
        r = np.random.default_rng(seed)
        self.useful = r.random((n_sites, len(LIMITS))) < 0.6
        self.levels = levels_of(LIMITS, self.useful)
        dense = r.choice([1.0, 4.0, 5.0, 5.5, 9.0, 10.0, np.inf], (n_cells, n_sites))
        self.travel = times_from(dense, 10.0)
        self.dense = dense
        self.people = r.integers(0, 9, (n_cells, 2)) + r.choice([0, 0, 0.1, 1 / 3], (n_cells, 2))
        self.community = r.integers(-1, 2, n_cells)
        self.xy_m = r.random((n_cells, 2)) * 1e6
        self.rank = np.arange(n_cells)

    def part(self, which: np.ndarray) -> Signatures:
        travel = times_from(self.dense[which], 10.0)
        return signatures_of(
            travel, self.levels, self.people[which], self.community[which], self.xy_m[which], self.rank[which]
        )


def gathered(parts: list[Signatures]) -> Signatures:
    all_of_them = Gathering(2)
    for part in parts:
        all_of_them.add(part)
    return all_of_them.finished()


def assert_same_bytes(one: Signatures, other: Signatures) -> None:
    for field in fields(Signatures):
        a, b = getattr(one, field.name), getattr(other, field.name)
        assert a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes(), field.name


@pytest.mark.parametrize("seed", range(20))
def test_neither_the_size_of_batches_nor_their_order_nor_who_merged_them_changes_a_byte(seed: int) -> None:
    batch, r = Batch(seed), np.random.default_rng(seed)
    whole = gathered([batch.part(batch.rank)])
    shuffled = r.permutation(200)
    cuts = [0, *sorted(r.integers(0, 200, 7).tolist()), 200]
    parts = [batch.part(shuffled[a:b]) for a, b in pairwise(cuts)]  # some of them empty
    assert_same_bytes(whole, gathered(parts))
    assert_same_bytes(whole, gathered(parts[::-1]))
    left = merged([merged([parts[0], parts[1]]), *parts[2:]])
    right = merged([*parts[:3], merged(parts[3:])])
    assert_same_bytes(ordered(left), ordered(right))
    assert_same_bytes(whole, gathered([batch.part(batch.rank[i : i + 1]) for i in range(200)]))


@pytest.mark.parametrize("seed", range(20))
def test_a_class_decides_every_useful_limit_as_each_of_its_cells_does(seed: int) -> None:
    batch = Batch(seed)
    table = gathered([batch.part(batch.rank)])
    site, row = site_of(table, batch.levels), np.repeat(np.arange(len(table)), np.diff(table.indptr))
    covers = np.zeros((len(table), *batch.useful.shape), dtype=bool)
    covers[row, site] = within(table.minutes[:, None], LIMITS)
    covers &= batch.useful
    of_cells = within(batch.dense[:, :, None], LIMITS) & batch.useful
    rows = {(k, c.tobytes()): n for n, (k, c) in enumerate(zip(table.segment, covers, strict=True))}
    assert len(rows) == len(table), "two classes that nothing tells apart"
    member = np.array([rows[k, c.tobytes()] for k, c in zip(batch.community, of_cells, strict=True)])
    assert (np.bincount(member, minlength=len(table)) == table.n_cells).all() and (table.n_cells > 0).all()
    for n in range(len(table)):
        exact = [sum(map(Fraction, batch.people[member == n, g]), Fraction(0)) for g in range(2)]
        assert persons(table)[n] == pytest.approx([float(v) for v in exact], abs=1e-15)
        assert table.first[n] == np.flatnonzero(member == n)[0]
        assert mean_xy_m(table)[n] == pytest.approx(batch.xy_m[member == n].mean(axis=0), abs=2e-3)


def test_minutes_of_a_class_are_the_longest_of_its_cells() -> None:
    levels = levels_of(np.array([5.0, 10.0]), np.ones((1, 2), dtype=bool))
    travel = times_from(np.array([[1.0], [4.5], [6.0], [9.0]]), 10.0)
    table = signatures_of(travel, levels, np.ones((4, 1)), np.zeros(4, int), np.zeros((4, 2)), np.arange(4))
    assert table.minutes.tolist() == [4.5, 9.0] and table.n_cells.tolist() == [2, 2]


def test_a_walk_of_exactly_the_limit_is_inside_it_and_a_longer_one_is_not() -> None:
    levels = levels_of(np.array([15.0, 20.0]), np.ones((1, 2), dtype=bool))
    travel = times_from(np.array([[15.0], [15.0000005], [15.00001], [0.0]]), 20.0)
    table = signatures_of(travel, levels, np.ones((4, 1)), np.zeros(4, int), np.zeros((4, 2)), np.arange(4))
    assert table.n_cells.tolist() == [3, 1]


def test_a_site_where_nothing_may_open_or_stand_tells_no_cells_apart() -> None:
    levels = levels_of(np.array([5.0, 10.0]), np.array([[True, False], [False, False]]))
    travel = times_from(np.array([[4.0, np.inf], [4.0, 1.0], [7.0, 9.0], [np.inf, 2.0]]), 10.0)
    table = gathered(
        [signatures_of(travel, levels, np.ones((4, 2)), np.zeros(4, int), np.zeros((4, 2)), np.arange(4))]
    )
    assert table.n_cells.tolist() == [2, 2] and np.diff(table.indptr).tolist() == [0, 1]


def test_cells_of_two_communities_stay_apart() -> None:
    levels = levels_of(np.array([5.0]), np.ones((1, 1), dtype=bool))
    travel = times_from(np.ones((3, 1)), 5.0)
    table = signatures_of(travel, levels, np.ones((3, 1)), np.array([0, -1, 0]), np.zeros((3, 2)), np.arange(3))
    assert sorted(zip(table.segment.tolist(), table.n_cells.tolist(), strict=True)) == [(-1, 1), (0, 2)]


@pytest.mark.parametrize("seed", range(10))
def test_the_compiled_loops_find_the_same_classes_as_numpy(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = Batch(seed)
    plain = gathered([batch.part(batch.rank[:120]), batch.part(batch.rank[120:])])
    monkeypatch.setattr(module, "_COMPILED_FROM", 0)
    monkeypatch.setattr(module, "available", lambda: True)  # interpreted where numba is not: the same source
    assert_same_bytes(plain, gathered([batch.part(batch.rank[:120]), batch.part(batch.rank[120:])]))


def test_rows_whose_hashes_collide_stay_apart() -> None:
    """With two slots everything collides; members decide."""
    from siteopt.access.signatures_kernel import group_rows

    code = np.arange(40, dtype=np.int64)
    indptr, segment = np.arange(0, 41, 2, dtype=np.int64), np.zeros(20, dtype=np.int64)
    group, first = np.empty(20, dtype=np.int64), np.empty(20, dtype=np.int64)
    slots = np.full(32, -1, dtype=np.int64)
    assert group_rows(indptr, code, segment, slots, group, first) == 20
    assert group.tolist() == list(range(20))


def test_nobody_anywhere_is_an_empty_table() -> None:
    assert len(Gathering(2).finished()) == 0
    assert len(merged([no_signatures(1), no_signatures(1)])) == 0
    levels = Levels(np.array([5.0]), np.full((0, 2), -1))
    empty = TravelTimes(np.zeros(4, int), np.empty(0, int), np.empty(0), 5.0, "table", 4.0)
    alone = signatures_of(empty, levels, np.ones((3, 1)), np.zeros(3, int), np.zeros((3, 2)), np.arange(3))
    assert alone.n_cells.tolist() == [3] and coverage_of(empty, 5.0).indptr.tolist() == [0, 0, 0, 0]


def test_sums_of_people_do_not_depend_on_the_order() -> None:
    r = np.random.default_rng(5)
    people = np.concatenate([r.random(2000) * 1e-3, r.random(2000) * 1e4, [0.1] * 1000, [1e10, 0.0]])
    sums = set()
    for _ in range(5):
        r.shuffle(people)
        total = np.zeros(3, dtype=np.int64)
        for part in np.array_split(people, 7):
            total = carried(total + limbs_of(part).sum(axis=0))
        sums.add(total.tobytes())
    assert len(sums) == 1
    exact = sum(map(Fraction, people.tolist()), Fraction(0))
    assert people_of(total) == pytest.approx(float(exact), rel=1e-16)


def test_head_counts_survive_the_way_through_integers() -> None:
    people = np.array([0.0, 1.0, 0.5, 1 / 3, 1e10, 123456789.123, 0.1, 2.0**-8, 1e-19, 1 - 2.0**-53])
    back = people_of(limbs_of(people))
    assert back[people >= 2.0**-8].tolist() == people[people >= 2.0**-8].tolist()
    assert np.abs(back - people).max() <= 2.0**-61 and (limbs_of(people)[:, 1:] < 2**30).all()
