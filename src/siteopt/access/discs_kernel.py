"""Points to classes, one point after another: the compiled loop of :mod:`siteopt.access.discs`."""

from __future__ import annotations

from typing import Any

import numpy as np

from siteopt.access.disc_tiles import MOST_PICKED
from siteopt.compiled import compiled


@compiled
def _slot_of(slot: Any, key: Any, sign: Any) -> Any:
    """Where a signature stands in the table, or the free slot where it belongs."""
    mask = np.uint64(len(slot) - 1)
    mixed = np.uint64(0)
    for w in range(len(sign)):
        mixed = (mixed ^ sign[w]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    at = np.int64(mixed & mask)
    while slot[at] >= 0:
        same = True
        for w in range(len(sign)):
            if key[slot[at], w] != sign[w]:
                same = False
                break
        if same:
            break
        at = np.int64(np.uint64(at + 1) & mask)
    return at


@compiled
def fill(slot: Any, key: Any, used: int) -> None:
    """Enter classes in a fresh table."""
    for c in range(used):
        slot[_slot_of(slot, key, key[c])] = c


@compiled
def gather(
    xy: Any,
    weight: Any,
    begin: int,
    frame: Any,
    shape: Any,
    whole: Any,
    edge_first: Any,
    edge_site: Any,
    site_xy: Any,
    most: float,
    tile_class: Any,
    pick_first: Any,
    pick_class: Any,
    slot: Any,
    key: Any,
    total: Any,
    used: int,
    outside: Any,
) -> tuple[int, int]:
    """Add the weight of each point to that of its class, until the points end or there is no room for a new class.

    Parameters
    ----------
    xy, weight : (n, 2) float64, (n,) whole numbers
    begin : the first point to take
    frame : (3,) float64 left and lower corner of the tiles, tiles per unit of length
    shape : (2,) int64 tiles across and up
    whole : (tiles, W) uint64 the discs that hold the whole of a tile
    edge_first, edge_site : CSR of the discs whose edge may pass through a tile, int64 and int32
    site_xy : (J, 2)
    most : the greatest squared distance inside
    tile_class : (tiles,) int32, -1 where not known yet: the class of all points of a tile that no edge passes
    pick_first, pick_class : where the classes of a tile with few edges begin, one for each choice of them; int64 and
        int32, -1 where not known yet
    slot : (2**k,) int32 open-addressing table of classes, -1 free; at most half full
    key, total : (room, W) uint64, (room,) int64: signature and weight of each class
    used : classes so far
    outside : (2,) int64, added to: weight outside all tiles; number of points with a coordinate that is no number

    Returns
    -------
    int, int
        The first point not taken; classes so far.
    """
    n, words, room = len(xy), whole.shape[1], len(key)
    left, lower, per = frame[0], frame[1], frame[2]
    across, up = shape[0], shape[1]
    sign = np.zeros(words, np.uint64)
    one, low_bits = np.uint64(1), np.uint64(63)
    for i in range(begin, n):
        x, y = xy[i, 0], xy[i, 1]
        fx, fy = (x - left) * per, (y - lower) * per
        if not (fx >= 0.0 and fy >= 0.0 and fx < across and fy < up):
            outside[0] += weight[i]
            if x != x or y != y:
                outside[1] += 1
            continue
        tile = int(fy) * across + int(fx)
        c = tile_class[tile]
        if c < 0:
            a, b = edge_first[tile], edge_first[tile + 1]
            pick = 0
            if b - a <= MOST_PICKED:
                for e in range(a, b):
                    dx, dy = x - site_xy[edge_site[e], 0], y - site_xy[edge_site[e], 1]
                    if dx * dx + dy * dy <= most:
                        pick |= 1 << (e - a)
                c = pick_class[pick_first[tile] + pick]
            if c < 0:
                for w in range(words):
                    sign[w] = whole[tile, w]
                for e in range(a, b):
                    j = edge_site[e]
                    dx, dy = x - site_xy[j, 0], y - site_xy[j, 1]
                    if dx * dx + dy * dy <= most:
                        sign[j >> 6] |= one << (np.uint64(j) & low_bits)
                at = _slot_of(slot, key, sign)
                c = slot[at]
                if c < 0:
                    if used == room:
                        return i, used
                    c = used
                    used += 1
                    slot[at] = c
                    for w in range(words):
                        key[c, w] = sign[w]
                    total[c] = 0
                if b - a <= MOST_PICKED:
                    pick_class[pick_first[tile] + pick] = c
                if a == b:
                    tile_class[tile] = c
        total[c] += weight[i]
    return n, used
