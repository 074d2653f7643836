"""Walking minutes by the scenario's mode: its streets, its own table, or straight lines that are labelled as such."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from siteopt.access.report import snap_findings
from siteopt.access.travel import straight_line_times, walk_times
from siteopt.cache import Cache, default_cache
from siteopt.findings import Findings
from siteopt.kept import kept_minutes, kept_streets
from siteopt.layers.elevation import with_slopes
from siteopt.layers.minutes import read_minutes
from siteopt.layers.streets import read_streets
from siteopt.problem import TravelTimes
from siteopt.scenario.load import Loaded
from siteopt.scenario.schema import Travel
from siteopt.world import Streets, World


def cache_of(how: Travel) -> Cache | None:
    """Where results are kept for the next run; None when the scenario does not want it."""
    return default_cache() if how.cache else None


def walking_streets(how: Travel, base: Path, crs: str, findings: Findings) -> Streets | None:
    """The street network of a scenario, slopes included; None when there is none, or an error was found.

    Parameters
    ----------
    how : Travel
    base : Path
        Folder of the scenario file.
    crs : str
        Metric CRS.
    findings : Findings
        Takes what the readers find, and the warning ``elevation_without_streets``.
    """
    if how.streets is None:
        if how.elevation is not None:
            findings.warning("elevation_without_streets", file=how.elevation.file, field="travel.elevation")
        return None
    spec = how.streets
    streets = kept_streets(
        cache_of(how), spec, base, crs, findings, lambda found: read_streets(spec, base, crs, found)
    )
    if streets is None or how.elevation is None:
        return streets
    return with_slopes(how.elevation, base, crs, streets, findings)


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
        asked: dict[str, Any] = {
            "cells_xy": world.cells.xy_m,
            "sites_xy": world.sites.xy_m,
            "cutoff_min": cutoff,
            "speed_kmh": how.speed_kmh,
            "max_snap_m": how.max_snap_m,
            "min_component_m": how.streets.min_component_m,
        }
        travel, snaps = kept_minutes(cache_of(how), streets, asked, lambda: walk_times(streets=streets, **asked))
        snap_findings(snaps, world.cells, world.sites, findings, file=how.streets.file)
        return travel
    return straight_line_times(
        world.cells.xy_m, world.sites.xy_m, cutoff_min=cutoff, speed_kmh=how.speed_kmh, detour=how.detour
    )
