"""Deadlines: what must be open by a phase, and what may not open before one.

Plan document 四 (dates of 2024-04 to 2025-12, which are configurable) and 附件2; facilities of new areas are
delivered with the housing (plan 五(一), 自然资源局); by which share of the housing is a matter of local rules.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from siteopt.findings import Findings, nearest
from siteopt.model.constraint import Constraint, Params, check_communities, check_sites, options_where
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import Bools, Ints
from siteopt.world import World


class Deadline(Params):
    """A group of outlets and the phases between which they open."""

    opens_by: str | None = Field(None, description="Phase by whose end all that opens of the group is open.")
    opens_from: str | None = Field(None, description="Phase before which nothing of the group opens.")
    sites: tuple[str, ...] | None = Field(None, description="Only outlets in these spaces; all when left out.")
    types: tuple[str, ...] | None = Field(None, description="Only outlets of these types.")
    kinds: tuple[str, ...] | None = Field(None, description="Only outlets in these kinds of space.")
    communities: tuple[str, ...] | None = Field(None, description="Only outlets in these communities.")

    @model_validator(mode="after")
    def _one_at_least(self) -> Deadline:
        if self.opens_by is None and self.opens_from is None:
            raise PydanticCustomError("deadline_without_phase", "give opens_by, opens_from, or both")
        return self


class Rule(Constraint[Deadline]):
    """x[j,k,τ] = 0 for every phase τ outside the window."""

    name = "deadline"
    title = {"en": "Deadlines", "zh": "时间节点"}
    sentence = {
        "en": "Outlets of the group open by the named phase, and not before the other.",
        "zh": "指定网点最迟在规定阶段建成开放，且不早于规定阶段。",
    }
    formula = "x[j,k,τ] = 0 for τ < τ_from and for τ > τ_by"
    parameters = Deadline
    allows = frozenset({"merge_cells"})
    clauses = ("H25",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        p = self.params
        check_communities(world, findings, file, self.label, p.communities)
        check_sites(world, findings, file, self.label, p.sites or ())
        for field, phase in (("opens_by", p.opens_by), ("opens_from", p.opens_from)):
            if phase is not None and world.periods.index(phase) is None:
                findings.error(
                    "rule_unknown_phase",
                    file=file,
                    field=f"constraints.{self.label}.{field}",
                    value=phase,
                    nearest=nearest(phase, world.periods.name) or "—",
                )
        first, last = (world.periods.index(phase) if phase else None for phase in (p.opens_from, p.opens_by))
        if first is not None and last is not None and first > last:
            field = f"constraints.{self.label}.opens_from"
            findings.error("deadline_reversed", file=file, field=field, value=p.opens_from, last=p.opens_by)

    def _outside(self, world: World, site: Ints, kind: Ints, period: Ints) -> Bools:
        """(N,) outlets of the group in a period (0-based) that is too early or too late."""
        p, ids = self.params, world.sites.site_id.astype(str)
        group = options_where(world, site, kind, types=p.types, kinds=p.kinds, communities=p.communities)
        if p.sites is not None:
            group &= np.isin(ids[site], list(p.sites))
        first = world.periods.index(p.opens_from) if p.opens_from else 0
        last = world.periods.index(p.opens_by) if p.opens_by else None
        last = len(world.periods) - 1 if last is None else last
        # A phase that is not among the periods comes after them: as where a plan ends before it.
        first = len(world.periods) if first is None else first
        return np.asarray(group & ((period < first) | (period > last)), dtype=np.bool_)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        site, kind = problem.option_site, problem.option_type
        at = np.flatnonzero(self._outside(problem.world, site, kind, problem.option_period))
        if not len(at):
            return []
        entries = [(columns.start["open"] + at, np.ones(len(at)))]
        return [rows_from(self.label, entries, [-np.inf], [0.0], [self.label], unit="outlets")]

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        site, kind = np.nonzero(plan.opened)
        wrong = float(self._outside(world, site, kind, plan.period[site, kind] - 1).sum())
        return [Verdict(self.label, self.label, 0.0, wrong, "le", "outlets", wrong == 0)]
