"""What money buys: the best value at each budget, drawn and in figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siteopt.report.comparison_tables import Table
from siteopt.report.comparison_words import with_sign
from siteopt.report.frontier_chart import STYLE, chart
from siteopt.report.safe import escape
from siteopt.report.sections import ROOMY, cards, document, section
from siteopt.report.whatif_words import WhatWords

PER = 10_000.0
"""What the next money buys is told per this much."""


def tables(data: Mapping[str, Any], language: str) -> list[Table]:
    """The tables of ``frontier.json``, for terminal and page."""
    w = WhatWords(data, language)
    return [_points(data, w), _reach(data, w)]


def page(data: Mapping[str, Any], language: str) -> str:
    """One HTML page, without script or network; the chart is drawn in it."""
    w = WhatWords(data, language)
    title = w("frontier_title", title=data["title"])
    parts = [
        f"<h1>{escape(title)}</h1>",
        w.banners(),
        f'<section><div class="cards">{cards(_cards(data, w))}</div></section>',
        section(_points(data, w), chart(data, w)),
        section(_reach(data, w)),
        w.footer(),
    ]
    return document(title, language, parts, more_style=STYLE + ROOMY)


def _cards(data: Mapping[str, Any], w: WhatWords) -> list[tuple[str, str, str]]:
    made = []
    own = next((p for p in data["points"] if p["own"]), None)
    if own is not None:
        made.append((w("card_own"), w.value(own["value"]), f"{w.money(own['budget'])} · {w.status(own)}"))
    step = data["next_step"]
    if step is not None:
        key = "card_next_text" if step["proven"] else "card_next_open"
        made.append((w("card_next"), f"+{w.money(step['money'])}", w(key, gain=w.value(step["gain"]))))
    free, least = data["without_limit"], data["least"]
    if free["enough"] is not None:
        key = "card_enough_text" if free["enough_proven"] else "card_enough_open"
        made.append((w("card_enough"), w.money(free["enough"]), w(key, value=w.value(free["value"]))))
    if least["amount"] > 0:
        key = "card_least_text" if least["proven"] else "card_least_open"
        made.append((w("card_least"), w.money(least["amount"]), w(key)))
    elif least["proven"]:
        made.append((w("card_least"), w.money(0.0), w("card_least_none")))
    return made


def rule_words(data: Mapping[str, Any], w: WhatWords) -> str:
    """The budget that is varied: its title, and the planner's own name for it where it has one."""
    rule = data["rule"]
    title = str(rule["title"].get(w.language) or rule["title"].get("en") or rule["label"])
    return title if rule["label"] == "budget" else f"{title} ({rule['label']})"


def _points(data: Mapping[str, Any], w: WhatWords) -> Table:
    rows, today = [], data["today"]["value"]
    for p in data["points"]:
        budget = w.money(p["budget"])
        gained = None if p["value"] is None else p["value"] - today
        rows.append(
            (
                w("own_budget", budget=budget) if p["own"] else budget,
                w.value(p["value"]),
                "" if p["status"] in ("proven", "infeasible") else w.value(p["bound"]),
                "—" if gained is None else with_sign(w.value(abs(gained)), gained),
                w.money(p["spent"]),
                "—" if p["value"] is None else str(p["outlets"]),
                "—" if p["value"] is None else w.people(p["complete"]),
                w("status_enough") if p["enough"] and p["status"] == "proven" else w.status(p),
                _next(p, w),
            )
        )
    header = (
        *(
            "budget",
            "measure_value",
            "no_more_than",
            "over_today",
            "spent",
            "outlets",
            "complete",
            "how_sure",
            "next",
        ),
    )
    note = f"{w('points_note', rule=rule_words(data, w))} {w('value_note', unit=w.unit())}"
    return Table("points", w("points"), note, tuple(w(key) for key in header), tuple(rows), left=frozenset({0, 7, 8}))


def _next(p: Mapping[str, Any], w: WhatWords) -> str:
    """What the money up to the next point buys."""
    step = p["next"]
    if p["enough"]:
        return w("enough_here")
    if step is None:
        return ""
    if step["most"] <= 1e-9:
        return w("next_nothing")
    rate, least, most = PER / step["money"], step["least"], step["most"]
    if most - least <= 1e-6 * max(1.0, most):
        return f"+{w.value(most)} ({w('rate', rate=_rate(most * rate), money=w.money(PER))})"
    rates = f"{_rate(least * rate)} – {_rate(most * rate)}"
    return f"+{w.value(least)} – +{w.value(most)} ({w('rate', rate=rates, money=w.money(PER))})"


def _rate(value: float) -> str:
    """A rate with three figures that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _reach(data: Mapping[str, Any], w: WhatWords) -> Table:
    ids = [t["id"] for t in data["types"]]
    today = data["today"]
    rows = [(w("today"), *(w.people(today["coverage"][t]) for t in ids), w.people(today["complete"]))]
    rows += [
        (w.money(p["budget"]), *(w.people(p["coverage"][t]) for t in ids), w.people(p["complete"]))
        for p in data["points"]
        if p["value"] is not None
    ]
    header = (w("budget"), *(w.type_name(t) for t in ids), w("complete"))
    return Table("reach", w("reach_by_type"), w("reach_note"), header, tuple(rows))
