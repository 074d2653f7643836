"""The few sentences that a reader remembers: what the plan does, how sure we are, why there is none.

Each function returns one text per language; every number in them comes from the audited scores.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from siteopt.plan import Relaxation, Run, Verdict
from siteopt.report.goals import least, sought_unit
from siteopt.report.rule_titles import rule_title
from siteopt.text import LANGUAGES, say, topic

Both = dict[str, str]
TOPIC = "report"
_WORDS = (
    "people, services, services_phases, weighted_people, outlets, places, compartments, m2, m, minutes, "
    "person_minutes, points"
)
WORDED = frozenset(_WORDS.split(", "))
"""Units that the texts have words for (``amount_…``)."""
PEOPLE = frozenset(("people", "services", "services_phases", "weighted_people"))
"""Units that count people within reach."""


def both(key: str, facts: Callable[[str], dict[str, Any]] | None = None) -> Both:
    """One entry of the report's texts in every language; ``facts(language)`` fills its fields."""
    return {lang: say(TOPIC, key, lang, **(facts(lang) if facts else {})) for lang in LANGUAGES}


def in_both(topic_name: str, key: str, /, **facts: Any) -> Both:
    """An entry of any topic in every language; a fact that is itself in every language is taken apart."""
    return {
        lang: say(topic_name, key, lang, **{k: v[lang] if isinstance(v, Mapping) else v for k, v in facts.items()})
        for lang in LANGUAGES
    }


def people(value: float) -> str:
    """A head count: whole persons, thousands separated."""
    return f"{math.floor(value + 0.5):,}" if math.isfinite(value) else "—"


def number(value: float, digits: int = 1) -> str:
    """A number with at most so many decimals, none where they say nothing."""
    if not math.isfinite(value):
        return "—"
    text = f"{value:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def money(value: float, currency: str, language: str) -> str:
    """An amount as a planner writes it: 118 万元 in Chinese, 1,180,000 CNY in English."""
    if not math.isfinite(value):
        return "—"
    if language == "zh" and currency == "CNY":
        if abs(value) >= 10_000:
            return say(TOPIC, "money_wan", language, value=number(value / 10_000, 2))
        return say(TOPIC, "money_yuan", language, value=number(value, 0))
    return f"{number(value, 0)} {currency}"


def percent(share: float, digits: int = 1) -> str:
    """A share as per cent; a gap above 0 never reads as 0."""
    if not math.isfinite(share):
        return "—"
    while 0 < abs(share) * 100 < 0.5 * 10**-digits and digits < 6:
        digits += 1
    return f"{number(share * 100, digits)}%"


def amount(value: float, unit: str, run: Run, language: str) -> str:
    """A number with its unit in words (``m2``, ``share``, ``people``, ``outlets``, ``m``, a currency)."""
    return quantity(value, unit, run.world.currency, language)


def quantity(value: float | None, unit: str, currency: str, language: str) -> str:
    """The same from plain values, None for a number that is not known."""
    if value is None:
        return "—"
    if unit == "share":
        return percent(value, 2)
    if unit in ("money", currency):
        return money(value, currency, language)
    if unit in WORDED:
        digits = 2 if unit == "points" else 1 if unit in ("m2", "minutes") else 0
        shown = number(value, digits)
        one = f"amount_{unit}_one"
        return say(TOPIC, one if shown == "1" and one in topic(TOPIC) else f"amount_{unit}", language, value=shown)
    return f"{number(value, 2)} {unit}".strip()


def type_name(run: Run, index: int, language: str) -> str:
    """The name of an outlet type; the other language, then its id, where a name is missing."""
    name = run.world.types.name[index]
    return name.get(language) or name.get("en") or name.get("zh") or run.world.types.type_id[index]


def titles(run: Run, label: str) -> Both:
    """A rule's title, with the scenario's own name for it where two rules have one title."""
    return {lang: rule_title(run.rules, label, lang) for lang in LANGUAGES}


# --- the answer -----------------------------------------------------------------------------------------------


def state(run: Run) -> str:
    """The status, or ``assessed`` where nothing was searched for."""
    return "assessed" if run.plan is None and not run.proof.engine else run.proof.status


def headline(run: Run) -> Both:
    """What the plan does, in one sentence; why there is none, where there is none."""
    if run.plan is None:
        return both(f"headline_{state(run)}", lambda lang: _today_facts(run))
    opened = int(run.plan.opened.sum())
    if opened == 0:
        return both("headline_nothing_to_open" if sought_unit(run) in PEOPLE else "headline_nothing_else")
    basic = [t for t, c in enumerate(run.world.types.category) if c == "basic"]
    scores = run.scores
    if len(basic) > 1 and scores.complete_after[0] > scores.complete_before[0]:
        return both(
            "headline_complete",
            lambda lang: {
                "opened": number(opened),
                "cost": money(scores.cost_total, run.world.currency, lang),
                "after": people(scores.complete_after[0]),
                "before": people(scores.complete_before[0]),
                "total": people(scores.total[0]),
                "n_types": len(basic),
            },
        )
    best = _largest_gain(run)
    return both(
        "headline_type",
        lambda lang: {
            "opened": number(opened),
            "cost": money(scores.cost_total, run.world.currency, lang),
            **_type_facts(run, best, lang),
        },
    )


