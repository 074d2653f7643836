"""Local search over a covering form: a first plan by marginal worth, then annealing with every row in view.

Rows that only say "one of these at most" (places, spacing pairs) are never broken: what opens pushes out what holds
the place. Every other row may be broken for a while, at a fine that grows while no plan keeps the rows and shrinks
while all do; only plans that keep every row become the best.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

from siteopt.solve.cover import CoverForm
from siteopt.solve.restrict import Restricted, restricted
from siteopt.solve.search_tables import TOLERANCE, only_options, tables
from siteopt.units import Bools, Floats, Ints

SLICE_S = 0.02
"""One call of the kernel; what may pass beyond a time limit."""

SLICE_STEPS = 4096
HOT, COLD = 0.04, 0.002
"""First and last temperature of an annealing, of the mean worth of an open option."""

PROMISING = 0.003
"""A relaxed answer's option above this is worth trying more often."""

HOT_AGAIN = 0.5
"""Of it, in a second annealing, from the best plan."""

CYCLES = (0.25, 1.0)
"""Where in the time each annealing ends: a good plan early, a better one late."""

MOVES = (0.72, 0.08, 0.08, 0.12)
"""Shares of swaps, openings, closings and changes within a place."""

FAR, GUIDED = 0.25, 0.8
"""Of swaps, those that go elsewhere; of choices, those among promising options once there are such."""

FEW_PAIRS = 100_000
"""Pairs of class and option up to which every option counts as promising."""

FEW_PROMISING = 60
"""Promising options; with fewer, those that compete with them for a place are promising as well."""

CORE = 0.7
"""Of the time, what goes into the promising options alone."""

FILLS = 0.02
"""Of all moves, those that close a few options and fill up again, once promising options are known."""

LOOKS = 3
"""How often to look for a class that only the closing option covers."""

LEAST_KEPT, MOST_KEPT = 0.2, 0.6
"""Of the plans met, how many should keep every row."""

OVER_PRICE = 1.5
"""A row's first fine, in prices."""

AFRESH = 16
"""Slices after which running sums are computed afresh."""

REPAIR_SLICES = 400
"""Short slices spent on finding a first plan that keeps every row."""

GRACE_S = 0.5
"""What a first plan may take whatever ``stop`` says: on a first run, compiling may have used all the time."""

REPAIR_S = 10.0
"""And seconds, should the slices be slow."""

LOGS = np.log((np.arange(4096) + 0.5) / 4096)
"""Thresholds of annealing from a table: compiled and interpreted arithmetic then agree to the last bit."""


def never() -> bool:
    """No reason to stop."""
    return False


