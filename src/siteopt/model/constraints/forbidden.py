"""Forbidden spaces: nothing new opens here (or nothing of the named type)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.constraint import Constraint, Params, check_sites, check_types
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import Bools
from siteopt.world import World


class Forbidden(Params):
    """Spaces that get nothing new: a list of ids, or id -> types that may not open there."""

    sites: tuple[str, ...] | dict[str, str | tuple[str, ...]] = Field(
        description="Ids of spaces that stay as they are, or a table id -> type (or list of types) not to open there."
    )

    def unwanted(self) -> Iterator[tuple[str, tuple[str, ...] | None]]:
        """(site id, type ids or None for every type)."""
        if isinstance(self.sites, dict):
            for site, types in self.sites.items():
                yield site, (types,) if isinstance(types, str) else types
        else:
            for site in self.sites:
                yield site, None

    def references(self) -> Mapping[str, Sequence[str]]:
        return {"types": [t for _, types in self.unwanted() for t in types or ()]}


class Rule(Constraint[Forbidden]):
    """x[j,k] = 0 for each forbidden pair."""

    name = "forbidden"
    title = {"en": "Forbidden spaces", "zh": "禁选用房"}
    sentence = {
        "en": "Nothing new (or nothing of the named types) opens in the named spaces.",
        "zh": "指定用房不得新设网点（或不得新设指定业态）。",
    }
    formula = "x[j,k] = 0"
    parameters = Forbidden
    allows = frozenset({"merge_cells"})

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_sites(world, findings, file, self.label, [s for s, _ in self.params.unwanted()])
        check_types(world, findings, file, self.label, self.params.references()["types"])

    def _pairs(self, world: World) -> Iterator[tuple[str, int, Bools]]:
        index = {str(s): j for j, s in enumerate(world.sites.site_id)}
        for site, names in self.params.unwanted():
            kinds = np.array([names is None or t in names for t in world.types.type_id])
            yield (site if names is None else f"{site}: {', '.join(names)}"), index[site], kinds

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        entries, subject = [], []
        for words, j, kinds in self._pairs(problem.world):
            at = np.flatnonzero((problem.option_site == j) & kinds[problem.option_type])
            if len(at):
                entries.append((columns.start["open"] + at, np.ones(len(at))))
                subject.append(words)
        n = len(entries)
        return [rows_from(self.label, entries, [-np.inf] * n, [0.0] * n, subject, unit="outlets")]

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        verdicts = []
        for words, j, kinds in self._pairs(world):
            got = int((plan.opened[j] & kinds).sum())
            verdicts.append(
                Verdict(self.label, words, need=0.0, got=float(got), sense="le", unit="outlets", holds=got == 0)
            )
        return verdicts
