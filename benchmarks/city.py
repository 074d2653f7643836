"""Cities in which aggregation hardly helps: 100 m cells, walks along streets, five nested types, one budget.

Every candidate space may hold one outlet of any type; a larger type reaches farther and costs more. Twelve of a
hundred streets are missing, every eighth is an arterial; people cluster. With ``ruled`` three kinds of rule bind:
floor area per new community, least coverage per community, spacing between outlets of a type.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siteopt.program import Columns, Goal, Program, Rows, link_rows, rows_from
from siteopt.units import Floats, Ints

REACH_M = np.array([400, 700, 1000, 1500, 2500])
PRICE = np.array([60.0, 170.0, 340.0, 800.0, 2300.0])
AREA_M2 = np.array([60.0, 150.0, 280.0, 600.0, 1500.0])
TYPES = len(REACH_M)
BUDGET_PER_CELL = 0.8
CELL_M = 100.0
COMMUNITY_CELLS = 25
"""Along a side of a community, about."""

CITIES: dict[str, tuple[int, int]] = {
    "city-5k": (71, 200),
    "city-10k": (100, 400),
    "city-50k": (224, 2_000),
    "city-200k": (447, 5_000),
    "city-500k": (707, 10_000),
}
"""Name -> cells along a side, candidate spaces."""


@dataclass(frozen=True, eq=False)
class City:
    """What the rows are written from: I cells, S spaces, P pairs within the longest reach.

    Attributes
    ----------
    width : cells along a side
    people : (I,) whole persons
    community : (I,) number of the community
    site : (S,) cell of each space
    xy_m : (S, 2)
    cost : (S, T) whole money
    cell, space, level : (P,) pairs, ordered by cell: the smallest type at the space that reaches the cell
    """

    width: int
    people: Ints
    community: Ints
    site: Ints
    xy_m: Floats
    cost: Floats
    cell: Ints
    space: Ints
    level: Ints

    @property
    def budget(self) -> float:
        """Whole money."""
        return float(np.floor(BUDGET_PER_CELL * len(self.people)))


def city_program(width: int, spaces: int, *, seed: int = 0, ruled: bool = False) -> Program:
    """The covering program of a city, the most people covered by at least one open outlet.

    Parameters
    ----------
    width : cells along a side
    spaces : candidate spaces, in different cells
    seed : the same seed, the same city; ``ruled`` does not change the city
    ruled : with the floor-area, least-coverage and spacing rules

    Returns
    -------
    Program
        Columns: one binary per (space, type), then one in [0, 1] per cell with people that some space reaches.
    """
    return program_of(city(width, spaces, seed=seed), ruled=ruled)


def city(width: int, spaces: int, *, seed: int = 0) -> City:
    """Streets, people, spaces, rents and the pairs within reach."""
    from benchmarks.city_kernel import walks

    r = np.random.default_rng(seed)
    n = width * width
    right_m, down_m = _streets(r, width)
    density = _density(r, width)
    people = np.floor(40.0 * density * np.exp(0.9 * r.standard_normal(n) - 0.4)).astype(np.int64)
    site = np.sort(r.permutation(n)[:spaces])
    rent = np.exp(0.35 * r.standard_normal(spaces)) * (0.7 + 0.3 * np.sqrt(density[site]))
    xy_m = np.column_stack([site % width, site // width]) * CELL_M + r.uniform(0, CELL_M / 2, (spaces, 2))
    steps = int(REACH_M[-1]) // 100
    room = spaces * (2 * steps * (steps + 1) + 1)
    cell, metres = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int16)
    first = np.empty(spaces + 1, dtype=np.int64)
    many = walks(site, right_m, down_m, width, int(REACH_M[-1]), cell, metres, first)
    order = np.argsort(cell[:many], kind="stable")
    space = np.repeat(np.arange(spaces, dtype=np.int32), np.diff(first))
    side = max(1, round(width / COMMUNITY_CELLS))
    along = np.arange(width) * side // width
    return City(
        width=width,
        people=people,
        community=(along[:, None] * side + along).ravel(),
        site=site,
        xy_m=xy_m,
        cost=np.maximum(np.rint(PRICE * rent[:, None]), 1.0),
        cell=cell[:many][order],
        space=space[order],
        level=np.searchsorted(REACH_M, metres[:many][order]).astype(np.int8),
    )


def program_of(town: City, *, ruled: bool = False) -> Program:
    """Links, one place per space, the budget; and the rules if asked for."""
    spaces = len(town.site)
    n_options = spaces * TYPES
    links, weight, cell_of_class = _links(town)
    size = n_options + len(weight)
    columns = Columns({"open": 0, "cover": n_options}, np.zeros(size), np.ones(size), np.arange(size) < n_options)
    every = np.arange(n_options)
    place = Rows(
        "place",
        np.arange(0, n_options + 1, TYPES),
        every,
        np.ones(n_options),
        np.full(spaces, -np.inf),
        np.ones(spaces),
        role="place",
        elastic=False,
    )
    budget = rows_from("budget", [(every, town.cost.ravel())], [-np.inf], [town.budget], ["budget"], unit="money")
    goal = Goal("people", "max", np.concatenate([np.zeros(n_options), weight]), grain=1.0)
    blocks = [links, place, budget]
    if ruled:
        from benchmarks.city_rules import rules

        blocks += rules(town, cell_of_class, n_options)
    return Program(columns, tuple(blocks), (goal,))


def _links(town: City) -> tuple[Rows, Floats, Ints]:
    """z <= the sum of the options that reach the cell; people and cell of each class."""
    keep = town.people[town.cell] > 0
    cell, space, level = town.cell[keep], town.space[keep], town.level[keep]
    new = np.ones(len(cell), dtype=np.bool_)
    new[1:] = cell[1:] != cell[:-1]
    cell_of_class = cell[new].astype(np.int64)
    heads = np.flatnonzero(new)
    larger = TYPES - level.astype(np.int64)  # options at the pair's space that reach the cell
    end = np.cumsum(larger)
    n = len(cell_of_class)
    start = np.concatenate([[0], end])[np.append(heads, len(cell))]
    # Of a pair: its space's options from the smallest that reaches on.
    within = np.arange(end[-1] if n else 0) - np.repeat(end - larger, larger)
    option = np.repeat(space.astype(np.int64) * TYPES + level, larger) + within
    links = link_rows("coverage", len(town.site) * TYPES + np.arange(n), start, option)
    return links, town.people[cell_of_class].astype(np.float64), cell_of_class


def _streets(r: np.random.Generator, width: int) -> tuple[Ints, Ints]:
    """Length of the street to the right and down of each cell; 100-150 m, 12 % missing, every eighth an arterial."""
    n = width * width
    place = np.arange(n)
    sides = []
    for across, along in ((place // width, place % width), (place % width, place // width)):
        length = r.integers(100, 151, n).astype(np.int32)
        length[r.random(n) < 0.12] = 0
        length[across % 8 == 0] = 100
        length[along == width - 1] = 0
        sides.append(length)
    return sides[0], sides[1]


def _density(r: np.random.Generator, width: int) -> Floats:
    """(I,) people relative to the mean: hills of different width and height over a thin spread."""
    hills = max(3, width * width // 2500)
    centre = r.random((2, hills)) * width
    spread = 3.0 + 7.0 * r.random(hills)
    height = np.exp(0.8 * r.standard_normal(hills))
    at = np.arange(width) + 0.5
    y, x = (np.exp(-0.5 * ((at[:, None] - centre[k]) / spread) ** 2) for k in (0, 1))
    hill = (y * height) @ x.T
    density = hill.ravel() + 2.5 * hill.mean()
    return np.asarray(density / density.mean())
