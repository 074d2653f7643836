"""A finding as a sentence: the same on the terminal, in the report and in ``summary.json``."""

from __future__ import annotations

from typing import Any

from siteopt.findings import Finding
from siteopt.text import fill, finding_entries

LONGEST_FACT = 400


def remark(finding: Finding, language: str) -> str:
    """A finding's sentence with its facts; the code where it has none, rather than stop a finished run."""
    entry = finding_entries().get(finding.code, {"en": finding.code})
    facts = {"file": finding.file, "row": finding.row, "field": finding.field, "value": finding.value}
    return fill(entry, language, {key: shortened(fact) for key, fact in (facts | finding.facts).items()})


def shortened(fact: Any) -> Any:
    """A fact that is no essay."""
    return fact if not isinstance(fact, str) or len(fact) <= LONGEST_FACT else f"{fact[:LONGEST_FACT]}…"
