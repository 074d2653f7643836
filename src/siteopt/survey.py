"""The map step over the parts of a streamed layer: cells, minutes and signatures; and, for the audit, scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from siteopt.access.signatures import Gathering, Levels, Signatures, levels_of, signatures_of
from siteopt.access.snap import Snap
from siteopt.access.tally import SnapTally
from siteopt.access.travel import straight_line_times
from siteopt.access.walker import Walker
from siteopt.layers.batches import Batch, CellReader, Sight
from siteopt.layers.demand import people_columns
from siteopt.layers.part_tables import FirstLook
from siteopt.layers.parts import Part
from siteopt.plan import Plan
from siteopt.problem import TravelTimes
from siteopt.ready import Seek
from siteopt.scenario.schema import Demand, Travel
from siteopt.units import Floats
from siteopt.verify import score
from siteopt.world import Communities, DemandCells, OutletTypes, Sites, Streets, World

MOST_PAIRS = 2_000_000
"""Pairs of cell and site held at once, about; changes memory only."""
_FIRST_CELLS = 4_096

ADDED_UP = (
    "total", "before", "after", "complete_before", "complete_after", "community_total", "community_before",
    "community_after", "nothing_before", "nothing_after", "newly_covered", "only_covered_by_this", "objective",
)  # fmt: skip
"""Scores that are sums over cells."""


@dataclass(frozen=True, eq=False)
class Job:
    """What every part is read and walked with; the same on every machine.

    ``sites`` is None where the cells are only checked, because another layer has a fault.
    """

    spec: Demand
    base: Path
    crs: str
    communities: Communities | None
    look: FirstLook | None
    travel: Travel
    types: OutletTypes
    sites: Sites | None
    streets: Streets | None
    n_cells: int | None

    def __getstate__(self) -> dict[str, object]:
        """Only what was given travels to another machine; searches are made where they are used."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)

    @cached_property
    def reader(self) -> CellReader:
        """Opens nothing yet."""
        around = None if self.look is None else self.look.lonlat
        return CellReader(self.spec, self.base, self.crs, self.communities, around)

    @cached_property
    def levels(self) -> Levels:
        """Limits that matter at each site."""
        assert self.sites is not None
        useful = self.sites.allowed | self.sites.standing
        return levels_of(self.types.limit_min, useful)

    @property
    def cutoff_min(self) -> float:
        """The longest limit."""
        return float(self.types.limit_min.max())

    @cached_property
    def walker(self) -> Walker | None:
        """The streets, searched from every site once; None without streets."""
        if self.streets is None or self.sites is None:
            return None
        how = self.travel
        return Walker(
            self.streets, self.sites.xy_m, cutoff_min=self.cutoff_min, speed_kmh=how.speed_kmh,
            max_snap_m=how.max_snap_m, min_component_m=how.streets.min_component_m if how.streets else 0.0,
            n_cells=self.n_cells,
        )  # fmt: skip

    def walks(self, batch: Batch) -> Iterator[tuple[Batch, TravelTimes, Snap | None]]:
        """A batch in pieces with bounded numbers of pairs, and the minutes of each."""
        assert self.sites is not None
        start, size = 0, _FIRST_CELLS
        while start < len(batch):
            part = slice(start, start + size)
            piece = Batch(batch.xy_m[part], batch.people[part], batch.community[part], batch.rank[part])
            snap = None
            if self.walker is not None:
                times, snap = self.walker.walk(piece.xy_m)
            else:
                times = straight_line_times(
                    piece.xy_m, self.sites.xy_m, cutoff_min=self.cutoff_min, speed_kmh=self.travel.speed_kmh,
                    detour=self.travel.detour,
                )  # fmt: skip
            yield piece, times, snap
            start += len(piece)
            size = int(max(64, MOST_PAIRS // max(1, len(times.site) // len(piece))))


@dataclass(frozen=True, eq=False)
class Surveyed:
    """What one part adds: its different cells, what was seen of it, how it met the streets, pairs walked."""

    table: Signatures
    sight: Sight
    tally: SnapTally
    pairs: int


def survey_part(job: Job, part: Part) -> Surveyed:
    """The map step: cells, minutes, signatures of one part."""
    sight, tally, pairs = Sight(), SnapTally(), 0
    gathering = Gathering(len(people_columns(job.spec)))
    for batch in job.reader.batches(part, sight):
        for piece, times, snap in job.walks(batch) if job.sites is not None else ():
            pairs += len(times.site)
            if snap is not None:
                tally.see(snap, piece.people[:, 0], piece.rank)
            gathering.add(signatures_of(times, job.levels, piece.people, piece.community, piece.xy_m, piece.rank))
    return Surveyed(gathering.so_far(), sight, tally, pairs)


def audit_part(job: Job, part: Part, *, world: World, plan: Plan, seek: Seek) -> dict[str, Floats]:
    """Every sum that a plan's scores print, over the untouched cells of one part."""
    sums: dict[str, Floats] = {}
    for batch in job.reader.batches(part, Sight()):
        for piece, times, _ in job.walks(batch):
            cells = as_cells(piece, world.cells.groups)
            here = replace(world, cells=cells)
            scores = score(here, times, plan, seek.measures)
            for name in ADDED_UP:
                sums[name] = sums.get(name, 0.0) + np.asarray(getattr(scores, name), dtype=np.float64)
            sums["n_cells"] = sums.get("n_cells", np.zeros(1)) + len(cells)
    return sums


def as_cells(batch: Batch, groups: tuple[str, ...]) -> DemandCells:
    """A batch as the noun that the audit knows; ids and shapes do not matter there."""
    nothing = np.full(len(batch), None, dtype=object)
    return DemandCells(
        nothing, batch.xy_m, batch.people, groups, np.asarray(batch.community, dtype=np.int64), nothing, "", nothing
    )
