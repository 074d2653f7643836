"""Candidate spaces and, after them, the outlets that stand today."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from siteopt.findings import Findings
from siteopt.layers.capacities import space_capacities
from siteopt.layers.columns import one_of, read_ids, read_texts, tell_duplicates, text_or
from siteopt.layers.existing import read_existing
from siteopt.layers.kinds import read_allowed, read_costs, read_rates, types_listed
from siteopt.layers.locate import community_of
from siteopt.layers.numeric import read_numbers, whole
from siteopt.layers.place import place
from siteopt.layers.table import Table, named, read_table
from siteopt.layers.traits import SPACE_TRAITS, space_traits
from siteopt.scenario.schema import Candidates, ScenarioSpec
from siteopt.units import MOST_AREA_M2, Bools, Ints, read_only
from siteopt.world import SPACE_KINDS, Communities, OutletTypes, Sites


def read_sites(
    spec: ScenarioSpec,
    base: Path,
    crs: str,
    types: OutletTypes,
    communities: Communities | None,
    findings: Findings,
    *,
    scenario: str = "scenario",
) -> Sites | None:
    """Read the candidate spaces and the existing outlets, candidates first, each in the order of its file.

    Parameters
    ----------
    spec : ScenarioSpec
    base : Path
        Folder of the scenario file.
    crs : str
        The metric CRS.
    types : OutletTypes
    communities : Communities or None
        None when they could not be read.
    findings : Findings
        Takes the findings of table, place and columns, and ``unknown_kind``, ``unknown_type``,
        ``no_cost_for_kind``, ``not_whole``, ``duplicate_id`` and what :mod:`existing` tells.
    scenario : str
        The scenario file's name in findings.

    Returns
    -------
    Sites or None
        None when an error was added.
    """
    parts = [read_candidates(spec, base, crs, types, communities, findings, scenario=scenario)]
    for number, source in enumerate(spec.existing):
        part, usable = read_existing(
            source, number, base, crs, spec.types, types, communities, findings, scenario=scenario
        )  # fmt: skip
        if part is not None or not usable:
            parts.append(part)
    good = [part for part in parts if part is not None]
    if len(good) < len(parts):
        return None
    sites = _joined(good)
    if tell_duplicates(sites.site_id, lambda i: (sites.file[i], sites.row[i]), "id", findings):
        return None
    return sites


def read_candidates(
    spec: ScenarioSpec,
    base: Path,
    crs: str,
    types: OutletTypes,
    communities: Communities | None,
    findings: Findings,
    *,
    scenario: str = "scenario",
) -> Sites | None:
    """Read the candidate spaces (see :func:`read_sites`)."""
    c = spec.candidates
    wanted = named(
        c.id, c.name, c.area_m2, c.kind, c.allowed, c.cost, c.capacity, c.slots, c.community, c.tenure,
        c.parcel_id, c.land_use, c.standing, *(getattr(c, field) for field in SPACE_TRAITS),
    )  # fmt: skip
    table = read_table(c, base, findings, role="candidates", columns=wanted)
    if table is None:
        return None
    ids = read_ids(table, c.id, findings, field="candidates.id")
    area_m2 = read_numbers(table, c.area_m2, findings, field="candidates.area_m2", high=MOST_AREA_M2)
    kind = read_texts(table, c.kind, findings, field="candidates.kind", required=True)
    if kind is not None and not one_of(table, kind, SPACE_KINDS, findings, code="unknown_kind", column=c.kind):
        kind = None
    allowed = read_allowed(table, c, kind, types, findings)
    cost = read_costs(table, c, spec.types, kind, allowed, types, findings, scenario=scenario)
    capacity = space_capacities(table, c, types, findings)
    slots = _slots(table, c, findings)
    standing = _standing(table, c, types, findings)
    traits = space_traits(table, c, kind, findings)
    texts = [
        text_or(table, getattr(c, field), findings, field=f"candidates.{field}")
        for field in ("name", "tenure", "parcel_id", "land_use")
    ]
    placed = place(table, crs, findings)
    xy_m = None if placed is None else placed.xy_m
    community = community_of(table, c.community, xy_m, communities, findings, field="candidates.community")
    found = [t for t in texts if t is not None]
    if (
        ids is None or area_m2 is None or kind is None or allowed is None or cost is None or slots is None
        or capacity is None or standing is None or traits is None or len(found) < len(texts) or placed is None
        or community is None
    ):  # fmt: skip
        return None
    name, tenure, parcel_id, land_use = found
    return Sites(
        site_id=ids,
        name=name,
        xy_m=placed.xy_m,
        area_m2=area_m2,
        kind=kind,
        tenure=tenure,
        parcel_id=parcel_id,
        land_use=land_use,
        slots=slots,
        community=community,
        allowed=allowed,
        cost=cost,
        cost_per_m2=read_rates(c, spec.types, kind, allowed, types),
        capacity=capacity,
        standing=standing,
        standing_area_m2=standing @ types.area_m2,
        geometry=placed.geometry,
        file=np.full(len(table), c.file, dtype=object),
        row=table.labels(),
        **traits,
    )


def _slots(table: Table, spec: Candidates, findings: Findings) -> Ints | None:
    if isinstance(spec.slots, int):
        return np.full(len(table), spec.slots, dtype=np.int64)
    found = read_numbers(table, spec.slots, findings, field="candidates.slots")
    if found is None or not whole(table, found, spec.slots, findings).all():
        return None
    return found.astype(np.int64)


def _standing(table: Table, spec: Candidates, types: OutletTypes, findings: Findings) -> Bools | None:
    if spec.standing is None:
        return np.zeros((len(table), len(types)), dtype=np.bool_)
    texts = read_texts(table, spec.standing, findings, field="candidates.standing")
    return None if texts is None else types_listed(table, texts, types, spec.standing, findings)


def _joined(parts: Sequence[Sites]) -> Sites:
    """One Sites from several, in order."""
    fields = Sites.__dataclass_fields__
    return Sites(**{f: read_only(np.concatenate([getattr(part, f) for part in parts])) for f in fields})
