"""What one part of a scenario says about another: types, groups and kinds that must exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from unicodedata import normalize

from siteopt.findings import Findings
from siteopt.scenario.faults import nearest_of, shown
from siteopt.scenario.marks import Mark, Node, Path, dotted, find, nearest_mark
from siteopt.scenario.rules import Picked, references_of
from siteopt.scenario.schema import ScenarioSpec
from siteopt.world import SPACE_KINDS, TIERS

ONE_GROUP = ("residents",)
"""The name of the group when `people` is one column."""

WHOM = ("types", "kinds", "communities", "tiers", "age_classes")
"""Parameters that say whom or what a rule is about."""
WHOM_NOT = (("plot_size", "types"),)
"""Of these, parameters that say whom a rule is not about: there, nobody is an answer."""

CODE = {"types": "type_unknown", "groups": "group_unknown"}


def groups_of(spec: ScenarioSpec) -> tuple[str, ...]:
    """The population groups that the scenario names, the counted one first."""
    people = spec.demand.people
    return tuple(people) if isinstance(people, Mapping) else ONE_GROUP


def cross_check(spec: ScenarioSpec, picked: Iterable[Picked], tree: Node, findings: Findings) -> None:
    """Report every name in one part of the scenario that another part does not know.

    Parameters
    ----------
    spec : ScenarioSpec
    picked : iterable of Picked
        Constraints and objective.
    tree : Node
        The whole scenario, for the marks.
    """
    check = _Check(tree, findings)
    types = list(spec.types)
    _travel(spec, check)
    if not groups_of(spec):
        check.error("people_empty", ("demand", "people"), None)
    for kind, allowed in spec.candidates.allowed_by_kind.items():
        path: Path = ("candidates", "allowed_by_kind", kind)
        check.known("kind_unknown", path, kind, SPACE_KINDS, of_key=True)
        for n, type_id in enumerate(allowed):
            check.known("type_unknown", (*path, n), type_id, types)
    for field in ("months_by_kind", "conversion"):
        for kind in getattr(spec.candidates, field):
            check.known("kind_unknown", ("candidates", field, kind), kind, SPACE_KINDS, of_key=True)
    for field in ("cost", "capacity"):
        for type_id in getattr(spec.candidates, field):
            check.known("type_unknown", ("candidates", field, type_id), type_id, types, of_key=True)
    for n, layer in enumerate(spec.existing):
        if layer.of_type is not None:
            check.known("type_unknown", ("existing", n, "of_type"), layer.of_type, types)
        for m, type_id in enumerate(layer.addons):
            check.known("type_unknown", ("existing", n, "addons", m), type_id, types)
    for type_id, one in spec.types.items():
        per_m2 = getattr(one.cost, "per_m2", None)
        for kind in per_m2 if isinstance(per_m2, Mapping) else ():
            path = ("types", type_id, "cost", "per_m2", kind)
            check.known("kind_unknown", path, kind, (*SPACE_KINDS, "existing_outlet"), of_key=True)
    _phases(spec, check)
    _tiers(spec, check)
    if spec.money is not None:
        _names(check, ("money", "sources"), (source.name for source in spec.money.sources), "money_source_twice")
    known = {"types": types, "groups": list(groups_of(spec))}
    for part in picked:
        _lists(part, check)
        for what, names in references_of(part).items():
            for name in names:
                if known.get(what) and name not in known[what]:
                    check.reference(CODE[what], part, name, known[what])


def _travel(spec: ScenarioSpec, check: _Check) -> None:
    travel = spec.travel
    if travel.mode in ("streets", "table") and getattr(travel, travel.mode) is None:
        check.error("travel_block_missing", ("travel", "mode"), travel.mode)
    if travel.mode is None and travel.streets is not None and travel.table is not None:
        check.error("travel_mode_unclear", ("travel",), None, of_key=True)


def _names(check: _Check, path: Path, names: Iterable[str], twice: str) -> None:
    """Report names of nothing but blanks, and names that nobody could tell apart on paper."""
    seen: set[str] = set()
    for n, name in enumerate(names):
        read = normalize("NFKC", name).strip().casefold()
        if not read:
            check.error("name_blank", (*path, n, "name"), name)
        elif read in seen:
            check.error(twice, (*path, n, "name"), name)
        seen.add(read)


def _tiers(spec: ScenarioSpec, check: _Check) -> None:
    """Report tiers that no community can be of, whatever it has."""
    tiers = spec.communities.tiers if spec.communities else None
    if tiers is None:
        return
    asked = {t: [getattr(one, f) or 0.0 for f in type(one).model_fields] for t in TIERS if (one := getattr(tiers, t))}
    for tier, least in asked.items():
        path: Path = ("communities", "tiers", tier)
        higher = [t for t in TIERS[TIERS.index(tier) + 1 :] if t in asked]
        above = next((t for t in higher if all(a <= b for a, b in zip(asked[t], least, strict=True))), None)
        if above is not None:
            check.warn("tier_never", path, tier, higher=above)
        types = getattr(tiers, tier).types or 0.0
        if types > len(spec.types):
            check.warn("tier_types", (*path, "types"), types, count=len(spec.types))


def _lists(part: Picked, check: _Check) -> None:
    """Report lists that name nothing, where all are meant when the list is left out: such a rule is about nothing."""
    for key in WHOM:
        node, field = part.node.child(key), type(part.params).model_fields.get(key)
        if (part.rule, key) in WHOM_NOT or node is None or field is None or node.value != ():
            continue
        if field.is_required() or field.default is None:
            where = {"file": node.mark.file, "row": node.mark.row, "field": f"{part.at}.{key}"}
            check.findings.error("list_of_nothing", value=key, **where)


def _phases(spec: ScenarioSpec, check: _Check) -> None:
    _names(check, ("phases",), (phase.name for phase in spec.phases), "phase_twice")
    before = 0.0
    for n, phase in enumerate(spec.phases):
        if phase.months <= before:
            check.error("phase_order", ("phases", n, "months"), phase.months, name=phase.name, before=before)
        before = phase.months
    if spec.phases and not any(phase.weight for phase in spec.phases):
        check.error("phase_no_weight", ("phases",), None, of_key=True)


class _Check:
    def __init__(self, tree: Node, findings: Findings) -> None:
        self.tree, self.findings = tree, findings

    def known(self, code: str, path: Path, name: str, known: Iterable[str], *, of_key: bool = False) -> None:
        """Report a name that is not among the known ones."""
        choices = list(known)
        if name not in choices:
            self.error(code, path, name, of_key=of_key, **nearest_of(name, choices))

    def reference(self, code: str, part: Picked, name: str, known: list[str]) -> None:
        """Report a name in a rule's parameters, at the place where it is written."""
        mark, steps = next(_written(part.node, name, ()), (part.node.key or part.node.mark, ()))
        field = ".".join(p for p in (part.at, dotted(steps)) if p)
        facts = nearest_of(name, known)
        self.findings.error(code, file=mark.file, row=mark.row, field=field, value=name, **facts)

    def error(self, code: str, path: Path, value: object, *, of_key: bool = False, **facts: object) -> None:
        mark = nearest_mark(self.tree, path, of_key=of_key)
        if value is None:
            value = shown(find(self.tree, path))
        self.findings.error(code, file=mark.file, row=mark.row, field=dotted(path), value=value, **facts)

    def warn(self, code: str, path: Path, value: object, **facts: object) -> None:
        mark = nearest_mark(self.tree, path)
        self.findings.warning(code, file=mark.file, row=mark.row, field=dotted(path), value=value, **facts)


def _written(node: Node, name: str, path: Path) -> Iterator[tuple[Mark, Path]]:
    """Where a name stands in a tree, as a key or as a value."""
    for key, child in node.fields.items():
        if key == name and child.key is not None:
            yield child.key, (*path, key)
        if key not in ("rule", "name"):
            yield from _written(child, name, (*path, key))
    for n, child in enumerate(node.items):
        yield from _written(child, name, (*path, n))
    if node.is_scalar and name in (node.value, node.raw):
        yield node.mark, path