class Search:
    """The best plan found so far, and the means to better it.

    Parameters
    ----------
    form : CoverForm
    seed : of the random moves
    prices : (R,) multipliers of the form's rows, above 0 where the ceiling binds; None for none

    Attributes
    ----------
    best : (N,) the best plan that keeps every row, or None
    value : what it is worth, -inf when there is none
    steps : random moves tried so far
    """

    def __init__(self, form: CoverForm, *, seed: int = 0, prices: Floats | None = None) -> None:
        from siteopt.solve import search_kernel

        self.form = form
        self.best: Bools | None = None
        self.value = -np.inf
        self.steps = 0
        self._kernel = search_kernel
        self._tables = tables(form)
        self._free = np.flatnonzero(self._tables.free)
        self._picks = self._free
        self._prices = prices
        self._near: sp.csr_matrix | None = None
        if form.nnz <= FEW_PAIRS and not self._tables.alike:
            self._near = only_options(form.covers, self._tables.free)
        self._core: tuple[Restricted, Search] | None = None
        self._seed = seed
        self._runs = self._slices = 0
        self._rate = 10_000.0
        self._s: Any = self._laid_out(seed)
        self._first_fines()
        self._set(form.lower > 0.5)
        self._kernel.anneal(self._s, 0, 0.0, LOGS, self._mix(), self._picks)

    def guide(self, *, score: Floats | None, prices: Floats | None) -> None:
        """Say which options look promising, and what a unit of each row is worth.

        Parameters
        ----------
        score : (N,) how much of each option a relaxed answer opens, 0 to 1; None for no guidance
        prices : (R,) multipliers of the rows; None for none
        """
        self._prices = prices
        self._near, self._picks, self._core = None, self._free, None
        if score is not None and not self._tables.alike:  # where options are as dear, few are out of the question
            promising = self._tables.free & (score > PROMISING)
            if self.best is not None:
                promising |= self._tables.free & self.best
            if (
                promising.sum() < FEW_PROMISING
            ):  # their like at the same places too: another type there may fit the rest of the budget better
                places = self.form.place[promising & (self.form.place >= 0)]
                promising |= self._tables.free & np.isin(self.form.place, places)
            self._near = only_options(self.form.covers, promising)
            self._picks = np.flatnonzero(promising)
            self._core = self._restrict(promising)
        before, opened = self._s, self._opened()
        self._s = self._laid_out(0)
        self._s.ints[self._kernel.DICE :] = before.ints[self._kernel.DICE :]
        self._s.row_f[:] = before.row_f
        self._first_fines()
        self._set(opened)

    def start(
        self, opened: Bools | None = None, *, stop: Callable[[], bool] = never, grace_s: float = GRACE_S
    ) -> bool:
        """Build a first plan by marginal worth; True when one is found that keeps every row.

        Parameters
        ----------
        opened : (N,) a plan to start from; None for the options that are open anyway
        stop : asked between steps, once a first plan has had its ``grace_s``
        grace_s : 0 where a plan is known elsewhere
        """
        grace = time.perf_counter() + grace_s

        def over() -> bool:
            return stop() and time.perf_counter() > grace

        x = self.form.lower > 0.5 if opened is None else (opened | (self.form.lower > 0.5)) & (self.form.upper > 0.5)
        if self._core is not None and opened is None:
            small, search = self._core
            search.start(stop=stop, grace_s=grace_s)
            if search.best is not None:
                self.offer(small.whole(search.best))
        self._set(x)
        self._fill(over)
        if not self.offer(self._opened()) and self.best is None:
            self._repair(stop)
        return self.best is not None

    def run(
        self,
        seconds: float = np.inf,
        *,
        steps: int | None = None,
        stop: Callable[[], bool] = never,
    ) -> None:
        """Better the plan until time, steps or ``stop`` end it.

        Parameters
        ----------
        seconds : at most; the plan then depends on the machine's speed
        steps : random moves to try; the plan then depends on the seed alone
        stop : asked between slices of work
        """
        began = time.perf_counter()
        self._run_core(CORE * seconds, None if steps is None else int(CORE * steps), stop)
        if self._core is not None:
            seconds -= time.perf_counter() - began
            steps = None if steps is None else steps - int(CORE * steps)
            began = time.perf_counter()
        self._home()
        hot, cold = self._heat()
        done, spent, cycle = 0, 0.0, -1
        while not stop() and spent < seconds and (steps is None or done < steps):
            part = spent / seconds if steps is None else done / steps
            now = int(np.searchsorted(CYCLES, part, side="right"))
            if now != cycle:
                cycle = now
                self._home()
            begin = CYCLES[cycle - 1] if cycle else 0.0
            part = (part - begin) / (CYCLES[cycle] - begin)
            first = hot * (HOT_AGAIN if cycle or self._runs else 1.0)
            n = SLICE_STEPS if steps is not None else max(64, int(self._rate * min(SLICE_S, seconds - spent)))
            self._slice(n, first * (cold / first) ** part)
            done += n
            was, spent = spent, time.perf_counter() - began
            self._rate = max(1000.0, 0.5 * self._rate + 0.5 * n / max(spent - was, 1e-6))
        self._runs += 1
        self.steps += done

    def _restrict(self, promising: Bools) -> tuple[Restricted, Search] | None:
        """A search over the promising options alone; there most classes are alike, and a move costs a hundredth."""
        if 2 * promising.sum() > self._tables.free.sum():
            return None
        small = restricted(self.form, promising)
        self._seed += 1
        return small, Search(small.form, seed=self._seed, prices=self._prices)

    def _run_core(self, seconds: float, steps: int | None, stop: Callable[[], bool]) -> None:
        """Better the plan among the promising options."""
        if self._core is None:
            return
        small, search = self._core
        if self.best is not None:
            search.offer(self.best[small.option])
        if search.best is None:
            search._set(np.zeros(search.form.n_options, dtype=np.bool_))
            search._fill(stop)
            search.offer(search._opened())
        tried = search.steps
        search.run(seconds, steps=steps, stop=stop)
        self.steps += search.steps - tried
        if search.best is not None:
            self.offer(small.whole(search.best))

    def offer(self, opened: Bools) -> bool:
        """Take a plan from elsewhere when it keeps every row and is better than the best.

        Parameters
        ----------
        opened : (N,)
        """
        value = self.form.value(opened)
        if value <= self.value or self.form.violation(opened) > TOLERANCE:
            return False
        self.best, self.value = opened.astype(np.bool_).copy(), value
        return True

    def _opened(self) -> Bools:
        """The plan at hand."""
        return np.asarray(self._s.option_i[:, self._kernel.OPEN] == 1)

    def _set(self, opened: Bools) -> None:
        """Make this the plan at hand; what is fixed open comes first."""
        order = np.flatnonzero(opened)
        order = order[np.argsort(~(self.form.lower[order] > 0.5), kind="stable")]
        k, s = self._kernel, self._s
        s.class_i[:] = 0
        s.class_f[:, k.SOLE] = -1.0
        s.class_f[:, k.FRESH] = s.class_f[:, k.WEIGHT]
        s.option_f[:, k.LOSS] = 0.0
        s.option_f[:, k.GAIN] = s.option_f[:, k.MOST]
        s.option_i[:, k.OPEN] = 0
        s.option_i[:, k.AT] = np.where(self._tables.free, k.CLOSED, k.FIXED)
        s.row_f[:, k.ACTIVITY] = 0.0
        s.place_ptr[:, 2] = -1
        short = np.maximum(np.maximum(-s.row_f[:, k.HIGH], s.row_f[:, k.LOW]), 0.0)
        fines = float(s.row_f[:, k.FINE] @ short)
        s.sums[[k.ENERGY, k.VALUE, k.FINES]] = -fines, 0.0, fines
        s.ints[[k.N_OPEN, k.N_BROKEN]] = 0, int((short > s.row_f[:, k.SLACK]).sum())
        for j in order.tolist():
            begin = s.option_ptr[j]
            if not s.option_i[j, k.OPEN] and (s.place_ptr[s.ids[begin[4] : begin[5]], 2] < 0).all():
                k.flip(s, j)

    def _slice(self, n: int, heat: float) -> None:
        """One call of the kernel, and what follows from it."""
        k, s = self._kernel, self._s
        self._slices += 1
        if self._slices % AFRESH == 0:
            self._set(self._opened())
        s.ints[[k.ACCEPTED, k.FEASIBLE, k.FOUND]] = 0
        s.sums[k.BEST_VALUE] = self.value - self.form.offset
        k.anneal(s, n, heat, LOGS, self._mix(), self._picks)
        if s.ints[k.FOUND]:
            self.offer(np.asarray(s.option_i[:, k.BEST] == 1))
        self._fine()

    def _fine(self) -> None:
        """Broken rows grow dearer while few plans keep all rows, and all cheaper while most do."""
        k, s, row = self._kernel, self._s, self._s.row_f
        if not len(row):
            return
        share = s.ints[k.FEASIBLE] / s.ints[k.ACCEPTED] if s.ints[k.ACCEPTED] else float(s.ints[k.N_BROKEN] == 0)
        if share < LEAST_KEPT:
            over = np.maximum(row[:, k.ACTIVITY] - row[:, k.HIGH], row[:, k.LOW] - row[:, k.ACTIVITY])
            row[over > row[:, k.SLACK], k.FINE] *= 1.2
        elif share > MOST_KEPT:
            row[:, k.FINE] = np.maximum(row[:, k.FINE] * 0.98, self._tables.fine * 1e-3)
        else:
            return
        over = np.maximum(row[:, k.ACTIVITY] - row[:, k.HIGH], row[:, k.LOW] - row[:, k.ACTIVITY])
        s.sums[k.FINES] = float(row[:, k.FINE] @ np.maximum(over, 0.0))
        s.sums[k.ENERGY] = s.sums[k.VALUE] - s.sums[k.FINES]

    def _unit_price(self) -> Floats:
        """(N,) what an option takes of the ceilings: at their prices where known, else in shares."""
        t = self._tables
        if self._prices is None:
            return t.price
        paid = np.asarray(t.rows.maximum(0.0) @ np.maximum(self._prices[t.fined], 0.0))
        return paid if (paid[t.free] > 0).all() else t.price

    def _first_fines(self) -> None:
        """Fines a little above the rows' prices, where these are known."""
        if self._prices is not None:
            price = np.abs(self._prices[self._tables.fined])
            fine = self._s.row_f[:, self._kernel.FINE]
            fine[:] = np.where(price > 0, OVER_PRICE * price, fine)

    def _fill(self, stop: Callable[[], bool]) -> None:
        """Open the option of most worth per price, again and again, while one helps and no row breaks further.

        Marginal worth only falls as options open, so an option's last known worth is a ceiling: only those on top of
        the heap are looked at anew.
        """
        k, s, t = self._kernel, self._s, self._tables
        most = s.option_f[:, k.WORTH] + s.option_f[:, k.MOST] + abs(t.rows) @ s.row_f[:, k.FINE]
        heap = [
            (-a, j) for a, j in zip((most / t.price)[self._free].tolist(), self._free.tolist(), strict=True) if a > 0
        ]
        heapq.heapify(heap)
        while heap and not stop():
            known, j = heap[0]
            now = self._appeal(j)
            if 0.0 < now < -known:
                heapq.heapreplace(heap, (-now, j))
                continue
            heapq.heappop(heap)
            if now > 0.0:
                k.flip(s, j)

    def _appeal(self, j: int) -> float:
        """What opening j is worth per price now; 0 when it is open, its place is taken or a row would break."""
        k, s = self._kernel, self._s
        begin = s.option_ptr[j]
        if s.option_i[j, k.OPEN] or (s.place_ptr[s.ids[begin[4] : begin[5]], 2] >= 0).any():
            return 0.0
        rows = s.ids[begin[2] : begin[3]]
        at, low, high, fine = s.row_f[rows][:, [k.ACTIVITY, k.LOW, k.HIGH, k.FINE]].T
        then = at + s.coefficient[begin[2] : begin[3]]
        change = (
            np.maximum(then - high, 0)
            + np.maximum(low - then, 0)
            - np.maximum(at - high, 0)
            - np.maximum(low - at, 0)
        )
        if (change > 0).any():
            return 0.0
        worth = s.option_f[j, k.WORTH] + s.class_f[s.ids[begin[0] : begin[1]], k.FRESH].sum() - fine @ change
        return float(worth / self._tables.price[j])

    def _repair(self, stop: Callable[[], bool]) -> None:
        """Anneal at growing fines until some plan keeps every row, or give up."""
        hot, cold = self._heat()
        until = time.perf_counter() + REPAIR_S
        for i in range(REPAIR_SLICES):
            if time.perf_counter() > until or stop():
                return
            self._slice(SLICE_STEPS // 4, hot * (cold / hot) ** (i / REPAIR_SLICES))
            if self.best is not None:
                return

    def _heat(self) -> tuple[float, float]:
        """First and last temperature: parts of what an open option is worth."""
        k, s = self._kernel, self._s
        j = s.option_i[: s.ints[k.N_OPEN], k.MOVABLE]
        worth = np.abs(s.option_f[j, k.LOSS] + self.form.profit[j])
        usual = max(float(worth.mean()) if len(j) else float(np.abs(s.option_f[:, k.MOST]).max(initial=1.0)), 1e-9)
        return usual * HOT, usual * COLD

    def _home(self) -> None:
        """Back to the best plan."""
        if self.best is not None:
            self._set(self.best)

    def _mix(self) -> Ints:
        """Shares of the kinds of moves, as the kernel wants them."""
        parts = np.array(MOVES)
        if not self._tables.places.nnz:
            parts[3] = 0.0
        if self._tables.alike:
            parts[1:3] = 0.01
        cut = np.cumsum(parts) / parts.sum()
        guided = GUIDED if self._near is not None else 0.0
        fills = FILLS if self._near is not None else 0.0
        ruled = self._tables.class_rows.nnz > 0
        return np.array(
            [*(cut[:3] * 65536), FAR * 65536, guided * 65536, LOOKS, ruled, fills * 65536], dtype=np.int64
        )

    def _laid_out(self, seed: int) -> Any:
        """The form and an empty plan in the kernel's arrays."""
        k, form, t = self._kernel, self.form, self._tables
        near = self._near if self._near is not None else sp.csr_matrix((form.n_classes, form.n_options))
        lists = [t.rows, t.class_rows, form.covered_by, only_options(form.covers, t.free), near, t.places, t.members]
        first = np.cumsum([0, *(x.nnz for x in lists)])
        ends = [np.stack([x.indptr[:-1], x.indptr[1:]], axis=1) + f for x, f in zip(lists, first, strict=False)]
        most = form.covered_by @ form.weight
        row_f = np.zeros((len(t.fined), 6))
        row_f[:, k.LOW], row_f[:, k.HIGH], row_f[:, k.FINE], row_f[:, k.SLACK] = t.low, t.high, t.fine, TOLERANCE / 2
        option_i = np.zeros((form.n_options, 4), dtype=np.int64)
        option_i[:, k.AT] = np.where(t.free, k.CLOSED, k.FIXED)
        return k.Tables(
            ids=np.concatenate([x.indices for x in lists]).astype(np.int32),
            coefficient=np.concatenate([t.rows.data, t.class_rows.data]).astype(np.float64),
            option_ptr=np.hstack([ends[2], ends[0], ends[5]]).astype(np.int64),
            class_ptr=np.hstack([ends[3], ends[4], ends[1]]).astype(np.int64),
            place_ptr=np.hstack([ends[6], np.full((t.members.shape[0], 1), -1)]).astype(np.int64),
            option_f=np.column_stack([form.profit, self._unit_price(), most, most, most]),
            class_f=np.column_stack([form.weight, form.weight, form.weight, form.weight]),
            row_f=row_f,
            option_i=option_i,
            class_i=np.zeros((form.n_classes, 2), dtype=np.int32),
            sums=np.zeros(4),
            ints=np.array(
                [0, 0, 0, 0, 0, (seed * 2654435761 + 88172645) % k.MASK + 1, seed % k.MASK], dtype=np.int64
            ),
        )
