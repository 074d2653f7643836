"""Which form tier a community is of: what is said by hand, else the highest whose every threshold is met.

The plan document names three tiers and no figures, so nothing is built in: the scenario states the thresholds, and
every classification is told with the figures that it was made from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from siteopt.findings import Findings
from siteopt.layers.meanings import TIER
from siteopt.layers.words import NOT_ANY, shown
from siteopt.scenario.schema import CommunitiesSpec, Tiers
from siteopt.units import Floats, Ints, Texts, read_only
from siteopt.world import TIERS, Communities, DemandCells, Sites

_ASKED = ("people", "outlets", "types")


@dataclass(frozen=True, eq=False)
class Figures:
    """What thresholds look at, (K,) each: residents, outlets of the scenario's types that stand, types among them."""

    people: Floats
    outlets: Ints
    types: Ints


def figures(cells: DemandCells | None, sites: Sites, n_communities: int) -> Figures:
    """People and standing outlets by community; who and what lies in none is left out.

    Without cells (they are not read yet) as many people as anybody may ask for.
    """
    people = np.full(n_communities, np.inf)
    if cells is not None:
        inside = cells.community >= 0
        people = np.bincount(cells.community[inside], weights=cells.residents[inside], minlength=n_communities)
    present = np.zeros((n_communities, sites.standing.shape[1]), dtype=np.int64)
    placed = sites.community >= 0
    np.add.at(present, sites.community[placed], sites.standing[placed].astype(np.int64))
    return Figures(people.astype(np.float64), present.sum(axis=1), (present > 0).sum(axis=1))


def tiers_by(thresholds: Tiers, about: Figures) -> Texts:
    """(K,) the highest tier of each community whose every threshold is met; "" where there is none."""
    out: Texts = np.full(len(about.people), "", dtype=object)
    for tier in TIERS:  # the last is the richest
        asked = getattr(thresholds, tier)
        if asked is not None:
            met = np.logical_and.reduce([getattr(about, f) >= (getattr(asked, f) or 0.0) for f in _ASKED])
            out[met] = tier
    return out


def with_tiers(
    communities: Communities,
    spec: CommunitiesSpec | None,
    cells: DemandCells | None,
    sites: Sites,
    findings: Findings,
) -> Communities:
    """The communities, those without a tier classified by the scenario's thresholds.

    Parameters
    ----------
    communities : Communities
        As read.
    spec : CommunitiesSpec or None
        Without ``tiers`` nothing changes and nothing is told.
    cells : DemandCells or None
        None where they are not read yet: the tiers are then the highest that the communities may get.
    sites : Sites
    findings : Findings
        Takes the remarks ``tier_by_thresholds``, ``tier_by_none`` and ``tier_by_hand``, and the warning
        ``tier_without_reason`` where a hand and the thresholds disagree without one.
    """
    if spec is None or spec.tiers is None:
        return communities
    about = figures(cells, sites, len(communities))
    found, said = tiers_by(spec.tiers, about), communities.tier
    for k in range(len(communities)):
        _tell(communities, k, str(found[k]), spec.tiers, about, findings)
    return replace(communities, tier=read_only(np.where(said == "", found, said).astype(object)))


def _tell(
    communities: Communities, k: int, found: str, thresholds: Tiers, about: Figures, findings: Findings
) -> None:
    said, reason = str(communities.tier[k]), str(communities.tier_reason[k])
    facts: dict[str, Any] = {
        "file": communities.file, "row": communities.row[k], "field": "tier",
        "value": shown(communities.community_id[k]), "people": float(about.people[k]),
        "outlets": int(about.outlets[k]), "types": int(about.types[k]),
    }  # fmt: skip
    if not said:
        lowest = next((t for t in TIERS if getattr(thresholds, t) is not None), "")
        code = "tier_by_thresholds" if found else "tier_by_none"
        findings.info(code, **facts, **_named(found or lowest), **_thresholds(thresholds, found or lowest))
    elif said != found and not reason:
        findings.warning("tier_without_reason", **facts, **_named(said), **_named(found, "found"))
    else:
        reason = shown(reason) or NOT_ANY
        findings.info("tier_by_hand", **facts, reason=reason, **_named(said), **_named(found, "found"))


def _named(tier: str, fact: str = "tier") -> dict[str, str]:
    """A tier's name in English and Chinese; a free text as it is, a dash for none."""
    name = str(shown(tier)) or NOT_ANY
    return {fact: name, f"{fact}_zh": TIER[tier][0] if tier in TIER else name}


def _thresholds(thresholds: Tiers, tier: str) -> dict[str, str]:
    asked = getattr(thresholds, tier, None)
    values = {f: None if asked is None else getattr(asked, f) for f in _ASKED}
    return {f"{f}_min": NOT_ANY if v is None else f"≥ {v:,.12g}" for f, v in values.items()}
