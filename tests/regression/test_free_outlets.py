"""Least cost leaves out what adds nothing, but not what is free: a free outlet that serves nobody was opened."""

from __future__ import annotations

import numpy as np
import pytest

from tests.programs import row_of_spaces, solved


@pytest.mark.parametrize("name", ["highs", "pulp"])
def test_a_free_outlet_to_no_purpose_is_not_opened(name: str) -> None:
    world = row_of_spaces(4, people=[10, 0, 30, 0], cost=np.array([[0.0], [0.0], [2.0], [0.0]]))
    assert solved(world, by=name).opened == ["s000/t0", "s002/t0"]
