"""Is each boundary fit to hand over: looked at once more on the numbers that will be printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from siteopt.findings import Findings
from siteopt.report.dossier.boundary_txt import stated_ha
from siteopt.report.dossier.plots import Parcels, Plot
from siteopt.report.dossier.template import TxtTemplate
from siteopt.units import Floats

MIN_SPACING_M = 0.10
"""Boundary points closer than this are usually one point digitised twice."""

State = Literal["passed", "problem", "not_checked"]


@dataclass(frozen=True)
class Check:
    """One geometry check over all plots; ``detail`` names the plots concerned."""

    name: str
    state: State
    detail: str = ""


def check_parcels(parcels: Parcels, template: TxtTemplate, file: str, findings: Findings) -> tuple[Check, ...]:
    """Check every plot; a problem is a warning, because the office decides what it accepts.

    Parameters
    ----------
    parcels : plots as they will be printed
    template : gives decimals of coordinates and areas
    file : what findings name

    Returns
    -------
    tuple of Check
        In a fixed order; the administrative boundary is not in a run folder and stays not checked.
    """
    plots = parcels.plots
    if not plots:
        return tuple(Check(name, "not_checked") for name in (*_PER_PLOT, "overlap", "inside_boundary"))
    found = []
    for name, holds in _PER_PLOT.items():
        bad = [plot.plot_id for plot in plots if not holds(plot, template)]
        for plot_id in bad:
            findings.warning(f"dossier_check_{name}", file=file, value=plot_id)
        found.append(_check(name, bad))
    pairs = _overlaps(plots, template)
    for one, other, area_m2 in pairs:
        findings.warning("dossier_check_overlap", file=file, value=one, other=other, area_m2=area_m2)
    found.append(_check("overlap", [f"{one} × {other}" for one, other, _ in pairs]))
    found.append(Check("inside_boundary", "not_checked"))
    return tuple(found)


def _check(name: str, bad: Sequence[str]) -> Check:
    return Check(name, "problem" if bad else "passed", ", ".join(bad))


def _closed(plot: Plot, template: TxtTemplate) -> bool:
    """Every ring ends where it began and has at least three corners."""
    return all(len(ring) >= 4 and bool(np.array_equal(ring[0], ring[-1])) for ring in plot.rings)


def _valid(plot: Plot, template: TxtTemplate) -> bool:
    """No ring crosses or touches itself or another along a line; holes are inside."""
    return bool(plot.polygon.is_valid)


def _no_duplicates(plot: Plot, template: TxtTemplate) -> bool:
    """No point of a ring appears twice, the closing point apart."""
    return all(len(np.unique(ring[:-1], axis=0)) == len(ring) - 1 for ring in plot.rings)


def _oriented(plot: Plot, template: TxtTemplate) -> bool:
    """Outer ring clockwise, holes counter-clockwise, by the signed area of the printed numbers."""
    signed = [_signed_m2(ring) for ring in plot.rings]
    return signed[0] < 0 and all(area > 0 for area in signed[1:])


def _area_agrees(plot: Plot, template: TxtTemplate) -> bool:
    """The stated hectares are what the printed points enclose, to half of their last digit."""
    enclosed_m2 = -sum(_signed_m2(ring) for ring in plot.rings)
    half_digit_m2 = 0.5 * 10.0 ** (4 - template.area_decimals)
    return enclosed_m2 > 0 and abs(float(stated_ha(plot, template)) * 1e4 - enclosed_m2) <= half_digit_m2 + 1e-3


def _spaced(plot: Plot, template: TxtTemplate) -> bool:
    """No two neighbouring points are closer than :data:`MIN_SPACING_M`."""
    return all(bool((np.hypot(*np.diff(ring, axis=0).T) >= MIN_SPACING_M).all()) for ring in plot.rings)


_PER_PLOT: dict[str, Callable[[Plot, TxtTemplate], bool]] = {
    "closed": _closed,
    "valid": _valid,
    "no_duplicates": _no_duplicates,
    "oriented": _oriented,
    "area_agrees": _area_agrees,
    "spaced": _spaced,
}


def _signed_m2(ring: Floats) -> float:
    """Shoelace area, > 0 counter-clockwise; about the first point, because eastings have eight digits."""
    x, y = (ring - ring[0]).T
    return 0.5 * float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


def _overlaps(plots: Sequence[Plot], template: TxtTemplate) -> list[tuple[str, str, float]]:
    """Pairs of plots that overlap by more than the rounding of a shared border."""
    shapes = [plot.polygon for plot in plots]
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    found = []
    for a, b in sorted(zip(one.tolist(), other.tolist(), strict=True)):
        if a < b:
            common = shapes[a].intersection(shapes[b])
            if common.area > 10.0**-template.decimals * common.length:
                found.append((plots[a].plot_id, plots[b].plot_id, float(common.area)))
    return found
