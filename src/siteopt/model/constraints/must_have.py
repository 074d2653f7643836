"""Must-have outlets: each community of the named tiers has at least one outlet of each type of a list.

Plan document 二 and 三(二). 邻里街区 and 邻里中心: 便利店、食杂店、早餐店; 早餐、理发、药品、再生资源回收、
24小时便利店. 邻里社区: 标准化菜市场、社区超市、餐饮店、美容美发店或大型商超; 早餐、理发,
美容美发、文化用品、花店、维修.

The sentence of 邻里社区 can be read in two ways; ask the bureau of commerce which is meant. With the four groups
G1 .. G4 and u(L) for "a large store is there":

- ``mode: all_of``: each of the four is there; a large store stands in for those named in ``or_for`` only (usually the
  market and the supermarket): u(G) + u(L) >= 1 for those, u(G) >= 1 for the others.
- ``mode: any_of``: either all four are there or a large store is, which is the same as u(G) + u(L) >= 1 for each of
  the four.

"Any one of the five" would be a single group that lists all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from siteopt.findings import Findings
from siteopt.model.constraint import Constraint, Params, check_communities, check_types
from siteopt.model.norm_findings import ask_for_communities
from siteopt.model.norms import not_checked
from siteopt.model.subjects import chosen, subject_of
from siteopt.plan import Plan, Verdict
from siteopt.problem import Coverage, Problem, TravelTimes, coverage_of
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import Bools
from siteopt.world import TIERS, World

Tier = Literal["block", "centre", "community"]
Group = str | Annotated[tuple[str, ...], Field(min_length=1)]


class MustHave(Params):
    """The list, whom it binds, and what may stand in for what."""

    groups: Annotated[tuple[Group, ...], Field(min_length=1)] = Field(
        description="What must be there: a type, or a list of types of which any one is enough, e.g. "
        "[breakfast_shop, [vegetable_market, fresh_supermarket]]."
    )
    tiers: tuple[Tier, ...] | None = Field(
        None, description="Only communities of these tiers: block, centre, community; all when left out."
    )
    communities: tuple[str, ...] | None = Field(None, description="Only these communities; all when left out.")
    within: Literal["community", "reach"] = Field(
        "community",
        description="community: the outlet lies in the community. reach: it lies anywhere within the type's walking "
        "limit of some of the community's residents.",
    )
    mode: Literal["all_of", "any_of"] = Field(
        "all_of",
        description="How `or_types` is read. all_of: every group is there, `or_types` standing in for `or_for` only. "
        "any_of: every group is there, or one of `or_types` is.",
    )
    or_types: tuple[str, ...] = Field((), description='Types after the list\'s "or", e.g. [large_supermarket].')
    or_for: tuple[str, ...] = Field(
        (), description="all_of: the types of the list that `or_types` stand in for (their groups do not bind then)."
    )
    mixed_levels: bool = Field(
        False, description="Types of one group may have different walking limits; false warns of it."
    )

    @model_validator(mode="after")
    def _or(self) -> MustHave:
        if self.mode == "any_of" and not self.or_types:
            raise PydanticCustomError("must_have_any_of_what", "any_of needs `or_types`")
        if self.mode == "all_of" and bool(self.or_types) != bool(self.or_for):
            raise PydanticCustomError("must_have_or_for_what", "`or_types` and `or_for` go together")
        listed = [name for group in self.lists() for name in group]
        stray = next((name for name in self.or_for if name not in listed), None)
        if stray is not None:
            raise PydanticCustomError(
                "must_have_or_for_stray", "`or_for` names what is in no group", {"stray": stray}
            )
        return self

    def lists(self) -> list[tuple[str, ...]]:
        """Each group as a list of types, as written."""
        return [(group,) if isinstance(group, str) else group for group in self.groups]

    def asked(self) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """(group, types of which any one is enough, what stands in included)."""
        for group in self.lists():
            stands_in = self.mode == "any_of" or any(name in self.or_for for name in group)
            yield group, tuple(dict.fromkeys([*group, *(self.or_types if stands_in else ())]))

    def references(self) -> Mapping[str, Iterable[str]]:
        named = [*(name for group in self.lists() for name in group), *self.or_types]
        return {"types": list(dict.fromkeys(named))}


@dataclass(frozen=True, eq=False)
class _Line:
    """One group in one community: its types, each with the (J,) places where one outlet is enough."""

    subject: str
    enough: tuple[tuple[int, Bools], ...]
    types: tuple[str, ...]

    def count(self, outlets: Bools) -> int:
        """How many of the outlets (J, T) are enough by themselves."""
        return sum(int((outlets[:, t] & places).sum()) for t, places in self.enough)


class Rule(Constraint[MustHave]):
    """standing + new outlets of the group in the community >= 1, for each group of the list."""

    name = "must_have"
    title = {"en": "Must-have outlets", "zh": "必备业态"}
    sentence = {
        "en": "Each community of the named tiers has at least one outlet, existing or new, of each type of the list, "
        'or of a type that may stand in for it. With all_of, the types after "or" stand in for the named types only; '
        "with any_of, one of them stands in for the whole list. A community without a tier is not checked where "
        "tiers are named.",
        "zh": "指定类型的每个社区，清单所列各业态（或可替代业态）现有和新设网点合计至少1处。all_of：“或”字后的业态"
        "只替代指定业态；any_of：有“或”字后的任一业态即视为清单齐备。规则限定社区类型时，未填类型的社区不作核查。",
    }
    formula = (
        "all_of: Σ_{j∈c, k∈g} (standing + x) [+ Σ_{k∈or} (standing + x) if g ∩ or_for ≠ ∅] ≥ 1 for each group g; "
        "any_of: Σ_{j∈c, k∈g ∪ or} (standing + x) ≥ 1 for each group g"
    )
    parameters = MustHave
    allows = frozenset({"merge_cells"})
    clauses = ("H3", "H4", "H21")

    def check(self, world: World, findings: Findings, file: str) -> None:
        p, c = self.params, world.communities
        ask_for_communities(findings, world, file, self.label, self.name)
        check_communities(world, findings, file, self.label, p.communities)
        check_types(world, findings, file, self.label, p.references()["types"])
        for k in self._without_tier(world):
            findings.warning(
                "must_have_no_tier", file=c.file, row=c.row[k], field="tier", value=c.community_id[k], rule=self.label
            )
        limit = dict(zip(world.types.type_id, world.types.limit_min.tolist(), strict=True))
        for _, names in p.asked():
            limits = sorted({limit[name] for name in names if name in limit})
            if len(limits) > 1 and not p.mixed_levels:
                findings.warning(
                    "must_have_mixes_levels",
                    file=file,
                    field=f"constraints.{self.label}.groups",
                    value=" / ".join(names),
                    limits=" / ".join(f"{m:g}" for m in limits),
                )

    def _without_tier(self, world: World) -> list[int]:
        """Communities of which nobody says whether the rule binds them: no tier, or one of another scheme."""
        if self.params.tiers is None:
            return []
        tier = world.communities.tier
        return [k for k in chosen(world, self.params.communities) if str(tier[k]) not in TIERS]

    def _lines(self, world: World, coverage: Sequence[Coverage]) -> Iterator[_Line]:
        """Every group in every community that the rule binds; ``coverage`` by type, looked at for ``reach`` only."""
        p, c = self.params, world.communities
        asked = list(p.asked())
        index = {name: t for t, name in enumerate(world.types.type_id)}
        near = {}
        if p.within == "reach":
            near = {t: _near(world, coverage[t]) for t in {index[name] for _, names in asked for name in names}}
        for k in chosen(world, p.communities):
            if p.tiers is not None and str(c.tier[k]) not in p.tiers:
                continue
            inside = world.sites.community == k
            for group, names in asked:
                enough = tuple((t, near[t][k] if near else inside) for t in (index[name] for name in names))
                yield _Line(subject_of(self.label, str(c.community_id[k]), " / ".join(group)), enough, names)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        of_type = [np.flatnonzero(problem.option_type == t) for t in range(len(problem.world.types))]
        site_of = [problem.option_site[at] for at in of_type]
        entries, subject = [], []
        for line in self._lines(problem.world, problem.coverage):
            if line.count(problem.world.sites.standing):
                continue
            at = np.sort(np.concatenate([of_type[t][places[site_of[t]]] for t, places in line.enough]))
            entries.append((columns.start["open"] + at, np.ones(len(at))))
            subject.append(line.subject)
        n = len(entries)
        return [rows_from(self.label, entries, [1.0] * n, [np.inf] * n, subject, unit="outlets")]

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        coverage: list[Coverage] = []
        if self.params.within == "reach":
            coverage = [coverage_of(travel, float(m)) for m in world.types.limit_min]
        verdicts = []
        for line in self._lines(world, coverage):
            standing, new = line.count(world.sites.standing), line.count(plan.opened)
            detail = {"any_of": list(line.types), "standing": standing, "new": new}
            got = standing + new
            verdicts.append(Verdict(self.label, line.subject, 1.0, float(got), "ge", "outlets", got >= 1, detail))
        for k in self._without_tier(world):
            community = str(world.communities.community_id[k])
            verdicts.append(not_checked(self.label, community, "ge", "outlets", "tier"))
        return verdicts


def _near(world: World, coverage: Coverage) -> Bools:
    """(K, J) places within the limit of somebody who lives in the community."""
    reached = np.zeros((len(world.communities), len(world.sites)), dtype=np.bool_)
    community = np.where(world.cells.residents > 0, world.cells.community, -1)
    of_pair = np.repeat(community, np.diff(coverage.indptr))
    inside = of_pair >= 0
    reached[of_pair[inside], coverage.site[inside]] = True
    return reached
