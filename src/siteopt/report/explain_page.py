"""What each space of a plan is worth: lost when it is refused, and what takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siteopt.report.comparison_tables import Table
from siteopt.report.sections import section
from siteopt.report.whatif_layout import Card, plan_card, whole_page
from siteopt.report.whatif_words import NEARLY_NOTHING, WhatWords

MOST_ON_SCREEN = 3
"""Changes named per space in a terminal; the page names them all."""


def tables(data: Mapping[str, Any], language: str) -> list[Table]:
    """The tables of ``explain.json``, for terminal and page."""
    w = WhatWords(data, language)
    return [_spaces(data, w, MOST_ON_SCREEN)]


def page(data: Mapping[str, Any], language: str) -> str:
    """One HTML page, without script or network."""
    w = WhatWords(data, language)
    return whole_page(w("explain_title", title=data["title"]), w, _cards(data, w), [section(_spaces(data, w))])


def hardest_first(sites: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Spaces that cannot be spared, then by what is surely lost, then by what may be."""

    def key(site: Mapping[str, Any]) -> tuple[bool, float, float, str]:
        least, most = site["loss_least"], site["loss_most"]
        return (
            site["outcome"] != "infeasible",
            -(least if least is not None else 0.0),
            -(most if most is not None else float("inf")),
            site["site_id"],
        )

    return sorted(sites, key=key)


def _cards(data: Mapping[str, Any], w: WhatWords) -> list[Card]:
    sites, made = data["sites"], [plan_card(data, w)]
    if not sites:
        return made
    must = sum(s["outcome"] == "infeasible" for s in sites)
    free = sum(s["loss_most"] is not None and s["loss_most"] <= NEARLY_NOTHING for s in sites)
    worst, of_all = hardest_first(sites)[0], w("card_must_text", all=len(sites))
    made.append((w("card_worst"), w.space(worst), f"{w.sought('lost')}{w('colon')}{loss(worst, data, w)}"))
    made.append((w("card_must"), str(must), of_all))
    made.append((w("card_free"), str(free), of_all))
    return made


def loss(site: Mapping[str, Any], data: Mapping[str, Any], w: WhatWords) -> str:
    """What is lost without a space, in words that were earned."""
    least, most = site["loss_least"], site["loss_most"]
    if site["outcome"] == "infeasible":
        return w("loss_all")
    if most is not None and most < -NEARLY_NOTHING:
        return w("gain_possible", gain=w.difference(-most))
    if site["outcome"] == "proven" and most > NEARLY_NOTHING:
        if w.counted == "share":  # a share of a share says nothing
            return w.difference(most)
        share = w.percent(most / max(abs(data["base"]["value"]), 1e-9))
        return w("loss_exact", loss=w.difference(most), share=share)
    return w.interval(most if site["outcome"] == "proven" else least, most, "loss_nothing")


def instead(site: Mapping[str, Any], w: WhatWords, most: int | None = None) -> str:
    """What the plan without the space does otherwise; only the first ``most`` changes where that is given."""
    if site["value"] is None:
        return "—"

    def named(s: Mapping[str, Any]) -> str:
        return w("outlet_at", outlet=w.type_name(s["outlet_type"]), space=w.space(s))

    parts = [
        w("moves", outlet=w.type_name(m["to"]["outlet_type"]), from_site=w.space(m["from"]), to_site=w.space(m["to"]))
        for m in site["moved"]
    ]
    parts += [w("opens", what=named(s)) for s in site["opened"]]
    # That the refused space itself closes needs no saying.
    parts += [w("closes", what=named(s)) for s in site["closed"] if s["site_id"] != site["site_id"]]
    if most is not None and len(parts) > most + 1:
        parts = [*parts[:most], w("and_more", count=len(parts) - most)]
    return w.join(parts, "semicolon") if parts else w("nothing_instead")


def _spaces(data: Mapping[str, Any], w: WhatWords, most: int | None = None) -> Table:
    rows = []
    for s in hardest_first(data["sites"]):
        only = [
            w("outlet_people", outlet=w.type_name(o["outlet_type"]), people=w.people(o["only_covered_by_this"]))
            for o in s["outlets"]
        ]
        rows.append(
            (
                w.space(s),
                w.join(w.type_name(o["outlet_type"]) for o in s["outlets"]),
                w.money(s["cost"]),
                w.join(only),
                loss(s, data, w),
                w(f"sure_{s['outcome']}"),
                instead(s, w, most),
                w.money_change(s["cost_change"]),
                w.change(s["complete_change"]),
            )
        )
    header = (
        *(w(key) for key in ("space", "outlet", "cost", "only_by_this")),
        w.sought("lost"),
        *(w(key) for key in ("how_sure", "instead", "cost_change", "complete_change")),
    )
    note = w.sentences([w.sought("spaces_note"), w.about_value("explain")]) if rows else w("no_sites")
    return Table("spaces", w("spaces"), note, header, tuple(rows), left=frozenset({0, 1, 3, 4, 6}))
