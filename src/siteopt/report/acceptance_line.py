"""What a line of the acceptance sheet is, and what the makers of lines share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from siteopt.plan import Run, Verdict
from siteopt.report.rule_titles import plain_title
from siteopt.report.sentences import Both, in_both, reason, titles
from siteopt.report.subjects import Subjects
from siteopt.report.verdicts import outcome
from siteopt.text import LANGUAGES, say

Result = Literal["met", "not_met", "not_checked", "not_asked"]

ITEMS = tuple(f"A{n}" for n in range(1, 11))
RESULTS: tuple[Result, ...] = ("not_met", "not_checked", "met", "not_asked")
"""Worst first."""

_TOPIC = "acceptance"
_OF_OUTCOME: Mapping[str, Result] = {"holds": "met", "fails": "not_met", "not_checked": "not_checked"}


@dataclass(frozen=True)
class Line:
    """One line of the sheet.

    Attributes
    ----------
    item : "A1" .. "A10"
    subject : whom it is about
    value, target : numbers in ``unit``; None where there is none
    sense : value SENSE target: "ge", "le" or "eq"; "" where nothing is asked
    unit : as in :class:`siteopt.plan.Verdict`, and "types", "steps", "communities", "m2_per_100_households"
    source : where the target, or the value, comes from
    verdict : one of RESULTS
    note : more facts; both languages, may be empty
    """

    item: str
    subject: Both
    value: float | None
    target: float | None
    sense: str
    unit: str
    source: Both
    verdict: Result
    note: Both


def both(key: str, /, **facts: Any) -> Both:
    """A sentence of the sheet in both languages; a fact that is itself in both languages is taken apart."""
    return in_both(_TOPIC, key, **facts)


NOTHING: Both = dict.fromkeys(LANGUAGES, "")


def line(
    item: str,
    subject: Both,
    value: float | None,
    unit: str,
    *,
    source: Both,
    verdict: Result = "not_asked",
    target: float | None = None,
    sense: str = "",
    note: Both = NOTHING,
) -> Line:
    """A line; a number that does not exist (nan) is None."""
    return Line(item, subject, _there(value), _there(target), sense, unit, source, verdict, note)


def _there(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def judged(value: float | None, sense: str, target: float, slack: float = 1e-9) -> Result:
    """Whether a figure reaches what is asked; not checked where there is none."""
    if value is None or not math.isfinite(value):
        return "not_checked"
    kept = {"ge": value >= target - slack, "le": value <= target + slack, "eq": abs(value - target) <= slack}
    return "met" if kept[sense] else "not_met"


def joined(parts: Iterable[Both], by: str = "comma") -> Both:
    """A list of names in both languages; with ``by="semicolon"`` a list of clauses."""
    several = list(parts)
    return {lang: say(_TOPIC, by, lang).join(part[lang] for part in several) for lang in LANGUAGES}


@dataclass(frozen=True, eq=False)
class Asked:
    """The run with what its rules ask, by the clause that they state.

    Attributes
    ----------
    run : Run
    subjects : names of communities, types, spaces
    inputs : the scenario's ``acceptance``, empty where it has none
    policy : a policy pack is in force, or the scenario fills in the sheet: the sheet's own questions are asked
    """

    run: Run
    subjects: Subjects
    inputs: Mapping[str, Any]
    policy: bool

    def verdicts(self, *clauses: str) -> list[Verdict]:
        """What the rules in force that state one of these clauses were found to be, in the audit's order."""
        labels = {label for label, rule in self.run.rules.items() if set(rule.get("clauses", ())) & set(clauses)}
        return [v for v in self.run.verdicts if v.rule in labels]

    def lines(self, item: str, *clauses: str) -> Iterator[Line]:
        """A line for each of those verdicts."""
        for verdict in self.verdicts(*clauses):
            yield self.told(item, verdict)

    def told(self, item: str, verdict: Verdict) -> Line:
        """A verdict as a line."""
        result = _OF_OUTCOME[outcome(verdict)]
        return line(
            item,
            self.about(verdict),
            None if result == "not_checked" else verdict.got,
            "money" if verdict.unit == self.run.world.currency else verdict.unit,
            source=self.rule(verdict.rule),
            verdict=result,
            target=verdict.need,
            sense=verdict.sense if math.isfinite(verdict.need) else "",
            note=reason(verdict) or NOTHING,
        )

    def about(self, verdict: Verdict) -> Both:
        """Whom a verdict is about; the rule itself where that is the whole plan."""
        subject = self.subjects.of(verdict)
        return self.title(verdict.rule) if subject == self.subjects[""] else subject

    def title(self, label: str) -> Both:
        """A rule's title, with the scenario's own name for it where two rules have one title."""
        return titles(self.run, label)

    def rule(self, label: str) -> Both:
        """A rule of the scenario as a source, with the place in the document where a policy pack names one."""
        policy = self.run.rules.get(label, {}).get("policy")
        if isinstance(policy, Mapping) and policy.get("place"):
            title = {lang: plain_title(self.run.rules, label, lang) for lang in LANGUAGES}
            key = "source_policy" if policy.get("verified") else "source_policy_unverified"
            return both(key, title=title, text=dict(policy["source"]), place=str(policy["place"]))
        return both("source_rule", title=self.title(label))

    def community(self, k: int) -> Both:
        """A community by name."""
        return self.subjects[str(self.run.world.communities.community_id[k])]
