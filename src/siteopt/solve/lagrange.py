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
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from siteopt.solve.cover import CoverForm
from siteopt.units import Bools, Floats

SAFE = 1e-11
"""Relative to the sum of all magnitudes: many times what rounding can add up to in sums of float64."""

STEPS = 400
"""Of Adam: more gains little (0.2 % above the linear program after 200, 0.13 % after 400 and 800)."""


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
        self.rows = form.ceilings
        self.place_start, self.member = form.place_lists
        self._alive = np.flatnonzero(form.upper > 0.5)
        self.x = np.zeros(form.n_options)
        self.z = np.zeros(form.n_classes)
        self.count = np.zeros(form.n_classes)
        self.reduced = np.zeros(form.n_options)
        self.lead = self.rows.lead

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
            self.reduced -= best * self.rows.use
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
                    self.rows.use,
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
        top = float(np.max(self.reduced[self._alive] / np.maximum(self.rows.use[self._alive], 1e-12), initial=0.0))
        best = search(0.0, max(top, 0.0) * (1 + 1e-9), 45)
        return best if best > 1e-12 * top else 0.0

    @cached_property
    def scale(self) -> Floats:
        """(H,) a typical price of one unit of each ceiling: a typical option's worth, per its use of the row."""
        form, rows = self.form, self.rows
        if not len(rows.limit):
            return np.zeros(0)
        gains = np.zeros(form.n_options)
        self._kernel.priced(
            self._indptr, self._classes, self._alive, 0.5 * form.weight, np.zeros(form.n_options), gains
        )
        gains = gains[self._alive]
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
    start, member = form.place_lists
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


def _per_unit(worth: float, table: sp.csr_matrix) -> Floats:
    """(H,) worth per mean coefficient of each row; 0 for a row without any."""
    size, total = np.diff(table.indptr), np.asarray(abs(table).sum(axis=1)).ravel()
    out: Floats = np.zeros(len(size))
    np.divide(worth * size, total, out=out, where=total > 0)
    return out
