"""summary.json: every figure of a run, in one stable form (schema ``siteopt.summary/1``).

People are persons, money is in the scenario's currency, areas are m2, times are seconds unless a name says
otherwise. A number that does not exist is null, never NaN. Only ``timings_s`` and ``peak_rss_mb`` differ between two
runs of one scenario.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyproj

from siteopt.findings import Finding
from siteopt.plan import Run, areas, costs
from siteopt.report.acceptance_page import summary_lines
from siteopt.report.diagnosis import summary_diagnosis
from siteopt.report.goals import goals_of
from siteopt.report.loads import loads
from siteopt.report.remarks import remark
from siteopt.report.safe import DECIMALS, plain
from siteopt.report.sentences import gap_amount
from siteopt.report.stages import phases, pilots, yearly_cost
from siteopt.report.summary_communities import communities_of
from siteopt.text import LANGUAGES, say
from siteopt.units import Floats

SCHEMA = "siteopt.summary/1"


def summarise(run: Run) -> dict[str, Any]:
    """The summary of a run, as plain values ready for JSON.

    Parameters
    ----------
    run : Run
        A run with no plan (infeasible, no plan found) has no ``sites``; its figures are those of today.

    Returns
    -------
    dict
        See ``docs/`` for every key. Sites are ordered by site id, then outlet type, communities and types as read.
    """
    scores, world = run.scores, run.world
    groups, full = world.cells.groups, loads(run)
    out = {
        "schema": SCHEMA,
        "scenario": run.scenario_name,
        "title": run.title,
        "status": run.proof.status,
        "stopped": run.proof.stopped,
        "illustrative": world.illustrative,
        "language": run.language,
        "currency": world.currency,
        "crs": world.crs,
        "engine": {"name": run.proof.engine, "version": run.proof.version},
        "travel": _travel(run),
        "objective": _objective(run),
        "goals": [
            {"name": g.name, "sense": g.sense, "value": g.value, "bound": g.bound, "gap": g.gap, "status": g.status}
            for g in run.proof.goals
        ],
        "groups": list(groups),
        "people": dict(zip(groups, scores.total, strict=True)),
        "types": _types(run),
        "coverage": {
            type_id: {
                **reach(groups, scores.total, scores.before[t], scores.after[t]),
                **({"capacity": full[type_id]} if type_id in full else {}),
            }
            for t, type_id in enumerate(world.types.type_id)
        },
        "complete": reach(groups, scores.total, scores.complete_before, scores.complete_after),
        "nothing": reach(groups, scores.total, scores.nothing_before, scores.nothing_after),
        "communities": communities_of(run),
        "cost": _cost(run),
        "phases": phases(run),
        "pilots": [{"community": p["community"], "grade": p["grade"]} for p in pilots(run)],
        "sites": [],
        "existing": dict(zip(world.types.type_id, world.sites.standing.sum(axis=0), strict=True)),
        "spaces": {
            "candidates": int(world.sites.is_candidate.sum()),
            "existing": int(world.sites.standing.any(1).sum()),
        },
        "cells": int(world.cells.counts.sum()),
        **({} if world.cells.n_cells is None else {"cell_classes": len(world.cells)}),
        "verdicts": [_verdict(run, v) for v in run.verdicts],
        "rules": {label: {"rule": rule["rule"], "title": dict(rule["title"])} for label, rule in run.rules.items()},
        "acceptance": summary_lines(run),
        "diagnosis": summary_diagnosis(run),
        "findings": [_finding(f, run.language) for f in run.findings],
        "timings_s": dict(run.timings_s),
        "peak_rss_mb": run.peak_rss_mb,
    }
    cleaned: dict[str, Any] = plain(out)
    cleaned["sites"] = new_outlets(run)  # already plain, and their degrees have 7 decimals
    return cleaned


def reach(groups: tuple[str, ...], total: Floats, before: Floats, after: Floats) -> dict[str, Any]:
    """Persons before and after, of the first group and of every group.

    Parameters
    ----------
    groups : (G,) names
    total, before, after : (G,) persons
    """
    each = [_share(total[g], before[g], after[g]) for g in range(len(groups))]
    return {**each[0], "by_group": dict(zip(groups, each, strict=True))}


def _share(total: float, before: float, after: float) -> dict[str, Any]:
    return {
        "total": total,
        "before": before,
        "after": after,
        "share_before": before / total if total > 0 else None,
        "share_after": after / total if total > 0 else None,
    }


def _types(run: Run) -> list[dict[str, Any]]:
    types = run.world.types
    return [
        {
            "id": types.type_id[t],
            "name": dict(types.name[t]),
            "limit_min": types.limit_min[t],
            "area_m2": types.area_m2[t],
            "weight": types.weight[t],
            "category": types.category[t],
            "qualifies": bool(types.qualifies[t]),
            "illustrative": bool(types.illustrative[t]),
        }
        for t in range(len(types))
    ]


def _travel(run: Run) -> dict[str, Any]:
    travel = run.travel
    facts = {"speed": travel.speed_kmh, "detour": travel.detour}
    return {
        "mode": travel.mode,
        "speed_kmh": travel.speed_kmh,
        "detour": travel.detour if travel.mode == "straight_line" else None,
        "cutoff_min": travel.cutoff_min,
        "network": travel.mode != "straight_line",
        "label": {
            lang: say("tables", f"travel_{travel.mode}" + "_sloped" * travel.sloped, lang, **facts)
            for lang in LANGUAGES
        },
    }


def _objective(run: Run) -> dict[str, Any]:
    proof = run.proof
    beyond = abs(proof.bound - proof.objective)
    key = f"proof_{proof.status}"
    if proof.status == "best_found" and not np.isfinite(beyond):
        key = "proof_no_bound"
    value = run.scores.objective if run.plan is not None else np.nan
    words = {lang: say("tables", key, lang, amount=gap_amount(run, lang), gap=proof.gap) for lang in LANGUAGES}
    return {
        "name": run.objective["name"],
        "sentence": dict(run.objective.get("sentence", {})),
        "unit": str(run.objective.get("unit", "")),
        "sense": proof.goals[0].sense if proof.goals else None,
        "value": value,
        "bound": proof.bound,
        "gap": proof.gap,
        "beyond": beyond,
        "in_words": words,
        "goals": goals_of(run),
    }


def _cost(run: Run) -> dict[str, Any]:
    scores, plan = run.scores, run.plan
    return {
        "currency": run.world.currency,
        "total": scores.cost_total,
        "budget": run.objective.get("budget"),
        "by_type": dict(zip(run.world.types.type_id, scores.cost_by_type, strict=True)),
        "by_source": {} if plan is None else dict(zip(plan.sources, scores.cost_by_source, strict=True)),
        "by_period": {} if plan is None else dict(zip(plan.periods, scores.cost_by_period, strict=True)),
        "yearly": yearly_cost(run),
    }


def new_outlets(run: Run) -> list[dict[str, Any]]:
    """New outlets with their evidence, ordered by site id and type; existing outlets are not among them."""
    plan, world, scores = run.plan, run.world, run.scores
    if plan is None:
        return []
    sites, types, communities = world.sites, world.types, world.communities
    pairs = [(int(j), int(t)) for j, t in zip(*np.nonzero(plan.opened), strict=True)]
    pairs.sort(key=lambda pair: (str(sites.site_id[pair[0]]), types.type_id[pair[1]]))
    to_degrees, size, money = _to_degrees(world.crs), areas(world, plan), costs(world, plan)
    out = []
    for j, t in pairs:
        lon, lat = to_degrees.transform(*sites.xy_m[j])
        k, source = int(sites.community[j]), int(plan.source[j, t])
        out.append(
            {
                "site_id": sites.site_id[j],
                "name": sites.name[j],
                "outlet_type": types.type_id[t],
                "period": plan.periods[int(plan.period[j, t]) - 1],
                "source": plan.sources[source] if source >= 0 else None,
                "kind": sites.kind[j],
                "area_m2": size[j, t],
                "space_area_m2": sites.area_m2[j],
                "cost": money[j, t],
                "newly_covered": scores.newly_covered[j, t],
                "only_covered_by_this": scores.only_covered_by_this[j, t],
                "community": communities.community_id[k] if k >= 0 else None,
                "tenure": sites.tenure[j],
                "parcel_id": sites.parcel_id[j],
                "x_m": round(float(sites.xy_m[j, 0]), 3),
                "y_m": round(float(sites.xy_m[j, 1]), 3),
                "lon": round(lon, 7),
                "lat": round(lat, 7),
            }
        )
    # 7 decimals of a degree are 1 cm
    return [
        {key: plain(value, 7 if key in ("lon", "lat") else DECIMALS) for key, value in site.items()} for site in out
    ]


@cache
def _to_degrees(crs: str) -> pyproj.Transformer:
    """To longitude and latitude; making one takes a tenth of a second and more."""
    return pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)


def _verdict(run: Run, verdict: Any) -> dict[str, Any]:
    rule = run.rules.get(verdict.rule, {})
    return {
        "rule": verdict.rule,
        "kind": rule.get("rule", verdict.rule),
        "title": dict(rule.get("title", {})),
        "subject": verdict.subject,
        "need": verdict.need,
        "got": verdict.got,
        "sense": verdict.sense,
        "unit": verdict.unit,
        "holds": bool(verdict.holds),
        "checked": bool(verdict.checked),
        "detail": dict(verdict.detail),
    }


def _finding(finding: Finding, language: str) -> dict[str, Any]:
    value = finding.value
    if value is not None and not isinstance(value, bool | int | float | str):
        value = str(value)
    return {
        "severity": finding.severity,
        "code": finding.code,
        "file": finding.file,
        "row": finding.row,
        "field": finding.field,
        "value": value,
        "facts": dict(finding.facts),
        "message": remark(finding, language),
    }
