"""What rules of norms and ratios share: an amount against a floor or ceiling, a part against a share of the whole.

Amounts are whole numbers (outlets, compartments, square decimetres) and limits are fractions, so that no float
decides. Rows take amounts of options, judges take those of a plan; both state the same lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any, Literal

import numpy as np

from siteopt.findings import Findings
from siteopt.model.areas import Counted, per_option
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import DM2_PER_M2, Bools, Ints, exact_share
from siteopt.world import World

Per = Literal["all", "community"]
FINEST_SHARE = 10**4
"""Shares are the nearest fraction with a denominator up to this (0.3333 is itself, 0.333333 is a third): whole
numbers stay small enough for a solver's arithmetic."""
FINEST_ROW = 10**4
"""Rows of areas are scaled to about 1 m2, but two activities never come closer than 1/FINEST_ROW."""


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


@dataclass(frozen=True, eq=False)
class Part:
    """One subject of a ratio: (standing + new) part against a share of the (standing + new) whole.

    Attributes
    ----------
    subject, sites, missing : as in :class:`Line`
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


def norm_rows(
    label: str,
    lines: Iterable[Line],
    amount: Ints | Counted,
    problem: Problem,
    columns: Columns,
    *,
    unit: str,
    size: int = 1,
) -> list[Rows]:
    """Rows of norms.

    Parameters
    ----------
    amount : (N,) what each option adds, whole units; or columns with what each adds
    unit, size : the planner's unit, and how many whole units make one (100 dm2 are 1 m2)
    """
    floors, ceilings = _Gathered(size), _Gathered(size)
    counted = _counted(amount, problem, columns)
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
    return [*floors.rows(label, unit, floor_rows=True), *ceilings.rows(label, unit, floor_rows=False)]


def _counted(amount: Ints | Counted, problem: Problem, columns: Columns) -> Counted:
    return amount if isinstance(amount, Counted) else per_option(problem, columns, amount)


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


def norm_verdicts(
    label: str, lines: Iterable[Line], amount: Ints, plan: Plan, *, unit: str, size: int = 1
) -> list[Verdict]:
    """Verdicts of norms on a plan.

    Parameters
    ----------
    amount : (J, T) what each new outlet adds, whole units (looked at where the plan opens)
    unit, size : as in :func:`norm_rows`
    """
    new_amount = np.where(plan.opened, amount, 0)
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


def share_rows(
    label: str,
    parts: Iterable[Part],
    amount: Ints | Counted,
    problem: Problem,
    columns: Columns,
    *,
    unit: str,
    size: int = 1,
) -> list[Rows]:
    """Rows of ratios: Σ (den·inside − num·of)·amount·x against the balance of what stands today."""
    blocks, counted = [], _counted(amount, problem, columns)
    for part in parts:
        if part.missing:
            continue
        num, den = part.share.numerator, part.share.denominator
        here = part.sites[problem.option_site]
        inside, of = ((_of_options(mask, problem) & here)[counted.option] for mask in (part.inside, part.of))
        value = counted.value * (den * inside.astype(np.int64) - num * of.astype(np.int64))
        at = np.flatnonzero(value)
        bound = -(den * part.standing_inside - num * part.standing_of)
        scale = 1 if size == 1 else min(den * size, FINEST_ROW)
        limit, floor_row = bound / scale, part.sense == "ge"
        blocks.append(
            rows_from(
                label,
                [(counted.column[at], value[at] / scale)],
                [limit if floor_row else -np.inf],
                [np.inf if floor_row else limit],
                [part.subject],
                unit=unit,
                per_unit=den * size / scale,
            )
        )
    return blocks


def _of_options(mask: Bools, problem: Problem) -> Bools:
    return mask[problem.option_type] if mask.ndim == 1 else mask[problem.option_site, problem.option_type]


def share_verdicts(
    label: str, parts: Iterable[Part], amount: Ints, plan: Plan, *, unit: str, size: int = 1
) -> list[Verdict]:
    """Verdicts of ratios on a plan; where there is no outlet at all there is no share, and the rule holds."""
    new_amount = np.where(plan.opened, amount, 0)
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


def not_checked(label: str, subject: str, sense: str, unit: str, missing: str) -> Verdict:
    """The verdict where a figure is missing: neither passed nor failed."""
    nan = float("nan")
    return Verdict(label, subject, nan, nan, sense, unit, holds=False, detail={"missing": missing}, checked=False)


def share_of(value: float) -> Fraction:
    """The share that a person meant: four decimals count."""
    return exact_share(value).limit_denominator(FINEST_SHARE)


def dm2_of(area_m2: float) -> Fraction:
    """The area that a person meant, in square decimetres, not rounded."""
    return exact_share(area_m2) * DM2_PER_M2


def chosen(world: World, communities: Iterable[str] | None) -> list[int]:
    """Indices of the named communities, all when None; names that nobody knows are the check's affair."""
    named = None if communities is None else set(communities)
    return [k for k, c in enumerate(world.communities.community_id) if named is None or str(c) in named]


