"""What each rule costs: gained when it gives a step, gained when it is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siteopt.report.comparison_tables import Table
from siteopt.report.safe import escape
from siteopt.report.sections import ROOMY, cards, document, section
from siteopt.report.sentences import number, percent
from siteopt.report.whatif_words import WhatWords
from siteopt.text import say

NEARLY_NOTHING = 1e-6
TOPIC = "diagnosis"


def tables(data: Mapping[str, Any], language: str) -> list[Table]:
    """The table of ``prices.json``, for terminal and page."""
    return [_rules(data, WhatWords(data, language))]


def page(data: Mapping[str, Any], language: str) -> str:
    """One HTML page, without script or network."""
    w = WhatWords(data, language)
    title = say(TOPIC, "prices_title", language, title=data["title"])
    parts = [
        f"<h1>{escape(title)}</h1>",
        w.banners(),
        f'<section><div class="cards">{cards(_cards(data, w))}</div></section>',
        section(_rules(data, w)),
        w.footer(),
    ]
    return document(title, language, parts, more_style=ROOMY)


def dearest_first(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By what a step surely gains, then by what it may gain, then by what the whole rule costs."""

    def key(p: Mapping[str, Any]) -> tuple[float, float, float, str]:
        most = float("inf") if p["gain_most"] is None else p["gain_most"]
        return (-p["gain_least"], -most, -p["free_least"], p["rule"])

    return sorted(rules, key=key)


def step_words(price: Mapping[str, Any], w: WhatWords) -> str:
    """What one step of a rule is."""
    language = w.language
    if price["whole"]:
        return say(TOPIC, "step_whole", language)
    if price["relative"]:
        share = say(TOPIC, "step_share", language, share=percent(price["step"], 0))
        if price["amount"] is None or price["unit"] not in ("money", "people"):
            return share
        of = w.money if price["unit"] == "money" else w.people
        return say(TOPIC, "step_amount", language, amount=of(price["amount"]), share=share)
    return say(TOPIC, f"step_{price['unit']}", language, step=number(price["step"], 0))


def gain_words(least: float, most: float | None, w: WhatWords) -> str:
    """A gain, or the range in which it lies."""
    language = w.language
    if most is None:
        return say(
            TOPIC, "gain_unknown" if least <= NEARLY_NOTHING else "gain_at_least", language, least=w.value(least)
        )
    if most <= NEARLY_NOTHING:
        return say(TOPIC, "gain_nothing", language)
    if most - least <= NEARLY_NOTHING * max(1.0, abs(most)):
        return say(TOPIC, "gain_exact", language, gain=w.value(most))
    return say(TOPIC, "gain_range", language, least=w.value(least), most=w.value(most))


def title_of(price: Mapping[str, Any], language: str) -> str:
    """A rule's title, with the scenario's own name for it where that says more."""
    title = price.get("title", {}).get(language) or price["rule"]
    return title if price["rule"] == price.get("kind", price["rule"]) else f"{title} ({price['rule']})"


def _cards(data: Mapping[str, Any], w: WhatWords) -> list[tuple[str, str, str]]:
    base, rules = data["base"], data["rules"]
    text = w("card_run_text", outlets=base["outlets"], cost=w.money(base["cost"]), status=w.status(base))
    made = [(w("card_run"), w.value(base["value"]), text)]
    if not rules:
        return made
    free = sum(p["gain_most"] is not None and p["gain_most"] <= NEARLY_NOTHING for p in rules)
    worst = dearest_first(rules)[0]
    if worst["gain_most"] is None or worst["gain_most"] > NEARLY_NOTHING:
        gain = gain_words(worst["gain_least"], worst["gain_most"], w)
        step = step_words(worst, w)
        made.append((say(TOPIC, "card_dearest", w.language), title_of(worst, w.language), f"{step}: {gain}"))
    made.append(
        (say(TOPIC, "card_free", w.language), str(free), say(TOPIC, "card_free_text", w.language, all=len(rules)))
    )
    return made


def _rules(data: Mapping[str, Any], w: WhatWords) -> Table:
    lang = w.language
    rows = [
        (
            title_of(p, lang),
            step_words(p, w),
            gain_words(p["gain_least"], p["gain_most"], w),
            gain_words(p["free_least"], p["free_most"], w),
            say(TOPIC, f"how_{p['how']}" if p["proven"] or p["how"] == "no_time" else "how_range", lang),
        )
        for p in dearest_first(data["rules"])
    ]
    header = tuple(say(TOPIC, key, lang) for key in ("col_rule", "col_step", "col_gain", "col_free", "col_how"))
    note = (
        say(TOPIC, "prices_note", lang) + " " + w("value_note", unit=w.unit())
        if rows
        else say(TOPIC, "no_rules", lang)
    )
    return Table("prices", say(TOPIC, "prices", lang), note, header, tuple(rows), left=frozenset({0, 1, 4}))
