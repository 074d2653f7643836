"""Where a run's rules come from: policy packs with places and marks, what was set aside, what nobody verified.

The audit knows rules; what a pack says about them, and which of its rules the data did not allow to check, is joined
to the run here, so that every output can tell it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from siteopt.catalogue.entries import entries, references
from siteopt.catalogue.packs import packs
from siteopt.catalogue.unverified import unverified_in_use
from siteopt.model import constraint
from siteopt.plan import Verdict
from siteopt.ready import Ready
from siteopt.scenario.set_aside import SetAside
from siteopt.text import LANGUAGES


def rules_told(ready: Ready) -> dict[str, dict[str, Any]]:
    """Label -> title, sentence, formula, parameters, clauses, policy: rules in force, then those set aside."""
    loaded = ready.loaded
    told: dict[str, dict[str, Any]] = {}
    for rule in ready.rules:
        came = loaded.from_policy.get(rule.label)
        clauses = came.clauses if came else rule.clauses
        told[rule.label] = _told(type(rule), clauses) | {"params": rule.params.model_dump()}
        if came:
            told[rule.label]["policy"] = _said(came.policy, rule.label)
    for aside in loaded.set_aside:
        if aside.name not in told:
            made = _told(constraint.registry()[aside.rule], aside.clauses)
            told[aside.name] = made | {"params": {}, "policy": _said(aside.policy, aside.name)}
    return told


def _told(rule: type[Any], clauses: Iterable[str]) -> dict[str, Any]:
    return {
        "rule": rule.name,
        "title": rule.title,
        "sentence": rule.sentence,
        "formula": rule.formula,
        "clauses": list(clauses),
    }


def _said(policy: str, name: str) -> dict[str, Any]:
    """What a pack says of one of its rules: its document, the place in it, how sure it is."""
    pack = packs()[policy]
    rule = pack.rule(name)
    out: dict[str, Any] = {"name": policy, "title": dict(pack.title)}
    if rule is not None:
        source = references().get(rule.source)
        named = dict(source.title) if source else dict(pack.title)
        if pack.number and rule.source == pack.source:
            named = dict.fromkeys(LANGUAGES, pack.number)  # an office knows its paper by the number
        out |= {"place": rule.place, "force": rule.force, "verified": rule.verified, "source": named}
    return out


def with_set_aside(ready: Ready, verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """The audit's verdicts, and an unchecked one for each rule of a pack, or part of one, that was set aside."""
    return (*verdicts, *map(_unchecked, ready.loaded.set_aside))


def _unchecked(aside: SetAside) -> Verdict:
    nan, known = float("nan"), entries()
    # the first finding says that the rule is set aside, the others why
    reasons = replace(aside, findings=aside.findings[1:] or aside.findings)
    detail: dict[str, Any] = {"why": {lang: reasons.why(lang) for lang in LANGUAGES}}
    subject = ""
    if aside.missing and all(name in known for name in aside.missing):
        subject, comma = ", ".join(aside.missing), {"zh": "、", "en": ", "}
        detail["about"] = {lang: comma[lang].join(known[n].name[lang] for n in aside.missing) for lang in LANGUAGES}
    return Verdict(aside.name, subject, nan, nan, "ge", "", False, detail, checked=False)


def unverified(ready: Ready, verdicts: Iterable[Verdict]) -> tuple[dict[str, Any], ...]:
    """The unverified figures that a plan rests on, those that bound first."""
    loaded = ready.loaded
    came = {name: (said.policy, said.kept) for name, said in loaded.from_policy.items()}
    ids = {own: said.catalogue or own for own, said in loaded.spec.types.items()}
    rules = {rule.label: rule.name for rule in ready.rules}
    found = unverified_in_use(ready.world, rules, came, verdicts, catalogue_ids=ids)
    return tuple(
        asdict(one) | {"source_title": _title(one.source)} for one in sorted(found, key=lambda one: not one.bound)
    )


def _title(source: str | None) -> dict[str, str] | None:
    """A reference by its title, for readers who do not know our numbers."""
    known = references().get(source or "")
    return dict(known.title) if known else None
