"""``python -m benchmarks [NAME ...] [--repeats N] [--table]``: measure, keep the JSON, write the page."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from benchmarks.instances import INSTANCES, PAGE, RESULTS
from benchmarks.measure import RunFailed, measure
from benchmarks.table import page, results


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice(list(INSTANCES)), metavar="[NAME]...")
@click.option("--repeats", type=click.IntRange(1), default=3, show_default=True, help="Runs of each instance.")
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
def main(names: tuple[str, ...], repeats: int, table: bool, kept: Path, out: Path) -> None:
    """Measure whole runs: wall seconds and peak memory, stage by stage (all instances unless some are named)."""
    failed = False
    for name in () if table else names or tuple(INSTANCES):
        try:
            result = measure(name, INSTANCES[name], repeats, lambda line: click.echo(line, err=True))
        except RunFailed as problem:
            click.echo(f"{name}: {problem}", err=True)
            failed = True
            continue
        _write(kept / f"{name}.json", _json(result))
    _write(out, page(results(kept)))
    sys.exit(1 if failed else 0)


def _json(result: dict[str, Any]) -> str:
    return json.dumps(result, ensure_ascii=False, indent=1) + "\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    click.echo(str(path), err=True)


if __name__ == "__main__":
    main()
