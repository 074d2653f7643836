"""Draws tables as an XLSX workbook; what is in them is decided in ``tables`` and ``notes``."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from siteopt.report.dossier.shapes import NO_DATE
from siteopt.report.dossier.tables import Cell, Column, Table, ToFill
from siteopt.report.dossier.words import Words
from siteopt.report.safe import neutral

HEADING_ROW = 2
LINE_POINTS = 15
"""Height of a line; given for every row, because not every program fits wrapped rows by itself."""
MOST_CHARACTERS = 32_767
"""A cell holds no more."""

_FONT = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
_OFFICE, _HEAD, _EDGE = "#FFF9DB", "#DCE6F1", "#BFBFBF"


def write_workbook(path: Path, tables: Sequence[Table], words: Words, date: str) -> None:
    """Write the sheets; the same tables and date give the same bytes.

    Parameters
    ----------
    path : of the new file
    tables : in the order of the sheets
    words : heading entries are printed in both languages
    date : YYYY-MM-DD, the workbook's own date; may be empty
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": datetime.datetime.fromisoformat(date or NO_DATE), "author": "siteopt"})
        for table in tables:
            _draw(book, table, words)


def _draw(book: Any, table: Table, words: Words) -> None:
    sheet = book.add_worksheet(table.name)
    title = book.add_format({**_FONT, "bold": True, "font_size": 14})
    sheet.write_string(0, 0, _text(table.title), title)
    sheet.write_string(1, 0, _text(table.note), book.add_format({**_FONT, "font_color": "#C00000"}))
    head = {**_FONT, "bold": True, "text_wrap": True, "valign": "vcenter", "align": "center", "border": 1}
    plain_head = book.add_format({**head, "bg_color": _HEAD, "border_color": _EDGE})
    office_head = book.add_format({**head, "bg_color": "#FFE699", "border_color": _EDGE})
    section = book.add_format({**_FONT, "bold": True, "bg_color": _HEAD})
    formats = [_formats(book, column) for column in table.columns]
    for c, column in enumerate(table.columns):
        sheet.set_column(c, c, column.width)
        sheet.write_string(HEADING_ROW, c, words.both(column.key), office_head if column.office else plain_head)
    sheet.set_row(0, 22)
    sheet.set_row(HEADING_ROW, LINE_POINTS * max(_lines(words.both(c.key), c.width) for c in table.columns))
    for r, row in enumerate(table.rows, HEADING_ROW + 1):
        if len(row) == 2 and row[1] is None:  # a section of the notes
            sheet.write_string(r, 0, _text(row[0]), section)
            sheet.write_blank(r, 1, None, section)
            continue
        texts = [(cell, column.width) for cell, column in zip(row, table.columns, strict=True) if cell]
        most = max((_lines(cell, width) for cell, width in texts if isinstance(cell, str)), default=1)
        sheet.set_row(r, LINE_POINTS * most + 1)
        for c, cell in enumerate(row):
            _write(sheet, r, c, cell, formats[c], words)
    last = HEADING_ROW + max(len(table.rows), 1)
    for c, column in enumerate(table.columns):
        if column.choices:
            sheet.data_validation(
                HEADING_ROW + 1,
                c,
                last,
                c,
                {"validate": "list", "source": list(column.choices), "ignore_blank": True},
            )
    if len(table.columns) > 2:
        sheet.autofilter(HEADING_ROW, 0, last, len(table.columns) - 1)
    sheet.freeze_panes(HEADING_ROW + 1, 1)
    sheet.set_landscape()
    wide = len(table.columns) > 12
    sheet.set_paper(8 if wide else 9)  # A3, A4
    sheet.fit_to_pages(2 if wide else 1, 0)
    if wide:
        sheet.repeat_columns(0, 1)
    sheet.repeat_rows(HEADING_ROW)
    sheet.set_footer("&C&P / &N")


def _formats(book: Any, column: Column) -> tuple[Any, Any]:
    """How a known and an unknown cell of a column look."""
    base = {**_FONT, "border": 1, "border_color": _EDGE, "text_wrap": True}
    if column.number:
        base["num_format"] = column.number
    if column.office:
        base["bg_color"] = _OFFICE
    known = book.add_format(base)
    unknown = book.add_format({**base, "bg_color": _OFFICE, "font_color": "#9C5700", "italic": True})
    return known, unknown


def _write(sheet: Any, row: int, column: int, cell: Cell, formats: tuple[Any, Any], words: Words) -> None:
    known, unknown = formats
    if cell is None:
        sheet.write_blank(row, column, None, known)
    elif isinstance(cell, ToFill):
        sheet.write_string(row, column, words("to_fill"), unknown)
    elif isinstance(cell, str):
        sheet.write_string(row, column, _text(cell), known)
    else:
        sheet.write_number(row, column, float(cell), known)


def _text(cell: Any) -> str:
    """Text that no spreadsheet takes for a formula and that a cell can hold."""
    return neutral(cell)[:MOST_CHARACTERS]


def _lines(text: str, width: float) -> int:
    """Lines that a text takes, wrapped to a column; a Chinese character is as wide as two letters."""
    room = max(int(width) - 1, 1)
    return sum(max(-(-_letters(line) // room), 1) for line in text.split("\n"))


def _letters(line: str) -> int:
    return sum(2 if ord(c) > 0x2E7F else 1 for c in line)
