"""Findings of any stage, with line and column where they speak of the scenario."""

from __future__ import annotations

from typing import Any

from siteopt.findings import Findings, Severity
from siteopt.scenario.load import Loaded
from siteopt.scenario.marks import Mark


class LocatedFindings(Findings):
    """Findings in which what is told about the scenario has its line and column, as far as it is written there."""

    loaded: Loaded | None = None

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
        if self.loaded is not None and file in ("scenario", self.loaded.file):
            mark = _mark_in(self.loaded, field or "") if row is None else None
            # A rule of a policy pack, or of a file that the scenario builds on, is written there.
            file, row = (self.loaded.file, row) if mark is None else (mark.file, mark.row)
        super().add(severity, code, file=file, row=row, field=field, value=value, **facts)


def _mark_in(loaded: Loaded, field: str) -> Mark | None:
    """Where a dotted path, or its nearest ancestor below the top, is written."""
    top, _, rest = field.partition(".")
    if loaded.tree.child(top) is None:
        return None
    steps: list[str | int] = [int(step) if step.isdigit() else step for step in rest.split(".") if step]
    if top == "constraints" and steps:  # told by the rule's name
        steps[:1] = [i for i, (_, name, _) in enumerate(loaded.constraints) if name == steps[0]]
    return loaded.at(top, *steps)
