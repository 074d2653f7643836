"""The schema is checked with a small reader of the keywords it uses; nothing it does not use is supported."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from siteopt.model.constraint import registry as rules
from siteopt.model.objective import registry as goals
from siteopt.scenario.jsonschema import DIALECT, json_schema

KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
READ = {
    "type", "const", "enum", "properties", "required", "additionalProperties", "items", "oneOf", "anyOf", "allOf",
    "not", "if", "then", "$ref", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern",
    "minLength", "maxLength", "minItems", "minProperties", "propertyNames", "uniqueItems", "maxItems",
}  # fmt: skip
REMARKS = {"$schema", "$defs", "title", "description", "default", "unit"}


def is_kind(value: Any, kind: str | list[str]) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(value, KINDS[k]) and (k == "boolean" or not isinstance(value, bool)) for k in kinds)


def holds(value: Any, schema: Any, top: dict[str, Any]) -> bool:
    if isinstance(schema, bool):
        return schema
    assert set(schema) <= READ | REMARKS, set(schema) - READ - REMARKS
    checks: list[bool] = []
    for word, said in schema.items():
        if word == "$ref":
            checks.append(holds(value, top["$defs"][said.removeprefix("#/$defs/")], top))
        elif word == "type":
            checks.append(is_kind(value, said))
        elif word == "const":
            checks.append(value == said)
        elif word == "enum":
            checks.append(value in said)
        elif word in ("anyOf", "oneOf", "allOf"):
            hits = sum(holds(value, part, top) for part in said)
            checks.append({"anyOf": hits > 0, "oneOf": hits == 1, "allOf": hits == len(said)}[word])
        elif word == "not":
            checks.append(not holds(value, said, top))
        elif word == "if":
            checks.append(not holds(value, said, top) or holds(value, schema["then"], top))
        elif isinstance(value, dict) and word == "required":
            checks.append(all(key in value for key in said))
        elif isinstance(value, dict) and word == "properties":
            checks += [holds(value[key], part, top) for key, part in said.items() if key in value]
        elif isinstance(value, dict) and word == "additionalProperties":
            rest = [key for key in value if key not in schema.get("properties", {})]
            checks += [holds(value[key], said, top) for key in rest]
        elif isinstance(value, dict) and word == "propertyNames":
            checks += [holds(key, said, top) for key in value]
        elif isinstance(value, dict) and word == "minProperties":
            checks.append(len(value) >= said)
        elif isinstance(value, list) and word == "items":
            checks += [holds(item, said, top) for item in value]
        elif isinstance(value, list) and word == "minItems":
            checks.append(len(value) >= said)
        elif isinstance(value, str) and word in ("pattern", "maxLength"):
            checks.append(bool(re.search(said, value)) if word == "pattern" else len(value) <= said)
        elif is_kind(value, "number") and word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            verdict = {
                "minimum": value >= said,
                "maximum": value <= said,
                "exclusiveMinimum": value > said,
                "exclusiveMaximum": value < said,
            }
            checks.append(verdict[word])
    return all(checks)


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    for child in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from parts(child)


@pytest.fixture
def schema(models) -> dict[str, Any]:
    return json_schema(*models)


@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    constraints = {name: rule.parameters for name, rule in rules().items()}
    return json_schema(constraints, {name: goal.parameters for name, goal in goals().items()})


def as_values(text: str) -> Any:
    return yaml.safe_load(text.replace("off:", "'off':"))


def test_the_schema_is_plain_json_of_the_newest_draft(schema) -> None:
    assert schema["$schema"] == DIALECT and json.loads(json.dumps(schema)) == schema


def test_every_reference_leads_somewhere(real) -> None:
    targets = {part["$ref"] for part in parts(real) if "$ref" in part}
    assert targets and targets <= {f"#/$defs/{name}" for name in real["$defs"]}
    assert {"#/$defs/rule.budget", "#/$defs/objective.coverage", "#/$defs/rule-changed"} <= targets


def test_every_field_says_what_it_is(real) -> None:
    fields = [
        (name, field)
        for part in parts(real)
        for name, field in (part.get("properties") or {}).items()
        if isinstance(part.get("properties"), dict) and part.get("type") == "object"
    ]
    assert len(fields) > 100
    assert [name for name, field in fields if "description" not in field and "const" not in field] == []


def test_fields_have_their_units_and_defaults(schema) -> None:
    defs = schema["$defs"]
    assert defs["TypeSpec"]["properties"]["limit_min"]["unit"] == "min"
    assert defs["TypeSpec"]["properties"]["area_m2"]["unit"] == "m²"
    assert defs["Cost"]["properties"]["per_m2"]["unit"] == "/m²"
    assert defs["rule.spacing"]["properties"]["least_m"]["unit"] == "m"
    assert (
        defs["Travel"]["properties"]["speed_kmh"] | {"unit": "km/h", "default": 4.0}
        == (defs["Travel"]["properties"]["speed_kmh"])
    )


def test_a_good_scenario_holds_and_so_does_its_resolved_form(schema, town, good_text: str) -> None:
    assert holds(as_values(good_text), schema, schema)
    assert holds(town.good(good_text).resolved, schema, schema)


def test_a_part_that_builds_on_another_holds_without_the_rest(schema) -> None:
    part = {"extends": "base.yaml", "constraints": [{"name": "budget", "off": True}, {"rule": "budget", "amount": 3}]}
    assert holds(part, schema, schema)
    assert holds({"extends": ["a.yaml", "b.yaml"], "variants": {"x": {"solver": {}}, "y": None}}, schema, schema)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: 黔城 2026", "nam: x"),
        ("siteopt: 1", "siteopt: 2"),
        ("name: 黔城 2026", "name: a/b"),
        ("scale: 100", "scale: -1"),
        ("scale: 100", "scal: 1"),
        ("cost: 5000", "cost: much"),
        ("cost: 5000", "category: basc"),
        ("rule: budget, amount: 300000", "rule: budgt, amount: 3"),
        ("rule: budget, amount: 300000", "rule: budget, amont: 3"),
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(schema, changed, old: str, new: str) -> None:
    text = changed(old, new).split("variants:")[0]
    assert not holds(as_values(text), schema, schema)


def test_a_scenario_that_stands_alone_must_give_each_rule_what_it_needs(schema, changed) -> None:
    alone = changed("least_m: 300, ", "").split("variants:")[0]
    assert not holds(as_values(alone), schema, schema)
    off = alone.replace("type: stall}", "type: stall, off: true}")
    assert holds(as_values(off), schema, schema)


def test_the_examples_hold(real, root: Path) -> None:
    examples = sorted((root / "scenarios").glob("*/scenario.yaml"))
    assert examples
    for path in examples:
        assert holds(as_values(path.read_text(encoding="utf-8")), real, real), path
