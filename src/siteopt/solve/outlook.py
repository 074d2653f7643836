"""Before any search: limits that cannot be kept, whatever is chosen, seen from the rows alone.

Each limit is held by itself against what cannot give: the bounds of the columns and the rows that are no rules
(places, links). Then each limit is held against what one other rule forces to open. Everything here is a bound on all
plans, so what is called impossible is certain; what is not called impossible may be so all the same, and is left to
the search. docs/infeasible.md has the argument.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from siteopt.plan import Outlook
from siteopt.program import Goal, Limits, Program, Rows
from siteopt.solve.backend import Backend, Stop
from siteopt.solve.box import NOISE, SURE, Box, Packed, sharpened
from siteopt.solve.slack import in_units, one_sided, only
from siteopt.solve.strategy import quiet
from siteopt.units import Bools, Floats, Ints

NEARLY = 0.05
"""A limit that leaves less than this share of itself is told of as hardly possible."""

MOST_CEILINGS, MOST_SUMS = 60, 100_000
"""Long ceilings (budgets) that the least of each other rule is summed up under; and floors summed up in all."""

MOST_EXACT, EXACT_S, EXACT_NNZ = 12, 1.0, 300_000
"""Impossible limits whose figure is then sought exactly, for how long each, in programs of what size."""


def outlook(program: Program, backend: Backend | None = None, limits: Limits | None = None) -> tuple[Outlook, ...]:
    """Limits that no plan keeps (certain), and limits that are hardly kept.

    Parameters
    ----------
    program : Program
    backend, limits : to sharpen the figures of the first few impossible limits; the verdict does not depend on it

    Returns
    -------
    tuple of Outlook
        The impossible first. Empty says nothing: rules may still clash together.
    """
    box = sharpened(program)
    if box is None:
        return ()  # not even the rows that are no rules can be kept: a search will tell
    packed = Packed(program, box)
    sides = [side for block in program.blocks if block.elastic and len(block) for side in one_sided(block)]
    found: list[_Found] = []
    for side in sides:
        found.extend(_alone(side, box, packed))
    found.extend(_forced(program, sides, box))
    found.extend(_summed(program, sides, box))
    found = _worst(found)
    if backend is not None and program.nnz <= EXACT_NNZ:
        limits = replace(limits or Limits(), time_limit_s=EXACT_S)
        certain = [f for f in found if not f.can][:MOST_EXACT]
        exact = {id(f): _exact(program, f, backend, limits) for f in certain}
        found = [exact.get(id(f), f) for f in found]
    told = [f.told() for f in found]
    return tuple(sorted(told, key=lambda o: (o.can, o.rule, o.against, o.subject)))


# --- one limit against the place, or against one other rule --------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Found:
    """A limit (one row with one side), and what it comes to at best in the row's units."""

    row: Rows
    best: float
    against: str
    can: bool
    exact: bool = False

    @property
    def is_floor(self) -> bool:
        return bool(np.isfinite(self.row.lower[0]))

    def told(self) -> Outlook:
        row = self.row
        today = 0.0 if row.today is None else float(row.today[0])
        return Outlook(
            rule=row.owner,
            subject=row.subject[0] if row.subject else "",
            sense="ge" if self.is_floor else "le",
            need=in_units(row, 0, float(row.lower[0] if self.is_floor else row.upper[0])),
            possible=(self.best + today) / row.per_unit,
            unit=row.unit,
            against=self.against,
            can=self.can,
            exact=self.exact,
        )


def _reach(side: Rows, box: Box) -> tuple[Floats, Floats]:
    """(R,) what each row comes to at its best within the box, and the sum of magnitudes (for noise)."""
    sign = np.where(np.isfinite(side.lower), 1.0, -1.0)
    row = np.repeat(np.arange(len(side)), np.diff(side.indptr))
    v = side.value * sign[row]
    with np.errstate(invalid="ignore"):
        best = np.where(v > 0, v * box.upper[side.column], np.where(v < 0, v * box.lower[side.column], 0.0))
    total = np.bincount(row, weights=best, minlength=len(side))
    size = np.bincount(row, weights=np.abs(best), minlength=len(side))
    return np.asarray(sign * total), np.asarray(size, dtype=np.float64)


