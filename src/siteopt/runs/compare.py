"""Compare runs: what opened, closed and moved, who gains and loses, money, commercial area, rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from siteopt.findings import Finding, Findings, InputError
from siteopt.report.safe import plain
from siteopt.runs.differences import difference, note_what_differs
from siteopt.runs.layout import COVERAGE, SUMMARY
from siteopt.runs.stored import StoredRun

SCHEMA = "siteopt.comparison/1"
NO_PLAN = ("infeasible", "no_plan", "engine_error")
"""Statuses of a run whose figures are those of today."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two or more runs side by side; the first is the base that the others are held against.

    Attributes
    ----------
    runs : what each run is, in the order given
    types : outlet types of all runs
    coverage : type id -> one {total, before, after, ...} per run, None where a run lacks the type
    complete, nothing : one per run
    communities : one per community of any run, with one entry per run
    differences : one per run after the base
    findings : what makes the runs less than comparable, and files changed since they were written
    """

    runs: tuple[dict[str, Any], ...]
    types: tuple[dict[str, Any], ...]
    coverage: dict[str, list[dict[str, Any] | None]]
    complete: list[dict[str, Any]]
    nothing: list[dict[str, Any]]
    communities: tuple[dict[str, Any], ...]
    differences: tuple[dict[str, Any], ...]
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON (schema ``siteopt.comparison/1``), and what the page and the table are made of."""
        out: dict[str, Any] = plain(
            {
                "schema": SCHEMA,
                "runs": self.runs,
                "types": self.types,
                "coverage": self.coverage,
                "complete": self.complete,
                "nothing": self.nothing,
                "communities": self.communities,
                "differences": self.differences,
                "findings": [
                    {
                        "severity": f.severity,
                        "code": f.code,
                        "file": f.file,
                        "value": None if f.value is None else str(f.value),
                        "facts": dict(f.facts),
                    }
                    for f in self.findings
                ],
            }
        )
        return out


def compare(runs: Sequence[StoredRun]) -> Comparison:
    """Compare runs; the first is the base.

    Raises
    ------
    InputError
        Fewer than two runs, or a run whose files were changed by hand so that they no longer make sense.
    """
    if len(runs) < 2:
        raise InputError([Finding("error", "compare_needs_two", "", value=len(runs))])
    try:
        return _compare(runs)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as problem:
        # Files that are as siteopt wrote them make sense; if none was changed, this is our bug.
        changed = [f for run in runs for f in run.findings if f.file in (SUMMARY, COVERAGE)]
        if not changed:
            raise
        reason = f"{type(problem).__name__}: {problem}"
        raise InputError(
            [Finding("error", "run_unreadable", f.file, value=f.value, facts={"reason": reason}) for f in changed]
        ) from problem


def _compare(runs: Sequence[StoredRun]) -> Comparison:
    summaries, labels = [run.summary for run in runs], _labels(runs)
    findings = Findings()
    for summary, label in zip(summaries, labels, strict=True):
        if summary["status"] in NO_PLAN:
            findings.warning("compare_no_plan", file=label, value=label, status=summary["status"])
    differences = []
    for at in range(1, len(runs)):
        note_what_differs(summaries[0], summaries[at], labels[0], labels[at], findings)
        differences.append(difference(runs[0], runs[at], labels[0], labels[at], findings))
    types = {t["id"]: t for summary in reversed(summaries) for t in summary["types"]}
    order = list(dict.fromkeys(t["id"] for summary in summaries for t in summary["types"]))
    return Comparison(
        runs=tuple(_facts(s, label, str(r.folder)) for s, label, r in zip(summaries, labels, runs, strict=True)),
        types=tuple(types[type_id] for type_id in order),
        coverage={type_id: [s["coverage"].get(type_id) for s in summaries] for type_id in order},
        complete=[s["complete"] for s in summaries],
        nothing=[s["nothing"] for s in summaries],
        communities=_communities(summaries),
        differences=tuple(differences),
        findings=(*(f for run in runs for f in run.findings), *findings),
    )


def _labels(runs: Sequence[StoredRun]) -> list[str]:
    """The folders' names; with their parent's, or a number, where two are the same."""
    names = [run.name for run in runs]
    if len(set(names)) < len(names):
        names = [f"{run.folder.parent.name}/{run.name}" for run in runs]
    return [name if names.index(name) == n else f"{name} ({n + 1})" for n, name in enumerate(names)]


def _facts(summary: dict[str, Any], label: str, folder: str) -> dict[str, Any]:
    keys = (
        "scenario",
        "title",
        "status",
        "illustrative",
        "language",
        "currency",
        "objective",
        "travel",
        "cost",
        "people",
    )
    return {
        "label": label,
        "folder": folder,
        **{key: summary[key] for key in keys},
        "has_plan": summary["status"] not in NO_PLAN,
        "new_outlets": len(summary["sites"]),
        "existing": summary["existing"],
    }


def _communities(summaries: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Every community of any run: its commercial area, rule and people covered in each run."""
    tables = [{c["id"]: c for c in summary["communities"]} for summary in summaries]
    out = []
    for community_id in dict.fromkeys(key for table in tables for key in table):
        entries = [table.get(community_id) for table in tables]
        first = next(e for e in entries if e is not None)
        out.append(
            {
                "id": community_id,
                "name": first["name"],
                "age_class": first["age_class"],
                "runs": [
                    e
                    and {
                        "people": next(iter(e["people"].values()), None),
                        "commercial_share_before": e["commercial_share_before"],
                        "commercial_share_after": e["commercial_share_after"],
                        "commercial_area_after_m2": e["commercial_area_after_m2"],
                        "required": e["required"],
                        "sense": e["sense"],
                        "shortfall_m2": e["shortfall_m2"],
                        "covered": {t: c["after"] for t, c in e["coverage"].items()},
                    }
                    for e in entries
                ],
            }
        )
    return tuple(out)
