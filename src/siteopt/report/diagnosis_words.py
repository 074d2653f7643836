"""What a limit can come to, and a way out of a clash, each in one sentence.

A way out is told by the rules that give, in their own terms ("7.2 % instead of 10 %"), as their judges put it on the
plan that the way out makes possible.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from siteopt.plan import Outlook, Relaxation, Repair, Run, Verdict
from siteopt.report.goals import sought_unit
from siteopt.report.sentences import Both, amount, number, titles
from siteopt.report.subjects import Subjects
from siteopt.text import LANGUAGES, say

TOPIC = "diagnosis"

MOST_NAMED = 8
"""Subjects or outlets named in one sentence; the others are counted."""

GRAINS = {"share": 1e-4, "m2": 0.1}
"""What the last printed digit of a unit is worth; 1 for what is not named."""

WAN = 1e4


def outlook_words(run: Run, o: Outlook, subjects: Subjects) -> Both:
    """What one limit can come to at best: "C3: at most 412 m² of 1,130 m² can be reached"."""
    key = "tight" if o.can else "against" if o.against else "impossible"
    return {
        lang: say(
            TOPIC,
            f"{key}_{o.sense}",
            lang,
            rule=_about(run, o.rule, o.subject, subjects, lang),
            against=titles(run, o.against)[lang] if o.against else "",
            need=amount(o.need, o.unit, run, lang),
            possible=amount(o.possible, o.unit, run, lang),
            apart=_apart(abs(o.need - o.possible), o.unit, run, lang),
        )
        for lang in LANGUAGES
    }


def repair_words(run: Run, repair: Repair, subjects: Subjects) -> Both:
    """One way out in one sentence, and what the best plan would then be worth."""
    out: Both = {}
    for lang in LANGUAGES:
        parts = _first_few(_parts(run, repair, subjects, lang), lang)
        key = "repair" if len(repair.rules) == 1 else "repair_together"
        text = say(TOPIC, key, lang, changes=say(TOPIC, "semicolon", lang).join(parts))
        if not repair.proven:
            text += say(TOPIC, "repair_open", lang)
        if math.isfinite(repair.value) and repair.value_proven:
            text += say(TOPIC, "repair_value", lang, value=amount(repair.value, sought_unit(run), run, lang))
        out[lang] = text
    return out


def _parts(run: Run, repair: Repair, subjects: Subjects, lang: str) -> list[str]:
    """What gives, rule by rule: as the rules' judges put it; by the rows where a judge says nothing."""
    parts = []
    for rule in repair.rules:
        rows = [r for r in repair.relaxations if r.rule == rule]
        judged = [v for v in repair.verdicts if v.rule == rule]
        told = [_judged(run, v, rows, subjects, lang) for v in judged if math.isfinite(v.got)]
        parts += told or [_row(run, r, subjects, lang) for r in rows]
    return parts


def _judged(run: Run, v: Verdict, rows: Iterable[Relaxation], subjects: Subjects, lang: str) -> str:
    """One broken verdict; where its unit hides the size of the gap, the shortfall beside it, and which outlets."""
    mine = [r for r in rows if r.subject == v.subject]
    beside = ""
    if len(mine) == 1 and mine[0].unit != v.unit and mine[0].unit in ("m2", "people", "money"):
        beside = say(TOPIC, "beside", lang, short=amount(mine[0].shortfall, mine[0].unit, run, lang))
    if v.unit == "m":
        beside += _outlets(run, [o for r in rows for o in r.outlets], lang)
    return _given(run, v.rule, v.subject, v.need, v.got, v.unit, subjects, lang) + beside


def _row(run: Run, r: Relaxation, subjects: Subjects, lang: str) -> str:
    told = _given(run, r.rule, r.subject, r.need, r.possible, r.unit, subjects, lang)
    return told + (_outlets(run, r.outlets, lang) if r.sense == "le" and r.unit == "outlets" else "")


def _given(
    run: Run, rule: str, subject: str, need: float, got: float, unit: str, subjects: Subjects, lang: str
) -> str:
    """A limit that gives from ``need`` to ``got``; got is printed so that asking for it is enough."""
    less = got < need
    about = _about(run, rule, subject, subjects, lang)
    if unit == "outlets" and less and need == 1:
        return say(TOPIC, "give_up", lang, rule=about)
    if unit == "outlets" and not less and need == 0:
        return say(TOPIC, "allow", lang, rule=about, got=amount(got, unit, run, lang))
    shown = _outward(got, unit, less, run, lang)
    return say(
        TOPIC,
        "less" if less else "more_allowed",
        lang,
        rule=about,
        need=amount(need, unit, run, lang),
        got=amount(shown, unit, run, lang),
        apart=_apart(abs(need - shown), unit, run, lang),
    )


def _apart(value: float, unit: str, run: Run, lang: str) -> str:
    """A difference; of shares in percentage points."""
    if unit == "share":
        return say(TOPIC, "points", lang, value=number(value * 100, 2))
    return amount(value, unit, run, lang)


def _outward(value: float, unit: str, down: bool, run: Run, lang: str) -> float:
    """A number on the safe side of the last digit that is printed: a limit as printed can be kept."""
    grain = GRAINS.get(unit, 1.0)
    if unit in ("money", run.world.currency) and lang == "zh" and run.world.currency == "CNY" and abs(value) >= WAN:
        grain = WAN / 100
    steps = value / grain
    noise = 1e-9 * max(1.0, abs(steps))
    return (math.floor(steps + noise) if down else math.ceil(steps - noise)) * grain


def _outlets(run: Run, outlets: Iterable[tuple[str, str]], lang: str) -> str:
    """Which outlets stand under an exceeded limit."""
    subjects = Subjects(run)
    named = [f"{subjects[site][lang]} {subjects[kind][lang]}" for site, kind in dict.fromkeys(outlets)]
    if not named:
        return ""
    return say(TOPIC, "outlets", lang, outlets=say(TOPIC, "comma", lang).join(_first_few(named, lang)))


def _first_few(words: list[str], lang: str) -> list[str]:
    """The first of a long list, and how many there are besides."""
    rest = len(words) - MOST_NAMED
    return [*words[:MOST_NAMED], say(TOPIC, "more", lang, n=rest)] if rest > 0 else words


def _about(run: Run, rule: str, subject: str, subjects: Subjects, lang: str) -> str:
    """A rule and whom it is about; only the rule where it is about the whole place."""
    title = titles(run, rule)[lang]
    if subject in ("", "total", "all", rule) or subject in run.rules:
        return title
    return say(TOPIC, "about", lang, rule=title, subject=subjects[subject][lang])
