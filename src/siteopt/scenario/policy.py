"""``policy: NAME``: the rules of a policy pack laid under the scenario's own constraints.

A pack is a list of constraints with their sources. The scenario's constraint of the same name changes a pack's, or
switches it off. A rule whose data the scenario lacks is set aside and said to be unchecked, unless the scenario names
that rule itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from siteopt.findings import Finding, Findings
from siteopt.scenario.faults import again, nearest_of
from siteopt.scenario.marks import Node, find, plain
from siteopt.scenario.merge import CONSTRAINTS, merge, name_of
from siteopt.scenario.policy_pack import POLICY, Item, Policies, composed, items_of
from siteopt.scenario.policy_types import TYPES, TypeNames, catalogue_id
from siteopt.text import fill, finding_entries


@dataclass(frozen=True)
class FromPolicy:
    """Where a constraint in force comes from.

    Attributes
    ----------
    policy : the pack
    clauses : what it states of the plan document and of planning law
    asked : the scenario names it itself: then missing data are an error, not a reason to set it aside
    kept : the parameters that the pack gives and the scenario leaves as they are
    """

    policy: str
    clauses: tuple[str, ...]
    asked: bool
    kept: tuple[str, ...]


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

    def why(self, language: str) -> str:
        """The reason in a person's words."""
        said = []
        for f in self.findings:
            where = {"file": f.file, "row": f.row, "field": f.field, "value": f.value}
            said.append(fill(finding_entries()[f.code], language, {**f.facts, **where}))
        return ("；" if language == "zh" else "; ").join(said)


@dataclass(frozen=True)
class Expanded:
    """A scenario with its packs' rules in it.

    Attributes
    ----------
    tree : the scenario; ``constraints`` holds the packs' rules too, but for those set aside
    items : name -> where each of the packs' rules comes from, switched off or not; none that is set aside
    off : names of the packs' rules that are off unless the scenario switches them on
    set_aside : what is not checked
    """

    tree: Node
    items: Mapping[str, FromPolicy] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    set_aside: tuple[SetAside, ...] = ()

    def tell(self, findings: Findings) -> None:
        """Report what is not checked."""
        for aside in self.set_aside:
            for finding in aside.findings:
                again(finding, findings)


def expand(tree: Node, policies: Policies, findings: Findings, *, sets: Sequence[str] = ()) -> Expanded:
    """Lay the packs that a scenario asks for under its constraints and types.

    Parameters
    ----------
    tree : Node
        The scenario, merged; with ``policy: NAME`` or a list of names, of which the later ones win.
    policies : Policies
    findings : Findings
        Gets an error for each name that is no pack's.
    sets : sequence of str
        Settings that will be applied later: a rule that one of them names is asked for.
    """
    said = tree.child(POLICY)
    if said is None or (said.is_scalar and said.value is None):
        return Expanded(tree)
    items: dict[str, Item] = {}
    for node in said.items or (said,):
        name = node.value if isinstance(node.value, str) else node.raw  # a number is taken letter by letter
        if name is None or not node.is_scalar:
            continue  # the scenario's own schema reports it
        if name not in policies.texts:
            where = {"file": node.mark.file, "row": node.mark.row, "field": POLICY, "value": name}
            findings.error("policy_unknown", **where, **nearest_of(name, sorted(policies.texts)))
            continue
        pack = composed(name, policies.texts[name])
        tree = _with_type_defaults(tree, pack)
        for item in items_of(pack, name):
            items.pop(item.name, None)  # a later pack's rule has its own source: it stands instead, not over it
            items[item.name] = item
    return _laid_under(tree, items, TypeNames(tree, policies.type_ids), _asked(tree, sets))


def _with_type_defaults(tree: Node, pack: Node) -> Node:
    """What a pack says of outlet types, under what the scenario says of those that it has."""
    defaults, types = pack.child(TYPES), tree.child(TYPES)
    if defaults is None or types is None or not types.fields:
        return tree
    laid = {}
    for own, node in types.fields.items():
        under = defaults.child(catalogue_id(own, node))
        empty = node.is_scalar and node.value is None
        laid[own] = node if under is None else (node.with_value(under.value) if empty else merge(under, node))
    return tree.with_value({**tree.fields, TYPES: types.with_value(laid)})


def _asked(tree: Node, sets: Sequence[str]) -> set[str]:
    """Names of the rules that the scenario, or a setting, speaks of itself."""
    asked = {
        parts[1].strip() for s in sets if len(parts := s.partition("=")[0].split(".")) > 1 and _is_rules(parts[0])
    }
    listed = tree.child(CONSTRAINTS)
    for item in listed.items if listed else ():
        off, name = item.child("off"), name_of(item)
        if name is not None and POLICY not in item.fields and not (off is not None and off.value is True):
            asked.add(name)
    return asked


