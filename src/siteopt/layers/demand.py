"""Demand cells: points, polygons, or the pixels of a population raster."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from siteopt.findings import Findings
from siteopt.layers.columns import read_ids
from siteopt.layers.files import RASTERS
from siteopt.layers.locate import community_of
from siteopt.layers.numeric import read_numbers
from siteopt.layers.place import place
from siteopt.layers.raster import read_raster
from siteopt.layers.table import Table, named, read_table
from siteopt.scenario.schema import Column, Demand
from siteopt.units import MOST_PEOPLE, Floats, read_only
from siteopt.world import Communities, DemandCells

ONE_GROUP = "residents"


def people_columns(spec: Demand) -> dict[str, Column]:
    """Group -> column; the first group is the one that coverage is counted in."""
    return spec.people if isinstance(spec.people, dict) else {ONE_GROUP: spec.people}


def read_demand(
    spec: Demand, base: Path, crs: str, communities: Communities | None, findings: Findings
) -> DemandCells | None:
    """Read where people are.

    Cells with nobody stay (they are part of the map), except in a raster. Ids stay text.

    Parameters
    ----------
    spec : Demand
    base : Path
        Folder of the scenario file.
    crs : str
        The metric CRS.
    communities : Communities or None
        For the community of each cell; None when they could not be read.
    findings : Findings
        Takes the findings of table, place and columns, and ``no_people``.

    Returns
    -------
    DemandCells or None
        None when an error was added.
    """
    if Path(spec.file).suffix.lower() in RASTERS:
        cells = read_raster(spec, people_columns(spec), base, crs, communities, findings)
    else:
        cells = _read_cells(spec, base, crs, communities, findings)
    if cells is not None and not cells.residents.sum() > 0:
        findings.error("no_people", file=spec.file, field=cells.groups[0])
        return None
    return cells


def _read_cells(
    spec: Demand, base: Path, crs: str, communities: Communities | None, findings: Findings
) -> DemandCells | None:
    groups = people_columns(spec)
    columns = named(spec.id, groups, spec.community)
    table = read_table(spec, base, findings, role="demand", columns=columns)
    if table is None:
        return None
    ids = read_ids(table, spec.id, findings, field="demand.id")
    people = people_of(table, groups, findings)
    placed = place(table, crs, findings)
    xy_m = None if placed is None else placed.xy_m
    community = community_of(table, spec.community, xy_m, communities, findings, field="demand.community")
    if ids is None or people is None or placed is None or community is None:
        return None
    return DemandCells(
        cell_id=read_only(ids),
        xy_m=read_only(placed.xy_m),
        people=read_only(people),
        groups=tuple(groups),
        community=read_only(community),
        geometry=read_only(placed.geometry),
        file=spec.file,
        row=read_only(table.labels()),
    )


def people_of(table: Table, groups: dict[str, Column], findings: Findings) -> Floats | None:
    """(N, G) persons of each row; None when a finding was added."""
    found = [
        read_numbers(
            table,
            column,
            findings,
            field=f"demand.people.{group}" if len(groups) > 1 else "demand.people",
            high=MOST_PEOPLE,
        )
        for group, column in groups.items()
    ]
    good = [values for values in found if values is not None]
    return np.column_stack(good) if len(good) == len(groups) else None