def _missed(is_floor: Bools, limit: Floats, best: Floats, size: Floats) -> Bools:
    """(R,) whether a limit is missed for certain."""
    noise = SURE + NOISE * np.maximum(size, np.abs(limit))
    return np.asarray(np.where(is_floor, best < limit - noise, best > limit + noise))


def _alone(side: Rows, box: Box, packed: Packed) -> Iterator[_Found]:
    """Rows that the place alone makes impossible, or nearly."""
    is_floor = np.isfinite(side.lower)
    limit = np.where(is_floor, side.lower, side.upper)
    best, size = _reach(side, box)
    # Only a floor over columns that compete can be bounded better than by the box.
    start = side.indptr
    for r in np.flatnonzero(is_floor & (size > 0)).tolist():
        part = slice(start[r], start[r + 1])
        gives = side.value[part] > 0
        c, v = side.column[part][gives], side.value[part][gives]
        rest = float(np.sum(side.value[part][~gives] * box.lower[side.column[part][~gives]]))
        best[r] = min(best[r], packed.most(c, v) + float(v @ box.lower[c]) + rest)
    missed = _missed(is_floor, limit, best, size)
    near = ~missed & is_floor & _hardly(side, limit, best)
    for r in np.flatnonzero(missed | near).tolist():
        yield _Found(_row(side, r), float(best[r]), "", not missed[r])


def _hardly(side: Rows, limit: Floats, best: Floats) -> Bools:
    """(R,) limits of some size that leave less than a twentieth."""
    size = np.maximum(np.abs(limit), 1e-12)
    amounts = np.abs(limit) > side.per_unit * 1.5 if side.unit == "outlets" else np.abs(limit) > 0
    return np.asarray(amounts & (np.abs(best - limit) < NEARLY * size))


def _forced(program: Program, sides: Sequence[Rows], box: Box) -> Iterator[_Found]:
    """Limits that are exceeded by what one other rule opens or closes for certain."""
    owners = dict.fromkeys(b.owner for b in program.blocks if b.elastic)
    for owner in owners:
        own = [b for b in program.blocks if b.elastic and b.owner == owner]
        tight = sharpened(program, box, [b for b in own if len(b)])
        if tight is None or tight is box:
            continue
        for side in sides:
            if side.owner == owner:
                continue
            is_floor = np.isfinite(side.lower)
            limit = np.where(is_floor, side.lower, side.upper)
            alone, size = _reach(side, box)
            best, _ = _reach(side, tight)
            missed = _missed(is_floor, limit, best, size) & ~_missed(is_floor, limit, alone, size)
            for r in np.flatnonzero(missed).tolist():
                yield _Found(_row(side, r), float(best[r]), owner, False)


