"""What the local search's loops read: the form's rows sorted into places and fined rows, and everything in CSR."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from siteopt.solve.cover import CoverForm
from siteopt.units import Bools, Floats, Ints

TOLERANCE = 1e-6
"""By how much a row may be exceeded in a plan; the engines' own tolerance."""


@dataclass(frozen=True, eq=False)
class Tables:
    """The rows of a form as the search treats them.

    Attributes
    ----------
    forbidden : (N,) options that alone break a place's ceiling
    free : (N,) options that may open and close
    fined : (Q,) the form's rows that may be broken for a while
    rows, class_rows : (N, Q), (C, Q) CSR, their coefficients per option and per class
    low, high : (Q,) bounds
    places : (N, K) CSR pattern, the rows of which one option at most may be open
    members : (K, N) CSR pattern, of free options
    fine : (Q,) a first fine per unit: what covering typically brings per unit of the row
    price : (N,) share of the ceilings an option takes, 1 when there is none
    alike : all free options take the same of every row, and none competes for a place: a matter of how many
    """

    forbidden: Bools
    free: Bools
    fined: Ints
    rows: sp.csr_matrix
    class_rows: sp.csr_matrix
    low: Floats
    high: Floats
    places: sp.csr_matrix
    members: sp.csr_matrix
    fine: Floats
    price: Floats
    alike: bool


def tables(form: CoverForm) -> Tables:
    """Sort a form's rows."""
    single = _one_at_most(form)
    least, most = _reach_of(form)
    idle = (least >= form.row_lower - TOLERANCE / 2) & (most <= form.row_upper + TOLERANCE / 2)
    fined = np.flatnonzero(~idle & ~(single & (least >= form.row_lower - TOLERANCE / 2)))
    holds = form.rows_x[np.flatnonzero(single)].tocsr()
    heavy = holds.data > np.repeat(form.row_upper[single], np.diff(holds.indptr)) + TOLERANCE
    forbidden = np.zeros(form.n_options, dtype=np.bool_)
    forbidden[holds.indices[heavy]] = True
    free = (form.lower < form.upper) & ~forbidden
    low = form.row_lower[fined].copy()
    high = np.where(single[fined], np.inf, form.row_upper[fined])
    rows, class_rows = form.rows_x[fined].T.tocsr(), form.rows_z[fined].T.tocsr()
    return Tables(
        forbidden=forbidden,
        free=free,
        fined=fined,
        rows=rows,
        class_rows=class_rows,
        low=low,
        high=high,
        places=_pattern(holds.T.tocsr()),
        members=_pattern(_only(holds, free)),
        fine=_first_fine(form, rows, class_rows),
        price=_price(rows, high),
        alike=bool(not holds.nnz and not class_rows.nnz and _same(rows[np.flatnonzero(free)].tocsr())),
    )


def only_options(covers: sp.csr_matrix, allowed: Bools) -> sp.csr_matrix:
    """(C, N) who covers whom, of the allowed options alone."""
    return _only(covers, allowed)


def _one_at_most(form: CoverForm) -> Bools:
    """(R,) rows that any two of their options exceed, and nothing but options counts."""
    table = form.rows_x
    size = np.diff(table.indptr)
    row = np.repeat(np.arange(table.shape[0]), size)
    order = np.lexsort((table.data, row))
    value, first = table.data[order], table.indptr[:-1]
    out: Bools = (size > 1) & (np.diff(form.rows_z.indptr) == 0) & np.isfinite(form.row_upper)
    at = first[out]
    out[out] = (value[at] > 0) & (value[at] + value[at + 1] > form.row_upper[out] + TOLERANCE)
    return out


def _reach_of(form: CoverForm) -> tuple[Floats, Floats]:
    """(R,) the least and the most a row's activity can be within the bounds."""
    least, most = np.zeros(len(form.row_lower)), np.zeros(len(form.row_lower))
    for table, lower, upper in (
        (form.rows_x, form.lower, form.upper),
        (form.rows_z, np.zeros(form.n_classes), np.ones(form.n_classes)),
    ):
        up, down = table.maximum(0).tocsr(), table.minimum(0).tocsr()
        least += up @ lower + down @ upper
        most += up @ upper + down @ lower
    return least, most


def _pattern(table: sp.csr_matrix) -> sp.csr_matrix:
    table.sort_indices()
    return table


def _only(table: sp.csr_matrix, allowed: Bools) -> sp.csr_matrix:
    """The columns of a table that are allowed; the others left out, not renumbered."""
    if allowed.all():
        return table
    keep = allowed[table.indices]
    ptr = np.concatenate([[0], np.cumsum(keep)])[table.indptr]
    return sp.csr_matrix((table.data[keep], table.indices[keep], ptr), shape=table.shape)


def _first_fine(form: CoverForm, rows: sp.csr_matrix, class_rows: sp.csr_matrix) -> Floats:
    """(Q,) the middle worth per unit over the options or classes of a row."""
    worth = form.covered_by @ form.weight + np.maximum(form.profit, 0.0)
    usual = float(worth.mean()) if len(worth) else 1.0
    fine = np.zeros(rows.shape[1])
    for table, value, share in ((rows, worth, 0.5), (class_rows, form.weight, 2.0)):
        by_row = table.T.tocsr()
        per_unit = value[by_row.indices] / np.maximum(np.abs(by_row.data), 1e-12)
        for q in np.flatnonzero(np.diff(by_row.indptr)).tolist():
            part = per_unit[by_row.indptr[q] : by_row.indptr[q + 1]]
            fine[q] = max(fine[q], share * float(np.median(part)))
    return np.where(fine > 0, fine, max(usual, 1.0))


def _same(rows: sp.csr_matrix) -> bool:
    """Every option has the same coefficients."""
    if not rows.nnz:
        return True
    width = np.diff(rows.indptr)
    if width.min() != width.max():
        return False
    rows.sort_indices()
    index, value = rows.indices.reshape(len(width), -1), rows.data.reshape(len(width), -1)
    return bool((index == index[0]).all() and (value == value[0]).all())


def _price(rows: sp.csr_matrix, high: Floats) -> Floats:
    """(N,) how much of the ceilings an option takes up, the tightest in sum the most."""
    n = rows.shape[0]
    ceiling = np.isfinite(high) & (high > 0)
    if not ceiling.any():
        return np.ones(n)
    share = np.where(ceiling, 1.0 / np.where(ceiling, high, 1.0), 0.0)
    price = np.asarray(rows.maximum(0) @ share)
    least = price[price > 0].min(initial=1.0)
    return np.where(price > 0, price, least * 1e-3)
