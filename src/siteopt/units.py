"""Units, and the one place that decides an edge.

Minutes are walking minutes, metres are measured in the scenario's metric CRS, people are persons (never
households), areas are square metres, money is in the scenario's currency.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
"""Numbers of things where there are many millions of them."""
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

EDGE_MIN = 1e-6
"""Slack of every comparison of minutes: 0.06 ms of walking, far below any survey, far above float noise."""

MONEY_EPS = 0.005
"""Half of the smallest coin: two amounts closer than this are the same amount."""

PEOPLE_EPS = 1e-6
"""Two head counts closer than this are the same count (head counts may be fractional in a raster)."""

SHARE_EPS = 3e-6
"""People are given to outlets in shares that an engine finds to its tolerance (1e-6 in a row, and three rows lie
between a share and what is counted of it): in sums of them, this part of everybody is noise."""

MOST_PEOPLE = 1e10
"""In one cell; more is a mistake, and would outgrow what a solver's arithmetic resolves."""

MOST_AREA_M2 = 1e10
"""Of one space or community, for the same reason."""

MOST_WEIGHT = 1e6
"""Of one person of a group, or of one outlet type: beyond it the rest would count for nothing."""

MOST_MONEY = 1e12
"""For one outlet, for the same reason."""

MOST_MONTHS = 600.0
"""Fifty years: a longer plan, or a space that takes longer to open, is a slip of the pen."""

DM2_PER_M2 = 100
"""Areas enter ratios as whole square decimetres, so that 10 % is exactly 10 %."""


def within(minutes: Any, limit_min: Any) -> Any:
    """Say whether a walk is inside its limit; the limit itself is inside (15.0 is within 15).

    Parameters
    ----------
    minutes : float or array
        Walking minutes; ``inf`` and ``nan`` are never within.
    limit_min : float or array
        The limit in minutes, broadcast against ``minutes``.

    Returns
    -------
    bool or array of bool
    """
    return np.less_equal(minutes, np.asarray(limit_min) + EDGE_MIN)


def whole_dm2(area_m2: Any) -> Ints:
    """Areas as whole square decimetres (0.01 m2), rounded half to even.

    Parameters
    ----------
    area_m2 : array of float
        Square metres, finite.

    Returns
    -------
    array of int64
    """
    return np.rint(np.asarray(area_m2, dtype=np.float64) * DM2_PER_M2).astype(np.int64)


def exact_share(share: float) -> Fraction:
    """The fraction that a person meant by a decimal share: 0.1 is 1/10, not 3602879701896397/2**55."""
    return Fraction(str(share))


def read_only(array: Any, dtype: Any = None) -> Any:
    """A read-only view of an array, so that a noun cannot change under a stage that holds it."""
    out = np.asarray(array, dtype=dtype)
    if out.flags.writeable:
        out = out.view()
        out.flags.writeable = False
    return out
