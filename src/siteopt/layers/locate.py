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

_CHUNK = 250_000


def community_by_position(xy_m: Floats, polygons: Texts) -> Ints:
    """(N,) index of the polygon that holds each point, the first of them on a shared border; -1 in none."""
    out = np.full(len(xy_m), -1, dtype=np.int64)
    if not len(polygons):
        return out
    for start in range(0, len(xy_m), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        # The points are the tree and the polygons ask: then GEOS prepares each polygon once.
        polygon, point = shapely.STRtree(shapely.points(xy_m[chunk])).query(polygons, predicate="intersects")
        first = np.full(len(xy_m[chunk]), len(polygons), dtype=np.int64)
        np.minimum.at(first, point, polygon)
        out[chunk] = np.where(first < len(polygons), first, -1)
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
        Ids; an id that no community has is ``unknown_key`` with the nearest, an empty cell is no community.
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
        findings.error(
            "unknown_key", file=table.file, row=table.label(i), field=as_spec(column).column, value=shown(ids[i]),
            nearest=near, other=communities.file,
        )  # fmt: skip
    return None if (out == -2).any() else out
