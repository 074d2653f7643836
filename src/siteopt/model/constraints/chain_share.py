"""Chain share: of all outlets of the pilots, existing and new, at least 30 % are run by chains.

Plan document, 附件2 row 7: 试点便民生活圈连锁店占便民生活圈商业网点总量的比重达到30%以上; the notice of
September 2025 (S07) asks the same. What stands today counts on both sides, so
independents that stand there have to be made up for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from siteopt.findings import Findings
from siteopt.model.constraint import Constraint, Params, check_communities, check_types
from siteopt.model.norms import (
    Part,
    Per,
    ask_for_communities,
    named_mask,
    places,
    share_of,
    share_rows,
    share_verdicts,
    subject_of,
)
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.units import Bools
from siteopt.world import World


class ChainShare(Params):
    """The least share of chain outlets, and where."""

    share: Annotated[float, Field(ge=0, le=1)] = Field(
        0.30, description="Least share of outlets that are run by chains, 0 to 1."
    )
    scope: Literal["pilots", "communities", "all"] = Field(
        "pilots", description="Outlets of the pilot communities, of the named `communities`, or of the whole place."
    )
    communities: tuple[str, ...] | None = Field(None, description="For scope communities: their ids.")
    per: Per = Field("all", description="One share over the scope, or one in each community of it.")
    types: tuple[str, ...] | None = Field(None, description="Types that count as outlets; all when left out.")

    @model_validator(mode="after")
    def _named(self) -> ChainShare:
        if (self.scope == "communities") != (self.communities is not None):
            raise PydanticCustomError("chain_share_scope", "communities go with scope communities")
        return self


class Rule(Constraint[ChainShare]):
    """Σ (chain − share) over existing and new outlets >= 0, in whole numbers; without outlets it holds.

    An existing outlet is a chain's where its layer says so, a new one where its type does.
    """

    name = "chain_share"
    title = {"en": "Share of chains", "zh": "连锁化率"}
    sentence = {
        "en": "At least 30 % (or the set share) of all outlets, existing and new, in the pilots (or the named "
        "communities) are run by chains. Where there is no outlet at all, the rule is met.",
        "zh": "试点生活圈（或指定社区）现有和新设网点中，连锁网点占比不低于30%（或设定比例）；"
        "没有任何网点时视为满足。",
    }
    formula = "Σ_{j,k} (chain[j,k] − s)·(standing[j,k] + x[j,k]) ≥ 0"
    parameters = ChainShare
    allows = frozenset({"merge_cells"})
    clauses = ("H13",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        p = self.params
        if p.scope != "all" or p.per == "community":
            ask_for_communities(findings, world, file, self.label, self.name)
        check_communities(world, findings, file, self.label, p.communities)
        check_types(world, findings, file, self.label, p.types or ())
        c = world.communities
        if p.scope == "pilots" and len(c) and not c.pilot.any():
            findings.warning("chain_share_no_pilots", file=c.file, field="pilot", value=self.label)
        for part in self._parts(world):
            if part.standing_of and not part.standing_inside and not part.missing:
                findings.warning(
                    "chain_share_none_standing",
                    file=file,
                    field="existing[].chain",
                    value=part.subject,
                    count=part.standing_of,
                    rule=self.label,
                )

    def _parts(self, world: World) -> Iterator[Part]:
        p, c, sites = self.params, world.communities, world.sites
        of = np.ones(len(world.types), dtype=np.bool_) if p.types is None else named_mask(world, p.types)
        named = [str(i) for i in c.community_id[c.pilot]] if p.scope == "pilots" else p.communities
        share = share_of(p.share)
        if p.scope == "pilots" and not named:
            nobody: Bools = np.zeros(len(sites), dtype=np.bool_)
            yield Part(self.label, nobody, of, of, 0, 0, share, missing="pilot")
            return
        chain = sites.standing & sites.chain[:, None]
        for place, ks, where in places(world, p.per, named):
            yield Part(
                subject_of(self.label, place, ""),
                where,
                of & world.types.chain,
                of,
                int(chain[np.ix_(where, of)].sum()),
                int(sites.standing[np.ix_(where, of)].sum()),
                share,
                detail={} if ks is None else {"communities": [str(c.community_id[k]) for k in ks]},
            )

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        one = np.ones(len(problem.option_site), dtype=np.int64)
        return share_rows(self.label, self._parts(problem.world), one, problem, columns, unit="outlets")

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        one = plan.opened.astype(np.int64)
        return share_verdicts(self.label, self._parts(world), one, plan, unit="outlets")
