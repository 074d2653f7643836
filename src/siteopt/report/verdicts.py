"""What a verdict says, in one of three words: a check that could not be made is neither kept nor broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from siteopt.plan import Verdict

Outcome = Literal["holds", "fails", "not_checked"]


def outcome(verdict: Verdict) -> Outcome:
    """Whether a rule is kept, where it could be checked at all."""
    if not verdict.checked:
        return "not_checked"
    return "holds" if verdict.holds else "fails"


def outcome_told(verdict: Mapping[str, Any]) -> Outcome:
    """The same of a verdict as ``summary.json`` tells it; folders of earlier versions have no ``checked``."""
    if not verdict.get("checked", True):
        return "not_checked"
    return "holds" if verdict["holds"] else "fails"


def failing(verdicts: Iterable[Verdict]) -> int:
    """How many are broken."""
    return sum(outcome(v) == "fails" for v in verdicts)


def unchecked(verdicts: Iterable[Verdict]) -> int:
    """How many could not be checked for want of data."""
    return sum(not v.checked for v in verdicts)
