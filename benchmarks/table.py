"""``docs/benchmarks.md``, made from the JSON that measuring leaves, so that page and figures never part."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import table_rows
from benchmarks.instances import INSTANCES, ROWS
from benchmarks.markdown import spread, table, where, whole
from benchmarks.measure import FIGURES, OTHER

LIBRARIES = ("numpy", "scipy", "geopandas", "osmium")

HEAD = """# Benchmarks

Medians over the runs, with the range where there are several, each run in a process of its own; MB are 10^6 bytes.

This page is made from `benchmarks/results/*.json`:

    pip install -e ".[bench]"       # the peers that some rows are measured beside
    python -m benchmarks            # measure everything, keep the JSON, write this page
    python -m benchmarks 'city-*'   # some of it (--list prints the names)
    python -m benchmarks --table    # write this page again
"""

RUNS = f"""## Whole runs

`siteopt solve` from the raw files to report, map and tables. A stage's peak is that of the whole process by the end
of the stage. `{OTHER}` is starting Python, imports and writing the run folder.
"""


def results(folder: Path) -> list[dict[str, Any]]:
    """What has been measured, in the order of the registries, others after them by name."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    order = {name: n for n, name in enumerate((*INSTANCES, *ROWS))}
    return sorted(found, key=lambda result: (order.get(result["name"], len(order)), result["name"]))


def page(found: Iterable[Mapping[str, Any]]) -> str:
    """The page as Markdown."""
    found = list(found)
    rows = [result for result in found if result["schema"] == FIGURES]
    runs = [result for result in found if result["schema"] != FIGURES]
    parts = [HEAD]
    if rows:
        parts.append(table_rows.shown(rows))
    if runs:
        parts += [RUNS, _overview(runs), *(_instance(result) for result in runs)]
    parts += [table_rows.section(result) for result in rows]
    return "\n".join(parts)


def _overview(found: list[Mapping[str, Any]]) -> str:
    rows = [
        [
            f"[{result['name']}](#{result['name']})",
            whole(result["size"]["cells"]),
            whole(result["size"]["people"]),
            whole(result["size"]["candidates"]),
            whole(result["size"]["types"]),
            result["answer"]["status"],
            spread([run["wall_s"] for run in result["runs"]], 1),
            spread([run["cpu_s"] for run in result["runs"]], 1),
            spread([run["peak_mb"] for run in result["runs"]], 0),
        ]
        for result in found
    ]
    head = ["", "cells", "people", "candidates", "types", "status", "wall s", "CPU s", "peak MB"]
    return table(head, rows)


def _instance(result: Mapping[str, Any]) -> str:
    runs = result["runs"]
    stages = dict.fromkeys(name for run in runs for name in run["stages"] if name != OTHER)
    rows = [
        [name, spread(_of(runs, name, "wall_s"), 2), spread(_of(runs, name, "peak_mb"), 0)]
        for name in (*stages, OTHER)
    ]
    all_of_it = [spread([run[key] for run in runs], decimals) for key, decimals in (("wall_s", 2), ("peak_mb", 0))]
    stages_table = table(["stage", "wall s", "peak MB"], [*rows, ["**whole process**", *all_of_it]])
    return "\n".join([f"### {result['name']}", "", _question(result), "", _where(result), "", stages_table])


def _question(result: Mapping[str, Any]) -> str:
    words = {"existing": "existing outlets", "opened": "outlets opened"}
    size = ", ".join(f"{words.get(key, key)} {whole(value)}" for key, value in result["size"].items())
    goals = ", ".join(f"{g['name']} {whole(g['value'])} ({g['status']})" for g in result["answer"]["goals"])
    return f"`{result['scenario']}`: {size}. Goals: {goals}."


def _where(result: Mapping[str, Any]) -> str:
    """When, how often, on what machine and with what."""
    made = {"siteopt": result["siteopt"], result["engine"]["name"]: result["engine"]["version"]}
    made |= {name: result["libraries"][name] for name in LIBRARIES if name in result["libraries"]}
    return where(result, made)


def _of(runs: Iterable[Mapping[str, Any]], stage: str, key: str) -> list[float]:
    values = (run["stages"].get(stage, {}).get(key) for run in runs)
    return [value for value in values if value is not None]
