"""One run held against another: outlets, people, money, rules; and what makes the two less than comparable."""

from __future__ import annotations

from typing import Any

from siteopt.findings import Finding, Findings, InputError
from siteopt.report.safe import neutral_all
from siteopt.report.verdicts import outcome_told
from siteopt.runs.layout import COVERAGE
from siteopt.runs.moves import moves_between
from siteopt.runs.shifts import COLUMNS, Grid, Mismatch, align, grid_of, shift, shift_of_set
from siteopt.runs.stored import StoredRun


def note_what_differs(base: dict[str, Any], other: dict[str, Any], a: str, b: str, findings: Findings) -> None:
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


def difference(base: StoredRun, other: StoredRun, a: str, b: str, findings: Findings) -> dict[str, Any]:
    """What opened, closed and moved from one run to another, who gains and loses, money, rules."""
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
