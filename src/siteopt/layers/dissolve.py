"""Merge the rows of a layer that have one id: areas united, numbers added up, texts in agreement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from siteopt.findings import Findings
from siteopt.layers.table import Table
from siteopt.layers.words import shown
from siteopt.units import Floats, Texts

AGREE = ("share",)
"""Numbers that are no amounts: they must agree, like texts."""


@dataclass(frozen=True, eq=False)
class Merged:
    """One entry per id, in order of first appearance; ``row`` is the label of its first row."""

    ids: Texts
    texts: dict[str, Texts]
    numbers: dict[str, Floats]
    geometry: Texts
    row: Texts


def dissolve(
    table: Table,
    ids: Texts,
    texts: dict[str, Texts],
    numbers: dict[str, Floats],
    geometry: Texts,
    columns: dict[str, str | None],
    findings: Findings,
) -> Merged | None:
    """Merge rows with one id; rows that all differ pass unchanged.

    An amount that one of the rows does not give (nan) is not known for the whole. A text that differs within one
    id is ``dissolve_disagrees``.

    Returns
    -------
    Merged or None
        None when a finding was added.
    """
    group, names = pd.factorize(pd.Series(ids, dtype=object))
    first = np.full(len(names), len(ids), dtype=np.int64)
    np.minimum.at(first, group, np.arange(len(ids)))
    good = True
    agree: dict[str, Texts | Floats] = {**texts, **{f: numbers[f] for f in AGREE if f in numbers}}
    for field, values in agree.items():
        seen = values[first][group]
        with np.errstate(invalid="ignore"):
            differs = (values != seen) & ~((values != values) & (seen != seen))
        for i in np.flatnonzero(differs):
            good = False
            findings.error(
                "dissolve_disagrees", file=table.file, row=table.label(i), field=columns.get(field) or field,
                value=shown(values[i]), first=shown(seen[i]), community=shown(ids[i]),
            )  # fmt: skip
    if not good:
        return None
    sums = {f: n[first] if f in AGREE else _sums(group, n, len(names)) for f, n in numbers.items()}
    shapes = geometry
    if len(names) < len(ids):
        order = np.argsort(group, kind="stable")
        pieces = np.split(geometry[order], np.cumsum(np.bincount(group))[:-1])
        shapes = np.array([shapely.union_all(piece) for piece in pieces], dtype=object)
    return Merged(ids[first], {f: t[first] for f, t in texts.items()}, sums, shapes, table.labels()[first])


def _sums(group: np.ndarray, values: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(group, weights=values, minlength=count), dtype=np.float64)
