"""Ratios: a part against a share of the whole, existing outlets on both sides.

Shares are fractions and amounts whole numbers, so that exactly 30 % is exactly enough. Rows take amounts of options,
judges take those of a plan; both state the same parts.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from siteopt.model.amounts import OUTLETS, Amount
from siteopt.model.constraint import Constraint, P
from siteopt.model.norms import not_checked
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import Bools, Ints, exact_share
from siteopt.world import World

FINEST_SHARE = 10**4
"""Shares are the nearest fraction with a denominator up to this (0.3333 is itself, 0.333333 is a third): whole
numbers stay small enough for a solver's arithmetic."""
FINEST_ROW = 10**4
"""Rows of areas are scaled to about 1 m2, but two activities never come closer than 1/FINEST_ROW."""


@dataclass(frozen=True, eq=False)
class Part:
    """One subject of a ratio: (standing + new) part against a share of the (standing + new) whole.

    Attributes
    ----------
    subject, sites, missing : as in :class:`siteopt.model.norms.Line`
    inside, of : (T,) bool, new outlets that belong to the part and to the whole; or (J, T)
    standing_inside, standing_of : what stands today of either, whole units
    share, sense : part >= share * whole ("ge") or <= ("le")
    """

    subject: str
    sites: Bools
    inside: Bools
    of: Bools
    standing_inside: int
    standing_of: int
    share: Fraction
    sense: str = "ge"
    detail: Mapping[str, Any] = field(default_factory=dict)
    missing: str = ""

    @property
    def balance(self) -> int:
        """den·part − num·whole of what stands today, whole numbers."""
        return self.share.denominator * self.standing_inside - self.share.numerator * self.standing_of

    def weights(self, site: Ints, kind: Ints) -> Ints:
        """(N,) what a unit in each of these sites and types adds to den·part − num·whole."""
        here = self.sites[site]
        inside, of = (_at(mask, site, kind) & here for mask in (self.inside, self.of))
        return self.share.denominator * inside.astype(np.int64) - self.share.numerator * of.astype(np.int64)


def _at(mask: Bools, site: Ints, kind: Ints) -> Bools:
    return mask[kind] if mask.ndim == 1 else mask[site, kind]


class Ratio(Constraint[P]):
    """A rule that is nothing but parts of wholes."""

    @property
    def amount(self) -> Amount:
        """What is counted."""
        return OUTLETS

    @abstractmethod
    def parts(self, world: World) -> Iterable[Part]:
        """What is asked of whom."""

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        return share_rows(self.label, self.parts(problem.world), self.amount, problem, columns)

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        return share_verdicts(self.label, self.parts(world), self.amount, world, plan)


def share_rows(label: str, parts: Iterable[Part], amount: Amount, problem: Problem, columns: Columns) -> list[Rows]:
    """Rows of ratios: the balance of what opens against that of what stands today."""
    counted = amount.options(problem, columns)
    blocks = []
    for part in parts:
        if part.missing:
            continue
        weight = part.weights(problem.option_site, problem.option_type)[counted.option] * counted.value
        at, den, floor_row = np.flatnonzero(weight), part.share.denominator, part.sense == "ge"
        scale = 1 if amount.size == 1 else min(den * amount.size, FINEST_ROW)
        limit = -part.balance / scale
        blocks.append(
            rows_from(
                label,
                [(counted.column[at], weight[at] / scale)],
                [limit if floor_row else -np.inf],
                [np.inf if floor_row else limit],
                [part.subject],
                unit=amount.unit,
                per_unit=den * amount.size / scale,
            )
        )
    return blocks


def share_verdicts(label: str, parts: Iterable[Part], amount: Amount, world: World, plan: Plan) -> list[Verdict]:
    """Verdicts of ratios on a plan; where there is no outlet at all there is no share, and the rule holds."""
    unit, size = amount.unit, amount.size
    new_amount = np.where(plan.opened, amount.opened(world, plan), 0)
    verdicts = []
    for part in parts:
        if part.missing:
            verdicts.append(not_checked(label, part.subject, part.sense, "share", part.missing))
            continue
        inside = part.standing_inside + int((new_amount * part.inside)[part.sites].sum())
        of = part.standing_of + int((new_amount * part.of)[part.sites].sum())
        asked = part.share * of
        verdicts.append(
            Verdict(
                label,
                part.subject,
                need=float(part.share),
                got=inside / of if of else float("nan"),
                sense=part.sense,
                unit="share",
                holds=inside >= asked if part.sense == "ge" else inside <= asked,
                detail={
                    f"part_{unit}": inside / size,
                    f"whole_{unit}": of / size,
                    f"standing_part_{unit}": part.standing_inside / size,
                    f"standing_whole_{unit}": part.standing_of / size,
                    **part.detail,
                },
            )
        )
    return verdicts


def share_of(value: float) -> Fraction:
    """The share that a person meant: four decimals count."""
    return exact_share(value).limit_denominator(FINEST_SHARE)
