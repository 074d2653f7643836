"""A bound that no plan can pass, without solving a linear program.

The links ``z[c] <= Σ x`` get prices u, every other row a price λ in its unit; what is left falls apart into places
and classes. For every u >= 0 and λ >= 0

    L(u, λ) = offset + λ·h + Σ_c max(0, w'[c] - u[c]) + Σ_places max(0, max_j r[j])
    r[j] = profit[j] + Σ_{c covered by j} u[c] - (λ·G)[j],    w' = weight - λ·G_z

is an upper bound on every plan, with all rows written as ceilings G·(x, z) <= h. A price that is not the best one
makes the bound worse, never wrong. Prices are sought by Adam (Kingma and Ba 2015); the price of the ceiling that most
options share, the budget say, is the best one for all the others at every step. The relaxed plans of the later steps,
averaged, are a near-optimal fractional plan: it tells which options a good plan may open.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from siteopt.solve.cover import CoverForm
from siteopt.units import Bools, Floats, Ints

SAFE = 1e-11
"""Relative to the sum of all magnitudes: many times what rounding can add up to in sums of float64."""

STEPS = 400
"""Of Adam: more gains little (0.2 % above the linear program after 200, 0.13 % after 400 and 800)."""

LEAD_SHARE = 0.2
"""A ceiling over at least this share of the options is the leading one."""


@dataclass(frozen=True, eq=False)
class Prices:
    """Multipliers of the links (C,), and of the form's rows (R,): above 0 for a ceiling, below for a floor."""

    u: Floats
    row: Floats


@dataclass(frozen=True, eq=False)
class Bound:
    """What the multipliers prove, and what they suggest.

    Attributes
    ----------
    value : no plan of the form is worth more (its offset included)
    prices : the multipliers
    reduced : (N,) what opening each option adds at these prices
    share : (N,) in [0, 1], how often the later relaxed plans open it
    steps : int
    """

    value: float
    prices: Prices
    reduced: Floats
    share: Floats
    steps: int = 0


class Relaxation:
    """The relaxed problem of one form, for any prices."""

    def __init__(self, form: CoverForm) -> None:
        from siteopt.solve import lagrange_kernel

        self._kernel = lagrange_kernel
        self.form = form
        turned = form.covered_by
        self._indptr = turned.indptr.astype(np.int64)
        self._classes = turned.indices
        self.rows = _ceilings(form)
        self.place_start, self.member = place_lists(form)
        self._alive = np.flatnonzero(form.upper > 0.5)
        self.x = np.zeros(form.n_options)
        self.z = np.zeros(form.n_classes)
        self.count = np.zeros(form.n_classes)
        self.reduced = np.zeros(form.n_options)
        self.lead = _leading(self.rows)
        self._use = _row(self.rows.on_x, self.lead)
        self.scale = self._scales()

    def evaluate(self, u: Floats, price: Floats, *, lead: bool = False) -> tuple[float, Floats]:
        """L at some prices, and the prices used; leaves the relaxed plan in ``x``, ``z``, ``count``, ``reduced``.

        Parameters
        ----------
        u : (C,)
        price : (H,) of the ceilings
        lead : find the best price of the leading ceiling first
        """
        k, rows, form = self._kernel, self.rows, self.form
        lead = lead and self.lead >= 0
        if lead:
            price = price.copy()
            guess, price[self.lead] = price[self.lead], 0.0
        base = form.profit - rows.on_x_turned @ price if len(price) else form.profit
        k.priced(self._indptr, self._classes, self._alive, u, base, self.reduced)
        if lead:
            best = self._lead_price(guess)
            price[self.lead] = best
            self.reduced -= best * self._use
        worth = form.weight - rows.on_z_turned @ price if rows.on_z.nnz else form.weight
        opened = k.chosen(self.place_start, self.member, form.lower, form.upper, self.reduced, self.x)
        k.counted(self._indptr, self._classes, self.x, self.count)
        covered = k.lifted(worth, u, self.count, self.z)
        return form.offset + float(price @ rows.limit) + opened + covered, price

    def residual(self) -> Floats:
        """(H,) what the relaxed plan leaves below each ceiling: the gradient by its price."""
        rows = self.rows
        used = rows.on_x @ self.x
        if rows.on_z.nnz:
            used = used + rows.on_z @ self.z
        return np.asarray(rows.limit - used)

    def proven(self, u: Floats, price: Floats, share: Floats, steps: int = 0) -> Bound:
        """The bound at some prices, with a margin for what rounding can add up to."""
        value, price = self.evaluate(u, price)
        rows, form = self.rows, self.form
        size = (
            abs(form.offset)
            + float(np.abs(price) @ (np.abs(rows.limit) + rows.size))
            + float(form.weight.sum() + u.sum() + u @ np.diff(form.covers.indptr))
            + float(np.abs(form.profit).sum())
        )
        prices = Prices(u.copy(), rows.per_row(price, len(form.row_lower)))
        return Bound(float(value + SAFE * size), prices, self.reduced.copy(), share, steps)

    def by_ceiling(self, row: Floats) -> Floats:
        """(H,) prices of ceilings from prices of rows."""
        return np.maximum(0.0, self.rows.sign * row[self.rows.row])

    def _lead_price(self, guess: float) -> float:
        def search(low: float, high: float, halvings: int) -> float:
            return float(
                self._kernel.lead_price(
                    self.place_start,
                    self.member,
                    self.form.lower,
                    self.form.upper,
                    self.reduced,
                    self._use,
                    float(self.rows.limit[self.lead]),
                    low,
                    high,
                    halvings,
                )
            )

        # Prices move little from step to step; look near the last one first.
        best = search(0.7 * guess, 1.4 * guess, 14)
        if 0.7001 * guess < best < 1.3999 * guess:
            return best
        top = float(np.max(self.reduced[self._alive] / np.maximum(self._use[self._alive], 1e-12), initial=0.0))
        best = search(0.0, max(top, 0.0) * (1 + 1e-9), 45)
        return best if best > 1e-12 * top else 0.0

    def _scales(self) -> Floats:
        """(H,) a typical price of one unit of each ceiling: a typical option's worth, per its use of the row."""
        form, rows = self.form, self.rows
        if not len(rows.limit):
            return np.zeros(0)
        self._kernel.priced(
            self._indptr, self._classes, self._alive, 0.5 * form.weight, np.zeros(form.n_options), self.reduced
        )
        gains = self.reduced[self._alive]
        typical = float(np.median(gains[gains > 0])) if (gains > 0).any() else 1.0
        weight = float(form.weight.mean()) if form.n_classes else 1.0
        by_x, by_z = _per_unit(typical, rows.on_x), _per_unit(max(weight, 1e-9), rows.on_z)
        return np.where(by_z > 0, by_z, by_x)


