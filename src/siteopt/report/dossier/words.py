"""The dossier's words: one sentence in the asked language, or a heading in both."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from siteopt.findings import Finding
from siteopt.text import LANGUAGES, fill, finding_entries, say, topic

TOPIC = "dossier"


@dataclass(frozen=True)
class Words:
    """Looks entries of ``text/dossier.yaml`` up, in one language or in both."""

    language: str

    def __call__(self, key: str, /, **facts: Any) -> str:
        """One entry in the asked language."""
        return say(TOPIC, key, self.language, **facts)

    def both(self, key: str, /, **facts: Any) -> str:
        """One entry in the asked language, and under it in the other."""
        order = [self.language, *(other for other in LANGUAGES if other != self.language)]
        return "\n".join(say(TOPIC, key, language, **facts) for language in order)

    def known(self, prefix: str, value: str) -> str:
        """The word for a code such as ``corner_plot``; a code without a word is shown as it is."""
        return self(f"{prefix}{value}") if f"{prefix}{value}" in topic(TOPIC) else value

    def keys(self, prefix: str) -> list[str]:
        """All entries that start with a prefix, in the order of the file."""
        return [key for key in topic(TOPIC) if key.startswith(prefix)]

    def finding(self, finding: Finding) -> str:
        """The sentence of a finding."""
        entry = finding_entries().get(finding.code, {"en": finding.code, "zh": finding.code})
        where = {"value": finding.value, "field": finding.field, "row": finding.row, "file": finding.file}
        return fill(entry, self.language, {**where, **finding.facts})


def one_line(text: object) -> str:
    """Text of the data as one clean line: no control or format characters, nothing that XML cannot hold.

    Private-use characters stay: rare characters in Chinese names are often written with them.
    """
    kept = (" " if unicodedata.category(c) in _NO_TEXT or c in _NO_CHARACTER else c for c in str(text))
    return " ".join("".join(kept).split())


_NO_TEXT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_NO_CHARACTER = frozenset("\ufffe\uffff")
