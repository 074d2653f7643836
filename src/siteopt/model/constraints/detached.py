"""Detached or terraced: in new communities, a share of new commercial area stands apart from housing.

Plan document 五(三) promotes commercial buildings that stand by themselves (独栋) or in a row (连栋). That is
encouragement and names no share, so this floor is optional and its share has no default.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.areas import areas_dm2
from siteopt.model.constraint import Constraint, Params, check_communities
from siteopt.model.outlets import Unknown, report_unsaid, usable
from siteopt.plan import Plan, Verdict, areas
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import DM2_PER_M2, Bools, exact_share, whole_dm2
from siteopt.world import World

FINEST_ROW = 10**4
"""Largest divisor of a row of whole numbers: what is one apart stays far above a solver's tolerance."""


class Detached(Params):
    """The share, and where it is asked for."""

    share: Annotated[
        float,
        Field(
            gt=0, le=1, description="Least share of new commercial area in such buildings, 0 to 1. No text names one."
        ),
    ]
    forms: Annotated[tuple[Literal["detached", "terraced", "attached"], ...], Field(min_length=1)] = Field(
        ("detached", "terraced"), description="Forms of building that count."
    )
    communities: tuple[str, ...] | None = Field(
        None, description="Only these communities; all new ones when left out."
    )
    unknown: Unknown = Field(
        "allow",
        description="Where a building's form is not said: allow = its area is left out of the share, which is then "
        "shown as not checked; forbid = it counts as attached to housing.",
    )


class Rule(Constraint[Detached]):
    """Σ_{form counts} a x >= share · Σ a x over new outlets of qualifying types, in each new community.

    Add-ons inside an outlet that stands today are no new commercial area.
    """

    name = "detached"
    title = {"en": "Detached or terraced commercial buildings", "zh": "独栋或连栋商业用房比例"}
    sentence = {
        "en": "In each new community at least the set share of the floor area of new commercial and service outlets "
        "lies in detached or terraced buildings. Area in buildings whose form is not known is left out and the share "
        "shown as not checked.",
        "zh": "每个新建社区新设商业和综合服务网点的建筑面积中，位于独栋或连栋商业建筑的比例不低于设定值；建筑形式未填"
        "报的面积不计入，并列为“未核查”。",
    }
    formula = "Σ_{j∈c, form counts} a[k]·x[j,k] ≥ φ·Σ_{j∈c} a[k]·x[j,k]"
    parameters = Detached
    allows = frozenset({"merge_cells"})
    clauses = ("F4",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_communities(world, findings, file, self.label, self.params.communities)
        if not len(world.communities):
            findings.error("rule_needs_communities", file=file, field=f"constraints.{self.label}", value=self.name)
        counts = np.asarray(world.types.qualifies, dtype=np.bool_)
        here = usable(world, counts) & np.isin(world.sites.community, self._bound(world))
        report_unsaid(world, findings, self.label, "form", here & (world.sites.form == ""), self.params.unknown)

    def _bound(self, world: World) -> list[int]:
        """The communities that the rule binds."""
        c, named = world.communities, self.params.communities
        return [
            k
            for k in range(len(c))
            if (str(c.age_class[k]) == "new" if named is None else str(c.community_id[k]) in named)
        ]

    def _forms(self, world: World) -> tuple[Bools, Bools]:
        """(J,) spaces whose form counts, and spaces that are in the share at all."""
        form, space = world.sites.form.astype(str), world.sites.is_candidate
        return np.isin(form, self.params.forms) & space, ((form != "") | (self.params.unknown == "forbid")) & space

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, share = problem.world, exact_share(self.params.share)
        counts, shared = self._forms(world)
        area = areas_dm2(problem, columns)
        site, kind = problem.option_site[area.option], problem.option_type[area.option]
        # den·(area that counts) − num·(all area): whole numbers, scaled to about 1 m2 but never closer than 1e-4
        weigh = share.denominator * counts[site].astype(np.int64) - share.numerator
        value = area.value * (world.types.qualifies[kind] & shared[site]) * weigh
        whole_m2 = share.denominator * DM2_PER_M2
        scale = min(whole_m2, FINEST_ROW)
        entries, subject = [], []
        for k in self._bound(world):
            at = np.flatnonzero((world.sites.community[site] == k) & (value != 0))
            if len(at):
                entries.append((area.column[at], value[at] / scale))
                subject.append(str(world.communities.community_id[k]))
        n, per_unit = len(entries), whole_m2 / scale
        return [rows_from(self.label, entries, [0.0] * n, [np.inf] * n, subject, unit="m2", per_unit=per_unit)]

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        share, verdicts = exact_share(self.params.share), []
        area = (whole_dm2(areas(world, plan)) * world.types.qualifies).sum(axis=1)
        counts, shared = self._forms(world)
        for k in self._bound(world):
            here = (world.sites.community == k) & world.sites.is_candidate
            good, total = int(area[here & counts].sum()), int(area[here & shared].sum())
            unsaid = int(area[here].sum()) - total
            enough = good >= share * total
            verdicts.append(
                Verdict(
                    self.label,
                    str(world.communities.community_id[k]),
                    need=self.params.share,
                    got=good / total if total else (np.nan if unsaid else 1.0),
                    sense="ge",
                    unit="share",
                    holds=enough and not unsaid,
                    detail={
                        "numerator_m2": good / DM2_PER_M2,
                        "denominator_m2": total / DM2_PER_M2,
                        "unsaid_m2": unsaid / DM2_PER_M2,
                    },
                    checked=not (enough and unsaid),
                )
            )
        return verdicts