def places(
    world: World, per: Per, communities: Iterable[str] | None
) -> Iterator[tuple[str, list[int] | None, Bools]]:
    """(words, communities or None for everywhere, (J,) sites) of each place that is judged by itself."""
    if per == "community":
        for k in chosen(world, communities):
            yield str(world.communities.community_id[k]), [k], world.sites.community == k
    elif communities is not None:
        ks = chosen(world, communities)
        yield "", ks, np.isin(world.sites.community, ks)
    else:
        yield "", None, np.ones(len(world.sites), dtype=np.bool_)


def kinds_of(world: World, types: Sequence[str] | None, *, together: bool) -> Iterator[tuple[str, Bools]]:
    """(words, (T,) types) of what is counted: each type by itself, or all of them in one."""
    named = [t for t, name in enumerate(world.types.type_id) if types is None or name in types]
    if together:
        words = "" if types is None else " + ".join(world.types.type_id[t] for t in named)
        yield words, mask_of(world, named)
    else:
        for t in named:
            yield world.types.type_id[t], mask_of(world, [t])


def mask_of(world: World, types: Iterable[int]) -> Bools:
    """(T,) bool of the given types."""
    mask = np.zeros(len(world.types), dtype=np.bool_)
    mask[list(types)] = True
    return mask


def named_mask(world: World, types: Iterable[str]) -> Bools:
    """(T,) bool of the named types."""
    wanted = set(types)
    return np.array([name in wanted for name in world.types.type_id], dtype=np.bool_)


def subject_of(label: str, place: str, kind: str) -> str:
    """Whom a line is about: "K1: pharmacy", "K1", "pharmacy", or the rule as a whole."""
    return ": ".join(word for word in (place, kind) if word) or label


def people_in(world: World, communities: list[int] | None) -> Fraction:
    """Residents, to a millionth of a person (head counts may be fractional in a raster)."""
    residents = world.cells.residents
    inside = residents if communities is None else residents[np.isin(world.cells.community, communities)]
    return Fraction(round(float(inside.sum()) * 10**6), 10**6)


def ask_for(findings: Findings, world: World, k: int, column: str, label: str) -> None:
    """Warn that a community lacks the figure that a norm is counted by."""
    c = world.communities
    findings.warning(
        "norm_figure_missing", file=c.file, row=c.row[k], field=column, value=c.community_id[k], rule=label
    )


def ask_for_communities(findings: Findings, world: World, file: str, label: str, rule: str) -> None:
    """Report that a rule by community has none to work on."""
    if not len(world.communities):
        findings.error("rule_needs_communities", file=file, field=f"constraints.{label}", value=rule)


def tell_unsaid_areas(findings: Findings, world: World, file: str, label: str, unsaid: Bools) -> None:
    """Warn of standing outlets (J, T) whose floor area nobody says: their types' own is counted."""
    if unsaid.any():
        first = int(np.flatnonzero(unsaid.any(axis=1))[0])
        findings.warning(
            "norm_standing_area_unsaid",
            file=str(world.sites.file[first]),
            row=world.sites.row[first],
            field="area_m2",
            value=world.sites.site_id[first],
            count=int(unsaid.sum()),
            rule=label,
        )


def tell_standing(findings: Findings, world: World, k: int, column: str, listed_m2: float, label: str) -> None:
    """Warn that a community does not say what stands today: the listed outlets are counted instead."""
    c = world.communities
    findings.warning(
        "norm_standing_missing",
        file=c.file,
        row=c.row[k],
        field=column,
        value=c.community_id[k],
        area=listed_m2,
        rule=label,
    )
