"""Alternatives side by side: how good, how different, and which outlets every one of them needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siteopt.report.comparison_tables import Table
from siteopt.report.safe import escape
from siteopt.report.sections import section
from siteopt.report.whatif_layout import Card, whole_page
from siteopt.report.whatif_words import WhatWords


def tables(data: Mapping[str, Any], language: str) -> list[Table]:
    """The tables of ``alternatives.json``, for terminal and page."""
    w = WhatWords(data, language)
    out = [_plans(data, w), _outlets(data, w)]
    return [*out, _pairs(data, w)] if data["pairs"] else out


def page(data: Mapping[str, Any], language: str) -> str:
    """One HTML page, without script or network; it links the reports beside it."""
    w = WhatWords(data, language)
    pairs = _pairs(data, w)
    sections = [section(_plans(data, w)), section(_outlets(data, w)), section(pairs) if pairs.rows else ""]
    return whole_page(
        w("alternatives_title", title=data["title"]), w, _cards(data, w), sections, links=_links(data, w)
    )


def _name(plan: str, w: WhatWords) -> str:
    return w("plan_number", number=plan.removeprefix("plan-"))


def _cards(data: Mapping[str, Any], w: WhatWords) -> list[Card]:
    plans, outlets = data["plans"], data["outlets"]
    costs, values = [p["cost"] for p in plans], [p["value"] for p in plans]
    span = w.money(costs[0]) if min(costs) == max(costs) else f"{w.money(min(costs))} – {w.money(max(costs))}"
    made = [
        (w("card_plans"), str(len(plans)), w("card_plans_text", slack=w.percent(data["slack"]))),
        (w("card_range"), span, w("card_range_text", low=w.value(min(values)), high=w.amount(max(values)))),
    ]
    if len(plans) > 1:
        core = [o for o in outlets if o["kind"] == "every"]
        needed = sum(o["without"] == "needed" for o in core)
        widest = max(p["only_a"] for p in data["pairs"] if p["a"] == "plan-1")
        text = w("card_different_text", outlets=plans[0]["outlets"])
        made += [
            (w("card_core"), str(len(core)), w("card_core_text", needed=needed)),
            (w("card_different"), str(widest), text),
        ]
    return made


def _links(data: Mapping[str, Any], w: WhatWords) -> str:
    """To each plan's own report; the folder names are ours."""
    links = [
        f'<a href="{escape(p["plan"])}/report.html">{escape(w("open_report", plan=_name(p["plan"], w)))}</a>'
        for p in data["plans"]
    ]
    if len(links) > 1:
        links.append(f'<a href="comparison.html">{escape(w("open_comparison"))}</a>')
    return f"<p>{' · '.join(links)}</p>"


def _plans(data: Mapping[str, Any], w: WhatWords) -> Table:
    rows = []
    for k, p in enumerate(data["plans"]):
        best = "plan_best" if data["best"]["status"] == "proven" else "plan_first"
        name = w(best, number=1) if k == 0 else _name(p["plan"], w)
        rows.append(
            (
                name,
                w.value(p["value"]),
                w.difference(p["below_best"]),
                w.money(p["cost"]),
                str(p["outlets"]),
                w.people(p["complete_after"]),
                "—" if p["distance"] is None else str(p["distance"]),
                "—" if p["nearest"] is None else _name(p["nearest"], w),
                _sure(p, w) if k else w.status(data["best"]),
            )
        )
    header = (
        *(
            "plan",
            "measure_value",
            "below_best",
            "cost",
            "outlets",
            "complete",
            "does_without",
            "nearest",
            "how_sure",
        ),
    )
    slack = w.percent(data["slack"])
    note = [w.sought("plans_note", floor=w.value(data["floor"]), best=w.value(data["best"]["value"]), slack=slack)]
    note.append(w.about_value("alternatives"))
    if data["ended"] == "none_left":
        note.append(w("ended_none_left"))
    elif data["ended"] == "time":
        note.append(w("ended_time", most="—" if data["next_at_most"] is None else data["next_at_most"]))
    return Table(
        "plans",
        w("plans"),
        w.sentences(note),
        tuple(w(key) for key in header),
        tuple(rows),
        left=frozenset({0, 7, 8}),
    )


def _sure(plan: Mapping[str, Any], w: WhatWords) -> str:
    if plan["distance_proven"]:
        return w("most_distant")
    return w("at_most", most=plan["distance_at_most"])


def _outlets(data: Mapping[str, Any], w: WhatWords) -> Table:
    rows = [
        (
            w.space(o),
            w.type_name(o["outlet_type"]),
            "—" if o["community"] is None else str(o["community"]),
            w.money(o["cost"]),
            " ".join(name.removeprefix("plan-") for name in o["plans"]),
            w(f"kind_{o['kind']}"),
            "" if o["without"] is None else w(f"without_{o['without']}"),
        )
        for o in data["outlets"]
    ]
    header = ("space", "outlet", "community", "cost", "in_plans", "how_often", "can_be_replaced")
    left = frozenset({0, 1, 2, 4, 5, 6})
    return Table(
        "outlets", w("outlets_table"), w("outlets_note"), tuple(w(key) for key in header), tuple(rows), left=left
    )


def _pairs(data: Mapping[str, Any], w: WhatWords) -> Table:
    rows = [
        (
            f"{_name(p['a'], w)} · {_name(p['b'], w)}",
            str(p["shared"]),
            str(p["only_a"]),
            str(p["only_b"]),
        )
        for p in data["pairs"]
    ]
    header = (w("plan"), w("shared"), w("only_first"), w("only_second"))
    return Table("pairs", w("pairs"), "", header, tuple(rows))
