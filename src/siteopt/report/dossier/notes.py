"""The last sheet: what the figures mean, how the coordinates were made, what was checked and what was not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from siteopt.findings import Finding
from siteopt.report.dossier.boundary_txt import stated_ha
from siteopt.report.dossier.checks import Check
from siteopt.report.dossier.plots import Parcels
from siteopt.report.dossier.records import Handover, mappings
from siteopt.report.dossier.survey import Bounds, Survey, label
from siteopt.report.dossier.tables import Cell, Column, Table
from siteopt.report.dossier.template import TxtTemplate
from siteopt.report.dossier.words import Words, one_line
from siteopt.report.verdicts import outcome_told

Row = list[Cell]


def notes_table(
    handover: Handover,
    parcels: Parcels,
    survey: Survey,
    template: TxtTemplate,
    place: Bounds,
    checks: Sequence[Check],
    findings: Iterable[Finding],
    words: Words,
) -> Table:
    """Two columns, in sections; a row without a second cell is a section's heading.

    Parameters
    ----------
    place : of the proposed sites, degrees, for the projection's scale
    checks : geometry checks that were done
    findings : of this export
    """
    definitions: list[Row] = [[words(key), words(f"text_{key}")] for key in words.keys("define_")]
    geometry: list[Row] = [[words(f"geometry_{c.name}"), _result(c, words)] for c in checks]
    rows: list[Row] = [
        [words("notes_run"), None],
        *_run_rows(handover, words),
        [words("notes_coordinates"), None],
        *_coordinate_rows(parcels, survey, template, place, words),
        [words("notes_definitions"), None],
        *definitions,
        [words("notes_geometry"), None],
        *geometry,
        *_unchecked_rows(handover, words),
        [words("notes_findings"), None],
        *_finding_rows(findings, words),
        [words("notes_inputs"), None],
        *_input_rows(handover, words),
    ]
    columns = (Column("col_item", 30), Column("col_content", 110))
    return Table(words("sheet_notes"), words("title_notes"), _mark(handover, words), columns, rows)


def _mark(handover: Handover, words: Words) -> str:
    return words("illustrative") if handover.illustrative else words("not_illustrative")


def _run_rows(handover: Handover, words: Words) -> list[Row]:
    summary = handover.summary
    objective = summary.get("objective")
    proof = objective.get("in_words") if isinstance(objective, Mapping) else None
    in_words = proof.get(words.language) if isinstance(proof, Mapping) else None
    facts = {
        "run_id": handover.run,
        "scenario": one_line(summary.get("scenario") or ""),
        "title": handover.title,
        "producer": handover.producer,
        "date": handover.date,
        "status": words.known("status_", one_line(summary.get("status") or "")),
        "proof": one_line(in_words or ""),
        "currency": handover.currency,
        "data": _mark(handover, words),
    }
    return [
        [words(f"run_{key}"), value or words("to_fill")] for key, value in facts.items() if key != "proof" or value
    ]


def _coordinate_rows(
    parcels: Parcels, survey: Survey, template: TxtTemplate, place: Bounds, words: Words
) -> list[Row]:
    lon, lat = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
    scale = survey.scale_at(lon, lat)
    plane = sum(plot.plane_m2 for plot in parcels.plots)
    ellipsoid = sum(plot.ellipsoid_m2 for plot in parcels.plots)
    stated = sum(float(stated_ha(plot, template)) for plot in parcels.plots)
    prefix = "prefix" if survey.prefixed else "no_prefix"
    zone = words(f"coordinates_zone_{prefix}", zone=survey.zone) if survey.zone else words("coordinates_no_zone")
    datum = survey.asked.geodetic_crs.datum.name if survey.asked.geodetic_crs else ""
    return [
        [words("coordinates_asked"), f"{label(survey.asked)} {survey.asked.name}"],
        [words("coordinates_points"), f"{label(survey.metres)} {survey.metres.name}"],
        [words("coordinates_datum"), words("coordinates_cgcs2000") if survey.cgcs2000 else datum],
        [words("coordinates_zone"), zone],
        [words("coordinates_axes"), words("text_coordinates_axes")],
        [words("coordinates_rounding"), words("text_coordinates_rounding", decimals=template.decimals)],
        [words("coordinates_scale"), words("text_coordinates_scale", scale=scale, percent=(scale**2 - 1) * 100)],
        [
            words("coordinates_areas"),
            words("text_coordinates_areas", plane=plane, ellipsoid=ellipsoid, stated=stated),
        ],
        [words("coordinates_heights"), words("text_coordinates_heights")],
    ]


def _result(check: Check, words: Words) -> str:
    state = words(f"state_{check.state}")
    return f"{state}: {check.detail}" if check.detail else state


def _unchecked_rows(handover: Handover, words: Words) -> list[Row]:
    """Planning rules that the run could not check; nothing where it checked all."""
    verdicts = mappings(handover.summary.get("verdicts"))
    found = [v for v in verdicts if outcome_told({"holds": False, **v}) == "not_checked"]
    titles = {_rule_title(v, words.language): None for v in found}
    rows: list[Row] = [
        [title, words("text_rule_not_checked", n=sum(_rule_title(v, words.language) == title for v in found))]
        for title in titles
    ]
    return [[words("notes_rules"), None], *rows] if rows else []


def _rule_title(verdict: Mapping[str, Any], language: str) -> str:
    title = verdict.get("title")
    said = title.get(language) if isinstance(title, Mapping) else None
    return one_line(said or verdict.get("rule") or "")


def _finding_rows(findings: Iterable[Finding], words: Words) -> list[Row]:
    rows: list[Row] = [[words(f"severity_{f.severity}"), words.finding(f)] for f in findings]
    return rows or [[words("severity_info"), words("no_findings")]]


def _input_rows(handover: Handover, words: Words) -> list[Row]:
    rows: list[Row] = [[name, words("text_hash", sha256=digest)] for name, digest in sorted(handover.hashes.items())]
    inputs = mappings(handover.manifest.get("inputs"))
    rows += [[one_line(entry.get("file") or ""), _input(entry, words)] for entry in inputs]
    versions = {"siteopt": handover.manifest.get("siteopt"), "python": handover.manifest.get("python")}
    libraries = handover.manifest.get("libraries")
    known = {**versions, **(libraries if isinstance(libraries, Mapping) else {})}
    used = ", ".join(f"{one_line(name)} {one_line(value)}" for name, value in known.items() if value)
    return [*rows, [words("notes_versions"), used or words("to_fill")]]


def _input(entry: Mapping[str, Any], words: Words) -> str:
    digest = one_line(entry.get("sha256") or "")
    rows = entry.get("rows")
    return words("text_input", sha256=digest, rows="—" if rows is None else one_line(rows))
