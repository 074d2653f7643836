"""How the cells of a streamed layer met the streets: counts and head counts instead of cells, the same findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from siteopt.access.exact import LIMBS, carried, limbs_of, people_of
from siteopt.access.report import snap_findings
from siteopt.access.snap import Snap
from siteopt.access.travel import SnapReport
from siteopt.findings import Findings
from siteopt.units import Bools, Floats, Ints
from siteopt.world import DemandCells, Sites

_MOST_NAMED = 5
OFF, MOVED, LOST = range(3)
"""Cells on a smaller piece of network; cells moved to a longer piece; cells too far from any street."""


@dataclass(eq=False)
class SnapTally:
    """Numbers of cells by what became of them: (3,) cells and (3, 3) people as integers, by OFF, MOVED, LOST.

    ``lost`` are the smallest ranks of cells too far from any street, ``farthest_m`` the worst of their distances.
    """

    cells: Ints = field(default_factory=lambda: np.zeros(3, dtype=np.int64))
    people: Ints = field(default_factory=lambda: np.zeros((3, LIMBS), dtype=np.int64))
    lost: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    farthest_m: float = 0.0

    def see(self, snap: Snap, people: Floats, rank: Ints) -> None:
        """Take a batch: (n,) persons and ranks."""
        for what, which in enumerate((snap.component > 0, snap.moved, ~snap.connected)):
            self._count(what, which, people)
        lost = ~snap.connected
        if lost.any():
            self.lost = np.sort(np.concatenate([self.lost, rank[lost]]))[: _MOST_NAMED + 1]
            self.farthest_m = max(self.farthest_m, float(snap.access_m[lost].max()))

    def merge(self, other: SnapTally) -> None:
        """Take over the tally of another part."""
        self.cells = self.cells + other.cells
        self.people = carried(self.people + other.people)
        self.lost = np.sort(np.concatenate([self.lost, other.lost]))[: _MOST_NAMED + 1]
        self.farthest_m = max(self.farthest_m, other.farthest_m)

    def _count(self, what: int, which: Bools, people: Floats) -> None:
        self.cells[what] += int(which.sum())
        self.people[what] = carried(self.people[what] + limbs_of(people[which]).sum(axis=0))


def tally_findings(
    tally: SnapTally,
    report: SnapReport,
    sites: Sites,
    none: DemandCells,
    label_of: Callable[[int], tuple[str, int | str]],
    findings: Findings,
    *,
    file: str,
) -> None:
    """Tell what :func:`siteopt.access.report.snap_findings` tells, of cells that were only counted.

    Parameters
    ----------
    tally : SnapTally
    report : SnapReport
        Of the sites and of no cells.
    sites : Sites
    none : DemandCells
        A layer without cells.
    label_of : rank -> file and row
    findings : Findings
    file : str
        The street file as the user wrote it.
    """
    of_sites = Findings()
    snap_findings(report, none, sites, of_sites, file=file)
    people = people_of(tally.people).tolist()
    told = {f.code: f for f in of_sites}
    pieces = report.pieces
    if pieces.kept > 1 and (tally.cells[OFF] or "split_network" in told):
        sites_off = int((report.sites.component > 0).sum())
        facts = {"cells": int(tally.cells[OFF]), "people": people[OFF], "sites": sites_off}
        findings.warning("split_network", file=file, count=pieces.kept, **facts)
    if short := told.get("short_pieces"):
        severity = "warning" if tally.cells[MOVED] else short.severity
        facts = short.facts | {"cells": int(tally.cells[MOVED]), "people": people[MOVED]}
        findings.add(severity, short.code, file=file, field=short.field, value=short.value, **facts)
    if tally.cells[LOST]:
        where, row = label_of(int(tally.lost[0]))
        some = [str(label_of(int(rank))[1]) for rank in tally.lost[:_MOST_NAMED]]
        findings.warning(
            "unconnected_cells",
            file=where,
            row=row,
            count=int(tally.cells[LOST]),
            people=people[LOST],
            ids=", ".join(some) + (", …" if len(tally.lost) > _MOST_NAMED else ""),
            limit_m=report.max_snap_m,
            farthest_m=tally.farthest_m,
        )
    for f in of_sites:
        if f.code not in ("split_network", "short_pieces"):
            findings.add(f.severity, f.code, file=f.file, row=f.row, field=f.field, value=f.value, **f.facts)
