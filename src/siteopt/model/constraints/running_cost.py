"""Running cost: what the new outlets cost the public purse each year stays within a limit.

Plan document 二: types that the market does not run, or that yield little, are supported by the state; so a loss is
allowed, is shown, and may be bounded. No amounts are given: yearly costs are the user's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from siteopt.model.constraint import Constraint, Params, options_where
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import MONEY_EPS
from siteopt.world import World


class RunningCost(Params):
    """A limit on yearly money, and who may run at a loss."""

    amount: Annotated[float, Field(ge=0, le=1e15)] | None = Field(
        None, description="Money a year that all new outlets of the group may cost; no limit when left out."
    )
    types: tuple[str, ...] | None = Field(None, description="Only outlets of these types; all when left out.")
    losses: str = Field(
        "public_interest",
        description="Who may run at a loss (yearly_cost above 0): public_interest types only, or any.",
        pattern="^(public_interest|any)$",
    )


class Rule(Constraint[RunningCost]):
    """Σ yearly[k]·x <= amount over the outlets that run at a loss; x = 0 for losses not of public interest."""

    name = "running_cost"
    title = {"en": "Running cost", "zh": "年度运营支出"}
    sentence = {
        "en": "What new outlets lose each year stays within the limit; only outlets of public interest may run at a "
        "loss, unless the scenario lets any. Surpluses of others are not set off against it.",
        "zh": "新设网点年度运营亏损合计不超过规定额度；除另有设定外，仅公益性网点允许亏损，其他网点的盈余不予抵扣。",
    }
    formula = "Σ max(yearly[k], 0)·x[j,k] ≤ B"
    parameters = RunningCost
    allows = frozenset({"merge_cells"})
    clauses = ("F9",)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, p = problem.world, self.params
        loss = np.maximum(world.types.yearly_cost, 0.0)[problem.option_type]
        mine = options_where(world, problem.option_site, problem.option_type, types=p.types) & (loss > 0)
        blocks, first = [], columns.start["open"]
        if p.amount is not None:
            at = np.flatnonzero(mine)
            entries, most = [(first + at, loss[at])], p.amount + MONEY_EPS
            blocks.append(rows_from(self.label, entries, [-np.inf], [most], [self.label], unit="money"))
        if p.losses == "public_interest":
            at = np.flatnonzero(mine & ~world.types.public_interest[problem.option_type])
            if len(at):
                entries = [(first + at, np.ones(len(at)))]
                blocks.append(rows_from(self.label, entries, [-np.inf], [0.0], [self.label], unit="outlets"))
        return blocks

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        types, p = world.types, self.params
        mine = np.array([p.types is None or name in p.types for name in types.type_id])
        count = np.where(mine & (types.yearly_cost > 0), plan.opened.sum(axis=0), 0)
        lost = float(count @ np.maximum(types.yearly_cost, 0.0))
        verdicts = []
        if p.amount is not None:
            holds = lost <= p.amount + MONEY_EPS
            verdicts.append(Verdict(self.label, self.label, p.amount, lost, "le", "money", holds))
        if p.losses == "public_interest":
            wrong = float(count[~types.public_interest].sum())
            verdicts.append(Verdict(self.label, "losses", 0.0, wrong, "le", "outlets", wrong == 0))
        return verdicts
