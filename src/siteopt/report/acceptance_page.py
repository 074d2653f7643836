"""The acceptance sheet as the page and ``summary.json`` show it: plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from siteopt.plan import Run
from siteopt.report.acceptance import ITEMS, RESULTS, Line, acceptance, worst
from siteopt.report.acceptance_line import both
from siteopt.text import LANGUAGES, topic

MOST_LINES = 200
"""Lines shown per item; the worst come first, all are in the workbook."""


def page_items(run: Run) -> list[dict[str, Any]]:
    """Every item with its lines, the worst first; nothing where there is no sheet."""
    lines = acceptance(run)
    return [_item(item, [made for made in lines if made.item == item]) for item in ITEMS] if lines else []


def _item(item: str, lines: Sequence[Line]) -> dict[str, Any]:
    found = Counter(made.verdict for made in lines)
    ranked = sorted(lines, key=lambda made: RESULTS.index(made.verdict))
    return {
        "id": item,
        "title": both(f"title_{item}"),
        "basis": both(f"basis_{item}"),
        "verdict": worst(lines),
        "n": len(lines),
        "asked": len(lines) - found["not_asked"],
        **{result: found[result] for result in RESULTS},
        "lines": [_facts(made) for made in ranked[:MOST_LINES]],
    }


def _facts(made: Line) -> dict[str, Any]:
    return {
        "subject": made.subject,
        "value": made.value,
        "target": made.target,
        "sense": made.sense,
        "unit": made.unit,
        "source": made.source,
        "verdict": made.verdict,
        "note": made.note,
    }


def summary_lines(run: Run) -> list[dict[str, Any]]:
    """Every line for ``summary.json``."""
    return [{"item": made.item, **_facts(made)} for made in acceptance(run)]


def page_words() -> dict[str, dict[str, str]]:
    """The sheet's fixed words on the page, by language; all begin with ``acc_`` but for the heading."""
    entries = topic("acceptance")
    keys = [key for key in entries if key.startswith("acc_") or key == "nav_acceptance"]
    return {lang: {key: entries[key][lang] for key in keys} for lang in LANGUAGES}
