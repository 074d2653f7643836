"""The part of the page about rows of figures: what must show, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.claims import Claim, middle, values
from benchmarks.instances import ROWS
from benchmarks.markdown import spread, table, where

SHOWN = """## What must show

Ratios are within one run. Where a peer did not finish, its time is its limit, and the ratio a lower bound. What is
compiled is loaded before the clock starts, except where the row is about a first call.
"""

WORDS = {"aim": "aim", "must": "must", "short": "not yet", "no": "**no**", "unknown": "—"}

MOST_DETAILS = 20
"""Of the rows of a section."""


def shown(results: Sequence[Mapping[str, Any]]) -> str:
    """Every claim of every row that was measured."""
    rows = []
    for result in results:
        known = ROWS.get(result["name"])
        for n, claim in enumerate(known.claims if known else ()):
            first = f"[{result['what']}](#{result['name']})" if n == 0 else ""
            asked = claim.must is not None or claim.aim is not None
            verdict = WORDS[claim.meets(middle(result["runs"], claim))] if asked else ""
            rows.append(
                [
                    first,
                    claim.what,
                    claim.limit(claim.must),
                    claim.limit(claim.aim),
                    _measured(result, claim),
                    verdict,
                ]
            )
    return SHOWN + "\n" + table(["what", "figure", "must", "aim", "measured", "met"], rows)


def section(result: Mapping[str, Any]) -> str:
    """All figures of one row, and the details of its last run."""
    libraries = {"siteopt": result["siteopt"], **result["libraries"]}
    runs = result["runs"]
    keys = [key for key in runs[-1]["figures"] if key != "details"]
    rows = [[key, _figure([run["figures"].get(key) for run in runs])] for key in keys]
    rows += [
        [f"{key} of the process", spread([run[key] for run in runs], 1)] for key in ("wall_s", "cpu_s", "peak_mb")
    ]
    parts = [f"## {result['name']}", "", f"{result['what']}.", "", where(result, libraries), ""]
    if result["tiny"]:
        parts += ["The size of the tests: says nothing of speed.", ""]
    parts.append(table(["figure", "value"], rows))
    details = runs[-1]["figures"].get("details") or []
    if details:
        head = list(details[0])
        step = -(-len(details) // MOST_DETAILS)
        parts += [table(head, [[_figure([row.get(key)]) for key in head] for row in details[::-1][::step][::-1]])]
    return "\n".join(parts)


def _measured(result: Mapping[str, Any], claim: Claim) -> str:
    found = values(result["runs"], claim.key)
    if not found:
        return "—"
    if not claim.unit:
        return "yes" if min(found) >= 1 else "**no**"
    return f"{spread(found, claim.decimals)} {claim.unit}"


def _figure(found: list[Any]) -> str:
    """One figure over the runs, with as many digits as it deserves."""
    known = [value for value in found if value is not None]
    if not known:
        return "—"
    if any(isinstance(value, bool | str | list | dict) for value in known):
        return ", ".join(dict.fromkeys(_word(value) for value in known))
    largest = max(abs(value) for value in known)
    decimals = 0 if all(value == int(value) for value in known) else 3 if largest < 10 else 2 if largest < 1000 else 0
    return spread([float(value) for value in known], decimals)


def _word(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