def relaxed(
    form: CoverForm,
    *,
    seconds: float = np.inf,
    steps: int = STEPS,
    stop: Callable[[], bool] = lambda: False,
    first: float = 0.5,
    last: float = 0.005,
) -> Bound:
    """A bound on every plan of a form.

    Parameters
    ----------
    form : CoverForm
    seconds : wall seconds, at most
    steps : of Adam, at most
    stop : asked at every step
    first, last : step lengths, in shares of a class's worth

    Returns
    -------
    Bound
    """
    deadline = time.perf_counter() + seconds
    relaxation = Relaxation(form)
    kernel = relaxation._kernel
    v, price = np.full(form.n_classes, 0.5), 0.3 * relaxation.scale
    m, s = np.zeros_like(v), np.zeros_like(v)
    pm, ps = np.zeros_like(price), np.zeros_like(price)
    size = np.maximum(np.abs(relaxation.rows.limit), 1e-9)
    best, at_u, at_price = np.inf, v * form.weight, price
    share = np.zeros(form.n_options)
    room = _room(form, relaxation)
    done = 0
    for step in range(1, steps + 1):
        u = v * room
        value, price = relaxation.evaluate(u, price, lead=True)
        if value < best:
            best, at_u, at_price = value, u, price
        if step > steps // 4:
            kernel.averaged(share, relaxation.x, max(0.02, 1.0 / (step - steps // 4)))
        rate = first * (last / first) ** (step / steps)
        kernel.adam(v, m, s, relaxation.count, relaxation.z, rate, 1 - 0.9**step, 1 - 0.99**step)
        if len(price) > (relaxation.lead >= 0):
            g = relaxation.residual() / size
            pm, ps = 0.9 * pm + 0.1 * g, 0.99 * ps + 0.01 * g * g
            move = (pm / (1 - 0.9**step)) / (np.sqrt(ps / (1 - 0.99**step)) + 1e-8)
            moved = np.maximum(0.0, price - rate * relaxation.scale * move)
            if relaxation.lead >= 0:
                moved[relaxation.lead] = price[relaxation.lead]
            price = moved
        done = step
        if stop() or time.perf_counter() > deadline:
            break
    return relaxation.proven(at_u, at_price, share, done)


def _room(form: CoverForm, relaxation: Relaxation) -> Floats:
    """(C,) how high the price of each link may go: the class's weight, and more where a floor may ask for it."""
    if not relaxation.rows.on_z.nnz:
        return form.weight
    asked = np.asarray(abs(relaxation.rows.on_z).T @ relaxation.scale)
    return np.asarray(form.weight + 3 * asked)


def settled_options(form: CoverForm, bound: Bound, value: float, grain: float) -> tuple[Bools, Bools]:
    """Options that no plan better than ``value`` opens, and options that every better plan opens.

    Parameters
    ----------
    form : CoverForm
    bound : of the same form
    value : a known plan's value
    grain : every plan's value is the offset plus a multiple of this; 0 unknown

    Returns
    -------
    closed, opened : (N,) bool, of the options that were free
    """
    closed, opened = np.zeros(form.n_options, dtype=np.bool_), np.zeros(form.n_options, dtype=np.bool_)
    if not form.n_options:
        return closed, opened
    start, member = place_lists(form)
    free = ((form.upper > 0.5) & (form.lower < 0.5))[member]
    # A better plan is worth at least one grain more; half a grain keeps rounding on the safe side.
    needed = value + 0.5 * grain if grain > 0 else value - 1e-9 * abs(value)
    worth = np.where(form.upper > 0.5, bound.reduced, -np.inf)[member]
    of = np.repeat(np.arange(len(start) - 1), np.diff(start))
    forced = np.maximum.reduceat(form.lower[member], start[:-1]) > 0.5
    best = np.maximum(np.maximum.reduceat(worth, start[:-1]), 0.0)
    first = np.zeros(len(member), dtype=np.bool_)
    first[np.lexsort((-worth, of))[start[:-1]]] = True
    second = np.maximum(np.maximum.reduceat(np.where(first, -np.inf, worth), start[:-1]), 0.0)
    usable = free & ~forced[of]
    with_it = bound.value - best[of] + worth
    without_it = bound.value - best[of] + second[of]
    closed[member[usable & (with_it < needed)]] = True
    opened[member[usable & first & (worth > 0) & (without_it < needed)]] = True
    closed[member[free & forced[of]]] = True  # the place is taken
    return closed, opened


def place_lists(form: CoverForm) -> tuple[Ints, Ints]:
    """Options place by place, as CSR; an option without a place is alone in one."""
    n = form.n_options
    key = np.where(form.place >= 0, form.place, len(form.row_lower) + np.arange(n))
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    return np.append(first, n).astype(np.int64), order.astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Ceilings:
    """Every row that is priced, as ceilings: ``on_x·x + on_z·z <= limit``; ``row``, ``sign``: where each is from."""

    on_x: sp.csr_matrix
    on_z: sp.csr_matrix
    on_x_turned: sp.csr_matrix
    on_z_turned: sp.csr_matrix
    limit: Floats
    row: Ints
    sign: Floats

    @property
    def size(self) -> Floats:
        """(H,) sum of the magnitudes of each ceiling's coefficients."""
        on_x, on_z = (np.asarray(abs(table).sum(axis=1)).ravel() for table in (self.on_x, self.on_z))
        return np.asarray(on_x + on_z)

    def per_row(self, price: Floats, n_rows: int) -> Floats:
        """(R,) prices of the form's own rows."""
        return np.bincount(self.row, weights=self.sign * price, minlength=n_rows).astype(np.float64)


def _ceilings(form: CoverForm) -> _Ceilings:
    """Rows as ceilings, but for those that say only that a place holds one option: the places keep those exactly."""
    exact = np.zeros(len(form.row_upper), dtype=np.bool_)
    exact[np.unique(form.place[form.place >= 0])] = True
    up = np.flatnonzero(np.isfinite(form.row_upper) & ~exact)
    down = np.flatnonzero(np.isfinite(form.row_lower))
    row = np.concatenate([up, down])
    sign = np.concatenate([np.ones(len(up)), -np.ones(len(down))])
    turn = sp.csr_matrix((sign, (np.arange(len(sign)), np.arange(len(sign)))), shape=(len(sign), len(sign)))
    on_x, on_z = sp.csr_matrix(turn @ form.rows_x[row]), sp.csr_matrix(turn @ form.rows_z[row])
    limit = np.concatenate([form.row_upper[up], -form.row_lower[down]])
    return _Ceilings(on_x, on_z, on_x.T.tocsr(), on_z.T.tocsr(), limit, row, sign)


def _leading(rows: _Ceilings) -> int:
    """The ceiling over most options, all coefficients >= 0 and none over classes; -1 when there is none."""
    size = np.diff(rows.on_x.indptr).astype(np.float64)
    least = np.zeros(len(size))
    full = np.flatnonzero(size > 0)
    if len(full):
        least[full] = np.minimum.reduceat(rows.on_x.data, rows.on_x.indptr[full])
    fits = (size >= LEAD_SHARE * rows.on_x.shape[1]) & (size > 1) & (least > 0) & (np.diff(rows.on_z.indptr) == 0)
    return int(np.argmax(np.where(fits, size, 0.0))) if fits.any() else -1


def _row(table: sp.csr_matrix, at: int) -> Floats:
    out = np.zeros(table.shape[1])
    if at >= 0:
        part = slice(table.indptr[at], table.indptr[at + 1])
        out[table.indices[part]] = table.data[part]
    return out


def _per_unit(worth: float, table: sp.csr_matrix) -> Floats:
    """(H,) worth per mean coefficient of each row; 0 for a row without any."""
    size, total = np.diff(table.indptr), np.asarray(abs(table).sum(axis=1)).ravel()
    out: Floats = np.zeros(len(size))
    np.divide(worth * size, total, out=out, where=total > 0)
    return out


def better(one: Bound, other: Bound) -> Bound:
    """The lower of two bounds of one form; the share of plans is the first one's."""
    return one if one.value <= other.value else replace(other, share=one.share)
