"""A large street extract made of a small real one: the same town many times side by side, joined at the seams.

``python -m benchmarks.tiles SOURCE.osm.pbf OUT.osm.pbf --columns 8 --rows 9``
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import osmium

EXTRACT_36_MB = (5, 8)
"""Columns and rows of the Porto extract that give some 36 MB of PBF."""
NETWORK_262K = (8, 9)
"""Columns and rows of the Porto extract that give some 262,000 nodes of contracted network."""

_SEAM_WAYS = 12
"""Streets that join a tile with each of its neighbours."""
_ROADS = frozenset(("residential", "tertiary", "secondary", "primary", "unclassified", "living_street", "footway"))
_DEGREES = 1e-7


@dataclass(frozen=True, eq=False)
class _Town:
    """One tile: nodes by rank with their tags, ways over the ranks, the shift from tile to tile (1e-7 degrees)."""

    xy: np.ndarray
    node_tags: list[dict[str, str] | None]
    ways: list[tuple[np.ndarray, dict[str, str]]]
    pitch: tuple[int, int]
    on_street: np.ndarray


def tile(source: Path, target: Path, columns: int, rows: int, *, streets_only: bool = False) -> Path:
    """Write an extract of ``columns`` x ``rows`` copies of another; nodes, then ways, ids ascending.

    Parameters
    ----------
    source, target : Path
        ``.osm.pbf``; the source's header must hold its bounding box, which is the distance between two copies
        (what reaches beyond it overlaps the neighbour without touching it).
    columns, rows : int
    streets_only : bool
        Leave out what has no highway tag: the same network from a third of the file.

    Returns
    -------
    Path
        The target.
    """
    town = _read(source, streets_only)
    n, shifts = len(town.xy), [(c, r) for r in range(rows) for c in range(columns)]
    target.unlink(missing_ok=True)
    make_node, make_way = osmium.osm.mutable.Node, osmium.osm.mutable.Way
    with osmium.SimpleWriter(str(target)) as out:
        for k, (c, r) in enumerate(shifts):
            lon = (town.xy[:, 0] + c * town.pitch[0]) * _DEGREES
            lat = (town.xy[:, 1] + r * town.pitch[1]) * _DEGREES
            first = 1 + k * n
            for i, (x, y, tags) in enumerate(zip(lon.tolist(), lat.tolist(), town.node_tags, strict=True)):
                out.add_node(make_node(id=first + i, location=(x, y), tags=tags or {}))
        number = 0
        for k in range(len(shifts)):
            first = 1 + k * n
            for ranks, tags in town.ways:
                number += 1
                out.add_way(make_way(id=number, nodes=(ranks + first).tolist(), tags=tags))
        for a, b in _seams(town, columns, rows):
            number += 1
            out.add_way(make_way(id=number, nodes=[1 + a, 1 + b], tags={"highway": "residential"}))
    return target


def _read(source: Path, streets_only: bool) -> _Town:
    ids: list[int] = []
    places: list[tuple[int, int]] = []
    node_tags: list[dict[str, str] | None] = []
    refs: list[list[int]] = []
    way_tags: list[dict[str, str]] = []
    seen: Any
    for seen in osmium.FileProcessor(str(source), osmium.osm.NODE | osmium.osm.WAY):
        tags = {tag.k: tag.v for tag in seen.tags}
        if seen.is_node():
            ids.append(seen.id)
            places.append((seen.location.x, seen.location.y))
            node_tags.append(tags or None)
        elif "highway" in tags or not streets_only:
            refs.append([node.ref for node in seen.nodes])
            way_tags.append(tags)
    order = np.argsort(ids, kind="stable")
    if streets_only:
        order = order[np.isin(np.asarray(ids)[order], np.concatenate(refs))]
    known, xy = np.asarray(ids)[order], np.asarray(places, dtype=np.int64)[order]
    ways = []
    on_street = np.zeros(len(known), dtype=np.bool_)
    for nodes, tags in zip(refs, way_tags, strict=True):
        rank = np.searchsorted(known, nodes)
        held = known[np.minimum(rank, len(known) - 1)] == nodes
        if held.sum() > 1:
            ways.append((rank[held], tags))
            on_street[rank[held]] |= tags.get("highway") in _ROADS
    box = osmium.io.Reader(str(source)).header().box()
    low, high = box.bottom_left, box.top_right
    return _Town(xy, [node_tags[i] for i in order], ways, (high.x - low.x, high.y - low.y), on_street)


def _seams(town: _Town, columns: int, rows: int) -> list[tuple[int, int]]:
    """Pairs of nodes, numbered over all tiles, that a seam street joins: near the border on either side of it."""
    n, street = len(town.xy), np.flatnonzero(town.on_street)
    pairs = []
    for axis in (0, 1):
        here, across = _facing(town.xy[street], town.pitch[axis], axis)
        for k in range(columns * rows):
            c, r = k % columns, k // columns
            if (c, r)[axis] + 1 < (columns, rows)[axis]:
                other = k + (1, columns)[axis]
                pairs += [
                    (k * n + int(street[a]), other * n + int(street[b])) for a, b in zip(here, across, strict=True)
                ]
    return pairs


def _facing(xy: np.ndarray, pitch: int, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """For points evenly along the border, the node nearest on this tile and the node nearest on the next one."""
    middle, along = np.median(xy[:, axis]), np.quantile(xy[:, 1 - axis], np.linspace(0.05, 0.95, _SEAM_WAYS))
    border = middle + pitch / 2

    def nearest(shift: int) -> np.ndarray:
        off = np.abs(xy[:, axis] + shift - border)[None] + np.abs(xy[:, 1 - axis][None] - along[:, None])
        return np.argmin(off, axis=1)

    return nearest(0), nearest(pitch)


def main() -> None:
    """Write a tiled extract."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    ask.add_argument("source", type=Path)
    ask.add_argument("target", type=Path)
    ask.add_argument("--columns", type=int, default=EXTRACT_36_MB[0])
    ask.add_argument("--rows", type=int, default=EXTRACT_36_MB[1])
    ask.add_argument("--streets-only", action="store_true")
    said = ask.parse_args()
    tile(said.source, said.target, said.columns, said.rows, streets_only=said.streets_only)


if __name__ == "__main__":
    main()
