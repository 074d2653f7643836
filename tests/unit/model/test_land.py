"""Spaces against layers of land."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from siteopt.model.land import far_enough, inside_m2, is_point, metres_to, nearest_features, points_inside, shapes_of
from tests.land_worlds import with_sites, zone
from tests.programs import row_of_spaces
from tests.worlds import geometries

UNIT = shapely.box(0, 0, 10, 10)


def test_the_limit_is_far_enough_and_float_noise_does_not_decide() -> None:
    far = far_enough(np.array([100.0, 100.0 - 1e-9, 99.999, np.inf, np.nan]), 100.0)
    assert far.tolist() == [True, True, False, True, False]


def test_the_nearest_feature_of_an_empty_layer_is_nowhere() -> None:
    assert nearest_features(geometries([UNIT]), zone())[0] == (np.inf, "")
    assert metres_to(geometries([UNIT]), zone()).tolist() == [np.inf]
    assert len(metres_to(geometries([]), zone(UNIT))) == 0


def test_features_without_a_shape_are_passed_over() -> None:
    layer = zone(None, shapely.Point(), shapely.Point(13, 14))
    assert nearest_features(geometries([UNIT]), layer)[0] == (5.0, "fid 3")
    assert metres_to(geometries([UNIT]), layer).tolist() == [5.0]


def test_of_features_at_one_distance_the_first_name_is_told() -> None:
    layer = zone(shapely.Point(20, 5), shapely.Point(-10, 5), names=["b", "a"])
    assert nearest_features(geometries([UNIT]), layer)[0] == (10.0, "a")


def test_area_inside_counts_overlapping_polygons_once_and_borders_not() -> None:
    layer = zone(shapely.box(5, 0, 20, 10), shapely.box(6, 0, 20, 10))
    shapes = geometries([UNIT, shapely.box(-5, 0, 5, 10), shapely.Point(7, 7), shapely.box(100, 0, 101, 1)])
    assert inside_m2(shapes, layer).tolist() == [50.0, 0.0, 0.0, 0.0]
    assert inside_m2(shapes, zone()).tolist() == [0.0] * 4


def test_a_point_on_the_border_is_inside_only_where_that_is_asked() -> None:
    points = geometries(list(shapely.points([(5, 5), (10, 5), (11, 5)])))
    assert points_inside(points, zone(UNIT), border=False).tolist() == [True, False, False]
    assert points_inside(points, zone(UNIT), border=True).tolist() == [True, True, False]


def test_a_point_between_two_parts_of_a_layer_is_inside_it() -> None:
    layer = zone(UNIT, shapely.box(10, 0, 20, 10))
    assert points_inside(geometries([shapely.Point(10, 5)]), layer, border=False).tolist() == [True]


def test_a_site_without_a_shape_is_its_point_and_a_crossing_one_is_mended() -> None:
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    world = with_sites(row_of_spaces(3), geometry=geometries([None, bow, shapely.Polygon()]))
    first, second, third = shapes_of(world.sites, np.arange(3))
    assert first == shapely.Point(0, 0) and third == shapely.Point(2000, 0)
    assert second.is_valid and second.area == pytest.approx(50.0)
    assert is_point(np.array([first, second, third])).tolist() == [True, False, True]
