"""Policy packs: the rules of a policy document as data, each with its sentence, its source and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

import yaml

from siteopt.catalogue.entries import Text, entries

Force = Literal["plan", "law", "notice", "encouraged", "template"]
FORCES: tuple[str, ...] = ("plan", "law", "notice", "encouraged", "template")
"""plan, law, notice: the text asks for it; encouraged: it does not; template: a rule of another place."""


@dataclass(frozen=True)
class PackRule:
    """One rule that a pack knows.

    Attributes
    ----------
    name : stable; a scenario's constraint of that name changes the rule or takes it out
    rule, params : as in a scenario's ``constraints``; types by their catalogue ids
    clauses : numbers of docs/rules.md
    force : one of FORCES
    source : id of a reference; place : where in that text
    quote : the text's own words, and a translation; None where it is not at hand or gives no figure
    says : the rule in our words; None where the quote says it
    verified : the text was read, and it is of this place
    in_force : without the scenario saying more than the pack's name
    note : bilingual, may be empty
    asks : parameters that no text gives: the scenario must, or the rule is not checked
    """

    name: str
    rule: str
    params: Mapping[str, Any]
    clauses: tuple[str, ...]
    force: Force
    source: str
    place: str
    quote: Text | None
    says: Text | None
    verified: bool
    in_force: bool
    note: Text
    asks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pack:
    """One policy pack.

    Attributes
    ----------
    id : as a scenario names it: ``policy: hongjiang-2024``
    title, note : bilingual
    number : of the document, None where it has none or none was found
    issued, until : dates in ISO form
    source : id of a reference
    limit_min : the walk that makes the circle; a longer limit of a type that the rules speak of is told
    types : catalogue id -> what the pack says of that type, under what the scenario says
    rules : in order
    text : the YAML, as a scenario's reader takes it
    """

    id: str
    title: Text
    number: str | None
    issued: str
    until: str
    source: str
    note: Text
    limit_min: float
    types: Mapping[str, Mapping[str, Any]]
    rules: tuple[PackRule, ...]
    text: str

    def rule(self, name: str) -> PackRule | None:
        """The rule of that name, or None."""
        return next((rule for rule in self.rules if rule.name == name), None)


@cache
def pack_texts() -> Mapping[str, str]:
    """The YAML of every pack, by its name: enough for reading a scenario."""
    found = {
        file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8")
        for file in files(__package__).joinpath("packs").iterdir()
        if file.name.endswith(".yaml")
    }
    return MappingProxyType(dict(sorted(found.items())))


@cache
def packs() -> Mapping[str, Pack]:
    """Every pack, by name."""
    return MappingProxyType({name: _pack(text) for name, text in pack_texts().items()})


def type_ids() -> frozenset[str]:
    """The names that packs use for outlet types."""
    return frozenset(entries())


def _pack(text: str) -> Pack:
    raw: dict[str, Any] = yaml.safe_load(text)
    return Pack(
        id=raw["pack"],
        title=raw["title"],
        number=raw["number"],
        issued=str(raw["issued"]),
        until=str(raw["until"]),
        source=raw["source"],
        note=raw["note"],
        limit_min=float(raw["limit_min"]),
        types=raw["types"],
        rules=tuple(map(_rule, raw["items"])),
        text=text,
    )


def _rule(raw: Mapping[str, Any]) -> PackRule:
    return PackRule(
        name=raw["name"],
        rule=raw["rule"],
        params=raw["params"],
        clauses=tuple(raw["clauses"]),
        force=raw["force"],
        source=raw["source"],
        place=raw["place"],
        quote=raw.get("quote"),
        says=raw.get("says"),
        verified=raw["verified"],
        in_force=raw.get("in_force", True),
        note=raw.get("note", {}),
        asks=tuple(raw.get("asks", ())),
    )
