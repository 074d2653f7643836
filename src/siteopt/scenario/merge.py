"""Laying one scenario over another.

Mappings are merged key by key, constraints by their name, everything else is replaced. The later word wins; its
marks come with it. ``null`` over a value takes the key out, as if nobody had said it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from siteopt.findings import Findings
from siteopt.scenario.marks import Node

CONSTRAINTS = "constraints"
VARIANTS = "variants"


def merge(base: Node, over: Node, path: tuple[str, ...] = ()) -> Node:
    """``over`` laid over ``base``; neither is changed.

    Parameters
    ----------
    base, over : Node
        Whole scenarios, or their parts at ``path``.
    path : tuple of str
        Where in the scenario we are: only there is a list of constraints known for one.
    """
    if isinstance(base.value, Mapping) and isinstance(over.value, Mapping):
        out = {key: child for key, child in base.value.items() if key not in over.gone}
        gone = {**base.gone, **over.gone}
        for key, child in over.value.items():
            below = out.get(key)
            if takes_out(child, path) and (key in gone or (below is not None and not below.is_null)):
                out.pop(key, None)
                gone[key] = child.mark
            else:
                out[key] = child if below is None else merge(below, child, (*path, key))
                gone.pop(key, None)
        return replace(over.with_value(out), gone=gone)
    if is_constraints(path) and isinstance(base.value, tuple) and isinstance(over.value, tuple):
        return over.with_value(_by_name(base.value, over.value))
    return over


def takes_out(node: Node, path: tuple[str, ...]) -> bool:
    """Whether a node, under a key of the mapping at ``path``, says that the key is not to be there.

    A variant without a value is a variant that changes nothing.
    """
    return node.is_null and path != (VARIANTS,)


def is_constraints(path: tuple[str, ...]) -> bool:
    """Whether a path is the scenario's list of constraints, or a variant's."""
    return path == (CONSTRAINTS,) or (len(path) == 3 and path[0] == VARIANTS and path[2] == CONSTRAINTS)


def name_of(item: Node) -> str | None:
    """The name of a constraint: its ``name``, or else its ``rule``."""
    for key in ("name", "rule"):
        child = item.child(key)
        if child is not None and child.is_scalar and child.value is not None:
            return child.raw if child.raw is not None else str(child.value)
    return None


def _by_name(base: tuple[Node, ...], over: tuple[Node, ...]) -> tuple[Node, ...]:
    out = list(base)
    for item in over:
        name = name_of(item)
        at = next((n for n, old in enumerate(out) if name is not None and name_of(old) == name), None)
        if at is None:
            out.append(item)
        elif _other_rule(out[at], item):
            out[at] = item  # the parameters of one rule mean nothing to another
        else:
            out[at] = merge(out[at], item)
    return tuple(out)


def _other_rule(old: Node, new: Node) -> bool:
    before, after = old.child("rule"), new.child("rule")
    return before is not None and after is not None and before.value != after.value


def check_names(tree: Node, findings: Findings) -> None:
    """Report constraints of one file (or one variant of it) that go by the same name."""
    variants = tree.child(VARIANTS)
    parts = [tree, *(variants.fields.values() if variants else ())]
    for part in parts:
        seen: dict[str, Node] = {}
        listed = part.child(CONSTRAINTS)
        for item in listed.items if listed else ():
            name = name_of(item)
            if name is None:
                continue
            if name in seen:
                where = (item.child("name") or item.child("rule") or item).mark
                findings.error(
                    "constraint_name_twice",
                    file=where.file,
                    row=where.row,
                    field=f"constraints.{name}",
                    value=name,
                    first=seen[name].mark.row,
                )
            seen.setdefault(name, item)
