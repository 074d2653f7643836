"""How a plan unfolds, for the terminal: phase by phase, the communities it makes pilots, goal by goal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from siteopt.report.goals import THRIFT
from siteopt.report.sentences import number, percent, quantity
from siteopt.screen.console import plain_table, t
from siteopt.screen.names import community_names, outlet_names
from siteopt.text import say, topic


def phases_table(summary: Mapping[str, Any], language: str) -> Table | None:
    """Money, outlets and people within reach, one column a phase; None for a plan without phases."""
    phases = summary["phases"]
    if not phases:
        return None
    sources = list(phases[0]["cost_by_source"])
    rows = [
        (t("phase_spent", language, currency=summary["currency"]), *(number(p["cost"], 0) for p in phases)),
        *(
            (t("phase_paid_by", language, source=source), *(number(p["cost_by_source"][source], 0) for p in phases))
            for source in (sources if len(sources) > 1 else ())
        ),
        (t("phase_opened", language), *(number(p["opened"], 0) for p in phases)),
    ]
    for kind, name in outlet_names(summary, language).items():
        reached = [p["people"][kind] for p in phases]
        within = ("—" if count is None else number(count, 0) for count in reached)
        rows.append((t("phase_within", language, outlet=name), *within))
    return plain_table(
        t("phases_title", language), [t("phase", language), *(_phase(p, language) for p in phases)], rows
    )


def _phase(phase: Mapping[str, Any], language: str) -> str:
    name, months = str(phase["name"]), phase["months"]
    return name if months is None else t("phase_until", language, name=name, months=number(months))


def pilots_table(summary: Mapping[str, Any], language: str) -> Table | None:
    """The communities that the plan makes pilots; None where it makes none."""
    if not summary["pilots"]:
        return None
    names, grades = community_names(summary), topic("report")
    rows = [
        (
            names.get(pilot["community"], pilot["community"]),
            grades.get(f"pilot_grade_{pilot['grade']}", {}).get(language, str(pilot["grade"])),
        )
        for pilot in summary["pilots"]
    ]
    header = [t("community", language), t("grade", language)]
    return plain_table(t("pilots_title", language, count=len(rows)), header, rows, left=range(2))


def goals_table(summary: Mapping[str, Any], language: str) -> Table | None:
    """Each goal's best in its turn, what later goals may take of it, and what is left; None where there is one goal.

    Least cost among equals is no goal of its own: every plan seeks it last.
    """
    goals = [g for g in summary["objective"]["goals"] if g["name"] not in THRIFT]
    if len(goals) < 2:
        return None
    rows = []
    for goal in goals:
        worth = [
            quantity(goal[key], goal["counted_as"], summary["currency"], language) for key in ("in_turn", "value")
        ]
        tolerance = "—" if goal["tolerance"] is None else percent(goal["tolerance"])
        rows.append((_goal(goal, language), worth[0], tolerance, worth[1], _how_sure(goal, language)))
    header = [t(key, language) for key in ("goal", "in_turn", "tolerance", "at_end", "how_sure")]
    return plain_table(t("goals_title", language), header, rows, left=(0, 4))


def _goal(goal: Mapping[str, Any], language: str) -> str:
    """A goal's name; one that comes a second time carries its number."""
    known = topic("report").get(f"goal_{goal['objective']}")
    number = str(goal["name"]).removeprefix(goal["objective"])
    return str(goal["name"]) if known is None else known[language] + number


def _how_sure(goal: Mapping[str, Any], language: str) -> str:
    key = f"status_short_{goal['status']}" if goal["status"] else "goal_part" if goal["part"] else "goal_not_sought"
    return say("report", key, language)
