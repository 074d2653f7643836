"""How willingness to come falls with distance: linear, power, exponential, with a cutoff."""

from __future__ import annotations

from typing import Literal

import numpy as np

from siteopt.textbook.arrays import BadArrays, amount
from siteopt.textbook.matrix import Pairs
from siteopt.units import Floats

Decay = Literal["linear", "power", "exponential"]
DECAYS: tuple[Decay, ...] = ("linear", "power", "exponential")


def willingness(
    pairs: Pairs, decay: Decay, *, cutoff: float, parameter: float | None, least_distance: float | None
) -> Floats:
    """(P,) share between 0 and 1 of each pair; 1 at the door.

    ``linear`` 1 - d / cutoff; ``power`` (d / least)^-parameter, 1 up to the least distance; ``exponential``
    exp(-parameter d). Pairs beyond the cutoff are not in ``pairs``.

    Raises
    ------
    BadArrays
    """
    assert pairs.distance is not None
    d = pairs.distance
    if decay not in DECAYS:
        raise BadArrays("no_such_decay", argument="decay", value=repr(decay), known=", ".join(DECAYS))
    if decay == "linear":
        for name, given in (("parameter", parameter), ("least_distance", least_distance)):
            if given is not None:
                raise BadArrays("not_of_this_decay", argument=name, value=repr(given), decay=decay)
        if not np.isfinite(cutoff) or cutoff <= 0:
            raise BadArrays("not_an_amount", argument="cutoff", value=repr(cutoff), least="above 0")
        return np.clip(1.0 - d / cutoff, 0.0, 1.0)
    steep = amount("parameter", parameter, above=True)
    if decay == "exponential":
        if least_distance is not None:
            raise BadArrays("not_of_this_decay", argument="least_distance", value=repr(least_distance), decay=decay)
        return np.exp(-steep * d)
    least = amount("least_distance", least_distance, above=True)
    return np.asarray((np.maximum(d, least) / least) ** -steep)
