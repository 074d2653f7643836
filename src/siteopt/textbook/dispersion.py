"""p-dispersion: sites that keep as far from each other as can be."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from siteopt.program import Columns, Goal, Program
from siteopt.program import Rows as ProgramRows
from siteopt.textbook.arrays import BadArrays, count
from siteopt.textbook.covering import ceiling, engine_of
from siteopt.textbook.matrix import read_distances
from siteopt.textbook.result import Found, Result, infeasible, judged, out_of_time
from siteopt.textbook.search import Effort, Search, read_effort
from siteopt.textbook.sites import Sites, Which, read_sites
from siteopt.units import Bools, Floats, Ints


def p_dispersion(
    distances: Any,
    *,
    p: int,
    required: Which = (),
    forbidden: Which = (),
    existing: Which = (),
    **effort: Unpack[Effort],
) -> Result:
    """Open exactly ``p`` new sites such that the least distance between two open ones is largest.

    Parameters
    ----------
    distances : (J, J) between sites, symmetric, dense or sparse; the diagonal is not looked at; inf or not stored: as
        far as can be
    required : sites that must be among the p
    existing : keep their distance from new ones too; distances between two existing sites do not count
    forbidden, **effort : as in :func:`max_coverage`

    Returns
    -------
    Result
        ``objective`` is the least distance between two open sites of which at least one is new; inf where no finite
        one is left. There is no assignment.
    """
    search = read_effort(effort)
    table = _table(distances)
    sites = read_sites(
        len(table), required=required, forbidden=forbidden, existing=existing, p=count("p", p, least=1)
    )
    if p + int(sites.existing.sum()) < 2:
        raise BadArrays("dispersion_of_one", argument="p", value=p)
    why = sites.clash()
    most = int((~sites.forbidden & ~sites.existing).sum())
    if why is None and most < p:
        why = ("too_few_sites", {"p": p, "sites": most})
    if why:
        return infeasible("p_dispersion", search, sites, why)
    opened, bound, engine = _halved(table, sites, search)
    if opened is None:
        return out_of_time("p_dispersion", search, sites, bound)
    value = least_between(table, opened, sites.existing)
    size = value if np.isfinite(value) else 1.0
    found = Found("max", opened, value, None, bound, size, engine, audit={"least_distance": value})
    return judged("p_dispersion", search, sites, found)


def _table(given: Any) -> Floats:
    """(J, J) distances, inf on the diagonal and where nothing is stored; the sites are few, so it is dense."""
    pairs = read_distances(given)
    n = len(pairs)
    if pairs.n_sites != n:
        raise BadArrays("not_square", argument="distances", value=f"{n}x{pairs.n_sites}")
    out = np.full((n, n), np.inf)
    out[pairs.row, pairs.site] = pairs.distance
    np.fill_diagonal(out, np.inf)
    same = (out == out.T) | np.isclose(out, out.T, rtol=1e-9, atol=0.0)
    if not same.all():
        a, b = (int(k) for k in np.argwhere(~same)[0])
        raise BadArrays(
            "not_symmetric", argument="distances", index=f"[{a}, {b}]", value=float(out[a, b]), other=float(out[b, a])
        )
    return np.asarray(np.minimum(out, out.T))


def least_between(table: Floats, opened: Bools, existing: Bools) -> float:
    """The least distance between two open sites, at least one of them new."""
    at = np.flatnonzero(opened)
    part = table[np.ix_(at, at)].copy()
    part[np.ix_(existing[at], existing[at])] = np.inf
    return float(part.min(initial=np.inf))


def _halved(table: Floats, sites: Sites, search: Search) -> tuple[Bools | None, float, str]:
    """The best plan, the largest distance not ruled out, the engine."""
    best = _far_first(table, sites)
    value = least_between(table, best, sites.existing)
    usable = ~sites.forbidden
    among = table[np.ix_(usable, usable)]
    steps = np.unique(np.append(among[among > value], [value, np.inf]))
    low, high, engine = 0, len(steps) - 1, search.backend.name
    while low < high:
        middle = (low + high + 1) // 2
        opened, possible, engine = _apart(table, sites, search, float(steps[middle]))
        if possible is None:
            break
        if possible:
            best = opened
            low = int(np.searchsorted(steps, least_between(table, opened, sites.existing)))
        else:
            high = middle - 1
    return best, float(steps[high]), engine


def _apart(table: Floats, sites: Sites, search: Search, limit: float) -> tuple[Bools, bool | None, str]:
    """Whether p sites can keep a distance; None when time ends before that is known."""
    opened, left = sites.fixed.copy(), sites.p_left
    assert left is not None
    close = table < limit
    fixed = np.flatnonzero(sites.fixed)
    if least_between(table, opened, sites.existing) < limit:
        return opened, False, search.backend.name
    free = np.flatnonzero(sites.free & ~close[fixed].any(axis=0))
    if left == 0 or len(free) < left:
        return opened, left == 0, search.backend.name
    if search.left_s <= 0.05:
        return opened, None, search.backend.name
    cliques = _cliques(close[np.ix_(free, free)])
    if len(cliques) == 1 and len(cliques[0]) == len(free) and left > 1:
        return opened, False, search.backend.name
    n = len(free)
    columns = Columns(start={"open": 0}, lower=np.zeros(n), upper=np.ones(n), integer=np.ones(n, dtype=np.bool_))
    blocks = (_one_of_each(cliques), ceiling("p", np.ones(n), float(left)))
    answer = search.seek(Program(columns, blocks, (Goal("sites", "max", np.ones(n), 0.0, 1.0),)))
    if answer.x is not None and answer.x.sum() > left - 0.5:
        opened[free[answer.x > 0.5]] = True
        return opened, True, engine_of(answer)
    return opened, False if answer.bound < left - 1e-6 else None, engine_of(answer)


def _cliques(close: Bools) -> list[Ints]:
    """Sets of sites of which one at most may open, until every close pair is in one; large sets bound better."""
    out: list[Ints] = []
    todo = np.triu(close, 1)
    while True:
        a = int(todo.any(axis=1).argmax())
        if not todo[a].any():
            return out
        member = [a, int(todo[a].argmax())]
        common = close[member[0]] & close[member[1]]
        while common.any():
            at = np.flatnonzero(common)
            nearest_to_all = int(at[close[np.ix_(at, at)].sum(axis=1).argmax()])
            member.append(nearest_to_all)
            common = common & close[nearest_to_all]
        found = np.sort(np.array(member, dtype=np.int64))
        todo[np.ix_(found, found)] = False
        out.append(found)


def _one_of_each(cliques: list[Ints]) -> ProgramRows:
    size = np.array([len(c) for c in cliques], dtype=np.int64)
    return ProgramRows(
        owner="apart",
        indptr=np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        column=np.concatenate([np.empty(0, dtype=np.int64), *cliques]),
        value=np.ones(int(size.sum())),
        lower=np.full(len(cliques), -np.inf),
        upper=np.ones(len(cliques)),
        elastic=False,
    )


def _far_first(table: Floats, sites: Sites) -> Bools:
    """A first plan: again and again the site that is farthest from those open."""
    opened = sites.fixed.copy()
    assert sites.p_left is not None
    for k in range(sites.p_left):
        may = sites.free & ~opened
        if k == 0 and not opened.any():
            finite = np.where(np.isfinite(table), table, 0.0)
            opened[int(np.where(may, finite.sum(axis=1), -1.0).argmax())] = True
            continue
        near = table[opened].min(axis=0)
        opened[int(np.where(may, near, -1.0).argmax())] = True
    return opened
