"""Programs of the covering kind: what a set of open sites covers is worth something, and openings are limited."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siteopt.program import Answer, Columns, Goal, Program, link_rows
from siteopt.program import Rows as ProgramRows
from siteopt.textbook.classes import Rows, merged
from siteopt.textbook.search import in_steps
from siteopt.textbook.sites import Sites
from siteopt.units import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Covering:
    """An equivalent, smaller problem: N sites to be decided, C classes of rows.

    Attributes
    ----------
    site : (N,) the site of each column
    profit : (N,) worth of what only this site can cover
    classes : (C,) sets of two and more columns with their worth
    base : worth of what fixed sites cover anyway
    """

    site: Ints
    profit: Floats
    classes: Rows
    base: float

    @property
    def total(self) -> float:
        """Worth of everything that can be covered at all."""
        return self.base + float(self.profit.sum()) + float(self.classes.value.sum())


def covering(rows: Rows, sites: Sites) -> Covering:
    """Reduce, exactly: what fixed sites cover is settled, what nobody covers leaves, rows of one site are its profit,
    rows with the same sites become one."""
    settled = rows.counts(sites.fixed) > 0
    base = float(rows.value[settled].sum())
    open_rows = rows.only(~settled & (rows.value > 0)).without_sites(sites.forbidden)
    site = np.flatnonzero(sites.free)
    column = np.full(len(sites), -1, dtype=np.int64)
    column[site] = np.arange(len(site))
    classes, _, _ = merged(Rows(open_rows.indptr, column[open_rows.site], open_rows.value))
    single = classes.size == 1
    profit = np.bincount(
        classes.site[classes.indptr[:-1][single]], weights=classes.value[single], minlength=len(site)
    )
    return Covering(site, profit.astype(np.float64), classes.only(~single), base)


def most_worth(reduced: Covering, sites: Sites, extra: tuple[ProgramRows, ...] = ()) -> tuple[Program, float]:
    """Cover the most within ``p`` and ``budget``; among plans that cover as much, the cheapest.

    Returns
    -------
    program, factor : worth in the program is worth times factor
    """
    n, c = len(reduced.site), len(reduced.classes)
    factor, grain = in_steps(np.concatenate([reduced.profit, reduced.classes.value, [reduced.base]]))
    worth = np.concatenate([reduced.profit, reduced.classes.value]) * factor
    if grain:
        worth = np.rint(worth)
    columns = Columns(
        start={"open": 0, "covered": n},
        lower=np.zeros(n + c),
        upper=np.ones(n + c),
        integer=np.arange(n + c) < n,
    )
    goals = (Goal("worth", "max", worth, reduced.base * factor, grain), cheapest(reduced.site, sites, c))
    return Program(columns, (linked(reduced.classes, n), *limits(reduced.site, sites, n + c), *extra), goals), factor


def cheapest(site: Ints, sites: Sites, others: int) -> Goal:
    """Least cost of openings; the number of them where no cost was given."""
    factor, grain = in_steps(sites.cost[site])
    cost = sites.cost[site] * factor
    return Goal("cost", "min", np.concatenate([np.rint(cost) if grain else cost, np.zeros(others)]), 0.0, grain)


def linked(classes: Rows, n: int) -> ProgramRows:
    """z <= sum of x, one row a class; z stand after the n columns x."""
    return link_rows("cover", n + np.arange(len(classes)), classes.indptr, classes.site)


def at_least_one(sets: Rows) -> ProgramRows:
    """The sum of x is 1 or more, one row a set."""
    return ProgramRows(
        owner="everyone",
        indptr=sets.indptr,
        column=sets.site.astype(np.int64),
        value=np.ones(len(sets.site)),
        lower=np.ones(len(sets)),
        upper=np.full(len(sets), np.inf),
        elastic=False,
    )


def limits(site: Ints, sites: Sites, width: int) -> tuple[ProgramRows, ...]:
    """Rows for ``p`` and ``budget``, over the first columns, less what the required sites use of them."""
    out: list[ProgramRows] = []
    n = len(site)
    if sites.p_left is not None and sites.p_left < n:
        out.append(ceiling("p", np.ones(n), float(sites.p_left)))
    if sites.budget_left is not None and float(sites.cost[site].sum()) > sites.budget_left:
        cost = sites.cost[site]
        factor, _ = in_steps(cost)
        out.append(ceiling("budget", cost * factor, max(sites.budget_left, 0.0) * factor))
    return tuple(out)


def ceiling(owner: str, value: Floats, upper: float) -> ProgramRows:
    """value·x <= upper over the first columns."""
    at = np.flatnonzero(value)
    return ProgramRows(
        owner=owner,
        indptr=np.array([0, len(at)], dtype=np.int64),
        column=at,
        value=value[at],
        lower=np.array([-np.inf]),
        upper=np.array([upper]),
    )


def opened_by(answer: Answer, site: Ints, sites: Sites) -> Bools:
    """(J,) the open sites of an answer, fixed ones included; half a site is none."""
    opened = sites.fixed.copy()
    if answer.x is not None:
        opened[site[answer.x[: len(site)] > 0.5]] = True
    return opened


def engine_of(answer: Answer) -> str:
    """Name and version."""
    return f"{answer.engine} {answer.version}".strip()
