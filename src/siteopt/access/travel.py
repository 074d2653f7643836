"""Walking minutes of every pair of cell and site within the cutoff: on streets, or straight where there are none."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from siteopt.access.blocks import BLOCK_M
from siteopt.access.snap import Snap, kept_components
from siteopt.access.walker import BATCH, Walker
from siteopt.problem import TravelMode, TravelTimes
from siteopt.units import EDGE_MIN, Bools, Floats, Ints, read_only, within
from siteopt.world import Streets

_CHUNK = 200_000


@dataclass(frozen=True)
class Pieces:
    """The connected pieces of a network: how many are walked on, how many were too short."""

    kept: int
    dropped: int
    kept_length_m: float
    dropped_length_m: float
    min_component_m: float


@dataclass(frozen=True, eq=False)
class SnapReport:
    """How the points met the streets, for the findings.

    Attributes
    ----------
    cells, sites : Snap
    pieces : Pieces
    max_snap_m : float
    """

    cells: Snap
    sites: Snap
    pieces: Pieces
    max_snap_m: float

    @property
    def cell_connected(self) -> Bools:
        """(I,) bool."""
        return self.cells.connected

    @property
    def site_connected(self) -> Bools:
        """(J,) bool."""
        return self.sites.connected

    @property
    def cell_access_m(self) -> Floats:
        """(I,) metres straight to the street."""
        return self.cells.access_m

    @property
    def site_access_m(self) -> Floats:
        """(J,) metres straight to the street."""
        return self.sites.access_m


def walk_times(
    cells_xy: Floats,
    sites_xy: Floats,
    streets: Streets,
    *,
    cutoff_min: float,
    speed_kmh: float,
    max_snap_m: float,
    min_component_m: float,
    block_m: float = BLOCK_M,
    compiled: bool | None = None,
    threads: int | None = None,
) -> tuple[TravelTimes, SnapReport]:
    """Walking minutes along streets, both ends snapped to edges with partial-edge offsets.

    A cell and a site at one place (within a millimetre) are 0 minutes apart: nobody walks to the street and back.

    Parameters
    ----------
    cells_xy, sites_xy : (I, 2), (J, 2) metres in the CRS of the streets, finite
    streets : Streets
    cutoff_min : float
        Minutes, inclusive (see :func:`siteopt.units.within`).
    speed_kmh : float
    max_snap_m, min_component_m : float
        See :class:`siteopt.access.snap.Snapper`.
    block_m, compiled, threads
        Change time and memory only: see :class:`siteopt.access.walker.Walker`.

    Returns
    -------
    TravelTimes, SnapReport
    """
    cells_xy = np.asarray(cells_xy, dtype=np.float64).reshape(-1, 2)
    walker = Walker(
        streets, sites_xy, cutoff_min=cutoff_min, speed_kmh=speed_kmh, max_snap_m=max_snap_m,
        min_component_m=min_component_m, compiled=compiled, n_cells=len(cells_xy), threads=threads, block_m=block_m,
    )  # fmt: skip
    snaps, counts, parts = [], [], []
    for first in range(0, len(cells_xy), BATCH):
        batch = cells_xy[first : first + BATCH]
        snap = walker.snapper(batch, places=False)
        count, site, minutes = walker.pairs(batch, snap)
        snaps.append(snap)
        counts.append(count)
        parts.append((site, minutes))
    indptr = np.concatenate([[0], *counts]).astype(np.int64)
    np.cumsum(indptr, out=indptr)
    # A batch is let go as soon as it is copied, so that no pair is held twice for long.
    site_of, minutes_of, at = np.empty(indptr[-1], dtype=np.int64), np.empty(indptr[-1]), 0
    while parts:
        some, walk = parts.pop(0)
        site_of[at : at + len(some)], minutes_of[at : at + len(some)] = some, walk
        at += len(some)
    cells = _all_snaps(snaps) if snaps else walker.snapper(cells_xy)
    report = SnapReport(cells, walker.sites, _pieces(streets, min_component_m), max_snap_m)
    return walker.noun(indptr, site_of, minutes_of), report


def _all_snaps(parts: list[Snap]) -> Snap:
    """Snaps of points after those of the points before."""
    if len(parts) == 1:
        return parts[0]
    whole = {f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Snap)[:2]}
    rest = {f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Snap)[3:]}
    return Snap(**whole, at_xy_m=np.broadcast_to(np.nan, (len(whole["edge"]), 2)), **rest)


def straight_line_times(
    cells_xy: Floats, sites_xy: Floats, *, cutoff_min: float, speed_kmh: float, detour: float
) -> TravelTimes:
    """Walking minutes where no network is given: the straight line times a detour factor.

    One pair in five is wrong even at the best factor, so every output carries the mode's label.

    Parameters
    ----------
    cells_xy, sites_xy : (I, 2), (J, 2) metres, finite
    cutoff_min, speed_kmh : float
    detour : float, >= 1

    Returns
    -------
    TravelTimes
    """
    m_per_min = speed_kmh * 1000 / 60
    reach_m = (cutoff_min + EDGE_MIN) * m_per_min / detour * (1 + 1e-9)
    tree = cKDTree(sites_xy) if len(sites_xy) else None
    parts = []
    for first in range(0, len(cells_xy) if tree is not None else 0, _CHUNK):
        here = cKDTree(cells_xy[first : first + _CHUNK])
        near = here.sparse_distance_matrix(tree, reach_m, output_type="ndarray")
        cell, site = near["i"].astype(np.int64) + first, near["j"].astype(np.int64)
        minutes = np.hypot(*(cells_xy[cell] - sites_xy[site]).T) * detour / m_per_min
        keep = within(minutes, cutoff_min)
        parts.append((cell[keep], site[keep], minutes[keep]))
    cell, site, minutes = _joined(parts)
    shape = (len(cells_xy), len(sites_xy))
    return _by_cell(cell, site, minutes, shape, cutoff_min, "straight_line", speed_kmh, detour)


def _joined(parts: list[tuple[Ints, Ints, Floats]]) -> tuple[Ints, Ints, Floats]:
    """Lists of pairs one after the other."""
    if not parts:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    cell, site, minutes = (np.concatenate(column) for column in zip(*parts, strict=True))
    return cell, site, minutes


def _by_cell(
    cell: Ints,
    site: Ints,
    minutes: Floats,
    shape: tuple[int, int],
    cutoff_min: float,
    mode: TravelMode,
    speed_kmh: float,
    detour: float = 1.0,
) -> TravelTimes:
    """Pairs, each at most once, in order of cell and site."""
    # scipy only sorts here (in linear time); it keeps the zeros that are stored, and no pair comes twice.
    table = csr_array((minutes, (cell, site)), shape=shape)
    table.sort_indices()
    return TravelTimes(
        indptr=read_only(table.indptr, np.int64),
        site=read_only(table.indices, np.int64),
        minutes=read_only(table.data, np.float64),
        cutoff_min=cutoff_min,
        mode=mode,
        speed_kmh=speed_kmh,
        detour=detour,
    )


def _pieces(streets: Streets, min_component_m: float) -> Pieces:
    kept = kept_components(streets, min_component_m)
    length = streets.component_length_m
    return Pieces(
        kept=int(kept.sum()),
        dropped=int((~kept).sum()),
        kept_length_m=float(length[kept].sum()),
        dropped_length_m=float(length[~kept].sum()),
        min_component_m=min_component_m,
    )
