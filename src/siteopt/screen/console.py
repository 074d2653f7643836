"""How the command line shows things: a safe screen, JSON, plain tables. Prints nothing itself."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from siteopt.text import say

if TYPE_CHECKING:  # numpy comes with it, and --help answers without
    from siteopt.report.comparison_tables import Table as PlainTable


def t(key: str, language: str, /, **facts: Any) -> str:
    """A sentence of the command line."""
    return say("cli", key, language, **facts)


def one_line(value: object) -> str:
    """Control characters from data never reach the terminal."""
    return "".join(c if c.isprintable() or c == "\u3000" else "·" for c in str(value))


def json_screen(value: object) -> str:
    """JSON for a person or a program: readable text, but what a terminal would obey is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return "".join(c if c.isprintable() or c in "\n\u3000" else json.dumps(c)[1:-1] for c in text)


class Screen(Console):
    """A console that is safe for text from data, and goes on silently when its reader has gone (``| head``)."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Segments without control characters, whoever made them."""
        for s in super().render(renderable, options):
            yield s if s.control or s.text.isprintable() or s.text == "\n" else Segment(_clean(s.text), s.style)

    def on_broken_pipe(self) -> None:
        """Nobody reads any more: keep the exit code, say no more."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _clean(text: str) -> str:
    return "\n".join(one_line(line) for line in text.split("\n"))


def text(words: object, style: str = "") -> Text:
    """One line, without what a terminal would obey."""
    return Text(one_line(words), style=style)


def plain_table(
    title: str, header: Sequence[str], rows: Iterable[Sequence[str]], left: Collection[int] = (0,)
) -> Table:
    """A table of plain text: columns of words (``left``) flush left, numbers flush right."""
    table = Table(title=text(title), title_justify="left")
    for n, head in enumerate(header):
        table.add_column(text(head), justify="left" if n in left else "right", overflow="fold")
    for row in rows:
        table.add_row(*(text(cell) for cell in row))
    return table


def tables_view(tables: Iterable[PlainTable]) -> RenderableType:
    """Tables of plain text, as pages show them too, for the terminal."""
    return Group(
        *(
            plain_table(made.title, made.header, made.rows, made.left) if made.rows else text(f"{made.title}: —")
            for made in tables
        )
    )
