"""The search behind p-median and attendance: ladders that grow where a plan steps off them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from siteopt.program import Answer, Program
from siteopt.textbook.branches import most_worth as most_worth_by_branches
from siteopt.textbook.classes import Rows, merged
from siteopt.textbook.covering import Covering, at_least_one, covering, engine_of, most_worth, opened_by
from siteopt.textbook.fewest import smallest
from siteopt.textbook.interchange import first_plan
from siteopt.textbook.levels import Arcs
from siteopt.textbook.nearest import Nearest
from siteopt.textbook.search import EXACT, Search
from siteopt.textbook.sites import Sites
from siteopt.units import Bools, Floats, Ints

SMALL = 60_000
"""Members of all levels together, below which ladders are not cut."""

LARGE = 500_000
"""Members of all levels together, beyond which a program over ladders is not worth its time."""

SHARE = 0.4
"""Of the time, what branch and bound may use where a program over ladders can follow."""


@dataclass(frozen=True, eq=False)
class Task:
    """Least sum of worth x distance to the nearest open site.

    Attributes
    ----------
    arcs : from :func:`siteopt.textbook.levels.nearest_first`
    worth : (I,) >= 0
    sites : what may open, and its limits
    unserved : distance of a row without an open site; None where every row must have one
    nearest : arcs of each row that are looked at first; None to choose
    """

    arcs: Arcs
    worth: Floats
    sites: Sites
    unserved: float | None
    nearest: int | None = None


@dataclass(frozen=True, eq=False)
class Climbed:
    """The best plan, its value by the arcs, the bound, the largest sum there can be."""

    opened: Bools | None
    value: float
    bound: float
    size: float
    engine: str
    infeasible: bool = False


def climb(task: Task, search: Search) -> Climbed:
    """Branch and bound first; where that leaves a gap, short ladders in a program, in the time left.

    A short ladder does not charge the way beyond its end, so every bound is right; a plan that stays on the ladders
    is charged in full, so it is optimal.
    """
    best = _by_branches(task, search)
    keep = _first_look(task)
    while not best.infeasible and not _close(best, search) and search.left_s > 0.1:
        if float(keep @ (keep + 1)) / 2 > LARGE:
            return best
        found, answer, opened = _on_ladders(task, keep, search)
        if answer.status == "infeasible":
            return replace(best, infeasible=best.opened is None)
        best = replace(best, bound=max(best.bound, found.bound), size=max(best.size, found.size))
        if found.value < best.value:
            best = replace(best, opened=found.opened, value=found.value, engine=found.engine)
        if opened is None:
            return best
        used = task.arcs.used(opened)
        off = (used >= keep) & (keep < task.arcs.size)
        if not off.any():
            return best
        keep = task.arcs.to_level_end(np.where(off, np.maximum(used + 2, keep + keep // 2 + 1), keep))
    return best


def _close(best: Climbed, search: Search) -> bool:
    return best.value - best.bound <= max(search.limits.gap * abs(best.value), EXACT * best.size)


def _by_branches(task: Task, search: Search) -> Climbed:
    """In a part of the time, all of it where ladders are too long."""
    arcs, keep = task.arcs, _first_look(task)
    short = float(keep @ (keep + 1)) / 2 <= LARGE
    time_s = search.limits.time_limit_s
    part = replace(search, limits=replace(search.limits, time_limit_s=time_s * (SHARE if short else 1.0)))
    far = np.zeros(len(arcs.size))
    far[arcs.size > 0] = np.abs(arcs.distance[arcs.indptr[1:][arcs.size > 0] - 1])
    size = float(task.worth @ far)
    problem, p = Nearest(arcs, task.worth, task.sites, task.unserved), task.sites.p_left
    first = None if p is None or task.sites.budget is not None else first_plan(problem, p, part)
    tree = most_worth_by_branches(problem, task.sites, part, size, first)
    none = Climbed(None, np.inf, -tree.bound, size, "branch and bound")
    if tree.opened is None:
        return replace(none, infeasible=tree.bound == -np.inf)
    opened = _needed(task, tree.opened)
    return replace(none, opened=opened, value=_value(task, opened))


def _value(task: Task, opened: Bools) -> float:
    return task.arcs.value(opened, task.worth, np.inf if task.unserved is None else task.unserved)


def _on_ladders(task: Task, keep: Ints, search: Search) -> tuple[Climbed, Answer, Bools | None]:
    """The program over ladders of some length: its plan and bound, the engine's answer, the plan's open sites."""
    rows, top = task.arcs.levels(keep, task.worth, task.unserved)
    reduced = covering(rows, task.sites)
    most = float(task.worth @ top)
    program, factor = _program(task, reduced, most)
    answer = search.seek(program)
    bound = -answer.bound / factor if np.isfinite(answer.bound) else -np.inf
    found = Climbed(None, np.inf, bound, max(abs(most), reduced.total), engine_of(answer))
    if answer.x is None:
        return found, answer, None
    opened = _needed(task, opened_by(answer, reduced.site, task.sites))
    return replace(found, opened=opened, value=_value(task, opened)), answer, opened


def _first_look(task: Task) -> Ints:
    """(I,) arcs to begin with: all where that is little, else a few times J / p."""
    size, sites = task.arcs.size, task.sites
    nearest = task.nearest
    if nearest is None:
        if float(size @ (size + 1)) / 2 <= SMALL:
            return size
        nearest = 3 + int(2.5 * sites.free.sum() / max(1, int(sites.fixed.sum()) + (sites.p_left or 0)))
    return task.arcs.to_level_end(np.full(len(size), nearest))


def _program(task: Task, reduced: Covering, most: float) -> tuple[Program, float]:
    """Most worth of levels, everybody served where asked; one goal, for what serves nobody is closed afterwards."""
    program, factor = most_worth(reduced, task.sites)
    goal = program.goals[0]
    program = replace(program, goals=(replace(goal, offset=goal.offset - most * factor),))
    if task.unserved is not None:
        return program, factor
    column = np.full(len(task.sites), -1, dtype=np.int64)
    column[reduced.site] = np.arange(len(reduced.site))
    whole = task.arcs.whole()
    whole = whole.only(whole.counts(task.sites.fixed) == 0)
    sets, _, _ = merged(Rows(whole.indptr, column[whole.site], whole.value))
    must = at_least_one(smallest(sets, len(reduced.site)))
    return replace(program, blocks=(*program.blocks, must)), factor


def _needed(task: Task, opened: Bools) -> Bools:
    """The plan without new sites that are nobody's nearest."""
    arcs = task.arcs
    used = arcs.used(opened)
    served = used < arcs.size
    busy = np.zeros(len(opened), dtype=np.bool_)
    busy[arcs.site[arcs.indptr[:-1][served] + used[served]]] = True
    return (opened & busy) | task.sites.fixed
