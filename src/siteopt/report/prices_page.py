"""What each rule costs: gained when it gives a step, gained when it is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siteopt.report.comparison_tables import Table
from siteopt.report.sections import section
from siteopt.report.sentences import number, percent
from siteopt.report.whatif_layout import Card, plan_card, whole_page
from siteopt.report.whatif_words import NEARLY_NOTHING, WhatWords


def tables(data: Mapping[str, Any], language: str) -> list[Table]:
    """The table of ``prices.json``, for terminal and page."""
    return [_rules(data, WhatWords(data, language))]


def page(data: Mapping[str, Any], language: str) -> str:
    """One HTML page, without script or network."""
    w = WhatWords(data, language)
    return whole_page(w("prices_title", title=data["title"]), w, _cards(data, w), [section(_rules(data, w))])


def dearest_first(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By what a step surely gains, then by what it may gain, then by what the whole rule costs."""

    def key(p: Mapping[str, Any]) -> tuple[float, float, float, str]:
        most = float("inf") if p["gain_most"] is None else p["gain_most"]
        return (-p["gain_least"], -most, -p["free_least"], p["rule"])

    return sorted(rules, key=key)


def step_words(price: Mapping[str, Any], w: WhatWords) -> str:
    """What one step of a rule is."""
    if price["whole"]:
        return w("step_whole")
    if price["relative"]:
        share = w("step_share", share=percent(price["step"], 0))
        if price["amount"] is None or price["unit"] not in ("money", "people"):
            return share
        of = w.money if price["unit"] == "money" else w.people
        return w("step_amount", amount=of(price["amount"]), share=share)
    return w(f"step_{price['unit']}", step=number(price["step"], 0))


def _title(price: Mapping[str, Any], w: WhatWords) -> str:
    return w.rule(price["rule"], price.get("kind", price["rule"]), price.get("title", {}))


def _cards(data: Mapping[str, Any], w: WhatWords) -> list[Card]:
    rules, made = data["rules"], [plan_card(data, w)]
    if not rules:
        return made
    free = sum(p["gain_most"] is not None and p["gain_most"] <= NEARLY_NOTHING for p in rules)
    worst = dearest_first(rules)[0]
    if worst["gain_most"] is None or worst["gain_most"] > NEARLY_NOTHING:
        gain = w.interval(worst["gain_least"], worst["gain_most"], "gain_nothing")
        made.append((w("card_dearest"), _title(worst, w), f"{step_words(worst, w)}: {gain}"))
    made.append((w("card_no_price"), str(free), w("card_no_price_text", all=len(rules))))
    return made


def _rules(data: Mapping[str, Any], w: WhatWords) -> Table:
    rows = [
        (
            _title(p, w),
            step_words(p, w),
            w.interval(p["gain_least"], p["gain_most"], "gain_nothing"),
            w.interval(p["free_least"], p["free_most"], "gain_nothing"),
            w(f"how_{p['how']}" if p["proven"] or p["how"] == "no_time" else "how_range"),
        )
        for p in dearest_first(data["rules"])
    ]
    header = (w("price_rule"), w("price_step"), w.sought("price_gain"), w.sought("price_free"), w("how_sure"))
    note = w.sentences([w.sought("prices_note"), w.about_value("prices")]) if rows else w("no_rules")
    return Table("prices", w("prices"), note, header, tuple(rows), left=frozenset({0, 1, 4}))
