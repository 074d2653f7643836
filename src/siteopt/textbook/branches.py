"""Branch and bound over sites: take one or leave it, the most promising branch first.

For problems whose value is bounded from above by linear functions of the sites: market shares, and distances to the
nearest site. Every bound is proven at any time; every plan that a bound is made of is valued exactly.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from siteopt.textbook.search import EXACT, Search, in_steps
from siteopt.textbook.sites import Sites
from siteopt.units import Bools, Floats, Ints

ROOT_ROUNDS, ROUNDS = 400, 25
"""How often the bound of the first branch, and of every other one, is drawn closer."""


@dataclass(frozen=True, eq=False)
class Linear:
    """base + gain·x over the N sites to be decided, gain >= 0: never below what a plan is worth."""

    base: float
    gain: Floats


Choice = tuple[float, Floats]
"""A bound, and the plan (N,) of zeros and ones that it comes from."""
Choose = Callable[[Linear], Choice]


class Branch(Protocol):
    """Some sites taken, some left out, the others open."""

    def linears(self, choose: Choose, rounds: int, best: Callable[[], float]) -> Iterator[Linear]:
        """Bounds, closer and closer; ``choose`` finds the plan that a bound is largest at."""
        ...

    def value(self, x: Bools) -> float:
        """What is won when some more sites open, exactly; -inf where that is no plan."""
        ...

    @property
    def warm(self) -> Any:
        """What branches inside this one may begin with."""
        ...


class Worth(Protocol):
    """A problem: its branches, over sites ``site``."""

    site: Ints

    def within(self, taken: Bools, open_to: Bools, warm: Any) -> Branch:
        """A branch."""
        ...


@dataclass(frozen=True, eq=False)
class Best:
    """The best plan, None when there is none yet; and what no plan is better than."""

    opened: Bools | None
    bound: float


def most_worth(worth: Worth, sites: Sites, search: Search, size: float, first: Bools | None = None) -> Best:
    """The plan of most worth within ``p`` and ``budget``, from a first plan (N,) if there is one; float noise is
    measured by ``size``."""
    tree = _Tree(worth, _Most(sites, worth.site), search, size)
    if first is not None:
        none = np.zeros(len(first), dtype=np.bool_)
        tree.offer(-worth.within(none, first, None).value(first), first)
    found = tree.grow(sites)
    return Best(found.opened, -found.bound)


def least_cost(worth: Worth, sites: Sites, enough: float, search: Search) -> Best:
    """The cheapest plan that is worth enough."""
    return _Tree(worth, _Enough(sites, worth.site, enough), search, float(sites.cost.sum())).grow(sites)


class _Most:
    """Most worth, as something to be kept low."""

    def __init__(self, sites: Sites, site: Ints) -> None:
        self.cost, self.p, self.money = sites.cost[site], sites.p_left, sites.budget_left

    def open_to(self, taken: Bools, open_to: Bools) -> Bools:
        """Sites that one more of is allowed."""
        full = self.p is not None and int(taken.sum()) >= self.p
        return open_to & (self.cost <= self._left(taken)) & (not full)

    def choose(self, linear: Linear, taken: Bools, open_to: Bools) -> Choice:
        """The best plan by a linear bound."""
        gain = np.where(open_to, linear.gain, 0.0)
        choices = [] if self.p is None else [_first(gain, self.p - int(taken.sum()))]
        choices += [] if self.money is None else [_knapsack(gain, self.cost, self._left(taken))]
        bound, x = min(choices, key=lambda c: c[0])
        if (
            self.p is not None and self.money is not None
        ):  # the one that was bounded by less may break the other limit
            x = x * (np.cumsum(x) <= self.p - int(taken.sum())) * (np.cumsum(x * self.cost) <= self._left(taken))
        return -(linear.base + bound), x

    def judge(self, branch: Branch, taken: Bools, x: Bools) -> float:
        """A plan's value."""
        return -branch.value(x)

    def settle(self, linear: Linear, taken: Bools, open_to: Bools, value: float) -> tuple[Bools, Bools]:
        """Sites that every plan better than ``value`` takes, and that it may still take."""
        at = np.flatnonzero(open_to)
        if self.p is None or self.money is not None or not np.isfinite(value) or not len(at):
            return taken, open_to
        k = self.p - int(taken.sum())
        gain = linear.gain[at]
        order = np.argsort(-gain, kind="stable")
        top = linear.base + float(gain[order[:k]].sum())
        last = float(gain[order[k - 1]]) if k <= len(at) else 0.0
        after = float(gain[order[k]]) if k < len(at) else 0.0
        chosen = np.zeros(len(at), dtype=np.bool_)
        chosen[order[:k]] = True
        room = 1e-12 * max(abs(value), abs(linear.base))
        out = ~chosen & (top - last + gain < -value - room)
        must = chosen & (top - gain + after < -value - room)
        taken, open_to = taken.copy(), open_to.copy()
        taken[at[must]] = True
        open_to[at[must | out]] = False
        return taken, open_to

    def _left(self, taken: Bools) -> float:
        return np.inf if self.money is None else self.money - float(self.cost[taken].sum())


