"""What each space of a plan is worth: lost when it is refused, and what takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siteopt.report.comparison_tables import Table
from siteopt.report.safe import escape
from siteopt.report.sections import ROOMY, cards, document, section
from siteopt.report.whatif_words import WhatWords

NEARLY_NOTHING = 1e-6
MOST_ON_SCREEN = 3
"""Changes named per space in a terminal; the page names them all."""


def tables(data: Mapping[str, Any], language: str) -> list[Table]:
    """The tables of ``explain.json``, for terminal and page."""
    w = WhatWords(data, language)
    return [_spaces(data, w, MOST_ON_SCREEN)]


def page(data: Mapping[str, Any], language: str) -> str:
    """One HTML page, without script or network."""
    w = WhatWords(data, language)
    title = w("explain_title", title=data["title"])
    parts = [
        f"<h1>{escape(title)}</h1>",
        w.banners(),
        f'<section><div class="cards">{cards(_cards(data, w))}</div></section>',
        section(_spaces(data, w)),
        w.footer(),
    ]
    return document(title, language, parts, more_style=ROOMY)


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


def _cards(data: Mapping[str, Any], w: WhatWords) -> list[tuple[str, str, str]]:
    base, sites = data["base"], data["sites"]
    text = w("card_run_text", outlets=base["outlets"], cost=w.money(base["cost"]), status=w.status(base))
    made = [(w("card_run"), w.value(base["value"]), text)]
    if not sites:
        return made
    must = sum(s["outcome"] == "infeasible" for s in sites)
    free = sum(s["loss_most"] is not None and s["loss_most"] <= NEARLY_NOTHING for s in sites)
    worst = hardest_first(sites)[0]
    made.append((w("card_worst"), w.space(worst), loss(worst, data, w)))
    made.append((w("card_must"), str(must), w("card_must_text", all=len(sites))))
    made.append((w("card_free"), str(free), w("card_must_text", all=len(sites))))
    return made


def loss(site: Mapping[str, Any], data: Mapping[str, Any], w: WhatWords) -> str:
    """What is lost without a space, in words that were earned."""
    least, most = site["loss_least"], site["loss_most"]
    if site["outcome"] == "infeasible":
        return w("loss_all")
    if most is not None and most < -NEARLY_NOTHING:
        return w("gain_possible", gain=w.value(-most))
    if site["outcome"] == "proven":
        if most <= NEARLY_NOTHING:
            return w("loss_nothing")
        return w("loss_exact", loss=w.value(most), share=w.percent(most / max(abs(data["base"]["value"]), 1e-9)))
    if most is None:
        return w("loss_unknown") if least is None else w("loss_at_least", least=w.value(max(least, 0.0)))
    floor = "—" if least is None else w.value(max(least, 0.0))
    return w("loss_range", least=floor, most=w.value(most))


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
        *("space", "outlet", "cost", "only_by_this", "lost", "how_sure", "instead", "cost_change", "complete_change"),
    )
    note = f"{w('spaces_note')} {w('value_note', unit=w.unit())}" if rows else w("no_sites")
    left = frozenset({0, 1, 3, 4, 6})
    return Table("spaces", w("spaces"), note, tuple(w(key) for key in header), tuple(rows), left=left)
