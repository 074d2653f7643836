"""A scenario file to checked values: read, merge, override, fit, cross-check. All faults are found at once.

Nothing here looks at the environment or opens any file but scenarios.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import filterfalse
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from siteopt.findings import Findings
from siteopt.scenario.cross import cross_check
from siteopt.scenario.faults import add_in_order, again, fit
from siteopt.scenario.marks import Mark, Node, nearest_mark
from siteopt.scenario.merge import CONSTRAINTS, VARIANTS, name_of
from siteopt.scenario.overrides import override
from siteopt.scenario.policy import Expanded, FromPolicy, expand
from siteopt.scenario.policy_pack import POLICY, Policies, tell_long_limits
from siteopt.scenario.read import read
from siteopt.scenario.rules import OBJECTIVE, Models, Picked, fit_constraints, fit_objective, switched_on
from siteopt.scenario.schema import ScenarioSpec
from siteopt.scenario.set_aside import SetAside
from siteopt.scenario.variants import check_others, pick, variants_of

KEYS_OF_FILE = ("extends", VARIANTS)
"""Keys of a scenario file that are gone once it is read."""


NO_POLICIES = Policies()


@dataclass(frozen=True)
class Loaded:
    """A scenario that holds together, before any layer is opened.

    Attributes
    ----------
    spec : ScenarioSpec
        With every constraint's and the objective's parameters complete.
    constraints : (rule, name, parameters) each, in the order of the file
    objective : (name, parameters)
    base : folder that relative paths start from
    resolved : the same scenario as plain values, complete with defaults, loadable again; its relative paths start
        from ``base``
    variant : the variant that was asked for, None for the scenario itself
    path : the file, as the caller wrote it
    variants : names of all variants
    file : the scenario's name in findings
    from_policy : name of a constraint -> the policy pack that it comes from
    set_aside : rules of policy packs that are not checked, because data are missing
    """

    spec: ScenarioSpec
    constraints: tuple[tuple[str, str, BaseModel], ...]
    objective: tuple[str, BaseModel]
    base: Path
    resolved: dict[str, Any]
    variant: str | None
    path: Path
    variants: tuple[str, ...]
    file: str
    tree: Node = field(repr=False, compare=False)
    from_policy: Mapping[str, FromPolicy] = field(default_factory=dict)
    set_aside: tuple[SetAside, ...] = ()

    def at(self, *path: str | int) -> Mark:
        """Where a value is written (``loaded.at("types", "market", "area_m2")``), or its nearest ancestor."""
        return nearest_mark(self.tree, path)


@dataclass(frozen=True)
class _Checked:
    spec: ScenarioSpec
    constraints: list[Picked]
    objective: Picked
    tree: Node


def load(
    path: Path,
    findings: Findings,
    *,
    constraints: Models,
    objectives: Models,
    variant: str | None = None,
    sets: Sequence[str] = (),
    policies: Policies = NO_POLICIES,
) -> Loaded | None:
    """Read a scenario.

    Parameters
    ----------
    path : Path
        The YAML file.
    findings : Findings
        Gets every fault with ``line:column``.
    constraints, objectives : mapping of str to model
        The parameters that each rule and objective takes, by its name.
    variant : str, optional
        Name of one of the scenario's variants.
    sets : sequence of str
        ``path=value`` each, applied last, in order.
    policies : Policies
        The policy packs that a scenario may turn on.

    Returns
    -------
    Loaded or None
        None when there was any error.
    """
    path = Path(path)
    found = Findings()
    loaded = _load(path, found, constraints, objectives, variant, sets, policies)
    add_in_order(found, findings, path.name)
    return None if found.errors else loaded


def _load(
    path: Path,
    findings: Findings,
    constraints: Models,
    objectives: Models,
    variant: str | None,
    sets: Sequence[str],
    policies: Policies,
) -> Loaded | None:
    tree = read(path, findings)
    if tree is None:
        return None
    base, variants = variants_of(tree, findings)
    check_others(
        base,
        variants,
        variant,
        findings,
        lambda t, f: _check(expand(t, policies, f), constraints, objectives, f),
    )
    tree = pick(base, variants, variant, findings)

    def put(tree: Node, settings: Iterable[str]) -> Node:
        return reduce(lambda t, setting: override(t, setting, path.name, findings), settings, tree)

    # Which packs are on, and what there is, is settled first: settings of constraints may speak of the packs' rules.
    tree = put(tree, filterfalse(_of_constraints, sets))
    expanded = expand(tree, policies, findings, settle=lambda t: put(t, filter(_of_constraints, sets)))
    checked = _check(expanded, constraints, objectives, findings)
    if checked is None:
        return None
    tree = checked.tree
    expanded.tell(findings)
    tell_long_limits(tree, policies, findings)
    names = {p.name for p in checked.constraints}
    return Loaded(
        spec=checked.spec,
        constraints=tuple((p.rule, p.name, p.params) for p in checked.constraints),
        objective=(checked.objective.rule, checked.objective.params),
        base=Path(path).absolute().parent,
        resolved=_resolved(checked.spec, expanded),
        variant=variant,
        path=path,
        variants=tuple(variants),
        file=path.name,
        tree=tree,
        from_policy={name: item for name, item in expanded.items.items() if name in names},
        set_aside=expanded.set_aside,
    )


def _of_constraints(setting: str) -> bool:
    return setting.partition("=")[0].split(".")[0].strip() == CONSTRAINTS


def _resolved(spec: ScenarioSpec, expanded: Expanded) -> dict[str, Any]:
    """The scenario as plain values, its packs' rules written out: read again, they stand in place of the packs'."""
    values = spec.model_dump(mode="json")
    for item in values[CONSTRAINTS]:
        came = expanded.items.get(item["name"])
        if came is not None:
            item[POLICY] = came.policy
            if came.asked:
                item["off"] = False
    listed = expanded.tree.child(CONSTRAINTS)
    for node in listed.items if listed else ():
        name, off = name_of(node), node.child("off")
        if name in expanded.items and name not in expanded.off and off is not None and off.value is True:
            values[CONSTRAINTS].append({"name": name, "off": True})
    return values


def _check(expanded: Expanded, constraints: Models, objectives: Models, findings: Findings) -> _Checked | None:
    """One scenario, merged and overridden: its own schema, its rules' parameters, and what they say of each other."""
    tree = switched_on(expanded.tree, findings, also_known=[aside.name for aside in expanded.set_aside])
    _check_set_aside(expanded, constraints, findings)
    spec, tree = fit(ScenarioSpec, tree, findings, also_known=KEYS_OF_FILE)
    picked = fit_constraints(tree, constraints, findings)
    objective = fit_objective(tree, objectives, findings)
    if spec is None:
        return None
    cross_check(spec, [*picked, *([objective] if objective else [])], tree, findings)
    if objective is None:
        return None
    complete: Mapping[str, Any] = {
        CONSTRAINTS: tuple({"rule": p.rule, "name": p.name, **p.values} for p in picked),
        OBJECTIVE: {"name": objective.rule, **objective.values},
    }
    return _Checked(spec.model_copy(update=complete), picked, objective, tree)


def _check_set_aside(expanded: Expanded, constraints: Models, findings: Findings) -> None:
    """What the scenario says of rules that are set aside must make sense; what they lack is told elsewhere."""
    found, tree = Findings(), expanded.tree
    spoken = switched_on(tree.with_value({CONSTRAINTS: tree.with_value(expanded.spoken)}), found)
    fit_constraints(spoken, constraints, found)
    for fault in found:
        if fault.code != "missing_key":
            again(fault, findings)
