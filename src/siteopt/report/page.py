"""What the report page says: plain facts and sentences in both languages, ready to become JSON.

Figures come from the audited scores and from ``summary``; nothing here is computed by the solver.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np

from siteopt.findings import Finding
from siteopt.plan import Run
from siteopt.report import palette
from siteopt.report.acceptance_page import page_items, page_words
from siteopt.report.diagnosis import page_diagnosis
from siteopt.report.goals import goals_of, group_weights, least, sought_unit
from siteopt.report.page_rules import definitions, listing, named_types, rules
from siteopt.report.remarks import remark
from siteopt.report.sentences import (
    Both,
    both,
    gap_amount,
    headline,
    number,
    percent,
    proof_sentence,
    second_line,
    state,
    type_name,
    walking,
)
from siteopt.report.stages import page_phases, page_pilots
from siteopt.report.verdicts import failing, unchecked
from siteopt.text import LANGUAGES, topic


def page_facts(run: Run, summary: Mapping[str, Any]) -> dict[str, Any]:
    """All that the page shows besides the map.

    Parameters
    ----------
    run : Run
    summary : dict
        As :func:`siteopt.report.summary.summarise` gives it.
    """
    return {
        "version": version("siteopt"),
        "language": run.language,
        "title": _title(run),
        "has_plan": run.plan is not None,
        "headline": headline(run),
        "second_line": second_line(run),
        "proof_sentence": proof_sentence(run),
        "banners": _banners(run),
        "diagnosis": page_diagnosis(run),
        "currency": run.world.currency,
        "groups": list(run.world.cells.groups),
        "types": _types(run),
        "figures": _figures(run, summary),
        "outlets": _outlets(run, summary),
        "communities": summary["communities"],
        "definitions": definitions(run),
        "rules": rules(run),
        "acceptance": page_items(run),
        "findings": [_finding(f) for f in run.findings],
        "phases": page_phases(run),
        "pilots": page_pilots(run),
        "notes": _notes(run),
        "inputs": [dict(i) for i in run.inputs],
        "sure": _sure(run),
        "attribution": list(run.world.attribution),
        "colours": _colours(run),
    }


def words() -> dict[str, dict[str, str]]:
    """The page's fixed words, by language."""
    entries, more = topic("report"), page_words()
    return {lang: {key: entry[lang] for key, entry in entries.items()} | more[lang] for lang in LANGUAGES}


def _title(run: Run) -> Both:
    given = run.scenario.get("title")
    if isinstance(given, Mapping):
        return {lang: str(given.get(lang) or run.title) for lang in LANGUAGES}
    return dict.fromkeys(LANGUAGES, run.title or run.scenario_name)


def _banners(run: Run) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    if run.world.illustrative:
        out.append({"kind": "illustrative", "text": both("banner_illustrative")})
    if run.world.types.illustrative.any():
        out.append({"kind": "illustrative", "text": named_types(run, "banner_illustrative_types", "illustrative")})
    if run.travel.mode == "straight_line":
        detour = number(run.travel.detour, 2)
        out.append({"kind": "warning", "text": both("banner_straight_line", lambda lang: {"detour": detour})})
    broken, unknown = failing(run.verdicts), unchecked(run.verdicts)
    if broken:
        out.append({"kind": "warning", "text": both("banner_rule_fails", lambda lang: {"n": broken})})
    if unknown:
        out.append({"kind": "warning", "text": both("banner_not_checked", lambda lang: {"n": unknown})})
    return out


def _types(run: Run) -> list[dict[str, Any]]:
    types, scores, sites = run.world.types, run.scores, run.world.sites
    out = []
    for t in range(len(types)):
        colour, shape = palette.type_style(t)
        out.append(
            {
                "id": types.type_id[t],
                "name": {lang: type_name(run, t, lang) for lang in LANGUAGES},
                "limit": float(types.limit_min[t]),
                "category": types.category[t],
                "colour": colour,
                "shape": shape,
                "before": scores.before[t],
                "after": scores.after[t],
                "opened": int(run.plan.opened[:, t].sum()) if run.plan is not None else 0,
                "standing": int(sites.standing[:, t].sum()),
            }
        )
    return out


