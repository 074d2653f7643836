"""Encode a problem as an integer program and decode its answer.

Rows: each class of cells is covered no more than the options that reach it are open; an outlet opens once; then the
rules' rows and those that the objective needs for columns of its own. ``columns.py`` has the layout.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siteopt.model.columns import cover_block, layout
from siteopt.model.constraint import Constraint, Params
from siteopt.model.objective import Objective
from siteopt.plan import Plan
from siteopt.problem import Problem, capacitated
from siteopt.program import Columns, Program, Rows, link_rows
from siteopt.units import Bools, Floats, Ints
from siteopt.world import World

LINK = "coverage"
"""Owner of the rows that tie coverage to open outlets: logic, not a rule, never relaxed."""
ONCE = "once"
"""Owner of the rows by which an outlet opens in one period and is paid from one source: logic."""


def pairs_of(world: World) -> tuple[Ints, Ints]:
    """(B,) sites and types that a plan may open, ordered by site id then type id.

    A pair may open when the space is open to the type and no outlet of it stands there.
    """
    sites = world.sites
    site, kind = np.nonzero(world.open_to & ~sites.standing)
    order = np.lexsort((np.array(world.types.type_id)[kind], sites.site_id.astype(str)[site]))
    return site[order].astype(np.int64), kind[order].astype(np.int64)


def options_of(world: World, pair_site: Ints, pair_type: Ints) -> tuple[Ints, Ints, Ints]:
    """(N,) pair, period and source of every option, in this order: a space or type that is not ready opens later."""
    periods, funds = world.periods, world.funds
    months = np.maximum(world.sites.months[pair_site], world.types.months[pair_type])
    ready = np.asarray(periods.months)[None, :] >= months[:, None]
    pays = np.ones((len(funds), len(world.types)), dtype=np.bool_) if funds.may_pay is None else funds.may_pay
    may = ready[:, :, None] & pays.T[pair_type][:, None, :]
    pair, period, source = np.nonzero(may)
    return pair.astype(np.int64), period.astype(np.int64), source.astype(np.int64)


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
    columns = columns_of(problem, rules, objective)
    blocks = [_links(problem, columns, period) for period in range(problem.n_periods)]
    if not problem.single:
        blocks.append(_once(problem, columns))
    for rule in rules:
        blocks.extend(rule.rows(problem, columns))
    blocks.extend(objective.rows(problem, columns))
    return Program(columns, tuple(b for b in blocks if len(b)), objective.goals(problem, columns))


def columns_of(problem: Problem, rules: Sequence[Constraint[Params]], objective: Objective[Params]) -> Columns:
    """The program's columns: those of the problem, then those that rules and objective bring."""
    brought = [block for rule in rules for block in rule.blocks(problem)]
    return layout(problem, [*brought, *objective.blocks(problem)])


def _links(problem: Problem, columns: Columns, period: int) -> Rows:
    """z_c - Σ x ≤ 0 for each class, over the options that are open by the end of a period.

    Classes of a type with a capacity are left to the rule that gives people to outlets.
    """
    red, types = problem.reduction, problem.world.types
    full = np.append(capacitated(types), np.zeros(len(problem.services) - len(types), dtype=np.bool_))
    cls = np.flatnonzero(~full[red.service_of])
    pairs = np.diff(red.indptr)[cls]
    entry = _ranges(red.indptr[cls], pairs)
    size, option = problem.options_of_pairs(red.pair[entry], until=period)
    options = np.add.reduceat(np.append(size, 0), np.cumsum(pairs) - pairs) if len(cls) else size[:0]
    return link_rows(
        LINK,
        columns.start[cover_block(problem, period)] + cls,
        np.concatenate([[0], np.cumsum(options)]).astype(np.int64),
        columns.start["open"] + option,
    )


def _ranges(start: Ints, count: Ints) -> Ints:
    """start[0] .. start[0] + count[0] - 1, start[1] .. : the ranges one after the other."""
    before = np.cumsum(count) - count
    return np.asarray(np.arange(int(count.sum())) + np.repeat(start - before, count))


def _once(problem: Problem, columns: Columns) -> Rows:
    """Σ x ≤ 1 over the options of each pair."""
    size = np.bincount(problem.option_pair, minlength=len(problem.pair_site))
    several = size > 1
    option = np.flatnonzero(several[problem.option_pair])
    n = int(several.sum())
    return Rows(
        owner=ONCE,
        indptr=np.concatenate([[0], np.cumsum(size[several])]).astype(np.int64),
        column=columns.start["open"] + option,
        value=np.ones(len(option)),
        lower=np.full(n, -np.inf),
        upper=np.ones(n),
        elastic=False,
    )


def decode(
    problem: Problem,
    x: Floats,
    rules: Sequence[Constraint[Params]] = (),
    columns: Columns | None = None,
) -> Plan:
    """The plan of an answer: options at 1 (engines return 0.9999999 and 2.5e-15; the cut is at one half).

    What rules decide by columns of their own is told by them, when they and the columns are given.
    """
    world, chosen = problem.world, np.flatnonzero(x[: len(problem.option_pair)] > 0.5)
    site, kind = problem.option_site[chosen], problem.option_type[chosen]
    shape = world.sites.allowed.shape
    opened, period, source = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.int64), np.full(shape, -1)
    opened[site, kind] = True
    period[site, kind] = problem.option_period[chosen] + 1
    source[site, kind] = problem.option_source[chosen]
    plan = Plan(opened, period, source.astype(np.int64), world.periods.name, world.funds.name)
    if columns is not None:
        for rule in rules:
            plan = rule.tell(problem, columns, x, plan)
    return plan


def encode(problem: Problem, plan: Plan) -> Bools:
    """(N,) the options that a plan opens."""
    site, kind = problem.option_site, problem.option_type
    at = (plan.period[site, kind] == problem.option_period + 1) & (plan.source[site, kind] == problem.option_source)
    return np.asarray(plan.opened[site, kind] & at, dtype=np.bool_)


def plan_of(opened: Bools) -> Plan:
    """A plan of one period and one source of money."""
    return Plan(
        opened=opened,
        period=opened.astype(np.int64),
        source=opened.astype(np.int64) - 1,
    )
