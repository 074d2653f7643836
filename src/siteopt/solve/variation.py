"""Programs made from a program: columns refused, a floor under a goal, one more column. Nothing is solved here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siteopt.program import Columns, Goal, Program, Rows, rows_from
from siteopt.solve.backend import ROW_TOLERANCE, rounded, value_of, worst_violation
from siteopt.solve.kinds import choices, liftable, whole
from siteopt.units import Bools, Floats, Ints

SLACK, PARTS_SLACK = 1e-9, 2e-6
ENGINE_GAP = 1e-6
"""Values closer than this, or than this part of their size, are one value: engines stop there. Where a goal counts
columns in parts (people given to outlets), its value may have lost an engine's last digits to later goals."""


def slack_of(program: Program) -> float:
    """By what part of its size a value of the first goal may differ and be the same."""
    return PARTS_SLACK if program.goals[0].cost[~whole(program)].any() else SLACK


def ahead(goal: Goal, value: float, than: float) -> float:
    """By how much a value is better than another."""
    return value - than if goal.sense == "max" else than - value


def refusing(program: Program, columns: Ints) -> Program:
    """The program with some columns fixed at 0. A column that had to be open leaves nothing feasible."""
    lower, upper = program.columns.lower.copy(), program.columns.upper.copy()
    upper[columns] = np.minimum(upper[columns], 0.0)
    forced = columns[lower[columns] > 0]
    lower[forced] = 0.0
    refused = replace(program, columns=replace(program.columns, lower=lower, upper=upper))
    if not len(forced):
        return refused
    # An engine may reject a column whose bounds cross; a row says the same and is always accepted.
    ones = [(np.array([c]), np.ones(1)) for c in forced]
    must = rows_from("kept open", ones, [1.0] * len(forced), [np.inf] * len(forced), [""] * len(forced))
    return replace(refused, blocks=(*program.blocks, replace(must, elastic=False)))


def floor_under(goal: Goal, value: float, owner: str) -> Rows:
    """One row: the goal is no worse than a value.

    Where values come in grains the row has whole numbers and its bound is the next grain, so that no tolerance of an
    engine lets a worse plan pass.
    """
    at = np.flatnonzero(goal.cost)
    unit = goal.grain if goal.grain > 0 else max(1.0, float(np.abs(goal.cost).max(initial=1.0)))
    target, sign = (value - goal.offset) / unit, 1.0 if goal.sense == "max" else -1.0
    noise = 1e-9 * max(1.0, abs(target))
    bound = np.ceil(sign * target - 1e-6 - noise) if goal.grain > 0 else sign * target - noise
    cost = goal.cost[at] / unit
    row = (at, np.rint(cost) if goal.grain > 0 else cost)
    low, high = (float(bound), np.inf) if goal.sense == "max" else (-np.inf, -float(bound))
    return rows_from(owner, [row], [low], [high], [goal.name], elastic=False)


def with_column(program: Program, name: str, upper: float) -> Program:
    """The program with one more whole-number column, from 0 to ``upper``, at the end; in no row and no goal yet."""
    columns, n = program.columns, len(program.columns)
    goals = tuple(replace(g, cost=np.append(g.cost, 0.0)) for g in program.goals)
    wider = Columns(
        start={**columns.start, name: n},
        lower=np.append(columns.lower, 0.0),
        upper=np.append(columns.upper, float(upper)),
        integer=np.append(columns.integer, True),
    )
    return Program(wider, program.blocks, goals)


def keeps(program: Program, x: Floats) -> bool:
    """Whether a point is within every bound and row of a program."""
    inside = np.all(x >= program.columns.lower - 1e-9) and np.all(x <= program.columns.upper + 1e-9)
    return bool(inside) and worst_violation(program.blocks, x) <= ROW_TOLERANCE


def closing(program: Program, x: Floats, columns: Ints) -> Floats:
    """A point with some columns at 0 and every linked column as high as what stays open lets it be.

    Columns that a rule brings along stay as they are: where they no longer fit, so does the point.
    """
    out = np.where(liftable(program), program.columns.lower, x)
    out[columns] = 0.0
    return rounded(program, out)


def opened(program: Program, x: Floats) -> Bools:
    """(N,) the columns of a plan that a point opens; not what a rule brings along."""
    return np.asarray(choices(program) & (x > 0.5))


def best_start(program: Program, points: list[Floats]) -> Floats | None:
    """Of known points, the one that keeps a program's rows and is best for its first goal; None when none does."""
    goal = program.goals[0]
    sign = 1.0 if goal.sense == "max" else -1.0
    fits = [x for x in points if keeps(program, x)]
    return max(fits, key=lambda x: sign * value_of(goal, x), default=None)
