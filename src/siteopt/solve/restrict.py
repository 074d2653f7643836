"""A covering form over some of its options only, merged again: classes that those options cannot tell apart are one.

On a dense city few classes are alike, but among the two per cent of options that a good plan may open nearly all are:
380,000 pairs become 2,600. Exact for the plans that open nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from siteopt.program import Columns, Goal, Program, Rows, link_rows
from siteopt.solve.cover import CoverForm
from siteopt.units import Bools, Ints


@dataclass(frozen=True, eq=False)
class Restricted:
    """A smaller form, and the way back.

    Attributes
    ----------
    form : over K options and G groups of classes
    option : (K,) which options of the whole form they are
    opened : (N,) options of the whole form that are open whatever the small one says
    group : (C,) the group of each class of the whole form, -1 when covered anyway, -2 when it cannot be covered,
        -3 - k when only option k of the small form covers it (its worth is in that option's profit)
    """

    form: CoverForm
    option: Ints
    opened: Bools
    group: Ints

    def whole(self, small: Bools) -> Bools:
        """(N,) a plan of the small form as one of the whole form."""
        out = self.opened.copy()
        out[self.option[small]] = True
        return out


def restricted(form: CoverForm, keep: Bools) -> Restricted:
    """The form with all options closed but those kept; options that must be open are open and leave.

    Parameters
    ----------
    form : CoverForm
    keep : (N,) bool

    Returns
    -------
    Restricted
    """
    opened = form.lower > 0.5
    taken = np.isin(form.place, form.place[opened & (form.place >= 0)])
    option = np.flatnonzero(keep & ~opened & ~taken & (form.upper > 0.5)).astype(np.int64)
    turned = form.covered_by
    done = np.zeros(form.n_classes, dtype=np.bool_)
    for j in np.flatnonzero(opened).tolist():
        done[turned.indices[turned.indptr[j] : turned.indptr[j + 1]]] = True
    pattern = turned[option].T.tocsr()
    pattern.sort_indices()
    size = np.diff(pattern.indptr)
    group = np.full(form.n_classes, -2, dtype=np.int64)
    group[done] = -1
    single = np.flatnonzero(~done & (size == 1))
    only = pattern.indices[pattern.indptr[single]].astype(np.int64)
    group[single] = -3 - only
    several = np.flatnonzero(~done & (size > 1))
    in_rows = form.rows_z.T.tocsr()
    key = sp.hstack([pattern[several], in_rows[several] != 0]).tocsr() if in_rows.nnz else pattern[several]
    label, first = alike(sp.csr_matrix(key))
    group[several] = label
    n_options, n_groups = len(option), len(first)
    fold = sp.csr_matrix(
        (np.ones(len(several)), (several, label)),
        shape=(form.n_classes, n_groups),
    )
    alone = sp.csr_matrix((np.ones(len(single)), (single, only)), shape=(form.n_classes, n_options))
    settled = done.astype(np.float64)
    fixed = np.asarray(form.rows_x @ opened.astype(np.float64) + form.rows_z @ settled)
    rows_x = sp.csr_matrix(form.rows_x[:, option] + form.rows_z @ alone)
    rows_x.sort_indices()
    small = CoverForm(
        option_column=np.arange(n_options, dtype=np.int64),
        class_column=n_options + np.arange(n_groups, dtype=np.int64),
        profit=form.profit[option] + alone.T @ form.weight,
        weight=np.asarray(fold.T @ form.weight),
        lower=np.zeros(n_options),
        upper=np.ones(n_options),
        covers=sp.csr_matrix(pattern[several[first]]),
        rows_x=rows_x,
        rows_z=sp.csr_matrix(form.rows_z @ fold),
        row_lower=form.row_lower - fixed,
        row_upper=form.row_upper - fixed,
        place=form.place[option],
        sign=form.sign,
        offset=form.offset + float(form.profit @ opened) + float(form.weight @ settled),
    )
    return Restricted(small, option, opened, group)


def alike(table: sp.csr_matrix) -> tuple[Ints, Ints]:
    """Rows with the same members: a label for each row, and the first row of each label.

    A random sum of the members brings like rows together; the members themselves decide. Two different rows of one
    sum may leave like rows apart (they stay two), never put different rows together.
    """
    n = table.shape[0]
    if not n:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    table.sort_indices()
    size = np.diff(table.indptr)
    mark = np.random.default_rng(1).integers(0, 2**63, table.shape[1], dtype=np.uint64)
    running = np.concatenate([np.zeros(1, np.uint64), np.cumsum(mark[table.indices], dtype=np.uint64)])
    sums = running[table.indptr[1:]] - running[table.indptr[:-1]]
    order = np.lexsort((np.arange(n), sums, size))
    here, before = order[1:], order[:-1]
    same = np.zeros(n, dtype=np.bool_)
    maybe = np.flatnonzero((size[here] == size[before]) & (sums[here] == sums[before]))
    length = size[here[maybe]]
    offset = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
    one = table.indices[np.repeat(table.indptr[here[maybe]], length) + offset]
    other = table.indices[np.repeat(table.indptr[before[maybe]], length) + offset]
    differs = np.bincount(np.repeat(np.arange(len(maybe)), length), weights=one != other, minlength=len(maybe)) > 0
    same[1:][maybe[~differs]] = True
    run = np.cumsum(~same) - 1
    label = np.empty(n, dtype=np.int64)
    label[order] = run
    return label, order[~same].astype(np.int64)


def program_of(form: CoverForm, grain: float) -> tuple[Program, Goal]:
    """A form as a program of its own: options first, then classes.

    Parameters
    ----------
    form : CoverForm whose columns are in that order
    grain : of its values

    Returns
    -------
    Program, Goal
        The goal is a maximum, whatever the form's sign.
    """
    n, c = form.n_options, form.n_classes
    blocks = [link_rows("coverage", n + np.arange(c), form.covers.indptr, form.covers.indices)] if c else []
    both = sp.hstack([form.rows_x, form.rows_z]).tocsr()
    both.sort_indices()
    if both.shape[0]:
        blocks.append(
            Rows(
                owner="rows",
                indptr=both.indptr.astype(np.int64),
                column=both.indices.astype(np.int64),
                value=both.data,
                lower=form.row_lower,
                upper=form.row_upper,
            )
        )
    columns = Columns(
        start={"open": 0, "cover": n},
        lower=np.concatenate([form.lower, np.zeros(c)]),
        upper=np.concatenate([form.upper, np.ones(c)]),
        integer=np.arange(n + c) < n,
    )
    goal = Goal("value", "max", np.concatenate([form.profit, form.weight]), form.offset, grain)
    return Program(columns, tuple(blocks), (goal,)), goal
