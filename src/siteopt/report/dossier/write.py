"""Writes the dossier: all files into a folder of their own first, then into place one by one."""

from __future__ import annotations

import datetime
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from pyogrio.errors import DataSourceError
from pyproj import CRS, Transformer
from xlsxwriter.exceptions import XlsxFileError

from siteopt.findings import Finding, Findings
from siteopt.report.dossier import readme
from siteopt.report.dossier.boundary_txt import render
from siteopt.report.dossier.checks import check_parcels
from siteopt.report.dossier.notes import notes_table
from siteopt.report.dossier.plots import Parcels, make_parcels
from siteopt.report.dossier.records import Handover, read_handover
from siteopt.report.dossier.shapes import GEOPACKAGE, PLOTS, POINTS, SIDECARS, write_shapes
from siteopt.report.dossier.survey import Bounds, Survey, choose_survey
from siteopt.report.dossier.tables import Table, checks_table, points_table, shares_table, sites_table
from siteopt.report.dossier.template import DEFAULT, TxtTemplate
from siteopt.report.dossier.words import Words, one_line
from siteopt.report.dossier.workbook import write_workbook

WORKBOOK = "dossier.xlsx"


def write_dossier(
    folder: Path,
    out: Path,
    *,
    crs: str | None = None,
    producer: str | None = None,
    language: str = "zh",
    template: TxtTemplate = DEFAULT,
    date: str | None = None,
    findings: Findings,
) -> tuple[Path, ...]:
    """Write the hand-over of a finished run.

    Parameters
    ----------
    folder : of the run; only ``summary.json``, ``plan.gpkg``, ``scenario.resolved.yaml``, ``manifest.json`` are read
    out : folder to write into, made if need be; files of an earlier dossier in it are replaced
    crs : of the polygons, e.g. ``EPSG:4525``; None = the CGCS2000 3-degree zone, with prefix, that fits the place
    producer : unit that hands over; None = the scenario's
    language : "zh" or "en"
    template : form of the boundary-coordinate text
    date : YYYY-MM-DD; None = the day of the run
    findings : gets what is wrong or doubtful

    Returns
    -------
    tuple of Path
        The files written, by name; empty when an error was found (nothing is written then).
    """
    mine = Findings()
    try:
        return _write(folder, out, crs, producer, language, template, date, mine)
    finally:
        for f in mine:
            findings.add(f.severity, f.code, file=f.file, row=f.row, field=f.field, value=f.value, **f.facts)


def _write(
    folder: Path,
    out: Path,
    crs: str | None,
    producer: str | None,
    language: str,
    template: TxtTemplate,
    date: str | None,
    findings: Findings,
) -> tuple[Path, ...]:
    handover = read_handover(folder, language, findings)
    if handover is None or findings.errors:
        return ()
    handover = _completed(handover, folder, producer, date, findings)
    file = str(folder)
    place = _place(handover)
    survey = choose_survey(crs, handover.crs, place, file, findings)
    if survey is None or findings.errors:
        return ()
    parcels = make_parcels(handover.records, handover.crs, survey, template.decimals, file, findings)
    try:
        with _room(out) as room:
            _fill(room, handover, parcels, survey, template, place, language, file, findings)
            return _move(room, out)
    except (OSError, DataSourceError, XlsxFileError) as problem:
        why = getattr(problem, "strerror", None) or problem
        findings.error("dossier_cannot_write", file=str(out), value=str(out), why=one_line(why))
        return ()


def _fill(
    room: Path,
    handover: Handover,
    parcels: Parcels,
    survey: Survey,
    template: TxtTemplate,
    place: Bounds,
    language: str,
    file: str,
    findings: Findings,
) -> None:
    """All files of the dossier into an empty folder; the workbook late, because it tells the findings."""
    words = Words(language)
    checks = check_parcels(parcels, template, file, findings)
    if survey.fits_txt and survey.zone is not None and parcels.plots:
        texts = render(
            parcels.plots,
            template,
            zone=survey.zone,
            date=handover.date,
            producer=handover.producer,
            file=file,
            findings=findings,
        )
        for k, text in enumerate(texts, 1):
            (room / ("boundary.txt" if template.one_file else f"boundary-{k:03d}.txt")).write_bytes(text)
    write_shapes(room, handover, parcels, survey, template, words, findings)
    told: tuple[Finding, ...] = tuple(findings)
    tables: tuple[Table, ...] = (
        sites_table(handover, parcels, survey, template, words),
        points_table(parcels, survey, template, words),
        shares_table(handover, words),
        checks_table(words),
        notes_table(handover, parcels, survey, template, place, checks, told, words),
    )
    if handover.illustrative:
        mark = words("illustrative")
        tables = tuple(t if t.note == mark else replace(t, note=f"{mark} {t.note}") for t in tables)
    write_workbook(room / WORKBOOK, tables, words, handover.date)
    names = sorted(p.name for p in room.iterdir())
    about = readme.readme(handover, survey, template, room, names)
    (room / readme.NAME).write_text(about, encoding="utf-8-sig", newline="\r\n")


def _completed(
    handover: Handover, folder: Path, producer: str | None, date: str | None, findings: Findings
) -> Handover:
    """The hand-over with its unit and date; a date that is none is an error, a missing one a warning."""
    who = one_line(producer) if producer is not None else handover.producer
    if not who:
        findings.warning("dossier_no_producer", file=str(folder), field="producer")
    day = handover.date if date is None else date
    try:
        day = datetime.date.fromisoformat(day).isoformat() if day else ""
    except ValueError:
        findings.error("dossier_date", file=str(folder), field="date", value=day)
        day = ""
    if not day:
        findings.warning("dossier_no_date", file=str(folder), field="date")
    return replace(handover, producer=who, date=day)


def _place(handover: Handover) -> Bounds:
    """Where the proposed sites lie, in degrees; the middle of the run's CRS when no site has a place."""
    shapes = [r.geometry for r in handover.records if r.geometry is not None]
    to_degrees = Transformer.from_crs(handover.crs, CRS.from_epsg(4490), always_xy=True)
    xy = shapely.get_coordinates([shape.centroid for shape in shapes])
    lon, lat = to_degrees.transform(xy[:, 0], xy[:, 1])
    known = np.isfinite(lon) & np.isfinite(lat)
    if not known.any():
        area = handover.crs.area_of_use
        return (area.west, area.south, area.east, area.north) if area is not None else (0.0, 0.0, 0.0, 0.0)
    lon, lat = lon[known], lat[known]
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


@contextmanager
def _room(out: Path) -> Iterator[Path]:
    """An empty folder inside ``out``, gone afterwards; ``out`` too if it was made for nothing."""
    made = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix=".dossier-", dir=out))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)
        if made and not any(out.iterdir()):
            out.rmdir()


def _move(room: Path, out: Path) -> tuple[Path, ...]:
    """Everything into place; what an earlier dossier left and this one has not is removed first."""
    names = sorted(p.name for p in room.iterdir())
    for old in out.iterdir():
        if old.is_file() and _is_ours(old.name) and old.name not in names:
            old.unlink()
    for name in names:
        (room / name).replace(out / name)
    return tuple(out / name for name in names)


def _is_ours(name: str) -> bool:
    """A file that some dossier writes."""
    fixed = {WORKBOOK, GEOPACKAGE, readme.NAME, *(f"{layer}{end}" for layer in (PLOTS, POINTS) for end in SIDECARS)}
    split = name.startswith("boundary-") and name.endswith(".txt") and name[9:-4].isdecimal()
    return name in fixed or name == "boundary.txt" or split
