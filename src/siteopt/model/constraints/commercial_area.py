"""The commercial-area rule: in each new community, commercial and service floor area is at least a tenth of all.

Plan document 五(三); 国发〔2012〕39号 as quoted by implementing opinions; docs/rules.md says how sure each part is.
Neither text defines numerator or denominator, so both are printed with every result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Annotated

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.areas import areas_dm2
from siteopt.model.constraint import Constraint, Params, check_communities
from siteopt.plan import Plan, Verdict, areas
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import DM2_PER_M2, exact_share, whole_dm2
from siteopt.world import World


class CommercialArea(Params):
    """The share, and whom it binds; each community's own ``sense`` and ``share`` come first."""

    share: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.10, description="Share of total floor area, 0 to 1, where a community does not set its own."
    )
    communities: tuple[str, ...] | None = Field(
        None, description="Only these communities; all whose sense is ge or le when left out."
    )


class Rule(Constraint[CommercialArea]):
    """Q + V + N >= share * (G0 + Q + N): new building enlarges the denominator too.

    Q existing qualifying area, V conversions inside the approved total, N newly built qualifying area, G0 the
    rest of the total floor area. With share 1/10: 10 V + 9 (Q + N) >= G0, in whole square decimetres.
    """

    name = "commercial_area"
    title = {"en": "Commercial-area rule", "zh": "商业用房面积比例"}
    sentence = {
        "en": "In each new community, commercial and comprehensive service area is at least 10 % (or the set share) "
        "of total floor area. Numerator: existing commercial and service area plus the floor area of new outlets of "
        "qualifying types. Denominator: total floor area as approved plus newly built outlet area (corner plots and "
        "new buildings); converted space is inside the approved total already. Neither is defined in the texts that "
        "set the rule; these definitions are this program's, and editable.",
        "zh": "新建社区商业和综合服务设施面积占社区总建筑面积的比例不低于10%（或设定比例）。分子：现有商业和综合服务"
        "设施面积，加新设合格业态网点的建筑面积；分母：批准的总建筑面积，加新建网点（边角空地、新建房屋）的建筑面积；"
        "改造用房已在总建筑面积之内。规定原文未界定分子、分母，此处为本程序采用的可编辑口径。",
    }
    formula = "Q + V + N ≥ s·(G0 + Q + N); for s = 1/10: 10·V + 9·(Q + N) ≥ G0"
    parameters = CommercialArea
    allows = frozenset({"merge_cells"})
    clauses = ("H8",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_communities(world, findings, file, self.label, self.params.communities)
        if not len(world.communities):
            findings.error("rule_needs_communities", file=file, field=f"constraints.{self.label}", value=self.name)
        c = world.communities
        for k, _, _ in self._bound(world):
            if not np.isfinite(c.floor_area_m2[k]):
                findings.error(
                    "floor_area_missing",
                    file=c.file,
                    row=c.row[k],
                    field="floor_area_m2",
                    value=c.community_id[k],
                )
            elif c.commercial_area_m2[k] > c.floor_area_m2[k]:
                findings.error(
                    "commercial_exceeds_total",
                    file=c.file,
                    row=c.row[k],
                    field="commercial_area_m2",
                    value=float(c.commercial_area_m2[k]),
                    total=float(c.floor_area_m2[k]),
                    community=c.community_id[k],
                )

    def _bound(self, world: World) -> Iterator[tuple[int, str, Fraction]]:
        """(community, sense, share) of each community that the rule binds."""
        c = world.communities
        for k in range(len(c)):
            named = self.params.communities is None or str(c.community_id[k]) in self.params.communities
            if named and c.sense[k] in ("ge", "le"):
                own = float(c.share[k])
                yield k, str(c.sense[k]), exact_share(self.params.share if np.isnan(own) else own)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world = problem.world
        sites, types, c = world.sites, world.types, world.communities
        area = areas_dm2(problem, columns)
        site = problem.option_site[area.option]
        built = sites.adds_floor_area[site]
        # An add-on inside an outlet that stands is area that is counted already.
        counts = types.qualifies[problem.option_type[area.option]] & sites.is_candidate[site]
        blocks = []
        for k, sense, share in self._bound(world):
            num, den = share.numerator, share.denominator
            here = sites.community[site] == k
            # den·(Q + V + N) − num·(G + N'), N' being all newly built area, qualifying or not
            value = area.value * (den * counts.astype(np.int64) - num * built.astype(np.int64))
            at = np.flatnonzero(here & (value != 0))
            today = den * int(whole_dm2(c.commercial_area_m2[k])) - num * int(whole_dm2(c.floor_area_m2[k]))
            bound = [-float(today)]
            per_unit = float(den * DM2_PER_M2)
            blocks.append(
                rows_from(
                    self.label,
                    [(area.column[at], value[at] / per_unit)],
                    [bound[0] / per_unit] if sense == "ge" else [-np.inf],
                    [np.inf] if sense == "ge" else [bound[0] / per_unit],
                    [str(c.community_id[k])],
                    unit="m2",
                )
            )
        return blocks

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        sites, types, c = world.sites, world.types, world.communities
        area = whole_dm2(areas(world, plan))
        verdicts = []
        for k, sense, share in self._bound(world):
            here = plan.opened & (sites.community == k)[:, None]
            built = int(area[here & sites.adds_floor_area[:, None]].sum())
            counted = int(area[here & types.qualifies & sites.is_candidate[:, None]].sum())
            got = int(whole_dm2(c.commercial_area_m2[k])) + counted
            total = int(whole_dm2(c.floor_area_m2[k])) + built
            need = share * total
            verdicts.append(
                Verdict(
                    self.label,
                    str(c.community_id[k]),
                    need=float(share),
                    got=got / total if total else 0.0,
                    sense=sense,
                    unit="share",
                    holds=got >= need if sense == "ge" else got <= need,
                    detail={
                        "numerator_m2": got / DM2_PER_M2,
                        "denominator_m2": total / DM2_PER_M2,
                        "required_m2": float(need) / DM2_PER_M2,
                        "shortfall_m2": max(float(need) - got, 0.0) / DM2_PER_M2 if sense == "ge" else 0.0,
                    },
                )
            )
        return verdicts
