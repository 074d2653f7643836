"""The least cost of sites such that every set has an open one: the core of set covering and of p-center."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from siteopt.program import Answer, Columns, Program
from siteopt.textbook.classes import Rows, merged
from siteopt.textbook.covering import at_least_one, cheapest, opened_by
from siteopt.textbook.search import Search, in_steps
from siteopt.textbook.sites import Sites
from siteopt.units import Bools, Ints

MOST_PRODUCTS = 30_000_000
"""Looking for sets inside other sets costs the sum of squares of the sites' degrees; beyond this it is left out."""


@dataclass(frozen=True, eq=False)
class Sets:
    """Sets still to be hit, over the N sites to be decided.

    Attributes
    ----------
    site : (N,) the site of each column
    sets : sets without another set inside them
    sites : the caller's sites, with those required too that are the only way to hit a set
    """

    site: Ints
    sets: Rows
    sites: Sites


def to_be_hit(rows: Rows, sites: Sites) -> Sets:
    """Reduce, exactly: sets that are hit already leave, sets of one site require it, equal sets are one, a set that
    contains another is hit with it. Every row must have a site that is not forbidden."""
    rows = rows.without_sites(sites.forbidden)
    while True:
        rows = rows.only(rows.counts(sites.fixed) == 0)
        only_way = rows.site[rows.indptr[:-1][rows.size == 1]]
        if not len(only_way):
            break
        required = sites.required.copy()
        required[only_way] = True
        sites = replace(sites, required=required)
    site = np.flatnonzero(sites.free)
    column = np.full(len(sites), -1, dtype=np.int64)
    column[site] = np.arange(len(site))
    sets, _, _ = merged(Rows(rows.indptr, column[rows.site], rows.value))
    return Sets(site, smallest(sets, len(site)), sites)


def smallest(sets: Rows, n: int) -> Rows:
    """The sets without another set inside them, of sets no two of which are equal; all of them where that is dear to
    find out."""
    degree = np.bincount(sets.site, minlength=n).astype(np.float64)
    if float(degree @ degree) > MOST_PRODUCTS:
        return sets
    table = sp.csr_matrix((np.ones(len(sets.site)), sets.site, sets.indptr), shape=(len(sets), n))
    shared = (table @ table.T).tocoo()
    inside = (shared.row != shared.col) & (shared.data >= sets.size[shared.row])
    keep = np.ones(len(sets), dtype=np.bool_)
    keep[shared.col[inside]] = False
    return sets.only(keep)


def fewest(rows: Rows, sites: Sites, search: Search) -> tuple[Bools, Answer]:
    """The cheapest sites that hit every row.

    Returns
    -------
    opened : (J,) fixed ones included; meaningless when the answer has no x
    answer : the engine's, objective and bound in the caller's costs
    """
    reduced = to_be_hit(rows, sites)
    n, cost = len(reduced.site), sites.cost
    columns = Columns(start={"open": 0}, lower=np.zeros(n), upper=np.ones(n), integer=np.ones(n, dtype=np.bool_))
    goal = cheapest(reduced.site, sites, 0)
    answer = search.seek(Program(columns, (at_least_one(reduced.sets),), (goal,)))
    factor, paid = in_steps(cost[reduced.site])[0], float(cost[reduced.sites.required].sum())
    answer = replace(answer, objective=answer.objective / factor + paid, bound=answer.bound / factor + paid)
    return opened_by(answer, reduced.site, reduced.sites), answer
