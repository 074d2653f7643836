"""Steps that several commands take: a scenario read, an answer shown, an end without a plan."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from siteopt.cli.desk import Desk
from siteopt.cli.guard import INFEASIBLE, NO_PLAN, Ended
from siteopt.cli.lazily import answer, commands, console

if TYPE_CHECKING:
    from siteopt.pipeline import Ready
    from siteopt.plan import Run
    from siteopt.solve.backend import Stop
    from siteopt.spread import Spread


def read(desk: Desk, scenario: Path, variant: str | None, sets: Iterable[str], spread: Spread | None = None) -> Ready:
    """Read a scenario; speak its language from then on."""
    desk.speak(commands.language_of(scenario))
    desk.note("stage_reading", name=console.one_line(scenario.name))
    more = {} if spread is None else {"spread": spread}
    ready = commands.check(scenario, variant=variant, sets=tuple(sets), **more)
    desk.speak(ready.loaded.spec.report.language)
    return ready


def end_without_plan(desk: Desk, run: Run, stop: Stop) -> NoReturn:
    """There is no plan: say why, and write nothing."""
    if run.proof.status == "infeasible":
        summary = commands.summarise(run)
        desk.give(lambda: summary, lambda: answer.summary_view(summary, desk.language))
        raise Ended(INFEASIBLE)
    desk.tell("stopped_early" if stop else "no_plan")
    if desk.as_json:
        desk.json({"status": "no_plan"})
    raise Ended(NO_PLAN)
