"""What a stored summary says of its plan: the outlets, and the claim about their worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from siteopt.program import Answer, GoalResult


@dataclass(frozen=True)
class Outlet:
    """One outlet of a stored plan: the names of its phase and of who pays, None where there is one; its m2."""

    period: str | None
    source: str | None
    area_m2: float


def is_told(summary: Mapping[str, Any]) -> bool:
    """Whether a summary has the shape of one that siteopt wrote of a plan."""
    try:
        outlets_told(summary)
        claim_told(summary)
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    return True


def outlets_told(summary: Mapping[str, Any]) -> dict[tuple[str, str], Outlet]:
    """The plan's outlets by (site id, type id).

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        The summary has another shape.
    """
    return {
        (s["site_id"], s["outlet_type"]): Outlet(s.get("period"), s.get("source"), float(s["area_m2"]))
        for s in summary["sites"]
    }


def claim_told(summary: Mapping[str, Any]) -> Answer:
    """The claim about the plan; raises as :func:`outlets_told`."""
    said, engine = summary["objective"], summary["engine"]
    final = {g["name"]: _number(g["value"]) for g in said.get("goals", ())}
    goals = tuple(
        GoalResult(
            g["name"],
            g["sense"],
            _number(g["value"]),
            _number(g["bound"]),
            _number(g["gap"]),
            g["status"],
            0.0,
            final.get(g["name"], np.nan),
        )
        for g in summary["goals"]
    )
    return Answer(
        summary["status"],
        None,
        float(said["value"]),
        _number(said["bound"]),
        _number(said["gap"]),
        0.0,
        str(engine["name"]),
        str(engine["version"]),
        goals=goals,
    )


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)