class _Enough:
    """Least cost for enough worth."""

    def __init__(self, sites: Sites, site: Ints, enough: float) -> None:
        self.cost, self.enough = sites.cost[site], enough
        self.paid = float(sites.cost[sites.required].sum())
        self.factor, self.grain = in_steps(self.cost)

    def open_to(self, taken: Bools, open_to: Bools) -> Bools:
        """All that are left."""
        return open_to

    def choose(self, linear: Linear, taken: Bools, open_to: Bools) -> Choice:
        """The least cost by a linear bound."""
        least, x = _cover(np.where(open_to, linear.gain, 0.0), self.cost, self.enough - linear.base)
        if self.grain and np.isfinite(least):
            least = np.ceil(least * self.factor - 1e-6) / self.factor  # costs of plans are whole steps
        return self.paid + float(self.cost[taken].sum()) + least, x

    def judge(self, branch: Branch, taken: Bools, x: Bools) -> float:
        """A plan's cost; inf where it is not worth enough."""
        return self.paid + float(self.cost[taken | x].sum()) if branch.value(x) >= self.enough else np.inf

    def settle(self, linear: Linear, taken: Bools, open_to: Bools, value: float) -> tuple[Bools, Bools]:
        """Nothing."""
        return taken, open_to


class _Tree:
    """Branches by their bound, of something to be kept low."""

    def __init__(self, worth: Worth, aim: _Most | _Enough, search: Search, size: float) -> None:
        self.worth, self.aim, self.search, self.size = worth, aim, search, size
        self.best: Bools | None = None
        self.value, self.left_out = np.inf, np.inf  # the latter: the least bound of branches that are close enough
        self.heap: list[tuple[float, int, Bools, Bools, int, Any]] = []
        self.count = 0

    def grow(self, sites: Sites) -> Best:
        """Look into branches until none can be better, or time is over."""
        n = len(self.worth.site)
        none = np.zeros(n, dtype=np.bool_)
        bound = self._look(none, ~none, ROOT_ROUNDS, -np.inf, None)
        while self.heap and not self._close(self.heap[0][0]) and self.search.left_s > 0.02:
            bound, _, taken, open_to, j, warm = heapq.heappop(self.heap)
            rest, more = open_to.copy(), taken.copy()
            rest[j], more[j] = False, True
            self._look(more, rest, ROUNDS, bound, warm)
            self._look(taken, rest, ROUNDS, bound, warm)
        bound = min(self.value, self.left_out, self.heap[0][0] if self.heap else np.inf)
        if self.best is None:
            return Best(None, bound)
        opened = sites.fixed.copy()
        opened[self.worth.site[self.best]] = True
        return Best(opened, bound)

    def _close(self, bound: float) -> bool:
        if np.isinf(self.value) or np.isinf(bound):
            return bool(bound == np.inf)
        return self.value - bound <= max(self.search.limits.gap * abs(self.value), EXACT * self.size)

    def _look(self, taken: Bools, open_to: Bools, rounds: int, bound: float, warm: Any) -> float:
        """Bound a branch, value the plans met on the way, and keep it if it can be better."""
        aim = self.aim
        open_to = aim.open_to(taken, open_to)
        branch = self.worth.within(taken, open_to, warm)
        none = np.zeros(len(taken), dtype=np.bool_)
        self.offer(aim.judge(branch, taken, none), taken)
        if bound == -np.inf and np.isinf(self.value) and isinstance(aim, _Enough):
            self.offer(aim.judge(branch, taken, open_to), taken | open_to)  # everything: dear, but a plan
        if not open_to.any():
            return bound
        closest, mean = None, np.zeros(len(taken))
        linears = branch.linears(lambda of: aim.choose(of, taken, open_to), rounds, lambda: self.value)
        for seen, linear in enumerate(linears, 1):
            other, x = aim.choose(linear, taken, open_to)
            self.offer(aim.judge(branch, taken, x > 0), taken | (x > 0))
            mean += (x - mean) / seen
            if closest is None or other > bound:
                bound, closest = max(other, bound), linear
            if self._close(bound) or self.search.left_s <= 0.02:
                break
        if self._close(bound) or closest is None:
            self.left_out = min(self.left_out, bound)
            return bound
        more, rest = aim.settle(closest, taken, open_to, self.value)
        if not rest.any():
            return self._look(more, rest, 0, bound, branch.warm)
        score = np.where(rest, closest.gain * (0.1 + np.minimum(mean, 1.0 - 0.5 * mean)), -1.0)
        self.count += 1
        heapq.heappush(self.heap, (bound, self.count, more, rest, int(score.argmax()), branch.warm))
        return bound

    def offer(self, value: float, plan: Bools) -> None:
        """A plan, kept if it is the best so far."""
        if value < self.value:
            self.value, self.best = value, plan