def _figures(run: Run, summary: Mapping[str, Any]) -> dict[str, Any]:
    scores = run.scores
    return {
        "total": scores.total,
        "complete": {"before": scores.complete_before, "after": scores.complete_after},
        "nothing": {"before": scores.nothing_before, "after": scores.nothing_after},
        "basic": sum(c == "basic" for c in run.world.types.category),
        "cost": scores.cost_total,
        "budget": summary["cost"]["budget"],
        "opened": int(run.plan.opened.sum()) if run.plan is not None else 0,
        "spaces": int(run.plan.opened.any(axis=1).sum()) if run.plan is not None else 0,
        "checks": len(run.verdicts),
        "failing": failing(run.verdicts),
        "unchecked": unchecked(run.verdicts),
    }


def _outlets(run: Run, summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """New outlets in the order of the summary; their place in it is their number on the map."""
    index = {str(s): j for j, s in enumerate(run.world.sites.site_id)}
    types = run.world.types.type_id
    several = run.plan is not None and len(run.plan.periods) > 1
    return [
        {
            "site": index[str(row["site_id"])],
            "type": types.index(row["outlet_type"]),
            "area": row["area_m2"],
            "cost": row["cost"],
            "newly": row["newly_covered"],
            "only": row["only_covered_by_this"],
            "period": row["period"] if several else None,
        }
        for row in summary["sites"]
    ]


def _finding(finding: Finding) -> dict[str, Any]:
    place = [str(part) for part in (finding.file, finding.row, finding.field) if part is not None]
    return {
        "severity": finding.severity,
        "where": " · ".join(place),
        "text": {lang: remark(finding, lang) for lang in LANGUAGES},
    }


def _notes(run: Run) -> list[Both]:
    given = run.scenario.get("notes") or run.world.notes
    out = []
    for note in given:
        if isinstance(note, Mapping):
            out.append({lang: str(note.get(lang) or note.get("en") or note.get("zh") or "") for lang in LANGUAGES})
        else:
            out.append(dict.fromkeys(LANGUAGES, str(note)))
    cells = run.world.cells
    if cells.n_cells is not None:
        facts = {"cells": number(int(cells.counts.sum()), 0), "classes": number(len(cells), 0)}
        out.append(both("note_classes", lambda _: facts))
    return out


def _sure(run: Run) -> dict[str, Any]:
    proof, types = run.proof, run.world.types
    unit = sought_unit(run)
    services = unit in ("services", "services_phases")
    weights = both(
        "sure_services_phases" if unit == "services_phases" else "sure_services",
        lambda lang: {
            "weights": listing(
                (f"{type_name(run, t, lang)} {number(float(types.weight[t]), 3)}" for t in range(len(types))), lang
            )
        },
    )
    return {
        "status": state(run),
        "gap": percent(proof.gap),
        "exact": proof.status == "proven" and proof.gap <= 1e-9,
        "gap_amount": {lang: gap_amount(run, lang) for lang in LANGUAGES},
        "question": dict(run.objective.get("sentence", {})),
        "formula": str(run.objective.get("formula", "")),
        "unit": unit,
        "value": run.scores.objective if run.plan is not None else None,
        "bound": proof.bound,
        "least": least(run),
        "services": weights if services and run.plan is not None else None,
        "group_weights": both("sure_group_weights", lambda lang: {"weights": _weights(run, lang)})
        if group_weights(run)
        else None,
        "engine": f"{proof.engine} {proof.version}".strip(),
        "seconds": proof.seconds,
        "stopped": proof.stopped,
        "goals": goals_of(run),
        "walking": walking(run),
        "illustrative": named_types(run, "banner_illustrative_types", "illustrative")
        if types.illustrative.any()
        else None,
        "crs": run.world.crs,
    }


def _weights(run: Run, language: str) -> str:
    known = topic("report")
    return listing(
        (
            f"{known.get(f'group_{group}', {}).get(language, group)} {number(weight, 3)}"
            for group, weight in group_weights(run).items()
        ),
        language,
    )


def _colours(run: Run) -> dict[str, Any]:
    n = len(run.world.types)
    gained = np.isfinite(run.scores.minutes_after) & ~np.isfinite(run.scores.minutes_before)
    most_gained = max(int(gained.sum(axis=1).max(initial=0)), 1)
    return {
        "missing": palette.MISSING,
        "today": palette.TODAY,
        "gained": palette.GAINED,
        "count": palette.ramp(palette.COUNT_RAMP, n),
        "gain": palette.ramp(palette.GAIN_RAMP, most_gained),
        "no_gain": palette.NO_GAIN,
        "people": list(palette.PEOPLE_RAMP),
    }
