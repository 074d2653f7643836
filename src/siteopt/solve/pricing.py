"""From a good bound to nearly the best: the linear program over the few options that matter, priced against the rest.

A linear program over the options that good plans open is small once its classes are merged. Its prices, spread over
the merged classes, are prices of the whole form, so they give a bound on every plan whatever was left out; options
that are worth opening at those prices come in, and so on (column generation). It may be cut short at any round.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import highspy
import numpy as np

from siteopt.solve.cover import CoverForm
from siteopt.solve.highs import linear_run, pass_model, set_options
from siteopt.solve.lagrange import Bound, Relaxation
from siteopt.solve.restrict import Restricted, program_of, restricted
from siteopt.units import Bools, Floats

CLOSE = 1e-6
"""The bound and the linear program's value are the same, relatively, when they differ by less."""

MOST_NEW = 200
"""Options that one round brings in, or half of those there are, whichever is more."""


@dataclass(frozen=True, eq=False)
class Priced:
    """A bound, the options whose linear program gave it, and whether no plan keeps every row at all."""

    bound: Bound
    keep: Bools
    infeasible: bool = False


def priced_out(
    form: CoverForm,
    bound: Bound,
    keep: Bools,
    *,
    seconds: float,
    enough: float = -np.inf,
    stop: Callable[[], bool] = lambda: False,
) -> Priced:
    """A bound at least as good, from the linear program over some options and what its prices say of the others.

    Parameters
    ----------
    form : CoverForm
    bound : the bound so far
    keep : (N,) the options to begin with
    seconds : wall seconds, at most
    enough : a bound below this is low enough
    stop : asked between rounds

    Returns
    -------
    Priced
        The bound's ``share`` is the last linear program's fractional plan.
    """
    deadline = time.perf_counter() + seconds
    relaxation = Relaxation(form)
    able = form.upper > 0.5
    best, keep = bound, keep & able
    while not stop() and best.value >= enough:
        left = deadline - time.perf_counter()
        if left < 0.02:
            break
        small = restricted(form, keep)
        if not small.form.n_options and (able & ~keep).any():
            keep = _grown(keep, able & ~keep, best.reduced, MOST_NEW)
            continue
        status, solved = _linear(small, left)
        if status == "infeasible":
            if (keep == able).all():
                return Priced(best, keep, infeasible=True)
            keep = _grown(keep, able & ~keep, best.reduced, max(MOST_NEW, int(keep.sum())))
            continue
        if solved is None:
            break
        u = _spread(form, small, solved.link_price, solved.row_price)
        share = small.opened.astype(np.float64)
        share[small.option] = solved.x
        found = relaxation.proven(u, relaxation.by_ceiling(solved.row_price), share)
        best = found if found.value < best.value else replace(best, share=share)
        wanted = (found.reduced > 1e-7 * max(1.0, abs(solved.value))) & ~keep & able
        if not wanted.any() or found.value - solved.value <= CLOSE * abs(solved.value):
            break
        keep = _grown(keep, wanted, found.reduced, max(MOST_NEW, int(0.5 * keep.sum())))
    return Priced(best, keep)


def _grown(keep: Bools, wanted: Bools, reduced: Floats, most: int) -> Bools:
    """The kept options and the most worthwhile of those wanted."""
    new = np.flatnonzero(wanted)
    out = keep.copy()
    out[new[np.argsort(-reduced[new], kind="stable")][:most]] = True
    return out


@dataclass(frozen=True, eq=False)
class _Solved:
    value: float
    x: Floats
    link_price: Floats
    row_price: Floats


def _spread(form: CoverForm, small: Restricted, link_price: Floats, row_price: Floats) -> Floats:
    """Prices of all classes from prices of the merged ones: a group's price is shared out by its members' worth."""
    worth: Floats = form.weight
    if form.rows_z.nnz:
        worth = np.maximum(np.asarray(form.weight - form.rows_z.T @ row_price), 0.0)
    group = small.group
    u = worth.copy()  # a class that none of the kept options covers: covering it is worth all of it
    u[group == -1] = 0.0
    merged = group >= 0
    total = np.bincount(group[merged], weights=worth[merged], minlength=small.form.n_classes)
    part = np.divide(link_price, total, out=np.zeros(len(total)), where=total > 0)
    u[merged] = worth[merged] * np.minimum(part, 1.0)[group[merged]]
    return u


def _linear(small: Restricted, seconds: float) -> tuple[Literal["solved", "infeasible", "unsolved"], _Solved | None]:
    """The small linear program, by an interior point method.

    Without crossover: its prices come from the middle of the best face, not from a corner of it, and say more about
    the options left out.
    """
    form = small.form
    program, goal = program_of(form, 0.0)
    # As a minimum: without crossover HiGHS does not turn the signs of a maximum's prices back.
    goal = replace(goal, sense="min", cost=-goal.cost, offset=-goal.offset)
    with linear_run() as h:
        set_options(h, time_limit=seconds, solver="ipm", run_crossover="off")
        pass_model(h, program, goal, program.blocks, relaxed=True)
        h.run()
        if h.getModelStatus() in (
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        ):
            return ("infeasible", None) if _surely_infeasible(h, seconds) else ("unsolved", None)
        solution = h.getSolution()
        cut_short = h.getModelStatus() == highspy.HighsModelStatus.kTimeLimit
        if cut_short or not (solution.dual_valid and solution.value_valid):
            return "unsolved", None
        price = -np.array(solution.row_dual)
        found = _Solved(
            value=-float(h.getInfo().objective_function_value),
            x=np.clip(np.array(solution.col_value)[: form.n_options], 0.0, 1.0),
            link_price=np.maximum(0.0, price[: form.n_classes]),
            row_price=price[form.n_classes :],
        )
        return "solved", found


def _surely_infeasible(h: highspy.Highs, seconds: float) -> bool:
    """A second opinion, by the simplex method without presolve: only two that agree are believed."""
    h.clearSolver()
    set_options(h, solver="simplex", presolve="off", time_limit=seconds)
    h.run()
    return bool(h.getModelStatus() == highspy.HighsModelStatus.kInfeasible)
