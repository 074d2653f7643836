"""What the columns of a program are, read from its rows and goals: none of it is taken on trust.

A rule may bring columns of its own (flows, areas, the least of several sums) and rows over any column. Steps that
lean on a property of columns ask for it here, and step aside where it does not hold.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siteopt.program import Program, Rows
from siteopt.units import Bools, Ints

OPEN = "open"
"""The block of columns that a plan consists of; all else follows from it, or says how."""


def heads_of(block: Rows) -> Ints:
    """(R,) the column of each z of a block of links: it stands first in its row."""
    return np.asarray(block.column[block.indptr[:-1]])


def linked(program: Program) -> Bools:
    """(N,) columns that are the z of a link."""
    out = np.zeros(len(program.columns), dtype=np.bool_)
    for block in program.blocks:
        if block.role == "link" and len(block):
            out[heads_of(block)] = True
    return out


def liftable(program: Program) -> Bools:
    """(N,) linked columns that may be raised as far as their link lets them: no row breaks, no goal is spoiled."""
    n = len(program.columns)
    times, hindered = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.bool_)
    for block in program.blocks:
        if not len(block):
            continue
        if block.role == "link":
            times += np.bincount(heads_of(block), minlength=n)
            if np.isneginf(block.lower).all() and int((block.value > 0).sum()) == len(block):
                continue  # but for the z at its head, nothing in a plain link is hindered
        capped, floored = np.isfinite(block.upper), np.isfinite(block.lower)
        size = np.diff(block.indptr)
        bad = ((block.value > 0) & np.repeat(capped, size)) | ((block.value < 0) & np.repeat(floored, size))
        if block.role == "link":
            bad[block.indptr[:-1]] = np.asarray(block.value[block.indptr[:-1]] <= 0) | floored
        hindered[block.column[bad]] = True
    for goal in program.goals:
        hindered |= goal.cost < 0 if goal.sense == "max" else goal.cost > 0
    return np.asarray((times == 1) & ~hindered & ~program.columns.integer)


def whole(program: Program) -> Bools:
    """(N,) columns that are whole numbers in every plan, or in every plan once linked columns are raised."""
    columns = program.columns
    out, lift = columns.integer.copy(), liftable(program)
    fits = np.isin(columns.upper, (0.0, 1.0)) & (columns.lower == 0)
    for block in program.blocks:
        if block.role != "link" or not len(block):
            continue
        head = heads_of(block)
        plain = (block.value == -1.0) & columns.integer[block.column]
        plain[block.indptr[:-1]] = block.value[block.indptr[:-1]] == 1.0
        stays = block.upper == np.rint(block.upper)
        if not plain.all():
            stays &= np.logical_and.reduceat(plain, block.indptr[:-1])
        out[head[stays & lift[head] & fits[head]]] = True
    return out


def honest(program: Program) -> Program:
    """The program without the grain of a goal that counts columns which need not be whole.

    An objective states its grain for coverage that is all or nothing; a rule that caps coverage, or gives people to
    outlets in parts, makes that untrue without knowing of the objective.
    """
    if not any(g.grain > 0 for g in program.goals):
        return program
    broken = ~whole(program)
    if not any(g.grain > 0 and g.cost[broken].any() for g in program.goals):
        return program
    goals = tuple(replace(g, grain=0.0) if g.cost[broken].any() else g for g in program.goals)
    return replace(program, goals=goals)


def strict(program: Program) -> Program:
    """The program with goals that give nothing up for later ones."""
    return replace(program, goals=tuple(replace(g, tolerance=0.0) for g in program.goals))


def choices(program: Program) -> Bools:
    """(N,) the columns that a plan consists of: those of the block "open", or all of 0 or 1 where there is none."""
    columns = program.columns
    either = columns.integer & (columns.lower >= 0) & (columns.upper <= 1)
    if OPEN not in columns.start:
        return np.asarray(either)
    names = [*columns.start, None]
    following = names[names.index(OPEN) + 1]
    first = columns.start[OPEN]
    last = len(columns) if following is None else columns.start[following]
    at = np.arange(len(columns))
    return np.asarray(either & (at >= first) & (at < last))
