"""Walking minutes by the scenario's mode: its streets, its own table, or straight lines that are labelled as such."""

from __future__ import annotations

from siteopt.access.report import snap_findings
from siteopt.access.travel import straight_line_times, walk_times
from siteopt.findings import Findings
from siteopt.layers.minutes import read_minutes
from siteopt.problem import TravelTimes
from siteopt.scenario.load import Loaded
from siteopt.world import Streets, World


def walking_minutes(loaded: Loaded, world: World, streets: Streets | None, findings: Findings) -> TravelTimes | None:
    """Minutes of every pair within the longest limit; None when an error was found."""
    how = loaded.spec.travel
    cutoff = float(world.types.limit_min.max())
    mode = how.mode or ("table" if how.table else "streets" if how.streets else "straight_line")
    if mode == "table" and how.table is not None:
        return read_minutes(
            how.table,
            loaded.base,
            cell_id=world.cells.cell_id,
            site_id=world.sites.site_id,
            cutoff_min=cutoff,
            speed_kmh=how.speed_kmh,
            findings=findings,
        )
    if mode == "streets" and how.streets is not None and streets is not None:
        travel, snaps = walk_times(
            world.cells.xy_m,
            world.sites.xy_m,
            streets,
            cutoff_min=cutoff,
            speed_kmh=how.speed_kmh,
            max_snap_m=how.max_snap_m,
            min_component_m=how.streets.min_component_m,
        )
        snap_findings(snaps, world.cells, world.sites, findings, file=how.streets.file)
        return travel
    return straight_line_times(
        world.cells.xy_m, world.sites.xy_m, cutoff_min=cutoff, speed_kmh=how.speed_kmh, detour=how.detour
    )
