"""What a caller hands over, checked once at the door: numbers, counts, limits, and which sites are meant."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from siteopt.text import say
from siteopt.units import Bools, Floats

MOST = 1e15
"""No weight, cost, capacity or distance is larger: beyond it sums lose whole units."""

EDGE = 1e-9
"""A limit is inside itself, and so is float noise of this share of it: 0.1 + 0.2 is within 0.3."""


class BadArrays(ValueError):
    """An argument that cannot be used; names the argument, the place in it, the value, and what to pass.

    Attributes
    ----------
    code : the sentence's key in ``siteopt/text/textbook.yaml``
    facts : its fields
    """

    def __init__(self, code: str, **facts: Any) -> None:
        self.code, self.facts = code, facts
        super().__init__(self.said("en"))

    def said(self, language: str) -> str:
        """The sentence in Chinese ("zh") or English ("en")."""
        return say("textbook", self.code, language, **self.facts)


def loosened(limit: float) -> float:
    """A limit with room for float noise, so that what lies on it is inside."""
    return limit if np.isinf(limit) else limit + EDGE * abs(limit)


def plain(argument: str, given: Any) -> Any:
    """Any list, tuple, Series or array as an ndarray of numbers.

    Raises
    ------
    BadArrays
        For text, objects, complex numbers, dates, ragged lists, truth values.
    """
    try:
        array = np.asarray(given)
    except ValueError:
        raise BadArrays("ragged", argument=argument) from None
    if array.size == 0 and array.dtype.kind == "f":
        return array
    if array.dtype.kind == "b":
        raise BadArrays("flags_for_numbers", argument=argument)
    if array.dtype.kind not in "iuf":
        place, value = _first_strange(array)
        raise BadArrays("not_numbers", argument=argument, index=place, value=repr(value), dtype=str(array.dtype))
    return array


def _first_strange(array: Any) -> tuple[tuple[int, ...] | int, Any]:
    flat = array.ravel()
    at = next((k for k, v in enumerate(flat.tolist()) if isinstance(v, bool) or not isinstance(v, int | float)), 0)
    if not flat.size:
        return 0, None
    place = np.unravel_index(at, array.shape) if array.ndim else ()
    return (int(place[0]) if len(place) == 1 else tuple(int(k) for k in place)), flat.tolist()[at]


def numbers(argument: str, given: Any, length: int, *, of: str, above: bool = False) -> Floats:
    """(length,) finite numbers, >= 0 (or > 0 with ``above``).

    Parameters
    ----------
    argument : the name that the caller knows
    given : anything array-like
    length : what the matrix asks for
    of : "rows" or "columns" of the matrix, for the message
    above : 0 is refused too
    """
    array = plain(argument, given)
    if array.shape != (length,):
        shape = "x".join(str(k) for k in array.shape) or "one number"
        raise BadArrays("wrong_length", argument=argument, value=shape, expected=length, of=of)
    out = np.ascontiguousarray(array, dtype=np.float64)
    low = out <= 0 if above else out < 0
    wrong = low | ~np.isfinite(out) | (out > MOST)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        code = "not_above_zero" if above and low[at] else "below_zero" if low[at] else "not_finite"
        raise BadArrays(code, argument=argument, index=at, value=float(out[at]), most=MOST)
    return out


def count(argument: str, given: Any, *, least: int = 0) -> int:
    """A whole number >= ``least``; 4.0, "4" and True are refused."""
    if isinstance(given, bool | np.bool_):
        raise BadArrays("not_a_count", argument=argument, value=repr(given), least=least)
    try:
        out = operator.index(given)
    except TypeError:
        raise BadArrays("not_a_count", argument=argument, value=repr(given), least=least) from None
    if out < least:
        raise BadArrays("not_a_count", argument=argument, value=repr(given), least=least)
    return out


def amount(argument: str, given: Any, *, above: bool = False, infinite: bool = False, most: float = np.inf) -> float:
    """One number >= 0 (> 0 with ``above``), at most ``most``; infinite only where that means something."""
    fits = isinstance(given, int | float | np.integer | np.floating) and not isinstance(given, bool | np.bool_)
    out = float(given) if fits else np.nan
    fits = fits and (out > 0 if above else out >= 0) and (infinite or np.isfinite(out)) and out <= most
    if not fits:
        raise BadArrays(
            "not_an_amount", argument=argument, value=repr(given), least="above 0" if above else "0 or more"
        )
    return out


def chosen(argument: str, given: Any, n_sites: int) -> Bools:
    """(J,) which sites are meant: a boolean mask of length J, or whole numbers that are column numbers.

    Whatever could be read both ways is refused: 0/1 numbers of length J, text, floats, a column named twice.
    """
    out = np.zeros(n_sites, dtype=np.bool_)
    if given is None:
        return out
    listed = sorted(given) if isinstance(given, set | frozenset) else given
    if isinstance(listed, list | tuple) and any(isinstance(v, bool | np.bool_) for v in listed):
        mixed = next((v for v in listed if not isinstance(v, bool | np.bool_)), None)
        if mixed is not None:
            raise BadArrays("mixed_sites", argument=argument, value=repr(mixed))
    try:
        array = np.asarray(listed)
    except ValueError:
        raise BadArrays("ragged", argument=argument) from None
    if array.dtype.kind == "b":
        if array.shape != (n_sites,):
            shape = "x".join(str(k) for k in array.shape) or "one value"
            raise BadArrays("wrong_mask", argument=argument, value=shape, expected=n_sites)
        return array.copy()
    if array.ndim != 1:
        raise BadArrays("not_a_list_of_sites", argument=argument, value=repr(given)[:60])
    if not array.size:
        return out
    if array.dtype.kind not in "iu":
        raise BadArrays("not_sites", argument=argument, index=0, value=repr(array.tolist()[0]))
    if len(array) == n_sites and bool(np.isin(array, (0, 1)).all()):
        raise BadArrays(
            "flags_or_sites", argument=argument, value=array.tolist() if n_sites < 9 else "0/1", n=n_sites
        )
    outside = (array < 0) | (array >= n_sites)
    if outside.any():
        at = int(np.flatnonzero(outside)[0])
        raise BadArrays("no_such_site", argument=argument, index=at, value=int(array[at]), last=n_sites - 1)
    values, first, times = np.unique(array, return_index=True, return_counts=True)
    if (times > 1).any():
        twice = int(np.flatnonzero(times > 1)[0])
        raise BadArrays("site_twice", argument=argument, value=int(values[twice]), index=int(first[twice]))
    out[array] = True
    return out
