"""The CRS asked for, checked against the place."""

from __future__ import annotations

import pytest
from pyproj import CRS, Transformer

from siteopt.findings import Findings
from siteopt.report.dossier.survey import Survey, choose_survey, fitting_zone, label

LON, LAT = 109.83, 27.20
HONGJIANG = (LON, LAT, LON, LAT)
PORTO = (-8.62, 41.15, -8.60, 41.17)
RUN = CRS.from_epsg(4546)


def chosen(
    asked: str | None, place: tuple[float, float, float, float] = HONGJIANG, run: CRS = RUN
) -> tuple[Survey | None, list[str], Findings]:
    findings = Findings()
    survey = choose_survey(asked, run, place, "run", findings)
    return survey, [f.code for f in findings], findings


def test_the_test_point_of_the_land_review_note_is_reproduced() -> None:
    to_zone = Transformer.from_crs(4490, 4525, always_xy=True)
    east, north = to_zone.transform(LON, LAT)
    assert (round(north, 3), round(east, 3)) == (3_010_332.399, 37_384_073.205)
    survey, _, _ = chosen("EPSG:4546")
    assert survey is not None
    lon, lat = survey.to_degrees().transform(384_073.205, 3_010_332.399)
    assert (round(lon, 8), round(lat, 8)) == (LON, LAT)
    assert survey.to_metres(CRS.from_epsg(4490)).transform(LON, LAT) == pytest.approx(
        (384_073.205, 3_010_332.399), abs=1e-3
    )
    assert round(survey.scale_at(LON, LAT), 6) == 1.000166


def test_the_zone_with_prefix_is_chosen_when_none_is_asked_for() -> None:
    survey, codes, _ = chosen(None)
    assert survey is not None
    assert (label(survey.asked), survey.zone, survey.prefixed, survey.fits_txt) == ("EPSG:4525", 37, True, True)
    assert codes == []


@pytest.mark.parametrize(
    ("lon", "epsg"), [(75.0, 4513), (109.49, 4524), (109.51, 4525), (112.51, 4526), (134.5, 4533)]
)
def test_every_zone_has_its_own_code(lon: float, epsg: int) -> None:
    zone = fitting_zone(lon, 30.0)
    assert zone is not None
    assert zone.to_epsg() == epsg
    assert zone.area_of_use.west <= lon <= zone.area_of_use.east


@pytest.mark.parametrize("text", ["EPSG:4546", " epsg:4546 ", "4546"])
def test_eastings_without_prefix_are_recognised_however_the_code_is_written(text: str) -> None:
    survey, codes, _ = chosen(text)
    assert survey is not None
    assert (survey.zone, survey.prefixed, survey.fits_txt, codes) == (37, False, True, [])


def test_degrees_are_for_polygons_only_and_boundary_points_stay_in_metres() -> None:
    survey, codes, findings = chosen("EPSG:4490")
    assert survey is not None
    assert (survey.in_degrees, survey.fits_txt, label(survey.metres)) == (True, False, "EPSG:4525")
    assert codes == ["dossier_txt_refused"]
    assert next(iter(findings)).facts["best"] == "EPSG:4525"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("EPSG:999999", "dossier_crs_unknown"),
        ("", "dossier_crs_unknown"),
        ("洪江", "dossier_crs_unknown"),
        ('{"type": 1}', "dossier_crs_unknown"),
        ("99999999999999999999999", "dossier_crs_unknown"),
        ("EPSG:5703", "dossier_crs_kind"),
        ("EPSG:4978", "dossier_crs_kind"),
        ("EPSG:4979", "dossier_crs_kind"),
        ("EPSG:3857", "dossier_crs_unfit"),
        ("EPSG:2263", "dossier_crs_unfit"),
    ],
)
def test_what_cannot_carry_plots_is_an_error_that_names_the_fitting_zone(asked: str, code: str) -> None:
    survey, codes, findings = chosen(asked)
    assert survey is None
    assert codes == [code]
    assert findings.errors[0].facts["best"] == "EPSG:4525"


def test_the_neighbouring_zone_is_used_with_a_warning() -> None:
    survey, codes, findings = chosen("EPSG:4524")
    assert survey is not None
    assert survey.fits_txt
    assert codes == ["dossier_crs_elsewhere"]
    assert next(iter(findings)).facts["best"] == "EPSG:4525"


def test_another_datum_is_named_and_gives_no_text() -> None:
    survey, codes, _ = chosen("EPSG:2361")  # Xian 1980, zone 37
    assert survey is not None
    assert (survey.zone, survey.cgcs2000, survey.fits_txt) == (37, False, False)
    assert codes == ["dossier_crs_datum", "dossier_datum_change", "dossier_txt_refused"]


def test_a_six_degree_zone_gives_no_text() -> None:
    survey, codes, _ = chosen("EPSG:4497")  # CGCS2000 / Gauss-Kruger zone 19, 6 degrees
    assert survey is not None
    assert (survey.zone, codes) == (None, ["dossier_txt_refused"])


def test_a_run_on_wgs84_is_taken_over_with_a_warning() -> None:
    survey, codes, _ = chosen("EPSG:4525", run=CRS.from_epsg(32649))
    assert survey is not None
    assert codes == ["dossier_datum_change"]


def test_a_compound_crs_counts_by_its_horizontal_part() -> None:
    survey, codes, _ = chosen("EPSG:4525+5737")
    assert survey is not None
    assert (survey.zone, codes) == (37, [])


def test_a_place_outside_china_keeps_the_crs_of_the_run() -> None:
    survey, codes, _ = chosen(None, PORTO, CRS.from_epsg(32629))
    assert survey is not None
    assert (label(survey.asked), survey.fits_txt, codes) == ("EPSG:32629", False, ["dossier_outside_zones"])
