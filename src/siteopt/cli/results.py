"""Commands on run folders: runs held against each other, the hand-over for land review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from siteopt.cli.arguments import JSON, LANGUAGE, QUIET
from siteopt.cli.desk import Desk
from siteopt.cli.guard import Guard
from siteopt.cli.lazily import commands, console

if TYPE_CHECKING:
    from siteopt.report.dossier.template import Encoding


@click.command()
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
    desk = Desk(lang, quiet=quiet, as_json=as_json)
    with Guard(desk):
        comparison, findings = commands.compare(runs)
        desk.speak(commands.comparison_language(comparison))
        desk.findings(findings)
        desk.give(
            comparison.as_dict,
            lambda: console.tables_view(commands.comparison_tables(comparison, desk.language)),
        )
        if out is not None:
            commands.write_comparison(comparison, out, desk.language)
            desk.tell("wrote", whole=True, path=out)


@click.command()
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
    with Guard(desk):
        desk.speak(commands.language_of_run(run))
        paths, findings = commands.export(run, out, crs=crs, producer=producer, encoding=encoding, language=lang)
        desk.findings(findings, also_notes=True)
        for path in paths:
            desk.out.print(str(path), markup=False, soft_wrap=True)
