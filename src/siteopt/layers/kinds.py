"""Outlet types as layers name them: lists of type ids in a cell, kinds of outlet, and what one costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from siteopt.findings import Findings
from siteopt.layers.columns import as_spec, text_or
from siteopt.layers.numeric import read_numbers
from siteopt.layers.table import Table
from siteopt.layers.words import closest, listed, shown
from siteopt.scenario.schema import Candidates, Column, Cost, TypeSpec
from siteopt.units import MOST_MONEY, Bools, Floats, Texts, read_only
from siteopt.world import OutletTypes, Sites


def types_listed(table: Table, texts: Texts, types: OutletTypes, column: Column, findings: Findings) -> Bools | None:
    """(N, T) bool from cells that list types, separated by ";", ",", "、" or "|"; an empty cell lists none.

    Takes ``unknown_type`` with the nearest type.
    """
    index = {t: i for i, t in enumerate(types.type_id)}
    codes, distinct = pd.factorize(pd.Series(texts, dtype=object))
    out = np.zeros((len(distinct), len(types)), dtype=np.bool_)
    good = True
    for d, text in enumerate(distinct):
        for word in _words(str(text)):
            if word in index:
                out[d, index[word]] = True
                continue
            good = False
            for i in np.flatnonzero(codes == d):
                findings.error(
                    "unknown_type", file=table.file, row=table.label(i), field=as_spec(column).column,
                    value=shown(word), nearest=closest(word, index), known=listed(index),
                )  # fmt: skip
    return out[codes] if good else None


def _words(text: str) -> list[str]:
    for separator in ",，；、|":
        text = text.replace(separator, ";")
    return [word.strip() for word in text.split(";") if word.strip()]


def read_allowed(
    table: Table, spec: Candidates, kind: Texts | None, types: OutletTypes, findings: Findings
) -> Bools | None:
    """(N, T) bool: types that may open in each space, by its own list and by its kind."""
    allowed: Bools | None = np.ones((len(table), len(types)), dtype=np.bool_)
    if spec.allowed is not None:
        texts = text_or(table, spec.allowed, findings, field="candidates.allowed")
        allowed = None if texts is None else types_listed(table, texts, types, spec.allowed, findings)
        if texts is not None and allowed is not None:
            allowed[texts == ""] = True
    if allowed is None or kind is None:
        return None
    for name, ids in spec.allowed_by_kind.items():
        allowed[kind == name] &= np.isin(types.type_id, ids)
    return allowed


def read_costs(
    table: Table,
    spec: Candidates,
    specs: Mapping[str, TypeSpec],
    kind: Texts | None,
    allowed: Bools | None,
    types: OutletTypes,
    findings: Findings,
    *,
    scenario: str,
) -> Floats | None:
    """(N, T) money to open each type in each space; 0 where it is not allowed.

    A space's own column comes first, an empty cell there falls back to the type's cost: fixed plus money per m² (of
    that kind of space) times the type's area. What it costs to convert that kind of space is added to either. Takes
    ``no_cost_for_kind``.
    """
    out = np.zeros((len(table), len(types)))
    good = True
    for t, type_id in enumerate(types.type_id):
        own: Floats | None = np.full(len(table), np.nan)
        if type_id in spec.cost:
            own = read_numbers(
                table, spec.cost[type_id], findings, field=f"candidates.cost.{type_id}", high=MOST_MONEY, empty=np.nan
            )
        if own is None or kind is None or allowed is None:
            good = False
            continue
        # A space's own figure is for the least area: what more costs is always the type's to say.
        needed = allowed[:, t] & (np.isnan(own) | (types.area_max_m2[t] > types.area_m2[t]))
        by_type = type_costs(specs.get(type_id), float(types.area_m2[t]), kind)
        for name in sorted(set(kind[needed & np.isnan(by_type)])):
            good = False
            field = f"types.{type_id}.cost.per_m2"
            findings.error("no_cost_for_kind", file=scenario, field=field, value=name, type=type_id)
        opening = np.where(np.isnan(own), by_type, own) + _conversion(spec, float(types.area_m2[t]), kind)
        out[:, t] = np.where(allowed[:, t], opening, 0.0)
    return out if good else None


def read_rates(
    spec: Candidates, specs: Mapping[str, TypeSpec], kind: Texts, allowed: Bools, types: OutletTypes
) -> Floats:
    """(N, T) money for each m² beyond a type's least area, conversion included; 0 where none is chosen."""
    out = np.zeros((len(kind), len(types)))
    for t in np.flatnonzero(types.area_max_m2 > types.area_m2).tolist():
        rate = type_rates(specs.get(types.type_id[t]), kind) + np.array(
            [spec.conversion[name].per_m2 if name in spec.conversion else 0.0 for name in kind], dtype=np.float64
        )
        out[:, t] = np.where(allowed[:, t], rate, 0.0)
    return out


def type_rates(spec: TypeSpec | None, kind: Texts) -> Floats:
    """(N,) money for each m² by the type's own figures; nan where it has none for this kind of space."""
    cost = Cost() if spec is None else spec.cost
    if not isinstance(cost, Cost):
        return np.zeros(len(kind))
    per_m2 = cost.per_m2
    if not isinstance(per_m2, dict):
        return np.full(len(kind), per_m2)
    return np.array([per_m2.get(name, np.nan) for name in kind], dtype=np.float64)


def _conversion(spec: Candidates, area_m2: float, kind: Texts) -> Floats:
    """(N,) money to make each space fit for one outlet of an area."""
    costs = {name: one.fixed + one.per_m2 * area_m2 for name, one in spec.conversion.items()}
    return np.array([costs.get(name, 0.0) for name in kind], dtype=np.float64)


def unsourced_conversion(spec: Candidates) -> tuple[str, ...]:
    """Kinds of space whose conversion costs something and names no source."""
    return tuple(
        name for name, one in spec.conversion.items() if one.source is None and (one.fixed > 0 or one.per_m2 > 0)
    )


def with_marks(types: OutletTypes, sites: Sites, spec: Candidates) -> OutletTypes:
    """The types, marked illustrative where the cost of one contains a conversion that has no source."""
    inside = np.isin(sites.kind.astype(str), unsourced_conversion(spec))
    marked = types.illustrative | (sites.allowed & inside[:, None]).any(axis=0)
    return replace(types, illustrative=read_only(marked)) if (marked != types.illustrative).any() else types


def type_costs(spec: TypeSpec | None, area_m2: float, kind: Texts) -> Floats:
    """(N,) money by the type's own figures; nan where it has none for this kind of space."""
    cost = Cost() if spec is None else spec.cost
    if not isinstance(cost, Cost):
        return np.full(len(kind), float(cost))
    if not isinstance(cost.per_m2, dict):
        return np.full(len(kind), cost.fixed + cost.per_m2 * area_m2)
    rates = {name: cost.fixed + rate * area_m2 for name, rate in cost.per_m2.items()}
    return np.array([rates.get(name, np.nan) for name in kind], dtype=np.float64)
