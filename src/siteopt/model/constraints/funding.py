"""Funding: what a source of money bears stays within its cap, in all and phase by phase.

Plan document 二, 三(五): 政府出资、回购或回租、国有控股或持股, social capital; it gives no amounts, so all are the
user's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Annotated

import numpy as np
from pydantic import Field

from siteopt.findings import Findings, nearest
from siteopt.model.areas import step_columns, step_cost, steps_in
from siteopt.model.constraint import Constraint, Params
from siteopt.model.constraints.budget import money_grain, most_grains
from siteopt.money import borne, spent
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import MONEY_EPS
from siteopt.world import World

Amount = Annotated[float, Field(ge=0, le=1e15)]


class Funding(Params):
    """The cap of one source of money, or of all together."""

    source: str | None = Field(None, description="Name of a source in `money.sources`; all together when left out.")
    amount: Amount | None = Field(None, description="Money in all, over all phases; no cap when left out.")
    by_phase: dict[str, Amount] = Field({}, description="Phase -> money that becomes available in it.")
    carry_over: bool = Field(True, description="What a phase leaves over is available in the next ones.")


class Rule(Constraint[Funding]):
    """Σ borne[j,k,f]·x[j,k,τ,f'] <= cap, of all phases and, with by_phase, up to (or in) each phase."""

    name = "funding"
    title = {"en": "Sources of money", "zh": "资金来源"}
    sentence = {
        "en": "What a source of money bears, its aid to outlets of other sources included, stays within its cap, in "
        "all and phase by phase; what a phase leaves over passes on where the scenario says so.",
        "zh": "各资金来源的支出（含对其他来源所建网点的补助）不超过其限额，分阶段安排的不超过各阶段限额；"
        "设定可结转的，当期结余转入下期使用。",
    }
    formula = "Σ_{τ' ≤ τ} Σ m[j,k,f]·x[j,k,τ'] ≤ Σ_{τ' ≤ τ} B[f,τ'] with carry-over; τ' = τ without"
    parameters = Funding
    allows = frozenset({"merge_cells"})
    clauses = ("H7", "H25")

    def check(self, world: World, findings: Findings, file: str) -> None:
        p, field = self.params, f"constraints.{self.label}"
        if p.source is not None and p.source not in world.funds.name:
            findings.error(
                "funding_unknown_source",
                file=file,
                field=f"{field}.source",
                value=p.source,
                nearest=nearest(p.source, world.funds.name) or "—",
            )
        for phase in p.by_phase:
            if world.periods.index(phase) is None:
                findings.error(
                    "rule_unknown_phase",
                    file=file,
                    field=f"{field}.by_phase",
                    value=phase,
                    nearest=nearest(phase, world.periods.name) or "—",
                )
        if p.amount is None and not p.by_phase:
            findings.error("funding_without_cap", file=file, field=field, value=self.label)

    def _caps(self, world: World) -> Iterator[tuple[str, int, int, float]]:
        """(words, first period, last period, money) of each cap."""
        p, n = self.params, len(world.periods)
        if p.amount is not None:
            yield self.label, 0, n - 1, p.amount
        if not p.by_phase:
            return
        given = [0.0] * n
        for phase, amount in p.by_phase.items():
            period = world.periods.index(phase)
            if period is not None:
                given[period] += amount
        for period, amount in enumerate(given):
            words = f"{self.label}: {world.periods.name[period]}"
            if p.carry_over:
                yield words, 0, period, float(sum(map(_exact, given[: period + 1])))
            else:
                yield words, period, period, amount

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, p = problem.world, self.params
        money = borne(world, problem.option_site, problem.option_type, problem.option_source)
        mine = money.sum(axis=1) if p.source is None else money[:, world.funds.name.index(p.source)]
        steps = steps_in(problem, columns)
        more = step_cost(problem, steps)
        if p.source is not None:
            more = np.where(problem.option_source[steps.option] == world.funds.name.index(p.source), more, 0.0)
        every = np.concatenate([np.arange(len(mine)), steps.option])
        column = np.concatenate([columns.start["open"] + np.arange(len(mine)), step_columns(columns, steps)])
        mine, blocks = np.concatenate([mine, more]), []
        for words, first, last, cap in self._caps(world):
            inside = (problem.option_period >= first) & (problem.option_period <= last)
            at = np.flatnonzero(inside[every] & (mine > 0))
            grain = money_grain(mine[at])
            scale = float(grain) if grain else 1.0
            value = np.rint(mine[at] / scale) if grain else mine[at]
            row = rows_from(
                self.label,
                [(column[at], value)],
                [-np.inf],
                [most_grains(_exact(cap), grain)],
                [words],
                unit="money",
                per_unit=1.0 / scale,
            )
            blocks.append(replace(row, stated=np.array([cap / scale])))
        return blocks

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        each = spent(world, plan)
        mine = each.sum(axis=1) if self.params.source is None else each[:, world.funds.name.index(self.params.source)]
        return [
            Verdict(
                self.label,
                words,
                need=cap,
                got=float(mine[first : last + 1].sum()),
                sense="le",
                unit="money",
                holds=bool(mine[first : last + 1].sum() <= cap + MONEY_EPS),
            )
            for words, first, last, cap in self._caps(world)
        ]


def _exact(money: float) -> Fraction:
    return Fraction(str(money))
