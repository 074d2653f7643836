"""What money buys: the best value at each budget, drawn and in figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siteopt.report.comparison_tables import Table
from siteopt.report.frontier_chart import STYLE, chart
from siteopt.report.sections import section
from siteopt.report.whatif_layout import Card, whole_page
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
    sections = [section(_points(data, w), chart(data, w)), section(_reach(data, w))]
    return whole_page(w("frontier_title", title=data["title"]), w, _cards(data, w), sections, style=STYLE)


def _cards(data: Mapping[str, Any], w: WhatWords) -> list[Card]:
    made = []
    own = next((p for p in data["points"] if p["own"]), None)
    if own is not None:
        made.append((w("card_own"), w.amount(own["value"]), f"{w.money(own['budget'])} · {w.status(own)}"))
    step = data["next_step"]
    if step is not None:
        key = "card_next_text" if step["proven"] else "card_next_open"
        made.append((w("card_next"), f"+{w.money(step['money'])}", w(key, gain=w.better(step["gain"], alone=True))))
    free, least = data["without_limit"], data["least"]
    if free["enough"] is not None:
        key = "card_enough_text" if free["enough_proven"] else "card_enough_open"
        made.append((w("card_enough"), w.money(free["enough"]), w(key, value=w.amount(free["value"]))))
    if least["amount"] > 0:
        key = "card_least_text" if least["proven"] else "card_least_open"
        made.append((w("card_least"), w.money(least["amount"]), w(key)))
    elif least["proven"]:
        made.append((w("card_least"), w.money(0.0), w("card_least_none")))
    return made


def _points(data: Mapping[str, Any], w: WhatWords) -> Table:
    rows, today = [], data["today"]["value"]
    for p in data["points"]:
        budget = w.money(p["budget"])
        rows.append(
            (
                w("own_budget", budget=budget) if p["own"] else budget,
                w.value(p["value"]),
                "" if p["status"] in ("proven", "infeasible") else w.value(p["bound"]),
                w.against(p["value"], today),
                w.money(p["spent"]),
                "—" if p["value"] is None else str(p["outlets"]),
                "—" if p["value"] is None else w.people(p["complete"]),
                w("status_enough") if p["enough"] and p["status"] == "proven" else w.status(p),
                _next(p, w),
            )
        )
    header = (
        *(w(key) for key in ("budget", "measure_value")),
        w.sought("no_more_than"),
        *(w(key) for key in ("over_today", "spent", "outlets", "complete", "how_sure", "next")),
    )
    rule = data["rule"]
    words = w.rule(rule["label"], "budget", rule["title"])
    note = w.sentences([w("points_note", rule=words), w.about_value("frontier")])
    return Table("points", w("points"), note, header, tuple(rows), left=frozenset({0, 7, 8}))


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
        return w("rate", buys=w.better(most), rate=_rate(most * rate, w), money=w.money(PER))
    rates = f"{_rate(least * rate, w)} – {_rate(most * rate, w)}"
    return w("rate", buys=f"{w.better(least)} – {w.better(most)}", rate=rates, money=w.money(PER))


def _rate(value: float, w: WhatWords) -> str:
    """A rate with three figures that mean something."""
    share = w.counted == "share"
    value = 100 * value if share else value
    text = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return w("with_share_points", value=text) if share else text


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
