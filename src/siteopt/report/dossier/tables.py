"""The dossier's sheets as plain values: what stands in which column, before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyproj import Transformer
from shapely.geometry import MultiPolygon

from siteopt.report.dossier.boundary_txt import stated_ha
from siteopt.report.dossier.plots import Parcels
from siteopt.report.dossier.records import Handover, Outlet, Record, mappings, number
from siteopt.report.dossier.shapes import total
from siteopt.report.dossier.survey import Survey
from siteopt.report.dossier.template import TxtTemplate
from siteopt.report.dossier.words import Words, one_line


class ToFill:
    """A cell that the office or the surveyor fills: the run does not know."""


TO_FILL = ToFill()
Cell = str | float | None | ToFill


@dataclass(frozen=True)
class Column:
    """One column: heading entry, width in characters, number format, filled by the office, words to choose from."""

    key: str
    width: float = 12
    number: str = ""
    office: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One sheet: name, title, a line under it, columns and rows."""

    name: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]


def sites_table(handover: Handover, parcels: Parcels, survey: Survey, template: TxtTemplate, words: Words) -> Table:
    """One row per proposed site, and empty columns for the office."""
    to_degrees = survey.to_degrees()
    rows = [
        [*_site_cells(record, parcels, template, to_degrees, words), *[None] * len(_office(words))]
        for record in handover.records
    ]
    columns = (*_SITE_COLUMNS, *_office(words))
    return Table(words("sheet_sites"), _title(handover, words), words("note_sites"), columns, rows)


_SITE_COLUMNS = (
    Column("col_site_id", 16),
    Column("col_name", 22),
    Column("col_community", 16),
    Column("col_north", 14, "0.00"),
    Column("col_east", 15, "0.00"),
    Column("col_lon", 12, "0.0000000"),
    Column("col_lat", 12, "0.0000000"),
    Column("col_kind", 12),
    Column("col_tenure", 14),
    Column("col_parcel", 22),
    Column("col_land_use", 11),
    Column("col_code_scheme", 13),
    Column("col_outlets", 20),
    Column("col_outlet_area", 11, "#,##0.##"),
    Column("col_plot_ha", 11, "0.0000"),
    Column("col_ellipsoid", 12, "#,##0.00"),
    Column("col_cost", 14, "#,##0.##"),
    Column("col_gain", 18, "#,##0"),
    Column("col_only", 18, "#,##0"),
    Column("col_boundary", 18),
)


def _office(words: Words) -> tuple[Column, ...]:
    """The columns that the office fills."""
    yes_no = (words("yes"), words("no"))
    verdicts = tuple(words(key) for key in words.keys("verdict_"))
    return (
        Column("col_new_land", 12, office=True, choices=yes_no),
        Column("col_procedure", 18, office=True),
        Column("col_planned_use", 14, office=True),
        Column("col_opinion", 28, office=True),
        Column("col_verdict", 12, office=True, choices=verdicts),
        Column("col_reviewer", 12, office=True),
        Column("col_date", 13, office=True),
    )


def _site_cells(
    record: Record, parcels: Parcels, template: TxtTemplate, to_degrees: Transformer, words: Words
) -> list[Cell]:
    plots = parcels.of(record)
    state = next((u for u in parcels.unmeasured if u.record is record), None)
    point = state.point if state is not None else _centre(plots)
    lon, lat = to_degrees.transform(point.x, point.y) if point is not None else (None, None)
    return [
        record.site_id,
        record.name,
        record.community,
        point.y if point is not None else TO_FILL,
        point.x if point is not None else TO_FILL,
        lon if lon is not None else TO_FILL,
        lat if lat is not None else TO_FILL,
        words.known("kind_", record.kind),
        record.tenure or TO_FILL,
        record.parcel_id or TO_FILL,
        record.land_use or TO_FILL,
        record.code_scheme or TO_FILL,
        "\n".join(outlet.name for outlet in record.outlets),
        _known(total([o.area_m2 for o in record.outlets])),
        sum(float(stated_ha(p, template)) for p in plots) if plots else TO_FILL,
        sum(p.ellipsoid_m2 for p in plots) if plots else TO_FILL,
        _known(total([o.cost for o in record.outlets])),
        _people(record.outlets, "gain"),
        _people(record.outlets, "only"),
        words(f"boundary_{state.reason}") if state is not None else "\n".join(p.plot_id for p in plots),
    ]


def _centre(plots: Sequence[Any]) -> Any:
    """Centroid of a site's blocks together."""
    return MultiPolygon([p.polygon for p in plots]).centroid


