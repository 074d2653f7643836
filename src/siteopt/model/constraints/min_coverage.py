"""Minimum coverage: at least a share of people is within reach of a type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.constraint import Constraint, Params, check_communities
from siteopt.plan import Plan, Verdict, served
from siteopt.problem import ALREADY, Problem, TravelTimes, capacitated, own_services
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import PEOPLE_EPS, SHARE_EPS, Bools, Floats
from siteopt.world import World


class MinCoverage(Params):
    """A least share of people for each named type."""

    share: Annotated[float, Field(ge=0, le=1, description="Least share of people within reach, 0 to 1.")]
    types: tuple[str, ...] | None = Field(None, description="Types, each by itself; all when left out.")
    per: Literal["all", "community"] = Field("all", description="Of all people, or of those of each community.")
    communities: tuple[str, ...] | None = Field(None, description="Only these communities; all when left out.")


class Rule(Constraint[MinCoverage]):
    """Sum of people in covered cells >= share of all people, for each type."""

    name = "min_coverage"
    title = {"en": "Minimum coverage", "zh": "最低覆盖率"}
    sentence = {
        "en": "At least the given share of people is within reach of each named type.",
        "zh": "各指定业态步行可达人口占比不低于规定比例。",
    }
    formula = "Σ_i people[i]·z[i,k] ≥ θ·Σ_i people[i]"
    parameters = MinCoverage
    allows = frozenset({"merge_cells"})
    clauses = ("H1", "H2")

    @property
    def cells_by(self) -> str:
        return "community" if self.params.per == "community" or self.params.communities else ""

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_communities(world, findings, file, self.label, self.params.communities)
        if self.cells_by and not len(world.communities):
            findings.error("rule_needs_communities", file=file, field=f"constraints.{self.label}", value=self.name)

    def _subjects(self, world: World) -> Iterator[tuple[str, int, list[int] | None]]:
        """(words, type, communities or None for everybody) of each share."""
        p = self.params
        ids = [str(c) for c in world.communities.community_id]
        chosen = [k for k, c in enumerate(ids) if p.communities is None or c in p.communities]
        for t, name in enumerate(world.types.type_id):
            if p.types is not None and name not in p.types:
                continue
            if p.per == "community":
                for k in chosen:
                    yield f"{ids[k]}: {name}", t, [k]
            else:
                yield name, t, (chosen if p.communities is not None else None)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        red, people = problem.reduction, problem.world.cells.residents
        entries, lower, subject, already = [], [], [], []
        for words, t, communities in self._subjects(problem.world):
            cells = _in(problem.world, communities)
            today = float(people[cells & (red.class_of_cell[:, t] == ALREADY)].sum())
            need = self.params.share * float(people[cells].sum())
            keep = red.service_of == t
            if communities is not None:
                keep &= np.isin(red.segment, communities)
            at = np.flatnonzero(keep & (red.people > 0))
            entries.append((columns.start["cover"] + at, red.people[at]))
            lower.append(need - today - PEOPLE_EPS if need > today else -np.inf)
            subject.append(words)
            already.append(today)
        rows = rows_from(self.label, entries, lower, [np.inf] * len(lower), subject, unit="people")
        return [replace(rows, today=np.array(already))]

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        people, verdicts = world.cells.residents, []
        covered: dict[int, Floats] = {}
        services, limited = own_services(world.types), capacitated(world.types)
        for words, t, communities in self._subjects(world):
            if t not in covered:
                covered[t] = served(world, travel, plan, services[t])
            cells = _in(world, communities)
            total = float(people[cells].sum())
            got = float((people * covered[t])[cells].sum())
            noise = 2 * PEOPLE_EPS + SHARE_EPS * total * limited[t]
            verdicts.append(
                Verdict(
                    self.label,
                    words,
                    need=self.params.share,
                    got=got / total if total else 1.0,
                    sense="ge",
                    unit="share",
                    holds=bool(got >= self.params.share * total - noise),
                    detail={"people": got, "total": total},
                )
            )
        return verdicts


def _in(world: World, communities: list[int] | None) -> Bools:
    if communities is None:
        return np.ones(len(world.cells), dtype=np.bool_)
    return np.isin(world.cells.community, communities)
