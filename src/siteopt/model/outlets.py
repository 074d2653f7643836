"""What rules about single outlets share: rows that keep options closed, and the new outlets of a plan by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import numpy as np

from siteopt.findings import Findings
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem
from siteopt.program import Columns, Rows
from siteopt.units import Bools, Ints
from siteopt.world import World

Unknown = Literal["allow", "forbid"]
"""What a rule does where the data say nothing: let outlets open, as not checked, or keep them out."""


def outlet_name(world: World, j: int, t: int) -> str:
    """An outlet as a planner knows it: its space and its type."""
    return f"{world.sites.site_id[j]}: {world.types.type_id[t]}"


def new_outlets(
    world: World, plan: Plan, types: Bools, kinds: Iterable[str] | None = None
) -> Iterator[tuple[int, int]]:
    """(site, type) of each new outlet of the types (T,) in the kinds of space (None means all)."""
    wanted = None if kinds is None else set(kinds)
    for j, t in np.argwhere(plan.opened & types[None, :]):
        if wanted is None or str(world.sites.kind[j]) in wanted:
            yield int(j), int(t)


def pairs_in(problem: Problem, options: Bools) -> Iterator[tuple[int, int, Ints]]:
    """(site, type, its options) of each pair that has one of the options (N,): options of a pair stand together."""
    at = np.flatnonzero(options)
    if not len(at):
        return
    site, kind = problem.option_site[at], problem.option_type[at]
    cut = np.flatnonzero((np.diff(site) != 0) | (np.diff(kind) != 0)) + 1
    for part in np.split(at, cut):
        yield int(problem.option_site[part[0]]), int(problem.option_type[part[0]]), part


def closed_rows(owner: str, problem: Problem, columns: Columns, barred: Bools) -> list[Rows]:
    """Σ x ≤ 0 for each pair of a space and a type that is barred, over all its options.

    Parameters
    ----------
    owner : the rule's label
    barred : (N,) options that must stay closed

    Returns
    -------
    list of Rows
        One block, a row per outlet that may not open.
    """
    at = np.flatnonzero(barred)
    site, kind = problem.option_site[at], problem.option_type[at]
    first = np.ones(len(at), dtype=np.bool_)
    first[1:] = (np.diff(site) != 0) | (np.diff(kind) != 0)
    start = np.flatnonzero(first)
    return [
        Rows(
            owner=owner,
            indptr=np.append(start, len(at)).astype(np.int64),
            column=columns.start["open"] + at,
            value=np.ones(len(at)),
            lower=np.full(len(start), -np.inf),
            upper=np.zeros(len(start)),
            subject=tuple(outlet_name(problem.world, site[k], kind[k]) for k in start),
            unit="outlets",
        )
    ]


def may_stay(rule: str, subject: str, ok: bool | None, unknown: Unknown, **detail: Any) -> Verdict:
    """One new outlet by a rule that lets it open or not; ``ok`` None where the data do not say."""
    broken = ok is False or (ok is None and unknown == "forbid")
    unchecked = ok is None and unknown == "allow"
    got = np.nan if unchecked else float(broken)
    return Verdict(rule, subject, 0.0, got, "le", "outlets", not broken and not unchecked, detail, not unchecked)


def report_unsaid(world: World, findings: Findings, label: str, column: str, unsaid: Bools, unknown: Unknown) -> None:
    """Say, once a file, how many vacant spaces (J,) leave a column empty that a rule looks at."""
    sites = world.sites
    unsaid = unsaid & sites.is_candidate
    code = "rule_data_unsaid" if unknown == "allow" else "rule_data_unsaid_closed"
    for file in dict.fromkeys(str(f) for f in sites.file[unsaid]):
        here = np.flatnonzero(unsaid & (sites.file == file))
        findings.warning(
            code,
            file=file,
            row=sites.row[here[0]],
            field=column,
            value=str(sites.site_id[here[0]]),
            count=len(here),
            rule=label,
        )


def usable(world: World, types: Bools, kinds: Iterable[str] | None = None) -> Bools:
    """(J,) spaces of the kinds in which one of the types (T,) may open."""
    sites = world.sites
    may = np.asarray((world.open_to & ~sites.standing & types[None, :]).any(axis=1), dtype=np.bool_)
    return may if kinds is None else may & np.isin(sites.kind.astype(str), list(kinds))
