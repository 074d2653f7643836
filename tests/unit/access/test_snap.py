"""Points meet the nearest place on a street."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from siteopt.access.snap import Snap, Snapper, kept_components
from siteopt.world import Streets
from tests.street_worlds import random_streets, streets_of


def snap(streets: Streets, *points: tuple[float, float], max_snap_m: float = 500, min_m: float = 0) -> Snap:
    return Snapper(streets, max_snap_m=max_snap_m, min_component_m=min_m)(
        np.array(points, dtype=float).reshape(-1, 2)
    )


def test_a_point_meets_the_middle_of_an_edge_not_its_nearest_node() -> None:
    got = snap(streets_of([(0, 0), (1000, 0)]), (400, 30))
    assert (got.edge[0], got.offset_m[0], got.access_m[0]) == (0, 400, 30)
    assert got.at_xy_m.tolist() == [[400, 0]]
    assert got.connected.all()


def test_the_offset_counts_along_the_bends_of_the_line() -> None:
    got = snap(streets_of([(0, 0), (100, 0), (100, 100), (0, 100)]), (50, 110), (100, 40), (-5, 0))
    np.testing.assert_allclose(got.offset_m, [250, 140, 0])
    np.testing.assert_allclose(got.access_m, [10, 0, 5])


def test_of_two_streets_equally_near_the_one_with_the_smaller_number_is_taken() -> None:
    for lines in ([[(0, 0), (100, 0)], [(0, 20), (100, 20)]], [[(0, 20), (100, 20)], [(0, 0), (100, 0)]]):
        assert snap(streets_of(*lines), (50, 10)).edge.tolist() == [0]


def test_a_point_exactly_at_the_limit_is_connected_and_one_beyond_is_not() -> None:
    got = snap(streets_of([(0, 0), (1000, 0)]), (10, 500), (10, 500.001))
    assert got.connected.tolist() == [True, False]
    np.testing.assert_allclose(got.access_m, [500, 500.001])


def test_a_short_piece_is_passed_over_for_the_next_street_and_the_point_is_marked() -> None:
    streets = streets_of([(0, 0), (3000, 0)], [(100, 50), (150, 50)])
    got = snap(streets, (120, 45), (120, 10), min_m=2000)
    assert got.edge.tolist() == [0, 0]
    assert got.moved.tolist() == [True, False]
    assert got.access_m.tolist() == [45, 10]
    assert snap(streets, (120, 45), min_m=10).edge.tolist() == [1]


def test_the_longest_piece_is_kept_however_short_it_is() -> None:
    streets = streets_of([(0, 0), (300, 0)], [(0, 50), (100, 50)])
    assert kept_components(streets, 2000).tolist() == [True, False]
    assert snap(streets, (10, 40), min_m=2000).edge.tolist() == [0]


def test_a_long_line_is_searched_in_stretches_without_a_trace() -> None:
    x = np.linspace(0, 2000, 501)
    line = np.column_stack([x, 40 * np.sin(x / 60)])
    streets = streets_of([(0, 500), (2000, 500)], [tuple(p) for p in line], [(0, -500), (2000, -500)])
    rng = np.random.default_rng(5)
    points = rng.uniform((-50, -120), (2050, 120), (300, 2))
    got = Snapper(streets, max_snap_m=500, min_component_m=0)(points)
    assert (got.edge == 1).all()
    where = shapely.points(points)
    np.testing.assert_allclose(got.access_m, shapely.distance(streets.line[1], where), atol=1e-9)
    np.testing.assert_allclose(got.offset_m, shapely.line_locate_point(streets.line[1], where), atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_every_point_meets_the_nearest_of_all_edges(seed: int) -> None:
    rng = np.random.default_rng(seed)
    streets = random_streets(rng, 12, 15, 1000)
    points = rng.uniform(-100, 1100, (80, 2))
    got = Snapper(streets, max_snap_m=60, min_component_m=0)(points)
    distance = shapely.distance(shapely.points(points)[:, None], streets.line[None, :])
    np.testing.assert_allclose(got.access_m, distance.min(axis=1), atol=1e-9)
    assert (got.edge == distance.argmin(axis=1)).all()
    assert (got.connected == (distance.min(axis=1) <= 60)).all()
    at = shapely.line_interpolate_point(streets.line[got.edge], got.offset_m)
    np.testing.assert_allclose(shapely.get_coordinates(at), got.at_xy_m, atol=1e-6)
    np.testing.assert_allclose(np.hypot(*(got.at_xy_m - points).T), got.access_m, atol=1e-6)


def test_no_points_and_no_streets_are_no_fault() -> None:
    assert len(snap(streets_of([(0, 0), (1, 0)]))) == 0
    nothing = streets_of([(0, 0), (1, 0)])
    empty = Streets(
        nothing.node_xy_m[:0], nothing.tail[:0], nothing.head[:0], nothing.length_m[:0], nothing.line[:0],
        nothing.component[:0], nothing.component_length_m[:0], "x",
    )  # fmt: skip
    got = snap(empty, (1, 2))
    assert not got.connected.any()
    assert np.isinf(got.access_m).all()
