"""What each command does, without a word printed: the command line shows what these return."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from siteopt import pipeline
from siteopt.clock import peak_rss_mb
from siteopt.cluster import spread_over as spread_over
from siteopt.findings import Finding, Findings
from siteopt.infeasible import audit, audit_findings, certain
from siteopt.model import constraint, objective
from siteopt.pipeline import Ready
from siteopt.plan import Run
from siteopt.report.comparison import render
from siteopt.report.comparison_tables import Table, tables
from siteopt.report.dossier import DEFAULT, write_dossier
from siteopt.report.dossier.template import Encoding
from siteopt.report.html import render_html
from siteopt.report.remarks import remark
from siteopt.report.summary import summarise as summarise
from siteopt.runs.compare import Comparison
from siteopt.runs.compare import compare as compare_runs
from siteopt.runs.store import check_writable, default_run_folder, open_run, write_run
from siteopt.scenario.jsonschema import json_schema
from siteopt.scenario.paths import folder_from, rebased
from siteopt.solve.backend import Stop as Stop

check = pipeline.check
solve = pipeline.solve


def init(folder: Path) -> Path:
    """Copy the quickstart into a new folder; refuse one that holds anything."""
    findings = Findings()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        findings.error("folder_in_use", file=folder.name, value=str(folder))
    findings.raise_errors()
    try:
        shutil.copytree(_starter(), folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected*.json"))
    except OSError as problem:
        findings.error("cannot_write", file=folder.name, value=str(folder), reason=problem.strerror or str(problem))
    findings.raise_errors()
    return folder / "scenario.yaml"


def _starter() -> Path:
    """The quickstart: inside an installed package, or beside ``src`` in a checkout."""
    installed = Path(__file__).parent / "starter"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "scenarios" / "quickstart"


def language_of(scenario: Path) -> str:
    """The language a scenario asks for, found without understanding it: its faults are told in it too."""
    try:
        head = scenario.read_bytes()[:200_000].decode("utf-8", errors="replace")
    except OSError:
        return "zh" if os.environ.get("LANG", "").startswith("zh") else "en"
    said = re.search(r"""^\s*(?:report:\s*\{.*?)?language:\s*["']?(zh|en)\b""", head, re.MULTILINE)
    return said.group(1) if said else "en"


def language_of_run(folder: Path) -> str:
    """The language of a run folder, found without checking it."""
    try:
        said = json.loads((folder / "summary.json").read_text(encoding="utf-8")).get("language")
    except (OSError, ValueError, AttributeError):
        said = None
    return said if said in ("zh", "en") else "en"


def findings_json(found: Iterable[Finding], language: str) -> list[dict[str, Any]]:
    """Findings as plain values with their sentences."""
    return [
        {
            "severity": f.severity,
            "code": f.code,
            "file": f.file,
            "row": None if f.row is None else str(f.row),
            "field": f.field,
            "value": None if f.value is None else str(f.value),
            "message": remark(f, language),
        }
        for f in found
    ]


def sizes(ready: Ready) -> dict[str, Any]:
    """How large a scenario is."""
    world = ready.world
    return {
        "warnings": sum(f.severity == "warning" for f in ready.findings),
        "cells": f"{int(world.cells.counts.sum()):,}",
        "people": f"{world.cells.residents.sum():,.0f}",
        "candidates": f"{int(world.sites.is_candidate.sum()):,}",
        "existing": f"{int(world.sites.standing.sum()):,}",
        "pairs": f"{len(ready.travel.site):,}",
    }


def outlook(ready: Ready) -> tuple[tuple[Finding, ...], bool]:
    """All findings, those of the audit before solving among them; and whether a plan may exist."""
    outlooks = audit(ready, pipeline.engine_of(ready))
    return (*ready.findings, *audit_findings(ready, outlooks)), not certain(outlooks)


def assess(ready: Ready) -> dict[str, Any]:
    """Today's coverage, by type and community, and who has nothing."""
    summary = summarise(pipeline.assess(ready))
    return summary | {"status": "assessed", "stopped": ""}


def run_folder(ready: Ready, out: Path | None) -> Path:
    """Where the run will be written; found unwritable before any time is spent on solving."""
    folder = out or default_run_folder(Path(), ready.loaded.spec.name, ready.loaded.variant)
    findings = Findings()
    check_writable(folder, findings)
    findings.raise_errors()
    return folder


def write(run: Run, ready: Ready, folder: Path) -> tuple[dict[str, Any], Path]:
    """Write the run folder; return its summary and where it is."""
    # Drawing costs a second of imports that check, assess, compare and export do without.
    from siteopt.report.image import render_map

    streets = ready.streets if ready.loaded.spec.report.basemap_streets else None
    with ready.clock.stage("report"):
        draft = summarise(run)
        html = render_html(run, draft, streets=streets)
        png = render_map(run, streets=streets)
    done = replace(
        run,
        # Its paths start from the run folder, so that the copy can be solved where it lies.
        scenario=rebased(run.scenario, folder_from(ready.loaded.base.resolve(), folder.resolve())),
        timings_s=dict(ready.clock.seconds),
        peak_rss_mb=peak_rss_mb(),
        stage_peak_mb=dict(ready.clock.peak_mb),
    )
    summary = summarise(done)
    with ready.clock.stage("write"):
        where = write_run(done, folder, html=html, map_png=png, summary=summary)
    return summary, where


def compare(folders: Sequence[Path]) -> tuple[Comparison, tuple[Finding, ...]]:
    """Open the runs and hold them against the first."""
    comparison = compare_runs([open_run(folder) for folder in folders])
    return comparison, comparison.findings


def comparison_language(comparison: Comparison) -> str:
    """The first run's language."""
    return str(comparison.runs[0]["language"])


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all; a place that cannot be written is a finding."""
    findings = Findings()
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as problem:
        with suppress(OSError):
            partial.unlink()
        findings.error("cannot_write", file=path.name, value=str(path), reason=problem.strerror or str(problem))
    findings.raise_errors()


def write_comparison(comparison: Comparison, out: Path, language: str) -> None:
    """The comparison as one HTML page."""
    write_text(out, render(comparison.as_dict(), language))


def export(
    folder: Path, out: Path | None, *, crs: str | None, producer: str | None, encoding: Encoding, language: str | None
) -> tuple[tuple[Path, ...], tuple[Finding, ...]]:
    """Write the hand-over of a run for land review."""
    run, findings = open_run(folder), Findings()
    paths = write_dossier(
        run.folder,
        out or run.folder / "dossier",
        crs=crs,
        producer=producer,
        language=language or str(run.summary["language"]),
        template=replace(DEFAULT, encoding=encoding),
        findings=findings,
    )
    findings.raise_errors()
    return paths, (*run.findings, *findings)


def schema() -> dict[str, Any]:
    """The scenario format as JSON Schema, with every rule and objective that is here."""
    return json_schema(
        {name: rule.parameters for name, rule in constraint.registry().items() if not rule.always},
        {name: seek.parameters for name, seek in objective.registry().items()},
    )


def comparison_tables(comparison: Comparison, language: str) -> list[Table]:
    """A comparison's tables, for the terminal."""
    return tables(comparison.as_dict(), language)
