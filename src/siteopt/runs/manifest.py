"""manifest.json: from what, with what and in what time a run was made, and what it was when it was written."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from siteopt import __version__
from siteopt.plan import Run
from siteopt.report.safe import plain
from siteopt.runs import layout

LIBRARIES = (
    "geopandas",
    "highspy",
    "matplotlib",
    "numpy",
    "osmium",
    "pandas",
    "pulp",
    "pyarrow",
    "pydantic",
    "pyogrio",
    "pyproj",
    "PyYAML",
    "rasterio",
    "scipy",
    "shapely",
    "xlsxwriter",
)


def manifest_of(run: Run, folder: Path) -> dict[str, Any]:
    """The manifest of a run whose files are all in a folder, apart from the manifest itself."""
    solver = run.scenario.get("solver")
    seed = solver.get("seed") if isinstance(solver, Mapping) else None
    manifest: dict[str, Any] = plain(
        {
            "schema": layout.MANIFEST_SCHEMA,
            "siteopt": __version__,
            "scenario": run.scenario_name,
            "status": run.proof.status,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "platform": f"{sys.platform} {platform.machine()}",
            "libraries": _libraries(),
            "engine": {"name": run.proof.engine, "version": run.proof.version},
            "inputs": [dict(entry) for entry in run.inputs],
            **_streamed(run),
            "seed": seed,
            "timings_s": dict(run.timings_s),
            "peak_rss_mb": run.peak_rss_mb,
            "stage_peak_mb": dict(run.stage_peak_mb),
            "files": {
                path.relative_to(folder).as_posix(): {
                    "sha256": layout.sha256_of(path),
                    "bytes": path.stat().st_size,
                }
                for path in sorted(folder.rglob("*"))
                if path.is_file()
            },
        }
    )
    return manifest


def _streamed(run: Run) -> dict[str, Any]:
    """Of a layer that was read in batches: its cells, and the classes of cells that the tables show."""
    cells = run.world.cells
    return {} if cells.n_cells is None else {"demand": {"cells": int(cells.counts.sum()), "classes": len(cells)}}


def _libraries() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # an engine that this machine does without
            continue
    return found
