"""A covering program seen as one: who covers whom, what it is worth, and every other row over it.

Read from the roles of rows, without a word about outlets. A program that is not of this form (columns of its own in a
rule, rows that cap coverage, goals that want less of it) has no such view, and every step that needs one steps aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from siteopt.program import Goal, Program, Rows
from siteopt.solve.ceilings import Ceilings, ceilings_of, in_places
from siteopt.solve.kinds import heads_of
from siteopt.units import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class CoverForm:
    """max ``offset + profit·x + weight·z``: ``z[c] <= Σ x[j]`` over the options j that cover class c, z in [0, 1],
    x in {0, 1} within [lower, upper], ``row_lower <= rows_x·x + rows_z·z <= row_upper``.

    N options (binary columns), C classes (linked columns), R rows. Raising a z breaks no row, so the z of a plan is
    always ``min(1, Σ x)``.

    Attributes
    ----------
    option_column, class_column : (N,), (C,) where the options and classes stand among the program's columns
    profit : (N,) what opening is worth by itself (negative: a cost)
    weight : (C,) what covering is worth, >= 0
    lower, upper : (N,) 0.0 or 1.0; fixed where equal
    covers : (C, N) CSR pattern, int32 indices, data all 1.0
    rows_x, rows_z : (R, N), (R, C) CSR
    row_lower, row_upper : (R,) -inf / inf allowed
    place : (N,) int64, the place in which an option competes (one open option at most), -1 none. Rows that say only
        this are in ``rows_x`` too.
    sign : 1.0 when the goal is a maximum, -1.0 when this form is the mirror of a minimum
    offset : added to the value
    """

    option_column: Ints
    class_column: Ints
    profit: Floats
    weight: Floats
    lower: Floats
    upper: Floats
    covers: sp.csr_matrix
    rows_x: sp.csr_matrix
    rows_z: sp.csr_matrix
    row_lower: Floats
    row_upper: Floats
    place: Ints
    sign: float
    offset: float

    @property
    def n_options(self) -> int:
        """N."""
        return len(self.profit)

    @property
    def n_classes(self) -> int:
        """C."""
        return len(self.weight)

    @property
    def nnz(self) -> int:
        """Pairs of class and option."""
        return int(self.covers.nnz)

    @cached_property
    def covered_by(self) -> sp.csr_matrix:
        """(N, C) CSR pattern: the classes that each option covers."""
        turned = self.covers.T.tocsr()
        turned.sort_indices()
        return turned

    @cached_property
    def ceilings(self) -> Ceilings:
        """The rows that are priced, as ceilings."""
        return ceilings_of(self.rows_x, self.rows_z, self.row_lower, self.row_upper, self.place)

    @cached_property
    def place_lists(self) -> tuple[Ints, Ints]:
        """Options place by place, as CSR (start, member); an option without a place is alone in one."""
        return in_places(self.place, len(self.row_lower))

    def covered(self, opened: Bools) -> Bools:
        """(C,) which classes a set of options covers."""
        return np.asarray(self.covers @ opened.astype(np.float64)) > 0.5

    def value(self, opened: Bools) -> float:
        """What a plan is worth, in the form's sense (a maximum), offset included."""
        return float(self.offset + self.profit @ opened + self.weight @ self.covered(opened))

    def violation(self, opened: Bools) -> float:
        """By how much the plan leaves its worst row or bound; 0 when it keeps them all."""
        x, z = opened.astype(np.float64), self.covered(opened).astype(np.float64)
        activity = np.asarray(self.rows_x @ x + self.rows_z @ z)
        over = np.maximum(activity - self.row_upper, self.row_lower - activity)
        bound = np.maximum(x - self.upper, self.lower - x)
        return float(max(over.max(initial=0.0), bound.max(initial=0.0)))

    def point(self, opened: Bools, size: int) -> Floats:
        """(size,) the plan as values of the program's columns."""
        x = np.zeros(size)
        x[self.option_column] = opened
        x[self.class_column] = self.covered(opened)
        return x

    def opened(self, x: Floats) -> Bools:
        """(N,) the options open at a point of the program."""
        return np.asarray(x[self.option_column] > 0.5)

    def with_bounds(self, lower: Floats, upper: Floats) -> CoverForm:
        """The same form with options fixed; shares all else, and what is worked out once."""
        out = replace(self, lower=lower, upper=upper)
        for name in ("covered_by", "ceilings", "place_lists"):  # nothing in them depends on the bounds
            out.__dict__[name] = getattr(self, name)
        return out


