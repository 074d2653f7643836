"""Norms: an amount against a floor or a ceiling.

Amounts are whole numbers (outlets, compartments, square decimetres) and limits are fractions, so that no float
decides. Rows take amounts of options, judges take those of a plan; both state the same lines.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np

from siteopt.model.amounts import OUTLETS, Amount
from siteopt.model.constraint import Constraint, P
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import DM2_PER_M2, Bools, Ints, exact_share
from siteopt.world import World


@dataclass(frozen=True, eq=False)
class Line:
    """One subject of a norm: least <= standing + what opens <= most.

    Attributes
    ----------
    subject : whom it is about
    sites : (J,) bool, types : (T,) bool; new outlets of these types in these spaces count
    standing : what stands today, in whole units; more than ``most`` may stay, and nothing is added
    least, most : None = no such limit
    detail : facts for the report
    missing : the figure without which the line cannot be judged; "" = it can
    """

    subject: str
    sites: Bools
    types: Bools
    standing: int = 0
    least: Fraction | None = None
    most: Fraction | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    missing: str = ""

    @property
    def ceiling(self) -> int | None:
        """The most there may be in the end: what stands today stays."""
        return None if self.most is None else max(floor(self.most), self.standing)


class Norm(Constraint[P]):
    """A rule that is nothing but lines of a norm."""

    amount: Amount = OUTLETS

    @abstractmethod
    def lines(self, world: World) -> Iterable[Line]:
        """What is asked of whom."""

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        return norm_rows(self.label, self.lines(problem.world), self.amount, problem, columns)

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        return norm_verdicts(self.label, self.lines(world), self.amount, world, plan)


def norm_rows(
    label: str,
    lines: Iterable[Line],
    amount: Amount,
    problem: Problem,
    columns: Columns,
) -> list[Rows]:
    """Rows of norms: of each line, least <= what stands and opens <= most."""
    floors, ceilings = _Gathered(amount.size), _Gathered(amount.size)
    counted = amount.options(problem, columns)
    site, kind = problem.option_site[counted.option], problem.option_type[counted.option]
    for line in lines:
        at = np.flatnonzero(line.sites[site] & line.types[kind] & (counted.value != 0))
        if line.missing:
            continue
        if line.least is not None and ceil(line.least) > line.standing:
            floors.add(line, counted.column[at], counted.value[at], ceil(line.least), line.least)
        if line.ceiling is not None and line.most is not None:
            most = max(line.most, Fraction(line.standing))
            ceilings.add(line, counted.column[at], counted.value[at], line.ceiling, most)
    unit = amount.unit
    return [*floors.rows(label, unit, floor_rows=True), *ceilings.rows(label, unit, floor_rows=False)]


class _Gathered:
    """Rows of one side, line by line."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.entries: list[tuple[Ints, Any]] = []
        self.limit: list[float] = []
        self.stated: list[float] = []
        self.today: list[float] = []
        self.subject: list[str] = []

    def add(self, line: Line, column: Ints, amount: Ints, limit: int, stated: Fraction) -> None:
        self.entries.append((column, amount / self.size))
        self.limit.append((limit - line.standing) / self.size)
        self.stated.append(float(_told(stated, limit, self.size) - line.standing) / self.size)
        self.today.append(line.standing / self.size)
        self.subject.append(line.subject)

    def rows(self, label: str, unit: str, *, floor_rows: bool) -> list[Rows]:
        none = [-np.inf if not floor_rows else np.inf] * len(self.limit)
        lower, upper = (self.limit, none) if floor_rows else (none, self.limit)
        if not self.limit:
            return []
        rows = rows_from(label, self.entries, lower, upper, self.subject, unit=unit)
        return [replace(rows, stated=np.array(self.stated), today=np.array(self.today))]


def _told(stated: Fraction, limit: int, size: int) -> Fraction:
    """The limit as a planner reads it: of things that come in wholes (outlets), the whole number that it comes to."""
    return Fraction(limit) if size == 1 else stated


def norm_verdicts(label: str, lines: Iterable[Line], amount: Amount, world: World, plan: Plan) -> list[Verdict]:
    """Verdicts of norms on a plan."""
    unit, size = amount.unit, amount.size
    new_amount = np.where(plan.opened, amount.opened(world, plan), 0)
    verdicts = []
    for line in lines:
        if line.missing:
            verdicts.append(not_checked(label, line.subject, "ge" if line.most is None else "le", unit, line.missing))
            continue
        new = int(new_amount[np.ix_(line.sites, line.types)].sum())
        got = line.standing + new
        detail = {"standing": line.standing / size, "new": new / size, **line.detail}
        if line.least is not None:
            need = _told(line.least, ceil(line.least), size)
            verdicts.append(
                Verdict(label, line.subject, float(need / size), got / size, "ge", unit, got >= line.least, detail)
            )
        if line.ceiling is not None and line.most is not None:
            most = _told(max(line.most, Fraction(line.standing)), line.ceiling, size)
            verdicts.append(
                Verdict(label, line.subject, float(most / size), got / size, "le", unit, got <= line.ceiling, detail)
            )
    return verdicts


def not_checked(label: str, subject: str, sense: str, unit: str, missing: str) -> Verdict:
    """The verdict where a figure is missing: neither passed nor failed."""
    nan = float("nan")
    return Verdict(label, subject, nan, nan, sense, unit, holds=False, detail={"missing": missing}, checked=False)


def dm2_of(area_m2: float) -> Fraction:
    """The area that a person meant, in square decimetres, not rounded."""
    return exact_share(area_m2) * DM2_PER_M2
