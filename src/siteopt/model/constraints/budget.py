"""Budget: what new outlets cost stays within the money, in total or for a group of outlets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import floor, gcd
from typing import Annotated

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.areas import step_columns, step_cost, steps_in
from siteopt.model.constraint import Constraint, Params, check_communities, check_kinds, options_where
from siteopt.plan import Plan, Verdict, costs
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import MONEY_EPS, Floats
from siteopt.world import World


class Budget(Params):
    """A limit on money, for all new outlets or for a group."""

    amount: Annotated[float, Field(ge=0, le=1e15, description="Money that may be spent, in the scenario's currency.")]
    types: tuple[str, ...] | None = Field(None, description="Only outlets of these types; all when left out.")
    kinds: tuple[str, ...] | None = Field(None, description="Only outlets in these kinds of space.")
    communities: tuple[str, ...] | None = Field(None, description="Only outlets in these communities.")


class Rule(Constraint[Budget]):
    """Sum of cost over the group's new outlets <= amount."""

    name = "budget"
    title = {"en": "Budget", "zh": "预算"}
    sentence = {
        "en": "New outlets together cost no more than the budget.",
        "zh": "新设网点的总费用不超过预算。",
    }
    formula = "Σ cost[j,k]·x[j,k] ≤ B over the group's options"
    parameters = Budget
    allows = frozenset({"merge_cells"})
    clauses = ("H7",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_communities(world, findings, file, self.label, self.params.communities)
        check_kinds(findings, file, self.label, self.params.kinds)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        p = self.params
        keep = options_where(
            problem.world,
            problem.option_site,
            problem.option_type,
            types=p.types,
            kinds=p.kinds,
            communities=p.communities,
        )
        at, steps = np.flatnonzero(keep & (problem.option_cost > 0)), steps_in(problem, columns)
        money = step_cost(problem, steps)
        larger = np.flatnonzero(keep[steps.option] & (money > 0))
        cost = np.concatenate([problem.option_cost[at], money[larger]])
        amount, grain = Fraction(str(p.amount)), money_grain(cost)
        # In units of the largest coin that divides every cost, the row has small whole coefficients, and an engine's
        # tolerance cannot overspend by a coin.
        scale = float(grain) if grain else 1.0
        most = most_grains(amount, grain)
        value = cost / scale
        value = np.rint(value) if grain else value
        columns_at = np.concatenate([columns.start["open"] + at, step_columns(columns, steps)[larger]])
        row = rows_from(
            self.label,
            [(columns_at, value)],
            [-np.inf],
            [most],
            [self.label],
            unit="money",
            per_unit=1.0 / scale,
        )
        return [replace(row, stated=np.array([p.amount / scale]))]

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        site, kind = np.nonzero(plan.opened)
        p = self.params
        keep = options_where(world, site, kind, types=p.types, kinds=p.kinds, communities=p.communities)
        spent = float(costs(world, plan)[site[keep], kind[keep]].sum())
        return [
            Verdict(
                self.label,
                self.label,
                need=p.amount,
                got=spent,
                sense="le",
                unit="money",
                holds=spent <= p.amount + MONEY_EPS,
            )
        ]


def most_grains(amount: Fraction, grain: Fraction) -> float:
    """The amount in whole grains (in money when there is none); half a coin short is the same amount."""
    amount += Fraction(str(MONEY_EPS))
    return float(floor(amount / grain) if grain else amount)


def money_grain(cost: Floats) -> Fraction:
    """The largest amount that divides every cost exactly; 0 when costs are finer than a thousandth."""
    mills = np.rint(cost * 1000)
    if not len(cost) or np.any(np.abs(mills - cost * 1000) > 1e-6) or np.abs(mills).max() > 2**52:
        return Fraction(0)
    divisor = 0
    for amount in np.unique(mills).astype(np.int64).tolist():
        divisor = gcd(divisor, amount)
    return Fraction(divisor, 1000)
