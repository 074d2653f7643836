"""The scenario's constraints and objective, fitted to the parameters that each rule asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from siteopt.findings import Findings
from siteopt.scenario.faults import fit, nearest_of, shown
from siteopt.scenario.marks import Mark, Node, from_plain
from siteopt.scenario.merge import CONSTRAINTS, name_of
from siteopt.scenario.schema import ScenarioSpec

OBJECTIVE = "objective"
Models = Mapping[str, type[BaseModel]]


@dataclass(frozen=True)
class Picked:
    """One rule or objective with its checked parameters, and the node they came from."""

    rule: str
    name: str
    params: BaseModel
    node: Node
    at: str

    @property
    def values(self) -> dict[str, Any]:
        """The parameters, complete with defaults, as plain values."""
        return self.params.model_dump(mode="json")


def switched_on(tree: Node, findings: Findings, *, also_known: Iterable[str] = ()) -> Node:
    """The tree without the constraints that are switched off (``off: true``), and without ``off`` in the others.

    ``also_known`` names constraints that might be changed and are not in the tree.
    """
    listed = tree.child(CONSTRAINTS)
    if listed is None or not listed.items:
        return tree
    names = [name for item in listed.items if item.child("rule") and (name := name_of(item)) is not None]
    names += also_known
    kept = []
    for item in listed.items:
        off = item.child("off")
        if off is not None and not isinstance(off.value, bool):
            _error(findings, "expects_yes_no", off.mark, f"constraints.{name_of(item)}.off", shown(off))
        if item.fields and item.child("rule") is None and item.child("name") is not None:
            mark, name = item.fields["name"].mark, name_of(item) or ""
            _error(findings, "constraint_unknown", mark, f"constraints.{name}", name, **nearest_of(name, names))
        elif off is None or off.value is not True:
            kept.append(_without(item, "off"))
    return tree.with_value({**tree.fields, CONSTRAINTS: listed.with_value(tuple(kept))})


def fit_constraints(tree: Node, models: Models, findings: Findings) -> list[Picked]:
    """Every constraint that fits its rule's parameters; findings for the others."""
    listed = tree.child(CONSTRAINTS)
    picked = []
    for n, item in enumerate(listed.items if listed else ()):
        name = name_of(item) or str(n)
        if isinstance(item.value, Mapping):
            one = _fit_one(item, "rule", name, f"constraints.{name}", models, "rule_unknown", findings)
            picked += [one] if one else []
    return picked


def fit_objective(tree: Node, models: Models, findings: Findings) -> Picked | None:
    """The objective, fitted to its parameters."""
    said = tree.child(OBJECTIVE)
    if said is None:
        default = ScenarioSpec.model_fields[OBJECTIVE].get_default(call_default_factory=True)
        said = from_plain(default, tree.mark)
    if not isinstance(said.value, Mapping):
        return None  # the scenario's own schema has reported it
    return _fit_one(said, "name", "", OBJECTIVE, models, "objective_unknown", findings)


def _fit_one(
    item: Node, key: str, name: str, at: str, models: Models, unknown: str, findings: Findings
) -> Picked | None:
    said = item.child(key)
    place = (item.key or item.mark) if said is None else said.mark
    if said is None or said.is_null:
        out = item.gone.get(key)
        _error(findings, "key_taken_out" if out else "missing_key", out or place, f"{at}.{key}", key)
        return None
    rule = said.value if isinstance(said.value, str) else str(shown(said))
    if rule not in models:
        _error(findings, unknown, place, f"{at}.{key}", rule, **nearest_of(rule, sorted(models)))
        return None
    reserved = ("rule", "name", "off") if key == "rule" else ("name",)
    label = item.child("name")
    if label is not None and not label.is_scalar:
        _error(findings, "expects_text", label.mark, f"{at}.name", shown(label))
    params, _ = fit(models[rule], _without(item, *reserved), findings, at=at, also_known=reserved)
    return None if params is None else Picked(rule, name, params, item, at)


def references_of(picked: Picked) -> Mapping[str, Iterable[str]]:
    """The names that the parameters refer to, by what they are names of ("types", "groups")."""
    ask = getattr(picked.params, "references", None)
    return ask() if callable(ask) else {}


def _without(item: Node, *keys: str) -> Node:
    return item.with_value({k: v for k, v in item.fields.items() if k not in keys}) if item.fields else item


def _error(findings: Findings, code: str, mark: Mark, field: str, value: Any, **facts: Any) -> None:
    findings.error(code, file=mark.file, row=mark.row, field=field, value=value, **facts)
