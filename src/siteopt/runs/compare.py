"""Compare runs: what opened, closed and moved, who gains and loses, money, commercial area, rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from siteopt.findings import Finding, Findings, InputError
from siteopt.report.safe import neutral_all, plain
from siteopt.report.verdicts import outcome_told
from siteopt.runs.layout import COVERAGE, SUMMARY
from siteopt.runs.moves import moves_between
from siteopt.runs.shifts import COLUMNS, Grid, Mismatch, align, grid_of, shift, shift_of_set
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
        _note_differences(summaries[0], summaries[at], labels[0], labels[at], findings)
        differences.append(_difference(runs[0], runs[at], labels[0], labels[at], findings))
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


def _note_differences(base: dict[str, Any], other: dict[str, Any], a: str, b: str, findings: Findings) -> None:
    """What the two runs do not have in common."""
    limits = [{t["id"]: t["limit_min"] for t in s["types"]} for s in (base, other)]
    apart = sorted(limits[0].keys() ^ limits[1].keys())
    if apart:
        findings.warning("compare_types_differ", file=b, value=b, base=a, types=", ".join(apart))
    moved = sorted(t for t in limits[0].keys() & limits[1].keys() if limits[0][t] != limits[1][t])
    if moved:
        findings.warning("compare_limits_differ", file=b, value=b, base=a, types=", ".join(moved))
    ways = [(s["travel"]["mode"], s["travel"]["speed_kmh"], s["travel"]["detour"]) for s in (base, other)]
    if ways[0] != ways[1]:
        words = [" ".join(str(part) for part in way if part is not None) for way in ways]
        findings.warning("compare_travel_differs", file=b, value=f"{b}: {words[1]}", base=f"{a}: {words[0]}")
    if base["currency"] != other["currency"]:
        findings.warning(
            "compare_currency_differs",
            file=b,
            value=b,
            base=a,
            currency=other["currency"],
            base_currency=base["currency"],
        )


def _difference(base: StoredRun, other: StoredRun, a: str, b: str, findings: Findings) -> dict[str, Any]:
    moves = moves_between(base.summary["sites"], other.summary["sites"])
    people = _people(base, other, a, b, findings)
    return {
        "base": a,
        "run": b,
        "opened": list(moves.opened),
        "closed": list(moves.closed),
        "moved": [
            {"outlet_type": was["outlet_type"], "from": was, "to": now, "distance_m": round(metres, 1)}
            for was, now, metres in moves.moved
        ],
        "kept": len(moves.kept),
        "people": people,
        "money": _money(base.summary, other.summary),
        "objective": _objective(base.summary["objective"], other.summary["objective"]),
        "verdicts": _verdicts(base.summary["verdicts"], other.summary["verdicts"]),
    }


def _people(base: StoredRun, other: StoredRun, a: str, b: str, findings: Findings) -> dict[str, Any] | None:
    """Who gains and loses, by type and for all basic types together; None where cells differ."""
    theirs = {t["id"] for t in other.summary["types"]}
    types = [t for t in base.summary["types"] if t["id"] in theirs]
    if not types:
        return None
    ids = [t["id"] for t in types]
    grids = []
    for run in (base, other):
        try:
            grids.append(grid_of(run.coverage(COLUMNS), neutral_all(ids)))
        except ValueError as problem:
            facts = {"reason": str(problem)}
            raise InputError(
                [Finding("error", "run_unreadable", COVERAGE, value=str(run.folder), facts=facts)]
            ) from None
    fitted: Grid | Mismatch = align(grids[0], grids[1])
    if isinstance(fitted, Mismatch):
        findings.warning(
            "compare_cells_differ",
            file=b,
            value=b,
            base=a,
            only_base=fitted.only_base,
            only_other=fitted.only_other,
            people=fitted.people,
        )
        return None
    basic = [n for n, t in enumerate(types) if t["category"] == "basic"]
    return {
        "by_type": {type_id: shift(grids[0], fitted, n) for n, type_id in enumerate(ids)},
        "complete": shift_of_set(grids[0], fitted, basic) if basic else None,
    }


def _money(base: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Money of the other run less the base's; None where currencies differ."""
    if base["currency"] != other["currency"]:
        return {"currency": None, "total": None, "by_type": {}}
    was, now = base["cost"]["by_type"], other["cost"]["by_type"]
    return {
        "currency": base["currency"],
        "total": other["cost"]["total"] - base["cost"]["total"],
        "by_type": {t: now.get(t, 0) - was.get(t, 0) for t in dict.fromkeys([*was, *now])},
    }


def _objective(base: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The change of the objective's value, where both seek the same thing and have a value."""
    same = base["name"] == other["name"] and base["unit"] == other["unit"]
    has = base["value"] is not None and other["value"] is not None
    return {"same": same, "difference": other["value"] - base["value"] if same and has else None}


def _verdicts(base: list[dict[str, Any]], other: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rules whose need, figure or outcome changed, or that only one of the runs has.

    A rule that both runs have may be about whatever is open (the area of each space used, say): such a subject of
    one run only is listed when the rule does not hold there, for what opened and closed is told elsewhere.
    """
    rules = [{v["rule"] for v in side} for side in (base, other)]
    was = {(v["rule"], v["subject"]): v for v in base}
    now = {(v["rule"], v["subject"]): v for v in other}
    out = []
    for key in dict.fromkeys([*was, *now]):
        a, b = was.get(key), now.get(key)
        if a and b and _said(a) == _said(b):
            continue
        either = b or a or {}
        if not (a and b) and outcome_told(either) == "holds" and all(key[0] in known for known in rules):
            continue
        out.append(
            {
                "rule": key[0],
                "kind": either["kind"],
                "subject": key[1],
                "title": either["title"],
                "unit": either["unit"],
                "sense": either["sense"],
                "base": a and _said(a),
                "other": b and _said(b),
            }
        )
    return out


def _said(verdict: dict[str, Any]) -> dict[str, Any]:
    """What a verdict found; a folder of an earlier version does not say that it was checked."""
    return {**{key: verdict[key] for key in ("need", "got", "holds")}, "checked": verdict.get("checked", True)}


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
