"""``python -m benchmarks [NAME ...] [--repeats N] [--tiny] [--table]``: measure, keep the JSON, write the page."""

from __future__ import annotations

import fnmatch
import json
import sys
from pathlib import Path
from typing import Any

import click

from benchmarks.instances import INSTANCES, PAGE, RESULTS, ROWS
from benchmarks.measure import RunFailed, measure, measure_row
from benchmarks.table import page, results

REPEATS = 3


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--repeats", type=click.IntRange(1), help="Runs of each [default: 3; 1 of those of 300 s].")
@click.option("--tiny", is_flag=True, help="The size of the tests: shows that it runs, says nothing of speed.")
@click.option("--list", "listed", is_flag=True, help="Measure nothing: print the names.")
@click.option("--table", is_flag=True, help="Measure nothing: write the page from the JSON that is there.")
@click.option(
    "--results",
    "kept",
    type=click.Path(path_type=Path),
    default=RESULTS,
    help="Folder of the JSON [default: kept in git].",
)
@click.option(
    "--page", "out", type=click.Path(path_type=Path), default=PAGE, help="The page [default: docs/benchmarks.md]."
)
def main(
    names: tuple[str, ...], repeats: int | None, tiny: bool, listed: bool, table: bool, kept: Path, out: Path
) -> None:
    """Measure whole runs and rows of figures: all of them, or those whose names match (``city-*``)."""
    chosen = _chosen(names)
    if listed:
        click.echo("\n".join(chosen))
        return
    failed = False
    for name in () if table else chosen:
        try:
            result = _measured(name, repeats, tiny)
        except RunFailed as problem:
            click.echo(f"{name}: {problem}", err=True)
            failed = True
            continue
        _write(kept / f"{name}.json", _json(result))
    _write(out, page(results(kept)))
    sys.exit(1 if failed else 0)


def _chosen(names: tuple[str, ...]) -> list[str]:
    every = [*INSTANCES, *ROWS]
    for name in names:
        if not fnmatch.filter(every, name):
            raise click.BadParameter(f"{name!r} is none of: {', '.join(every)}")
    return [known for known in every if not names or any(fnmatch.fnmatchcase(known, name) for name in names)]


def _measured(name: str, repeats: int | None, tiny: bool) -> dict[str, Any]:
    def tell(line: str) -> None:
        click.echo(line, err=True)

    if name in INSTANCES:
        return measure(name, INSTANCES[name], repeats or REPEATS, tell)
    row = ROWS[name]
    return measure_row(name, row, repeats or row.repeats or REPEATS, tell, tiny=tiny)


def _json(result: dict[str, Any]) -> str:
    return json.dumps(result, ensure_ascii=False, indent=1) + "\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    click.echo(str(path), err=True)


if __name__ == "__main__":
    main()
