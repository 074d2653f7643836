"""Alternatives, frontiers and refusals as CSV, one row per thing a planner would sort by."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from siteopt.report.tables import write_csv

OUTLET_COLUMNS = ("site_id", "name", "outlet_type", "community", "cost", "count", "kind", "without")
POINT_COLUMNS = (
    *(
        "budget",
        "own",
        "status",
        "value",
        "bound",
        "gap",
        "spent",
        "cost",
        "outlets",
        "complete",
        "enough",
        "searched",
    ),
)
SPACE_COLUMNS = (
    *("site_id", "name", "community", "outlet_types", "cost", "only_covered_by_this", "outcome", "loss_least"),
    *("loss_most", "value", "bound", "cost_change", "complete_change", "opened", "closed", "moved"),
)
PRICE_COLUMNS = (
    *(
        "rule",
        "kind",
        "unit",
        "step",
        "amount",
        "relative",
        "whole",
        "gain_least",
        "gain_most",
        "free_least",
        "free_most",
    ),
    *("proven", "how"),
)
COUNTED = ("value_unit", "value_sense")
"""What values, losses and gains are counted in, and whether the most (max) or the least (min) is best."""


def write_alternatives(data: Mapping[str, Any], path: Path) -> None:
    """One row per outlet of any plan; a column per plan says 1 where it opens it."""
    plans = [p["plan"] for p in data["plans"]]
    rows = [[*(o[c] for c in OUTLET_COLUMNS), *(int(name in o["plans"]) for name in plans)] for o in data["outlets"]]
    write_csv(path, [*OUTLET_COLUMNS, *plans], rows)


def write_frontier(data: Mapping[str, Any], path: Path) -> None:
    """One row per budget, with the people within reach of each type and what the money up to the next row buys."""
    types = [t["id"] for t in data["types"]]
    header = [*POINT_COLUMNS, "next_budget", "next_least", "next_most", *(f"reach_{t}" for t in types), *COUNTED]
    rows = []
    for p in data["points"]:
        step = p["next"] or {}
        row = [_flag(p.get(c)) for c in POINT_COLUMNS]
        row += [step.get("to"), step.get("least"), step.get("most")]
        rows.append([*row, *(p.get("coverage", {}).get(t) for t in types), *_counted(data)])
    write_csv(path, header, rows)


def write_explained(data: Mapping[str, Any], path: Path) -> None:
    """One row per space; several outlets in one cell are separated by semicolons."""

    def named(sites: Any) -> str:
        return "; ".join(f"{s['site_id']}: {s['outlet_type']}" for s in sites)

    rows = []
    for s in data["sites"]:
        extra = {
            "outlet_types": "; ".join(o["outlet_type"] for o in s["outlets"]),
            "only_covered_by_this": "; ".join(f"{o['only_covered_by_this']:g}" for o in s["outlets"]),
            "opened": named(s["opened"]),
            "closed": named(s["closed"]),
            "moved": "; ".join(
                f"{m['from']['site_id']} > {m['to']['site_id']}: {m['to']['outlet_type']}" for m in s["moved"]
            ),
        }
        rows.append([*(extra.get(c, s.get(c)) for c in SPACE_COLUMNS), *_counted(data)])
    write_csv(path, [*SPACE_COLUMNS, *COUNTED], rows)


def write_prices(data: Mapping[str, Any], path: Path) -> None:
    """One row per rule."""
    rows = [[*(_flag(p.get(c)) for c in PRICE_COLUMNS), *_counted(data)] for p in data["rules"]]
    write_csv(path, [*PRICE_COLUMNS, *COUNTED], rows)


def _counted(data: Mapping[str, Any]) -> list[str]:
    objective = data["objective"]
    return [objective["counted_as"], objective["sense"]]


def _flag(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value
