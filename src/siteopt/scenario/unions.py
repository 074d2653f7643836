"""One fault per place: pydantic reports every branch of a union, a planner needs the one that was meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from siteopt.scenario.annotations import Step
from siteopt.scenario.marks import Node, Path

KIND_OF = {
    "string_type": "text",
    "float_type": "number",
    "float_parsing": "number",
    "decimal_parsing": "number",
    "decimal_type": "number",
    "int_type": "whole",
    "int_parsing": "whole",
    "int_parsing_size": "whole",
    "int_from_float": "whole",
    "bool_type": "yes_no",
    "bool_parsing": "yes_no",
    "dict_type": "mapping",
    "mapping_type": "mapping",
    "model_type": "mapping",
    "model_attributes_type": "mapping",
    "tuple_type": "list",
    "list_type": "list",
    "set_type": "list",
    "frozen_set_type": "list",
}
"""Errors that say no more than "this is another kind of value"."""

ORDER = ("text", "number", "whole", "yes_no", "mapping", "list")


@dataclass(frozen=True)
class Fault:
    """One error of pydantic's, on the file's own path.

    Attributes
    ----------
    type : pydantic's error type; "kind" when the value is of another kind than any that may stand here
    steps : what is left of the path once decided branches are taken out
    trail : the whole path, branches included, for looking up what the schema expects
    kinds : kinds of value that may stand here (for type "kind")
    about_key : the error is about the key, not about its value
    """

    type: str
    steps: tuple[Step, ...]
    trail: tuple[Step, ...]
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    about_key: bool = False

    @property
    def path(self) -> Path:
        """Keys and positions, without branches."""
        return tuple(step.word for step in self.steps if not step.is_branch)

    @classmethod
    def of_kind(cls, kind: str, path: Path) -> Fault:
        """A value of another kind than asked for, found by siteopt's own eyes."""
        steps = tuple(Step(word) for word in path)
        return cls("kind", steps, steps, "", kinds=(kind,))


def faults(tree: Node, errors: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Pydantic's errors on a tree, one per fault."""
    return _settle([_aligned(tree, error) for error in errors])


def _aligned(tree: Node, error: Mapping[str, Any]) -> Fault:
    """An error with each step of its ``loc`` known for a key of the file or the name of a branch."""
    loc = [word for word in error["loc"] if word != "[key]"]
    here: Node | None = tree
    steps = []
    for n, word in enumerate(loc):
        below = here.child(word) if here is not None else None
        absent = error["type"] == "missing" and n == len(loc) - 1
        steps.append(Step(word, is_branch=below is None and not absent))
        here = below if below is not None else here
    kind = KIND_OF.get(error["type"])
    return Fault(
        type="kind" if kind else error["type"],
        steps=tuple(steps),
        trail=tuple(steps),
        message=error["msg"],
        facts=error.get("ctx", {}),
        kinds=(kind,) if kind else (),
        about_key=error["loc"][-1:] == ("[key]",),
    )


def _settle(found: list[Fault]) -> list[Fault]:
    out: list[Fault] = []
    unions: dict[tuple[Step, ...], dict[str | int, list[Fault]]] = {}
    for fault in found:
        at = next((n for n, step in enumerate(fault.steps) if step.is_branch), None)
        if at is None:
            out.append(fault)
            continue
        without = replace(fault, steps=fault.steps[:at] + fault.steps[at + 1 :])
        unions.setdefault(fault.steps[:at], {}).setdefault(fault.steps[at].word, []).append(without)
    for place, branches in unions.items():
        out.extend(_one_branch(place, branches))
    return out


def _one_branch(place: tuple[Step, ...], branches: Mapping[str | int, list[Fault]]) -> list[Fault]:
    """The branch that the value looks most like; one merged fault when it looks like none."""
    alike = [fs for fs in branches.values() if not any(f.kinds and f.steps == place for f in fs)]
    if alike:
        return _settle(min(alike, key=_badness))
    rooted = [f for fs in branches.values() for f in fs if f.kinds and f.steps == place]
    kinds = {kind for f in rooted for kind in f.kinds}
    if "number" in kinds:
        kinds.discard("whole")
    return [replace(rooted[0], kinds=tuple(k for k in ORDER if k in kinds), trail=place)]


def _badness(branch: list[Fault]) -> tuple[int, int]:
    strangers = sum(f.type in ("extra_forbidden", "missing") for f in branch)
    return strangers, len(branch)
