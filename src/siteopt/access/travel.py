"""Walking minutes of every pair of cell and site within the cutoff: on streets, or straight where there are none.

Minutes on streets are (way to the street + way along the streets + way from the street) at one speed. Never a full
matrix: the sites of one block are searched on the streets around that block only. This is exact, for a walk that
leaves the block's surroundings is longer than the cutoff.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from siteopt.access.blocks import reach_by_block
from siteopt.access.snap import Snap, Snapper, kept_components
from siteopt.problem import TravelMode, TravelTimes
from siteopt.units import EDGE_MIN, Bools, Floats, Ints, read_only, within
from siteopt.world import Streets

BLOCK_M = 3000.0
"""Side of a block of sites; measured fastest between 1 and 5 km, and without any effect on the minutes."""
_SAME_PLACE_M = 1e-3
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
    block_m : float
        Side of a block; changes time and memory only.

    Returns
    -------
    TravelTimes, SnapReport
    """
    snapper = Snapper(streets, max_snap_m=max_snap_m, min_component_m=min_component_m)
    cells, sites = snapper(np.asarray(cells_xy, dtype=np.float64)), snapper(np.asarray(sites_xy, dtype=np.float64))
    m_per_min = speed_kmh * 1000 / 60
    cutoff_m = (cutoff_min + EDGE_MIN) * m_per_min
    parts = [
        (cell, site, metres / m_per_min)
        for cell, site, metres in reach_by_block(streets, cells, sites, cutoff_m=cutoff_m, block_m=block_m)
    ]
    cell, site, minutes = _joined(parts)
    here, there = _at_one_place(cells_xy, sites_xy, cells.connected, sites.connected)
    if len(here):
        # Whether or not the walk to the street and back was within the cutoff, these pairs are 0 minutes.
        n_sites = np.int64(len(sites_xy))
        other = np.ones(len(cell), dtype=np.bool_)
        near = np.flatnonzero(np.isin(np.arange(len(cells_xy)), here)[cell])
        other[near] = ~np.isin(cell[near] * n_sites + site[near], here * n_sites + there)
        cell, site = np.concatenate([cell[other], here]), np.concatenate([site[other], there])
        minutes = np.concatenate([minutes[other], np.zeros(len(here))])
    keep = within(minutes, cutoff_min)
    if not keep.all():
        cell, site, minutes = cell[keep], site[keep], minutes[keep]
    shape = (len(cells_xy), len(sites_xy))
    times = _by_cell(cell, site, minutes, shape, cutoff_min, "streets", speed_kmh)
    return times, SnapReport(cells, sites, _pieces(streets, min_component_m), max_snap_m)


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


def _at_one_place(cells_xy: Floats, sites_xy: Floats, cell_ok: Bools, site_ok: Bools) -> tuple[Ints, Ints]:
    """Pairs of a connected cell and a connected site that lie at the same place."""
    cell, site = np.flatnonzero(cell_ok), np.flatnonzero(site_ok)
    if not len(cell) or not len(site):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    trees = cKDTree(cells_xy[cell]), cKDTree(sites_xy[site])
    near = trees[0].sparse_distance_matrix(trees[1], _SAME_PLACE_M, output_type="ndarray")
    return cell[near["i"]], site[near["j"]]


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
