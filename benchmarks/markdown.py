"""Figures in Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any


def spread(values: list[float], decimals: int) -> str:
    """The median, and the range where values differ."""
    if not values:
        return "—"
    low, mid, high = (f"{v:,.{decimals}f}" for v in (min(values), median(values), max(values)))
    return mid if low == high else f"{mid} ({low}–{high})"


def whole(value: float | None) -> str:
    """A whole number."""
    return "—" if value is None else f"{value:,.0f}"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table; columns are words up to the first that starts with a digit."""
    words = next((n for n, cell in enumerate(rows[0]) if cell[:1].isdigit()), len(head)) if rows else 0
    rule = [":--" if n < words else "--:" for n in range(len(head))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows)) + "\n"


def where(result: Mapping[str, Any], made: Mapping[str, str]) -> str:
    """When, how often, on what machine and with what."""
    machine, runs = result["machine"], result["runs"]
    loads = [run["load_before"] for run in runs if run["load_before"] is not None]
    facts = [
        f"{result['measured']}, {len(runs)} {'run' if len(runs) == 1 else 'runs'} on {machine['cpu']}",
        f"{machine['cores']} cores",
        f"{machine['memory_gb']:g} GB",
        machine["system"],
        f"Python {machine['python']}",
        *(f"{name} {version}" for name, version in made.items()),
    ]
    return ", ".join(facts) + "." + (f" Load before each run: {spread(loads, 1)}." if loads else "")
