"""The command line: the only file that prints or sets an exit code.

0 a verified plan · 1 our bug · 2 usage · 3 input findings · 4 infeasible · 5 no plan within the limit.
Progress and findings go to stderr, results to stdout.
"""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

from siteopt import __version__
from siteopt.console import Screen, finding_line, findings_table, json_screen, one_line, summary_view, t
from siteopt.findings import Finding, InputError
from siteopt.options import amounts, seconds, share
from siteopt.text import say

if TYPE_CHECKING:
    from siteopt import commands, whatif_commands
    from siteopt.pipeline import Ready
    from siteopt.plan import Run
    from siteopt.report.dossier.template import Encoding
    from siteopt.solve.backend import Progress, Stop
    from siteopt.spread import Spread
else:

    class _Commands:
        """``siteopt.commands``, imported when first used: --help answers at once, and Ctrl-C is heard meanwhile."""

        def __init__(self, module: str) -> None:
            self._module = module

        def __getattr__(self, name: str) -> Any:
            return getattr(import_module(self._module), name)

    commands, whatif_commands = _Commands("siteopt.commands"), _Commands("siteopt.whatif_commands")

OK, BUG, USAGE, INPUT, INFEASIBLE, NO_PLAN = 0, 1, 2, 3, 4, 5

SCENARIO = click.argument("scenario", type=click.Path(path_type=Path))
VARIANT = click.option("--variant", metavar="NAME", help="A variant named in the scenario file.")
SETS = click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one value, e.g. --set constraints.budget.amount=2000000. May be repeated.",
)
SCHEDULER = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Read a streamed layer, or solve several variants, on a Dask cluster: tcp://host:8786, or local.",
)
QUIET = click.option("--quiet", is_flag=True, help="No progress and no notes.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
LANGUAGE = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default=None, help="Language of messages [default: the scenario's]."
)
FAMILY_TIME = click.option(
    "--time-limit",
    callback=seconds,
    metavar="S",
    help="Seconds for all re-solves together [default: the scenario's time limit].",
)


class Desk:
    """Where a command speaks: results to stdout, everything else to stderr, in one language."""

    def __init__(self, language: str | None, *, quiet: bool = False) -> None:
        self.given = language
        self.language = language or "en"
        self.quiet = quiet
        self.out = Screen(soft_wrap=False, highlight=False, emoji=False, width=None if sys.stdout.isatty() else 140)
        self.err = Screen(stderr=True, highlight=False, emoji=False, width=None if sys.stderr.isatty() else 200)

    def speak(self, language: str) -> None:
        """Take the scenario's language unless one was asked for."""
        self.language = self.given or language

    def tell(self, key: str, **facts: Any) -> None:
        """A sentence to stderr, unless quiet."""
        if not self.quiet:
            self.err.print(t(key, self.language, **facts), markup=False)

    def tell_from(self, topic: str, key: str, **facts: Any) -> None:
        """The same with a sentence of another topic."""
        if not self.quiet:
            self.err.print(say(topic, key, self.language, **facts), markup=False)

    def json(self, value: object) -> None:
        """A result as JSON to stdout."""
        try:
            click.echo(json_screen(value))
        except BrokenPipeError:
            self.out.on_broken_pipe()

    def findings(self, found: Iterable[Finding], *, also_notes: bool = False) -> None:
        """Findings to stderr; notes only when asked for."""
        shown = [f for f in found if f.severity != "info" or (also_notes and not self.quiet)]
        if self.err.is_terminal and shown:
            self.err.print(findings_table(shown, self.language, self.err.width))
            return
        for f in shown:  # on a pipe or in a file: one finding a line, whole
            self.err.print(finding_line(f, self.language), markup=False, soft_wrap=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="siteopt")
