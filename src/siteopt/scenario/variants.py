"""Named variants of a scenario: each a partial scenario laid over the rest of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from siteopt.findings import Finding, Findings
from siteopt.scenario.faults import again, nearest_of, shown
from siteopt.scenario.marks import Node
from siteopt.scenario.merge import VARIANTS, merge

NOT_IN_A_VARIANT = ("extends", VARIANTS)


def variants_of(tree: Node, findings: Findings) -> tuple[Node, dict[str, Node]]:
    """The scenario without its variants, and the variants that can be laid over it."""
    said = tree.child(VARIANTS)
    base = tree.with_value({key: child for key, child in tree.fields.items() if key != VARIANTS})
    if said is None or said.is_null:
        return base, {}
    if not isinstance(said.value, Mapping):
        findings.error("expects_mapping", file=said.mark.file, row=said.mark.row, field=VARIANTS, value=shown(said))
    found = {}
    for name, part in said.fields.items():
        where = f"{VARIANTS}.{name}"
        if part.is_null:  # "baseline:" changes nothing
            part = part.with_value({})
        if not isinstance(part.value, Mapping):
            mark = part.mark
            findings.error("expects_mapping", file=mark.file, row=mark.row, field=where, value=shown(part))
            continue
        for key in NOT_IN_A_VARIANT:
            if key in part.fields:
                mark = part.fields[key].key or part.mark
                findings.error("variant_key", file=mark.file, row=mark.row, field=f"{where}.{key}", value=key)
        found[name] = part.with_value({k: v for k, v in part.fields.items() if k not in NOT_IN_A_VARIANT})
    return base, found


def pick(base: Node, variants: Mapping[str, Node], name: str | None, findings: Findings) -> Node:
    """The scenario with one variant laid over it; the scenario itself, with a finding, when nobody knows the name."""
    if name is None:
        return base
    if name not in variants:
        findings.error(
            "variant_unknown", file=base.mark.file, field=VARIANTS, value=name, **nearest_of(name, list(variants))
        )
        return base
    return merged(base, variants[name])


def check_others(
    base: Node,
    variants: Mapping[str, Node],
    chosen: str | None,
    findings: Findings,
    check: Callable[[Node, Findings], object],
) -> None:
    """Report what is wrong in the variants that were not asked for: only the faults that they bring themselves."""
    others = [name for name in variants if name != chosen]
    if not others:
        return
    known = {sign for fault in _found(base, check) for sign in _signs(fault)}
    for name in others:
        for fault in _found(merged(base, variants[name]), check):
            if known.isdisjoint(_signs(fault)):
                again(fault, findings)
            known |= _signs(fault)


def merged(base: Node, variant: Node) -> Node:
    """A variant laid over the scenario; the whole keeps the scenario's place."""
    return replace(merge(base, variant), mark=base.mark, key=base.key)


def _found(tree: Node, check: Callable[[Node, Findings], object]) -> list[Finding]:
    scratch = Findings()
    check(tree, scratch)
    return list(scratch)


def _signs(fault: Finding) -> set[tuple[str, ...]]:
    """By what a fault is known again: its place, and for what is absent the path where it should be."""
    signs: set[tuple[str, ...]] = {(fault.code, fault.file, str(fault.row), str(fault.value))}
    return signs | {(fault.code, str(fault.field))} if fault.code == "missing_key" else signs
