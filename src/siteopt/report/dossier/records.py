"""What a finished run's folder says about its proposed sites; nothing else is read."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyogrio
import yaml
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from siteopt.findings import Findings
from siteopt.report.dossier.words import one_line

SUMMARY, LAYERS, SCENARIO, MANIFEST = "summary.json", "plan.gpkg", "scenario.resolved.yaml", "manifest.json"
AREAS = "site_areas"
"""Layer of polygons beside the points of ``sites``, joined by ``site_id``; a run may do without it."""
CHINA = timezone(timedelta(hours=8))
NEEDED_COLUMNS = ("site_id",)


@dataclass(frozen=True)
class Outlet:
    """A proposed outlet: its type, m2, money, people who gain, people who have no other of its type."""

    type_id: str
    name: str
    area_m2: float | None
    cost: float | None
    gain: float | None
    only: float | None


@dataclass(frozen=True, eq=False)
class Record:
    """One proposed site; texts are clean single lines and may be empty, ``geometry`` is in the run's CRS."""

    site_id: str
    name: str
    community: str
    kind: str
    tenure: str
    parcel_id: str
    land_use: str
    code_scheme: str
    outlets: tuple[Outlet, ...]
    geometry: BaseGeometry | None

    @property
    def outlet_names(self) -> str:
        """All outlets in one text."""
        return "; ".join(outlet.name for outlet in self.outlets)


@dataclass(frozen=True, eq=False)
class Handover:
    """A run as the land office needs it.

    Attributes
    ----------
    run : name of the run folder
    summary, scenario, manifest : the files, as plain values
    title, date, producer : texts, may be empty
    crs : the run's metric CRS
    records : proposed sites in the order of their ids
    hashes : file of the run folder -> sha256
    """

    run: str
    summary: Mapping[str, Any]
    scenario: Mapping[str, Any]
    manifest: Mapping[str, Any]
    title: str
    date: str
    producer: str
    illustrative: bool
    currency: str
    crs: CRS
    records: tuple[Record, ...]
    hashes: Mapping[str, str]


def read_handover(folder: Path, language: str, findings: Findings) -> Handover | None:
    """Read a run folder.

    Parameters
    ----------
    folder : of a finished run
    language : of names that the scenario gives in several
    findings : gets an error for everything that is missing, broken or contradictory

    Returns
    -------
    Handover or None
        None when there is nothing to hand over or the folder cannot be used.
    """
    if not folder.is_dir():
        findings.error("dossier_no_run", file=str(folder), value=str(folder))
        return None
    summary = _plain(folder / SUMMARY, json.loads, findings)
    scenario = _plain(folder / SCENARIO, yaml.safe_load, findings)
    manifest = _plain(folder / MANIFEST, json.loads, findings)
    if summary is None or scenario is None or manifest is None:
        return None
    chosen = [s for s in mappings(summary.get("sites")) if "site_id" in s]
    if not chosen:
        status = str(summary.get("status", ""))
        findings.error("dossier_nothing_to_hand_over", file=str(folder / SUMMARY), field="sites", value=status)
        return None
    layer = _sites_layer(folder / LAYERS, findings)
    if layer is None:
        return None
    rows, geometry, crs = layer
    report = scenario.get("report")
    producer = report.get("producer") if isinstance(report, Mapping) else None
    return Handover(
        run=folder.resolve().name,
        summary=summary,
        scenario=scenario,
        manifest=manifest,
        title=_in_language(scenario.get("title") or summary.get("title") or scenario.get("name") or "", language),
        date=_date_of(manifest),
        producer=one_line(producer or ""),
        illustrative=bool(scenario.get("illustrative") or summary.get("illustrative")),
        currency=one_line(summary.get("currency") or scenario.get("currency") or ""),
        crs=crs,
        records=_records(chosen, rows, geometry, summary, scenario, language, folder, findings),
        hashes={name: _sha256(folder / name) for name in (SUMMARY, SCENARIO, LAYERS, MANIFEST)},
    )


def _plain(path: Path, parse: Any, findings: Findings) -> Mapping[str, Any] | None:
    """A mapping from a JSON or YAML file, or an error."""
    try:
        value = parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        findings.error("dossier_no_file", file=str(path), value=path.name)
        return None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as problem:
        findings.error("dossier_broken_file", file=str(path), value=path.name, why=one_line(problem))
        return None
    if not isinstance(value, Mapping):
        findings.error("dossier_broken_file", file=str(path), value=path.name, why=type(value).__name__)
        return None
    return value


