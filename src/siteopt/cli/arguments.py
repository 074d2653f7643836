"""What several commands take, and the reading of a share, of amounts and of a time.

A value that makes no sense is wrong usage.
"""

from __future__ import annotations

from pathlib import Path

import click


def share(_context: click.Context, _parameter: click.Parameter, value: str) -> float:
    """A share below 1, written 0.01 or 1%."""
    text = value.strip().replace("％", "%")
    try:
        found = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        found = -1.0
    if not 0 <= found < 1:
        raise click.BadParameter(f"{value!r} is no share; give e.g. 1% or 0.01, at least 0 and below 100%")
    return found


def amounts(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[float, ...] | None:
    """Amounts of money with commas between them."""
    if value is None:
        return None
    try:
        found = tuple(float(part) for part in value.replace("，", ",").split(",") if part.strip())
    except ValueError:
        found = ()
    if not found or not all(0 <= amount <= 1e15 for amount in found):
        raise click.BadParameter(f"{value!r}: give amounts of 0 or more with commas between, e.g. 1000000,1500000")
    return found


def seconds(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    """A time above 0."""
    if value is None:
        return None
    try:
        found = float(value)
    except ValueError:
        found = -1.0
    if not 0 < found <= 1e8:
        raise click.BadParameter(f"{value!r}: give seconds above 0")
    return found


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
    help="Read a streamed layer, or solve several scenarios, on a Dask cluster: tcp://host:8786, or local.",
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
