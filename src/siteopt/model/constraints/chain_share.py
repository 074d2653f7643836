"""Chain share: of all outlets of the pilots, existing and new, at least 30 % are run by chains.

Plan document, 附件2 row 7: 试点便民生活圈连锁店占便民生活圈商业网点总量的比重达到30%以上; the notice of
September 2025 (S07) asks the same. What stands today counts on both sides, so
independents that stand there have to be made up for. Where the rule ``pilots`` chooses pilots, those that it chooses
are meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from siteopt.findings import Findings
from siteopt.model.amounts import OUTLETS
from siteopt.model.columns import Block
from siteopt.model.constraint import Constraint, Params
from siteopt.model.constraints.pilots import Rule as Pilots
from siteopt.model.norm_findings import check_subjects
from siteopt.model.pilot_shares import Account, accounts, each_rows, union_block, union_rows
from siteopt.model.ratios import Part, Ratio, share_of, share_verdicts
from siteopt.model.subjects import Per, named_mask, places, subject_of
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


class Rule(Ratio[ChainShare]):
    """Σ (chain − share) over existing and new outlets >= 0, in whole numbers; without outlets it holds.

    An existing outlet is a chain's where its layer says so, a new one where its type does.
    """

    name = "chain_share"
    title = {"en": "Share of chains", "zh": "连锁化率"}
    sentence = {
        "en": "At least 30 % (or the set share) of all outlets, existing and new, in the pilots, set by hand or "
        "chosen by the plan (or in the named communities), are run by chains. Where there is no outlet at all, the "
        "rule is met.",
        "zh": "试点生活圈（已指定的或方案选定的，或指定社区）现有和新设网点中，连锁网点占比不低于30%（或设定比例）；"
        "没有任何网点时视为满足。",
    }
    formula = "Σ_{j,k} (chain[j,k] − s)·(standing[j,k] + x[j,k]) ≥ 0"
    parameters = ChainShare
    allows = frozenset({"merge_cells"})
    clauses = ("H13",)

    choosers: tuple[Pilots, ...] = ()
    """The rules that choose pilots; without any, pilots are those set by hand."""

    @property
    def of_pilots(self) -> bool:
        return self.params.scope == "pilots"

    def beside(self, rules: Sequence[Constraint[Params]]) -> Constraint[ChainShare]:
        mine = copy(self)
        mine.choosers = tuple(r for r in rules if isinstance(r, Pilots)) if self.of_pilots else ()
        return mine

    def check(self, world: World, findings: Findings, file: str) -> None:
        p, c = self.params, world.communities
        per = "all" if p.scope == "all" else "community"
        check_subjects(
            self, world, findings, file, per=p.per if per == "all" else per, communities=p.communities, types=p.types
        )
        if self.of_pilots and not self.choosers and len(c) and not c.pilot.any():
            findings.warning("chain_share_no_pilots", file=c.file, field="pilot", value=self.label)
        for part in self._parts(world, None) if self.choosers else self.parts(world):
            if part.standing_of and not part.standing_inside and not part.missing:
                findings.warning(
                    "chain_share_none_standing",
                    file=file,
                    field="existing[].chain",
                    value=part.subject,
                    count=part.standing_of,
                    rule=self.label,
                )

    def parts(self, world: World) -> Iterator[Part]:
        by_hand = world.communities.community_id[world.communities.pilot].astype(str).tolist()
        return self._parts(world, by_hand if self.of_pilots else self.params.communities)

    def _parts(self, world: World, communities: Sequence[str] | None, per: Per | None = None) -> Iterator[Part]:
        """What is asked of the named communities, of all when None."""
        p, c, sites = self.params, world.communities, world.sites
        of, share = named_mask(world, p.types), share_of(p.share)
        if self.of_pilots and communities is not None and not communities:
            nobody: Bools = np.zeros(len(sites), dtype=np.bool_)
            yield Part(self.label, nobody, of, of, 0, 0, share, missing="pilot")
            return
        chain = sites.standing & sites.chain[:, None]
        for place, ks, where in places(world, per or p.per, communities):
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

    def _accounts(self, problem: Problem) -> list[Account]:
        """Of every community by itself."""
        return accounts(list(self._parts(problem.world, None, "community")), problem)

    def blocks(self, problem: Problem) -> Sequence[Block]:
        if not self.choosers or self.params.per == "community":
            return ()
        return [union_block(self.label, self._accounts(problem))]

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        pilot = [one.pilot_columns(problem.world, columns) for one in self.choosers]
        if not pilot:
            return super().rows(problem, columns)
        stated = each_rows if self.params.per == "community" else union_rows
        return stated(self.label, self._accounts(problem), pilot, columns)

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        if not self.choosers:
            return super().judge(world, travel, plan)
        told = {community for one in self.choosers for community in plan.decided.get(one.label, ())}
        return share_verdicts(self.label, self._parts(world, sorted(told)), OUTLETS, world, plan)
