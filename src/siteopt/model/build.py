"""Encode a problem as an integer program and decode its answer: one column layout, known here only.

Columns: ``open`` one binary per option (site, type), then ``cover`` one continuous variable in [0, 1] per class of
cells. Rows: each class is covered no more than the options that reach it are open; then the rules' rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siteopt.model.constraint import Constraint, Params
from siteopt.model.objective import Objective
from siteopt.plan import Plan
from siteopt.problem import Problem
from siteopt.program import Columns, Program, Rows
from siteopt.units import Bools, Floats, Ints
from siteopt.world import World

LINK = "coverage"
"""Owner of the rows that tie coverage to open outlets: logic, not a rule, never relaxed."""


def options_of(world: World) -> tuple[Ints, Ints]:
    """(N,) sites and types that a plan may open, ordered by site id then type id.

    A pair is an option when the space allows the type and no outlet of it stands there.
    """
    sites = world.sites
    may = sites.allowed & ~sites.standing & sites.is_candidate[:, None]
    site, kind = np.nonzero(may)
    order = np.lexsort((np.array(world.types.type_id)[kind], sites.site_id.astype(str)[site]))
    return site[order].astype(np.int64), kind[order].astype(np.int64)


def layout(problem: Problem) -> Columns:
    """The program's columns."""
    n_options, n_classes = len(problem.option_site), len(problem.reduction.type_of)
    size = n_options + n_classes
    return Columns(
        start={"open": 0, "cover": n_options},
        lower=np.zeros(size),
        upper=np.ones(size),
        integer=np.arange(size) < n_options,
    )


def build(problem: Problem, rules: Sequence[Constraint[Params]], objective: Objective[Params]) -> Program:
    """The program of a problem: coverage links, every rule's rows, the objective's goals.

    Parameters
    ----------
    problem : Problem
    rules : the active constraints
    objective : what is sought

    Returns
    -------
    Program
    """
    columns = layout(problem)
    blocks = [_links(problem, columns)]
    for rule in rules:
        blocks.extend(rule.rows(problem, columns))
    return Program(columns, tuple(b for b in blocks if len(b)), objective.goals(problem, columns))


def _links(problem: Problem, columns: Columns) -> Rows:
    """z_c - Σ x ≤ 0 for each class."""
    red = problem.reduction
    n = len(red.type_of)
    size = np.diff(red.indptr)
    indptr = np.concatenate([[0], np.cumsum(size + 1)]).astype(np.int64)
    column = np.empty(indptr[-1], dtype=np.int64)
    value = np.full(indptr[-1], -1.0)
    head = indptr[:-1]
    is_option = np.ones(indptr[-1], dtype=np.bool_)
    is_option[head] = False
    column[head] = columns.start["cover"] + np.arange(n)
    column[is_option] = columns.start["open"] + red.option
    value[head] = 1.0
    return Rows(
        owner=LINK,
        indptr=indptr,
        column=column,
        value=value,
        lower=np.full(n, -np.inf),
        upper=np.zeros(n),
        elastic=False,
        role="link",
    )


def decode(problem: Problem, x: Floats) -> Plan:
    """The plan of an answer: options at 1 (engines return 0.9999999 and 2.5e-15; the cut is at one half)."""
    shape = problem.world.sites.allowed.shape
    opened = np.zeros(shape, dtype=np.bool_)
    chosen = x[: len(problem.option_site)] > 0.5
    opened[problem.option_site[chosen], problem.option_type[chosen]] = True
    return plan_of(opened)


def plan_of(opened: Bools) -> Plan:
    """A plan of one period and one source of money."""
    return Plan(
        opened=opened,
        period=opened.astype(np.int64),
        source=opened.astype(np.int64) - 1,
    )
