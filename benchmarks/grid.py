"""The published grid: sites and customers at random on a square, made as the papers' instances were made.

Cordeau, Furini and Ljubic (2019) draw with the C library's ``rand()``: the coordinates of the sites, those of the
customers, the sites' costs, the customers' demands. Chen et al. (2021) set the fourteen pairs of radius and number of
sites to open. A customer is covered when its distance, as computed, is at most the radius.
"""

from __future__ import annotations

import numpy as np

from siteopt.units import Floats, Ints

SIDE = 30.0
RAND_MAX = 2**31 - 1
MOST_DEMAND = 100

SETTINGS: tuple[tuple[float, int], ...] = (
    *((radius, 10) for radius in (5.5, 5.75, 6.0, 6.25)),
    *((radius, 15) for radius in (4.0, 4.25, 4.5, 4.75, 5.0)),
    *((radius, 20) for radius in (3.25, 3.5, 3.75, 4.0, 4.25)),
)
"""Radius, number of sites to open."""

OPTIMA_20M: dict[tuple[float, int], int] = dict(
    zip(
        SETTINGS,
        (
            *(888211687, 925368673, 953435403, 975170263),
            *(787821462, 848797260, 897382037, 934344552, 964097900),
            *(710563306, 795499010, 864566701, 916112468, 955495295),
        ),
        strict=True,
    )
)
"""Of 20 million customers and 100 sites with seed 1."""

OPTIMA_R4_B15: dict[int, int] = {
    10_000: 395780,
    100_000: 3939218,
    1_000_000: 39442372,
    10_000_000: 394003141,
    20_000_000: 787821462,
    40_000_000: 1575615035,
}
"""Customers -> optimum with 100 sites, radius 4, 15 to open, seed 1."""


def instance(sites: int, customers: int, seed: int = 1) -> tuple[Floats, Floats, Ints]:
    """A published instance.

    Parameters
    ----------
    sites, customers : how many
    seed : of ``srand``

    Returns
    -------
    (sites, 2) float64, (customers, 2) float64, (customers,) int32
        Coordinates of sites and of customers, demands from 1 to 100.
    """
    from benchmarks.grid_kernel import draw, start

    state = np.zeros(32, dtype=np.int64)
    start(state, seed)

    def place(n: int) -> Floats:
        xy = np.empty((n, 2))
        for first in range(0, n, 1_000_000):
            part = xy[first : first + 1_000_000]
            number = np.empty(part.size, dtype=np.int32)
            draw(state, number)
            part[:] = (number / RAND_MAX * SIDE).reshape(part.shape)
        return xy

    site_xy, customer_xy = place(sites), place(customers)
    cost, demand = np.empty(sites, dtype=np.int32), np.empty(customers, dtype=np.int32)
    draw(state, cost)
    draw(state, demand)
    np.remainder(demand, MOST_DEMAND, out=demand)
    demand += 1
    return site_xy, customer_xy, demand
