"""Rules of policy packs, or parts of them, that the scenario's data do not allow to check.

A pack asks for more than most scenarios have, so what the pack asks for is set aside and told. What the scenario asks
for itself is not: a rule that it names without changing it, or switches on, and the words that it puts into a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from siteopt.findings import Finding
from siteopt.scenario.marks import Node, find, scalars
from siteopt.scenario.merge import CONSTRAINTS
from siteopt.scenario.policy_pack import Item
from siteopt.scenario.policy_types import TypeNames
from siteopt.text import fill, finding_entries


@dataclass(frozen=True)
class SetAside:
    """A rule of a pack, or the part of it about some types, that is not checked because data are missing.

    Attributes
    ----------
    name, rule, policy, clauses : of the pack's item
    missing : what the scenario lacks
    findings : why, as findings; the first is about the item itself
    """

    name: str
    rule: str
    policy: str
    clauses: tuple[str, ...]
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]

    def louder(self) -> SetAside:
        """The same as warnings: the scenario has changed the rule, and the change has no effect."""
        return replace(self, findings=tuple(replace(f, severity="warning") for f in self.findings))

    def why(self, language: str) -> str:
        """The reason in a person's words."""
        said = []
        for f in self.findings:
            where = {"file": f.file, "row": f.row, "field": f.field, "value": f.value}
            said.append(fill(finding_entries()[f.code], language, {**f.facts, **where}))
        return ("；" if language == "zh" else "; ").join(said)


def is_asked(node: Node, item: Item, *, written: bool) -> bool:
    """Whether the scenario asks for a pack's rule as it stands.

    It does when it switches the rule on, or names it and changes nothing. A resolved scenario (``written``) writes
    every rule out, and means only the former.
    """
    off = node.child("off")
    if off is not None and off.value is False and _own(off, item):
        return True
    return not written and _own(node, item) and not words_of(node, item)


def words_of(node: Node, item: Item) -> frozenset[str]:
    """What the scenario itself writes into a pack's rule."""
    said = {str(word.value) for part in _said(node) for word in scalars(part) if _own(word, item)}
    return frozenset(said | set(node.gone))


def _own(node: Node, item: Item) -> bool:
    """Written by the scenario, not by the pack."""
    return node.mark.file != item.node.mark.file


def _said(node: Node) -> list[Node]:
    return [child for key, child in node.fields.items() if key not in ("rule", "name")]


def as_far_as_data(
    tree: Node, node: Node, item: Item, names: TypeNames, *, whole: bool
) -> tuple[Node | None, list[SetAside]]:
    """What is left of a rule with the data that the scenario has, and what is set aside.

    Parameters
    ----------
    tree : Node
        The scenario.
    node : Node
        The rule as it stands after the scenario's changes.
    item : Item
        The rule as the pack has it.
    names : TypeNames
    whole : bool
        All of it is the pack's word, for a resolved scenario has written it out.
    """
    lacking = tuple(need for need in item.needs if not _there(tree, need))
    if lacking:
        return None, [_aside(item, "policy_data_absent", lacking)]
    unsaid = tuple(key for key in item.asks if node.child(key) is None)
    if unsaid:
        return None, [_aside(item, "policy_figure_absent", unsaid)]
    missing = {key: _missing(key, node, item, names, whole) for key in item.type_keys}
    absent = _once(n for key in missing if key not in (*item.any_of, *item.with_types) for n in missing[key])
    if absent and not item.each:
        return None, [_aside(item, "policy_types_absent", absent)]
    fields = {}
    for key, value in node.fields.items():
        left = names.pruned(value, None if whole else item.node.mark.file) if key in item.type_keys else value
        if left is not None:
            fields[key] = left
        elif key not in item.with_types:
            return None, [_aside(item, "policy_types_absent", _once([*absent, *missing[key]]))]
    if not all(key in fields for key in item.with_types if key in node.fields):  # they go together
        fields = {key: value for key, value in fields.items() if key not in item.with_types}
    return node.with_value(fields), [_aside(item, "policy_types_absent_in_part", absent)] if absent else []


def _missing(key: str, node: Node, item: Item, names: TypeNames, whole: bool) -> list[str]:
    """Types that the pack asks for under a key, as far as its word stands, and that the scenario does not have."""
    said = item.node.fields[key]
    stands = said if whole else _standing(said, node.child(key), item)
    return [] if stands is None else names.absent(stands)


def _standing(said: Node, now: Node | None, item: Item) -> Node | None:
    """What of the pack's word the scenario has left as it is."""
    if now is None or not _own(now, item):
        return None if now is None else said
    if not (isinstance(said.value, Mapping) and isinstance(now.value, Mapping)):
        return None
    left = {key: _standing(child, now.child(key), item) for key, child in said.fields.items()}
    return said.with_value({key: child for key, child in left.items() if child is not None})


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _there(tree: Node, need: str) -> bool:
    """Whether a dotted path of the scenario says anything; ``a|b`` asks for either."""
    for path in need.split("|"):
        node = find(tree, tuple(path.strip().split(".")))
        if node is not None and not node.is_null and node.value not in ({}, ()):
            return True
    return False


def _aside(item: Item, code: str, missing: tuple[str, ...]) -> SetAside:
    mark = item.node.mark
    facts: dict[str, Any] = {"missing": ", ".join(missing), "clauses": ", ".join(item.clauses) or "—"}
    facts |= {"policy": item.policy}
    finding = Finding("info", code, mark.file, mark.row, f"{CONSTRAINTS}.{item.name}", item.name, facts)
    return SetAside(item.name, item.rule, item.policy, item.clauses, missing, (finding,))
