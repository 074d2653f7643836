"""Exit codes: whatever happens inside a command becomes one of them; a traceback never reaches the screen."""

from __future__ import annotations

import signal
import tempfile
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

from siteopt.cli.desk import Desk, ProgressLine
from siteopt.cli.lazily import commands
from siteopt.findings import InputError

if TYPE_CHECKING:
    from siteopt.solve.backend import Stop

OK, BUG, USAGE, INPUT, INFEASIBLE, NO_PLAN = 0, 1, 2, 3, 4, 5


class Ended(Exception):
    """A command ends with an exit code that is not an error."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Guard:
    """Turns whatever happens inside a command into its exit code."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._interrupted = False
        self._stop: Stop | None = None
        self._ears: Any = None

    def __enter__(self) -> Guard:
        if threading.current_thread() is threading.main_thread():
            self._ears = signal.signal(signal.SIGINT, self._interrupt)
        return self

    @contextmanager
    def seeking(self) -> Iterator[tuple[ProgressLine, Stop]]:
        """While seeking, the first Ctrl-C asks for the best plan so far; the second one ends the command."""
        self._stop = stop = commands.Stop()
        with ProgressLine(self._desk) as report:
            yield report, stop
        self._stop = None

    def _interrupt(self, *_: object) -> None:
        if self._stop is not None and not self._stop:
            self._stop.set()
            return
        self._interrupted = True
        raise KeyboardInterrupt

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> Literal[False]:
        if self._ears is not None:
            signal.signal(signal.SIGINT, self._ears)
        if error is not None and not isinstance(error, (click.ClickException, click.exceptions.Exit, SystemExit)):
            self._end(error)
        return False

    def _end(self, error: BaseException) -> NoReturn:
        if isinstance(error, Ended):
            _leave(error.code)
        refused = type(error).__name__ == "RefusedPlan"
        # Libraries make errors of their own of a Ctrl-C that reaches them.
        if isinstance(error, KeyboardInterrupt) or (self._interrupted and not refused):
            self._desk.tell("stopped")
            _leave(NO_PLAN)
        if isinstance(error, InputError):
            self._input(error)
        if refused:
            self._desk.tell("refused", reason=error)
        self._bug(error)

    def _input(self, error: InputError) -> NoReturn:
        found = error.findings
        if self._desk.as_json:
            self._desk.json(commands.findings_json(found, self._desk.language))
        self._desk.findings(found)
        count = {s: sum(f.severity == s for f in found) for s in ("error", "warning")}
        self._desk.tell("faults", errors=count["error"], warnings=count["warning"])
        _leave(INPUT)

    def _bug(self, error: BaseException) -> NoReturn:
        details = "".join(traceback.format_exception(error))
        try:
            with tempfile.NamedTemporaryFile(
                "w", prefix="siteopt-", suffix=".log", delete=False, encoding="utf-8"
            ) as log:
                log.write(details)
            where = log.name
        except OSError:
            where = "—"
        self._desk.tell("bug", whole=True, log=where)
        _leave(BUG)


def _leave(code: int) -> NoReturn:
    raise click.exceptions.Exit(code)