def _summed(program: Program, sides: Sequence[Rows], box: Box) -> Iterator[_Found]:
    """Long ceilings against the least that all floors of one other rule come to: required spaces in a budget."""
    ceilings = []
    for side in sides:
        for r in np.flatnonzero(np.isfinite(side.upper)).tolist():
            part = slice(side.indptr[r], side.indptr[r + 1])
            if part.stop - part.start and (side.value[part] >= 0).all():
                ceilings.append((part.stop - part.start, side, r))
    ceilings.sort(key=lambda c: -c[0])
    floors: dict[str, list[tuple[Ints, Floats, float]]] = {}
    for side in sides:
        for r in np.flatnonzero(np.isfinite(side.lower)).tolist():
            part = slice(side.indptr[r], side.indptr[r + 1])
            c, a = side.column[part], side.value[part]
            if len(c) and (a >= 0).all() and (box.lower[c] >= 0).all() and np.isfinite(box.upper[c]).all():
                floors.setdefault(side.owner, []).append((c, a, float(side.lower[r])))
    whole = program.columns.integer
    sums = max(1, sum(len(rows) for rows in floors.values()))
    for _, side, r in ceilings[: min(MOST_CEILINGS, max(1, MOST_SUMS // sums))]:
        part = slice(side.indptr[r], side.indptr[r + 1])
        price = np.zeros(len(whole))
        price[side.column[part]] = side.value[part]
        if (box.lower[side.column[part]] < 0).any():
            continue
        base = float(price @ box.lower)
        for owner, rows in floors.items():
            if owner == side.owner:
                continue
            least, seen = base, np.zeros(len(whole), dtype=np.bool_)
            for c, a, limit in rows:
                if seen[c].any():
                    continue  # floors that share columns could be met by the same outlet
                least += _cheapest(a, price[c], box.lower[c], box.upper[c], limit, whole[c])
                seen[c] = True
            limit = float(side.upper[r])
            found = np.array([least]), np.array([abs(least)])
            if _missed(np.array([False]), np.array([limit]), *found)[0]:
                yield _Found(_row(side, r), least, owner, False)
            elif least > base and limit - least < NEARLY * abs(limit) and side.unit == "money":
                yield _Found(_row(side, r), least, owner, True)


def _cheapest(a: Floats, price: Floats, lower: Floats, upper: Floats, limit: float, whole: Bools) -> float:
    """The least Σ price·(x - lower) with Σ a·x ≥ limit: the cheapest per unit first, the last in part.

    Where all coefficients are one and the same and columns are whole numbers, so is what is missing.
    """
    missing = limit - float(a @ lower)
    room = upper - lower
    use = (a > 0) & (room > 0)
    if missing <= SURE or not use.any():
        return 0.0
    a, price, room, whole = a[use], price[use], room[use], whole[use]
    if whole.all() and np.ptp(a) == 0:
        missing = np.ceil(missing / a[0] - SURE) * a[0]
    order = np.argsort(price / a, kind="stable")
    gives = (a * room)[order]
    before = np.cumsum(gives) - gives
    part = np.clip(missing - before, 0.0, gives)
    return float(np.sum(part * (price / a)[order]))


def _row(side: Rows, r: int) -> Rows:
    keep = np.zeros(len(side), dtype=np.bool_)
    keep[r] = True
    return only(side, keep)


def _worst(found: Sequence[_Found]) -> list[_Found]:
    """One finding per limit and rule against it, the strongest; what is impossible alone needs no other rule.

    Two rules that rule each other out are told once: by the ceiling (money), if one of them is a ceiling.
    """
    alone = {(f.row.owner, f.row.subject, f.is_floor) for f in found if not f.against and not f.can}
    best: dict[tuple[object, ...], _Found] = {}
    for f in found:
        limit = (f.row.owner, f.row.subject, f.is_floor)
        if f.against and limit in alone:
            continue
        key = (*limit, f.against)
        known = best.get(key)
        sign = 1.0 if f.is_floor else -1.0
        if known is None or sign * f.best < sign * known.best:
            best[key] = f
    ceilings = {frozenset((f.row.owner, f.against)) for f in best.values() if f.against and not f.is_floor}
    told: dict[frozenset[str], str] = {}
    out = []
    for f in best.values():
        pair = frozenset((f.row.owner, f.against))
        if f.against and ((f.is_floor and pair in ceilings) or told.setdefault(pair, f.row.owner) != f.row.owner):
            continue
        out.append(f)
    return out


def _exact(program: Program, found: _Found, backend: Backend, limits: Limits) -> _Found:
    """The same with the best that some choice of spaces really comes to."""
    row, n = found.row, len(program.columns)
    if not n:
        return replace(found, exact=True)
    cost = np.zeros(n)
    np.add.at(cost, row.column, row.value)
    goal = Goal("reach", "max" if found.is_floor else "min", cost)
    kept = [b for b in program.blocks if not b.elastic or (found.against and b.owner == found.against)]
    alone = Program(program.columns, tuple(kept), (goal,))
    answer = backend.solve(alone, goal, (), limits=limits, start=None, report=quiet, stop=Stop())
    if answer.status != "proven" or answer.x is None:
        return found
    return replace(found, best=answer.objective, exact=True)