def _is_rules(step: str) -> bool:
    return step.strip() == CONSTRAINTS


def _laid_under(tree: Node, items: Mapping[str, Item], names: TypeNames, asked: set[str]) -> Expanded:
    """The packs' rules under the scenario's, each in its pack's order, then the scenario's own."""
    under = {name: _renamed(item, names) for name, item in items.items()}
    said = tree.child(CONSTRAINTS)
    if said is not None and not (isinstance(said.value, tuple) or (said.is_scalar and said.value is None)):
        return Expanded(tree)  # the scenario's own schema reports it
    own = said if said is not None and said.items else Node((), tree.mark)
    over = own.with_value(tuple(_without_policy(item) for item in own.items))
    laid = merge(
        tree.with_value({CONSTRAINTS: own.with_value(tuple(under.values()))}), tree.with_value({CONSTRAINTS: over})
    )
    kept: list[Node] = []
    where: dict[str, FromPolicy] = {}
    asides: list[SetAside] = []
    for node in (laid.child(CONSTRAINTS) or own).items:
        name = name_of(node)
        item = items.get(name) if name is not None else None
        if item is None or name is None:
            kept.append(node)
            continue
        ours = tuple(key for key in _params(under[name]) if _same(under[name].child(key), node.child(key), names))
        where[name] = FromPolicy(item.policy, item.clauses, name in asked, ours)
        off = node.child("off")
        if name in asked or (off is not None and off.value is True):
            kept.append(node)
            continue
        left, aside = _as_far_as_data(tree, node, item, names)
        asides += aside
        if left is None:
            del where[name]
        else:
            kept.append(left)
    tree = tree.with_value({**tree.fields, CONSTRAINTS: own.with_value(tuple(kept))})
    return Expanded(tree, where, frozenset(n for n, i in items.items() if i.off), tuple(asides))


def _without_policy(item: Node) -> Node:
    return item.with_value({k: v for k, v in item.fields.items() if k != POLICY}) if item.fields else item


def _same(before: Node | None, now: Node | None, names: TypeNames) -> bool:
    """Whether a parameter is still the pack's; that types which the scenario lacks have gone from it is no change."""
    if before is None or now is None:
        return False
    if plain(before) == plain(now):
        return True
    left = names.pruned(before)
    return left is not None and plain(left) == plain(now)


def _as_far_as_data(tree: Node, node: Node, item: Item, names: TypeNames) -> tuple[Node | None, list[SetAside]]:
    """What is left of a rule with the data that the scenario has, and what is set aside."""
    lacking = tuple(need for need in item.needs if not _there(tree, need))
    if lacking:
        return None, [_aside(item, "policy_data_absent", lacking)]
    unsaid = tuple(key for key in item.asks if node.child(key) is None)
    if unsaid:
        return None, [_aside(item, "policy_figure_absent", unsaid)]
    missing = {key: names.absent(item.node.fields[key]) for key in item.type_keys}
    absent = _once(n for key in missing if key not in (*item.any_of, *item.with_types) for n in missing[key])
    if absent and not item.each:
        return None, [_aside(item, "policy_types_absent", absent)]
    fields = {}
    for key, value in node.fields.items():
        left = names.pruned(value) if key in item.type_keys else value
        if left is not None:
            fields[key] = left
        elif key not in item.with_types:
            return None, [_aside(item, "policy_types_absent", _once([*absent, *missing[key]]))]
    if not all(key in fields for key in item.with_types if key in node.fields):  # they go together
        fields = {key: value for key, value in fields.items() if key not in item.with_types}
    return node.with_value(fields), [_aside(item, "policy_types_absent_in_part", absent)] if absent else []


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _params(node: Node) -> list[str]:
    return [key for key in node.fields if key not in ("rule", "name", "off")]


def _there(tree: Node, need: str) -> bool:
    """Whether a dotted path of the scenario says anything; ``a|b`` asks for either."""
    for path in need.split("|"):
        node = find(tree, tuple(path.strip().split(".")))
        if node is not None and not (node.is_scalar and node.value is None) and node.value not in ({}, ()):
            return True
    return False


def _aside(item: Item, code: str, missing: tuple[str, ...]) -> SetAside:
    mark = item.node.mark
    facts: dict[str, Any] = {"missing": ", ".join(missing), "clauses": ", ".join(item.clauses) or "—"}
    facts |= {"policy": item.policy}
    finding = Finding("info", code, mark.file, mark.row, f"{CONSTRAINTS}.{item.name}", item.name, facts)
    return SetAside(item.name, item.rule, item.policy, item.clauses, missing, (finding,))


def _renamed(item: Item, names: TypeNames) -> Node:
    """A pack's rule with the scenario's own names for types."""
    fields = item.node.fields
    return item.node.with_value({k: names.renamed(v) if k in item.type_keys else v for k, v in fields.items()})
