"""The rules as the page shows them: every check, the tightest first; and how the commercial area is counted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from siteopt.plan import Run, Verdict
from siteopt.report.rule_titles import has_namesake, own_name, plain_title
from siteopt.report.sentences import Both, both, number, reason, type_name
from siteopt.report.subjects import Subjects
from siteopt.report.verdicts import failing, outcome, unchecked
from siteopt.text import LANGUAGES, topic
from siteopt.world import ADDS_FLOOR_AREA, SPACE_KINDS

MOST_CHECKS = 300
"""Checks listed per rule; failing and tight ones come first, the rest are counted."""
NOTHING: tuple[Any, ...] = (None, "", (), [], {})
"""Parameters that say nothing."""
WORST_FIRST = ("fails", "not_checked", "holds")


def rules(run: Run) -> list[dict[str, Any]]:
    """Every rule with its checks: failing first, then those that could not be made, then the tightest."""
    checks: dict[str, list[Verdict]] = {name: [] for name in run.rules}
    for verdict in run.verdicts:
        checks.setdefault(verdict.rule, []).append(verdict)
    subjects, out = Subjects(run), []
    for name, verdicts in checks.items():
        ranked = sorted(verdicts, key=lambda v: (WORST_FIRST.index(outcome(v)), _room(v)))
        broken, unknown = failing(verdicts), unchecked(verdicts)
        out.append(
            {
                **_rule_words(run, name),
                "n": len(verdicts),
                "failing": broken,
                "unchecked": unknown,
                "checks": [
                    {
                        "subject": subjects.of(v),
                        "sense": v.sense,
                        "need": v.need,
                        "got": v.got,
                        "unit": v.unit,
                        "outcome": outcome(v),
                        "why": reason(v),
                    }
                    for v in ranked[: max(MOST_CHECKS, broken + unknown)]
                ],
            }
        )
    return sorted(out, key=lambda rule: (rule["failing"] == 0, rule["unchecked"] == 0, rule["n"] == 0))


def _room(verdict: Verdict) -> float:
    """How far a verdict is from its edge, relative to what is asked; 0 where there is no figure."""
    if not (math.isfinite(verdict.got) and math.isfinite(verdict.need)):
        return 0.0
    return abs(verdict.got - verdict.need) / max(abs(verdict.need), 1e-9)


def definitions(run: Run) -> dict[str, Any] | None:
    """How the commercial-area rule is counted; None where no such rule is set."""
    labels = [name for name, rule in run.rules.items() if rule.get("rule", name) == "commercial_area"]
    if not labels or not len(run.world.communities):
        return None
    file, kinds = run.world.communities.file, [k for k in SPACE_KINDS if k in ADDS_FLOOR_AREA]
    numerator = both(
        "definition_numerator",
        lambda lang: {
            "file": file,
            "types": listing((type_name(run, t, lang) for t, q in enumerate(run.world.types.qualifies) if q), lang),
        },
    )
    denominator = both(
        "definition_denominator",
        lambda lang: {"kinds": listing((topic("report")[f"kind_{k}"][lang] for k in kinds), lang)},
    )
    lines = [numerator, denominator]
    if not run.world.types.qualifies.all():
        lines.insert(1, named_types(run, "definition_numerator_not", "qualifies", wanted=False))
    return {"rules": [_rule_words(run, label) for label in labels], "lines": lines}


def _rule_words(run: Run, label: str) -> dict[str, Any]:
    rule = run.rules.get(label, {})
    params = dict(rule.get("params", {}))
    return {
        "title": {lang: plain_title(run.rules, label, lang) for lang in LANGUAGES},
        "about": _about(run, label, params),
        "sentence": dict(rule.get("sentence", {})),
        "formula": str(rule.get("formula", "")),
        "params": [[str(k), _param(v)] for k, v in params.items() if v not in NOTHING],
    }


def _about(run: Run, label: str, params: Mapping[str, Any]) -> Both:
    """What tells two rules of one title apart: the outlet types that it names, else its own name; may be empty."""
    if not has_namesake(run.rules, label):
        return dict.fromkeys(LANGUAGES, "")
    known = {type_id: t for t, type_id in enumerate(run.world.types.type_id)}
    named = [known[word] for word in dict.fromkeys(_words(params)) if word in known]
    if not named:
        return dict.fromkeys(LANGUAGES, own_name(run.rules, label))
    return {lang: listing((type_name(run, t, lang) for t in named), lang) for lang in LANGUAGES}


def _words(value: Any) -> Iterator[str]:
    """Every word in a parameter, however deep."""
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    if isinstance(value, str):
        yield value
    elif isinstance(value, Iterable):
        for part in value:
            yield from _words(part)


def _param(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{k}: {_param(v)}" for k, v in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(_param(v) for v in value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return number(float(value), 6)
    return str(value)


def named_types(run: Run, key: str, flag: str, wanted: bool = True) -> Both:
    """A sentence about the types whose flag (``illustrative``, ``qualifies``) is as wanted."""
    which = [t for t, value in enumerate(getattr(run.world.types, flag)) if bool(value) == wanted]
    return both(key, lambda lang: {"types": listing((type_name(run, t, lang) for t in which), lang)})


def listing(items: Iterable[str], language: str) -> str:
    return topic("report")["list_comma"][language].join(items) or "—"
