"""The grain of values that are not whole, or too large to be told from whole, is unknown; it was 1, or garbage."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from siteopt.model.thrift import grain_of
from tests.programs import row_of_spaces, rule, solved


@pytest.mark.parametrize(
    ("values", "grain"),
    [
        ([6.0, 9.0], 3.0),
        ([0.0, 4.0], 4.0),
        ([0.5, 1.0], 0.0),
        ([5e9 + 0.5, 1.0], 0.0),
        ([1e20, 3.0], 0.0),
        ([], 0.0),
        ([0.0], 0.0),
    ],
)
def test_a_grain_divides_every_value_or_is_unknown(values: list[float], grain: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert grain_of(np.array(values)) == grain


@pytest.mark.parametrize("name", ["highs", "pulp"])
def test_very_dear_spaces_are_left_out_without_a_traceback(name: str) -> None:
    world = row_of_spaces(2, cost=[[1e14], [5.0]])
    assert solved(world, [rule("budget", amount=100)], by=name).opened == ["s001/t0"]
