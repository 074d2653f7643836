"""Floor area of options and of what stands, in whole square decimetres."""

from __future__ import annotations

import numpy as np

from siteopt.model.areas import area_unsaid, option_area_dm2, standing_area_dm2
from tests.norm_worlds import town
from tests.programs import posed


def test_an_option_has_its_types_area_in_square_decimetres() -> None:
    world = town(2, 2, types={"area_m2": np.array([40.0, 50.255])})
    assert option_area_dm2(posed(world, [])).tolist() == [4000, 5026, 4000, 5026]


def test_the_area_of_a_place_is_shared_out_by_the_areas_of_its_types() -> None:
    world = town(
        3,
        2,
        types={"area_m2": np.array([100.0, 50.0])},
        standing=[[1, 1], [0, 1], [0, 0]],
        sites={"standing_area_m2": np.array([75.0, 60.0, 10.0])},
    )
    assert standing_area_dm2(world, or_type=False).tolist() == [[5000, 2500], [0, 6000], [0, 0]]


def test_types_without_area_share_evenly() -> None:
    world = town(1, 2, types={"area_m2": np.zeros(2)}, standing=[[1, 1]], sites={"standing_area_m2": np.array([9.0])})
    assert standing_area_dm2(world, or_type=True).tolist() == [[450, 450]]


def test_an_area_that_nobody_says_is_the_types_own_or_none() -> None:
    world = town(2, 1, standing=[[1], [0]])
    assert area_unsaid(world).tolist() == [[True], [False]]
    assert standing_area_dm2(world, or_type=True).tolist() == [[5000], [0]]
    assert standing_area_dm2(world, or_type=False).tolist() == [[0], [0]]
