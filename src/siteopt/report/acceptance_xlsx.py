"""acceptance.xlsx: the acceptance sheet for print and signature, one sheet per language."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from siteopt.plan import Run
from siteopt.report.acceptance import ITEMS, Line
from siteopt.report.safe import neutral
from siteopt.text import LANGUAGES, say, topic

CREATED = datetime.datetime(1980, 1, 1)
"""A fixed date, so that one run gives the same bytes twice."""

COLUMNS = (
    ("acc_item", 6.0),
    ("acc_subject", 38.0),
    ("acc_value", 13.0),
    ("acc_target", 13.0),
    ("acc_unit", 15.0),
    ("acc_verdict", 11.0),
    ("acc_source", 34.0),
    ("acc_note", 48.0),
    ("acc_office_note", 20.0),
)
HEADING_ROW = 2
LINE_POINTS = 15
_FONT = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
_EDGE = {"border": 1, "border_color": "#BFBFBF"}
_COLOURS = {"met": "#1C6B52", "not_met": "#A8330F", "not_checked": "#7A5A00", "not_asked": "#6A645C"}
_FORMATS = {"share": "0.0%", "money": "#,##0", "people": "#,##0", "outlets": "0", "types": "0", "steps": "0"}
_SIGNS = {"ge": "≥ ", "le": "≤ ", "eq": "= "}


def write_acceptance(run: Run, lines: Sequence[Line], path: Path) -> None:
    """Write the workbook; text cells are neutralised, numbers are numbers."""
    import xlsxwriter  # a run that writes no workbook does not wait for it

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": CREATED, "author": "siteopt"})
        for language in sorted(LANGUAGES, key=lambda lang: lang != run.language):
            _Sheet(book, run, language).draw(lines)


class _Sheet:
    """One language's sheet of a workbook."""

    def __init__(self, book: Any, run: Run, language: str) -> None:
        self.book, self.run, self.language = book, run, language
        self.sheet = book.add_worksheet(self.word("sheet"))
        self.formats: dict[tuple[str, str], Any] = {}

    def word(self, key: str, **facts: Any) -> str:
        return say("acceptance", key, self.language, **facts)

    def draw(self, lines: Sequence[Line]) -> None:
        book, sheet, run = self.book, self.sheet, self.run
        status = (
            say("report", f"status_short_{run.proof.status}", self.language) if run.plan else self.word("acc_today")
        )
        note = self.word("sheet_note", scenario=run.scenario_name, status=status)
        note += self.word("sheet_illustrative") if run.world.illustrative else ""
        self.text(
            0, 0, self.word("sheet_title", title=run.title), book.add_format({**_FONT, "bold": True, "font_size": 14})
        )
        self.text(1, 0, note, book.add_format({**_FONT, "font_color": "#C00000"}))
        head = {**_FONT, **_EDGE, "bold": True, "text_wrap": True, "align": "center", "bg_color": "#DCE6F1"}
        heading, section = (
            book.add_format(head),
            book.add_format({**_FONT, **_EDGE, "bold": True, "bg_color": "#F2F2F2"}),
        )
        basis = book.add_format({**_FONT, **_EDGE, "text_wrap": True, "font_color": "#595959"})
        for c, (key, width) in enumerate(COLUMNS):
            sheet.set_column(c, c, width)
            self.text(HEADING_ROW, c, self.word(key), heading)
        sheet.set_row(0, 22)
        row, last = HEADING_ROW + 1, len(COLUMNS) - 1
        for item in ITEMS:
            title = f"{item} {self.word(f'title_{item}')}"
            sheet.merge_range(row, 0, row, last, neutral(title), section)
            said = f"{self.word('acc_basis')}: {self.word(f'basis_{item}')}"
            sheet.merge_range(row + 1, 0, row + 1, last, neutral(said), basis)
            sheet.set_row(row + 1, LINE_POINTS * _lines(said, sum(width for _, width in COLUMNS)))
            row = self.rows(row + 2, item, [made for made in lines if made.item == item])
        sheet.freeze_panes(HEADING_ROW + 1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADING_ROW)
        sheet.set_footer("&C&P / &N")

    def rows(self, row: int, item: str, lines: Sequence[Line]) -> int:
        """An item's lines; one that says so where it has none. Returns the next row."""
        for made in lines:
            self.line(row, made)
            row += 1
        if not lines:
            cells = [item, "", "", "", "", self.word("acc_not_asked"), "", "", ""]
            for c, cell in enumerate(cells):
                self.text(row, c, cell, self.format("", "not_asked" if c == 5 else ""))
            row += 1
        return row

    def line(self, row: int, made: Line) -> None:
        lang = self.language
        texts = {
            0: made.item,
            1: made.subject[lang],
            4: self.unit(made.unit),
            5: self.word(f"acc_{made.verdict}"),
            6: made.source[lang],
            7: made.note[lang],
            8: "",
        }
        for c, cell in texts.items():
            self.text(row, c, cell, self.format("", made.verdict if c == 5 else ""))
        self.number(row, 2, made.value, made.unit, "")
        self.number(row, 3, made.target, made.unit, _SIGNS.get(made.sense, ""))
        most = max(_lines(cell, COLUMNS[c][1]) for c, cell in texts.items())
        self.sheet.set_row(row, LINE_POINTS * most + 1)

    def unit(self, unit: str) -> str:
        key = f"unit_{unit}"
        if unit == "money":
            entry = topic("report").get(f"currency_{self.run.world.currency}")
            return entry[self.language] if entry else self.run.world.currency
        return self.word(key) if key in topic("acceptance") else unit

    def number(self, row: int, column: int, value: float | None, unit: str, sign: str) -> None:
        """A number with its sign in the format, so that it stays a number."""
        if value is None:
            self.text(row, column, "—" if column == 2 else "", self.format("", ""))
        else:
            form = _FORMATS.get(unit, "#,##0.0")
            self.sheet.write_number(row, column, value, self.format(f'"{sign}"{form}' if sign else form, ""))

    def format(self, number: str, verdict: str) -> Any:
        key = (number, verdict)
        if key not in self.formats:
            look: dict[str, Any] = {**_FONT, **_EDGE, "text_wrap": True}
            if number:
                look |= {"num_format": number}
            if verdict:
                look |= {"bold": True, "font_color": _COLOURS[verdict]}
            self.formats[key] = self.book.add_format(look)
        return self.formats[key]

    def text(self, row: int, column: int, cell: str, look: Any) -> None:
        self.sheet.write_string(row, column, neutral(cell)[:32_767], look)


def _lines(text: str, width: float) -> int:
    """Lines that a text takes in a column; a Chinese character is as wide as two letters."""
    room = max(int(width) - 1, 1)
    return max(-(-sum(2 if ord(c) > 0x2E7F else 1 for c in text) // room), 1)
