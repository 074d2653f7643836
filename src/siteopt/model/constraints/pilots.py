"""Pilots: so many communities become pilot circles, of every grade, each with what its grade asks for.

Plan document 四(二): three communities with better conditions are the pilots of 2024; 附件2 row 5: at least one
circle of each of the grades 基础型, 提升型, 品质型. What a grade asks for stands in tables of the ministry that were
not found; the one threshold that was read is of Shanxi (S08): to be rated at all, 15 of 23 basic and 20 of 30 quality
types. So the table is the scenario's.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from siteopt.findings import Findings, nearest
from siteopt.model.columns import Block
from siteopt.model.constraint import Constraint, Params, check_communities
from siteopt.model.pilots import chosen
from siteopt.plan import Plan, Verdict, opened_by
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import Bools, Floats, Ints
from siteopt.world import GRADES, World

Number = Annotated[int, Field(ge=0, le=200)]


class Asks(BaseModel):
    """What a grade asks for: numbers of types with an outlet in the community, new or standing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    basic: Number = Field(0, description="Least number of types of the basic class.")
    quality: Number = Field(0, description="Least number of types of the quality class.")


class Pilots(Params):
    """How many pilots, of which grades."""

    count: Annotated[int, Field(ge=1, le=50)] = Field(3, description="Number of pilots.")
    grades: dict[str, Asks] = Field(
        description="Grade (basic, enhanced, quality) -> {basic, quality}: least numbers of types with an outlet.",
        min_length=1,
    )
    every_grade: bool = Field(True, description="Each grade of the table has one pilot at least.")
    communities: tuple[str, ...] | None = Field(
        None, description="Communities that can be pilots; all when left out. Those set as `pilot` by hand are."
    )
    first_until: str | None = Field(
        None, description="Phase up to whose end outlets open in pilots only; not asked for when left out."
    )