def _first(worth: Floats, k: int) -> Choice:
    """The k sites of most worth."""
    x = np.zeros(len(worth))
    if k <= 0:
        return 0.0, x
    order: Ints = np.argsort(-worth, kind="stable")[:k]
    x[order] = worth[order] > 0
    return float(worth @ x), x


def _knapsack(worth: Floats, cost: Floats, money: float) -> Choice:
    """The most worth for money, the last site in part; the part is not in the plan."""
    x = np.zeros(len(worth))
    order = np.argsort(-worth / np.maximum(cost, 1e-300), kind="stable")
    order = order[worth[order] > 0]
    spent = np.cumsum(cost[order])
    first = int(np.searchsorted(spent, money, side="right"))
    x[order[:first]] = 1.0
    bound = float(worth @ x)
    if first < len(order):
        left = money - (float(spent[first - 1]) if first else 0.0)
        bound += float(worth[order[first]]) * max(left, 0.0) / float(cost[order[first]])
    return bound, x


def _cover(worth: Floats, cost: Floats, need: float) -> Choice:
    """The least cost of worth enough, the last site in part; the plan has it whole. inf where all is not enough."""
    x = np.zeros(len(worth))
    if need <= 0:
        return 0.0, x
    order = np.argsort(cost / np.maximum(worth, 1e-300), kind="stable")
    order = order[worth[order] > 0]
    gained = np.cumsum(worth[order])
    last = int(np.searchsorted(gained, need))
    if last >= len(order):
        x[order] = 1.0
        return (float("inf") if not len(order) or gained[-1] < need * (1 - 1e-12) else float(cost @ x)), x
    x[order[:last]] = 1.0
    before = float(cost @ x)
    x[order[last]] = 1.0
    left = need - (float(gained[last - 1]) if last else 0.0)
    return before + float(cost[order[last]]) * left / float(worth[order[last]]), x
