"""Smoothed heights of a raster at many places, tile by tile, so that a national raster does not enter memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasterio.windows import Window
from scipy.ndimage import gaussian_filter

from siteopt.units import Floats

_TILE = 1024
_TRUNCATE = 3.0
_LEAST_SHARE = 0.2
"""A height counts where at least this much of what it is smoothed over is known."""
_LOWEST_M, _HIGHEST_M = -500.0, 9000.0


class Heights:
    """Heights from one band of an open raster.

    Parameters
    ----------
    raster : rasterio dataset
    band : int
    nodata : float or None
        Over what the file says.
    smooth_m : float
        Standard deviation of the bell that heights are averaged under, metres.
    metre : (x, y), each (3,)
        Three places in the raster's CRS: any one, and those one metre east and north of it.

    Attributes
    ----------
    odd : int
        Pixels met whose value is no height on earth; they count as without height.
    example : float, the first such value
    """

    def __init__(
        self, raster: Any, band: int, nodata: float | None, smooth_m: float, metre: tuple[Floats, Floats]
    ) -> None:
        self._raster, self._band, self._nodata = raster, band, nodata
        self.odd, self.example = 0, float("nan")
        column, row = self._pixels(*metre)
        per_metre = (
            np.hypot(row[1] - row[0], row[2] - row[0]),
            np.hypot(column[1] - column[0], column[2] - column[0]),
        )
        self._sigma = tuple(min(float(smooth_m * p), _TILE / 4) for p in per_metre)
        self._margin = int(np.ceil(_TRUNCATE * max(self._sigma))) + 2

    def at(self, x: Floats, y: Floats) -> Floats:
        """(N,) metres between the four nearest pixels' centres; nan where the raster has none."""
        column, row = self._pixels(x, y)
        column, row = column - 0.5, row - 0.5
        with np.errstate(invalid="ignore"):
            inside = (column >= -0.5) & (column <= self._raster.width - 0.5)
            inside &= (row >= -0.5) & (row <= self._raster.height - 0.5)
        height = np.full(len(x), np.nan)
        which = np.flatnonzero(inside)
        across, down = (column[which] // _TILE).astype(np.int64), (row[which] // _TILE).astype(np.int64)
        order = np.lexsort((across, down))
        new = (np.diff(across[order]) != 0) | (np.diff(down[order]) != 0)
        for group in np.split(order, np.flatnonzero(new) + 1):
            if len(group):
                some = which[group]
                height[some] = self._in_tile(int(across[group[0]]), int(down[group[0]]), column[some], row[some])
        return height

    def _pixels(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        t = ~self._raster.transform
        return t.a * x + t.b * y + t.c, t.d * x + t.e * y + t.f

    def _in_tile(self, across: int, down: int, column: Floats, row: Floats) -> Floats:
        left, top = max(across * _TILE - self._margin, 0), max(down * _TILE - self._margin, 0)
        right = min((across + 1) * _TILE + self._margin, self._raster.width)
        bottom = min((down + 1) * _TILE + self._margin, self._raster.height)
        window = Window(left, top, right - left, bottom - top)
        values = self._raster.read(self._band, window=window).astype(np.float64)
        if self._nodata is None:
            known = self._raster.read_masks(self._band, window=window) != 0
        else:
            known = values != self._nodata
        known &= np.isfinite(values)
        values = values * self._raster.scales[self._band - 1] + self._raster.offsets[self._band - 1]
        odd = known & ((values < _LOWEST_M) | (values > _HIGHEST_M))
        if odd.any():
            own = odd[down * _TILE - top :, across * _TILE - left :][:_TILE, :_TILE]
            self.odd, self.example = self.odd + int(own.sum()), float(values[odd][0])
            known &= ~odd
        return _between(_smoothed(values, known, self._sigma), column - left, row - top)


def _smoothed(values: Floats, known: Any, sigma: tuple[float, ...]) -> Floats:
    """Averages under a bell over the known heights only; nan where too few are known."""
    weight = known.astype(np.float64)
    total = np.where(known, values, 0.0)
    if max(sigma) > 0:
        weight = gaussian_filter(weight, sigma, mode="constant", truncate=_TRUNCATE)
        total = gaussian_filter(total, sigma, mode="constant", truncate=_TRUNCATE)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight >= _LEAST_SHARE, total / weight, np.nan)


def _between(height: Floats, column: Floats, row: Floats) -> Floats:
    """Bilinear between pixel centres; half a pixel beyond the outermost centres counts as these."""
    rows, columns = height.shape
    column, row = np.clip(column, 0, columns - 1), np.clip(row, 0, rows - 1)
    c = np.minimum(column.astype(np.int64), max(columns - 2, 0))
    r = np.minimum(row.astype(np.int64), max(rows - 2, 0))
    right, below = np.minimum(c + 1, columns - 1), np.minimum(r + 1, rows - 1)
    u, v = column - c, row - r

    def mix(a: Floats, b: Floats, part: Floats) -> Floats:
        # A corner that does not count must not spoil a height that it has no part in.
        mixed: Floats = np.where(part == 0, a, np.where(part == 1, b, a + part * (b - a)))
        return mixed

    return mix(mix(height[r, c], height[r, right], u), mix(height[below, c], height[below, right], u), v)
