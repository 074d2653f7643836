"""Required spaces: an outlet opens here whatever else is chosen."""

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


class Required(Params):
    """Spaces that must get an outlet: a list of ids (any type), or id -> type."""

    sites: tuple[str, ...] | dict[str, str | tuple[str, ...]] = Field(
        description="Ids of spaces that must get an outlet of any type, or a table id -> type (or list of types)."
    )

    def wanted(self) -> Iterator[tuple[str, str | None]]:
        """(site id, type id or None for any type)."""
        if isinstance(self.sites, dict):
            for site, types in self.sites.items():
                for name in (types,) if isinstance(types, str) else types:
                    yield site, name
        else:
            for site in self.sites:
                yield site, None

    def references(self) -> Mapping[str, Sequence[str]]:
        return {"types": [t for _, t in self.wanted() if t is not None]}


class Rule(Constraint[Required]):
    """x[j,k] = 1 for each required pair, or at least one outlet in each required space."""

    name = "required"
    title = {"en": "Required spaces", "zh": "必选用房"}
    sentence = {
        "en": "The named spaces get an outlet (of the named type), whatever else is chosen.",
        "zh": "指定用房必须设置（指定业态的）网点。",
    }
    formula = "x[j,k] = 1, or Σ_k x[j,k] ≥ 1 where no type is named"
    parameters = Required
    allows = frozenset({"merge_cells"})

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_sites(world, findings, file, self.label, dict.fromkeys(s for s, _ in self.params.wanted()))
        check_types(world, findings, file, self.label, self.params.references()["types"])

    def _pairs(self, world: World) -> Iterator[tuple[str, int, Bools]]:
        """(words, site, types) of each requirement."""
        index = {str(s): j for j, s in enumerate(world.sites.site_id)}
        for site, name in self.params.wanted():
            kinds = np.array([name is None or t == name for t in world.types.type_id])
            yield (site if name is None else f"{site}: {name}"), index[site], kinds

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        entries, subject = [], []
        for words, j, kinds in self._pairs(problem.world):
            if (problem.world.sites.standing[j] & kinds).any():
                continue
            at = np.flatnonzero((problem.option_site == j) & kinds[problem.option_type])
            entries.append((columns.start["open"] + at, np.ones(len(at))))
            subject.append(words)
        n = len(entries)
        return [rows_from(self.label, entries, [1.0] * n, [np.inf] * n, subject, unit="outlets")]

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        verdicts = []
        for words, j, kinds in self._pairs(world):
            got = int(((plan.opened[j] | world.sites.standing[j]) & kinds).sum())
            verdicts.append(
                Verdict(self.label, words, need=1.0, got=float(got), sense="ge", unit="outlets", holds=got >= 1)
            )
        return verdicts
