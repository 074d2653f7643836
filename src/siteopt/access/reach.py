"""Findings about who can reach what at all: cells that no space or outlet serves, types that have no space."""

from __future__ import annotations

import numpy as np

from siteopt.findings import Findings
from siteopt.problem import TravelTimes
from siteopt.units import within
from siteopt.world import World


def reach_findings(world: World, travel: TravelTimes, findings: Findings, *, file: str) -> None:
    """Warn of what no plan can change.

    Parameters
    ----------
    world : World
    travel : TravelTimes
    findings : Findings
        Takes ``cells_reach_nothing``, ``type_without_space``, ``type_out_of_reach``.
    file : str
        The scenario, for findings about types.
    """
    sites, types = world.sites, world.types
    usable = world.open_to
    cell = travel.cell
    anything = np.zeros(len(world.cells), dtype=np.bool_)
    for t, name in enumerate(types.type_id):
        serves = (usable[:, t] | sites.standing[:, t])[travel.site] & within(travel.minutes, types.limit_min[t])
        anything[cell[serves]] = True
        if not usable[:, t].any():
            findings.warning("type_without_space", file=file, field=f"types.{name}", value=name)
        elif not (usable[:, t][travel.site] & within(travel.minutes, types.limit_min[t])).any():
            findings.warning(
                "type_out_of_reach", file=file, field=f"types.{name}", value=name, minutes=float(types.limit_min[t])
            )
    lost = ~anything & (world.cells.residents > 0)
    if lost.any():
        first = int(np.flatnonzero(lost)[0])
        findings.warning(
            "cells_reach_nothing",
            file=world.cells.file,
            row=world.cells.row[first],
            count=int(world.cells.counts[lost].sum()),
            people=float(world.cells.residents[lost].sum()),
            ids=", ".join(str(c) for c in world.cells.cell_id[np.flatnonzero(lost)[:5]]),
        )
