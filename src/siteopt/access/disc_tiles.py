"""A grid of tiles over discs: which hold the whole of a tile, and whose edge may pass through it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from siteopt.units import Bools, Floats, Ints

PER_RADIUS = 48
"""Tiles to a radius: edges then pass through few of them, and the table still fits a processor's cache."""

MOST_ACROSS = 2048
MOST_WORDS = 8_000_000
"""Of 64 bits in the table of whole tiles."""

MOST_PICKED = 6
"""Edges through a tile up to which each choice of them has a place for its class."""

SHY = 1e-6
"""Of a tile's side and of a distance: tiles so near to an edge count as cut, so that rounding decides nothing."""


@dataclass(frozen=True, eq=False)
class Tiles:
    """Square tiles, numbered row by row from the lower left; everything outside them is in no disc.

    Attributes
    ----------
    frame : (3,) left and lower corner, tiles per unit of length
    shape : (2,) tiles across and up
    whole : (tiles, W) uint64 bits of the discs that hold the whole of a tile
    edge_first, edge_site : CSR of the discs whose edge may pass through a tile
    site_xy : (J, 2) centres
    most : the greatest squared distance inside a disc
    """

    frame: Floats
    shape: Ints
    whole: npt.NDArray[np.uint64]
    edge_first: Ints
    edge_site: npt.NDArray[np.int32]
    site_xy: Floats
    most: float

    def picks(self) -> Ints:
        """(tiles + 1,) where the choices of each tile's edges begin in one long table; none for tiles with many."""
        edges = np.diff(self.edge_first)
        many = np.where(edges <= MOST_PICKED, 1 << np.minimum(edges, MOST_PICKED), 0)
        return np.concatenate([[0], np.cumsum(many)]).astype(np.int64)

    def signatures(self, xy: Floats) -> tuple[npt.NDArray[np.uint64], Bools]:
        """Bits of the discs that hold each point on the tiles, and which points are: (inside, W) and (n,).

        The compiled loop does the same, operation by operation.
        """
        if np.isnan(xy).any():
            raise ValueError("a point has a coordinate that is no number")
        with np.errstate(over="ignore", invalid="ignore"):
            at = (xy - self.frame[:2]) * self.frame[2]
        inside = np.asarray(((at >= 0.0) & (at < self.shape)).all(axis=1))
        cell = at[inside].astype(np.int64)
        tile = cell[:, 1] * self.shape[0] + cell[:, 0]
        sign = self.whole[tile]
        first, many = self.edge_first[tile], self.edge_first[tile + 1] - self.edge_first[tile]
        point = np.repeat(np.arange(len(tile)), many)
        site = self.edge_site[np.arange(len(point)) + np.repeat(first - np.cumsum(many) + many, many)]
        d = xy[inside][point] - self.site_xy[site]
        held = d[:, 0] * d[:, 0] + d[:, 1] * d[:, 1] <= self.most
        bit = np.uint64(1) << (site[held] & 63).astype(np.uint64)
        np.bitwise_or.at(sign, (point[held], site[held] >> 6), bit)
        return sign, inside


def tiles_of(site_xy: Floats, limit: float) -> Tiles:
    """The tiles over discs of one radius.

    Parameters
    ----------
    site_xy : (J, 2) centres, finite
    limit : the greatest distance inside a disc, > 0

    Returns
    -------
    Tiles
    """
    words = max(1, -(-len(site_xy) // 64))
    most = _greatest_square(limit)
    if not len(site_xy):
        none = np.empty(0, dtype=np.int64)
        return Tiles(
            np.array([0.0, 0.0, 1.0]), np.zeros(2, dtype=np.int64), np.empty((0, words), dtype=np.uint64),
            np.zeros(1, dtype=np.int64), none.astype(np.int32), site_xy, most,
        )  # fmt: skip
    margin = limit * (1 + SHY)
    low = site_xy.min(axis=0) - margin
    extent = site_xy.max(axis=0) + margin - low
    most_across = min(MOST_ACROSS, max(1, int(np.sqrt(MOST_WORDS / words))))
    side = max(limit / PER_RADIUS, float(extent.max()) / most_across)
    shape = np.ceil(extent / side).astype(np.int64) + 1
    whole = np.zeros((int(shape.prod()), words), dtype=np.uint64)
    cut: list[Ints] = [np.empty(0, dtype=np.int64)]
    for j, centre in enumerate(site_xy):
        a = np.clip(np.floor((centre - margin - low) / side).astype(np.int64) - 1, 0, shape)
        b = np.clip(np.floor((centre + margin - low) / side).astype(np.int64) + 2, 0, shape)
        (near_x, far_x), (near_y, far_y) = (
            _distances(np.arange(a[k], b[k]), low[k], side, centre[k]) for k in (0, 1)
        )
        tile = np.arange(a[1], b[1])[:, None] * shape[0] + np.arange(a[0], b[0])
        holds = far_y[:, None] + far_x <= most * (1 - SHY)
        touches = (near_y[:, None] + near_x <= most * (1 + SHY)) & ~holds
        whole[tile[holds], j >> 6] |= np.uint64(1) << np.uint64(j & 63)
        cut.append(tile[touches])
    edge_tile = np.concatenate(cut)
    edge_site = np.repeat(np.arange(len(site_xy), dtype=np.int32), [len(part) for part in cut[1:]])
    order = np.argsort(edge_tile, kind="stable")
    count = np.bincount(edge_tile, minlength=len(whole))
    return Tiles(
        frame=np.array([low[0], low[1], 1.0 / side]),
        shape=shape,
        whole=whole,
        edge_first=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        edge_site=edge_site[order],
        site_xy=site_xy,
        most=most,
    )


def _distances(tile: Ints, low: float, side: float, centre: float) -> tuple[Floats, Floats]:
    """Squares of the least and greatest distance, along one axis, from a centre to tiles a little enlarged."""
    left, right = low + (tile - SHY) * side - centre, low + (tile + 1 + SHY) * side - centre
    near = np.maximum(0.0, np.maximum(left, -right))
    far = np.maximum(np.abs(left), np.abs(right))
    return near * near, far * far


def _greatest_square(limit: float) -> float:
    """The greatest number whose square root, as computed, is at most ``limit``: squares are then enough."""
    limit64 = np.float64(limit)
    with np.errstate(over="ignore"):
        square = limit64 * limit64
    while np.sqrt(square) > limit64:
        square = np.nextafter(square, 0.0)
    while np.sqrt(following := np.nextafter(square, np.inf)) <= limit64:
        square = following
    return float(square)
