"""Findings on the terminal: in columns, or one a line."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from siteopt.findings import Finding
from siteopt.report.remarks import remark, shortened
from siteopt.screen.console import one_line, t

NARROWEST_SENTENCE = 40

_STYLE = {"error": "bold red", "warning": "yellow", "info": "dim"}


def findings_table(findings: Iterable[Finding], language: str, width: int) -> RenderableType:
    """File, row, field, code and sentence in columns; on a narrow screen the sentence stands below the place."""
    rows = [(_finding_cells(f, language), _STYLE[f.severity]) for f in findings]
    place_width = sum(max(cell_len(cells[n]) for cells, _ in rows) + 2 for n in range(4))
    if width - place_width < NARROWEST_SENTENCE:
        parts: list[RenderableType] = []
        for (*place, sentence), style in rows:
            parts += [Text("  ".join(place), style=style), Padding(Text(sentence), (0, 0, 0, 4))]
        return Group(*parts)
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for _ in range(4):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for (file, row, field, code, sentence), style in rows:
        table.add_row(Text(file), Text(row), Text(field), Text(code, style=style), Text(sentence))
    return table


def finding_line(finding: Finding, language: str) -> str:
    """One finding as one line of plain text."""
    return "  ".join(_finding_cells(finding, language))


def _finding_cells(f: Finding, language: str) -> tuple[str, str, str, str, str]:
    severity = "" if f.severity == "error" else f" ({t(f.severity, language)})"
    row = "—" if f.row is None else t("row", language, row=f.row) if isinstance(f.row, int) else str(f.row)
    sentence = one_line(remark(f, language))
    return (
        one_line(shortened(f.file)),
        one_line(row),
        one_line(shortened(f.field) or "—"),
        f.code + severity,
        sentence,
    )