def _people(outlets: Sequence[Outlet], what: str) -> Cell:
    """A head count; one line per outlet where there are several, because one person may gain from each."""
    counts = [getattr(outlet, what) for outlet in outlets]
    if len(outlets) == 1:
        return float(counts[0]) if counts[0] is not None else TO_FILL
    lines = zip(outlets, counts, strict=True)
    return "\n".join(f"{o.name}: {'—' if n is None else f'{n:,.0f}'}" for o, n in lines)


def _known(value: float) -> Cell:
    return value if np.isfinite(value) else TO_FILL


def points_table(parcels: Parcels, survey: Survey, template: TxtTemplate, words: Words) -> Table:
    """Every boundary point, as the text prints it."""
    to_degrees = survey.to_degrees()
    digits = "0." + "0" * template.decimals if template.decimals else "0"
    columns = (
        Column("col_plot_id", 18),
        Column("col_point", 9),
        Column("col_ring", 8, "0"),
        Column("col_x_north", 16, digits),
        Column("col_y_east", 16, digits),
        Column("col_lon", 13, "0.00000000"),
        Column("col_lat", 13, "0.00000000"),
        Column("col_side", 11, "0.00"),
    )
    rows: list[list[Cell]] = []
    for plot in parcels.plots:
        first = 1
        for ring_number, ring in enumerate(plot.rings, 1):
            last = len(ring) - 1
            lon, lat = to_degrees.transform(ring[:, 0], ring[:, 1])
            side = [*np.hypot(*np.diff(ring, axis=0).T).tolist(), None]
            for k in range(last + 1):
                east, north = ring[k].tolist()
                name = f"J{first + k % last}"
                rows.append([plot.plot_id, name, ring_number, north, east, float(lon[k]), float(lat[k]), side[k]])
            first = first + last if template.numbers_run_on else 1
    note = words("note_points") if rows else words("note_no_points")
    return Table(words("sheet_points"), words("title_points"), note, columns, rows)


def shares_table(handover: Handover, words: Words) -> Table:
    """The commercial-area rule per community, as the run's audit found it."""
    area, share = "#,##0.00", "0.00%"
    columns = (
        Column("col_community_id", 16),
        Column("col_name", 22),
        Column("col_age_class", 12),
        Column("col_required", 12),
        Column("col_numerator_before", 15, area),
        Column("col_numerator_after", 15, area),
        Column("col_denominator_before", 15, area),
        Column("col_denominator_after", 15, area),
        Column("col_share_before", 12, share),
        Column("col_share_after", 12, share),
        Column("col_shortfall", 13, area),
        Column("col_rule_result", 14),
    )
    rows = [_share_cells(c, words) for c in mappings(handover.summary.get("communities"))]
    note = words("note_shares") if rows else words("note_no_communities")
    return Table(words("sheet_shares"), words("title_shares"), note, columns, rows)


def _share_cells(community: Mapping[str, Any], words: Words) -> list[Cell]:
    required, shortfall = number(community.get("required")), number(community.get("shortfall_m2"))
    sense = {"ge": "≥", "le": "≤"}.get(str(community.get("sense")), "")
    if required is None or not sense:
        rule, result = words("rule_off"), words("result_off")
    else:
        rule = f"{sense} {required:.2%}"
        result = words("result_unknown" if shortfall is None else "result_short" if shortfall > 0 else "result_met")
    figures = [
        number(community.get(key))
        for key in (
            "commercial_area_before_m2",
            "commercial_area_after_m2",
            "floor_area_before_m2",
            "floor_area_after_m2",
            "commercial_share_before",
            "commercial_share_after",
        )
    ]
    return [
        one_line(community.get("id") or ""),
        one_line(community.get("name") or ""),
        words.known("age_", str(community.get("age_class") or "")),
        rule,
        *figures,
        shortfall,
        result,
    ]


def checks_table(words: Words) -> Table:
    """The overlay checks of land review; none of them is done here, and none is ever called passed."""
    results = tuple(words(key) for key in words.keys("overlay_result_"))
    columns = (
        Column("col_number", 7, "0"),
        Column("col_overlay", 34),
        Column("col_result", 14, office=True, choices=results),
        Column("col_layer_version", 22, office=True),
        Column("col_layer_source", 22, office=True),
        Column("col_plots_concerned", 24, office=True),
        Column("col_overlap_m2", 14, "#,##0.00", office=True),
        Column("col_reviewer", 12, office=True),
        Column("col_date", 13, office=True),
    )
    unknown: list[Cell] = [words("overlay_result_0_not_checked"), None, None, None, None, None, None]
    rows = [[float(k), words(key), *unknown] for k, key in enumerate(words.keys("check_"), 1)]
    return Table(words("sheet_checks"), words("title_checks"), words("note_checks"), columns, rows)


def _title(handover: Handover, words: Words) -> str:
    return words("title_sites", title=handover.title or handover.run)
