"""Why there is no plan, for the terminal: who clashes, what is known, the ways out, and the least that would give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from siteopt.report.rule_titles import rule_title
from siteopt.screen.console import plain_table, t, text
from siteopt.screen.names import community_names, outlet_names


def clash_view(summary: Mapping[str, Any], language: str) -> RenderableType:
    """Which rules clash, and by how much."""
    diagnosis = summary["diagnosis"] or {"clashing": [], "relaxations": [], "complete": False}
    clashing = [rule_title(summary["rules"], label, language) for label in diagnosis["clashing"]]
    key = "clash_incomplete" if not diagnosis["complete"] else "clash" if len(clashing) > 1 else "clash_alone"
    known = [o["in_words"][language] for o in diagnosis.get("outlooks", ()) if not o["can"]]
    ways = [r["in_words"][language] for r in diagnosis.get("repairs", ())]
    return Group(
        text(t(key, language, rules=t("comma", language).join(clashing)), style="bold red"),
        *_listed(t("audit_title", language), known),
        *_listed(t("repairs_title", language), ways),
        *([_least_broken(summary, language)] if diagnosis["relaxations"] else []),
    )


def _listed(title: str, lines: list[str]) -> list[RenderableType]:
    """A title and its lines, one below the other; nothing where there are none."""
    return [text(title, style="bold"), *(text(f"  · {line}") for line in lines)] if lines else []


def _least_broken(summary: Mapping[str, Any], language: str) -> Table:
    """The plan that breaks the rules least: where, and by how much."""
    names = outlet_names(summary, language) | community_names(summary)
    rows = [
        (
            rule_title(summary["rules"], r["rule"], language),
            "—" if r["subject"] == r["rule"] else names.get(r["subject"], r["subject"]),
            f"{_amount(r['need'])} {_unit(summary, r['unit'], language)}",
            _amount(r["possible"]),
            _amount(r["shortfall"]),
        )
        for r in summary["diagnosis"]["relaxations"]
    ]
    header = [t(key, language) for key in ("rule", "subject", "needed", "possible", "apart")]
    return plain_table(t("relax_title", language), header, rows, left=range(2))


def _unit(summary: Mapping[str, Any], unit: str, language: str) -> str:
    return str(summary["cost"]["currency"]) if unit == "money" else t(f"unit_{unit}", language)


def _amount(value: float) -> str:
    """A number without meaningless decimals."""
    return f"{value:,.0f}" if abs(value - round(value)) < 5e-3 else f"{value:,.2f}"
