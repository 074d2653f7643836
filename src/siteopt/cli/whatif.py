"""Commands that solve a scenario again and again: nearly as good plans, more or less money, refused spaces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from siteopt.cli.arguments import FAMILY_TIME, JSON, LANGUAGE, QUIET, SCENARIO, SETS, VARIANT, amounts, share
from siteopt.cli.desk import Desk
from siteopt.cli.guard import INFEASIBLE, NO_PLAN, Ended, Guard
from siteopt.cli.lazily import commands, console, whatif_commands
from siteopt.cli.steps import end_without_plan, read

if TYPE_CHECKING:
    from siteopt.solve.backend import Stop


@click.command()
@SCENARIO
@click.option("--count", type=click.IntRange(1, 50), default=3, show_default=True, help="Further plans wanted.")
@click.option(
    "--slack",
    callback=share,
    default="1%",
    show_default=True,
    metavar="SHARE",
    help="How much worse than the best value a plan may be.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder [default: runs/NAME[-VARIANT]-alternatives].")
@FAMILY_TIME
@VARIANT
@SETS
@JSON
@QUIET
@LANGUAGE
def alternatives(
    scenario: Path,
    count: int,
    slack: float,
    out: Path | None,
    time_limit: float | None,
    variant: str | None,
    sets: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    lang: str | None,
) -> None:
    """Find plans nearly as good as the best and as different as possible, each a run folder of its own.

    \b
    Example:  siteopt alternatives scenario.yaml --count 4 --slack 2%
    """
    desk = Desk(lang, quiet=quiet, as_json=as_json)
    with Guard(desk) as guard:
        ready = read(desk, scenario, variant, sets)
        desk.findings(ready.findings)
        folder = whatif_commands.family_folder(ready, out, "alternatives")
        with guard.seeking() as (report, stop):
            found = whatif_commands.find_alternatives(
                ready, count=count, slack=slack, time_limit_s=time_limit, report=report, stop=stop
            )
        if not found.runs:
            end_without_plan(desk, found.base, stop)
        _tell_stopped(desk, stop)
        desk.note("writing", "whatif", count=len(found.runs), name=console.one_line(folder.name))
        folder = whatif_commands.write_alternatives(found, ready, folder, desk.language)
        _show(desk, "alternatives", found.data, folder)


@click.command()
@SCENARIO
@click.option("--points", type=click.IntRange(2, 200), default=None, help="How many budgets, evenly [default: 11].")
@click.option("--budgets", callback=amounts, metavar="A,B,...", help="These budgets instead.")
@click.option("--rule", metavar="LABEL", help="Which budget rule, where there are several.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder [default: runs/NAME[-VARIANT]-frontier].")
@FAMILY_TIME
@VARIANT
@SETS
@JSON
@QUIET
@LANGUAGE
def frontier(
    scenario: Path,
    points: int | None,
    budgets: tuple[float, ...] | None,
    rule: str | None,
    out: Path | None,
    time_limit: float | None,
    variant: str | None,
    sets: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    lang: str | None,
) -> None:
    """Show what more or less money buys: the best plan at each of many budgets, with proof.

    \b
    Example:  siteopt frontier scenario.yaml --budgets 1000000,2000000,3000000
    """
    if points is not None and budgets is not None:
        raise click.UsageError("give --points or --budgets, not both")
    desk = Desk(lang, quiet=quiet, as_json=as_json)
    with Guard(desk) as guard:
        ready = read(desk, scenario, variant, sets)
        whatif_commands.budget_rule(ready, rule)
        desk.findings(ready.findings)
        folder = whatif_commands.family_folder(ready, out, "frontier")
        with guard.seeking() as (report, stop):
            found = whatif_commands.find_frontier(
                ready,
                label=rule,
                amounts=budgets,
                count=points or 11,
                time_limit_s=time_limit,
                report=report,
                stop=stop,
            )
        if found.without_budget is not None:
            end_without_plan(desk, found.without_budget, stop)
        _tell_stopped(desk, stop)
        known = [p for p in found.data["points"] if p["value"] is not None]
        if known:
            folder = whatif_commands.write_frontier(found.data, folder, desk.language)
        _show(desk, "frontier", found.data, folder if known else None)
        if not known:
            _end_without_points(desk, found.data)


def _end_without_points(desk: Desk, data: dict[str, Any]) -> None:
    """No budget of those asked has a plan: say what the least one would be."""
    if any(p["status"] != "infeasible" for p in data["points"]):
        raise Ended(NO_PLAN)
    least = f"{data['least']['amount']:,.2f} {console.one_line(data['currency'])}"
    desk.tell("no_budget_helps", "whatif", least=least)
    raise Ended(INFEASIBLE)


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--site", metavar="ID", help="Only this space of the plan.")
@click.option("--rules", is_flag=True, help="Instead of spaces: what each rule costs, by loosening it a step.")
@click.option("--out", type=click.Path(path_type=Path), help="Write page and tables into this folder.")
@FAMILY_TIME
@JSON
@QUIET
@LANGUAGE
def explain(
    run: Path,
    site: str | None,
    rules: bool,
    out: Path | None,
    time_limit: float | None,
    as_json: bool,
    quiet: bool,
    lang: str | None,
) -> None:
    """Show what is lost when a chosen space is refused, and what would come in its place; or what each rule costs.

    \b
    Example:  siteopt explain runs/town --site s3
              siteopt explain runs/town --rules
    """
    if rules and site is not None:
        raise click.UsageError("give --site or --rules, not both")
    desk = Desk(lang, quiet=quiet, as_json=as_json)
    with Guard(desk) as guard:
        desk.speak(commands.language_of_run(run))
        desk.note("stage_reading", name=console.one_line(run.name))
        reopened = whatif_commands.reopen(run, site)
        desk.findings((*reopened.stored.findings, *reopened.ready.findings))
        if out is not None:
            whatif_commands.check_folder(out)
        with guard.seeking() as (report, stop):
            ask = whatif_commands.price_rules if rules else whatif_commands.explain
            data = ask(reopened, time_limit_s=time_limit, report=report, stop=stop)
        _tell_stopped(desk, stop)
        write = whatif_commands.write_prices if rules else whatif_commands.write_explained
        where = None if out is None else write(data, out, desk.language)
        _show(desk, "prices" if rules else "explain", data, where)


def _tell_stopped(desk: Desk, stop: Stop) -> None:
    if stop:
        desk.tell("stopped_interrupt", "whatif")


def _show(desk: Desk, word: str, data: dict[str, Any], folder: Path | None) -> None:
    """The tables of several plans, and where the page about them is."""
    desk.give(lambda: data, lambda: console.tables_view(whatif_commands.tables(word, data, desk.language)))
    if folder is not None and not desk.as_json:
        desk.answer("written", whole=True, report=folder / f"{word}.html")