class Rule(Constraint[Pilots]):
    """Σ_ℓ g[c,ℓ] pilots, Σ_{k basic} u[c,k] >= n_ℓ·g[c,ℓ], u[c,k] <= Σ_j x[j,k] + standing."""

    name = "pilots"
    title = {"en": "Pilots and grades", "zh": "试点社区与等级"}
    sentence = {
        "en": "So many communities are pilots, each of a grade whose numbers of basic and quality types it has, new "
        "or standing; every grade has one at least; and, where asked, outlets open in pilots first. Communities "
        "marked as pilots by hand are among them, with the grade set by hand if there is one.",
        "zh": "选定规定数量的试点社区，每个试点按其等级配齐相应数量的基本保障类和品质提升类业态（现有加新设），"
        "且各等级至少1个；设定试点先行的，规定阶段内只在试点社区新设网点。已指定的试点和等级予以保留。",
    }
    formula = (
        "Σ_c Σ_ℓ g[c,ℓ] = n; Σ_ℓ g[c,ℓ] ≤ 1; Σ_c g[c,ℓ] ≥ 1; Σ_{k∈B} u[c,k] ≥ b[ℓ]·g[c,ℓ]; u[c,k] ≤ Σ_{j∈c} x[j,k]"
    )
    parameters = Pilots
    allows = frozenset({"merge_cells"})
    clauses = ("H19", "H25")

    watched = False
    """Another rule looks at who is a pilot: then it matters whom the program chose, else the plan alone tells."""

    def beside(self, rules: Sequence[Constraint[Params]]) -> Constraint[Pilots]:
        mine = copy(self)
        mine.watched = any(rule.of_pilots for rule in rules)
        return mine

    def check(self, world: World, findings: Findings, file: str) -> None:
        p, field, c = self.params, f"constraints.{self.label}", world.communities
        if not len(c):
            findings.error("rule_needs_communities", file=file, field=field, value=self.name)
        for grade, asks in p.grades.items():
            if grade not in GRADES:
                near = nearest(grade, GRADES) or "—"
                findings.error("pilots_unknown_grade", file=file, field=f"{field}.grades", value=grade, nearest=near)
            for kind in ("basic", "quality"):
                there = world.types.category.count(kind)
                if getattr(asks, kind) > there:
                    findings.error(
                        "pilots_too_few_types",
                        file=file,
                        field=f"{field}.grades.{grade}.{kind}",
                        value=getattr(asks, kind),
                        there=there,
                        grade=grade,
                    )
        check_communities(world, findings, file, self.label, p.communities)
        for k in np.flatnonzero(c.pilot).tolist():
            if c.grade[k] and c.grade[k] not in p.grades:
                findings.error(
                    "pilots_grade_not_asked", file=c.file, row=c.row[k], field="grade", value=str(c.grade[k])
                )
        if p.first_until is not None and world.periods.index(p.first_until) is None:
            near = nearest(p.first_until, world.periods.name) or "—"
            findings.error(
                "rule_unknown_phase", file=file, field=f"{field}.first_until", value=p.first_until, nearest=near
            )

    def _may(self, world: World) -> tuple[Bools, Bools]:
        """(K, L) grades that a community may have as a pilot, and (K,) those that are pilots by hand."""
        c, p = world.communities, self.params
        ids = c.community_id.astype(str)
        able = np.ones(len(c), dtype=np.bool_) if p.communities is None else np.isin(ids, p.communities)
        may = np.repeat((able | c.pilot)[:, None], len(p.grades), axis=1)
        for k in np.flatnonzero(c.grade.astype(str) != "").tolist():
            may[k] &= np.array([grade == c.grade[k] for grade in p.grades])
        return may, np.asarray(c.pilot, dtype=np.bool_)

    def _asked(self) -> list[tuple[str, Ints]]:
        """(class of types, (L,) least numbers)."""
        asks = self.params.grades.values()
        return [("basic", np.array([a.basic for a in asks])), ("quality", np.array([a.quality for a in asks]))]

    def _standing(self, world: World) -> Bools:
        """(K, T) an outlet of the type stands in the community."""
        out = np.zeros((len(world.communities), len(world.types)), dtype=np.bool_)
        j, t = np.nonzero(world.sites.standing & (world.sites.community >= 0)[:, None])
        out[world.sites.community[j], t] = True
        return out

    def blocks(self, problem: Problem) -> Sequence[Block]:
        world = problem.world
        may, _ = self._may(world)
        grade, present = may.size, len(world.communities) * len(world.types)
        return [
            Block(f"{self.label}.grade", np.zeros(grade), may.ravel().astype(float), np.ones(grade, dtype=np.bool_)),
            Block(f"{self.label}.there", np.zeros(present), np.ones(present), np.zeros(present, dtype=np.bool_)),
        ]

    def pilot_columns(self, world: World, columns: Columns) -> Ints:
        """(K, L) the column of each community and grade; one of a row is 1 where the community is a pilot."""
        shape = (len(world.communities), len(self.params.grades))
        return columns.start[f"{self.label}.grade"] + np.arange(shape[0] * shape[1]).reshape(shape)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, p = problem.world, self.params
        (may, by_hand), there = self._may(world), self._standing(world)
        n_communities, n_levels, n_types = len(world.communities), len(p.grades), len(world.types)
        ids = [str(i) for i in world.communities.community_id]
        grade = self.pilot_columns(world, columns)
        u = columns.start[f"{self.label}.there"] + np.arange(n_communities * n_types).reshape(n_communities, n_types)
        site_community = world.sites.community[problem.option_site]
        logic: list[tuple[Ints, Floats]] = []
        low: list[float] = []
        high: list[float] = []
        for k in range(n_communities):
            logic.append((grade[k], np.ones(n_levels)))
            low.append(1.0 if by_hand[k] else -np.inf)
            high.append(1.0)
            for t in np.flatnonzero(~there[k]).tolist():
                at = np.flatnonzero((site_community == k) & (problem.option_type == t))
                logic.append((np.append(columns.start["open"] + at, u[k, t]), np.append(-np.ones(len(at)), 1.0)))
                low.append(-np.inf)
                high.append(0.0)
        one_grade = rows_from(self.label, logic, low, high, [""] * len(logic), elastic=False)
        entries: list[tuple[Ints, Floats]] = [(grade.ravel(), np.ones(may.size))]
        lower, upper, subject = [float(p.count)], [float(p.count)], [self.label]
        if p.every_grade:
            for level, name in enumerate(p.grades):
                entries.append((grade[:, level], np.ones(n_communities)))
                lower.append(1.0)
                upper.append(np.inf)
                subject.append(name)
        number = rows_from(self.label, entries, lower, upper, subject, unit="communities")
        entries, subject = [], []
        category = np.array(world.types.category)
        for kind, least in self._asked():
            of = np.flatnonzero(category == kind)
            for k in range(n_communities):
                if least.any() and may[k].any():
                    entries.append((np.append(u[k, of], grade[k]), np.append(np.ones(len(of)), -least.astype(float))))
                    subject.append(f"{ids[k]}: {kind}")
        types = rows_from(self.label, entries, [0.0] * len(entries), [np.inf] * len(entries), subject, unit="types")
        return [b for b in (one_grade, number, types, *self._first(problem, columns, grade)) if len(b)]

    def _first(self, problem: Problem, columns: Columns, grade: Ints) -> Sequence[Rows]:
        """Early outlets only in pilots: Σ x <= (number of them)·Σ_ℓ g; outside communities none."""
        world = problem.world
        last = self._early(world)
        if last is None:
            return []
        early = problem.option_period <= last
        where = world.sites.community[problem.option_site]
        entries, subject = [], []
        at = np.flatnonzero(early & (where < 0))
        entries.append((columns.start["open"] + at, np.ones(len(at))))
        subject.append("—")
        for k in range(len(world.communities)):
            for n in np.flatnonzero(early & (where == k)).tolist():
                entries.append(
                    (np.append(columns.start["open"] + n, grade[k]), np.append(1.0, -np.ones(grade.shape[1])))
                )
                subject.append(str(world.communities.community_id[k]))
        n_rows = len(entries)
        return [rows_from(self.label, entries, [-np.inf] * n_rows, [0.0] * n_rows, subject, unit="outlets")]

    def _early(self, world: World) -> int | None:
        """The last period (0-based) in which outlets open in pilots only; None where there is none.

        One period that takes in later phases too has no "first".
        """
        phase = self.params.first_until
        at = None if phase is None else world.periods.index(phase)
        return None if at is None or at == len(world.periods) - 1 else at

    def _eligible(self, world: World, plan: Plan) -> tuple[Bools, Bools]:
        """(K, L) grades that the communities reach with a plan, and (K,) those that must be pilots because of it."""
        may, forced = self._may(world)
        there, category = self._standing(world), np.array(world.types.category)
        j, t = np.nonzero(plan.opened & (world.sites.community >= 0)[:, None])
        there[world.sites.community[j], t] = True
        for kind, least in self._asked():
            may &= there[:, category == kind].sum(axis=1)[:, None] >= least[None, :]
        last = self._early(world)
        if last is not None:
            j, _ = np.nonzero(opened_by(plan, last) & (world.sites.community >= 0)[:, None])
            forced = forced.copy()
            forced[world.sites.community[j]] = True
        return may, forced

    def tell(self, problem: Problem, columns: Columns, x: Floats, plan: Plan) -> Plan:
        world, names = problem.world, list(self.params.grades)
        may, forced = self._eligible(world, plan)
        found = self._chosen(may, forced)
        if self.watched:
            by_program = x[self.pilot_columns(world, columns)] > 0.5
            pilots = np.asarray(by_program.any(axis=1), dtype=np.bool_)
            among = self._chosen(may & pilots[:, None], forced)
            # Where the rule itself is set aside there may be no choice among them that it accepts.
            found = among if among is not None else np.where(pilots, by_program.argmax(axis=1), -1)
        if found is None:
            return plan
        ids = world.communities.community_id
        told = {str(ids[k]): names[found[k]] for k in np.flatnonzero(found >= 0).tolist()}
        return replace(plan, decided={**plan.decided, self.label: told})

    def _chosen(self, may: Bools, forced: Bools) -> Ints | None:
        return chosen(may, forced, self.params.count, every_grade=self.params.every_grade)

    def _told(self, world: World, plan: Plan, may: Bools, forced: Bools) -> Ints | None:
        """(K,) the grades that a plan names, -1 for the others, if the rule accepts them."""
        ids, names = [str(i) for i in world.communities.community_id], list(self.params.grades)
        found = np.full(len(ids), -1, dtype=np.int64)
        for community, grade in plan.decided[self.label].items():
            if community not in ids or grade not in names:
                return None
            found[ids.index(community)] = names.index(grade)
        pilots = found >= 0
        named = np.zeros_like(may)
        named[pilots, found[pilots]] = True
        right = bool((may | ~named).all() and (pilots | ~forced).all() and pilots.sum() == self.params.count)
        every = bool(named.any(axis=0).all()) or not self.params.every_grade
        return found if right and every else None

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        may, forced = self._eligible(world, plan)
        said = self.label in plan.decided
        found = self._told(world, plan, may, forced) if said else self._chosen(may, forced)
        ids, names = world.communities.community_id, list(self.params.grades)
        told = {} if found is None else {str(ids[k]): names[found[k]] for k in np.flatnonzero(found >= 0).tolist()}
        able = {name: int(may[:, level].sum()) for level, name in enumerate(names)}
        verdicts = [
            Verdict(
                self.label,
                self.label,
                need=float(self.params.count),
                got=float(len(told) if found is not None else min(int(may.any(axis=1).sum()), self.params.count - 1)),
                sense="eq",
                unit="communities",
                holds=found is not None,
                detail={"pilots": told, "able": able},
            )
        ]
        last = self._early(world)
        if last is not None:
            outside = opened_by(plan, last) & (world.sites.community < 0)[:, None]
            stray = float(outside.sum())
            verdicts.append(Verdict(self.label, "—", 0.0, stray, "le", "outlets", stray == 0))
        return verdicts
