"""A demand layer that is never held: parts to minutes to signatures (map), signatures to classes of cells (reduce).

The classes make a world in which every rule and objective that allows merging decides as on the cells themselves.
After solving, the parts are read once more and the plan is scored on the untouched cells: ``audit``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import shapely

from siteopt.access.signatures import (
    Gathering,
    Signatures,
    mean_xy_m,
    persons,
    site_of,
)
from siteopt.access.tally import SnapTally, tally_findings
from siteopt.access.travel import SnapReport, walk_times
from siteopt.findings import Findings
from siteopt.layers.assemble import as_world, check_shift, check_zones, tell_conversion
from siteopt.layers.batches import Batch, Sight, label_of
from siteopt.layers.communities import read_communities
from siteopt.layers.conclude import conclude
from siteopt.layers.cross import check_layers
from siteopt.layers.demand import people_columns
from siteopt.layers.files import RASTERS
from siteopt.layers.funds import funds_of
from siteopt.layers.part_tables import first_look
from siteopt.layers.parts import Part, changed, parts_of
from siteopt.layers.raster import tell_what_rasters_lack
from siteopt.layers.sites import read_sites
from siteopt.layers.twice import Hashed
from siteopt.layers.zones import read_zones
from siteopt.plan import Plan, Scores
from siteopt.policy import settled
from siteopt.problem import TravelTimes, capacitated
from siteopt.ready import Rule, Seek
from siteopt.scenario.load import Loaded
from siteopt.scenario.schema import Demand
from siteopt.spread import Spread
from siteopt.survey import Job, as_cells, audit_part, survey_part
from siteopt.units import Floats, Ints, read_only
from siteopt.world import DemandCells, OutletTypes, Streets, World

_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Streamed:
    """A layer that was surveyed: its classes as a world, and all that is needed to read it again."""

    world: World
    travel: TravelTimes
    job: Job
    parts: tuple[Part, ...]
    spread: Spread
    n_cells: int

    def audit(self, plan: Plan, scores: Scores, seek: Seek, findings: Findings) -> list[str]:
        """Score the plan on the untouched cells: every sum that is not the printed one. Empty = sound.

        Parameters
        ----------
        plan : Plan
        scores : Scores
            As printed, from the classes.
        seek : the objective
        findings : Findings
            Takes ``demand_changed`` where a file is no longer the one that was surveyed.
        """
        found = self._recount(plan, seek)
        for file in dict.fromkeys(part.file for part in self.parts if changed(part)):
            findings.error("demand_changed", file=file, value=file)
        wrong = []
        for name, raw in found.items():
            printed = np.asarray(self.n_cells if name == "n_cells" else getattr(scores, name), dtype=np.float64)
            # Sums of whole persons are exact on both sides; of fractions, to float noise: never a person.
            slack = np.minimum(_SAME * np.maximum(1.0, np.abs(raw)), 0.01 + 1e-12 * np.abs(raw))
            if not (np.abs(raw - printed) <= slack).all():
                worst = np.unravel_index(int(np.argmax(np.abs(raw - printed))), np.broadcast(raw, printed).shape)
                at = np.broadcast_to(printed, raw.shape)[worst]
                wrong.append(f"{name}: printed {at:.6f}, the untouched cells give {raw[worst]:.6f}")
        return wrong

    def _recount(self, plan: Plan, seek: Seek) -> dict[str, Floats]:
        there = self.world
        world = replace(there, cells=_no_cells(self.job.spec))
        work = partial(audit_part, world=world, plan=plan, seek=seek)
        sums: dict[str, Floats] = {}
        for part in self.spread(work, self.job, self.parts):
            for name, value in part.items():
                sums[name] = sums.get(name, 0.0) + value
        return sums


def read_streamed(
    loaded: Loaded,
    crs: str,
    types: OutletTypes,
    streets: Streets | None,
    rules: Sequence[Rule],
    seek: Seek,
    findings: Findings,
    spread: Spread,
) -> Streamed | None:
    """Read every layer, the demand in batches, and hold them against each other; never raises for bad input.

    Parameters
    ----------
    loaded, crs, types, streets
        As in :func:`siteopt.layers.assemble.read_world`.
    rules, seek
        Each must allow merging cells; else ``streamed_rule`` names it.
    findings : Findings
        Takes every fault of every layer.
    spread : Spread
        Who does the work on the parts.

    Returns
    -------
    Streamed or None
        None when an error was added.
    """
    spec, base, before = loaded.spec, loaded.base, len(findings.errors)
    if "merge_cells" not in seek.allows or not seek.additive:
        findings.error("streamed_rule", file=loaded.file, field="objective", value=seek.name)
    if (spec.travel.mode or ("table" if spec.travel.table else "")) == "table":
        findings.error("streamed_table", file=loaded.file, field="travel.table")
    communities = read_communities(spec.communities, base, crs, findings, scenario=loaded.file)
    parts = parts_of(spec.demand, base, findings)
    sites = read_sites(spec, base, crs, types, communities, findings, scenario=loaded.file)
    zones = read_zones(spec.zones, base, crs, findings, scenario=loaded.file)
    check_zones(spec, zones, sites, streets, crs, findings)
    tell_conversion(spec, findings, file=loaded.file)
    funds = funds_of(spec, types, findings, file=loaded.file)
    if parts and parts[0].suffix in RASTERS:
        tell_what_rasters_lack(spec.demand, findings)
    if sites is not None and communities is not None and zones is not None:
        nobody = as_world(spec, crs, types, _no_cells(spec.demand), sites, communities, zones, funds, None)
        _check_early(loaded, nobody, rules, seek, findings)
    walkable = sites if len(findings.errors) == before else None
    on_streets = streets if spec.travel.mode in (None, "streets") else None
    rows = [part.rows for part in parts]
    n_cells = None if None in rows else sum(r for r in rows if r is not None)
    look = first_look(spec.demand, parts)
    job = Job(spec.demand, base, crs, communities, look, spec.travel, types, walkable, on_streets, n_cells)
    gathering, sight, tally, hashed = Gathering(len(people_columns(spec.demand))), Sight(), SnapTally(), Hashed()
    for one in spread(survey_part, job, parts):
        gathering.add(one.table)
        sight.merge(one.sight)
        tally.merge(one.tally)
        for hashes in one.sight.hashes:
            hashed.add(hashes)
    conclude(sight, parts, job.reader, look, hashed.twice(), findings)
    table = gathering.finished()
    cells = _classes(table, job, parts) if walkable is not None and sight.cells else None
    check_layers(spec, None if cells is None else _outline(cells, sight), sites, communities, findings)
    raster = bool(parts) and parts[0].suffix in RASTERS
    check_shift(spec, sight.spread_xy_m() if sight.cells else None, sites, streets, crs, findings, raster=raster)
    if cells is None or sites is None or communities is None or zones is None or len(findings.errors) > before:
        return None
    world = as_world(spec, crs, types, cells, sites, communities, zones, funds, findings)
    if job.walker is not None and spec.travel.streets is not None:
        report = _site_report(job)
        none = _no_cells(spec.demand)
        tally_findings(tally, report, sites, none, partial(label_of, parts), findings, file=spec.travel.streets.file)
    findings.info("streamed_classes", file=spec.demand.file, cells=sight.cells, count=len(table))
    return Streamed(world, _times(table, job), job, parts, spread, sight.cells)


_NONE: Ints = np.empty(0, dtype=np.int64)


def streams(rule: Rule, file: str, findings: Findings) -> None:
    """Refuse a rule that merging cells could change: it says itself what it allows."""
    if "merge_cells" not in rule.allows or rule.cells_by not in ("", "community"):
        findings.error("streamed_rule", file=file, field=f"constraints.{rule.label}", value=rule.name)


def _check_early(loaded: Loaded, world: World, rules: Sequence[Rule], seek: Seek, findings: Findings) -> None:
    """Find what a rule does not know (a space, say) before hours of walking, not after; what is well is not told."""
    found = Findings()
    settled(loaded, rules, lambda rule, told: rule.check(world, told, loaded.file), found)
    seek.check(world, found, loaded.file)
    # Classes of cells know their minutes within the types' own limits only, and are no cells to give to outlets.
    if seek.services(world):
        found.error("streamed_rule", file=loaded.file, field="objective", value=seek.name)
    for rule in rules:
        if rule.services(world):
            found.error("streamed_rule", file=loaded.file, field=f"constraints.{rule.label}", value=rule.name)
    for t in np.flatnonzero(capacitated(world.types)).tolist():
        name = world.types.type_id[t]
        found.error("streamed_rule", file=loaded.file, field=f"types.{name}.capacity", value=name)
    if found.errors:
        findings.extend(found)


def _classes(table: Signatures, job: Job, parts: tuple[Part, ...]) -> DemandCells:
    """Classes of cells as the cells of a world."""
    xy_m = mean_xy_m(table)
    digits = max(6, len(str(len(table))))
    ids, rows = np.empty(len(table), dtype=object), np.empty(len(table), dtype=object)
    members = np.column_stack([table.segment, table.n_cells, table.xy, table.people.reshape(len(table), -1)])
    for n, row in enumerate(np.ascontiguousarray(members)):
        # The mark tells classes of one run from those of another that has other members.
        ids[n] = f"class-{n + 1:0{digits}d}-{hashlib.sha256(row.tobytes()).hexdigest()[:6]}"
        rows[n] = label_of(parts, int(table.first[n]))[1]
    return DemandCells(
        cell_id=read_only(ids),
        xy_m=read_only(xy_m),
        people=read_only(persons(table)),
        groups=tuple(people_columns(job.spec)),
        community=read_only(table.segment),
        geometry=read_only(np.asarray(shapely.points(xy_m), dtype=object)),
        file=job.spec.file,
        row=read_only(rows),
        n_cells=read_only(table.n_cells),
    )


def _times(table: Signatures, job: Job) -> TravelTimes:
    """Minutes of classes: the longest of the members within the limit that they share."""
    how = job.travel
    return TravelTimes(
        indptr=read_only(table.indptr),
        site=read_only(site_of(table, job.levels)),
        minutes=read_only(table.minutes),
        cutoff_min=job.cutoff_min,
        mode="straight_line" if job.walker is None else "streets",
        speed_kmh=how.speed_kmh,
        detour=how.detour if job.walker is None else 1.0,
    )


def _outline(cells: DemandCells, sight: Sight) -> DemandCells:
    """Classes that stand in the corners of the layer: where it lies is judged by its cells, not by means of cells."""
    corners = np.stack([sight.low_m, sight.high_m])
    at = np.arange(len(cells)) % 2
    batch = Batch(
        np.concatenate([corners, corners[at]]),
        np.concatenate([cells.people[:1] * 0, cells.people[:1] * 0, cells.people]),
        np.concatenate([[-1, -1], cells.community]),
        np.arange(len(cells) + 2),
    )
    outline = as_cells(batch, cells.groups)
    return DemandCells(
        outline.cell_id, outline.xy_m, outline.people, cells.groups, outline.community, outline.geometry,
        cells.file, outline.row,
    )  # fmt: skip


def _no_cells(spec: Demand) -> DemandCells:
    """A layer without cells, with its population groups."""
    groups = tuple(people_columns(spec))
    return as_cells(Batch(np.empty((0, 2)), np.empty((0, len(groups))), _NONE, _NONE), groups)


def _site_report(job: Job) -> SnapReport:
    """How the sites met the streets."""
    assert job.sites is not None and job.streets is not None and job.travel.streets is not None
    how = job.travel
    return walk_times(
        np.empty((0, 2)), job.sites.xy_m, job.streets, cutoff_min=job.cutoff_min, speed_kmh=how.speed_kmh,
        max_snap_m=how.max_snap_m, min_component_m=job.travel.streets.min_component_m, compiled=False,
    )[1]  # fmt: skip
