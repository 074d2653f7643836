"""Which discs hold a point: points without number become the few classes that the circles cut the plane into.

Points held by the same discs are one class, whatever their number: a hundred circles cut the plane into a few
thousand pieces. Points come in batches and are forgotten; memory follows the number of classes. A grid of tiles
knows for each tile which discs hold the whole of it and whose edge may pass through it: only the latter are measured.

Signatures are compared bit by bit, weights are whole numbers, and classes come out in the order of their signatures:
batches, threads and compiled or not make no difference to the result.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from siteopt.access.disc_tiles import Tiles, tiles_of
from siteopt.compiled import available
from siteopt.units import EDGE_MIN, Floats, Ints

Words = npt.NDArray[np.uint64]
Batch = tuple[Floats, Ints | None]
"""(n, 2) coordinates in the unit of the radius; (n,) whole weights, or None for 1 each."""

COMPILE_FROM = 200_000
"""Points of a batch from which compiling (or importing what was compiled) pays."""

CHUNK = 50_000
"""Points that are treated at once where nothing is compiled."""

MOST_WEIGHT = 2**62
"""Sum of weights beyond which a class might leave 64 bits."""


@dataclass(frozen=True, eq=False)
class DiscClasses:
    """Points by the discs that hold them: C classes, J discs.

    Attributes
    ----------
    cover : (C, J) bool CSR, indices sorted, data all True; rows in the order of their signatures
    weight : (C,) int64 weight of the points of each class, never 0
    beyond : weight of the points in no disc
    points : number of points read
    """

    cover: sp.csr_matrix
    weight: Ints
    beyond: int
    points: int


def disc_classes(
    site_xy: Floats,
    radius: float,
    batches: Iterable[Batch | Callable[[], Batch]],
    *,
    slack: float = EDGE_MIN,
    threads: int = 1,
) -> DiscClasses:
    """The classes of points held by the same discs, with their weights.

    Parameters
    ----------
    site_xy : (J, 2) centres
    radius : of every disc, > 0, in the unit of the coordinates
    batches : batches of points, or functions that make one (then each thread makes its own). Nothing is kept of a
        batch once it is read.
    slack : a point is held when its distance is at most ``radius + slack``; the default is the slack of
        :func:`siteopt.units.within`, 0 compares the distances as computed
    threads : batches read at the same time

    Returns
    -------
    DiscClasses

    Raises
    ------
    ValueError
        A radius that is not above 0, a coordinate that is no number, weights that are not whole, or too great a sum.
    """
    site_xy = np.ascontiguousarray(site_xy, dtype=np.float64).reshape(-1, 2)
    if not (np.isfinite(radius) and radius > 0 and np.isfinite(slack) and slack >= 0):
        raise ValueError(f"radius {radius!r} with slack {slack!r}: give a length above 0")
    if not np.isfinite(site_xy).all():
        raise ValueError("a centre has a coordinate that is no number")
    tiles = tiles_of(site_xy, radius + slack)
    source = _Source(batches)
    tables = [_Table(tiles) for _ in range(max(1, threads))]
    if len(tables) == 1:
        _drain(source, tables[0])
    else:
        with ThreadPoolExecutor(len(tables)) as pool:
            for done in [pool.submit(_drain, source, table) for table in tables]:
                done.result()
    key, total = _distinct(*(np.concatenate(part) for part in zip(*(t.result() for t in tables), strict=True)))
    held = key.any(axis=1)
    beyond = sum(t.beyond for t in tables) + int(total[~held].sum())
    keep = held & (total != 0)
    return DiscClasses(_pattern(key[keep], len(site_xy)), total[keep], beyond, sum(t.points for t in tables))


class _Source:
    """Batches handed to whoever asks, one asker at a time."""

    def __init__(self, batches: Iterable[Batch | Callable[[], Batch]]) -> None:
        self._rest: Iterator[Batch | Callable[[], Batch]] = iter(batches)
        self._lock = threading.Lock()
        self._weight = 0

    def take(self) -> tuple[Floats, npt.NDArray[Any]] | None:
        with self._lock:
            batch = next(self._rest, None)
        if batch is None:
            return None
        xy, weight = batch() if callable(batch) else batch
        xy = np.ascontiguousarray(xy, dtype=np.float64).reshape(-1, 2)
        weight = np.ones(len(xy), dtype=np.int32) if weight is None else np.asarray(weight)
        if weight.dtype.kind not in "iu" or weight.shape != (len(xy),):
            raise ValueError("weights must be whole numbers, one for each point")
        greatest = max(abs(int(weight.max(initial=0))), abs(int(weight.min(initial=0))))
        with self._lock:
            self._weight += greatest * len(weight)
            if self._weight > MOST_WEIGHT:
                raise ValueError("the weights may sum to more than 64 bits hold; give them in a coarser unit")
        return xy, weight if weight.dtype == np.int32 else weight.astype(np.int64, copy=False)


def _drain(source: _Source, table: _Table) -> None:
    while (batch := source.take()) is not None:
        table.add(*batch)


class _Table:
    """Classes found by one thread."""

    def __init__(self, tiles: Tiles) -> None:
        self.points = 0
        self.beyond = 0
        self._tiles = tiles
        self._compiled: _Compiled | None = None
        words = tiles.whole.shape[1]
        self._key, self._total = np.empty((0, words), dtype=np.uint64), np.empty(0, dtype=np.int64)

    def add(self, xy: Floats, weight: npt.NDArray[Any]) -> None:
        self.points += len(xy)
        if self._compiled is None and len(xy) >= COMPILE_FROM and available():
            self._compiled = _Compiled(self._tiles)
        if self._compiled is not None:
            self.beyond += self._compiled.add(xy, weight)
            return
        for start in range(0, len(xy), CHUNK):
            part = slice(start, start + CHUNK)
            self._add_chunk(xy[part], weight[part].astype(np.int64, copy=False))

    def _add_chunk(self, xy: Floats, weight: Ints) -> None:
        key, inside = self._tiles.signatures(xy)
        self.beyond += int(weight[~inside].sum())
        key, total = _distinct(key, weight[inside])
        self._key, self._total = _distinct(np.concatenate([self._key, key]), np.concatenate([self._total, total]))

    def result(self) -> tuple[Words, Ints]:
        """(C, W) signatures and (C,) weights, some perhaps more than once."""
        if self._compiled is None:
            return self._key, self._total
        key, total = self._compiled.result()
        return np.concatenate([self._key, key]), np.concatenate([self._total, total])


class _Compiled:
    """The table that the compiled loop fills."""

    def __init__(self, tiles: Tiles) -> None:
        from siteopt.access.discs_kernel import fill, gather

        self._gather, self._fill = gather, fill
        self._tiles = tiles
        self._tile_class = np.full(len(tiles.whole), -1, dtype=np.int32)
        self._pick_first = tiles.picks()
        self._pick_class = np.full(int(self._pick_first[-1]), -1, dtype=np.int32)
        self._used = 0
        self._key = np.empty((0, tiles.whole.shape[1]), dtype=np.uint64)
        self._total = np.empty(0, dtype=np.int64)
        self._slot = np.empty(0, dtype=np.int32)
        self._grow(4096)

    def add(self, xy: Floats, weight: npt.NDArray[Any]) -> int:
        """Read a batch; the weight of its points outside all tiles."""
        t, at, outside = self._tiles, 0, np.zeros(2, dtype=np.int64)
        while True:
            at, self._used = self._gather(
                xy, weight, at, t.frame, t.shape, t.whole, t.edge_first, t.edge_site, t.site_xy, t.most,
                self._tile_class, self._pick_first, self._pick_class,
                self._slot, self._key, self._total, self._used, outside,
            )  # fmt: skip
            if at == len(xy):
                break
            self._grow(2 * len(self._key))
        if outside[1]:
            raise ValueError("a point has a coordinate that is no number")
        return int(outside[0])

    def result(self) -> tuple[Words, Ints]:
        return self._key[: self._used], self._total[: self._used]

    def _grow(self, room: int) -> None:
        """Room for more classes; numbers of classes stay, the table of slots is made anew."""
        key, total = np.empty((room, self._key.shape[1]), dtype=np.uint64), np.zeros(room, dtype=np.int64)
        key[: self._used], total[: self._used] = self.result()
        self._key, self._total = key, total
        self._slot = np.full(2 * room, -1, dtype=np.int32)
        self._fill(self._slot, self._key, self._used)


def _distinct(key: Words, weight: Ints) -> tuple[Words, Ints]:
    """Different signatures in their order, with the sum of the weights of each."""
    if not len(key):
        return key, weight.astype(np.int64)
    order = np.lexsort(key.T[::-1])
    key = key[order]
    new = np.concatenate([[True], (key[1:] != key[:-1]).any(axis=1)])
    return key[new], np.add.reduceat(weight[order].astype(np.int64), np.flatnonzero(new))


def _pattern(key: Words, n_sites: int) -> sp.csr_matrix:
    """(C, J) CSR of the bits set; a block of rows at a time, as no step holds classes times sites."""
    count, index = [np.zeros(1, dtype=np.int64)], [np.empty(0, dtype=np.int32)]
    for start in range(0, len(key), 1024):
        block = np.ascontiguousarray(key[start : start + 1024], dtype="<u8").view(np.uint8)
        row, bit = np.nonzero(np.unpackbits(block, axis=1, bitorder="little"))
        count.append(np.bincount(row, minlength=len(block)))
        index.append(bit.astype(np.int32))
    indices = np.concatenate(index)
    indptr = np.cumsum(np.concatenate(count))
    return sp.csr_matrix((np.ones(len(indices), dtype=np.bool_), indices, indptr), shape=(len(key), n_sites))
