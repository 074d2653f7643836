"""Where a command speaks: results to stdout, everything else to stderr, in one language."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from siteopt.cli.lazily import console
from siteopt.cli.lazily import findings as findings_views
from siteopt.text import say

if TYPE_CHECKING:  # --help answers without them
    from rich.console import RenderableType

    from siteopt.findings import Finding
    from siteopt.screen.console import Screen
    from siteopt.solve.backend import Progress


class Desk:
    """Results to stdout, everything else to stderr, in one language."""

    def __init__(self, language: str | None, *, quiet: bool = False, as_json: bool = False) -> None:
        self.given = language
        self.language = language or "en"
        self.quiet = quiet
        self.as_json = as_json

    @cached_property
    def out(self) -> Screen:
        """Results."""
        return console.Screen(soft_wrap=False, highlight=False, emoji=False, width=_width(sys.stdout.isatty(), 140))

    @cached_property
    def err(self) -> Screen:
        """Everything else."""
        return console.Screen(stderr=True, highlight=False, emoji=False, width=_width(sys.stderr.isatty(), 200))

    def speak(self, language: str) -> None:
        """Take the scenario's language unless one was asked for."""
        self.language = self.given or language

    def note(self, key: str, topic: str = "cli", /, **facts: Any) -> None:
        """A sentence to stderr, unless quiet."""
        if not self.quiet:
            self.tell(key, topic, **facts)

    def tell(self, key: str, topic: str = "cli", /, *, whole: bool = False, **facts: Any) -> None:
        """A sentence to stderr, quiet or not; ``whole``: not broken into lines, for paths that people copy."""
        self.err.print(say(topic, key, self.language, **facts), markup=False, soft_wrap=whole)

    def answer(self, key: str, topic: str = "cli", /, *, whole: bool = False, **facts: Any) -> None:
        """A sentence to stdout."""
        self.out.print(say(topic, key, self.language, **facts), markup=False, soft_wrap=whole)

    def give(self, value: Callable[[], object], view: Callable[[], RenderableType]) -> None:
        """A result to stdout: as JSON where that was asked for, else as tables."""
        if self.as_json:
            self.json(value())
        else:
            self.out.print(view())

    def json(self, value: object) -> None:
        """A result as JSON to stdout."""
        try:
            click.echo(console.json_screen(value))
        except BrokenPipeError:
            self.out.on_broken_pipe()

    def findings(self, found: Iterable[Finding], *, also_notes: bool = False) -> None:
        """Findings to stderr; notes only when asked for."""
        shown = [f for f in found if f.severity != "info" or (also_notes and not self.quiet)]
        if not shown:
            return
        if self.err.is_terminal:
            self.err.print(findings_views.findings_table(shown, self.language, self.err.width))
            return
        for f in shown:  # on a pipe or in a file: one finding a line, whole
            self.err.print(findings_views.finding_line(f, self.language), markup=False, soft_wrap=True)


def _width(is_terminal: bool, otherwise: int) -> int | None:
    return None if is_terminal else otherwise


class ProgressLine:
    """A live line on a terminal; on a pipe, a line every ten seconds."""

    EVERY_S = 10.0

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._last = 0.0
        self._live = None if desk.quiet or not desk.err.is_terminal else desk.err.status("")

    def __enter__(self) -> ProgressLine:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, p: Progress) -> None:
        if self._desk.quiet:
            return
        words = say(
            "cli",
            "stage_solving",
            self._desk.language,
            goal=p.goal,
            step=say("cli", f"step_{p.step}", self._desk.language) if p.step else "",
            best=rounded(p.incumbent),
            bound=rounded(p.bound),
            gap="—" if p.gap != p.gap else f"{p.gap:.3%}",
            seconds=p.seconds,
        )
        if self._live:
            self._live.update(words)
        elif p.seconds - self._last >= self.EVERY_S:
            self._last = p.seconds
            self._desk.err.print(words, markup=False)


def rounded(value: float | None) -> str:
    """A whole number; a dash for one that is not known."""
    return "—" if value is None or value != value else f"{value:,.0f}"
