"""What a run folder holds and is called."""

from __future__ import annotations

import hashlib
from pathlib import Path

from siteopt.report.safe import safe_name

MANIFEST_KIND = "siteopt.run/"
MANIFEST_SCHEMA = f"{MANIFEST_KIND}1"

MANIFEST = "manifest.json"
SUMMARY = "summary.json"
SCENARIO = "scenario.resolved.yaml"
SITES = "sites.csv"
COVERAGE = "coverage.csv"
COMMUNITIES = "communities.csv"
GPKG = "plan.gpkg"
GEOJSON = "sites.geojson"
REPORT = "report.html"
MAP = "map.png"
ACCEPTANCE = "acceptance.xlsx"
LOG = "solver.log"
DOSSIER = "dossier"
"""A folder that later commands (``export``) may write into; its files are not all in the manifest."""

PARTIAL = ".partial"
"""Ends the name of a folder that is being written; with the leading dot, nothing takes it for a run."""


def default_run_folder(base: Path, scenario_name: str, variant: str | None = None) -> Path:
    """``base/runs/<name>[-<variant>]``; whatever the names say, it lies in ``base/runs``."""
    return base / "runs" / run_name(scenario_name, variant)


def run_name(scenario_name: str, variant: str | None = None) -> str:
    """What the folder of a run is called: ``<name>[-<variant>]``, safe on any system."""
    name = safe_name(scenario_name)
    return f"{name}-{safe_name(variant, 'variant')}" if variant else name


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
