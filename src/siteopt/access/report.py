"""Findings about points that the streets do not reach, and about a network in pieces."""

from __future__ import annotations

import numpy as np

from siteopt.access.travel import SnapReport
from siteopt.findings import Findings
from siteopt.units import Bools, Texts
from siteopt.world import DemandCells, Sites

_MOST_NAMED = 5


def snap_findings(report: SnapReport, cells: DemandCells, sites: Sites, findings: Findings, *, file: str) -> None:
    """Tell what a planner should know before she believes the minutes.

    Parameters
    ----------
    report : SnapReport
        Of :func:`siteopt.access.travel.walk_times` for these cells and sites.
    cells, sites : DemandCells, Sites
        For names, rows and people.
    findings : Findings
        Takes the warnings ``split_network``, ``short_pieces``, ``unconnected_cells``, ``unconnected_sites``.
    file : str
        The street file as the user wrote it.
    """
    pieces = report.pieces
    cells_off, sites_off = report.cells.component > 0, report.sites.component > 0
    if pieces.kept > 1 and (cells_off.any() or sites_off.any()):
        findings.warning(
            "split_network",
            file=file,
            count=pieces.kept,
            cells=int(cells_off.sum()),
            people=_people(cells, cells_off),
            sites=int(sites_off.sum()),
        )
    moved_cells, moved_sites = report.cells.moved, report.sites.moved
    if pieces.dropped:
        findings.add(
            "warning" if moved_cells.any() or moved_sites.any() else "info",
            "short_pieces",
            file=file,
            field="travel.streets.min_component_m",
            value=pieces.min_component_m,
            count=pieces.dropped,
            km=pieces.dropped_length_m / 1000,
            share=pieces.dropped_length_m / (pieces.dropped_length_m + pieces.kept_length_m),
            cells=int(moved_cells.sum()),
            people=_people(cells, moved_cells),
            sites=int(moved_sites.sum()),
        )
    _tell_unconnected_cells(report, cells, findings)
    _tell_unconnected_sites(report, sites, findings)


def _people(cells: DemandCells, which: Bools) -> float:
    return float(cells.residents[which].sum())


def _tell_unconnected_cells(report: SnapReport, cells: DemandCells, findings: Findings) -> None:
    lost = ~report.cell_connected
    if lost.any():
        first = int(np.flatnonzero(lost)[0])
        findings.warning(
            "unconnected_cells",
            file=cells.file,
            row=cells.row[first],
            count=int(lost.sum()),
            people=_people(cells, lost),
            ids=_some(cells.cell_id[lost]),
            limit_m=report.max_snap_m,
            farthest_m=float(report.cell_access_m[lost].max()),
        )


def _tell_unconnected_sites(report: SnapReport, sites: Sites, findings: Findings) -> None:
    """One finding per input file, for candidates and existing outlets come from different ones."""
    for file in sorted(set(sites.file[~report.site_connected])):
        lost = ~report.site_connected & (sites.file == file)
        first = int(np.flatnonzero(lost)[0])
        findings.warning(
            "unconnected_sites",
            file=file,
            row=sites.row[first],
            count=int(lost.sum()),
            ids=_some(sites.site_id[lost]),
            limit_m=report.max_snap_m,
            farthest_m=float(report.site_access_m[lost].max()),
        )


def _some(ids: Texts) -> str:
    """The first few ids."""
    return ", ".join(str(i) for i in ids[:_MOST_NAMED]) + (", …" if len(ids) > _MOST_NAMED else "")
