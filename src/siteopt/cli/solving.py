"""Commands that ask one question of a scenario: is it sound, how well served is it today, what is best."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from siteopt.cli.arguments import JSON, LANGUAGE, QUIET, SCENARIO, SCHEDULER, SETS, VARIANT
from siteopt.cli.desk import Desk, rounded
from siteopt.cli.guard import INFEASIBLE, INPUT, NO_PLAN, OK, Ended, Guard
from siteopt.cli.lazily import answer, commands, console
from siteopt.cli.steps import end_without_plan, read
from siteopt.text import say

if TYPE_CHECKING:
    from siteopt.spread import Spread


@click.command()
@SCENARIO
@VARIANT
@SETS
@JSON
@QUIET
@LANGUAGE
def check(
    scenario: Path, variant: str | None, sets: tuple[str, ...], as_json: bool, quiet: bool, lang: str | None
) -> None:
    """Find all faults of a scenario and its layers at once, and rules that cannot be kept, without solving.

    \b
    Example:  siteopt check scenario.yaml
    """
    desk = Desk(lang, quiet=quiet, as_json=as_json)
    with Guard(desk):
        ready = read(desk, scenario, variant, sets)
        found, possible = commands.outlook(ready)
        if as_json:
            desk.json(commands.findings_json(found, desk.language))
        else:
            desk.findings(found, also_notes=True)
            if possible:
                desk.answer("sound", **commands.sizes(ready))
            else:
                desk.answer("check_impossible", "diagnosis")
        if not possible:
            raise Ended(INFEASIBLE)


@click.command()
@SCENARIO
@VARIANT
@SETS
@JSON
@QUIET
@LANGUAGE
def assess(
    scenario: Path, variant: str | None, sets: tuple[str, ...], as_json: bool, quiet: bool, lang: str | None
) -> None:
    """Show how well today's outlets serve, before any money is spent.

    \b
    Example:  siteopt assess scenario.yaml
    """
    desk = Desk(lang, quiet=quiet, as_json=as_json)
    with Guard(desk):
        ready = read(desk, scenario, variant, sets)
        desk.findings(ready.findings)
        summary = commands.assess(ready)
        desk.give(lambda: summary, lambda: answer.assessment_view(summary, desk.language))


@click.command()
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Run folder [default: runs/NAME[-VARIANT]].")
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="NAME",
    help="A variant named in the scenario file. Several: each gets its own run folder (in --out, when given).",
)
@SETS
@click.option("--time-limit", type=float, metavar="S", help="Seconds for the search.")
@click.option("--gap", type=float, metavar="G", help="Relative gap at which the search may stop; 0 is proof.")
@click.option("--engine", metavar="NAME", help="highs, pulp (CBC) or pulp:SOLVER.")
@SCHEDULER
@JSON
@QUIET
@LANGUAGE
def solve(
    scenarios: tuple[Path, ...],
    out: Path | None,
    variants: tuple[str, ...],
    sets: tuple[str, ...],
    time_limit: float | None,
    gap: float | None,
    engine: str | None,
    scheduler: str | None,
    as_json: bool,
    quiet: bool,
    lang: str | None,
) -> None:
    """Find the best plan, audit it, and write report, map, tables and GIS layers into a run folder.

    Several scenarios, such as districts, are solved one after the other, or at once with --scheduler; each gets its
    own run folder (in --out, when given).

    \b
    Example:  siteopt solve scenario.yaml --variant double-budget --time-limit 120
    """
    desk = Desk(lang, quiet=quiet, as_json=as_json)
    given = {"solver.time_limit_s": time_limit, "solver.gap": gap, "solver.engine": engine}
    sets = (*sets, *(f"{path}={value}" for path, value in given.items() if value is not None))
    with Guard(desk) as guard:
        desk.speak(commands.language_of(scenarios[0]))
        with commands.spread_over(scheduler) as spread:
            if len(scenarios) > 1 or len(variants) > 1:
                _solve_several(desk, scenarios, variants, sets, out, spread)
            else:
                _solve_one(desk, guard, scenarios[0], next(iter(variants), None), sets, out, spread)


def _solve_one(
    desk: Desk,
    guard: Guard,
    scenario: Path,
    variant: str | None,
    sets: tuple[str, ...],
    out: Path | None,
    spread: Spread,
) -> None:
    """Solve, write, and show the answer; an infeasible scenario gets a run folder too, which says why."""
    ready = read(desk, scenario, variant, sets, spread)
    desk.findings(ready.findings)
    folder = commands.run_folder(ready, out)
    with guard.seeking() as (report, stop):
        run = commands.solve(ready, report=report, stop=stop)
    if run.proof.status == "no_plan":
        end_without_plan(desk, run, stop)
    if stop:
        desk.tell("interrupted")
    desk.note("stage_writing", name=console.one_line(folder.name))
    summary, folder = commands.write(run, ready, folder)
    desk.give(lambda: summary, lambda: answer.summary_view(summary, desk.language, brief=desk.quiet))
    if not desk.as_json:
        desk.answer("written", whole=True, report=folder / "report.html")
    if run.proof.status == "infeasible":
        raise Ended(INFEASIBLE)


def _solve_several(
    desk: Desk,
    scenarios: tuple[Path, ...],
    variants: tuple[str, ...],
    sets: tuple[str, ...],
    out: Path | None,
    spread: Spread,
) -> None:
    """Solve several scenarios or variants, each into its own run folder; the worst exit code of them all."""
    from siteopt.sweep import sweep

    codes, summaries = {"input": INPUT, "infeasible": INFEASIBLE, "no_plan": NO_PLAN}, []
    worst, single = OK, len(scenarios) == 1
    for one in sweep(scenarios, variants, out=out, sets=sets, spread=spread):
        worst = max(worst, codes.get(one.status, OK))
        called = [*([] if single else [str(one.scenario)]), *([one.variant] if one.variant else [])]
        name = console.one_line(" · ".join(called))
        if one.findings and not single:
            desk.tell("findings_of", name=name)
        desk.findings(one.findings)
        summaries.append({"file": str(one.scenario), "variant": one.variant, "status": one.status} | one.summary)
        if not desk.as_json:
            words = say("cli", f"status_{one.status}", desk.language)
            if one.folder is None:
                desk.answer("swept_nothing", whole=True, name=name, status=words)
            else:
                value, report = rounded(one.summary["objective"]["value"]), one.folder / "report.html"
                desk.answer("swept", whole=True, name=name, status=words, value=value, report=report)
    if desk.as_json:
        desk.json(summaries)
    if worst != OK:
        raise Ended(worst)
