"""The walls of the house, read from the imports of every file (docs/adr, design of the house)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[1] / "src" / "siteopt"

NOUNS = {"units", "findings", "world", "problem", "program", "plan", "money", "transport"}
STAGES = {"scenario", "layers", "access", "model", "solve", "report", "runs", "catalogue"}
TOOL = "compiled"
"""Compiles loops, knows nothing of the house: any stage may use it."""
OPEN_DOORS = {
    ("layers", "scenario.schema"),  # spec classes, as types
    ("access", "scenario.schema"),
    ("catalogue", "scenario.schema"),
    ("runs", "report"),  # a run folder holds a report
}
"""(room, what of another room it may use): everything else between two stages is a wall."""

ABOVE = {"textbook", "screen", "cli"}
"""Rooms above the stages: other questions that the same engines answer, the screen and its commands."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def files() -> list[Path]:
    return sorted(SRC.rglob("*.py"))


def name_of(path: Path) -> str:
    """src/siteopt/solve/highs.py is "solve.highs"; a package is its folder's name, the root is ""."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(p): p for p in files()}


def imports_of(path: Path, *, types_too: bool = True) -> Iterator[str]:
    """The siteopt modules that a file imports anywhere in it, lazily (and for types only) alike."""
    left_out: set[ast.AST] = set()
    if not types_too:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                left_out.update(child for part in node.body for child in ast.walk(part))
    for node in ast.walk(tree(path)):
        if node in left_out:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "siteopt":
                    yield alias.name.removeprefix("siteopt").removeprefix(".")
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute, so that walls can be read"
            if node.module and node.module.split(".")[0] == "siteopt":
                base = node.module.removeprefix("siteopt").removeprefix(".")
                for alias in node.names:
                    inner = f"{base}.{alias.name}".lstrip(".")
                    yield inner if inner in MODULES else base


@cache
def graph(*, types_too: bool = True) -> dict[str, set[str]]:
    """Module -> modules; the package's own face (its version) belongs to no room."""
    return {name: {m for m in imports_of(path, types_too=types_too) if m} - {name} for name, path in MODULES.items()}


def room(module: str) -> str:
    return module.split(".")[0]


def crossings(names: set[str], allowed: set[str]) -> list[str]:
    """Imports of the named rooms that leave what is allowed."""
    return [
        f"{m} -> {used}"
        for m, uses in graph().items()
        if room(m) in names
        for used in sorted(uses)
        if room(used) not in allowed
    ]


def test_every_room_is_known_to_this_test() -> None:
    packages = {p.parent.name for p in SRC.glob("*/__init__.py")}
    assert packages == STAGES | ABOVE | {"text"}


def test_nouns_import_only_nouns() -> None:
    assert crossings(NOUNS, NOUNS) == []
    assert graph()["units"] == set() and graph()["findings"] == set() and graph()["program"] == {"units"}


def test_text_imports_nothing_of_the_house() -> None:
    assert crossings({"text"}, {"text"}) == []


def test_engines_know_only_programs_and_what_a_diagnosis_says() -> None:
    assert crossings({"solve"}, {"solve", "units", "problem", "program", "plan", TOOL}) == []


@pytest.mark.parametrize("name", ["report", "runs"])
def test_what_reports_and_stores_runs_never_sees_the_model_or_the_solver(name: str) -> None:
    used = {room(u) for m, uses in graph().items() if room(m) == name for u in uses}
    assert not used & {"model", "solve"}


def test_the_audit_never_sees_the_program_the_reduction_or_the_solver() -> None:
    assert graph()["verify"] <= {"money", "plan", "problem", "transport", "units", "world"}
    taken = {
        alias.name
        for node in ast.walk(tree(MODULES["verify"]))
        if isinstance(node, ast.ImportFrom) and node.module == "siteopt.problem"
        for alias in node.names
    }
    assert taken == {"TravelTimes", "capacitated", "own_services"}


def test_a_stage_imports_nouns_text_and_its_own_room() -> None:
    wrong = []
    for stage in STAGES:
        for crossing in crossings({stage}, NOUNS | {"text", stage, TOOL}):
            used = crossing.split(" -> ")[1]
            if (stage, used) not in OPEN_DOORS and (stage, room(used)) not in OPEN_DOORS:
                wrong.append(crossing)
    assert wrong == []


def test_the_textbook_uses_nouns_texts_and_engines_and_nothing_uses_the_textbook() -> None:
    assert crossings({"textbook"}, NOUNS | {"text", "textbook", "solve", "compiled"}) == []
    users = {m for m, uses in graph(types_too=False).items() if any(room(u) == "textbook" for u in uses)}
    assert {room(m) for m in users} <= {"textbook"}


def test_nothing_imports_the_command_line() -> None:
    users = {room(m) for m, uses in graph().items() if "cli" in {room(u) for u in uses}}
    assert users <= {"cli"}


def test_screens_are_made_of_plain_values_and_only_the_command_line_shows_them() -> None:
    assert crossings({"screen"}, {"screen", "findings", "report", "catalogue", "text"}) == []
    assert {room(m) for m, uses in graph().items() if "screen" in {room(u) for u in uses}} <= {"screen", "cli"}


def test_no_circles() -> None:
    uses = graph(types_too=False)
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path[path.index(module) :], module))
        if module not in done:
            for used in sorted(uses[module]):
                visit(used, (*path, module))
            done.add(module)

    for module in uses:
        if module:
            visit(module, ())


def test_only_the_command_line_prints() -> None:
    wrong = []
    for name, path in MODULES.items():
        for node in ast.walk(tree(path)):
            if room(name) == "cli" or not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called == "print" or called.endswith((".echo", ".secho", ".print", "stdout.write", "stderr.write")):
                wrong.append(f"{name}:{node.lineno} {called}")
    assert wrong == []


def test_only_the_command_line_sets_an_exit_code() -> None:
    wrong = []
    for name, path in MODULES.items():
        for node in ast.walk(tree(path)):
            if room(name) != "cli" and isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in ("exit", "quit", "sys.exit", "os._exit", "SystemExit"):
                    wrong.append(f"{name}:{node.lineno} {called}")
    assert wrong == []