def _today_facts(run: Run) -> dict[str, Any]:
    scores = run.scores
    return {
        "complete": people(scores.complete_before[0]),
        "nothing": people(scores.nothing_before[0]),
        "total": people(scores.total[0]),
    }


def second_line(run: Run) -> Both | None:
    """The type that gains most, when the headline spoke of all types together."""
    basic = sum(c == "basic" for c in run.world.types.category)
    if run.plan is None or not run.plan.opened.any() or basic < 2:
        return None
    if not run.scores.complete_after[0] > run.scores.complete_before[0]:
        return None
    best = _largest_gain(run)
    return both("headline_largest_gain", lambda lang: _type_facts(run, best, lang))


def _largest_gain(run: Run) -> int:
    gain = run.scores.after[:, 0] - run.scores.before[:, 0]
    return int(gain.argmax())


def _type_facts(run: Run, index: int, language: str) -> dict[str, Any]:
    return {
        "type": type_name(run, index, language),
        "limit": number(float(run.world.types.limit_min[index])),
        "after": people(run.scores.after[index, 0]),
        "before": people(run.scores.before[index, 0]),
        "gain": people(run.scores.after[index, 0] - run.scores.before[index, 0]),
        "total": people(run.scores.total[0]),
    }


# --- how sure -------------------------------------------------------------------------------------------------


DIGITS = {"share": 4, "minutes": 1, "points": 2, "m2": 1}
"""Decimals of a distance that is rounded up; none for other units."""


def apart(distance: float, unit: str, run: Run, language: str) -> str:
    """How far two values of an objective are at most from each other: rounded up, never understated."""
    if math.isfinite(distance):
        scale = 10 ** DIGITS.get(unit, 0)
        distance = math.ceil(distance * scale - 1e-6) / scale
    if unit == "share":
        return say(TOPIC, "amount_share_points", language, value=number(distance * 100, 2))
    return amount(distance, unit, run, language)


def gap_amount(run: Run, language: str) -> str:
    """How far the bound is from the plan, in what the objective is counted in."""
    return apart(abs(run.proof.bound - run.proof.objective), sought_unit(run), run, language)


def proof_sentence(run: Run) -> Both:
    """How sure we are, in words that were earned."""
    proof = run.proof
    if run.plan is None:
        return both(f"proof_{state(run)}")
    if proof.status == "proven":
        key = "proof_proven" if proof.gap <= 1e-9 else "proof_proven_within"
    elif proof.status == "best_found" and math.isfinite(proof.bound):
        key = "proof_best_found_min" if least(run) else "proof_best_found"
    elif proof.status == "best_found":
        key = "proof_no_bound"
    else:
        key = f"proof_{proof.status}"
    return both(key, lambda lang: {"gap": percent(proof.gap), "amount": gap_amount(run, lang)})


def shortfall(run: Run, relaxation: Relaxation, subject: Both) -> Both:
    """One rule that would have to give, and by how much."""
    title = titles(run, relaxation.rule)
    return both(
        "shortfall",
        lambda lang: {
            "rule": title[lang],
            "subject": subject[lang],
            "need": amount(relaxation.need, relaxation.unit, run, lang),
            "possible": amount(relaxation.possible, relaxation.unit, run, lang),
            "short": amount(relaxation.shortfall, relaxation.unit, run, lang),
        },
    )


def walking(run: Run) -> Both:
    """How walking minutes were made."""
    travel = run.travel
    facts = {"speed": number(travel.speed_kmh, 2), "detour": number(travel.detour, 2)}
    return both(f"walking_{travel.mode}" + "_sloped" * travel.sloped, lambda lang: facts)


def reason(verdict: Verdict) -> Both | None:
    """Why a rule could not be checked, as far as the verdict says; None for one that was."""
    if verdict.checked:
        return None
    detail = verdict.detail
    if isinstance(detail.get("why"), Mapping):
        return {lang: str(detail["why"][lang]) for lang in LANGUAGES}
    for key, known, prefix in (("missing", TOPIC, "missing_"), ("layer", "zones", "")):
        if detail.get(key):
            name = str(detail[key])
            words = topic(known).get(prefix + name, dict.fromkeys(LANGUAGES, name))
            return {lang: say(TOPIC, f"reason_{key}", lang, name=words[lang]) for lang in LANGUAGES}
    return both("reason_none")
