"""Fitting a part of the scenario to its model: a value, or findings in a planner's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from siteopt.findings import Finding, Findings, nearest
from siteopt.scenario.annotations import Step, choices_of, expected_at, key_choices_of, keys_of, unit_of
from siteopt.scenario.marks import Mark, Node, Path, dotted, find, nearest_mark, plain
from siteopt.scenario.unions import Fault, faults
from siteopt.text import finding_entries

M = TypeVar("M", bound=BaseModel)

BOUNDS = {
    "greater_than": ("number_above", "gt"),
    "greater_than_equal": ("number_at_least", "ge"),
    "less_than": ("number_below", "lt"),
    "less_than_equal": ("number_at_most", "le"),
    "too_short": ("too_few", "min_length"),
    "string_too_short": ("text_too_short", "min_length"),
    "too_long": ("too_many", "max_length"),
    "string_too_long": ("text_too_long", "max_length"),
}
NAMES_KEY = ("unknown_key", "missing_key", "key_taken_out")
"""Faults of keys: the value that is shown is the key."""
LONGEST_SHOWN = 80


def fit(
    model: type[M], tree: Node, findings: Findings, *, at: str = "", also_known: Sequence[str] = ()
) -> tuple[M | None, Node]:
    """Check a tree against a model.

    Parameters
    ----------
    model : type of BaseModel
    tree : Node
        A mapping; its marks give each finding file and row.
    at : str
        Dotted path of the tree in the scenario, put before every field.
    also_known : sequence of str
        Keys that the caller has taken out at the top, for the sentence that lists the known ones.

    Returns
    -------
    (model or None, Node)
        The value, None after an error; and the tree as it was understood (a number where a text is asked is
        taken letter by letter, so that 0101 and 1.10 stay what they are).
    """
    while True:
        value, found = _attempt(model, tree)
        as_text = [f for f in found if f.type == "kind" and "text" in f.kinds and _is_number(find(tree, f.path))]
        if not as_text:
            break
        for fault in as_text:
            tree = _as_written(tree, fault.path)
    for fault in found:
        _report(fault, model, tree, findings, at, also_known)
    return (None if found else value), tree


def _attempt(model: type[M], tree: Node) -> tuple[M | None, list[Fault]]:
    mistaken = [Fault.of_kind("number", path) for path in _truths(tree, model, ())]
    try:
        return model.model_validate(plain(tree)), mistaken
    except ValidationError as error:
        places = {fault.path for fault in mistaken}
        found = faults(tree, error.errors(include_url=False, include_input=False))
        return None, [*(f for f in found if f.path not in places), *mistaken]


def _report(
    fault: Fault, model: type[BaseModel], tree: Node, findings: Findings, at: str, also_known: Sequence[str]
) -> None:
    path = fault.path
    node = find(tree, path)
    code, facts = _code(fault, model, node, also_known)
    of_key = code == "unknown_key" or (node is not None and not node.is_scalar)
    mark = nearest_mark(tree, path, of_key=of_key)
    if code == "missing_key" and (out := taken_out(tree, path)) is not None:
        code, mark = "key_taken_out", out
    value: Any = path[-1] if code in NAMES_KEY and path else shown(node)
    field = ".".join(part for part in (at, dotted(path)) if part) or None
    findings.error(code, file=mark.file, row=mark.row, field=field, value=value, **facts)


def _code(
    fault: Fault, model: type[BaseModel], node: Node | None, also_known: Sequence[str]
) -> tuple[str, dict[str, Any]]:
    """The finding's code and what its sentence needs."""
    last = str(fault.path[-1]) if fault.path else ""
    if fault.type == "missing":
        return "missing_key", {}
    if fault.type == "extra_forbidden" or fault.about_key:
        around = expected_at(model, fault.trail[:-1])
        known = key_choices_of(around) if fault.about_key else keys_of(around)
        return "unknown_key", nearest_of(last, [*known, *(also_known if len(fault.path) == 1 else ())])
    if fault.type == "kind":
        return _kind(fault.kinds, node), {}
    if fault.type == "literal_error":
        choices = choices_of(expected_at(model, fault.trail))
        code = "scenario_version" if fault.path == ("siteopt",) else "not_a_choice"
        return code, nearest_of(str(shown(node)), choices)
    if fault.type in BOUNDS:
        code, key = BOUNDS[fault.type]
        return code, {"bound": f"{fault.facts[key]:g}", "unit": unit_of(last)}
    if fault.type == "finite_number":
        return "number_finite", {}
    if fault.type == "string_pattern_mismatch":
        return ("scenario_name" if fault.path == ("name",) else "text_pattern"), {"pattern": fault.facts["pattern"]}
    if fault.type in finding_entries():
        return fault.type, dict(fault.facts)
    problem = fault.message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return "bad_value", {"problem": problem}


