"""Smallest plot: fragments of land are built on only for public-interest outlets.

One local rule (place not shown) reserves plots under 3,000 m2, or 5,000 m2 of residential land, for community rooms.
That is a template, not law here: the thresholds have no default.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from siteopt.findings import Findings
from siteopt.model.constraint import Constraint, Params, check_kinds
from siteopt.model.land import land_use_codes, longest_prefix
from siteopt.model.outlets import Unknown, closed_rows, new_outlets, outlet_name, report_unsaid, usable
from siteopt.model.subjects import named_mask
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.units import Bools, whole_dm2
from siteopt.world import ADDS_FLOOR_AREA, World


class PlotSize(Params):
    """The thresholds, and what may be built below them."""

    min_plot_m2: Annotated[
        float, Field(gt=0, description="Smallest plot for types that are not exempt, m²; exactly so much is enough.")
    ]
    min_residential_plot_m2: Annotated[float, Field(gt=0)] | None = Field(
        None, description="The same on residential land, m²; as elsewhere when left out."
    )
    residential_codes: tuple[str, ...] = Field(
        (),
        description="Land-use codes of residential land, for the latter; a code stands for all that begin with it.",
    )
    types: tuple[str, ...] | None = Field(
        None, description="Types that may be built on any plot; those with `public_interest: true` when left out."
    )
    kinds: tuple[str, ...] | None = Field(
        tuple(sorted(ADDS_FLOOR_AREA)),
        description="Kinds of space that the rule looks at: those that are newly built.",
    )
    unknown: Unknown = Field(
        "allow",
        description="Where the plot's size is not said: allow = outlets may open and are shown as not checked; "
        "forbid = only exempt types open.",
    )

    @model_validator(mode="after")
    def _says_what_is_residential(self) -> PlotSize:
        if self.min_residential_plot_m2 is not None and not self.residential_codes:
            raise PydanticCustomError("residential_codes_unsaid", "give `residential_codes`")
        return self


class Rule(Constraint[PlotSize]):
    """x[j,k] = 0 for a type that is not exempt, where the plot is smaller than the threshold."""

    name = "plot_size"
    title = {"en": "Smallest plot", "zh": "零星用地最小面积"}
    sentence = {
        "en": "On plots below the set size only public-interest outlets (or the named types) are newly built; "
        "elsewhere use what stands. Where the size of the plot is not known, the outlet is shown as not checked.",
        "zh": "面积小于规定值的零星用地，仅可新建公益性网点（或指定业态），其他业态应利用存量用房；地块面积未填报的，"
        "列为“未核查”。",
    }
    formula = "x[j,k] = 0 for k not exempt where plot[j] < least plot"
    parameters = PlotSize
    allows = frozenset({"merge_cells"})
    clauses = ("H26",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_kinds(findings, file, self.label, self.params.kinds)
        here = usable(world, ~self._exempt(world), self.params.kinds)
        unknown = self.params.unknown
        report_unsaid(world, findings, self.label, "plot_m2", here & np.isnan(world.sites.plot_m2), unknown)
        if self.params.min_residential_plot_m2 is not None:
            no_code = np.array([not land_use_codes(str(c)) for c in world.sites.land_use], dtype=np.bool_)
            report_unsaid(world, findings, self.label, "land_use", here & no_code, unknown)

    def _exempt(self, world: World) -> Bools:
        """(T,) types that may be built on any plot."""
        if self.params.types is not None:
            return named_mask(world, self.params.types)
        return np.asarray(world.types.public_interest, dtype=np.bool_)

    def _least(self, use: str) -> tuple[float, float]:
        """The threshold of a space's land, m2, from .. to: two figures where the use is not said."""
        plain, residential = self.params.min_plot_m2, self.params.min_residential_plot_m2
        if residential is None:
            return plain, plain
        codes = land_use_codes(use)
        if not codes:
            return min(plain, residential), max(plain, residential)
        lived_on = any(longest_prefix(code, self.params.residential_codes) is not None for code in codes)
        return (residential, residential) if lived_on else (plain, plain)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, p = problem.world, self.params
        sites = world.sites
        least = np.array([self._least(str(use)) for use in sites.land_use], dtype=np.float64).reshape(-1, 2)
        said = np.isfinite(sites.plot_m2)
        plot = whole_dm2(np.where(said, sites.plot_m2, 0.0))
        barred = said & (plot < whole_dm2(least[:, 0]))
        if p.unknown == "forbid":
            barred = ~said | (plot < whole_dm2(least[:, 1]))
        if p.kinds is not None:
            barred &= np.isin(sites.kind.astype(str), list(p.kinds))
        bound = ~self._exempt(world)[problem.option_type]
        return closed_rows(self.label, problem, columns, bound & barred[problem.option_site])

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        verdicts = []
        for j, t in new_outlets(world, plan, ~self._exempt(world), self.params.kinds):
            plot, use = float(world.sites.plot_m2[j]), str(world.sites.land_use[j])
            low, high = self._least(use)
            small = not np.isnan(plot) and bool(whole_dm2(plot) < whole_dm2(low))
            large = not np.isnan(plot) and bool(whole_dm2(plot) >= whole_dm2(high))
            unsure = not small and not large
            checked = not unsure or self.params.unknown == "forbid"
            verdicts.append(
                Verdict(
                    self.label,
                    outlet_name(world, j, t),
                    need=low if small else high,
                    got=plot,
                    sense="ge",
                    unit="m2",
                    holds=large,
                    detail={"plot_m2": None if np.isnan(plot) else plot, "land_use": use or None},
                    checked=checked,
                )
            )
        return verdicts
