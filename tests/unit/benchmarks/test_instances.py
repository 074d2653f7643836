"""The instances that are measured: as published, the same for the same seed, feasible, with rules that bind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from benchmarks.city import CELL_M, REACH_M, TYPES, City, city, program_of
from benchmarks.city_rules import APART_M
from benchmarks.cover import cover_program
from benchmarks.grid import OPTIMA_R4_B15, instance
from benchmarks.grid_kernel import draw, scatter, start
from benchmarks.rows.grid import BATCH, made
from benchmarks.rows.layer import within
from benchmarks.street import STREETS, street
from siteopt.access.discs import disc_classes
from siteopt.program import Limits, Program
from siteopt.solve.cover import cover_form
from siteopt.solve.highs import Highs
from siteopt.solve.strategy import pursue


def test_random_numbers_are_those_of_the_c_library() -> None:
    state, drawn = np.zeros(32, dtype=np.int64), np.empty(8, dtype=np.int32)
    start(state, 5)
    draw(state, drawn[:3])
    draw(state, drawn[3:])
    # The first eight of srand(5), as the GNU C library gives them.
    assert drawn.tolist() == [
        *(590011675, 99788765, 2131925610, 171864072),
        *(317159276, 171035632, 602511920, 963050649),
    ]


def test_the_published_instance_has_the_published_optimum() -> None:
    site_xy, xy, demand = instance(100, 10_000)
    assert demand.min() == 1 and demand.max() == 100
    classes = disc_classes(site_xy, 4.0, [(xy, demand)], slack=0.0)
    assert classes.cover.shape == (1043, 100)
    answer = pursue(cover_program(classes.cover, classes.weight, 15), Highs(), Limits(time_limit_s=60.0))
    assert answer.status == "proven" and answer.objective == OPTIMA_R4_B15[10_000]


def test_points_made_on_the_fly_are_one_stream_however_they_are_cut() -> None:
    xy, demand = np.empty((1000, 2)), np.empty(1000, dtype=np.int32)
    scatter(0, 30.0, 100, xy, demand)
    again, other = np.empty((400, 2)), np.empty(400, dtype=np.int32)
    scatter(2 * 600, 30.0, 100, again, other)
    assert np.array_equal(xy[600:], again) and np.array_equal(demand[600:], other)
    assert xy.min() >= 0 and xy.max() < 30 and abs(xy.mean() - 15) < 1
    assert demand.min() == 1 and demand.max() == 100
    batches = [make() for make in made(BATCH + 7)]
    assert len(batches) == 2 and len(batches[1][0]) == 7


@pytest.fixture(scope="module")
def town() -> City:
    return city(40, 60, seed=3)


def test_a_city_is_the_same_for_the_same_seed(town: City) -> None:
    again = city(40, 60, seed=3)
    for name in ("people", "cost", "cell", "space", "level", "xy_m"):
        assert np.array_equal(getattr(town, name), getattr(again, name))
    assert not np.array_equal(town.people, city(40, 60, seed=4).people)


def test_pairs_of_a_city_are_the_walks_along_its_streets(town: City) -> None:
    from benchmarks.city import _streets

    right_m, down_m = _streets(np.random.default_rng(3), town.width)
    n = len(town.people)
    here = np.arange(n)
    a, b = (here[right_m > 0], here[down_m > 0])
    row, column = np.concatenate([a, b]), np.concatenate([a + 1, b + town.width])
    length = np.concatenate([right_m[a], down_m[b]]).astype(float)
    walk = dijkstra(csr_matrix((length, (row, column)), shape=(n, n)), directed=False, indices=town.site)
    expected = np.searchsorted(REACH_M, walk.T)
    found = np.full((n, len(town.site)), TYPES)
    found[town.cell, town.space] = town.level
    assert np.array_equal(found, expected)


@pytest.mark.parametrize(("width", "spaces", "seed"), [(40, 60, 3), (50, 120, 0)])
def test_rules_of_a_city_bind_and_can_be_kept(width: int, spaces: int, seed: int) -> None:
    made_city = city(width, spaces, seed=seed)
    free, ruled = program_of(made_city), program_of(made_city, ruled=True)
    assert [b.owner for b in ruled.blocks[3:]] == ["spacing", "commercial_area", "min_coverage"]
    best = _relaxation(free)
    kept = _relaxation(ruled)
    assert kept is not None and best is not None and kept < best - 1e-6
    form = cover_form(ruled, ruled.goals[0])
    assert form is not None and (form.place >= 0).all()


def _relaxation(program: Program) -> float | None:
    from benchmarks.rows.city import LP_SOLVERS, _relaxation

    return _relaxation(program, LP_SOLVERS["interior point, no crossover"], 60.0)


def test_rules_are_kept_by_a_whole_plan(town: City) -> None:
    program = program_of(town, ruled=True)
    answer = pursue(program, Highs(), Limits(time_limit_s=5.0))
    assert answer.x is not None
    opened = answer.x[: len(town.site) * TYPES].reshape(-1, TYPES) > 0.5
    assert float(town.cost[opened].sum()) <= town.budget and opened.sum(axis=1).max() <= 1
    for t, metres in enumerate(APART_M):
        at = town.xy_m[opened[:, t]]
        apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) + np.diag(np.full(len(at), np.inf))
        assert apart.min(initial=np.inf) >= metres - CELL_M * 1e-6


def test_the_cover_program_is_worth_what_its_plan_covers() -> None:
    site_xy, xy, demand = instance(12, 200)
    cover = within(site_xy, xy, 6.0)
    answer = pursue(cover_program(cover, demand, 3), Highs(), Limits(time_limit_s=20.0))
    assert answer.x is not None
    chosen = answer.x[:12] > 0.5
    assert chosen.sum() <= 3 and demand[(cover @ chosen.astype(float)) > 0].sum() == answer.objective


@pytest.mark.real
def test_a_published_plan_of_the_bronx_is_worth_its_published_value(shared: Path) -> None:
    made_street = STREETS["bronx"]
    cover, people = street(shared / "street-benchmarks" / made_street.file, made_street.radius_m)
    assert cover.shape == (3839, 3839) and people.sum() == 1385108
    opened = np.zeros(3839)
    opened[PUBLISHED_BRONX_50] = 1.0
    assert people[(cover @ opened) > 0].sum() == made_street.best_known[50]


PUBLISHED_BRONX_50 = [
    *(102, 191, 256, 306, 311, 369, 398, 496, 538, 584, 595, 784, 947, 969, 1037, 1183, 1263, 1285, 1383, 1396),
    *(1473, 1505, 1628, 1780, 1821, 1923, 2001, 2031, 2118, 2270, 2431, 2505, 2581, 2603, 2660, 2737, 2822, 2938),
    *(2998, 3047, 3093, 3113, 3147, 3226, 3341, 3363, 3394, 3423, 3500, 3687),
]
"""Nodes that Máximo, Cordeau and Nascimento (2023) open for p = 50."""