def cover_form(program: Program, goal: Goal, locks: Sequence[Rows] = ()) -> CoverForm | None:
    """The covering view of a program and one goal; None when it is not of that form.

    Parameters
    ----------
    program : Program
    goal : what is sought
    locks : rows that keep earlier goals

    Returns
    -------
    CoverForm or None
    """
    columns, n = program.columns, len(program.columns)
    links = [b for b in program.blocks if b.role == "link" and len(b)]
    sign = 1.0 if goal.sense == "max" else -1.0
    worth = sign * goal.cost
    linked = np.zeros(n, dtype=np.bool_)
    for b in links:
        if not _plain_link(b):
            return None
        linked[heads_of(b)] = True
    option_column, class_column = np.flatnonzero(columns.integer), np.flatnonzero(linked)
    kinds = columns.integer.astype(np.int64) + linked
    whole = columns.lower[option_column], columns.upper[option_column]
    fits = (
        bool((kinds == 1).all())
        and bool(np.isin(np.concatenate(whole), (0.0, 1.0)).all())
        and not columns.lower[class_column].any()
        and bool((columns.upper[class_column] == 1.0).all())
        and bool((worth[class_column] >= 0).all())
        and sum(len(b) for b in links) == len(class_column)  # a class is in one link only
    )
    if not fits:
        return None
    at = np.full(n, -1, dtype=np.int64)
    at[option_column] = np.arange(len(option_column))
    at[class_column] = np.arange(len(class_column))
    covers = _pattern(links, at, linked, len(class_column), len(option_column))
    if covers is None:
        return None
    others = [b for b in (*program.blocks, *locks) if b.role != "link" and len(b)]
    rows_x, rows_z = _split(others, at, linked, len(option_column), len(class_column))
    bounds = [np.concatenate([np.empty(0), *(getattr(b, side) for b in others)]) for side in ("lower", "upper")]
    if _hinders(rows_z, *bounds):
        return None
    return CoverForm(
        option_column=option_column,
        class_column=class_column,
        profit=worth[option_column],
        weight=worth[class_column],
        lower=whole[0],
        upper=whole[1],
        covers=covers,
        rows_x=rows_x,
        rows_z=rows_z,
        row_lower=bounds[0],
        row_upper=bounds[1],
        place=_places(rows_x, rows_z, bounds[0], bounds[1]),
        sign=sign,
        offset=sign * goal.offset,
    )


def _plain_link(b: Rows) -> bool:
    """z <= Σ x: the linked column first with 1, the others with -1, ceiling 0."""
    head = np.zeros(len(b.column), dtype=np.bool_)
    head[b.indptr[:-1]] = True
    return bool(
        (np.diff(b.indptr) > 0).all()
        and (b.value[head] == 1.0).all()
        and (b.value[~head] == -1.0).all()
        and (b.upper == 0.0).all()
        and np.isneginf(b.lower).all()
    )


def _pattern(links: Sequence[Rows], at: Ints, linked: Bools, n_classes: int, n_options: int) -> sp.csr_matrix | None:
    """(C, N) who covers whom; None when a link's own members are linked."""
    classes: list[Ints] = []
    options: list[Ints] = []
    for b in links:
        head = np.zeros(len(b.column), dtype=np.bool_)
        head[b.indptr[:-1]] = True
        if linked[b.column[~head]].any():
            return None
        classes.append(np.repeat(at[b.column[head]], np.diff(b.indptr) - 1))
        options.append(at[b.column[~head]])
    row = np.concatenate([np.empty(0, dtype=np.int64), *classes]).astype(np.int32)
    column = np.concatenate([np.empty(0, dtype=np.int64), *options]).astype(np.int32)
    table = sp.csr_matrix((np.ones(len(row)), (row, column)), shape=(n_classes, n_options))
    table.sort_indices()
    return table


def _split(
    blocks: Sequence[Rows], at: Ints, linked: Bools, n_options: int, n_classes: int
) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """The rows' coefficients over options and over classes."""
    first = np.cumsum([0, *(len(b) for b in blocks)])
    empty = np.empty(0, dtype=np.int64)
    row = np.concatenate(
        [empty, *(np.repeat(np.arange(len(b)), np.diff(b.indptr)) + f for b, f in zip(blocks, first, strict=False))]
    )
    column = np.concatenate([empty, *(b.column for b in blocks)])
    value = np.concatenate([np.empty(0), *(b.value for b in blocks)])
    on_class = linked[column]
    tables = []
    for side, width in ((~on_class, n_options), (on_class, n_classes)):
        tables.append(sp.csr_matrix((value[side], (row[side], at[column[side]])), shape=(int(first[-1]), width)))
    return tables[0], tables[1]


def _hinders(rows_z: sp.csr_matrix, lower: Floats, upper: Floats) -> bool:
    """Whether covering more can break a row: then the classes of a plan are not simply those that it can cover."""
    size = np.diff(rows_z.indptr)
    capped, floored = np.repeat(np.isfinite(upper), size), np.repeat(np.isfinite(lower), size)
    return bool(((rows_z.data > 0) & capped).any() or ((rows_z.data < 0) & floored).any())


def _places(rows_x: sp.csr_matrix, rows_z: sp.csr_matrix, lower: Floats, upper: Floats) -> Ints:
    """(N,) sets of options of which at most one may be open, disjoint: from rows whose every pair is too much.

    Only rows with coefficients > 0 over options alone; a row is taken when none of its options has a place yet.
    """
    n = rows_x.shape[1]
    place = np.full(n, -1, dtype=np.int64)
    if not n or not rows_x.shape[0]:
        return place
    size, size_z = np.diff(rows_x.indptr), np.diff(rows_z.indptr)
    candidates = np.flatnonzero((size > 1) & (size_z == 0) & np.isfinite(upper))
    for r in candidates.tolist():
        part = slice(rows_x.indptr[r], rows_x.indptr[r + 1])
        value, member = rows_x.data[part], rows_x.indices[part]
        two_least = np.partition(value, 1)[:2]
        fits = value.max() <= upper[r] + 1e-6  # a row that also forbids an option by itself says more than a place
        if fits and two_least[0] > 0 and two_least.sum() > upper[r] + 1e-6 and (place[member] < 0).all():
            place[member] = r
    return place
