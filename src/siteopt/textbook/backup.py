"""Backup coverage: a second site within reach, for as much weight as can be had."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np

from siteopt.program import Columns, Goal, Program
from siteopt.program import Rows as ProgramRows
from siteopt.textbook import audit
from siteopt.textbook.arrays import amount
from siteopt.textbook.classes import Rows, merged
from siteopt.textbook.coverage import covered_by, covered_plan, weights_of
from siteopt.textbook.covering import cheapest, engine_of, limits, opened_by
from siteopt.textbook.covers import unreached
from siteopt.textbook.matrix import Pairs, read_cover
from siteopt.textbook.result import Found, Result, infeasible, judged, out_of_time
from siteopt.textbook.search import Effort, Search, in_steps, read_effort
from siteopt.textbook.sites import Sites, Which, read_sites
from siteopt.units import Bools, Floats, Ints


def backup_coverage(
    cover: Any,
    weights: Any = None,
    *,
    reach: float | None = None,
    p: int | None = None,
    budget: float | None = None,
    cost: Any = None,
    backup: float | None = None,
    required: Which = (),
    forbidden: Which = (),
    existing: Which = (),
    **effort: Unpack[Effort],
) -> Result:
    """Cover once first, then twice.

    Without ``p`` and ``budget`` (LSCP-B): everybody is covered, with the fewest (cheapest) new sites; among such
    plans, the most weight is covered twice. With ``p`` or ``budget``: the most weight is covered once; among such
    plans, the most twice. With ``backup`` = b as well: (1 - b) x weight covered once + b x weight covered twice is
    the most.

    Parameters
    ----------
    backup : 0 to 1, only with ``p`` or ``budget``
    cover, weights, reach, p, budget, cost, required, forbidden, existing, **effort : as in :func:`max_coverage`

    Returns
    -------
    Result
        ``objective``, ``bound`` and ``gap`` are the last goal's (weight covered twice, or the weighted sum); the goal
        before it is in ``audit`` ("first_value", "first_bound"). "proven" says that both are.
    """
    search = read_effort(effort)
    pairs = read_cover(cover, reach)
    weight = weights_of(weights, pairs)
    sites = read_sites(
        pairs.n_sites,
        required=required,
        forbidden=forbidden,
        existing=existing,
        p=p,
        budget=budget,
        cost=cost,
        limited=backup is not None,
    )
    mix = None if backup is None else amount("backup", backup, most=1.0)
    everybody = p is None and budget is None
    why = sites.clash() or (unreached(pairs, sites) if everybody else None)
    if why:
        return infeasible("backup_coverage", search, sites, why)
    reduced = _reduced(pairs, weight, sites, everybody)
    program, factor = _program(reduced, sites, mix, everybody)
    return _answered(pairs, weight, sites, search, reduced, program, factor, mix)


@dataclass(frozen=True, eq=False)
class _Twice:
    """N sites to be decided; classes of points with the same sites and as many fixed sites (0, or 1).

    Attributes
    ----------
    once, twice : worth of what fixed sites cover at least once, twice
    """

    site: Ints
    classes: Rows
    fixed: Ints
    once: float
    twice: float


def _reduced(pairs: Pairs, weight: Floats, sites: Sites, everybody: bool) -> _Twice:
    rows = Rows(pairs.indptr, pairs.site, weight)
    standing = np.minimum(rows.counts(sites.fixed), 2)
    site = np.flatnonzero(sites.free)
    column = np.full(len(sites), -1, dtype=np.int64)
    column[site] = np.arange(len(site))
    matters = (standing < 2) & ((weight > 0) | everybody)
    free = rows.only(matters).without_sites(~sites.free)
    free = Rows(free.indptr, column[free.site], free.value)
    classes, _, first = merged(free, standing[matters])
    return _Twice(
        site,
        classes,
        standing[matters][first],
        float(weight[standing > 0].sum()),
        float(weight[standing > 1].sum()),
    )


def _program(reduced: _Twice, sites: Sites, mix: float | None, everybody: bool) -> tuple[Program, float]:
    """Columns: open x, once y (absent where fixed or asked of everybody), twice u (where two sites can cover)."""
    n, classes = len(reduced.site), reduced.classes
    asked = reduced.fixed == 0
    has_y = asked & (not everybody)
    has_u = classes.size + reduced.fixed >= 2
    y = np.where(has_y, n + np.cumsum(has_y) - 1, -1)
    u = np.where(has_u, n + has_y.sum() + np.cumsum(has_u) - 1, -1)
    width = n + int(has_y.sum()) + int(has_u.sum())
    factor, grain = in_steps(np.concatenate([classes.value, [reduced.once, reduced.twice]]))
    once, twice = np.zeros(width), np.zeros(width)
    once[y[has_y]], twice[u[has_u]] = classes.value[has_y] * factor, classes.value[has_u] * factor
    # y + u <= sum of x alone lets a solver take u without y where that pays more: u is whole then, and y >= u. In
    # order, a lock on the first goal leaves half a grain of room, which a broken u would use: u is whole there too.
    strict = mix is not None and mix > 0.5
    integer = np.arange(width) < n
    integer[u[has_u]] |= strict or (mix is None and not everybody)
    columns = Columns(start={"open": 0, "cover": n}, lower=np.zeros(width), upper=np.ones(width), integer=integer)
    blocks = [_counted(classes, y, u, asked & everybody), *limits(reduced.site, sites, width)]
    both = has_y & has_u
    if strict and both.any():
        blocks.append(_pairwise(u[both], y[both]))
    least = cheapest(reduced.site, sites, width - n)
    first = Goal("once", "max", once, reduced.once * factor, grain)
    second = Goal("twice", "max", twice, reduced.twice * factor, grain)
    goals: tuple[Goal, ...]
    if mix is not None:
        offset = ((1 - mix) * reduced.once + mix * reduced.twice) * factor
        goals = (Goal("mix", "max", (1 - mix) * once + mix * twice, offset), least)
    else:
        goals = (least, second) if everybody else (first, second, least)
    return Program(columns, tuple(blocks), goals), factor


def _counted(classes: Rows, y: Ints, u: Ints, must: Bools) -> ProgramRows:
    """y + u <= sum of x (+ 1 where a fixed site covers; then y is absent), or 1 + u <= sum of x where one must."""
    heads = (y >= 0).astype(np.int64) + (u >= 0)
    needed = (heads > 0) | must
    kept = classes.only(needed)
    heads, must = heads[needed], must[needed]
    size = kept.size + heads
    indptr = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    head = np.arange(int(indptr[-1])) - np.repeat(indptr[:-1], size) < np.repeat(heads, size)
    column = np.empty(len(head), dtype=np.int64)
    two = np.column_stack([y[needed], u[needed]]).ravel()
    column[head], column[~head] = two[two >= 0], kept.site
    return ProgramRows(
        owner="twice",
        indptr=indptr,
        column=column,
        value=np.where(head, 1.0, -1.0),
        lower=np.full(len(kept), -np.inf),
        upper=np.where(must, -1.0, 0.0),
        elastic=False,
    )


def _pairwise(low: Ints, high: Ints) -> ProgramRows:
    """low <= high, pair by pair."""
    n = len(low)
    return ProgramRows(
        owner="order",
        indptr=np.arange(n + 1) * 2,
        column=np.column_stack([low, high]).ravel(),
        value=np.tile([1.0, -1.0], n),
        lower=np.full(n, -np.inf),
        upper=np.zeros(n),
        elastic=False,
    )


def _answered(
    pairs: Pairs,
    weight: Floats,
    sites: Sites,
    search: Search,
    reduced: _Twice,
    program: Program,
    factor: float,
    mix: float | None,
) -> Result:
    answer = search.seek(program)
    if answer.x is None:
        return out_of_time("backup_coverage", search, sites)
    opened = opened_by(answer, reduced.site, sites)
    plan = covered_plan(pairs, weight, opened)
    once, twice = plan["weight_covered"], plan["weight_backed_up"]
    found = Found(
        "max",
        opened,
        0.0,
        None,
        0.0,
        float(weight.sum()),
        engine_of(answer),
        assignment=audit.nearest(pairs, opened)[0],
        covered=covered_by(pairs, opened),
        audit=plan,
    )
    if mix is not None:
        value = (1 - mix) * once + mix * twice
        found = replace(found, value=value, claimed=answer.objective / factor, bound=answer.bound / factor)
        return judged("backup_coverage", search, sites, found)
    everybody = program.goals[0].name == "cost"
    paid = float(sites.cost[sites.required].sum())
    scale = in_steps(sites.cost[reduced.site])[0] if everybody else factor
    first_value = sites.paid(opened) if everybody else once
    first_bound = answer.bound / scale + (paid if everybody else 0.0)
    # Twice is at most once: the bound where the second goal was never reached.
    second = next((g for g in answer.goals if g.name == "twice"), None)
    bound = second.bound / factor if second is not None and np.isfinite(second.bound) else float(weight.sum())
    claimed = second.value / factor if second is not None else None
    audited = {**plan, "first_value": first_value, "first_bound": first_bound}
    result = judged(
        "backup_coverage", search, sites, replace(found, value=twice, claimed=claimed, bound=bound, audit=audited)
    )
    first = answer.status == "proven" or abs(first_value - first_bound) <= 1e-9 * max(abs(first_value), 1e-300)
    return result if first else replace(result, status="best_found")
