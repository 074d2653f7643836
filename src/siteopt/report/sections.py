"""What pages about several plans are made of: a document without script or network, sections, tables."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

from siteopt.report.comparison_tables import Table
from siteopt.report.safe import escape

ROOMY = """
th:not(.left) { white-space: normal; min-width: 4.5em; }
td.left, th.left { min-width: 7.5em; overflow-wrap: break-word; }
"""
"""Style for tables whose columns of words must not be squeezed to a letter a line."""


def document(title: str, language: str, parts: Iterable[str], *, more_style: str = "") -> str:
    """A whole HTML document that fetches nothing and runs nothing.

    Parameters
    ----------
    title : plain text
    language : {"zh", "en"}
    parts : HTML, its texts escaped already
    more_style : CSS of ours beyond ``comparison.css``
    """
    style = files("siteopt.report").joinpath("assets", "comparison.css").read_text(encoding="utf-8")
    code = "zh-CN" if language == "zh" else "en"
    return (
        f'<!DOCTYPE html>\n<html lang="{code}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        'img-src data:">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="icon" href="data:,">\n<title>{escape(title)}</title>\n<style>\n{style}{more_style}</style>\n'
        f"</head>\n<body>\n<main>\n{chr(10).join(part for part in parts if part)}\n</main>\n</body>\n</html>\n"
    )


def section(table: Table, drawing: str = "") -> str:
    """A table with its title, its note and a drawing above it."""
    out = [f"<section><h2>{escape(table.title)}</h2>"]
    if table.note:
        out.append(f'<p class="note">{escape(table.note)}</p>')
    out.append(drawing)
    if table.rows:
        rows = "".join(_row(table, at) for at in range(len(table.rows)))
        out.append(f'<div class="scroll"><table>{_head(table)}{rows}')
        out.append("</table></div>")
    return "".join([*out, "</section>"])


def cards(made: Iterable[tuple[str, str, str]]) -> str:
    """Figures that a reader should see first: (what, figure, more)."""
    return "".join(
        f'<div class="card"><span>{escape(name)}</span><b>{escape(figure)}</b><span>{escape(more)}</span></div>'
        for name, figure, more in made
    )


def _head(table: Table) -> str:
    cells = (f"<th{_side(table, n)}>{escape(text)}</th>" for n, text in enumerate(table.header))
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _row(table: Table, at: int) -> str:
    mark = table.marks[at] if at < len(table.marks) else ""
    cells = [f"<td{_side(table, n)}>{escape(text)}</td>" for n, text in enumerate(table.rows[at])]
    if mark in ("opened", "closed", "moved"):
        cells[0] = f'<td class="left"><span class="chip {mark}">{escape(table.rows[at][0])}</span></td>'
    return f'<tr class="{mark}">{"".join(cells)}</tr>'


def _side(table: Table, n: int) -> str:
    return ' class="left"' if n in table.left else ""