def taken_out(tree: Node, path: Path) -> Mark | None:
    """Where a later word has taken out the key at a path, None where nobody did."""
    around = find(tree, path[:-1])
    return around.gone.get(str(path[-1])) if around is not None and path else None


def _kind(kinds: Sequence[str], node: Node | None) -> str:
    if node is not None and node.is_null:
        return "empty_value"
    code = "expects_" + "_or_".join(kinds)
    return code if code in finding_entries() else "expects_other"


def add_in_order(found: Findings, findings: Findings, first: str) -> None:
    """Hand findings on file by file (``first`` before the others), each from top to bottom, as one mends them."""
    files = list(dict.fromkeys([first, *(f.file for f in found)]))

    def place(fault: Finding) -> tuple[int, int, int]:
        line, _, column = str(fault.row or "").partition(":")
        return files.index(fault.file), *((int(line), int(column)) if column.isdigit() else (10**9, 0))

    for f in sorted(found, key=place):
        again(f, findings)


def again(fault: Finding, findings: Findings) -> None:
    """Add a finding that another collector held."""
    where = {"file": fault.file, "row": fault.row, "field": fault.field, "value": fault.value}
    findings.add(fault.severity, fault.code, **where, **fault.facts)


def nearest_of(word: str, known: Sequence[str]) -> dict[str, str]:
    """The facts of a sentence about an unknown word: the nearest known one, and all of them."""
    return {"nearest": nearest(word, known) or "—", "expected": ", ".join(known) or "—"}


def shown(node: Node | None) -> Any:
    """A value as a finding shows it: short, and as written."""
    if node is None:
        return None
    if not node.is_scalar:
        return "{…}" if isinstance(node.value, Mapping) else "[…]"
    text = node.raw if node.raw is not None and node.value is not None else node.value
    return text[:LONGEST_SHOWN] + "…" if isinstance(text, str) and len(text) > LONGEST_SHOWN else text


def _is_number(node: Node | None) -> bool:
    return node is not None and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _as_written(tree: Node, path: Path) -> Node:
    return _changed(tree, path, lambda node: node.with_value(node.raw or str(node.value)))


def _changed(tree: Node, path: Path, change: Callable[[Node], Node]) -> Node:
    if not path:
        return change(tree)
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = list(tree.items)
        items[step] = _changed(items[step], rest, change)
        return tree.with_value(tuple(items))
    return tree.with_value({**tree.fields, step: _changed(tree.fields[step], rest, change)})


def _truths(tree: Node, model: type[BaseModel], path: Path) -> list[Path]:
    """Where the file says true or false and the model would take it for 1 or 0."""
    if isinstance(tree.value, bool):
        asked = expected_at(model, [Step(word) for word in path])
        return [path] if {int, float} & set(asked) and not {bool, str, Any} & set(asked) else []
    below: list[tuple[str | int, Node]] = [*tree.fields.items(), *enumerate(tree.items)]
    return [hit for step, child in below for hit in _truths(child, model, (*path, step))]
