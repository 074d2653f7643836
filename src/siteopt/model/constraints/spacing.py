"""Spacing: new outlets of a type keep a least distance from each other and from those that stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field
from scipy.spatial import cKDTree

from siteopt.model.constraint import Constraint, Params
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import Bools, Floats, Ints
from siteopt.world import World

EDGE_M = 1e-6
"""Two outlets exactly the distance apart keep it; closer by more than a micrometre do not."""


class Spacing(Params):
    """A least distance for each named type."""

    metres: Annotated[float, Field(gt=0, description="Least straight-line distance, m; exactly so far is allowed.")]
    types: tuple[str, ...] | None = Field(None, description="Types, each by itself; all when left out.")
    from_existing: bool = Field(True, description="Also keep the distance from outlets that stand today.")


class Rule(Constraint[Spacing]):
    """x[a,k] + x[b,k] <= 1 for spaces closer than the distance; 0 near a standing outlet of the type."""

    name = "spacing"
    title = {"en": "Least distance", "zh": "最小间距"}
    sentence = {
        "en": "New outlets of one type keep a least distance from each other and from existing ones.",
        "zh": "同一业态的新设网点之间以及与现有网点之间保持最小间距。",
    }
    formula = "x[a,k] + x[b,k] ≤ 1 where distance(a,b) < d"
    parameters = Spacing
    allows = frozenset({"merge_cells"})
    clauses = ("H18",)

    def _types(self, world: World) -> list[int]:
        p = self.params
        return [t for t, name in enumerate(world.types.type_id) if p.types is None or name in p.types]

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, metres = problem.world, self.params.metres
        entries, upper, subject = [], [], []
        for t in self._types(world):
            at = np.flatnonzero(problem.option_type == t)
            xy = world.sites.xy_m[problem.option_site[at]]
            ids = world.sites.site_id[problem.option_site[at]]
            name = world.types.type_id[t]
            for clique in cliques(pairs_closer(xy, metres), len(at)):
                entries.append((columns.start["open"] + at[clique], np.ones(len(clique))))
                upper.append(1.0)
                subject.append(f"{name}: {', '.join(str(i) for i in ids[clique[:4]])}")
            near = np.flatnonzero(self._near_standing(world, t, xy))
            if len(near):
                entries.append((columns.start["open"] + at[near], np.ones(len(near))))
                upper.append(0.0)
                subject.append(name)
        return [rows_from(self.label, entries, [-np.inf] * len(entries), upper, subject, unit="outlets")]

    def _near_standing(self, world: World, t: int, xy: Floats) -> Bools:
        """(N,) points that a standing outlet of the type is too close to."""
        standing = world.sites.xy_m[world.sites.standing[:, t]]
        if not self.params.from_existing or not len(standing) or not len(xy):
            return np.zeros(len(xy), dtype=np.bool_)
        distance, _ = cKDTree(standing).query(xy)
        return np.asarray(distance < self.params.metres - EDGE_M, dtype=np.bool_)

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        verdicts = []
        for t in self._types(world):
            xy = world.sites.xy_m[plan.opened[:, t]]
            standing = world.sites.xy_m[world.sites.standing[:, t]] if self.params.from_existing else xy[:0]
            least = np.inf
            if len(xy) > 1:
                least = float(cKDTree(xy).query(xy, k=2)[0][:, 1].min())
            if len(xy) and len(standing):
                least = min(least, float(cKDTree(standing).query(xy)[0].min()))
            verdicts.append(
                Verdict(
                    self.label,
                    world.types.type_id[t],
                    need=self.params.metres,
                    got=least,
                    sense="ge",
                    unit="m",
                    holds=least >= self.params.metres - EDGE_M,
                )
            )
        return verdicts


def pairs_closer(xy_m: Floats, metres: float) -> Ints:
    """(M, 2) pairs of points closer than ``metres`` (strictly), i < j."""
    if len(xy_m) < 2:
        return np.empty((0, 2), dtype=np.int64)
    pairs = cKDTree(xy_m).query_pairs(metres, output_type="ndarray")
    gap = np.hypot(*(xy_m[pairs[:, 0]] - xy_m[pairs[:, 1]]).T)
    return np.sort(pairs[gap < metres - EDGE_M], axis=1).astype(np.int64)


def cliques(pairs: Ints, n: int) -> list[Ints]:
    """Cliques that together hold every pair: fewer rows and a tighter relaxation than pair by pair.

    Greedy: from each pair not yet held, grow by common neighbours in index order.
    """
    neighbours: list[set[int]] = [set() for _ in range(n)]
    for a, b in pairs.tolist():
        neighbours[a].add(b)
        neighbours[b].add(a)
    held: set[tuple[int, int]] = set()
    found: list[Ints] = []
    for a, b in sorted(map(tuple, pairs.tolist())):
        if (a, b) in held:
            continue
        clique, common = [a, b], neighbours[a] & neighbours[b]
        while common:
            grown = min(common)
            clique.append(grown)
            common &= neighbours[grown]
        clique.sort()
        held.update((clique[i], clique[k]) for i in range(len(clique)) for k in range(i + 1, len(clique)))
        found.append(np.array(clique, dtype=np.int64))
    return found
