"""What rules of norms and ratios find wanting in the data, as findings."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from siteopt.findings import Findings
from siteopt.model.areas import area_unsaid, listed_dm2
from siteopt.model.constraint import Constraint, P, check_communities, check_types
from siteopt.units import DM2_PER_M2, Bools
from siteopt.world import World

STANDING_COLUMNS = {"community_service_m2": "service_m2"}
"""Columns of the layer of communities that have another name in a world."""


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


def check_subjects(
    rule: Constraint[P],
    world: World,
    findings: Findings,
    file: str,
    *,
    per: str,
    communities: Iterable[str] | None,
    types: Iterable[str] | None,
) -> None:
    """Report communities that a rule needs and nobody gives, and communities and types that nobody knows."""
    if per == "community" or communities is not None:
        ask_for_communities(findings, world, file, rule.label, rule.name)
    check_communities(world, findings, file, rule.label, communities)
    check_types(world, findings, file, rule.label, types or ())


def ask_for_sectors(findings: Findings, world: World, file: str, label: str, types: Bools) -> None:
    """Report types (T,) that say no sector to a rule that counts by sector."""
    for t in np.flatnonzero(types & (world.types.sector == "")).tolist():
        name = world.types.type_id[t]
        findings.error("norm_sector_missing", file=file, field=f"types.{name}.sector", value=name, rule=label)


def ask_for_types(findings: Findings, file: str, label: str, wanted: str, types: Bools) -> None:
    """Report that no type (T,) counts for a norm."""
    if not types.any():
        findings.error("norm_no_type", file=file, field=f"constraints.{label}", value=wanted, rule=label)


def ask_for_figures(
    findings: Findings, world: World, k: int, types: Bools, *, counted_by: str, stands: str, label: str
) -> None:
    """Warn that a community lacks the figure that a norm is counted by, or else what stands of it today.

    Parameters
    ----------
    types : (T,) that count: where the community does not say what stands, the listed outlets do
    counted_by, stands : columns of the layer of communities
    """
    said = getattr(world.communities, STANDING_COLUMNS.get(stands, stands))
    if not np.isfinite(getattr(world.communities, counted_by)[k]):
        ask_for(findings, world, k, counted_by, label)
    elif not np.isfinite(said[k]):
        tell_standing(findings, world, k, stands, listed_dm2(world, k, types) / DM2_PER_M2, label)


def tell_unsaid_areas(findings: Findings, world: World, label: str, sites: Bools, types: Bools) -> None:
    """Warn of standing outlets in sites (J,) of types (T,) whose floor area nobody says: their types' is counted."""
    unsaid = area_unsaid(world) & sites[:, None] & types
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
