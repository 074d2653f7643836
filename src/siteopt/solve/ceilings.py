"""Every row of a form that is priced, as ceilings; and the options, place by place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from siteopt.units import Floats, Ints

LEAD_SHARE = 0.2
"""A ceiling over at least this share of the options is the leading one."""


@dataclass(frozen=True, eq=False)
class Ceilings:
    """``on_x·x + on_z·z <= limit``; ``row`` (H,) is where each is from, ``sign`` (H,) -1.0 where that was a floor."""

    on_x: sp.csr_matrix
    on_z: sp.csr_matrix
    on_x_turned: sp.csr_matrix
    on_z_turned: sp.csr_matrix
    limit: Floats
    row: Ints
    sign: Floats

    @cached_property
    def size(self) -> Floats:
        """(H,) sum of the magnitudes of each ceiling's coefficients."""
        on_x, on_z = (np.asarray(abs(table).sum(axis=1)).ravel() for table in (self.on_x, self.on_z))
        return np.asarray(on_x + on_z)

    @cached_property
    def lead(self) -> int:
        """The ceiling over most options, all coefficients >= 0 and none over classes; -1 when there is none."""
        size = np.diff(self.on_x.indptr).astype(np.float64)
        least = np.zeros(len(size))
        full = np.flatnonzero(size > 0)
        if len(full):
            least[full] = np.minimum.reduceat(self.on_x.data, self.on_x.indptr[full])
        wide = (size >= LEAD_SHARE * self.on_x.shape[1]) & (size > 1)
        fits = wide & (least > 0) & (np.diff(self.on_z.indptr) == 0)
        return int(np.argmax(np.where(fits, size, 0.0))) if fits.any() else -1

    @cached_property
    def use(self) -> Floats:
        """(N,) what each option uses of the leading ceiling; zeros when there is none."""
        out = np.zeros(self.on_x.shape[1])
        if self.lead >= 0:
            part = slice(self.on_x.indptr[self.lead], self.on_x.indptr[self.lead + 1])
            out[self.on_x.indices[part]] = self.on_x.data[part]
        return out

    def per_row(self, price: Floats, n_rows: int) -> Floats:
        """(R,) prices of the form's own rows."""
        return np.bincount(self.row, weights=self.sign * price, minlength=n_rows).astype(np.float64)


def ceilings_of(rows_x: sp.csr_matrix, rows_z: sp.csr_matrix, lower: Floats, upper: Floats, place: Ints) -> Ceilings:
    """Rows as ceilings, but for those that say only that a place holds one option: the places keep those exactly.

    Parameters
    ----------
    rows_x, rows_z : (R, N), (R, C)
    lower, upper : (R,)
    place : (N,) the row that is each option's place, -1 none
    """
    exact = np.zeros(len(upper), dtype=np.bool_)
    exact[np.unique(place[place >= 0])] = True
    up = np.flatnonzero(np.isfinite(upper) & ~exact)
    down = np.flatnonzero(np.isfinite(lower))
    row = np.concatenate([up, down])
    sign = np.concatenate([np.ones(len(up)), -np.ones(len(down))])
    turn = sp.csr_matrix((sign, (np.arange(len(sign)), np.arange(len(sign)))), shape=(len(sign), len(sign)))
    on_x, on_z = sp.csr_matrix(turn @ rows_x[row]), sp.csr_matrix(turn @ rows_z[row])
    limit = np.concatenate([upper[up], -lower[down]])
    return Ceilings(on_x, on_z, on_x.T.tocsr(), on_z.T.tocsr(), limit, row, sign)


def in_places(place: Ints, n_rows: int) -> tuple[Ints, Ints]:
    """Options place by place, as CSR; an option without a place is alone in one."""
    n = len(place)
    key = np.where(place >= 0, place, n_rows + np.arange(n))
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    return np.append(first, n).astype(np.int64), order.astype(np.int64)