def cli() -> None:
    """Where should a city's everyday outlets go?

    siteopt finds the outlets, in the vacant spaces, for the money there is, so that the most people reach what they
    need in a short walk; proves it or states the gap; and audits every number.

    \b
    Start:  siteopt init my-town && siteopt solve my-town/scenario.yaml
    """


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@LANGUAGE
def init(folder: Path, lang: str | None) -> None:
    """Make a folder with a small scenario to start from.

    \b
    Example:  siteopt init my-town
    """
    desk = Desk(lang)
    with _Guard(desk):
        scenario = commands.init(folder)
        desk.out.print(t("made", desk.language, path=folder, scenario=scenario), markup=False)


@cli.command()
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
    desk = Desk(lang, quiet=quiet)
    with _Guard(desk, as_json=as_json):
        ready = _ready(desk, scenario, variant, sets)
        found, possible = commands.outlook(ready)
        if as_json:
            desk.json(commands.findings_json(found, desk.language))
        else:
            desk.findings(found, also_notes=True)
            facts = commands.sizes(ready)
            if possible:
                desk.out.print(t("sound", desk.language, **facts), markup=False)
            else:
                desk.out.print(say("diagnosis", "check_impossible", desk.language), markup=False)
        if not possible:
            raise _Ended(INFEASIBLE)


@cli.command()
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
    desk = Desk(lang, quiet=quiet)
    with _Guard(desk, as_json=as_json):
        ready = _ready(desk, scenario, variant, sets)
        desk.findings(ready.findings)
        summary = commands.assess(ready)
        _show(desk, summary, as_json=as_json, view=commands.assessment_view)


