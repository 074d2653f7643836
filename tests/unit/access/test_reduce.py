"""Cells that no plan can tell apart become one, by their members; the optimum stays what it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.access.reduce import reduce_cells
from siteopt.model.build import build
from siteopt.problem import ALREADY, NEVER, Coverage, Reduction
from siteopt.program import Limits
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from tests.random_worlds import random_case


def cover(*cells: list[int]) -> Coverage:
    """The sites that reach each cell."""
    return Coverage(np.cumsum([0, *map(len, cells)]), np.array([j for sites in cells for j in sites], dtype=np.int64))


def reduced(
    reach: Coverage,
    *,
    standing: list[int] | None = None,
    option: list[int] | None = None,
    weight: list[float] | None = None,
    segment: list[int] | None = None,
    merge: bool = True,
    n_sites: int = 4,
) -> Reduction:
    """One type; every site an option unless told otherwise."""
    n = len(reach.indptr) - 1
    stands = np.zeros((n_sites, 1), dtype=bool)
    stands[standing or []] = True
    options = np.array(range(n_sites) if option is None else option)[:, None]
    heavy = np.ones(n) if weight is None else np.array(weight, float)
    return reduce_cells(
        [[(0, reach)]],
        stands,
        options,
        heavy,
        np.full(n, -1) if segment is None else np.array(segment),
        merge=merge,
    )


def members(red: Reduction) -> list[list[int]]:
    return [red.pair[red.indptr[c] : red.indptr[c + 1]].tolist() for c in range(len(red.service_of))]


def test_cells_with_the_same_members_become_one_and_their_people_add_up() -> None:
    red = reduced(cover([0, 2], [1], [0, 2], [0, 1], [1]), weight=[1, 2, 4, 8, 16])
    assert members(red) == [[1], [0, 1], [0, 2]]
    assert red.people.tolist() == [18.0, 8.0, 5.0]
    assert red.summed(np.array([[10.0], [20.0], [40.0], [80.0], [160.0]])).tolist() == [180.0, 80.0, 50.0]
    assert red.class_of_cell[:, 0].tolist() == [2, 0, 2, 1, 0]


def test_sets_of_one_size_and_sum_are_not_confused() -> None:
    red = reduced(cover([0, 3], [1, 2]))
    assert members(red) == [[0, 3], [1, 2]]


def test_a_cell_that_a_standing_outlet_covers_is_settled_already() -> None:
    red = reduced(cover([0, 1], [1], []), standing=[0])
    assert red.class_of_cell[:, 0].tolist() == [ALREADY, 0, NEVER]
    assert members(red) == [[1]]


def test_sites_that_are_no_option_are_not_members() -> None:
    red = reduced(cover([0, 1], [1], [0]), option=[-1, 0, 1, 2])
    assert members(red) == [[0]]
    assert red.class_of_cell[:, 0].tolist() == [0, 0, NEVER]


def test_members_are_ascending_options_whatever_the_order_of_sites() -> None:
    red = reduced(cover([0, 1, 2]), option=[2, 0, 1, 3])
    assert members(red) == [[0, 1, 2]]


def test_cells_of_two_segments_stay_apart() -> None:
    red = reduced(cover([0], [0], [0]), segment=[1, 0, 1], weight=[1, 2, 4])
    assert members(red) == [[0], [0]]
    assert red.segment.tolist() == [0, 1] and red.people.tolist() == [2.0, 5.0]


def test_a_rule_that_forbids_merging_keeps_every_cell() -> None:
    red = reduced(cover([0], [0], []), merge=False)
    assert members(red) == [[0], [0]] and len(set(red.class_of_cell[:, 0].tolist())) == 3


def test_each_type_is_reduced_by_itself() -> None:
    stands = np.array([[False, True], [False, False]])
    options = np.array([[0, -1], [1, 2]])
    red = reduce_cells([[(0, cover([0], [0]))], [(1, cover([0], [1]))]], stands, options, np.ones(2), np.full(2, -1))
    assert red.service_of.tolist() == [0, 1]
    assert members(red) == [[0], [2]]
    assert red.class_of_cell.tolist() == [[0, ALREADY], [0, 1]]


def test_a_place_without_cells_or_reach_has_no_classes() -> None:
    for reach in (cover(), cover([], [])):
        red = reduced(reach)
        assert len(red.service_of) == len(red.pair) == 0 and red.indptr.tolist() == [0]


def test_the_order_of_cells_in_a_file_changes_nothing() -> None:
    r = np.random.default_rng(5)
    sites = [sorted(r.choice(4, r.integers(0, 4), replace=False).tolist()) for _ in range(40)]
    weight, segment = r.integers(0, 9, 40).tolist(), r.integers(-1, 2, 40).tolist()
    order = r.permutation(40)
    one = reduced(cover(*sites), weight=weight, segment=segment)
    two = reduced(
        cover(*(sites[i] for i in order)),
        weight=[weight[i] for i in order],
        segment=[segment[i] for i in order],
    )
    for field in ("service_of", "indptr", "pair", "people", "segment"):
        assert getattr(one, field).tolist() == getattr(two, field).tolist()
    assert one.class_of_cell[order].tolist() == two.class_of_cell.tolist()


@pytest.mark.parametrize("seed", range(40))
def test_the_optimum_of_merged_cells_is_the_optimum_of_all_cells(seed: int) -> None:
    case = random_case(seed, n_cells=40)
    small = case.problem
    option_of = np.full(case.world.sites.allowed.shape, -1)
    option_of[small.option_site, small.option_type] = np.arange(len(small.option_site))
    full_reduction = reduce_cells(
        [[(t, reach)] for t, reach in enumerate(small.coverage)],
        case.world.sites.standing,
        option_of,
        case.world.cells.residents,
        case.world.cells.community,
        merge=False,
    )
    full = replace(small, reduction=full_reduction)
    assert len(full_reduction.service_of) >= len(small.reduction.service_of)
    assert full_reduction.people.sum() == pytest.approx(small.reduction.people.sum())
    limits = Limits(time_limit_s=20.0, threads=1)
    answers = [pursue(build(p, case.rules, case.seek), engine("highs"), limits) for p in (small, full)]
    assert answers[0].status == answers[1].status
    if answers[0].x is not None:
        assert answers[0].objective == pytest.approx(answers[1].objective)
        assert answers[0].goals[1].value == pytest.approx(answers[1].goals[1].value)


def test_a_town_is_much_smaller_after_merging() -> None:
    r = np.random.default_rng(0)
    near = r.random((30, 4)) < 0.3
    kinds = r.integers(0, 30, 5000)
    red = reduced(cover(*(np.flatnonzero(near[k]).tolist() for k in kinds)))
    assert len(red.service_of) <= 15
    assert red.people.sum() == (red.class_of_cell[:, 0] >= 0).sum()


def test_either_of_two_types_serves_a_cell_within_its_own_limit() -> None:
    stands = np.array([[False, False], [False, True], [False, False]])
    pairs = np.array([[0, 1], [2, -1], [3, 4]])
    near, far = cover([0], [0], [1], []), cover([0, 2], [2], [], [1])
    red = reduce_cells([[(0, near), (1, far)]], stands, pairs, np.ones(4), np.full(4, -1))
    assert members(red) == [[2], [0, 4], [0, 1, 4]]
    assert red.class_of_cell[:, 0].tolist() == [2, 1, 0, ALREADY]
