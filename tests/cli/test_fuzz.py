"""Scenario and tables changed at random: whatever comes, the command ends calmly with a code that means something."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from siteopt.cli import INFEASIBLE, INPUT, OK
from tests.cli.town import Town, assert_calm, make_town

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, float("nan"), float("inf"), 10**40, "", " ", "é", "=1+1", "../x", "cells.gpkg",
    "NaN", "1e999", "[bold]", [], {}, [[]], {"a": {}}, ["x"], "people", "EPSG:4326", 0.5, "2024-01-01", "x" * 3000,
    {"column": "people"}, {"default": 3}, {"column": 7, "scale": -1}, "market", ["market"], -0.0, "‮", 3,
)  # fmt: skip
CELLS = (
    "",
    "NaN",
    "-5",
    "1e400",
    "０１",
    "1,5",
    "'",
    '"',
    "x" * 5000,
    "=1",
    "\t",
    "999999999",
    "east",
    "POINT (1 2)",
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a tree below the top."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [hit for key, child in below for hit in [(*path, key), *places(child, (*path, key))]]


def change_value(town: Town, r: Random) -> None:
    """Set, drop, rename or move one value of the scenario."""
    *steps, last = r.choice(places(town.spec))
    at: Any = town.spec
    for step in steps:
        at = at[step]
    how = r.randrange(4)
    if how == 0 and isinstance(at, dict):
        at[str(last)[:-1] + r.choice("xé_. ")] = at.pop(last)
    elif how == 1:
        del at[last]
    else:
        at[last] = r.choice(VALUES)


PIECES = (
    "\t", "- ", ": ", "{", "]", "&a ", "*a", "!!python/object:os.system ", "\0", "'", "\n", "#", "%", "<<: ", "? ",
    "\ud7ff", "---\n", "",
)  # fmt: skip


def change_yaml_text(town: Town, r: Random) -> None:
    """Break the scenario's letters."""
    text = yaml.safe_dump(town.spec, allow_unicode=True, sort_keys=False)
    for _ in range(r.randint(1, 3)):
        at = r.randrange(len(text))
        text = text[:at] + r.choice(PIECES) + text[at + r.randint(0, 3) :]
    town.scenario.write_text(text, encoding="utf-8")


def change_cell(town: Town, r: Random) -> None:
    """Put something odd into one cell of a table, or into its header."""
    path = town.folder / r.choice(["spaces.csv", "outlets.csv"])
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    row = r.choice(rows)
    row[r.randrange(len(row))] = r.choice(CELLS)
    path.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")


def change_bytes(town: Town, r: Random) -> None:
    """Flip, cut, repeat or insert bytes of any file."""
    path = town.folder / r.choice(["spaces.csv", "spaces.csv", "outlets.csv", "cells.gpkg", "streets.gpkg"])
    data = bytearray(path.read_bytes())
    for _ in range(r.randint(1, 6)):
        at = r.randrange(len(data)) if data else 0
        how = r.randrange(4)
        if how == 0 and data:
            data[at] = r.randrange(256)
        elif how == 1:
            data = data[:at]
        elif how == 2:
            data[at:at] = data[at : at + r.randint(1, 90)]
        else:
            data[at:at] = bytes(r.randrange(256) for _ in range(r.randint(1, 4)))
    path.write_bytes(bytes(data))


CHANGES: tuple[Callable[[Town, Random], None], ...] = (change_value, change_yaml_text, change_cell, change_bytes)
CASES = 160
SOLVED = 8


def mutated(folder: Path, seed: int) -> Town:
    """The town with one to three random changes of one kind."""
    r, town = Random(seed), make_town(folder)
    change = CHANGES[seed % len(CHANGES)]
    for _ in range(1 if change is change_yaml_text else r.randint(1, 3)):
        change(town, r)
    return town


@pytest.mark.parametrize("seed", range(CASES))
def test_any_change_of_the_input_ends_calmly(tmp_path: Path, seed: int) -> None:
    """Most read and assess; some solve and write as well."""
    town = mutated(tmp_path, seed)
    town.save()
    before = set(town.files())
    if seed % (CASES // SOLVED) == 0:
        result = town.run("solve", "--time-limit", "5", "--quiet")
        allowed = {OK, INPUT, INFEASIBLE}
    else:
        result = town.run("assess", "--json", "--quiet")
        allowed = {OK, INPUT}
        json.loads(result.stdout)
    assert_calm(result)
    assert result.exit_code in allowed, result.output
    if result.exit_code == INPUT:
        assert set(town.files()) == before
        assert len(result.stderr.splitlines()) >= 2, "a refusal says why"
