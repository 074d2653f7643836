"""Reuse first: a share of the new outlets, or of their floor area, opens in converted space.

Plan document 三(四): make use of 边角空地、闲置用房、治理改造后的房屋. It names no share, so none is set here. A
corner plot (边角空地) is built on, and so is new floor area here; ``kinds`` says otherwise where it is to count as
reuse. An add-on inside an outlet that stands today is neither, and does not count.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.amounts import Amount, amount_by
from siteopt.model.constraint import Params, check_kinds
from siteopt.model.norm_findings import check_subjects
from siteopt.model.ratios import Part, Ratio, share_of
from siteopt.model.subjects import named_mask, places
from siteopt.world import ADDS_FLOOR_AREA, SPACE_KINDS, World

CONVERTED = tuple(kind for kind in SPACE_KINDS if kind not in ADDS_FLOOR_AREA)


class Reuse(Params):
    """The least share, of what, and which kinds of space are reuse."""

    share: Annotated[float, Field(ge=0, le=1, description="Least share of new outlets in reused space, 0 to 1.")]
    by: Literal["count", "area"] = Field(
        "count", description="Share of the number of outlets or of their floor area."
    )
    kinds: tuple[str, ...] = Field(CONVERTED, description="Kinds of space that are reuse.")
    types: tuple[str, ...] | None = Field(None, description="Only these types; all when left out.")
    communities: tuple[str, ...] | None = Field(None, description="Only these communities; all when left out.")


class Rule(Ratio[Reuse]):
    """Σ_{reused} x >= share * Σ x over new outlets, in whole numbers; without new outlets it holds."""

    name = "reuse"
    title = {"en": "Reuse first", "zh": "优先利用存量用房"}
    sentence = {
        "en": "At least the given share of new outlets (or of their floor area) opens in reused space, not in newly "
        "built space. Where nothing opens, the rule is met.",
        "zh": "新设网点中利用存量用房的比例（按个数或建筑面积）不低于规定值；没有新设网点时视为满足。",
    }
    formula = "Σ_{j reused} x[j,k] ≥ s·Σ_j x[j,k]; by area: each x weighted by a[k]"
    parameters = Reuse
    allows = frozenset({"merge_cells"})
    clauses = ("F3",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        p = self.params
        check_subjects(self, world, findings, file, per="all", communities=p.communities, types=p.types)
        check_kinds(findings, file, self.label, p.kinds)

    @property
    def amount(self) -> Amount:
        return amount_by(self.params.by)

    def parts(self, world: World) -> list[Part]:
        p = self.params
        [(_, _, sites)] = places(world, "all", p.communities)
        reused = np.isin(world.sites.kind.astype(str), p.kinds)
        table = named_mask(world, p.types) & world.sites.is_candidate[:, None]
        return [Part(self.label, sites, table & reused[:, None], table, 0, 0, share_of(p.share))]
