"""``docs/benchmarks.md``, made from the JSON that measuring leaves, so that page and figures never part."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.instances import INSTANCES
from benchmarks.measure import OTHER

LIBRARIES = ("numpy", "scipy", "geopandas", "osmium")

HEAD = f"""# Benchmarks

Each run is `siteopt solve` in a process of its own, from the raw files to report, map and tables. The figures are
medians over the runs, with the range where there are several; MB are 10^6 bytes, and a stage's peak is that of the
whole process by the end of the stage. `{OTHER}` is starting Python, imports and writing the run folder.

This page is made from `benchmarks/results/*.json`:

    python -m benchmarks            # measure everything three times, keep the JSON, write this page
    python -m benchmarks porto      # one instance
    python -m benchmarks --table    # write this page again
"""


def results(folder: Path) -> list[dict[str, Any]]:
    """What has been measured, in the order of :data:`~benchmarks.instances.INSTANCES`, others after them by name."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    order = {name: n for n, name in enumerate(INSTANCES)}
    return sorted(found, key=lambda result: (order.get(result["name"], len(order)), result["name"]))


def page(found: Iterable[Mapping[str, Any]]) -> str:
    """The page as Markdown."""
    found = list(found)
    parts = [HEAD]
    if found:
        parts.append(_overview(found))
    parts += [_instance(result) for result in found]
    return "\n".join(parts)


def _overview(found: list[Mapping[str, Any]]) -> str:
    rows = [
        [
            f"[{result['name']}](#{result['name']})",
            _whole(result["size"]["cells"]),
            _whole(result["size"]["people"]),
            _whole(result["size"]["candidates"]),
            _whole(result["size"]["types"]),
            result["answer"]["status"],
            _spread([run["wall_s"] for run in result["runs"]], 1),
            _spread([run["cpu_s"] for run in result["runs"]], 1),
            _spread([run["peak_mb"] for run in result["runs"]], 0),
        ]
        for result in found
    ]
    head = ["", "cells", "people", "candidates", "types", "status", "wall s", "CPU s", "peak MB"]
    return _table(head, rows)


def _instance(result: Mapping[str, Any]) -> str:
    runs = result["runs"]
    stages = dict.fromkeys(name for run in runs for name in run["stages"] if name != OTHER)
    rows = [
        [name, _spread(_of(runs, name, "wall_s"), 2), _spread(_of(runs, name, "peak_mb"), 0)]
        for name in (*stages, OTHER)
    ]
    whole = [_spread([run[key] for run in runs], decimals) for key, decimals in (("wall_s", 2), ("peak_mb", 0))]
    table = _table(["stage", "wall s", "peak MB"], [*rows, ["**whole process**", *whole]])
    return "\n".join([f"## {result['name']}", "", _question(result), "", _where(result), "", table])


def _question(result: Mapping[str, Any]) -> str:
    words = {"existing": "existing outlets", "opened": "outlets opened"}
    size = ", ".join(f"{words.get(key, key)} {_whole(value)}" for key, value in result["size"].items())
    goals = ", ".join(f"{g['name']} {_whole(g['value'])} ({g['status']})" for g in result["answer"]["goals"])
    return f"`{result['scenario']}`: {size}. Goals: {goals}."


def _where(result: Mapping[str, Any]) -> str:
    """When, how often, on what machine and with what."""
    machine, runs = result["machine"], result["runs"]
    loads = [run["load_before"] for run in runs if run["load_before"] is not None]
    made = {"siteopt": result["siteopt"], result["engine"]["name"]: result["engine"]["version"]}
    made |= {name: result["libraries"][name] for name in LIBRARIES if name in result["libraries"]}
    facts = [
        f"{result['measured']}, {len(runs)} {'run' if len(runs) == 1 else 'runs'} on {machine['cpu']}",
        f"{machine['cores']} cores",
        f"{machine['memory_gb']:g} GB",
        machine["system"],
        f"Python {machine['python']}",
        *(f"{name} {version}" for name, version in made.items()),
    ]
    return ", ".join(facts) + "." + (f" Load before each run: {_spread(loads, 1)}." if loads else "")


def _of(runs: Iterable[Mapping[str, Any]], stage: str, key: str) -> list[float]:
    values = (run["stages"].get(stage, {}).get(key) for run in runs)
    return [value for value in values if value is not None]


def _spread(values: list[float], decimals: int) -> str:
    """The median, and the range where values differ."""
    if not values:
        return "—"
    low, mid, high = (f"{v:,.{decimals}f}" for v in (min(values), median(values), max(values)))
    return mid if low == high else f"{mid} ({low}–{high})"


def _whole(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    words = next((n for n, cell in enumerate(rows[0]) if cell[:1].isdigit()), len(head)) if rows else 0
    rule = [":--" if n < words else "--:" for n in range(len(head))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows)) + "\n"
