"""Rules for :mod:`benchmarks.city` that bind and that a plan can keep: one is built as they are set.

The plan goes from community to community: outlets that cover the most of its people per money until enough are
covered, then floor area at the least price, never two outlets of a type too close. What it does not reach is not
asked for, so that rules and budget agree whatever the seed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.model.constraints.spacing import cliques, pairs_closer
from siteopt.program import Rows, rows_from
from siteopt.units import Bools, Floats, Ints

if TYPE_CHECKING:
    from benchmarks.city import City

AREA_M2 = np.array([60, 150, 280, 600, 1500])
TYPES = len(AREA_M2)
APART_M = (400.0, 600.0, 800.0, 1200.0, 2000.0)
"""Least distance between two outlets of each type."""

LEAST_SHARE = 0.4
"""Of the people of each community, to be covered."""

MOST_SPENT = 0.85
"""Of the budget, by the plan that shows the rules feasible."""

NEW_COMMUNITIES = 0.25
"""Part of the communities that the rule on a tenth of floor area binds."""


def rules(town: City, cell_of_class: Ints, first_class: int) -> list[Rows]:
    """Spacing, floor area and least coverage, in this order.

    Parameters
    ----------
    town : City
    cell_of_class : (C,) cell of each class column
    first_class : the first class column

    Returns
    -------
    list of Rows
    """
    r = np.random.default_rng(len(town.people))  # a stream of its own: rules do not change the city
    plan = _Plan(town)
    n = int(town.community.max()) + 1
    # Floor area still missing to a tenth. Ten times a conversion counts against it, nine times a new building.
    missing_m2 = np.where(r.random(n) < NEW_COMMUNITIES, r.integers(80, 221, n), 0).astype(np.float64)
    counts = np.where(r.random(len(town.site)) < 0.5, 9, 10)
    people = np.bincount(town.community, weights=town.people, minlength=n)
    class_community = town.community[cell_of_class]
    area: list[tuple[int, tuple[Ints, Floats], float]] = []
    cover: list[tuple[int, tuple[Ints, Floats], float]] = []
    for k in range(n):
        sites = np.flatnonzero(town.community[town.site] == k)
        here = np.flatnonzero(class_community == k)
        least = np.floor(LEAST_SHARE * people[k])
        reached = plan.cover(sites, k, least)
        cover.append((k, (first_class + here, town.people[cell_of_class[here]].astype(float)), min(least, reached)))
        if missing_m2[k] > 0 and len(sites):
            value = (counts[sites][:, None] * AREA_M2).astype(float)
            built = plan.build(sites, value, 10.0 * missing_m2[k])
            options = sites[:, None] * TYPES + np.arange(TYPES)
            area.append((k, (options.ravel(), value.ravel()), min(10.0 * missing_m2[k], built)))
    return [
        plan.apart,
        _at_least("commercial_area", area, "m2", per_unit=10.0),
        _at_least("min_coverage", cover, "people"),
    ]


def _at_least(
    owner: str, rows: list[tuple[int, tuple[Ints, Floats], float]], unit: str, per_unit: float = 1.0
) -> Rows:
    entries, least = [e for _, e, _ in rows], [low for _, _, low in rows]
    names = [f"community {k}" for k, _, _ in rows]
    return rows_from(owner, entries, least, [np.inf] * len(rows), names, unit=unit, per_unit=per_unit)


def _spacing(town: City) -> Rows:
    """At most one of each set of options of a type that are too close to each other."""
    entries, subject = [], []
    for t, metres in enumerate(APART_M):
        for clique in cliques(pairs_closer(town.xy_m, metres), len(town.site)):
            entries.append((clique * TYPES + t, np.ones(len(clique))))
            subject.append(f"type {t}: spaces {', '.join(map(str, clique[:4]))}")
    m = len(entries)
    return rows_from("spacing", entries, [-np.inf] * m, [1.0] * m, subject, unit="outlets")


class _Plan:
    """Options opened so far, and what is left to choose from."""

    def __init__(self, town: City) -> None:
        self.apart = _spacing(town)
        self.spent = 0.0
        self._town = town
        order = np.argsort(town.space, kind="stable")
        self._first = np.searchsorted(town.space[order], np.arange(len(town.site) + 1))
        self._cell, self._level = town.cell[order], town.level[order]
        self._free = np.ones((len(town.site), TYPES), dtype=np.bool_)
        self._open = np.zeros((len(town.site), TYPES), dtype=np.bool_)
        self._covered = np.zeros(len(town.people), dtype=np.bool_)
        self._left = town.people.astype(np.float64)
        order = np.argsort(self.apart.column, kind="stable")
        self._row = np.repeat(np.arange(len(self.apart)), np.diff(self.apart.indptr))[order]
        self._row_of = np.searchsorted(self.apart.column[order], np.arange(len(town.site) * TYPES + 1))

    def cover(self, sites: Ints, community: int, least: float) -> float:
        """Open options in a community until so many of its people are covered; how many are."""
        town = self._town
        reach = [np.arange(self._first[j], self._first[j + 1]) for j in sites]
        reach = [pairs[town.community[self._cell[pairs]] == community] for pairs in reach]
        mine = np.flatnonzero(town.community == community)
        while (got := float(town.people[mine[self._covered[mine]]].sum())) < least:
            gain = np.array([np.bincount(self._level[p], self._left[self._cell[p]], TYPES) for p in reach])
            worth = gain.reshape(-1, TYPES).cumsum(axis=1) / town.cost[sites] * self._may(sites)
            if not worth.any():
                break
            self._take(sites, worth)
        return got

    def build(self, sites: Ints, value: Floats, least: float) -> float:
        """Open options in a community until their floor area counts for so much; for how much it does."""
        while (got := float(value[self._open[sites]].sum())) < least:
            worth = np.minimum(value, least - got) / self._town.cost[sites] * self._may(sites)
            if not worth.any():
                break
            self._take(sites, worth)
        return got

    def _may(self, sites: Ints) -> Bools:
        """(S, T) options that spacing, place and money still allow."""
        affordable = self.spent + self._town.cost[sites] <= MOST_SPENT * self._town.budget
        return np.asarray(self._free[sites] & affordable)

    def _take(self, sites: Ints, worth: Floats) -> None:
        at, t = divmod(int(worth.argmax()), TYPES)
        j = int(sites[at])
        self._open[j, t] = True
        self.spent += float(self._town.cost[j, t])
        self._free[j] = False
        option = j * TYPES + t
        for row in self._row[self._row_of[option] : self._row_of[option + 1]].tolist():
            self._free.ravel()[self.apart.column[self.apart.indptr[row] : self.apart.indptr[row + 1]]] = False
        part = slice(self._first[j], self._first[j + 1])
        reached = self._cell[part][self._level[part] <= t]
        self._covered[reached], self._left[reached] = True, 0.0
