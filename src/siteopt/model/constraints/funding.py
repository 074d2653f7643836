"""Funding: what a source of money bears stays within its cap, in all and phase by phase.

Plan document 二, 三(五): 政府出资、回购或回租、国有控股或持股, social capital; it gives no amounts, so all are the
user's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Annotated

import numpy as np
from pydantic import Field

from siteopt.findings import Findings, nearest
from siteopt.model.aid import bend_blocks, bend_columns, bend_rows, not_whole, share_cents, step_aid
from siteopt.model.areas import step_columns, step_cost, steps_in
from siteopt.model.columns import Block
from siteopt.model.constraint import Constraint, Params
from siteopt.model.constraints.budget import money_grain, most_grains
from siteopt.money import CENTS, borne, spent
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import DM2_PER_M2, MONEY_EPS, Floats, Ints, whole_dm2
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
        if p.source in world.funds.name:
            self._check_aid(world, findings, file)

    def _check_aid(self, world: World, findings: Findings, file: str) -> None:
        """Report aid that is no whole number of cents on a step of area: no rows would state it exactly."""
        funds, types, one = world.funds, world.types, self._one(world)
        pays = np.ones((len(funds), len(types)), dtype=np.bool_) if funds.may_pay is None else funds.may_pay
        step = world.sites.cost_per_m2 * (whole_dm2(types.area_step_m2) / DM2_PER_M2)
        may = world.open_to & ~world.sites.standing & (types.area_max_m2 > types.area_m2)
        for f, giver in enumerate(funds.aided_by.tolist()):
            if giver < 0 or one not in (f, giver):
                continue
            for t in np.flatnonzero(may.any(axis=0) & pays[f]).tolist():
                money = step[may[:, t], t]
                cents = share_cents(world, np.full(len(money), f), money)
                if not_whole(cents):
                    findings.error(
                        "funding_aid_not_in_cents",
                        file=file,
                        field=f"types.{types.type_id[t]}.area_step_m2",
                        value=types.type_id[t],
                        source=funds.name[f],
                        share=float(funds.aid_share[f]),
                        money=float(money[np.argmax(np.abs(cents - np.rint(cents)))]),
                    )

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

    def blocks(self, problem: Problem) -> Sequence[Block]:
        blocks = bend_blocks(self.label, problem) if self._one(problem.world) is not None else []
        return [block for block in blocks if len(block.lower)]

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        counted = self._counted(problem, columns)
        blocks = []
        for words, first, last, cap in self._caps(problem.world):
            period = problem.option_period[counted.option]
            at = np.flatnonzero((period >= first) & (period <= last) & (counted.money != 0))
            grain = money_grain(counted.money[at])
            scale = float(grain) if grain else 1.0
            value = counted.money[at] / scale
            row = rows_from(
                self.label,
                [(counted.column[at], np.rint(value) if grain else value)],
                [-np.inf],
                [most_grains(_exact(cap), grain)],
                [words],
                unit="money",
                per_unit=1.0 / scale,
            )
            blocks.append(replace(row, stated=np.array([cap / scale])))
        return [*blocks, *counted.ties]

    def _one(self, world: World) -> int | None:
        """The source of money that is capped; None for all together."""
        return None if self.params.source is None else world.funds.name.index(self.params.source)

    def _counted(self, problem: Problem, columns: Columns) -> _Counted:
        """What each option, and each step of its area, takes of the money that is capped."""
        one, steps = self._one(problem.world), steps_in(problem, columns)
        options = np.arange(len(problem.option_pair))
        each = borne(problem.world, problem.option_source, problem.option_cost)
        more, step_at = step_cost(problem, steps), step_columns(columns, steps)
        if one is None:
            money = [each.sum(axis=1), more]
            return _Counted.of([options, steps.option], [columns.start["open"] + options, step_at], money)
        aid = step_aid(problem, steps)
        source = problem.option_source[steps.option]
        opens = source == one
        # Aid is a relief to who opens the outlet and a burden to who gives it.
        sign = np.where(opens, -1.0, np.where(problem.world.funds.aided_by[source] == one, 1.0, 0.0)) / CENTS
        option, column = [options, steps.option], [columns.start["open"] + options, step_at]
        money = [each[:, one], np.where(opens, more, 0.0) + sign * aid.cents]
        bends = aid.bends
        if not len(bends):
            return _Counted.of(option, column, money)
        y, b = bend_columns(self.label, columns, bends)
        bent = sign[bends.at]
        return _Counted.of(
            [*option, steps.option[bends.at], steps.option[bends.at]],
            [*column, y, b],
            [*money, -bent * aid.cents[bends.at], bent * bends.rest],
            bend_rows(self.label, problem, columns, steps, bends),
        )

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


@dataclass(frozen=True, eq=False)
class _Counted:
    """Columns with the money that one unit of each takes, and the option each is about; ``ties``: rows of logic."""

    option: Ints
    column: Ints
    money: Floats
    ties: Sequence[Rows]

    @classmethod
    def of(cls, option: list[Ints], column: list[Ints], money: list[Floats], ties: Sequence[Rows] = ()) -> _Counted:
        return cls(np.concatenate(option), np.concatenate(column), np.concatenate(money), ties)


def _exact(money: float) -> Fraction:
    return Fraction(str(money))
