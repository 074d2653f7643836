"""Rows that may give: every elastic row gets a slack column of its own on each side that can be broken.

What a row gives is told in the planner's units, and measured again on the point itself: a slack column carries an
engine's tolerance, the row's activity does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np

from siteopt.plan import Relaxation
from siteopt.program import Columns, Goal, Program, Rows
from siteopt.units import Bools, Floats

BROKEN = 1e-6
"""A row that is left by less than this (times its size, where that is above 1) is kept: float noise."""

SHARES = 1_000.0
"""Shares of limits are sought in thousandths, so that an engine's tolerance is a billionth of a limit."""


@dataclass(frozen=True, eq=False)
class Elastic:
    """A program in which the rows of some rules may give.

    Attributes
    ----------
    program : its columns, then one slack per one-sided row; the only goal is the least total price
    sides : the one-sided rows that may give, in the order of their slacks
    first : the first slack column
    """

    program: Program
    sides: tuple[Rows, ...]
    first: int


def elastic(program: Program, owners: Collection[str] | None = None) -> Elastic:
    """Let the elastic rows of some rules give (of all rules when None).

    The price of a unit is 1 where one rule with one unit gives, so that the total is in the planner's unit; else
    every shortfall counts as a share of its limit (:func:`sizes`), in thousandths.
    """
    n, extra = len(program.columns), 0
    blocks: list[Rows] = []
    sides: list[Rows] = []
    for block in program.blocks:
        if not block.elastic or (owners is not None and block.owner not in owners):
            blocks.append(block)
            continue
        for side in one_sided(block):
            blocks.append(_with_slack(side, n + extra))
            sides.append(side)
            extra += len(side)
    columns = Columns(
        start=program.columns.start,
        lower=np.concatenate([program.columns.lower, np.zeros(extra)]),
        upper=np.concatenate([program.columns.upper, np.full(extra, np.inf)]),
        integer=np.concatenate([program.columns.integer, np.zeros(extra, dtype=np.bool_)]),
    )
    alike = owners is not None and len({s.owner for s in sides}) == 1 and len({s.unit for s in sides}) == 1
    finest = min((s.per_unit for s in sides), default=1.0)
    prices = [np.full(len(s), finest / s.per_unit) if alike else SHARES / sizes(s) for s in sides]
    goal = Goal("relaxation", "min", np.concatenate([np.zeros(n), *prices]))
    goals = (goal, *(replace(g, cost=np.concatenate([g.cost, np.zeros(extra)])) for g in program.goals))
    return Elastic(Program(columns, tuple(blocks), goals), tuple(sides), n)


def sizes(side: Rows) -> Floats:
    """(R,) the limit that each row states, in its own units; one outlet's contribution where that is larger.

    So a limit of 0 has a size too: spending 340,000 where nothing may be spent and outlets cost 340,000 is one
    whole limit.
    """
    limit = np.where(np.isfinite(side.lower), side.lower, side.upper)
    limit = limit if side.stated is None else side.stated
    limit = limit if side.today is None else limit + side.today
    row = np.repeat(np.arange(len(side)), np.diff(side.indptr))
    largest = np.zeros(len(side))
    np.maximum.at(largest, row, np.abs(side.value))
    size = np.maximum(np.abs(limit), largest)
    return np.asarray(np.where(size > 0, size, side.per_unit), dtype=np.float64)


def activity(block: Rows, x: Floats) -> Floats:
    """(R,) what each row comes to at a point, each summed by itself (a running sum carries noise of the whole)."""
    size = np.diff(block.indptr)
    out = np.zeros(len(block))
    filled = np.flatnonzero(size > 0)
    if len(filled):
        out[filled] = np.add.reduceat(block.value * x[block.column], block.indptr[filled])
    return out


def broken(sides: tuple[Rows, ...], x: Floats, integer: Bools) -> tuple[tuple[Relaxation, ...], float]:
    """What a point breaks, by rule and subject, and the sum of it in shares of the limits."""
    found: list[Relaxation] = []
    effort = 0.0
    for side in sides:
        is_floor = np.isfinite(side.lower)
        limit = np.where(is_floor, side.lower, side.upper)
        short = np.where(is_floor, limit - activity(side, x), activity(side, x) - limit)
        size = sizes(side)
        for r in np.flatnonzero(short > BROKEN * np.maximum(1.0, np.abs(limit))).tolist():
            effort += float(short[r] / size[r])
            found.append(_told(side, r, bool(is_floor[r]), float(limit[r]), float(short[r]), x, integer))
    return tuple(sorted(found, key=lambda f: (f.rule, f.subject))), effort


def _told(side: Rows, r: int, is_floor: bool, kept: float, short: float, x: Floats, integer: Bools) -> Relaxation:
    """One broken row, as the planner gave its limit: what stands today included, before any rounding."""
    stated = kept if side.stated is None else float(side.stated[r])
    need = in_units(side, r, kept)
    short = (short - abs(stated - kept)) / side.per_unit
    open_here = side.column[side.indptr[r] : side.indptr[r + 1]]
    open_here = open_here[integer[open_here] & (x[open_here] > 0.5)]
    return Relaxation(
        rule=side.owner,
        subject=side.subject[r] if side.subject else "",
        need=need,
        possible=need - short if is_floor else need + short,
        shortfall=short,
        unit=side.unit,
        sense="ge" if is_floor else "le",
        columns=() if is_floor else tuple(open_here.tolist()),
    )


def in_units(side: Rows, r: int, kept: float) -> float:
    """A row's limit in the planner's unit, as the rule states it."""
    stated = kept if side.stated is None else float(side.stated[r])
    today = 0.0 if side.today is None else float(side.today[r])
    return (stated + today) / side.per_unit


def one_sided(block: Rows) -> Iterator[Rows]:
    """The floors and the ceilings of a block, each row with one bound."""
    floors, ceilings = np.isfinite(block.lower), np.isfinite(block.upper)
    if floors.any():
        yield replace(only(block, floors), upper=np.full(int(floors.sum()), np.inf))
    if ceilings.any():
        yield replace(only(block, ceilings), lower=np.full(int(ceilings.sum()), -np.inf))


def only(block: Rows, keep: Bools) -> Rows:
    """Some rows of a block."""
    size = np.diff(block.indptr)
    entries = np.repeat(keep, size)
    subject = tuple(s for s, k in zip(block.subject, keep.tolist(), strict=True) if k) if block.subject else ()
    return replace(
        block,
        indptr=np.concatenate([[0], np.cumsum(size[keep])]).astype(np.int64),
        column=block.column[entries],
        value=block.value[entries],
        lower=block.lower[keep],
        upper=block.upper[keep],
        subject=subject,
        stated=None if block.stated is None else block.stated[keep],
        today=None if block.today is None else block.today[keep],
    )


def _with_slack(block: Rows, first: int) -> Rows:
    """Each row with a slack column of its own: + where it has a floor, - where it has a ceiling."""
    n = len(block)
    size = np.diff(block.indptr)
    indptr = np.concatenate([[0], np.cumsum(size + 1)]).astype(np.int64)
    last = indptr[1:] - 1
    own = np.zeros(indptr[-1], dtype=np.bool_)
    own[last] = True
    column, value = np.empty(indptr[-1], dtype=np.int64), np.empty(indptr[-1])
    column[own], value[own] = first + np.arange(n), np.where(np.isfinite(block.lower), 1.0, -1.0)
    column[~own], value[~own] = block.column, block.value
    return replace(block, indptr=indptr, column=column, value=value)
