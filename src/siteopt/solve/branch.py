"""Branch and bound where each node's bound comes from few options: for programs whose linear relaxation is large.

An engine solves the whole relaxation at every node, and on a city seldom leaves the first. Here a node is the
linear program over the hundred options that matter, priced against the rest; what no better plan can open leaves at
once; and the option to branch on is the one whose two sides both fall most (strong branching). A node with little
left goes to the engine.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from siteopt.program import Limits
from siteopt.solve.backend import Backend, Stop
from siteopt.solve.cover import CoverForm
from siteopt.solve.lagrange import Bound, settled_options
from siteopt.solve.pricing import priced_out
from siteopt.solve.restrict import Restricted, program_of, restricted
from siteopt.solve.seeker import Seeker
from siteopt.units import Bools, Floats

LEAF_PAIRS = 2_500
"""A node with fewer pairs of class and option goes to the engine."""

LEAF_OPTIONS = 400
"""With more options free, merging classes is not tried: it would leave too many pairs."""

LEAF_SECONDS = 20.0
"""The engine's time for one such node; one that it does not finish is branched on like others."""

CANDIDATES = 5
"""Options tried at a node before one is chosen."""

GOOD_DROP = 0.3
"""A side that falls by this part of the gap on both sides is good enough to try no other."""

FRACTION = 1e-4
"""A share nearer to 0 or 1 than this is whole."""


@dataclass(frozen=True, eq=False)
class _Node:
    """What is fixed, and what is known under it."""

    lower: Floats
    upper: Floats
    bound: Bound
    keep: Bools
    tried: bool = False


class Branching:
    """The search over nodes, best first.

    Parameters
    ----------
    form : CoverForm
    grain : of its values; 0 unknown
    bound, keep : of the whole form, from ``priced_out``
    seeker : knows the best plan, and is told of better ones
    backend, limits : for nodes with little left
    left : seconds that are left
    over : asked often
    """

    def __init__(
        self,
        form: CoverForm,
        grain: float,
        bound: Bound,
        keep: Bools,
        seeker: Seeker,
        backend: Backend,
        limits: Limits,
        *,
        left: Callable[[], float],
        over: Callable[[], bool],
        stop: Stop,
    ) -> None:
        self.form, self.grain, self.seeker = form, grain, seeker
        self.backend, self.limits, self.stop = backend, limits, stop
        self._left, self._over = left, over
        self._order = itertools.count()
        self._nodes: list[tuple[float, int, _Node]] = []
        self.solved = 0
        self._push(_Node(form.lower, form.upper, bound, keep))

    @property
    def upper(self) -> float:
        """No plan is worth more than this, or than the best one known."""
        return -self._nodes[0][0] if self._nodes else -np.inf

    @property
    def open_nodes(self) -> int:
        """How many nodes are still to be looked at."""
        return len(self._nodes)

    def step(self) -> None:
        """Look at the node with the highest bound."""
        _, _, node = heapq.heappop(self._nodes)
        try:
            children = self._divided(self._settled(node))
        except BaseException:
            self._push(node)
            raise
        if children is None:  # out of time: what is known of the node stays known
            self._push(node)
            return
        self.solved += 1
        for child in children:
            self._push(child)

    def _push(self, node: _Node) -> None:
        if node.bound.value >= self._needed():
            heapq.heappush(self._nodes, (-node.bound.value, next(self._order), node))

    def _needed(self) -> float:
        """A node whose bound is below this holds no better plan."""
        value = self.seeker.value
        if self.seeker.best is None:
            return -np.inf
        return value + 0.5 * self.grain if self.grain > 0 else value + 1e-9 * max(1.0, abs(value))

    def _settled(self, node: _Node) -> _Node:
        """The node without what no better plan opens or leaves closed."""
        if self.seeker.best is None:
            return node
        form = self.form.with_bounds(node.lower, node.upper)
        closed, opened = settled_options(form, node.bound, self.seeker.value, self.grain)
        return replace(node, lower=np.maximum(node.lower, opened), upper=np.where(closed, 0.0, node.upper))

    def _divided(self, node: _Node) -> list[_Node] | None:
        """The node's children; none when it is settled, None when time ran out."""
        form = self.form.with_bounds(node.lower, node.upper)
        free = (node.upper > 0.5) & (node.lower < 0.5)
        if (node.lower > node.upper).any():
            return []
        share = node.bound.share
        split = free & (share > FRACTION) & (share < 1 - FRACTION)
        small = None if node.tried else self._little(form, free, whole=not split.any())
        if small is not None:
            return self._leaf(node, small)
        if not split.any():
            split = free
        gain = form.covered_by @ form.weight
        promise = np.minimum(share, 1 - share) * gain + 1e-9 * gain
        first = np.flatnonzero(split)
        first = first[np.argsort(-promise[first], kind="stable")][:CANDIDATES]
        chosen: list[_Node] = []
        best = -np.inf
        for j in first.tolist():
            if self._over():
                return chosen or None
            sides = [self._side(node, j, value) for value in (0.0, 1.0)]
            alive = [s for s in sides if s.bound.value >= self._needed()]
            if len(alive) < 2:
                # One side holds no better plan: the other is the node, and better known.
                return alive
            drops = [max(node.bound.value - s.bound.value, 1e-6) for s in sides]
            score = drops[0] * drops[1]
            if score > best:
                best, chosen = score, sides
            if min(drops) > GOOD_DROP * (node.bound.value - self.seeker.value):
                break
        return chosen

    def _little(self, form: CoverForm, free: Bools, *, whole: bool) -> Restricted | None:
        """A node for the engine, its classes merged: where its relaxed plan is whole or few pairs are left."""
        few = whole or int(np.diff(form.covered_by.indptr)[free].sum()) <= LEAF_PAIRS
        if not few and int(free.sum()) > LEAF_OPTIONS:
            return None
        small = restricted(form, free)
        return small if few or small.form.nnz <= LEAF_PAIRS else None

    def _side(self, node: _Node, option: int, value: float) -> _Node:
        """The node with one option open or closed."""
        lower, upper = node.lower.copy(), node.upper.copy()
        (lower if value else upper)[option] = value
        form = self.form.with_bounds(lower, upper)
        found = priced_out(
            form,
            node.bound,
            node.keep,
            seconds=max(self._left(), 0.05),
            enough=self._needed(),
            stop=self._over,
        )
        bound = replace(found.bound, value=-np.inf) if found.infeasible else found.bound
        return _Node(lower, upper, bound, found.keep)

    def _leaf(self, node: _Node, small: Restricted) -> list[_Node] | None:
        """The node by the engine: settled, or marked as tried."""
        if not len(small.option):  # one plan, or none
            self.seeker.offer(small.whole(np.zeros(0, dtype=np.bool_)))
            return []
        program, goal = program_of(small.form, self.grain)
        limits = replace(self.limits, time_limit_s=min(LEAF_SECONDS, max(self._left(), 0.05)), gap=0.0)
        found = self.backend.solve(
            program, goal, (), limits=limits, start=None, report=lambda _: None, stop=self.stop
        )
        if found.x is not None:
            self.seeker.offer(small.whole(found.x[: small.form.n_options] > 0.5))
        if found.status in ("proven", "infeasible"):
            return []
        if self._over():
            return None
        lowest = min(node.bound.value, found.bound) if np.isfinite(found.bound) else node.bound.value
        return [replace(node, bound=replace(node.bound, value=lowest), tried=True)]
