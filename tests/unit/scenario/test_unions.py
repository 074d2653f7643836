from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from siteopt.model.constraint import registry as rules
from siteopt.model.objective import registry as goals
from siteopt.scenario.annotations import is_model, opened_up
from siteopt.scenario.marks import Mark, from_plain
from siteopt.scenario.schema import ScenarioSpec
from siteopt.scenario.unions import ORDER, Fault, faults
from siteopt.text import finding_entries

KINDS = {str: "text", float: "number", int: "whole", bool: "yes_no", dict: "mapping", tuple: "list", list: "list"}


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    column: str | None = None
    scale: float = 1


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    one: str | Inner | dict[str, str | Inner] = "x"
    amount: float | dict[str, float] = 0
    many: tuple[float | Inner, ...] = ()
    pick: Literal["a", "b"] | float = "a"


def found(**values: Any) -> list[Fault]:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(values)
    return faults(from_plain(values, Mark("a", "1:1")), caught.value.errors())


@pytest.mark.parametrize(
    ("values", "type_", "path", "kinds"),
    [
        ({"one": [1]}, "kind", ("one",), ("text", "mapping")),
        ({"one": {"a": "b", "scale": []}}, "kind", ("one", "scale"), ("text", "mapping")),
        ({"one": {"a": "b", "c": [1]}}, "kind", ("one", "c"), ("text", "mapping")),
        ({"one": {"a": {"column": "b"}, "c": {"scale": "x"}}}, "kind", ("one", "c", "scale"), ("number",)),
        ({"amount": "x"}, "kind", ("amount",), ("number", "mapping")),
        ({"amount": {"a": "x"}}, "kind", ("amount", "a"), ("number",)),
        ({"many": [1, "x"]}, "kind", ("many", 1), ("number", "mapping")),
        ({"many": [1, {"scale": []}]}, "kind", ("many", 1, "scale"), ("number",)),
        ({"pick": "c"}, "literal_error", ("pick",), ()),
    ],
)
def test_a_union_gives_one_fault_of_the_branch_that_was_meant(values: Any, type_: str, path: Any, kinds: Any) -> None:
    assert [(f.type, f.path, f.kinds) for f in found(**values)] == [(type_, path, kinds)]


def unions(annotation: Any, seen: set[Any]) -> Iterator[tuple[str, ...]]:
    """The kinds of value of every union below an annotation."""
    branches = opened_up(annotation)
    kinds = {
        "mapping" if is_model(b) else KINDS.get(get_origin(b) or b) for b in branches if get_origin(b) is not Literal
    }
    if None not in kinds and kinds:
        yield tuple(kind for kind in ORDER if kind in kinds and not (kind == "whole" and "number" in kinds))
    for branch in branches:
        if is_model(branch) and branch not in seen:
            seen.add(branch)
            for field in branch.model_fields.values():
                yield from unions(field.annotation, seen)
        for part in get_args(branch) if get_origin(branch) in (dict, tuple, list) else ():
            if part is not Ellipsis:
                yield from unions(part, seen)


def test_every_union_of_the_format_has_a_sentence_of_its_own() -> None:
    models = [ScenarioSpec, *(r.parameters for r in rules().values()), *(g.parameters for g in goals().values())]
    asked = {"expects_" + "_or_".join(kinds) for model in models for kinds in unions(model, set())}
    assert {"expects_text_or_mapping", "expects_number_or_mapping", "expects_list"} <= asked
    assert asked - set(finding_entries()) == set()
