"""Why there is no plan, and the ways out: the sentences of the report, the terminal and ``summary.json``.

A way out is told by the rules that give, in their own terms ("7.2 % instead of 10 %"), as their judges put it on the
plan that the way out makes possible.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from siteopt.plan import Outlook, Relaxation, Repair, Run, Verdict
from siteopt.report.diagnosis_words import MOST_NAMED, TOPIC, outlook_words, repair_words
from siteopt.report.sentences import Both, in_both, shortfall, titles
from siteopt.report.subjects import Subjects
from siteopt.text import LANGUAGES, say


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


def _with_subjects(run: Run, rule: str, subjects: Subjects) -> Both:
    """A rule's title and whom the clash is about, where that is known and says more."""
    assert run.diagnosis is not None
    mine = [s for r, s in run.diagnosis.subjects if r == rule and s not in ("", rule)]
    title = titles(run, rule)
    if not mine or len(mine) > MOST_NAMED:
        return title
    named = {lang: say(TOPIC, "comma", lang).join(subjects[s][lang] for s in mine) for lang in LANGUAGES}
    return in_both(TOPIC, "about", rule=title, subject=named)


def _single(repairs: Iterable[Repair]) -> bool:
    return any(len(r.rules) == 1 for r in repairs)


def _say(key: str, *, alone: bool = False) -> Both:
    return in_both(TOPIC, f"{key}_alone" if alone else key)
