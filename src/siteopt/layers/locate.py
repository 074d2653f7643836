"""In which community does each point or row lie?"""

from __future__ import annotations

import numpy as np
import shapely

from siteopt.findings import Findings
from siteopt.layers.columns import as_spec, read_texts
from siteopt.layers.table import Table
from siteopt.layers.words import closest, shown
from siteopt.scenario.schema import Column
from siteopt.units import Floats, Ints, Texts
from siteopt.world import Communities


def community_by_position(xy_m: Floats, polygons: Texts) -> Ints:
    """(N,) index of the polygon that holds each point, the first of them on a shared border; -1 in none."""
    out = np.full(len(xy_m), -1, dtype=np.int64)
    order = np.argsort(xy_m[:, 0], kind="stable")
    x, y = xy_m[order].T
    box = shapely.bounds(polygons).reshape(-1, 4)
    for k in reversed(range(len(polygons))):  # the first polygon has the last word
        left, bottom, right, top = box[k]
        first, last = np.searchsorted(x, left, "left"), np.searchsorted(x, right, "right")
        near = first + np.flatnonzero((y[first:last] >= bottom) & (y[first:last] <= top))
        shapely.prepare(polygons[k])
        out[order[near[shapely.intersects_xy(polygons[k], x[near], y[near])]]] = k
    return out


def community_of(
    table: Table,
    column: Column | None,
    xy_m: Floats | None,
    communities: Communities | None,
    findings: Findings,
    *,
    field: str,
) -> Ints | None:
    """(N,) index of each row's community, by its column or else by its position; -1 none.

    Parameters
    ----------
    column : Column or None
        Ids; an id that no community has is ``unknown_community`` with the nearest, an empty cell is no community.
    xy_m : (N, 2) or None
        None when the positions could not be read (told already).
    communities : Communities or None
        None when they could not be read: then ids are not checked.

    Returns
    -------
    (N,) int64 or None
        None when a finding was added, here or before.
    """
    if column is None:
        if xy_m is None or communities is None:
            return None
        return community_by_position(xy_m, communities.geometry)
    ids = read_texts(table, column, findings, field=field)
    if ids is None or communities is None:
        return None
    if not len(communities) and not communities.file:
        findings.warning("no_communities_given", file=table.file, field=field, value=as_spec(column).column)
        return np.full(len(table), -1, dtype=np.int64)
    index = {text: k for k, text in enumerate(communities.community_id)} | {"": -1}
    out = np.array([index.get(text, -2) for text in ids], dtype=np.int64)
    for i in np.flatnonzero(out == -2):
        near = closest(ids[i], communities.community_id)
        where = {"file": table.file, "row": table.label(i), "field": as_spec(column).column}
        findings.error("unknown_community", value=shown(ids[i]), nearest=near, other=communities.file, **where)
    return None if (out == -2).any() else out
