"""What rules of the plan document ask of spaces and standing outlets: flue, building, plot, chain, months ..."""

from __future__ import annotations

from typing import Any

import numpy as np

from siteopt.findings import Findings
from siteopt.layers import meanings
from siteopt.layers.columns import as_spec
from siteopt.layers.meanings import NO, YES, read_meant, read_yes
from siteopt.layers.numeric import read_numbers, whole
from siteopt.layers.table import Table
from siteopt.layers.words import shown
from siteopt.scenario.schema import Candidates, Column, Existing
from siteopt.units import MOST_AREA_M2, MOST_MONTHS, MOST_PEOPLE, Floats, Ints, Texts

SPACE_TRAITS = ("standing_chain", "flue", "building", "form", "plot_m2", "locked", "months")
"""Columns of candidate spaces that are read here."""

OUTLET_TRAITS = ("chain", "locked", "compartments")
"""Columns of existing outlets that are read here."""

Traits = dict[str, Any]
"""Field of ``Sites`` -> its (N,) array."""


def space_traits(table: Table, spec: Candidates, kind: Texts | None, findings: Findings) -> Traits | None:
    """The traits of candidate spaces; None when a finding was added, or ``kind`` could not be read.

    Takes ``unknown_word``, ``standing_chain_alone`` and the findings of columns.
    """
    role = "candidates"
    chain = read_yes(
        table, spec.standing_chain, findings, field=f"{role}.standing_chain", words=meanings.CHAIN
    )  # fmt: skip
    if spec.standing_chain is not None and spec.standing is None:
        findings.warning(
            "standing_chain_alone", file=table.file, field=f"{role}.standing_chain",
            value=shown(as_spec(spec.standing_chain).column),
        )  # fmt: skip
    return _whole({
        "chain": chain,
        "flue": _flue(table, spec.flue, findings),
        "building": read_meant(table, spec.building, meanings.BUILDING, findings, field=f"{role}.building"),
        "form": read_meant(table, spec.form, meanings.FORM, findings, field=f"{role}.form"),
        "plot_m2": _numbers(table, spec.plot_m2, findings, field=f"{role}.plot_m2", high=MOST_AREA_M2),
        "locked": read_yes(table, spec.locked, findings, field=f"{role}.locked", words=meanings.LOCKED),
        "months": _months(table, spec, kind, findings),
    })  # fmt: skip


def outlet_traits(table: Table, spec: Existing, role: str, findings: Findings) -> Traits | None:
    """The traits of existing outlets; None when a finding was added. ``role`` is the layer's path in the scenario.

    Takes ``unknown_word``, ``not_whole`` and the findings of columns.
    """
    compartments = _numbers(table, spec.compartments, findings, field=f"{role}.compartments", high=MOST_PEOPLE)
    if spec.compartments is not None and compartments is not None:
        said = np.nan_to_num(compartments)
        compartments = compartments if whole(table, said, spec.compartments, findings).all() else None
    return _whole({
        "chain": read_yes(table, spec.chain, findings, field=f"{role}.chain", words=meanings.CHAIN),
        "locked": read_yes(table, spec.locked, findings, field=f"{role}.locked", words=meanings.LOCKED),
        "compartments": compartments,
    })  # fmt: skip


def _whole(read: Traits) -> Traits | None:
    return None if any(values is None for values in read.values()) else read


def _flue(table: Table, column: Column | None, findings: Findings) -> Ints | None:
    """(N,) 1 there is a dedicated flue, 0 none, -1 not said."""
    said = read_meant(table, column, meanings.FLUE, findings, field="candidates.flue")
    return None if said is None else np.select([said == YES, said == NO], [1, 0], -1).astype(np.int64)


def _numbers(table: Table, column: Column | None, findings: Findings, *, field: str, high: float) -> Floats | None:
    """(N,) numbers; nan where a cell is empty or the scenario names no column."""
    if column is None:
        return np.full(len(table), np.nan)
    return read_numbers(table, column, findings, field=field, high=high, empty=np.nan)


def _months(table: Table, spec: Candidates, kind: Texts | None, findings: Findings) -> Floats | None:
    """(N,) months until each space can open: its own, else those of its kind, else 0."""
    own = _numbers(table, spec.months, findings, field="candidates.months", high=MOST_MONTHS)
    if own is None or kind is None:
        return None
    by_kind = np.array([spec.months_by_kind.get(name, 0.0) for name in kind], dtype=np.float64)
    return np.where(np.isnan(own), by_kind, own)
