"""How many people outlets serve where a layer says it place by place, in place of their type's own figure."""

from __future__ import annotations

import numpy as np

from siteopt.findings import Findings
from siteopt.layers.columns import as_spec
from siteopt.layers.numeric import read_numbers
from siteopt.layers.table import Table
from siteopt.layers.words import shown
from siteopt.scenario.schema import Candidates, Column, Existing
from siteopt.units import MOST_PEOPLE, Bools, Floats, Ints
from siteopt.world import OutletTypes

LEAST_PEOPLE = 1.0
"""An outlet that serves nobody is no outlet: leave its row out, or the cell empty."""


def space_capacities(table: Table, spec: Candidates, types: OutletTypes, findings: Findings) -> Floats | None:
    """(N, T) people that an outlet of each type serves in each space; nan = the type's own figure.

    Takes the findings of columns and ``capacity_unused``.
    """
    out = np.full((len(table), len(types)), np.nan)
    for t, type_id in enumerate(types.type_id):
        if type_id not in spec.capacity:
            continue
        column, field = spec.capacity[type_id], f"candidates.capacity.{type_id}"
        own = _people(table, column, field, findings)
        if own is None:
            return None
        out[:, t] = own
        _tell_unused(table, column, field, own, np.full(len(table), t), types, findings)
    return out


def outlet_capacities(
    table: Table, spec: Existing, role: str, type_of: Ints, types: OutletTypes, findings: Findings
) -> Floats | None:
    """(N, T) people that each outlet that stands serves, under its own type; nan elsewhere, and where it is not said.

    Takes the findings of columns and ``capacity_unused``. ``role`` is the layer's path in the scenario.
    """
    out = np.full((len(table), len(types)), np.nan)
    if spec.capacity is None:
        return out
    own = _people(table, spec.capacity, f"{role}.capacity", findings)
    if own is None:
        return None
    out[np.arange(len(table)), type_of] = own
    _tell_unused(table, spec.capacity, f"{role}.capacity", own, type_of, types, findings)
    return out


def _people(table: Table, column: Column, field: str, findings: Findings) -> Floats | None:
    return read_numbers(table, column, findings, field=field, low=LEAST_PEOPLE, high=MOST_PEOPLE, empty=np.nan)


def _tell_unused(
    table: Table, column: Column, field: str, own: Floats, type_of: Ints, types: OutletTypes, findings: Findings
) -> None:
    """A figure changes nothing where outlets of the type serve all who reach them."""
    unused: Bools = ~np.isnan(own) & np.isnan(types.capacity[type_of])
    for t in sorted(set(type_of[unused].tolist())):
        rows = np.flatnonzero(unused & (type_of == t))
        findings.warning(
            "capacity_unused", file=table.file, row=table.label(rows[0]), field=field,
            value=shown(as_spec(column).column), count=len(rows), type=types.type_id[t],
        )  # fmt: skip
