"""Land use: an outlet opens where the land-use code allows its type, or where a change of use is on record.

Plan document, duties of the natural-resources bureau ("reasonable change of use"). No text that was read says which
type goes with which code, so the table is the scenario's. The same digits mean different uses in different schemes
(0702 is community facilities in the 2023 guide, rural housing plots in GB/T 21010-2017): the table names its scheme,
which every verdict repeats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.constraint import Constraint, Params, check_kinds, check_sites
from siteopt.model.land import land_use_codes, longest_prefix
from siteopt.model.outlets import Unknown, closed_rows, may_stay, new_outlets, outlet_name, report_unsaid, usable
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.units import Bools
from siteopt.world import World

GUIDE_2023 = "用地用海分类指南（2023）"
ALL = "all"
"""In place of a list of types: every type may open there."""


class LandUse(Params):
    """Which types each land-use code allows, and which spaces have leave to change their use."""

    table: Annotated[
        dict[str, str | tuple[str, ...]],
        Field(
            min_length=1,
            description="Land-use code -> type or list of types that may open on such land, or `all`. A code stands "
            "for all that begin with it (0901 for 090101 too); the longest one decides. [] allows nothing.",
        ),
    ]
    scheme: Annotated[str, Field(min_length=1)] = Field(
        GUIDE_2023, description="Scheme that the codes belong to; printed with the result."
    )
    conversions: dict[str, Annotated[str, Field(min_length=1)]] = Field(
        {},
        description="Space's id -> record of its change of use (paper, date, end of the transition): any type may "
        "open.",
    )
    kinds: tuple[str, ...] | None = Field(None, description="Only these kinds of space; all when left out.")
    unknown: Unknown = Field(
        "allow",
        description="Where a space has no code or one that the table lacks: allow = outlets may open and are shown "
        "as not checked; forbid = none opens.",
    )

    def references(self) -> Mapping[str, Sequence[str]]:
        return {"types": [t for entry in self.table if not self.open_to_all(entry) for t in self.types_of(entry)]}

    def open_to_all(self, entry: str) -> bool:
        """Whether an entry of the table allows every type."""
        return self.table[entry] == ALL

    def types_of(self, entry: str) -> tuple[str, ...]:
        """The types that an entry of the table names."""
        types = self.table[entry]
        return (types,) if isinstance(types, str) else types


class Rule(Constraint[LandUse]):
    """x[j,k] <= compat(code of j, k) + conv(j) in vacant spaces.

    Add-ons inside an outlet that stands today change no use of land.
    """

    name = "land_use"
    title = {"en": "Land-use compatibility", "zh": "用地性质兼容"}
    sentence = {
        "en": "A new outlet opens only where the space's land-use code allows its type, or where a change of use is "
        "on record. Land in mixed use allows what any of its codes allows. A code that the table lacks is not "
        "checked.",
        "zh": "新设网点的业态应与用房（地块）的用地性质相容，或已办理用途转换并有记录；混合用地以其中任一用途相容为准"
        "；对照表未列的地类编码，列为“未核查”。",
    }
    formula = "x[j,k] ≤ compat(code[j], k) + conv[j]"
    parameters = LandUse
    allows = frozenset({"merge_cells"})
    clauses = ("H12",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_sites(world, findings, file, self.label, self.params.conversions)
        check_kinds(findings, file, self.label, self.params.kinds)
        sites = world.sites
        every = np.ones(len(world.types), dtype=np.bool_)
        here = sites.is_candidate & usable(world, every, self.params.kinds)
        here &= ~np.isin(sites.site_id.astype(str), list(self.params.conversions))
        silent = np.array([self._entries(str(code)) is None for code in sites.land_use], dtype=np.bool_)
        empty = np.array([not land_use_codes(str(code)) for code in sites.land_use], dtype=np.bool_)
        report_unsaid(world, findings, self.label, "land_use", here & empty, self.params.unknown)
        code = "rule_land_use_unlisted" if self.params.unknown == "allow" else "rule_land_use_unlisted_closed"
        for use in dict.fromkeys(str(c) for c in sites.land_use[here & silent & ~empty]):
            j = int(np.flatnonzero(here & (sites.land_use == use))[0])
            findings.warning(
                code,
                file=str(sites.file[j]),
                row=sites.row[j],
                field="land_use",
                value=use,
                scheme=self.params.scheme,
            )

    def _entries(self, text: str) -> tuple[str, ...] | None:
        """The entries of the table for a space's codes; None where one of them is missing, or there is no code."""
        entries = [longest_prefix(code, self.params.table) for code in land_use_codes(text)]
        found = tuple(e for e in entries if e is not None)
        return found if found and len(found) == len(entries) else None

    def _allows(self, entry: str, name: str) -> bool:
        return self.params.open_to_all(entry) or name in self.params.types_of(entry)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        sites, p = problem.world.sites, self.params
        uses, of_site = np.unique(sites.land_use.astype(str), return_inverse=True)
        closed = np.array([self._closed(problem.world, use) for use in uses], dtype=np.bool_)[of_site]
        closed[np.isin(sites.site_id.astype(str), list(p.conversions)) | ~sites.is_candidate] = False
        if p.kinds is not None:
            closed[~np.isin(sites.kind.astype(str), list(p.kinds))] = False
        return closed_rows(self.label, problem, columns, closed[problem.option_site, problem.option_type])

    def _closed(self, world: World, use: str) -> Bools:
        """(T,) types that may not open on land of this use."""
        entries = self._entries(use)
        if entries is None:
            return np.full(len(world.types), self.params.unknown == "forbid")
        return np.array([not any(self._allows(e, t) for e in entries) for t in world.types.type_id], dtype=np.bool_)

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        verdicts = []
        for j, t in new_outlets(world, plan, np.ones(len(world.types), dtype=np.bool_), self.params.kinds):
            if not world.sites.is_candidate[j]:
                continue
            site, use = str(world.sites.site_id[j]), str(world.sites.land_use[j])
            detail: dict[str, object] = {"land_use": use or None, "scheme": self.params.scheme}
            may: bool | None = True
            if site in self.params.conversions:
                detail["conversion"] = self.params.conversions[site]
            else:
                entries = self._entries(use)
                detail["entries"] = None if entries is None else ", ".join(entries)
                may = None if entries is None else any(self._allows(e, world.types.type_id[t]) for e in entries)
            verdicts.append(may_stay(self.label, outlet_name(world, j, t), may, self.params.unknown, **detail))
        return verdicts
