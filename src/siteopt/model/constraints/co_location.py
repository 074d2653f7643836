"""Together: so many places where outlets of two kinds stand side by side, such as a market and a public service.

Plan document 三(四): "market (type) + public service". It names no number, so the number has no default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.columns import Block
from siteopt.model.constraint import Constraint, Params
from siteopt.model.subjects import named_mask
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import Bools, Ints
from siteopt.world import World


class CoLocation(Params):
    """What is to be together, where, and how often."""

    first: Annotated[tuple[str, ...], Field(min_length=1, description="Types of the one kind: any of them.")]
    second: Annotated[tuple[str, ...], Field(min_length=1, description="Types of the other kind: any of them.")]
    at_least: Annotated[
        int, Field(ge=1, description="Least number of places that have both, today's outlets included.")
    ]
    per: Literal["space", "community"] = Field("space", description="Together in one space, or in one community.")

    def references(self) -> Mapping[str, Sequence[str]]:
        return {"types": [*self.first, *self.second]}


class Rule(Constraint[CoLocation]):
    """y[p] <= Σ_{first} (x + standing), y[p] <= Σ_{second} (x + standing), Σ y >= n over places p."""

    name = "co_location"
    title = {"en": "Together in one place", "zh": "业态与服务同址布设"}
    sentence = {
        "en": "At least the set number of spaces (or communities) has an outlet of both kinds, such as a market and "
        "a public service, new or standing.",
        "zh": "同时设有两类网点（如“市场+公共服务”）的用房（或社区）不少于规定数量，含现有网点。",
    }
    formula = "Σ_p y[p] ≥ n;  y[p] ≤ Σ_{k∈K1} (x[p,k] + standing[p,k]);  y[p] ≤ Σ_{k∈K2} (x[p,k] + standing[p,k])"
    parameters = CoLocation
    allows = frozenset({"merge_cells"})
    clauses = ("F8",)

    @property
    def _block(self) -> str:
        return f"{self.label}.both"

    def check(self, world: World, findings: Findings, file: str) -> None:
        if self.params.per == "community" and not len(world.communities):
            findings.error("rule_needs_communities", file=file, field=f"constraints.{self.label}", value=self.name)

    def _place(self, world: World) -> tuple[int, Ints]:
        """How many places there are, and the place of each site (J,); -1 in none."""
        if self.params.per == "community":
            return len(world.communities), np.asarray(world.sites.community, dtype=np.int64)
        return len(world.sites), np.arange(len(world.sites), dtype=np.int64)

    def _kinds(self, world: World) -> tuple[Bools, Bools]:
        return named_mask(world, self.params.first), named_mask(world, self.params.second)

    def _candidates(self, problem: Problem) -> Ints:
        """The places in which both kinds stand or may open."""
        world = problem.world
        n, place = self._place(world)
        can_be = np.ones(n, dtype=np.bool_)
        for kind in self._kinds(world):
            there = np.array((world.sites.standing & kind).any(axis=1), dtype=np.bool_)
            there[problem.option_site[kind[problem.option_type]]] = True
            has = np.zeros(n, dtype=np.bool_)
            has[place[there & (place >= 0)]] = True
            can_be &= has
        return np.flatnonzero(can_be)

    def blocks(self, problem: Problem) -> Sequence[Block]:
        n = len(self._candidates(problem))
        return [Block(self._block, np.zeros(n), np.ones(n), np.ones(n, dtype=np.bool_))]

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, start, both = problem.world, columns.start["open"], columns.start[self._block]
        candidates = self._candidates(problem)
        _, place = self._place(world)
        of_option = place[problem.option_site]
        ties, subject = [], []
        for kind in self._kinds(world):
            stands = set(place[(world.sites.standing & kind).any(axis=1)].tolist())
            options = np.flatnonzero(kind[problem.option_type] & (of_option >= 0))
            order = options[np.argsort(of_option[options], kind="stable")]
            for n, p in enumerate(candidates.tolist()):
                if p not in stands:
                    low, high = np.searchsorted(of_option[order], [p, p + 1])
                    members = np.sort(order[low:high])
                    column = np.append(start + members, both + n)
                    ties.append((column, np.append(-np.ones(len(members)), 1.0)))
                    subject.append(self._name(world, p))
        count = (both + np.arange(len(candidates)), np.ones(len(candidates)))
        n_ties, need = len(ties), float(self.params.at_least)
        return [
            rows_from(self.label, ties, [-np.inf] * n_ties, [0.0] * n_ties, subject, unit="outlets", elastic=False),
            rows_from(self.label, [count], [need], [np.inf], [self._subject()], unit="places"),
        ]

    def _name(self, world: World, p: int) -> str:
        ids = world.communities.community_id if self.params.per == "community" else world.sites.site_id
        return str(ids[p])

    def _subject(self) -> str:
        return f"{' / '.join(self.params.first)} + {' / '.join(self.params.second)}"

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        there = plan.opened | world.sites.standing
        _, place = self._place(world)
        sets = []
        for kind in self._kinds(world):
            at = place[(there & kind).any(axis=1)]
            sets.append({int(p) for p in at if p >= 0})
        together = sorted(self._name(world, p) for p in sets[0] & sets[1])
        need, got = float(self.params.at_least), float(len(together))
        detail = {"places": ", ".join(together)}
        return [Verdict(self.label, self._subject(), need, got, "ge", "places", got >= need, detail)]
