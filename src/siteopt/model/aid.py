"""Aid on areas that are chosen: a share of what the outlet costs, up to a ceiling, exactly and in whole cents.

An outlet enlarged by e steps is aided with min(a + k·e, C): a on its least area, k on each step, C the ceiling. Where
k is no whole number of cents, rounding would make steps of steps; the rule ``funding`` refuses such data. Where the
ceiling lies between the least area and the largest, e = (steps below it) + y, and b says that it is reached:

    n·b <= e − y <= n·x,  b <= y <= m·b,  aid = a·x + k·(e − y) + r·b

with n whole steps below the ceiling, m above it and r what is left of it after n steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siteopt.model.areas import Steps, step_columns, step_cost, steps_of
from siteopt.model.columns import Block
from siteopt.money import CENTS, CENTS_EPS, aid_cents
from siteopt.problem import Problem
from siteopt.program import Columns, Rows
from siteopt.units import Floats, Ints
from siteopt.world import World


@dataclass(frozen=True, eq=False)
class Bends:
    """Aided outlets that reach the ceiling of their aid while they are enlarged.

    Attributes
    ----------
    at : (Q,) their places among the steps
    below, above : (Q,) n and m: steps before the ceiling is reached, and from there on
    rest : (Q,) r, cents
    """

    at: Ints
    below: Ints
    above: Ints
    rest: Ints

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, eq=False)
class StepAid:
    """What aid each step brings: (E,) cents while the ceiling is not reached, and where it comes to be reached."""

    cents: Ints
    bends: Bends


def step_aid(problem: Problem, steps: Steps) -> StepAid:
    """The aid on steps of area, of every option that is aided and may be larger."""
    funds, source = problem.world.funds, problem.option_source[steps.option]
    least = aid_cents(problem.world, source, problem.option_cost[steps.option])
    each = np.rint(share_cents(problem.world, source, step_cost(problem, steps))).astype(np.int64)
    most = np.where(each > 0, least + each * steps.most, least)
    ceiling = np.floor(np.minimum(funds.aid_ceiling[source] * CENTS + CENTS_EPS, most)).astype(np.int64)
    each = np.where(ceiling > least, each, 0)
    at = np.flatnonzero((each > 0) & (most > ceiling))
    below = (ceiling - least)[at] // each[at]
    rest = (ceiling - least)[at] - each[at] * below
    return StepAid(each, Bends(at, below, steps.most[at] - below, rest))


def share_cents(world: World, source: Ints, money: Floats) -> Floats:
    """(N,) cents of some money that the aid of a source comes to, its ceiling aside."""
    funds = world.funds
    return np.where(funds.aided_by[source] >= 0, funds.aid_share[source] * money * CENTS, 0.0)


def not_whole(cents: Floats) -> bool:
    """Whether some of the amounts are no whole numbers of cents."""
    return bool(np.any(np.abs(cents - np.rint(cents)) > CENTS_EPS * np.maximum(1.0, np.abs(cents) * 1e-6)))


def bend_blocks(label: str, problem: Problem) -> list[Block]:
    """The columns y and b of every bend; none where no ceiling lies between two areas."""
    bends = step_aid(problem, steps_of(problem)).bends
    n = len(bends)
    whole = np.ones(n, dtype=np.bool_)
    return [
        Block(f"{label}.beyond", np.zeros(n), bends.above.astype(np.float64), whole),
        Block(f"{label}.reached", np.zeros(n), np.ones(n), whole),
    ]


def bend_columns(label: str, columns: Columns, bends: Bends) -> tuple[Ints, Ints]:
    """(Q,) the columns y and b."""
    every = np.arange(len(bends))
    return columns.start[f"{label}.beyond"] + every, columns.start[f"{label}.reached"] + every


def bend_rows(label: str, problem: Problem, columns: Columns, steps: Steps, bends: Bends) -> list[Rows]:
    """What ties y and b to the steps of each bend; logic, never relaxed."""
    if not len(bends):
        return []
    y, b = bend_columns(label, columns, bends)
    e, x = step_columns(columns, steps)[bends.at], columns.start["open"] + steps.option[bends.at]
    one, below, above = np.ones(len(bends)), bends.below.astype(np.float64), bends.above.astype(np.float64)
    return [
        _signed(label, [(e, -one), (y, one), (b, below)]),
        _signed(label, [(e, one), (y, -one), (x, -below)]),
        _signed(label, [(b, one), (y, -one)]),
        _signed(label, [(y, one), (b, -above)]),
    ]


def _signed(label: str, terms: list[tuple[Ints, Floats]]) -> Rows:
    """A row <= 0 for each bend."""
    n, width = len(terms[0][0]), len(terms)
    column = np.column_stack([c for c, _ in terms]).reshape(-1)
    value = np.column_stack([v for _, v in terms]).reshape(-1)
    at = np.arange(n + 1, dtype=np.int64) * width
    return Rows(label, at, column, value, np.full(n, -np.inf), np.zeros(n), elastic=False)
