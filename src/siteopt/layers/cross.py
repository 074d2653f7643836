"""What only shows when the layers stand side by side."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import shapely

from siteopt.findings import Findings
from siteopt.layers.words import listed
from siteopt.scenario.schema import ScenarioSpec
from siteopt.units import Floats
from siteopt.world import Communities, DemandCells, Sites, Zones

APART_M = 50_000.0
"""Layers of one place do not lie 50 km apart; a wrong zone or a wrong CRS does that."""


def check_layers(
    spec: ScenarioSpec,
    cells: DemandCells | None,
    sites: Sites | None,
    communities: Communities | None,
    findings: Findings,
) -> None:
    """Tell ``layers_apart``, ``unused_community``, ``outside_communities``, ``same_place``, ``no_area``,
    ``months_without_phase``.

    Parameters
    ----------
    cells, sites, communities
        None where a layer could not be read: what needs it is not checked.
    """
    _tell_apart(cells, sites, communities, findings)
    if sites is not None:
        _tell_spaces(sites, findings)
        _tell_late(spec, sites, findings)
    if communities is None or not len(communities) or spec.communities is None:
        return
    if sites is not None:
        outside = np.flatnonzero(sites.is_candidate & (sites.community < 0))
        if len(outside):
            findings.warning(
                "outside_communities", file=spec.candidates.file, row=sites.row[outside[0]], count=len(outside),
                value=listed(sites.site_id[outside[:5]]),
            )  # fmt: skip
    if cells is not None and sites is not None and spec.communities.unused == "error":
        used = np.zeros(len(communities), dtype=np.bool_)
        for index in (cells.community, sites.community):
            used[index[index >= 0]] = True
        for k in np.flatnonzero(~used):
            findings.error(
                "unused_community", file=communities.file, row=communities.row[k], value=communities.community_id[k]
            )


def _tell_spaces(sites: Sites, findings: Findings) -> None:
    spaces = np.flatnonzero(sites.is_candidate)
    no_area = spaces[sites.area_m2[spaces] == 0]
    if len(no_area):
        findings.warning(
            "no_area", file=str(sites.file[no_area[0]]), row=sites.row[no_area[0]], field="area_m2",
            count=len(no_area), value=listed(sites.site_id[no_area[:5]]),
        )  # fmt: skip
    _, index, counts = np.unique(sites.xy_m[spaces], axis=0, return_index=True, return_counts=True)
    shared = spaces[np.sort(index[counts > 1])]
    if len(shared):
        findings.info(
            "same_place", file=str(sites.file[shared[0]]), row=sites.row[shared[0]], count=len(shared),
            value=listed(sites.site_id[shared[:5]]),
        )  # fmt: skip


def _tell_late(spec: ScenarioSpec, sites: Sites, findings: Findings) -> None:
    """Spaces that open after the plan is over."""
    if not spec.phases:
        return
    end = spec.phases[-1].months
    late = np.flatnonzero(sites.is_candidate & (sites.months > end))
    if len(late):
        findings.warning(
            "months_without_phase", file=spec.candidates.file, row=sites.row[late[0]], field="months",
            count=len(late), months=end, value=listed(sites.site_id[late[:5]]),
        )  # fmt: skip


def tell_zones_apart(zones: Mapping[str, Zones], sites: Sites | None, findings: Findings) -> None:
    """Tell layers of land that lie nowhere near the spaces and outlets, as ``layers_apart``."""
    if sites is None or not len(sites):
        return
    low, high = sites.xy_m.min(axis=0), sites.xy_m.max(axis=0)
    for zone in zones.values():
        if len(zone):
            left, bottom, right, top = shapely.total_bounds(zone.geometry)
            apart = np.maximum(0.0, np.maximum(low - (right, top), (left, bottom) - high))
            if (gap_m := float(np.hypot(*apart))) > APART_M:
                findings.error("layers_apart", file=zone.file, value=str(sites.file[0]), km=gap_m / 1000)


def _tell_apart(
    cells: DemandCells | None, sites: Sites | None, communities: Communities | None, findings: Findings
) -> None:
    layers: dict[str, Floats] = {}
    if cells is not None:
        layers[cells.file] = cells.xy_m
    if sites is not None:
        for file in dict.fromkeys(sites.file):
            layers.setdefault(file, sites.xy_m[sites.file == file])
    if communities is not None and len(communities):
        box = shapely.bounds(communities.geometry)
        layers.setdefault(communities.file, np.concatenate([box[:, :2], box[:, 2:]]))
    boxes = {file: (xy.min(axis=0), xy.max(axis=0)) for file, xy in layers.items()}
    for one, other in combinations(boxes, 2):
        (low, high), (other_low, other_high) = boxes[one], boxes[other]
        gap_m = float(np.hypot(*np.maximum(0.0, np.maximum(low - other_high, other_low - high))))
        if gap_m > APART_M:
            findings.error("layers_apart", file=other, value=one, km=gap_m / 1000)
