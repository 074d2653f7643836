"""The offset of Chinese web maps (GCJ-02), and the further one of Baidu (BD-09), and their undoing.

The formulas have been in public since 2010; they hold to a metre inside China. Outside it there is no offset.
"""

from __future__ import annotations

import numpy as np

from siteopt.units import Bools, Floats

_AXIS_M = 6378245.0
_ECCENTRICITY_2 = 0.00669342162296594323
_BAIDU = np.pi * 3000.0 / 180.0


def in_offset_area(degrees: Floats) -> Bools:
    """(N,) bool: inside the box (72.004-137.8347 E, 0.8293-55.8271 N) where web maps apply the offset."""
    lon, lat = degrees.T
    return np.asarray((lon > 72.004) & (lon < 137.8347) & (lat > 0.8293) & (lat < 55.8271), dtype=np.bool_)


def to_gcj02(degrees: Floats) -> Floats:
    """(N, 2) WGS 84 longitude and latitude as GCJ-02 shows them."""
    lon, lat = degrees.T
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
        + (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
        + (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    )  # fmt: skip
    east = (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
        + (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
        + (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    )  # fmt: skip
    radians = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY_2 * np.sin(radians) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY_2) / (magic * np.sqrt(magic))
    parallel_m = _AXIS_M / np.sqrt(magic) * np.cos(radians)
    return np.column_stack([lon + np.degrees(east / parallel_m), lat + np.degrees(north / meridian_m)])


def from_gcj02(degrees: Floats) -> Floats:
    """(N, 2) the WGS 84 position behind a GCJ-02 one, to under a centimetre (four fixed-point steps)."""
    guess = degrees
    for _ in range(4):
        guess = guess - (to_gcj02(guess) - degrees)
    return guess


def from_bd09(degrees: Floats) -> Floats:
    """(N, 2) the WGS 84 position behind a BD-09 (Baidu) one."""
    x, y = degrees[:, 0] - 0.0065, degrees[:, 1] - 0.006
    radius = np.hypot(x, y) - 0.00002 * np.sin(y * _BAIDU)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * _BAIDU)
    return from_gcj02(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
