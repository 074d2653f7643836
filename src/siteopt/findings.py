"""Findings: what is wrong with the input, where, and the way out.

A finding carries no sentence of its own, only a code and the facts; the sentence, in Chinese or English, is in
the catalogue (``siteopt/text/findings.yaml``) under that code. All findings of all files are gathered in a
:class:`Findings` collector and raised once, as one :class:`InputError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from dataclasses import field as new_field
from difflib import get_close_matches
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """One fact about the input.

    Attributes
    ----------
    severity : {"error", "warning", "info"}
        An error stops the run with exit code 3; a warning is printed and kept in the report.
    code : str
        Stable, snake_case; names the sentence in the catalogue.
    file : str
        As the user wrote it in the scenario, or the scenario's own file name.
    row : int or str or None
        As a spreadsheet shows it (header is row 1), ``fid N`` in a GeoPackage, ``line:column`` in YAML.
    field : str or None
        Column name or dotted path.
    value : object
        The offending value, as found.
    facts : dict
        What else the sentence needs (``expected``, ``nearest``, ``count``, ``people``, ...).
    """

    severity: Severity
    code: str
    file: str
    row: int | str | None = None
    field: str | None = None
    value: Any = None
    facts: dict[str, Any] = new_field(default_factory=dict)


class InputError(Exception):
    """The input cannot be used; carries every finding, errors first."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(findings)
        super().__init__(f"{len(self.findings)} findings")

    def __str__(self) -> str:
        lines = []
        for f in self.findings:
            where = ":".join(str(part) for part in (f.file, f.row, f.field) if part is not None)
            facts = ", ".join(f"{k}={v}" for k, v in f.facts.items())
            lines.append(f"{f.severity} {f.code} at {where}: {f.value!r} {facts}".rstrip())
        return "\n".join(lines)


MOST_PER_CODE = 50
"""Beyond this many findings of one code in one file and field, one closing finding tells how many more."""


class Findings:
    """Collects findings; a stage adds to it and goes on as far as it can."""

    def __init__(self) -> None:
        self._all: list[Finding] = []
        self._seen: dict[tuple[str, str, str | None], int] = {}

    def add(
        self,
        severity: Severity,
        code: str,
        *,
        file: str,
        row: int | str | None = None,
        field: str | None = None,
        value: Any = None,
        **facts: Any,
    ) -> None:
        """Add one finding; the 51st and later of one kind are only counted."""
        key = (code, file, field)
        self._seen[key] = self._seen.get(key, 0) + 1
        if self._seen[key] <= MOST_PER_CODE:
            self._all.append(Finding(severity, code, file, row, field, value, facts))

    def error(self, code: str, **where: Any) -> None:
        """Add an error (see :meth:`add`)."""
        self.add("error", code, **where)

    def warning(self, code: str, **where: Any) -> None:
        """Add a warning (see :meth:`add`)."""
        self.add("warning", code, **where)

    def info(self, code: str, **where: Any) -> None:
        """Add a remark (see :meth:`add`)."""
        self.add("info", code, **where)

    def extend(self, more: Findings) -> None:
        """Take over what another collector holds (of a part of a layer, say).

        What is said of a file as a whole, word for word as before, is not said again.
        """
        for f in more._all:
            if f.row is not None or f not in self._all:
                self.add(f.severity, f.code, file=f.file, row=f.row, field=f.field, value=f.value, **f.facts)
        for key, n in more._seen.items():
            if n > MOST_PER_CODE:
                self._seen[key] += n - MOST_PER_CODE

    def __iter__(self) -> Iterator[Finding]:
        yield from self._all
        for (code, file, field_), n in self._seen.items():
            if n > MOST_PER_CODE:
                severity = next(f.severity for f in self._all if (f.code, f.file, f.field) == (code, file, field_))
                yield Finding(severity, "more_of_the_same", file, None, field_, code, {"count": n - MOST_PER_CODE})

    def __len__(self) -> int:
        return len(self._all)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The errors only."""
        return tuple(f for f in self if f.severity == "error")

    def raise_errors(self) -> None:
        """Raise :class:`InputError` with every finding, errors first, if there is at least one error."""
        if any(f.severity == "error" for f in self._all):
            order = {"error": 0, "warning": 1, "info": 2}
            raise InputError(sorted(self, key=lambda f: order[f.severity]))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word closest to a mistyped one, or None when nothing is close."""
    hits = get_close_matches(str(word), [str(k) for k in known], n=1, cutoff=0.6)
    return hits[0] if hits else None
