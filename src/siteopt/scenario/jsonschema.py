"""The scenario format as JSON Schema (draft 2020-12), so that an editor completes and checks it while typing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from siteopt.scenario.annotations import unit_of
from siteopt.scenario.rules import Models
from siteopt.scenario.schema import ScenarioSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAME_PATTERN = r"^[^\s/\\:*?\"<>|.\-][^/\\:*?\"<>|]{0,79}$"
"""As the schema's own pattern, for readers whose ``\\w`` knows no Chinese letters."""

Json = dict[str, Any]


def json_schema(constraints: Models, objectives: Models) -> Json:
    """The JSON Schema of a scenario file.

    Parameters
    ----------
    constraints, objectives : mapping of str to model
        The parameters of each rule and objective, as for :func:`siteopt.scenario.load.load`.

    Returns
    -------
    dict
        Plain values. Every field has a description; a default and a unit where it has one.
    """
    models: list[type[BaseModel]] = [ScenarioSpec, *constraints.values(), *objectives.values()]
    refs, top = models_json_schema([(m, "validation") for m in dict.fromkeys(models)])
    defs: Json = top["$defs"]
    scenario = _body(ScenarioSpec, refs, defs)
    rules = {name: _body(model, refs, defs) for name, model in constraints.items()}
    goals = {name: _body(model, refs, defs) for name, model in objectives.items()}
    _add_units_and_sentences(defs)
    _as_read(defs)
    taken = {refs[(m, "validation")]["$ref"].removeprefix("#/$defs/") for m in models}
    fields: Json = scenario["properties"]
    fields["name"]["pattern"] = NAME_PATTERN
    said = fields["constraints"].get("description")
    fields["constraints"] = {
        "type": "array",
        "description": said,
        "default": [],
        "items": {"oneOf": [*(_ref(f"rule.{name}") for name in rules), _ref("rule-changed")]},
    }
    fields["objective"] |= {"oneOf": [_ref(f"objective.{name}") for name in goals]}
    fields["objective"].pop("additionalProperties", None)
    return {
        "$schema": DIALECT,
        "title": "siteopt scenario",
        "description": scenario.get("description", ""),
        "type": "object",
        "properties": {**_file_keys(), **fields},
        "additionalProperties": False,
        # What a file must say itself, unless it builds on another file or leaves it to its variants.
        "if": {"not": {"anyOf": [{"required": [key]} for key in ("extends", "variants", "policy")]}},
        "then": {"required": scenario["required"], "properties": {"constraints": {"items": _complete(rules)}}},
        "$defs": {
            **{name: body for name, body in defs.items() if name not in taken},
            **{f"rule.{name}": _rule(name, body) for name, body in rules.items()},
            **{f"objective.{name}": _objective(name, body) for name, body in goals.items()},
            "rule-changed": _changed_rule(),
        },
    }


def _body(model: type[BaseModel], refs: Mapping[Any, Json], defs: Json) -> Json:
    """A model's own object, its nested models left as references."""
    body: Json = defs[refs[(model, "validation")]["$ref"].removeprefix("#/$defs/")]
    return body


def _ref(name: str) -> Json:
    return {"$ref": f"#/$defs/{name}"}


def _file_keys() -> Json:
    path = {"type": "string", "description": "Path of a scenario file, relative to this one."}
    return {
        "extends": {
            "description": "Scenario file or files that this one builds on; the later ones win, this file last.",
            "oneOf": [path, {"type": "array", "items": path, "minItems": 1}],
        },
        "variants": {
            "type": "object",
            "description": "Name -> what is different in that variant: any part of a scenario.",
            "additionalProperties": {"type": ["object", "null"]},
        },
    }


def _rule(name: str, body: Json) -> Json:
    label = {
        "type": "string",
        "description": "Name of this item; needed when one rule is used twice.",
        "default": name,
    }
    return {
        "type": "object",
        "title": name,
        "description": body.get("description", ""),
        "properties": {
            "rule": {"const": name},
            "name": label,
            "off": _off(),
            "policy": {
                "type": "string",
                "description": "Policy pack that the rule comes from, in a resolved scenario.",
            },
            **body.get("properties", {}),
        },
        "required": ["rule"],
        "additionalProperties": False,
    }


def _changed_rule() -> Json:
    return {
        "type": "object",
        "description": "A change to the constraint of that name: a policy pack's, or of a file built on.",
        "properties": {"name": {"type": "string", "description": "Name of the constraint."}, "off": _off()},
        "required": ["name"],
        "not": {"required": ["rule"]},
    }


def _off() -> Json:
    return {"type": "boolean", "description": "Leave this constraint out.", "default": False}


def _complete(rules: Mapping[str, Json]) -> Json:
    """What a constraint must say in a file that stands alone."""
    needs = [
        {
            "if": {"properties": {"rule": {"const": name}}, "required": ["rule"]},
            "then": {"required": body["required"]},
        }
        for name, body in rules.items()
        if body.get("required")
    ]
    switched_off = {"properties": {"off": {"const": True}}, "required": ["off"]}
    return {"anyOf": [switched_off, {"required": ["rule"], "allOf": needs} if needs else {"required": ["rule"]}]}


def _objective(name: str, body: Json) -> Json:
    return {
        "type": "object",
        "title": name,
        "description": body.get("description", ""),
        "properties": {"name": {"const": name}, **body.get("properties", {})},
        "required": ["name", *body.get("required", [])],
        "additionalProperties": False,
    }


def _add_units_and_sentences(defs: Json) -> None:
    """Write the unit that a field's name tells beside it, as ``unit``; a JSON Schema reader passes it over.

    And the sentence beside a bare reference: pydantic leaves it out where it is the model's own.
    """
    for part in _objects(defs):
        for name, field in part["properties"].items():
            unit = unit_of(name).strip()
            if unit:
                field.setdefault("unit", unit)
            if "$ref" in field:
                field.setdefault("description", defs[field["$ref"].removeprefix("#/$defs/")].get("description", ""))


def _as_read(part: Any) -> None:
    """Say what the reader really takes, so that an editor does not complain of it.

    A number stands for text wherever text is asked. A column of persons and a column per group look alike to JSON
    Schema, so "one of" becomes "any of".
    """
    if isinstance(part, dict):
        if part.get("type") == "string" and "pattern" not in part:
            part["type"] = ["string", "number"]
        if "oneOf" in part:
            part["anyOf"] = part.pop("oneOf")
    for child in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _as_read(child)


def _objects(part: Any) -> Iterator[Json]:
    if isinstance(part, dict):
        if isinstance(part.get("properties"), dict):
            yield part
        for child in part.values():
            yield from _objects(child)
    elif isinstance(part, list):
        for child in part:
            yield from _objects(child)
