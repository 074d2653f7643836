"""One instance or row, run again and again, each time in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import siteopt
from benchmarks.claims import Row
from benchmarks.instances import ROOT
from benchmarks.machine import load, machine

SCHEMA = "siteopt.benchmark/1"
FIGURES = "siteopt.figures/1"
OTHER = "other"
"""What no stage counts: starting Python, imports, checking that the folder can be written, writing it."""


LIBRARIES = ("numpy", "scipy", "numba", "highspy", "pulp", "pandana", "spopt", "dask", "osmium", "shapely")


class RunFailed(Exception):
    """A process ended with an exit code other than 0."""


def measure(name: str, scenario: str, repeats: int, tell: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Run an instance some times and gather what it says.

    Parameters
    ----------
    name, scenario : see :data:`benchmarks.instances.INSTANCES`
    repeats : int, at least 1
    tell : takes a line of progress

    Returns
    -------
    dict
        Schema ``siteopt.benchmark/1``. Seconds are wall seconds unless the key says CPU; MB are 10^6 bytes.

    Raises
    ------
    RunFailed
        With what the command said.
    """
    runs, summary, manifest = [], {}, {}
    for n in range(repeats):
        before = load()
        with tempfile.TemporaryDirectory(prefix="siteopt-benchmark-") as scratch:
            folder = Path(scratch) / "run"
            process = _solve(ROOT / scenario, folder)
            summary, manifest = (_read(folder / f"{part}.json") for part in ("summary", "manifest"))
        runs.append({**process, "load_before": before, "stages": _stages(process, manifest)})
        tell(f"{name} {n + 1}/{repeats}: {process['wall_s']:.1f} s, {process['peak_mb']:.0f} MB, {summary['status']}")
    return {
        "schema": SCHEMA,
        "name": name,
        "scenario": scenario,
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "siteopt": manifest["siteopt"],
        "libraries": manifest["libraries"],
        "engine": manifest["engine"],
        "size": _size(summary),
        "answer": {
            "status": summary["status"],
            "goals": [{key: goal[key] for key in ("name", "value", "bound", "status")} for goal in summary["goals"]],
            "verdicts_hold": all(verdict["holds"] for verdict in summary["verdicts"]),
        },
        "runs": runs,
    }


def measure_row(
    name: str, row: Row, repeats: int, tell: Callable[[str], None] = lambda _: None, *, tiny: bool = False
) -> dict[str, Any]:
    """Run a row some times and keep its figures.

    Parameters
    ----------
    name, row : see :data:`benchmarks.instances.ROWS`
    repeats : int, at least 1
    tell : takes a line of progress
    tiny : the size of the tests

    Returns
    -------
    dict
        Schema ``siteopt.figures/1``. MB are 10^6 bytes; ``peak_mb`` is of the whole process.

    Raises
    ------
    RunFailed
        With what the process said.
    """
    runs = []
    for n in range(repeats):
        before = load()
        command = [sys.executable, "-m", "benchmarks.one", name, *(["--tiny"] if tiny else [])]
        process, said = _process(command, f"benchmark {name}")
        runs.append({**process, "load_before": before, "figures": json.loads(said)})
        tell(f"{name} {n + 1}/{repeats}: {process['wall_s']:.1f} s, {process['peak_mb']:.0f} MB")
    return {
        "schema": FIGURES,
        "name": name,
        "what": row.what,
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "siteopt": siteopt.__version__,
        "libraries": {library: found for library in LIBRARIES if (found := _version(library))},
        "tiny": tiny,
        "runs": runs,
    }


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _solve(scenario: Path, folder: Path) -> dict[str, float]:
    """The command as a user gives it."""
    command = [sys.executable, "-m", "siteopt.cli", "solve", str(scenario), "--out", str(folder), "--quiet"]
    return _process(command, f"siteopt solve {scenario.name}")[0]


def _process(command: list[str], words: str) -> tuple[dict[str, float], str]:
    """A fresh process: wall and CPU seconds from start to end, peak memory (Linux and macOS); and what it printed."""
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=printed, stderr=said, cwd=ROOT)
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        printed.seek(0)
        out, errors = (stream.read().decode("utf-8", errors="replace").strip() for stream in (printed, said))
    if process.returncode != 0:
        raise RunFailed(f"{words} ended with exit code {process.returncode}:\n{errors}")
    peak_bytes = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    figures = {
        "wall_s": round(wall_s, 3),
        "cpu_s": round(used.ru_utime + used.ru_stime, 3),
        "peak_mb": round(peak_bytes / 1e6, 1),
    }
    return figures, out


def _stages(process: Mapping[str, float], manifest: Mapping[str, Any]) -> dict[str, dict[str, float | None]]:
    """Seconds of each stage and the peak of the process by its end; what is left of the whole is :data:`OTHER`."""
    seconds, peaks = manifest["timings_s"], manifest.get("stage_peak_mb", {})
    stages = {name: {"wall_s": round(s, 3), "peak_mb": _mb(peaks.get(name))} for name, s in seconds.items()}
    left = max(process["wall_s"] - sum(seconds.values()), 0.0)
    return stages | {OTHER: {"wall_s": round(left, 3), "peak_mb": process["peak_mb"]}}


def _mb(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _size(summary: Mapping[str, Any]) -> dict[str, float]:
    return {
        "cells": summary["cells"],
        "people": next(iter(summary["people"].values())),
        "candidates": summary["spaces"]["candidates"],
        "existing": sum(summary["existing"].values()),
        "types": len(summary["types"]),
        "opened": len(summary["sites"]),
    }


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
