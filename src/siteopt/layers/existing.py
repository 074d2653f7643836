"""Outlets that exist today: they stay, cost nothing and are counted first. Add-ons may open inside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from siteopt.findings import Findings
from siteopt.layers.capacities import outlet_capacities
from siteopt.layers.columns import as_spec, read_ids, read_texts, text_or
from siteopt.layers.kinds import type_costs, type_rates
from siteopt.layers.locate import community_of
from siteopt.layers.numeric import read_numbers
from siteopt.layers.place import place
from siteopt.layers.table import Table, named, read_table
from siteopt.layers.traits import OUTLET_TRAITS, outlet_traits
from siteopt.layers.words import NOT_ANY, closest, listed, shown
from siteopt.scenario.schema import Existing, TypeSpec
from siteopt.units import MOST_AREA_M2, Bools, Floats, Ints, Texts
from siteopt.world import Communities, OutletTypes, Sites

HOST = "existing_outlet"
"""The kind of space that an outlet that stands today is."""


def read_existing(
    spec: Existing,
    number: int,
    base: Path,
    crs: str,
    specs: Mapping[str, TypeSpec],
    types: OutletTypes,
    communities: Communities | None,
    findings: Findings,
    *,
    scenario: str = "scenario",
) -> tuple[Sites | None, bool]:
    """Read one layer of existing outlets; kinds that are no outlet type are left out and counted.

    Takes the findings of table, place and columns, and ``existing_ignored`` (info, with the counts of each kind
    left out), ``existing_kind_misspelt``, ``no_existing_of_types``, ``unknown_type``, ``unknown_word``,
    ``addon_takes_slot``, ``addon_no_room``, ``no_cost_for_kind``.

    Parameters
    ----------
    number : int
        Position of the layer in the scenario, from 0: names its fields in findings.
    specs : mapping of str to TypeSpec
        What the types' add-ons cost.
    scenario : str
        The scenario file's name in findings.

    Returns
    -------
    (Sites or None, bool)
        None and true where the layer is sound and simply holds no outlet of these types.
    """
    role = f"existing.{number}"
    wanted = named(
        spec.id, spec.name, spec.type, spec.area_m2, spec.community, spec.capacity,
        *(getattr(spec, f) for f in OUTLET_TRAITS),
    )  # fmt: skip
    table = read_table(spec, base, findings, role=role, columns=wanted)
    if table is None:
        return None, False
    type_of = _types(table, spec, role, types, findings)
    addon = _addons(spec, role, specs, types, scenario, findings)
    if type_of is None:
        return None, False
    kept = type_of >= 0
    if not kept.any():
        return None, addon is not None
    table, type_of = table.only(kept), type_of[kept]
    ids = read_ids(table, spec.id, findings, field=f"{role}.id", prefix=f"existing{number + 1}-")
    name = text_or(table, spec.name, findings, field=f"{role}.name")
    area_m2: Floats | None = np.zeros(len(table))
    if spec.area_m2 is not None:
        area_m2 = read_numbers(table, spec.area_m2, findings, field=f"{role}.area_m2", empty=0.0, high=MOST_AREA_M2)
    traits = outlet_traits(table, spec, role, findings)
    capacity = outlet_capacities(table, spec, role, type_of, types, findings)
    placed = place(table, crs, findings)
    xy_m = None if placed is None else placed.xy_m
    community = community_of(table, spec.community, xy_m, communities, findings, field=f"{role}.community")
    if (
        ids is None or name is None or area_m2 is None or traits is None or addon is None or placed is None
        or community is None or capacity is None
    ):  # fmt: skip
        return None, False
    if (addon > -1).any() and not area_m2.all():
        without = np.flatnonzero(area_m2 == 0)
        findings.warning(
            "addon_no_room", file=table.file, row=table.label(without[0]), field=f"{role}.area_m2",
            count=len(without), value=listed(ids[without[:5]]),
        )  # fmt: skip
    empty: Texts = np.full(len(table), "", dtype=object)
    standing: Bools = np.asarray(type_of[:, None] == np.arange(len(types)), dtype=np.bool_)
    allowed: Bools = np.asarray((addon > -1) & ~standing, dtype=np.bool_)
    return Sites(
        site_id=ids,
        name=name,
        xy_m=placed.xy_m,
        area_m2=area_m2,
        kind=np.full(len(table), HOST, dtype=object),
        tenure=empty,
        parcel_id=empty,
        land_use=empty,
        slots=np.zeros(len(table), dtype=np.int64),
        community=community,
        allowed=allowed,
        cost=np.where(allowed, addon, 0.0),
        cost_per_m2=_rates(specs, types, allowed),
        capacity=capacity,
        standing=standing,
        standing_area_m2=area_m2,
        geometry=placed.geometry,
        file=np.full(len(table), spec.file, dtype=object),
        row=table.labels(),
        **traits,
    ), True


def _addons(
    spec: Existing, role: str, specs: Mapping[str, TypeSpec], types: OutletTypes, scenario: str, findings: Findings
) -> Floats | None:
    """(T,) money to open each add-on inside one of these outlets; -1 for a type that may not open there."""
    out = np.full(len(types), -1.0)
    index = {t: i for i, t in enumerate(types.type_id)}
    good = True
    for n, type_id in enumerate(spec.addons):
        at = {"file": scenario, "field": f"{role}.addons.{n}", "value": shown(type_id)}
        if type_id not in index:
            findings.error("unknown_type", nearest=closest(type_id, index), known=listed(index), **at)
            good = False
        elif types.base[index[type_id]]:
            findings.error("addon_takes_slot", **at)
            good = False
        else:
            t = index[type_id]
            cost = type_costs(specs.get(type_id), float(types.area_m2[t]), np.array([HOST], dtype=object))[0]
            if np.isnan(cost):
                field = f"types.{type_id}.cost.per_m2"
                findings.error("no_cost_for_kind", file=scenario, field=field, value=HOST, type=type_id)
                good = False
            out[t] = cost
    return out if good else None


def _rates(specs: Mapping[str, TypeSpec], types: OutletTypes, allowed: Bools) -> Floats:
    """(N, T) money for each m² of an add-on beyond its type's least area; 0 where none is chosen."""
    flexible = types.area_max_m2 > types.area_m2
    host = np.array([HOST], dtype=object)
    rate = np.array(
        [type_rates(specs.get(t), host)[0] if f else 0.0 for t, f in zip(types.type_id, flexible, strict=True)]
    )
    return np.where(allowed, np.nan_to_num(rate)[None, :], 0.0)


