"""Why there is no plan, and the ways out: the sentences of the report, the terminal and ``summary.json``.

A way out is told by the rules that give, in their own terms ("7.2 % instead of 10 %"), as their judges put it on the
plan that the way out makes possible.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from siteopt.plan import Outlook, Relaxation, Repair, Run, Verdict
from siteopt.report.sentences import Both, Subjects, amount, number, shortfall, titles
from siteopt.text import LANGUAGES, say

TOPIC = "diagnosis"

MOST_NAMED = 8
"""Subjects or outlets named in one sentence; the others are counted."""

GRAINS = {"share": 1e-4, "m2": 0.1}
"""What the last printed digit of a unit is worth; 1 for what is not named."""

WAN = 1e4


def page_diagnosis(run: Run) -> dict[str, Any] | None:
    """The section of the report; None where there is a plan or nothing is known."""
    if run.plan is not None or run.diagnosis is None:
        return None
    found, subjects = run.diagnosis, Subjects(run)
    return {
        "intro": _say("clash" if found.complete else "clash_incomplete", alone=len(found.clashing) == 1),
        "rules": [
            {
                "title": _with_subjects(run, rule, subjects),
                "sentence": dict(run.rules.get(rule, {}).get("sentence", {})),
            }
            for rule in found.clashing
        ],
        "outlooks": [outlook_words(run, o, subjects) for o in found.outlooks if not o.can],
        "shortfalls": [shortfall(run, r, subjects[r.subject]) for r in found.relaxations],
        "repairs": [repair_words(run, r, subjects) for r in found.repairs],
        "none_alone": _say("none_alone") if found.repairs_complete and not _single(found.repairs) else None,
        "not_all_tried": None if found.repairs_complete else _say("not_all_tried"),
        "notes": [_say("least_note" if found.relaxed_proven else "least_open"), _say("effort_note")],
    }


def summary_diagnosis(run: Run) -> dict[str, Any] | None:
    """The same as plain values (``summary.json``), with the sentences under ``in_words``."""
    found = run.diagnosis
    if found is None:
        return None
    subjects = Subjects(run)
    return {
        "clashing": list(found.clashing),
        "complete": found.complete,
        "subjects": [{"rule": rule, "subject": subject} for rule, subject in found.subjects],
        "relaxations": [_change(r) for r in found.relaxations],
        "relaxed_proven": found.relaxed_proven,
        "repairs": [
            {
                "rules": list(r.rules),
                "effort": r.effort,
                "proven": r.proven,
                "value": r.value if math.isfinite(r.value) else None,
                "value_proven": r.value_proven,
                "changes": [_change(c) for c in r.relaxations],
                "verdicts": [_verdict(v) for v in r.verdicts],
                "in_words": repair_words(run, r, subjects),
            }
            for r in found.repairs
        ],
        "repairs_complete": found.repairs_complete,
        "outlooks": [_outlook(o) | {"in_words": outlook_words(run, o, subjects)} for o in found.outlooks],
        "searched": found.searched,
    }


def _change(r: Relaxation) -> dict[str, Any]:
    return {
        "rule": r.rule,
        "subject": r.subject,
        "sense": r.sense,
        "need": r.need,
        "possible": r.possible,
        "shortfall": r.shortfall,
        "unit": r.unit,
        "outlets": [{"site_id": site, "outlet_type": kind} for site, kind in r.outlets],
    }


def _verdict(v: Verdict) -> dict[str, Any]:
    return {
        "rule": v.rule,
        "subject": v.subject,
        "sense": v.sense,
        "need": v.need,
        "got": v.got if math.isfinite(v.got) else None,
        "unit": v.unit,
    }


def _outlook(o: Outlook) -> dict[str, Any]:
    return {
        "rule": o.rule,
        "subject": o.subject,
        "sense": o.sense,
        "need": o.need,
        "possible": o.possible,
        "unit": o.unit,
        "against": o.against,
        "can": o.can,
        "exact": o.exact,
    }


# --- sentences -----------------------------------------------------------------------------------------------------


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
        parts = _parts(run, repair, subjects, lang)
        if len(parts) > MOST_NAMED:
            parts = [*parts[:MOST_NAMED], say(TOPIC, "more", lang, n=len(parts) - MOST_NAMED)]
        key = "repair" if len(repair.rules) == 1 else "repair_together"
        text = say(TOPIC, key, lang, changes=say(TOPIC, "semicolon", lang).join(parts))
        if not repair.proven:
            text += say(TOPIC, "repair_open", lang)
        if math.isfinite(repair.value) and repair.value_proven:
            text += say(TOPIC, "repair_value", lang, value=number(repair.value, 1))
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
    if len(named) > MOST_NAMED:
        named = [*named[:MOST_NAMED], say(TOPIC, "more", lang, n=len(named) - MOST_NAMED)]
    return say(TOPIC, "outlets", lang, outlets=say(TOPIC, "comma", lang).join(named))


def _about(run: Run, rule: str, subject: str, subjects: Subjects, lang: str) -> str:
    """A rule and whom it is about; only the rule where it is about the whole place."""
    title = titles(run, rule)[lang]
    if subject in ("", "total", "all", rule) or subject in run.rules:
        return title
    return say(TOPIC, "about", lang, rule=title, subject=subjects[subject][lang])


def _with_subjects(run: Run, rule: str, subjects: Subjects) -> Both:
    """A rule's title and whom the clash is about, where that is known and says more."""
    assert run.diagnosis is not None
    mine = [s for r, s in run.diagnosis.subjects if r == rule and s not in ("", rule)]
    title = titles(run, rule)
    if not mine or len(mine) > MOST_NAMED:
        return title
    return {
        lang: say(
            TOPIC,
            "about",
            lang,
            rule=title[lang],
            subject=say(TOPIC, "comma", lang).join(subjects[s][lang] for s in mine),
        )
        for lang in LANGUAGES
    }


def _single(repairs: Iterable[Repair]) -> bool:
    return any(len(r.rules) == 1 for r in repairs)


def _say(key: str, *, alone: bool = False) -> Both:
    entry = f"{key}_alone" if alone else key
    return {lang: say(TOPIC, entry, lang) for lang in LANGUAGES}
