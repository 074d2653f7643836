"""What opened, closed and moved between two plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from siteopt.units import Floats

MOVED_WITHIN_M = 500.0
"""An outlet that shifts no farther than this has moved, wherever community boundaries run."""

EARTH_RADIUS_M = 6_371_008.8

Site = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Moves:
    """New outlets of two plans, base and other, as in summary.json.

    ``moved`` pairs an outlet of the base with one of the same type in the other plan, in the same community or
    at most :data:`MOVED_WITHIN_M` away, nearest pairs first, each outlet at most once, with metres between them.
    """

    opened: tuple[Site, ...]
    closed: tuple[Site, ...]
    moved: tuple[tuple[Site, Site, float], ...]
    kept: tuple[Site, ...]


def moves_between(base: list[Site], other: list[Site]) -> Moves:
    """Compare the ``sites`` of two summaries.

    Distances are great circles, so plans in different projected systems can be compared; they are exact to
    about 0.5 %.
    """
    before = {(s["site_id"], s["outlet_type"]): s for s in base}
    after = {(s["site_id"], s["outlet_type"]): s for s in other}
    gone = [s for key, s in sorted(before.items()) if key not in after]
    come = [s for key, s in sorted(after.items()) if key not in before]
    moved: list[tuple[Site, Site, float]] = []
    for outlet_type in sorted({s["outlet_type"] for s in gone}):
        moved += _pair(
            [s for s in gone if s["outlet_type"] == outlet_type],
            [s for s in come if s["outlet_type"] == outlet_type],
        )
    was = {id(a) for a, _, _ in moved}
    now = {id(b) for _, b, _ in moved}
    return Moves(
        opened=tuple(s for s in come if id(s) not in now),
        closed=tuple(s for s in gone if id(s) not in was),
        moved=tuple(moved),
        kept=tuple(s for key, s in sorted(after.items()) if key in before),
    )


def _pair(gone: list[Site], come: list[Site]) -> list[tuple[Site, Site, float]]:
    """Nearest pairs first; ties in the order of the site ids."""
    if not gone or not come:
        return []
    metres = distance_m(_lonlat(gone), _lonlat(come))
    home = np.array([[a["community"] is not None and a["community"] == b["community"] for b in come] for a in gone])
    metres = np.where(home | (metres <= MOVED_WITHIN_M), metres, np.inf)
    near = np.argsort(metres, axis=None, kind="stable")[: int(np.isfinite(metres).sum())]
    pairs: list[tuple[Site, Site, float]] = []
    left, right = set(range(len(gone))), set(range(len(come)))
    for a, b in zip(*np.unravel_index(near, metres.shape), strict=True):
        if a in left and b in right:
            pairs.append((gone[a], come[b], float(metres[a, b])))
            left.remove(a)
            right.remove(b)
    return pairs


def _lonlat(sites: Sequence[Mapping[str, Any]]) -> Floats:
    return np.array([[s["lon"], s["lat"]] for s in sites], dtype=np.float64)


def distance_m(first: Floats, second: Floats) -> Floats:
    """(A, B) great-circle metres between (A, 2) and (B, 2) degrees of longitude and latitude."""
    a, b = np.radians(first)[:, None, :], np.radians(second)[None, :, :]
    half = np.sin((b - a) / 2) ** 2
    chord = half[..., 1] + np.cos(a[..., 1]) * np.cos(b[..., 1]) * half[..., 0]
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(chord, 1.0))))
