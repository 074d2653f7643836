"""Write a run folder so that a killed run never leaves one that looks whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from siteopt.findings import Findings
from siteopt.plan import Run
from siteopt.report import geo, tables
from siteopt.report.acceptance import acceptance
from siteopt.report.acceptance_xlsx import write_acceptance
from siteopt.report.safe import json_text, plain
from siteopt.report.summary import summarise
from siteopt.runs import layout
from siteopt.runs.layout import default_run_folder
from siteopt.runs.manifest import manifest_of
from siteopt.runs.place import (
    as_finding,
    check_target,
    check_writable,
    parents_to_make,
    partial_of,
    put_in_place,
    unmake,
)
from siteopt.runs.stored import StoredRun, open_run

__all__ = ["StoredRun", "check_writable", "default_run_folder", "open_run", "write_run"]


def write_run(
    run: Run,
    out: Path,
    *,
    html: str,
    map_png: bytes,
    summary: Mapping[str, Any] | None = None,
    more: Callable[[Path], None] | None = None,
) -> Path:
    """Write everything about a run into a folder, which appears whole or not at all.

    All is written into a hidden folder beside ``out``, which is then renamed. An earlier run under that name is
    replaced; any other content is never touched.

    Parameters
    ----------
    run : Run
        With or without a plan: an infeasible run has its diagnosis to share.
    out : Path
        The run folder; its parents are made.
    html, map_png : str, bytes
        ``report.html`` and ``map.png``.
    summary : mapping, optional
        ``summarise(run)``, when the caller has it already.
    more : callable, optional
        Given the folder being written, adds to it (the dossier); what it writes is in the manifest too.

    Returns
    -------
    Path
        ``out``, absolute.

    Raises
    ------
    InputError
        The folder cannot be written, is a file, or holds something that is not an earlier run.
    """
    out = Path(os.path.realpath(out))
    findings = Findings()
    check_target(out, findings, layout.MANIFEST_KIND)
    findings.raise_errors()
    partial, made = partial_of(out, "new"), parents_to_make(out)
    try:
        with as_finding(out, any_os_error=True):
            partial.mkdir(parents=True)
        with as_finding(out):
            _fill(run, partial, html, map_png, summarise(run) if summary is None else summary, more)
        with as_finding(out, any_os_error=True):
            put_in_place(partial, out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        unmake(made)  # does nothing once the run is there
    return out


def _fill(
    run: Run,
    folder: Path,
    html: str,
    map_png: bytes,
    summary: Mapping[str, Any],
    more: Callable[[Path], None] | None,
) -> None:
    (folder / layout.SUMMARY).write_text(json_text(summary), encoding="utf-8")
    scenario = yaml.safe_dump(plain(run.scenario, 12), allow_unicode=True, sort_keys=False, width=110)
    (folder / layout.SCENARIO).write_text(scenario, encoding="utf-8")
    tables.write_sites(summary, folder / layout.SITES)
    tables.write_coverage(run, folder / layout.COVERAGE)
    tables.write_communities(summary, folder / layout.COMMUNITIES)
    geo.write_gpkg(run, folder / layout.GPKG)
    geo.write_geojson(run, folder / layout.GEOJSON)
    (folder / layout.REPORT).write_text(html, encoding="utf-8", errors="replace")
    (folder / layout.MAP).write_bytes(map_png)
    if run.plan is not None:
        write_acceptance(run, acceptance(run), folder / layout.ACCEPTANCE)
    (folder / layout.LOG).write_text(run.log, encoding="utf-8", errors="replace")
    if more is not None:
        more(folder)
    # The manifest comes last: a folder without one is not a run.
    (folder / layout.MANIFEST).write_text(json_text(manifest_of(run, folder)), encoding="utf-8")
