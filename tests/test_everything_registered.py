"""Every rule, objective and sentence is complete, in both languages, and none is left over."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml

from siteopt.model import constraint, objective
from siteopt.text import LANGUAGES, finding_entries, topic
from tests.random_worlds import RECIPES_HERE, more_recipes, random_case

TESTS = Path(__file__).resolve().parent
SRC = TESTS.parent / "src" / "siteopt"
TOPICS = sorted(f.name.removesuffix(".yaml") for f in files("siteopt.text").iterdir() if f.name.endswith(".yaml"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def parts(folder: str) -> list[str]:
    return sorted(p.stem for p in (SRC / "model" / folder).glob("*.py") if p.stem != "__init__")


# --- rules and objectives ---
def test_every_constraint_file_registers_the_rule_of_its_name() -> None:
    assert sorted(constraint.registry()) == parts("constraints")


def test_every_objective_file_registers_the_objective_of_its_name() -> None:
    assert sorted(objective.registry()) == parts("objectives")


@pytest.mark.parametrize(
    "thing", [*constraint.registry().values(), *objective.registry().values()], ids=lambda t: t.name
)
def test_every_rule_and_objective_says_what_it_is_in_both_languages(thing: Any) -> None:
    for said in (thing.title, thing.sentence):
        assert set(said) == set(LANGUAGES) and all(said.values())
        assert CHINESE.search(said["zh"]) and not CHINESE.search(said["en"])
    assert thing.formula.strip() and (thing.__doc__ or "").strip()
    assert thing.allows <= {"merge_cells"}


@pytest.mark.parametrize(
    "thing", [*constraint.registry().values(), *objective.registry().values()], ids=lambda t: t.name
)
def test_every_parameter_is_described_and_strict(thing: Any) -> None:
    assert thing.parameters.model_config["extra"] == "forbid" and thing.parameters.model_config["frozen"]
    for name, field in thing.parameters.model_fields.items():
        told = field.description or next((getattr(m, "description", None) for m in field.metadata), None)
        assert told, f"{thing.name}.{name} has no description"


@pytest.mark.parametrize("name", parts("constraints"))
def test_every_rule_has_its_own_tests(name: str) -> None:
    assert (TESTS / "constraints" / f"test_{name}.py").is_file()


# --- sentences ---
class _Strict(yaml.SafeLoader):
    """Refuses a key that is given twice: YAML would take the last one in silence."""


def _once(loader: _Strict, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(k) for k, _ in node.value]  # type: ignore[no-untyped-call]
    twice = {k for k in keys if keys.count(k) > 1}
    assert not twice, f"given twice: {twice}"
    return {k: loader.construct_object(v, deep=True) for k, (_, v) in zip(keys, node.value, strict=True)}  # type: ignore[no-untyped-call]


_Strict.add_constructor("tag:yaml.org,2002:map", _once)


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("name", TOPICS)
def test_every_entry_has_both_languages_with_the_same_fields(name: str) -> None:
    raw = files("siteopt.text").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    assert yaml.load(raw, Loader=_Strict) == topic(name)
    for key, entry in topic(name).items():
        assert isinstance(key, str) and set(entry) == set(LANGUAGES), (name, key)
        assert all(isinstance(entry[language], str) for language in LANGUAGES), (name, key)
        assert fields(entry["en"]) == fields(entry["zh"]), (name, key)
        assert "" not in fields(entry["en"]), (name, key, "fields are named")
        assert bool(entry["en"].strip()) == bool(entry["zh"].strip()), (name, key)


def test_a_finding_has_one_sentence_in_one_file() -> None:
    seen: dict[str, str] = {}
    for name in (t for t in TOPICS if t.startswith("findings")):
        for code in topic(name):
            assert code not in seen, f"{code} is in {seen.get(code)} and {name}"
            seen[code] = name
    assert set(seen) == set(finding_entries())


@pytest.mark.parametrize("code", sorted(finding_entries()))
def test_a_finding_reads_as_chinese_in_chinese(code: str) -> None:
    entry = finding_entries()[code]
    assert CHINESE.search(entry["zh"]) and not CHINESE.search(re.sub(r"[\"“`'].*?[\"”`']", "", entry["en"]))


# --- codes ---
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
SEVERITIES = {"error", "warning", "info"}


@cache
def source() -> list[tuple[str, ast.Module]]:
    return [(str(p.relative_to(SRC)), ast.parse(p.read_text(encoding="utf-8"))) for p in sorted(SRC.rglob("*.py"))]


def text_at(call: ast.Call, n: int) -> str | None:
    if len(call.args) > n and isinstance(call.args[n], ast.Constant) and isinstance(call.args[n].value, str):
        return call.args[n].value
    return None


def codes_used() -> dict[str, str]:
    """Code -> where, of every finding whose code is written out in the call that makes it."""
    used: dict[str, str] = {}
    for file, module in source():
        for node in ast.walk(module):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func).split(".")[-1]
            code = None
            if (called in SEVERITIES and "." in ast.unparse(node.func)) or (called == "tell" and "layers" in file):
                code = text_at(node, 0)
            elif called in ("add", "Finding", "Fault") and text_at(node, 0) in SEVERITIES:
                code = text_at(node, 1)
            elif called == "_error":
                code = text_at(node, 1) or text_at(node, 0)
            if code is not None and CODE.fullmatch(code):
                used[code] = f"{file}:{node.lineno}"
    return used


def test_every_finding_that_is_made_has_a_sentence() -> None:
    used = codes_used()
    assert len(used) > 100, "the search for codes finds too few: it no longer fits the code"
    assert {code: where for code, where in used.items() if code not in finding_entries()} == {}


def test_no_sentence_is_left_over() -> None:
    words, stems = set(), set()
    for _, module in source():
        for node in ast.walk(module):
            if isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant):
                stems.add(str(node.left.value))
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                stems.add(str(node.values[0].value))
    stems = {s for s in stems if CODE.fullmatch(s.rstrip("_")) and s.endswith("_")} | {
        s for s in stems if re.fullmatch(r"[a-z]+_", s)
    }
    left = [c for c in finding_entries() if c not in words and not any(c.startswith(s) for s in stems)]
    assert left == []


def test_every_rule_takes_part_in_the_random_combinations() -> None:
    world = random_case(0).world
    elsewhere = set(more_recipes(world))
    optional = {name for name, rule in constraint.registry().items() if not rule.always}
    assert RECIPES_HERE | elsewhere == optional, "a new rule needs a recipe in tests/recipes_*.py"
