"""Two real cities of Máximo, Cordeau and Nascimento (2023): any node may hold a site, one radius, p to open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from benchmarks.cover import cover_program
from siteopt.program import Program
from siteopt.units import Floats, Ints

EARTH_M = 6378100
"""Radius that the authors take."""

OPENED = (50, 60, 70, 80, 90, 100)


@dataclass(frozen=True)
class Street:
    """A file, its radius, and the best value known for each number of sites."""

    file: str
    radius_m: float
    best_known: dict[int, int]


STREETS: dict[str, Street] = {
    "bronx": Street(
        "Bronx.txt",
        600.0,
        dict(zip(OPENED, (1205051, 1290635, 1348232, 1376061, 1384376, 1385099), strict=True)),
    ),
    "san-francisco": Street(
        "SanFrancisco.txt",
        600.0,
        dict(zip(OPENED, (617592, 683139, 733772, 769781, 791562, 802307), strict=True)),
    ),
}


def street(path: Path, radius_m: float) -> tuple[sp.csr_matrix, Ints]:
    """Who covers whom, and how many people live at each node.

    Parameters
    ----------
    path : of the file with coordinates and demand
    radius_m : a node covers those within it

    Returns
    -------
    (n, n) bool CSR, (n,) int64
        Rows are nodes, columns are sites.
    """
    degrees, people = read(path)
    n = len(people)
    first, second = [np.arange(n)], [np.arange(n)]
    for start in range(0, n, 512):
        some = np.arange(start, min(start + 512, n))
        near = metres(degrees[some], degrees) <= np.float32(radius_m)
        near[np.arange(len(some)), some] = False  # the distance from itself is 0, whatever rounding says
        row, column = np.nonzero(near)
        first.append(some[row])
        second.append(column)
    row, column = np.concatenate(first), np.concatenate(second)
    return sp.csr_matrix((np.ones(len(row), dtype=np.bool_), (row, column)), shape=(n, n)), people


def street_program(path: Path, radius_m: float, most: int) -> Program:
    """The most people covered by ``most`` sites."""
    return cover_program(*street(path, radius_m), most)


def read(path: Path) -> tuple[Floats, Ints]:
    """(n, 2) latitude and longitude, degrees; (n,) people."""
    lines = path.read_text(encoding="utf-8").split("\n")
    n = next(int(line.partition(":")[2]) for line in lines if line.startswith("DIMENSION"))
    at, demand = lines.index("NODE_COORD_SECTION") + 1, lines.index("DEMAND_SECTION") + 1
    degrees = np.array([line.split() for line in lines[at : at + n]], dtype=np.float64)
    return degrees, np.array(lines[demand : demand + n], dtype=np.int64)


def metres(a: Floats, b: Floats) -> np.ndarray:
    """(A, B) great-circle distances as the authors compute them: the angle, then its product, in single precision."""
    lat_a, lat_b = np.radians(a[:, 0]), np.radians(b[:, 0])
    apart = np.radians(b[:, 1] - a[:, 1, None])
    cosine = np.cos(lat_a)[:, None] * np.cos(lat_b) * np.cos(apart) + np.sin(lat_a)[:, None] * np.sin(lat_b)
    return np.arccos(np.clip(cosine, -1.0, 1.0)).astype(np.float32) * np.float32(EARTH_M)
