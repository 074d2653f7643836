"""Rules of policy packs against the world that was read: what cannot be checked is set aside and told.

What the scenario asks for itself is its own: what that lacks is an error, as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from siteopt.catalogue.packs import pack_texts, type_ids
from siteopt.findings import Finding, Findings
from siteopt.ready import Rule
from siteopt.scenario.load import Loaded
from siteopt.scenario.policy_pack import Policies
from siteopt.scenario.set_aside import SetAside

WANT_OF_DATA = frozenset(
    {
        "floor_area_missing",
        "lockers_no_compartments",
        "lockers_no_type",
        "norm_no_type",
        "norm_sector_missing",
        "rule_needs_communities",
        "rule_no_host",
        "rule_unknown_type",
        "streamed_rule",
    }
)
"""Errors that say what is not there. Any other says that something is wrong, and that stops the run whoever asks."""


def policies() -> Policies:
    """The policy packs that a scenario may name."""
    return Policies(pack_texts(), type_ids())


def settled(
    loaded: Loaded, rules: Iterable[Rule], check: Callable[[Rule, Findings], object], findings: Findings
) -> tuple[Loaded, tuple[Rule, ...]]:
    """Hold rules against data: those of packs that lack some are set aside.

    Parameters
    ----------
    loaded : Loaded
    rules : iterable of Rule
    check : callable
        Reports what a rule finds wrong.
    findings : Findings
        Gets what the other rules find, and for each rule set aside a remark with its reasons.

    Returns
    -------
    (Loaded, tuple of Rule)
        The scenario with what was set aside added to it, and the rules that stay.
    """
    kept, aside = [], []
    for rule in rules:
        found = Findings()
        check(rule, found)
        came = loaded.from_policy.get(rule.label)
        if came is None or came.asked or not _lacks_data(found, came.said):
            kept.append(rule)
            findings.extend(found)
            continue
        mark = loaded.at("constraints", [name for _, name, _ in loaded.constraints].index(rule.label))
        facts = {"policy": came.policy, "clauses": ", ".join(came.clauses) or "—"}
        field = f"constraints.{rule.label}"
        head = Finding("info", "policy_data_unfit", mark.file, mark.row, field, rule.label, facts)
        why = tuple(replace(f, severity="info") for f in found.errors)
        one = SetAside(rule.label, rule.name, came.policy, came.clauses, (), (head, *why))
        aside.append(one.louder() if came.said else one)
    for f in (f for one in aside for f in one.findings):
        findings.add(f.severity, f.code, file=f.file, row=f.row, field=f.field, value=f.value, **f.facts)
    gone = {one.name for one in aside}
    if not gone:
        return loaded, tuple(kept)
    left = {name: came for name, came in loaded.from_policy.items() if name not in gone}
    return replace(loaded, from_policy=left, set_aside=(*loaded.set_aside, *aside)), tuple(kept)


def _lacks_data(found: Findings, said: Collection[str]) -> bool:
    """Whether all errors are about data that are not there, none of which the scenario itself has asked for."""
    return bool(found.errors) and all(f.code in WANT_OF_DATA and str(f.value) not in said for f in found.errors)