def _types(table: Table, spec: Existing, role: str, types: OutletTypes, findings: Findings) -> Ints | None:
    """(N,) index of each outlet's type, -1 for a kind that is none."""
    index = {t: i for i, t in enumerate(types.type_id)}
    if spec.of_type is not None:
        if spec.of_type not in index:
            findings.error(
                "unknown_type", file=table.file, field=f"{role}.of_type", value=shown(spec.of_type),
                nearest=closest(spec.of_type, index), known=listed(index),
            )  # fmt: skip
            return None
        return np.full(len(table), index[spec.of_type], dtype=np.int64)
    assert spec.type is not None  # the schema asks for one of the two
    kinds = read_texts(table, spec.type, findings, field=f"{role}.type")
    if kinds is None:
        return None
    out = np.array([index.get(kind, -1) for kind in kinds], dtype=np.int64)
    counts = pd.Series(kinds[out < 0], dtype=object).value_counts().sort_index().sort_values(
        ascending=False, kind="stable"
    )  # fmt: skip
    column = as_spec(spec.type).column
    for kind in counts.index:
        if (near := closest(kind, index)) != NOT_ANY:
            findings.warning(
                "existing_kind_misspelt", file=table.file, field=column, value=shown(kind), nearest=near,
                count=int(counts[kind]),
            )  # fmt: skip
    if len(counts):
        said = listed(f"{kind or '(empty)'} {count}" for kind, count in counts.items())
        findings.info("existing_ignored", file=table.file, field=column, count=int((out < 0).sum()), value=said)
    if not (out >= 0).any():
        findings.warning("no_existing_of_types", file=table.file, field=column, known=listed(index))
    return out
