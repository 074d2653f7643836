"""Walking minutes: known answers by hand, and the whole-graph search as witness."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from siteopt.access.snap import Snapper
from siteopt.access.travel import straight_line_times, walk_times
from siteopt.findings import Findings
from siteopt.layers.osm import read_osm
from siteopt.problem import TravelTimes, coverage_of
from siteopt.scenario.schema import WalkFilter
from siteopt.world import Streets
from tests.street_worlds import grid_streets, random_streets, slow_metres, streets_of, tiled

LIMITS = {"cutoff_min": 15.0, "speed_kmh": 4.0, "max_snap_m": 500.0, "min_component_m": 0.0}
M_PER_MIN = 4000 / 60
CROSS = streets_of([(-2000, 0), (0, 0)], [(0, 0), (2000, 0)], [(0, -2000), (0, 0)], [(0, 0), (0, 2000)])


def pairs(times: TravelTimes) -> dict[tuple[int, int], float]:
    return {(int(i), int(j)): float(m) for i, j, m in zip(times.cell, times.site, times.minutes, strict=True)}


def walk(streets: Streets, cells: object, sites: object, **over: float) -> dict[tuple[int, int], float]:
    cells_xy, sites_xy = (np.array(p, dtype=float).reshape(-1, 2) for p in (cells, sites))
    return pairs(walk_times(cells_xy, sites_xy, streets, **(LIMITS | over))[0])


def assert_well_formed(times: TravelTimes, n_cells: int) -> None:
    assert len(times.indptr) == n_cells + 1
    assert times.indptr[0] == 0
    assert times.indptr[-1] == len(times.site) == len(times.minutes)
    same_cell = np.diff(times.cell) == 0
    assert (np.diff(times.site)[same_cell] > 0).all()
    assert (times.minutes >= 0).all()
    assert (times.indptr.dtype, times.site.dtype, times.minutes.dtype) == (np.int64, np.int64, np.float64)
    assert not times.minutes.flags.writeable


def test_the_walk_is_access_then_street_then_access() -> None:
    got = walk(CROSS, [(-300, 20)], [(10, 200)])
    assert got == {(0, 0): pytest.approx((20 + 300 + 200 + 10) / M_PER_MIN)}


def test_a_cell_exactly_at_the_limit_is_inside_and_a_step_farther_is_not() -> None:
    got = walk(CROSS, [(1000, 0), (-1000, 0), (1000.001, 0), (0, 990)], [(0, 0), (0, -10)])
    assert set(got) == {(0, 0), (1, 0), (3, 0), (3, 1)}
    assert got[3, 1] == pytest.approx(15.0)


def test_doorstep_is_a_stored_zero() -> None:
    times, _ = walk_times(np.array([[500.0, 0.0]]), np.array([[500.0, 0.0], [0.0, 0.0]]), CROSS, **LIMITS)
    assert pairs(times) == {(0, 0): 0.0, (0, 1): pytest.approx(7.5)}
    assert coverage_of(times, 0.0).site.tolist() == [0]


def test_a_site_at_the_cells_own_place_is_zero_minutes_even_far_from_the_street() -> None:
    got = walk(CROSS, [(1000, 400)], [(1000, 400), (1000, 400), (1000, 390)], max_snap_m=500)
    assert got == {(0, 0): 0.0, (0, 1): 0.0, (0, 2): pytest.approx(790 / M_PER_MIN)}
    # The walk to the street and back would be 1,200 m: beyond the cutoff, but nobody walks it.
    crowded = streets_of([(0, 0), (3000, 0)])
    assert walk(crowded, [(100, 600)], [(100, 600)], max_snap_m=700) == {(0, 0): 0.0}


def test_two_spaces_at_one_point_have_the_same_minutes() -> None:
    got = walk(CROSS, [(300, 0)], [(100, 5), (100, 5)])
    assert got[0, 0] == got[0, 1] == pytest.approx(205 / M_PER_MIN)


def test_both_on_one_edge_walk_along_it_without_passing_a_junction() -> None:
    assert walk(CROSS, [(700, 0)], [(900, 0)]) == {(0, 0): pytest.approx(3.0)}


def test_on_one_crooked_edge_the_way_round_may_be_shorter_than_along_it() -> None:
    detour = [(0, 0), (0, 600), (100, 600), (100, 0)]
    streets = streets_of(detour, [(0, 0), (100, 0)])
    got = walk(streets, [(0, 50)], [(100, 50)])
    assert got == {(0, 0): pytest.approx(200 / M_PER_MIN)}


def test_a_loop_is_walked_the_shorter_way_round() -> None:
    loop = [(0, 0), (400, 0), (400, 400), (0, 400), (0, 0)]
    streets = streets_of(loop, [(-500, 0), (0, 0)])
    got = walk(streets, [(100, 0), (400, 100), (0, 300)], [(0, 200), (-100, 0)])
    assert got[0, 0] == pytest.approx(300 / M_PER_MIN)
    assert got[1, 0] == pytest.approx(700 / M_PER_MIN)
    assert got[2, 0] == pytest.approx(100 / M_PER_MIN)
    assert got[2, 1] == pytest.approx(400 / M_PER_MIN)


def test_a_closed_ring_alone_is_a_network() -> None:
    ring = streets_of([(0, 0), (400, 0), (400, 400), (0, 400), (0, 0)])
    assert walk(ring, [(100, 0)], [(0, 200)]) == {(0, 0): pytest.approx(300 / M_PER_MIN)}


def test_of_parallel_edges_the_shorter_is_walked_and_points_stay_on_both() -> None:
    long_way = [(0, 0), (0, 300), (600, 300), (600, 0)]
    for lines in ([long_way, [(0, 0), (600, 0)]], [[(0, 0), (600, 0)], long_way]):
        streets = streets_of(*lines, [(-400, 0), (0, 0)], [(600, 0), (1000, 0)])
        got = walk(streets, [(-100, 0), (0, 250)], [(700, 0)])
        assert got[0, 0] == pytest.approx(800 / M_PER_MIN)
        assert got[1, 0] == pytest.approx(950 / M_PER_MIN)


def test_two_pieces_are_not_connected_however_near() -> None:
    split = streets_of([(0, 0), (1000, 0)], [(0, 10), (900, 10)])
    assert walk(split, [(500, 0)], [(500, 10), (510, 0)]) == {(0, 1): pytest.approx(10 / M_PER_MIN)}


def test_a_point_far_from_any_street_reaches_nothing_and_is_reported() -> None:
    cells, sites = np.array([[100.0, 500.0], [100.0, 10.0]]), np.array([[0.0, 0.0], [-600.0, 600.0]])
    times, report = walk_times(cells, sites, CROSS, **(LIMITS | {"max_snap_m": 99.0}))
    assert pairs(times) == {(1, 0): pytest.approx(110 / M_PER_MIN)}
    assert report.cell_connected.tolist() == [False, True]
    assert report.site_connected.tolist() == [True, False]
    assert report.cell_access_m.tolist() == [100, 10]
    assert report.site_access_m.tolist() == [0, 600]
    assert (0, 0) in walk(CROSS, cells, sites, max_snap_m=100.0)


def test_the_report_counts_the_pieces_left_out() -> None:
    streets = streets_of([(0, 0), (3000, 0)], [(0, 50), (2500, 50)], [(0, 90), (70, 90)], [(9, 99), (9, 129)])
    _, report = walk_times(np.zeros((1, 2)), np.zeros((1, 2)), streets, **(LIMITS | {"min_component_m": 2000}))
    assert (report.pieces.kept, report.pieces.dropped) == (2, 2)
    assert (report.pieces.kept_length_m, report.pieces.dropped_length_m) == (5500, 100)


def test_an_edge_longer_than_the_box_around_a_block_is_still_walked() -> None:
    bridge = streets_of([(-9000, 0), (9000, 0)])
    got = walk(bridge, [(300, 0)], [(0, 0)], block_m=100)
    assert got == {(0, 0): pytest.approx(4.5)}


def test_no_cells_or_no_sites_give_an_empty_table() -> None:
    for n_cells, n_sites in ((0, 3), (3, 0), (0, 0)):
        cells, sites = np.zeros((n_cells, 2)), np.zeros((n_sites, 2))
        times, _ = walk_times(cells, sites, CROSS, **LIMITS)
        assert_well_formed(times, n_cells)
        assert_well_formed(straight_line_times(cells, sites, cutoff_min=15, speed_kmh=4, detour=1.3), n_cells)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), block_m=st.sampled_from([90.0, 400.0, 3000.0]))
def test_minutes_are_those_of_the_whole_graph(seed: int, block_m: float) -> None:
    rng = np.random.default_rng(seed)
    streets = random_streets(rng, int(rng.integers(2, 15)), int(rng.integers(1, 22)), 500)
    cells, sites = rng.uniform(-50, 550, (25, 2)), rng.uniform(-50, 550, (12, 2))
    cells[0] = sites[1] = streets.node_xy_m[0]  # on a junction, and at one place
    cells[1:3] = rng.uniform(-50, 550, 2)
    limits = LIMITS | {"max_snap_m": 60.0, "min_component_m": 300.0}
    times, report = walk_times(cells, sites, streets, **limits, block_m=block_m)
    assert_well_formed(times, 25)
    want = slow_metres(streets, report.cells, report.sites) / M_PER_MIN
    if report.cell_connected[0] and report.site_connected[1]:
        want[0, 1] = 0.0
    got = np.full_like(want, np.inf)
    got[times.cell, times.site] = times.minutes
    inside = want <= 15.0 + 1e-6
    assert (np.isfinite(got) == inside).all()
    np.testing.assert_allclose(got[inside], want[inside], rtol=0, atol=1e-9)


def test_blocks_of_any_size_give_the_same_minutes() -> None:
    rng = np.random.default_rng(1)
    streets = tiled(grid_streets(rng, 12, 90.0), 3, 30)
    low, high = streets.node_xy_m.min(axis=0), streets.node_xy_m.max(axis=0)
    cells, sites = rng.uniform(low, high, (400, 2)), rng.uniform(low, high, (150, 2))
    first, _ = walk_times(cells, sites, streets, **LIMITS, block_m=3000)
    assert len(first.site) > 1000
    for block_m in (150.0, 777.0, 50_000.0):
        again, _ = walk_times(cells, sites, streets, **LIMITS, block_m=block_m)
        assert again.indptr.tolist() == first.indptr.tolist()
        assert again.site.tolist() == first.site.tolist()
        np.testing.assert_allclose(again.minutes, first.minutes, rtol=0, atol=1e-12)


def test_the_same_question_twice_gives_the_same_bytes() -> None:
    rng = np.random.default_rng(2)
    streets = random_streets(rng, 30, 60, 1000)
    cells, sites = rng.uniform(0, 1000, (50, 2)), rng.uniform(0, 1000, (20, 2))
    a, b = (walk_times(cells, sites, streets, **LIMITS)[0] for _ in range(2))
    assert a.minutes.tobytes() == b.minutes.tobytes()
    assert a.site.tobytes() == b.site.tobytes()


@pytest.mark.real
@pytest.mark.parametrize(
    ("city", "extract", "crs", "shape"),
    [
        ("porto", "source/porto.osm.pbf", "EPSG:3763", (271, 260)),
        ("sao-paulo", "source/spo_osm.pbf", "EPSG:31983", (323, 1135)),
    ],
)
def test_a_real_citys_minutes_are_those_of_the_whole_graph(
    shared: Path, city: str, extract: str, crs: str, shape: tuple[int, int]
) -> None:
    streets = read_osm(shared / city / extract, WalkFilter(), crs, Findings(), label=city)
    assert streets is not None
    to_metric = Transformer.from_crs("EPSG:4326", crs, always_xy=True)

    def points(name: str) -> np.ndarray:
        table = pd.read_csv(shared / city / name)
        return np.column_stack(to_metric.transform(table["lon"].to_numpy(), table["lat"].to_numpy()))

    cells, sites = points("demand.csv"), points("candidates.csv")
    assert (len(cells), len(sites)) == shape
    limits = {"cutoff_min": 15.0, "speed_kmh": 4.8, "max_snap_m": 500.0, "min_component_m": 2000.0}
    times, report = walk_times(cells, sites, streets, **limits)
    assert_well_formed(times, len(cells))
    want = slow_metres(streets, report.cells, report.sites) / 80
    got = np.full_like(want, np.inf)
    got[times.cell, times.site] = times.minutes
    assert (np.isfinite(got) == (want <= 15 + 1e-6)).all()
    near = np.isfinite(got)
    assert near.sum() > 20_000
    np.testing.assert_allclose(got[near], want[near], rtol=0, atol=1e-6)
    small, _ = walk_times(cells, sites, streets, **limits, block_m=400)
    assert small.site.tolist() == times.site.tolist()


def test_straight_lines_are_stretched_by_the_detour() -> None:
    cells, sites = np.array([[0.0, 0.0], [3000.0, 0.0]]), np.array([[300.0, 400.0], [0.0, 0.0], [0.0, 1000.0]])
    times = straight_line_times(cells, sites, cutoff_min=15, speed_kmh=4, detour=1.3)
    assert_well_formed(times, 2)
    assert pairs(times) == {(0, 0): pytest.approx(9.75), (0, 1): 0.0}
    assert (times.mode, times.detour, times.speed_kmh) == ("straight_line", 1.3, 4)


def test_a_straight_line_exactly_at_the_limit_is_inside() -> None:
    cells, sites = np.array([[0.0, 0.0]]), np.array([[800.0, 0.0], [0.0, 800.0], [800.01, 0.0], [480.0, 640.0]])
    times = straight_line_times(cells, sites, cutoff_min=15, speed_kmh=4, detour=1.25)
    assert times.site.tolist() == [0, 1, 3]


def test_straight_lines_find_every_pair() -> None:
    rng = np.random.default_rng(3)
    cells, sites = rng.uniform(0, 4000, (300, 2)), rng.uniform(0, 4000, (90, 2))
    times = straight_line_times(cells, sites, cutoff_min=10, speed_kmh=5, detour=1.4)
    want = np.hypot(*(cells[:, None] - sites[None]).transpose(2, 0, 1)) * 1.4 / (5000 / 60)
    assert set(pairs(times)) == set(zip(*map(list, np.nonzero(want <= 10)), strict=True))
    np.testing.assert_allclose(times.minutes, want[times.cell, times.site], rtol=1e-12)


def test_a_snapper_and_the_walk_agree_on_who_is_connected() -> None:
    rng = np.random.default_rng(4)
    streets = random_streets(rng, 10, 8, 1000)
    cells = rng.uniform(-300, 1300, (60, 2))
    _, report = walk_times(cells, cells[:5], streets, **(LIMITS | {"max_snap_m": 100}))
    alone = Snapper(streets, max_snap_m=100, min_component_m=0)(cells)
    assert (report.cell_connected == alone.connected).all()
