"""Peak memory and seconds of a streamed run against the number of cells, at an equal number of different cells.

Cells stand on a fixed lattice, several at each point: more cells, the same classes. What grows with the number of
classes and what grows with the number of cells come apart.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
import yaml

SIDE = 512
"""Points along one side of the lattice."""
EXTENT_M = 10_240.0
_ROWS = 131_072
_CRS = "EPSG:4546"
_X0, _Y0 = 390_000.0, 3_010_000.0


def measure_streamed(
    n_cells: int, *, n_sites: int = 100, budget: int = 10, kind: str = "parquet", side: int = SIDE
) -> dict[str, Any]:
    """Write a layer of about so many cells, then read, survey and solve it, each in a process of its own.

    Parameters
    ----------
    n_cells : int
        Rounded to whole layers of the lattice.
    n_sites, budget : int
        Spaces on the lattice; how many of them may open.
    kind : "parquet" or "csv"
    side : int
        Points along one side of the lattice: 512 are 262,144.

    Returns
    -------
    dict
        ``cells``, ``classes``, ``file_mb``, and for ``read``, ``survey`` and ``run``: ``seconds`` and
        ``above_base_mb``, the largest resident memory above that of the process before it began (imports done).
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cells = write_layer(folder, n_cells, n_sites=n_sites, budget=budget, kind=kind, side=side)
        out: dict[str, Any] = {"cells": cells, "sites": n_sites, "kind": kind}
        out["file_mb"] = round((folder / f"cells.{kind}").stat().st_size / 1e6, 1)
        for phase in ("read", "survey", "run"):
            command = [sys.executable, "-m", "benchmarks.streamed", phase, str(folder / "scenario.yaml")]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"{phase}: {done.stderr[-2000:]}")
            out[phase] = json.loads(done.stdout)
        out["classes"] = out["run"].pop("classes")
    return out


def write_layer(folder: Path, n_cells: int, *, n_sites: int, budget: int, kind: str, side: int = SIDE) -> int:
    """The layer, spaces and scenario; returns the number of cells."""
    at = np.arange(side * side)
    step_m = EXTENT_M / side
    xy = np.column_stack([_X0 + step_m * (at % side), _Y0 + step_m * (at // side)])
    layers = max(1, round(n_cells / len(at)))
    about = {
        "version": "1.0.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Point"], "crs": _projjson()}},
    }
    schema = pa.schema([("people", pa.int64()), ("geometry", pa.binary())], metadata={"geo": json.dumps(about)})
    r, places = np.random.default_rng(0), np.random.default_rng(1).random((n_sites, 2))
    if kind == "parquet":
        wkb = pa.array(shapely.to_wkb(shapely.points(xy)), pa.binary())
        with pq.ParquetWriter(folder / "cells.parquet", schema) as out:
            for _ in range(layers):
                people = pa.array(r.integers(1, 101, len(at)))
                out.write_table(pa.table([people, wkb], schema=schema), row_group_size=_ROWS)
    else:
        with (folder / "cells.csv").open("w", encoding="utf-8") as text:
            text.write("people,x,y\n")
            for _ in range(layers):
                for p, (x, y) in zip(r.integers(1, 101, len(at)), xy, strict=True):
                    text.write(f"{p},{x:.0f},{y:.0f}\n")
    spaces = [
        f"s{i},100,idle_premises,{x:.3f},{y:.3f}"
        for i, (x, y) in enumerate(xy.min(axis=0) + places * np.ptp(xy, axis=0))
    ]
    (folder / "spaces.csv").write_text("\n".join(["site_id,area_m2,kind,x,y", *spaces]) + "\n", encoding="utf-8")
    scenario = {
        "siteopt": 1,
        "name": "lattice",
        "crs": _CRS,
        "demand": {"file": f"cells.{kind}", "people": "people", "streamed": True, "crs": _CRS},
        "candidates": {"file": "spaces.csv", "crs": _CRS},
        "types": {"shop": {"name": "Shop", "limit_min": 20, "area_m2": 50, "cost": 1, "category": "basic"}},
        "constraints": [{"rule": "budget", "amount": budget}],
    }
    (folder / "scenario.yaml").write_text(yaml.safe_dump(scenario), encoding="utf-8")
    return layers * len(at)


def _projjson() -> dict[str, Any]:
    from pyproj import CRS

    found: dict[str, Any] = CRS(_CRS).to_json_dict()
    return found


def _phase(phase: str, scenario: Path) -> dict[str, Any]:
    """One phase in this process, after everything it needs was imported."""
    from siteopt import pipeline
    from siteopt.access import signatures_kernel

    assert pipeline.check and signatures_kernel.group_rows
    phases: dict[str, Callable[[Path], dict[str, Any]]] = {"read": _read, "survey": _survey, "run": _run}
    gc.collect()
    base_mb = psutil.Process().memory_info().rss / 1e6
    began = time.perf_counter()
    with _Peak() as peak:
        more = phases[phase](scenario)
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "above_base_mb": round(peak.mb - base_mb, 1),
        "base_mb": round(base_mb, 1),
        **more,
    }


class _Peak:
    """The largest resident memory while it lasts, sampled every 5 ms."""

    def __enter__(self) -> _Peak:
        from threading import Event, Thread

        self.mb, self._over = 0.0, Event()
        self._watch = Thread(target=self._sample, daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def _sample(self) -> None:
        process = psutil.Process()
        while not self._over.wait(0.005):
            self.mb = max(self.mb, process.memory_info().rss / 1e6)


def _read(scenario: Path) -> dict[str, Any]:
    from siteopt.findings import Findings
    from siteopt.layers.batches import CellReader, Sight
    from siteopt.layers.communities import no_communities
    from siteopt.layers.parts import parts_of
    from siteopt.scenario.schema import Demand

    spec = Demand(**yaml.safe_load(scenario.read_text(encoding="utf-8"))["demand"])
    reader = CellReader(spec, scenario.parent, _CRS, no_communities(), None)
    cells = sum(len(b) for part in parts_of(spec, scenario.parent, Findings()) for b in reader.batches(part, Sight()))
    return {"cells": cells}


def _survey(scenario: Path) -> dict[str, Any]:
    from siteopt import pipeline

    ready = pipeline.check(scenario)
    return {"classes": len(ready.world.cells)}


def _run(scenario: Path) -> dict[str, Any]:
    from siteopt import pipeline

    ready = pipeline.check(scenario)
    run = pipeline.solve(ready)
    stages = {name: round(s, 2) for name, s in ready.clock.seconds.items()}
    return {
        "classes": len(ready.world.cells),
        "status": run.proof.status,
        "objective": run.proof.objective,
        "stages_s": stages,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_phase(sys.argv[1], Path(sys.argv[2]))) + "\n")
