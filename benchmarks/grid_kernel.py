"""Random numbers of the C library of GNU, which the published instances were made with."""

from __future__ import annotations

from typing import Any

import numpy as np

from siteopt.compiled import compiled

LAG, NEAR, WARM_UP = 31, 28, 310


@compiled
def start(state: Any, seed: int) -> None:
    """Set the (32,) int64 state as ``srand(seed)`` does: 31 words, then the place of the next."""
    state[0] = seed
    for i in range(1, LAG):
        state[i] = 16807 * state[i - 1] % 2147483647
    state[LAG] = 3
    for _ in range(WARM_UP):
        at = state[LAG]
        state[at] = (state[at] + state[(at + NEAR) % LAG]) & 0xFFFFFFFF
        state[LAG] = (at + 1) % LAG


@compiled
def draw(state: Any, out: Any) -> None:
    """Fill with the next numbers of ``rand()``, 0 to 2**31 - 1: each word is the sum of those 31 and 3 before."""
    at = state[LAG]
    near = (at + NEAR) % LAG
    for i in range(len(out)):
        word = (state[at] + state[near]) & 0xFFFFFFFF
        state[at] = word
        out[i] = word >> 1
        at = at + 1 if at + 1 < LAG else 0
        near = near + 1 if near + 1 < LAG else 0
    state[LAG] = at


@compiled
def scatter(number: int, side: float, most: int, xy: Any, weight: Any) -> None:
    """Fill a batch of points on a square with weights from 1 to ``most``: splitmix64 from its ``number``-th on."""
    step = np.uint64(0x9E3779B97F4A7C15)
    word = np.uint64(number) * step
    scale = side / 9007199254740992.0
    for i in range(len(xy)):
        mixed = np.uint64(0)
        for k in range(2):
            word += step
            mixed = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed ^= mixed >> np.uint64(31)
            xy[i, k] = np.float64(mixed >> np.uint64(11)) * scale
        # The lowest bits are not in a coordinate.
        weight[i] = np.int64(mixed & np.uint64(0x7FF)) * most // 2048 + 1
