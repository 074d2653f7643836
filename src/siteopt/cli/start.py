"""Commands for the beginning: a folder to start from, the scenario format, the outlet types and policy packs."""

from __future__ import annotations

from pathlib import Path

import click

from siteopt.cli.arguments import JSON, LANGUAGE
from siteopt.cli.desk import Desk
from siteopt.cli.guard import Guard
from siteopt.cli.lazily import catalogue as views
from siteopt.cli.lazily import catalogue_commands as asked
from siteopt.cli.lazily import commands, console


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@LANGUAGE
def init(folder: Path, lang: str | None) -> None:
    """Make a folder with a small scenario to start from.

    \b
    Example:  siteopt init my-town
    """
    desk = Desk(lang)
    with Guard(desk):
        scenario = commands.init(folder)
        desk.answer("made", path=folder, scenario=scenario)


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Write to a file instead of the screen.")
def schema(out: Path | None) -> None:
    """Print the scenario format as JSON Schema, so that an editor completes and checks it.

    \b
    Example:  siteopt schema --out siteopt.schema.json
    """
    desk = Desk(None)
    with Guard(desk):
        if out is None:
            desk.json(commands.schema())
        else:
            commands.write_text(out, console.json_screen(commands.schema()) + "\n")


@click.command()
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
    desk = Desk(lang, as_json=as_json)
    with Guard(desk):
        if packs:
            found = asked.asked_packs(name)
            desk.give(
                lambda: asked.packs_json(found), lambda: views.packs_view(found, desk.language, in_full=bool(name))
            )
        else:
            types = asked.asked_types(name)
            desk.give(lambda: asked.types_json(types), lambda: views.types_view(types, desk.language))
