"""What a policy pack says, as a scenario's reader takes it: its rules as nodes that know where they are written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from siteopt.findings import Findings
from siteopt.scenario.compose import compose
from siteopt.scenario.marks import Node, plain, scalars
from siteopt.scenario.policy_types import TYPES, catalogue_id

POLICY = "policy"


@dataclass(frozen=True)
class Policies:
    """The packs that there are.

    Attributes
    ----------
    texts : name of a pack -> its YAML
    type_ids : ids of the catalogue's outlet types, the names that packs use for types
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    type_ids: Collection[str] = frozenset()


@dataclass(frozen=True)
class Item:
    """One rule of a pack: its node as a constraint of a scenario, and what the pack says about it."""

    node: Node
    name: str
    rule: str
    policy: str
    clauses: tuple[str, ...]
    needs: tuple[str, ...]
    asks: tuple[str, ...]
    each: bool
    any_of: tuple[str, ...]
    with_types: tuple[str, ...]
    off: bool
    type_keys: tuple[str, ...]


@cache
def composed(name: str, text: str) -> Node:
    """A pack as a tree whose marks name it: file ``policy hongjiang-2024``.

    Raises
    ------
    ValueError
        When the text is no YAML mapping.
    """
    findings = Findings()
    node = compose(text, f"policy {name}", findings)
    if node is None or not isinstance(node.value, Mapping):
        raise ValueError(f"policy pack {name}: {[f.code for f in findings]}")
    return node


def items_of(pack: Node, policy: str) -> Iterator[Item]:
    """The rules of a pack, in order."""
    listed = pack.child("items")
    for item in listed.items if listed else ():
        raw = plain(item.with_value({k: v for k, v in item.fields.items() if k != "params"}))
        params = item.child("params")
        kept = {key: item.fields[key] for key in ("rule", "name")}
        off = raw.get("in_force") is False
        if off:
            kept["off"] = item.fields["in_force"].with_value(True)
        yield Item(
            node=item.with_value({**kept, **(params.fields if params else {})}),
            name=raw["name"],
            rule=raw["rule"],
            policy=policy,
            clauses=tuple(raw.get("clauses") or ()),
            needs=tuple(raw.get("needs") or ()),
            asks=tuple(raw.get("asks") or ()),
            each=bool(raw.get("each")),
            any_of=tuple(raw.get("any_of") or ()),
            with_types=tuple(raw.get("with_types") or ()),
            off=off,
            type_keys=tuple(k for k in (params.fields if params else {}) if k not in (raw.get("no_types_in") or ())),
        )


def tell_long_limits(tree: Node, policies: Policies, findings: Findings) -> None:
    """Warn of walking limits beyond what a pack calls a circle, on types that its rules speak of."""
    said, types = tree.child(POLICY), tree.child(TYPES)
    for node in (said.items or (said,)) if said is not None else ():
        if not isinstance(node.value, str) or node.value not in policies.texts:
            continue
        pack = composed(node.value, policies.texts[node.value])
        most = pack.child("limit_min")
        if most is None or not isinstance(most.value, int | float):
            continue
        spoken_of = {s.value for item in items_of(pack, node.value) if not item.off for s in scalars(item.node)}
        for own, one in types.fields.items() if types is not None else ():
            limit = one.child("limit_min")
            if limit is None or not isinstance(limit.value, int | float) or limit.value <= most.value:
                continue
            if catalogue_id(own, one) in spoken_of:
                where = {"file": limit.mark.file, "row": limit.mark.row, "field": f"{TYPES}.{own}.limit_min"}
                findings.warning("policy_limit_above", **where, value=limit.value, policy=node.value, most=most.value)