def _sites_layer(
    path: Path, findings: Findings
) -> tuple[dict[str, dict[str, Any]], dict[str, BaseGeometry | None], CRS] | None:
    """Rows and geometries of the layer of sites by site id, and its CRS."""
    if not path.is_file():
        findings.error("dossier_no_file", file=str(path), value=path.name)
        return None
    try:
        frame = pyogrio.read_dataframe(path, layer="sites")
        crs = CRS.from_user_input(frame.crs) if frame.crs is not None else None
        areas = _areas(path)
    except (DataSourceError, DataLayerError, CRSError, ValueError, OSError, AttributeError) as problem:
        findings.error("dossier_broken_file", file=str(path), value=path.name, why=one_line(problem))
        return None
    missing = [c for c in NEEDED_COLUMNS if c not in frame.columns]
    if missing or crs is None:
        why = ", ".join(missing) if missing else "CRS"
        findings.error("dossier_broken_file", file=str(path), value=path.name, why=why)
        return None
    ids = [str(value) for value in frame["site_id"]]
    rows = frame.drop(columns=[frame.geometry.name]).to_dict("records")
    shapes = [areas.get(i, g) for i, g in zip(ids, frame.geometry, strict=True)]
    known = [None if g is None or g.is_empty else g for g in shapes]
    return dict(zip(ids, rows, strict=True)), dict(zip(ids, known, strict=True)), crs


def _areas(path: Path) -> dict[str, BaseGeometry]:
    """Polygons of the spaces that have one, where the run keeps them in a layer of their own."""
    if AREAS not in {str(name) for name, _ in pyogrio.list_layers(path)}:
        return {}
    frame = pyogrio.read_dataframe(path, layer=AREAS, columns=["site_id"])
    return {str(i): g for i, g in zip(frame["site_id"], frame.geometry, strict=True) if g is not None}


def _records(
    chosen: Sequence[Mapping[str, Any]],
    rows: Mapping[str, Mapping[str, Any]],
    geometry: Mapping[str, BaseGeometry | None],
    summary: Mapping[str, Any],
    scenario: Mapping[str, Any],
    language: str,
    folder: Path,
    findings: Findings,
) -> tuple[Record, ...]:
    """One record per proposed site, its outlets in the order of the summary."""
    communities = {
        str(c.get("id")): one_line(c.get("name") or c.get("id") or "") for c in mappings(summary.get("communities"))
    }
    outlets: dict[str, list[Outlet]] = {}
    for line in chosen:
        type_id = str(line.get("outlet_type", ""))
        outlet = Outlet(
            type_id,
            type_name(type_id, summary, scenario, language),
            number(line.get("area_m2")),
            number(line.get("cost")),
            number(line.get("newly_covered")),
            number(line.get("only_covered_by_this")),
        )
        outlets.setdefault(str(line["site_id"]), []).append(outlet)
    found = []
    for site_id in sorted(outlets):
        row = rows.get(site_id)
        if row is None:
            findings.error("dossier_site_missing", file=str(folder / LAYERS), field="site_id", value=site_id)
            continue
        text = {key: _text(value) for key, value in row.items()}
        found.append(
            Record(
                one_line(site_id),
                text.get("name", ""),
                communities.get(text.get("community", ""), text.get("community", "")),
                text.get("kind", ""),
                text.get("tenure", ""),
                text.get("parcel_id", ""),
                text.get("land_use", ""),
                text.get("code_scheme", ""),
                tuple(outlets[site_id]),
                geometry[site_id],
            )
        )
    return tuple(found)


def type_name(type_id: str, summary: Mapping[str, Any], scenario: Mapping[str, Any], language: str) -> str:
    """The name of an outlet type as the run folder gives it; its id when it gives none."""
    listed = {str(t.get("id")): t for t in mappings(summary.get("types"))}
    written = scenario.get("types")
    for entry in (listed.get(type_id), written.get(type_id) if isinstance(written, Mapping) else None):
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if name:
            return _in_language(name, language)
    return one_line(type_id)


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """The mappings in a list; none in anything else."""
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def number(value: Any) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _in_language(value: Any, language: str) -> str:
    """A text, or the asked language of a text given in several."""
    if isinstance(value, Mapping):
        texts = {str(k): str(v) for k, v in value.items()}
        first = next(iter(texts.values()), "")
        return one_line(texts.get(language) or texts.get("en") or first)
    return one_line(value)


def _text(value: Any) -> str:
    """A cell of the layer as clean text; missing is empty."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return one_line(value)


def _date_of(manifest: Mapping[str, Any]) -> str:
    """The day of the run, YYYY-MM-DD, as it was in China; empty when the manifest does not say."""
    try:
        moment = datetime.fromisoformat(str(manifest.get("created", "")))
    except ValueError:
        return ""
    return (moment.astimezone(CHINA) if moment.tzinfo is not None else moment).date().isoformat()


def _sha256(path: Path) -> str:
    """Fingerprint of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
