"""Sums of people that do not depend on the order in which they are added.

A head count is held as whole persons and two fractions, in integers: persons, 2^-30 persons and 2^-60 persons.
Integers add up the same in any order and grouping, so batches, machines and files may come as they like. Whole head
counts are exact; a fractional one is held to 2^-60 of a person (exactly, when it is at least 1/256), and only the
finished sum is rounded to a floating-point number.
"""

from __future__ import annotations

import numpy as np

from siteopt.units import Floats, Ints

LIMBS = 3
"""Integers per head count."""

_BITS = 30
_UNIT = 2.0**_BITS
_LOW = (1 << _BITS) - 1


def limbs_of(people: Floats) -> Ints:
    """(..., 3) integers of head counts.

    Parameters
    ----------
    people : (...) persons, finite, >= 0, below 2^53

    Returns
    -------
    (..., 3) int64
    """
    whole = np.floor(people)
    rest = (people - whole) * _UNIT  # exact: a shift of the binary point
    upper = np.floor(rest)
    lower = np.rint((rest - upper) * _UNIT)
    return carried(np.stack([whole, upper, lower], axis=-1).astype(np.int64))


def carried(limbs: Ints) -> Ints:
    """The same sums with both fractions below one unit: the one form that each sum has."""
    upper = limbs[..., 1] + (limbs[..., 2] >> _BITS)
    return np.stack([limbs[..., 0] + (upper >> _BITS), upper & _LOW, limbs[..., 2] & _LOW], axis=-1)


def people_of(limbs: Ints) -> Floats:
    """(...) persons of (..., 3) integers."""
    fraction = limbs[..., 1] * (1 << _BITS) + limbs[..., 2]
    return np.asarray(limbs[..., 0] + fraction / _UNIT / _UNIT, dtype=np.float64)
