"""From geometries to plots: rounding, order, orientation, and what has no boundary."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from siteopt.findings import Findings
from siteopt.report.dossier.plots import Parcels, make_parcels
from siteopt.report.dossier.records import Record
from siteopt.report.dossier.survey import choose_survey
from tests.unit.report.dossier.run_folder import EAST, NORTH, PLOT

RUN = CRS.from_epsg(4546)
PLACE = (109.83, 27.2, 109.83, 27.2)
CORNERS = [(EAST, NORTH), (EAST + 40, NORTH), (EAST + 40, NORTH - 30), (EAST, NORTH - 30)]


def parcels(geometry: BaseGeometry | None, crs: str = "EPSG:4546") -> tuple[Parcels, list[str]]:
    findings = Findings()
    survey = choose_survey(crs, RUN, PLACE, "run", findings)
    assert survey is not None
    record = Record("A", "", "", "", "", "", "", "", (), geometry)
    return make_parcels([record], RUN, survey, 2, "run", findings), [f.code for f in findings]


@pytest.mark.parametrize("start", range(4))
@pytest.mark.parametrize("reverse", [False, True])
def test_a_ring_is_the_same_whichever_way_it_was_drawn(start: int, reverse: bool) -> None:
    corners = CORNERS[start:] + CORNERS[:start]
    found, codes = parcels(shapely.Polygon(corners[::-1] if reverse else corners))
    assert np.round(found.plots[0].rings[0], 2).tolist() == [list(c) for c in [*CORNERS, CORNERS[0]]]
    assert codes == []


def test_points_that_fall_together_when_rounded_are_written_once() -> None:
    shape = shapely.Polygon([CORNERS[0], (EAST + 0.001, NORTH + 0.001), *CORNERS[1:]])
    found, codes = parcels(shape)
    assert (found.plots[0].n_points, found.merged, codes) == (5, 1, ["dossier_points_merged"])


def test_a_hole_below_the_rounding_disappears() -> None:
    speck = shapely.box(EAST + 5.001, NORTH - 5.003, EAST + 5.003, NORTH - 5.001)
    found, _ = parcels(PLOT - speck)
    assert len(found.plots[0].rings) == 1


def test_areas_are_of_the_rounded_points_and_the_ellipsoid_is_smaller_by_the_scale() -> None:
    plot = parcels(PLOT)[0].plots[0]
    assert plot.plane_m2 == pytest.approx(1200, abs=1e-5)
    assert plot.ellipsoid_m2 == pytest.approx(1200 / 1.000166**2, abs=0.01)


def test_the_area_of_a_hole_counts_on_neither() -> None:
    hole = shapely.box(EAST + 10, NORTH - 20, EAST + 20, NORTH - 10)
    plot = parcels(PLOT - hole)[0].plots[0]
    assert plot.plane_m2 == pytest.approx(1100, abs=1e-5)
    assert plot.ellipsoid_m2 == pytest.approx(1100 / 1.000166**2, abs=0.01)


def test_heights_are_dropped() -> None:
    found, codes = parcels(shapely.force_3d(PLOT, 211.5))
    assert (found.plots[0].rings[0].shape, codes) == ((5, 2), [])


def test_blocks_are_found_in_a_collection() -> None:
    line = shapely.LineString([(EAST, NORTH), (EAST + 9, NORTH)])
    found, _ = parcels(shapely.GeometryCollection([line, shapely.MultiPolygon([PLOT, translate(PLOT, 100)])]))
    assert [(p.plot_id, p.part) for p in found.plots] == [("A-1", "1/2"), ("A-2", "2/2")]


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Point(EAST, NORTH),
        shapely.MultiPoint([(EAST, NORTH), (EAST, NORTH)]),
        shapely.LineString([(EAST - 1, NORTH), (EAST + 1, NORTH)]),
    ],
)
def test_what_has_no_area_is_to_be_surveyed(shape: BaseGeometry) -> None:
    found, codes = parcels(shape)
    assert (found.plots, codes) == ((), ["dossier_site_to_survey"])
    assert found.unmeasured[0].reason == "to_survey"
    point = found.unmeasured[0].point
    assert point is not None
    assert (point.x, point.y) == pytest.approx((EAST, NORTH))


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Polygon([CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3]]),
        shapely.Polygon([(EAST, NORTH), (EAST + 0.001, NORTH), (EAST, NORTH + 0.001)]),
        shapely.Polygon([(EAST, NORTH), (EAST + 10, NORTH), (EAST + 20, NORTH)]),
    ],
)
def test_a_faulty_boundary_is_said_and_not_handed_over(shape: BaseGeometry) -> None:
    found, codes = parcels(shape)
    assert (found.plots, codes, found.unmeasured[0].reason) == ((), ["dossier_plot_invalid"], "invalid")
    assert found.unmeasured[0].point is not None


@pytest.mark.parametrize("shape", [None, shapely.Point(1e300, 1e300), shapely.Point(np.inf, 0.0)])
def test_a_site_that_is_nowhere_is_said(shape: BaseGeometry | None) -> None:
    found, codes = parcels(shape)
    assert (found.plots, codes, found.unmeasured[0].point) == ((), ["dossier_site_nowhere"], None)