@cli.command()
@SCENARIO
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
    scenario: Path,
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

    \b
    Example:  siteopt solve scenario.yaml --variant double-budget --time-limit 120
    """
    desk = Desk(lang, quiet=quiet)
    given = {"solver.time_limit_s": time_limit, "solver.gap": gap, "solver.engine": engine}
    sets = (*sets, *(f"{path}={value}" for path, value in given.items() if value is not None))
    with _Guard(desk, as_json=as_json) as guard:
        desk.speak(commands.language_of(scenario))
        with commands.spread_over(scheduler) as spread:
            if len(variants) > 1:
                _sweep(desk, scenario, variants, sets, out, spread, as_json=as_json)
                return
            ready = _ready(desk, scenario, next(iter(variants), None), sets, spread)
            desk.findings(ready.findings)
            folder = commands.run_folder(ready, out)
            stop = commands.Stop()
            with _Progress(desk) as report, guard.stopping(stop):
                run = commands.solve(ready, report=report, stop=stop)
        if run.proof.status == "no_plan":
            desk.err.print(t("stopped_early" if stop else "no_plan", desk.language), markup=False)
            if as_json:
                desk.json({"status": "no_plan"})
            raise _Ended(NO_PLAN)
        if stop:
            desk.err.print(t("interrupted", desk.language), markup=False)
        desk.tell("stage_writing", name=folder.name)
        summary, folder = commands.write(run, ready, folder)
        _show(desk, summary, as_json=as_json, view=summary_view)
        if not as_json:
            desk.out.print(t("written", desk.language, report=folder / "report.html"), markup=False, soft_wrap=True)
        if run.proof.status == "infeasible":
            raise _Ended(INFEASIBLE)


@cli.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Write the comparison as an HTML page here.")
@JSON
@QUIET
@LANGUAGE
def compare(runs: tuple[Path, ...], out: Path | None, as_json: bool, quiet: bool, lang: str | None) -> None:
    """Compare runs with the first one: what opened, closed, moved; who gained or lost; the money.

    \b
    Example:  siteopt compare runs/town runs/town-double-budget --out page.html
    """
    if len(runs) < 2:
        raise click.UsageError("give two run folders or more")
    desk = Desk(lang, quiet=quiet)
    with _Guard(desk, as_json=as_json):
        comparison, findings = commands.compare(runs)
        desk.speak(commands.comparison_language(comparison))
        desk.findings(findings)
        if as_json:
            desk.json(commands.comparison_json(comparison))
        else:
            desk.out.print(commands.comparison_view(comparison, desk.language))
        if out is not None:
            commands.write_comparison(comparison, out, desk.language)
            desk.err.print(t("wrote", desk.language, path=out), markup=False, soft_wrap=True)


@cli.command()
@SCENARIO
@click.option("--count", type=click.IntRange(1, 50), default=3, show_default=True, help="Further plans wanted.")
@click.option(
    "--slack",
    callback=share,
    default="1%",
    show_default=True,
    metavar="SHARE",
    help="How much less than the best value a plan may be worth.",
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
    desk = Desk(lang, quiet=quiet)
    with _Guard(desk, as_json=as_json) as guard:
        ready = _ready(desk, scenario, variant, sets)
        desk.findings(ready.findings)
        folder = whatif_commands.family_folder(ready, out, "alternatives")
        stop = commands.Stop()
        with _Progress(desk) as report, guard.stopping(stop):
            found = whatif_commands.find_alternatives(
                ready, count=count, slack=slack, time_limit_s=time_limit, report=report, stop=stop
            )
        if not found.runs:
            _without_plan(desk, found.base, stop, as_json=as_json)
        _tell_stopped(desk, stop)
        plans, name = len(found.runs), one_line(folder.name)
        desk.tell_from("whatif", "writing", count=plans, name=name)
        folder = whatif_commands.write_alternatives(found, ready, folder, desk.language)
        _show_family(desk, "alternatives", found.data, folder, as_json=as_json)


@cli.command()
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
    desk = Desk(lang, quiet=quiet)
    with _Guard(desk, as_json=as_json) as guard:
        ready = _ready(desk, scenario, variant, sets)
        whatif_commands.budget_rule(ready, rule)
        desk.findings(ready.findings)
        folder = whatif_commands.family_folder(ready, out, "frontier")
        stop = commands.Stop()
        with _Progress(desk) as report, guard.stopping(stop):
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
            _without_plan(desk, found.without_budget, stop, as_json=as_json)
        _tell_stopped(desk, stop)
        known = [p for p in found.data["points"] if p["value"] is not None]
        if known:
            folder = whatif_commands.write_frontier(found.data, folder, desk.language)
        _show_family(desk, "frontier", found.data, folder if known else None, as_json=as_json)
        if not known:
            infeasible = all(p["status"] == "infeasible" for p in found.data["points"])
            if infeasible:
                least = f"{found.data['least']['amount']:,.2f} {one_line(found.data['currency'])}"
                desk.err.print(say("whatif", "no_budget_helps", desk.language, least=least), markup=False)
            raise _Ended(INFEASIBLE if infeasible else NO_PLAN)


@cli.command()
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
    desk = Desk(lang, quiet=quiet)
    with _Guard(desk, as_json=as_json) as guard:
        desk.speak(commands.language_of_run(run))
        desk.tell("stage_reading", name=one_line(run.name))
        reopened = whatif_commands.reopen(run, site)
        desk.findings((*reopened.stored.findings, *reopened.ready.findings))
        if out is not None:
            whatif_commands.check_folder(out)
        stop = commands.Stop()
        with _Progress(desk) as report, guard.stopping(stop):
            ask = whatif_commands.price_rules if rules else whatif_commands.explain
            data = ask(reopened, time_limit_s=time_limit, report=report, stop=stop)
        _tell_stopped(desk, stop)
        write = whatif_commands.write_prices if rules else whatif_commands.write_explained
        where = None if out is None else write(data, out, desk.language)
        _show_family(desk, "prices" if rules else "explain", data, where, as_json=as_json)


@cli.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the hand-over [default: RUN/dossier].")
@click.option("--crs", metavar="EPSG:N", help="CRS of the hand-over, e.g. EPSG:4525 [default: by position].")
@click.option("--producer", help="Unit that hands over, e.g. 洪江市商务局.")
@click.option("--encoding", type=click.Choice(["utf-8", "gbk"]), default="utf-8", help="Encoding of the TXT.")
@QUIET
@LANGUAGE
def export(
    run: Path,
    out: Path | None,
    crs: str | None,
    producer: str | None,
    encoding: Encoding,
    quiet: bool,
    lang: str | None,
) -> None:
    """Write the hand-over for land review: workbook, site polygons, boundary coordinates.

    \b
    Example:  siteopt export runs/town --crs EPSG:4525
    """
    desk = Desk(lang, quiet=quiet)
    with _Guard(desk):
        desk.speak(commands.language_of_run(run))
        paths, findings = commands.export(run, out, crs=crs, producer=producer, encoding=encoding, language=lang)
        desk.findings(findings, also_notes=True)
        for path in paths:
            desk.out.print(str(path), markup=False, soft_wrap=True)


@cli.command()
@click.option("--out", type=click.Path(path_type=Path), help="Write to a file instead of the screen.")
def schema(out: Path | None) -> None:
    """Print the scenario format as JSON Schema, so that an editor completes and checks it.

    \b
    Example:  siteopt schema --out siteopt.schema.json
    """
    desk = Desk(None)
    with _Guard(desk):
        if out is None:
            desk.json(commands.schema())
        else:
            commands.write_text(out, json_screen(commands.schema()) + "\n")


@cli.command()
@click.argument("name", required=False)
@click.option("--packs", is_flag=True, help="The policy packs and what each turns on, or one with every rule.")
@JSON
@LANGUAGE
def catalogue(name: str | None, packs: bool, as_json: bool, lang: str | None) -> None:
    """List the outlet types that siteopt knows, or show one with its figures and their sources.

    \b
    Example:  siteopt catalogue vegetable_market --lang zh
              siteopt catalogue --packs hongjiang-2024
    """
    from siteopt import catalogue_views as views

    desk = Desk(lang)
    with _Guard(desk, as_json=as_json):
        if packs:
            found = views.asked_packs(name)
            shown = views.packs_json(found) if as_json else views.packs_view(found, desk.language, in_full=bool(name))
        else:
            types = views.asked_types(name)
            shown = views.types_json(types) if as_json else views.types_view(types, desk.language)
        if as_json:
            desk.json(shown)
        else:
            desk.out.print(shown)


def _sweep(
    desk: Desk,
    scenario: Path,
    variants: tuple[str, ...],
    sets: tuple[str, ...],
    out: Path | None,
    spread: Spread,
    *,
    as_json: bool,
) -> None:
    """Solve several variants, each into its own run folder; the worst exit code of them all."""
    from siteopt.sweep import sweep

    codes, summaries = {"input": INPUT, "infeasible": INFEASIBLE, "no_plan": NO_PLAN}, []
    worst = OK
    for one in sweep(scenario, variants, out=out, sets=sets, spread=spread):
        worst = max(worst, codes.get(one.status, OK))
        desk.findings(one.findings)
        summaries.append({"variant": one.variant, "status": one.status} | one.summary)
        if not as_json:
            words = t(f"status_{one.status}", desk.language)
            reached = one.summary["objective"]["value"] if one.summary else None
            value = "—" if reached is None else _number(reached)
            report = "—" if one.folder is None else str(one.folder / "report.html")
            line = t("swept", desk.language, name=one_line(one.variant), status=words, value=value, report=report)
            desk.out.print(line, markup=False, soft_wrap=True)
    if as_json:
        desk.json(summaries)
    if worst != OK:
        raise _Ended(worst)


def _ready(
    desk: Desk, scenario: Path, variant: str | None, sets: Iterable[str], spread: Spread | None = None
) -> Ready:
    """Read a scenario; speak its language from then on."""
    desk.speak(commands.language_of(scenario))
    desk.tell("stage_reading", name=one_line(scenario.name))
    more = {} if spread is None else {"spread": spread}
    ready = commands.check(scenario, variant=variant, sets=tuple(sets), **more)
    desk.speak(ready.loaded.spec.report.language)
    return ready


def _show(desk: Desk, summary: dict[str, Any], *, as_json: bool, view: Any) -> None:
    if as_json:
        desk.json(summary)
    else:
        desk.out.print(view(summary, desk.language))


def _without_plan(desk: Desk, run: Run, stop: Stop, *, as_json: bool) -> NoReturn:
    """There is no plan to start from: say why, as ``solve`` does, and write nothing."""
    if run.proof.status == "infeasible":
        _show(desk, commands.summarise(run), as_json=as_json, view=summary_view)
        raise _Ended(INFEASIBLE)
    desk.err.print(t("stopped_early" if stop else "no_plan", desk.language), markup=False)
    if as_json:
        desk.json({"status": "no_plan"})
    raise _Ended(NO_PLAN)


def _tell_stopped(desk: Desk, stop: Stop) -> None:
    if stop:
        desk.err.print(say("whatif", "stopped_interrupt", desk.language), markup=False)


def _show_family(desk: Desk, word: str, data: dict[str, Any], folder: Path | None, *, as_json: bool) -> None:
    """The tables of several plans, and where the page about them is."""
    if as_json:
        desk.json(data)
        return
    desk.out.print(whatif_commands.view(word, data, desk.language))
    if folder is not None:
        desk.out.print(t("written", desk.language, report=folder / f"{word}.html"), markup=False, soft_wrap=True)


class _Progress:
    """A live line on a terminal; on a pipe, a line every ten seconds."""

    EVERY_S = 10.0

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._last = 0.0
        self._live = desk.err.status("") if desk.err.is_terminal and not desk.quiet else None

    def __enter__(self) -> _Progress:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, p: Progress) -> None:
        if self._desk.quiet:
            return
        words = t(
            "stage_solving",
            self._desk.language,
            goal=p.goal,
            step=t(f"step_{p.step}", self._desk.language) if p.step else "",
            best=_number(p.incumbent),
            bound=_number(p.bound),
            gap="—" if p.gap != p.gap else f"{p.gap:.3%}",
            seconds=p.seconds,
        )
        if self._live:
            self._live.update(words)
        elif p.seconds - self._last >= self.EVERY_S:
            self._last = p.seconds
            self._desk.err.print(words, markup=False)


def _number(value: float) -> str:
    return "—" if value != value else f"{value:,.0f}"


class _Ended(Exception):
    """A command ends with an exit code that is not an error."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Guard:
    """Turns whatever happens inside a command into its exit code; a traceback never reaches the screen."""

    def __init__(self, desk: Desk, *, as_json: bool = False) -> None:
        self._desk = desk
        self._as_json = as_json
        self._interrupted = False
        self._stop: Stop | None = None
        self._ears: Any = None

    def __enter__(self) -> _Guard:
        if threading.current_thread() is threading.main_thread():
            self._ears = signal.signal(signal.SIGINT, self._interrupt)
        return self

    @contextmanager
    def stopping(self, stop: Stop) -> Iterator[None]:
        """While seeking, the first Ctrl-C asks for the best plan so far; the second one ends the command."""
        self._stop = stop
        yield
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
        if isinstance(error, _Ended):
            _leave(error.code)
        refused = type(error).__name__ == "RefusedPlan"
        # Libraries make errors of their own of a Ctrl-C that reaches them.
        if isinstance(error, KeyboardInterrupt) or (self._interrupted and not refused):
            self._desk.err.print(t("stopped", self._desk.language), markup=False)
            _leave(NO_PLAN)
        if isinstance(error, InputError):
            self._input(error)
        if refused:
            self._desk.err.print(t("refused", self._desk.language, reason=error), markup=False)
        self._bug(error)

    def _input(self, error: InputError) -> NoReturn:
        found = error.findings
        if self._as_json:
            self._desk.json(commands.findings_json(found, self._desk.language))
        self._desk.findings(found)
        count = {s: sum(f.severity == s for f in found) for s in ("error", "warning")}
        words = t("faults", self._desk.language, errors=count["error"], warnings=count["warning"])
        self._desk.err.print(words, markup=False)
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
        self._desk.err.print(t("bug", self._desk.language, log=where), markup=False, soft_wrap=True)
        _leave(BUG)


def _leave(code: int) -> NoReturn:
    raise click.exceptions.Exit(code)


def main() -> None:
    """The console script."""
    cli(prog_name="siteopt")


if __name__ == "__main__":
    main()
