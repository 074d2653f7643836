"""``policy: NAME``: the rules of a policy pack laid under the scenario's own constraints.

A pack is a list of constraints with their sources. The scenario's constraint of the same name changes a pack's, or
switches it off. What the data do not allow to check is set aside and said to be unchecked, in so far as it is the
pack that asks for it: see :mod:`siteopt.scenario.set_aside`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from siteopt.findings import Finding, Findings
from siteopt.scenario.faults import again, nearest_of
from siteopt.scenario.marks import Node, plain
from siteopt.scenario.merge import CONSTRAINTS, merge, name_of
from siteopt.scenario.policy_pack import POLICY, Item, Policies, composed, items_of
from siteopt.scenario.policy_types import TYPES, TypeNames, catalogue_id
from siteopt.scenario.set_aside import SetAside, as_far_as_data, is_asked, words_of


@dataclass(frozen=True)
class FromPolicy:
    """Where a constraint in force comes from.

    Attributes
    ----------
    policy : the pack
    clauses : what it states of the plan document and of planning law
    asked : the scenario asks for it as it stands: then missing data are an error, not a reason to set it aside
    kept : the parameters that the pack gives and the scenario leaves as they are
    said : the scenario's own words in it; what they ask for and is not there, is an error
    """

    policy: str
    clauses: tuple[str, ...]
    asked: bool
    kept: tuple[str, ...]
    said: frozenset[str] = field(default=frozenset(), compare=False)


@dataclass(frozen=True)
class Expanded:
    """A scenario with its packs' rules in it.

    Attributes
    ----------
    tree : the scenario; ``constraints`` holds the packs' rules too, but for those set aside
    items : name -> where each of the packs' rules comes from, switched off or not; none that is set aside
    off : names of the packs' rules that are off unless the scenario switches them on
    set_aside : what is not checked
    spoken : rules set aside, or off, in which the scenario has its own words: those must make sense all the same
    remarks : what else is to be told
    """

    tree: Node
    items: Mapping[str, FromPolicy] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    set_aside: tuple[SetAside, ...] = ()
    spoken: tuple[Node, ...] = ()
    remarks: tuple[Finding, ...] = ()

    def tell(self, findings: Findings) -> None:
        """Report what is not checked."""
        for finding in (*self.remarks, *(f for aside in self.set_aside for f in aside.findings)):
            again(finding, findings)


def expand(
    tree: Node, policies: Policies, findings: Findings, *, settle: Callable[[Node], Node] = lambda tree: tree
) -> Expanded:
    """Lay the packs that a scenario asks for under its constraints and types.

    Parameters
    ----------
    tree : Node
        The scenario, merged; with ``policy: NAME`` or a list of names, of which the later ones win.
    policies : Policies
    findings : Findings
        Gets an error for each name that is no pack's.
    settle : callable
        Last words on the constraints, the packs' among them, before it is seen what the data allow to check.
    """
    said = tree.child(POLICY)
    if said is None or said.is_null:
        return Expanded(settle(tree))
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
    listed = tree.child(CONSTRAINTS)
    if listed is not None and not (isinstance(listed.value, tuple) or listed.is_null):
        return Expanded(settle(tree))  # the scenario's own schema reports it
    names, written = TypeNames(tree, policies.type_ids), _written_out(tree)
    under = {name: _renamed(item, names) for name, item in items.items()}
    tree = settle(_laid_under(tree, under))
    listed = tree.child(CONSTRAINTS)
    if listed is None or not isinstance(listed.value, tuple):
        return Expanded(tree)  # a setting has put something else there, which the schema reports
    rules = _Sorted(tree, items, names, under, written)
    for node in listed.items:
        rules.take(node)
    return rules.expanded(listed)


def _with_type_defaults(tree: Node, pack: Node) -> Node:
    """What a pack says of outlet types, under what the scenario says of those that it has."""
    defaults, types = pack.child(TYPES), tree.child(TYPES)
    if defaults is None or types is None or not types.fields:
        return tree
    laid = {}
    for own, node in types.fields.items():
        under = defaults.child(catalogue_id(own, node))
        laid[own] = node if under is None else (node.with_value(under.value) if node.is_null else merge(under, node))
    return tree.with_value({**tree.fields, TYPES: types.with_value(laid)})


def _written_out(tree: Node) -> frozenset[str]:
    """Names of the packs' rules that a resolved scenario holds in full: its words for them are the packs'."""
    listed = tree.child(CONSTRAINTS)
    named = {name_of(item) for item in (listed.items if listed else ()) if POLICY in item.fields}
    return frozenset(name for name in named if name is not None)


def _laid_under(tree: Node, under: Mapping[str, Node]) -> Node:
    """The packs' rules under the scenario's, each in its pack's order, then the scenario's own."""
    said = tree.child(CONSTRAINTS)
    own = said if said is not None and said.items else Node((), tree.mark)
    over = own.with_value(tuple(_without_policy(item) for item in own.items))
    return merge(
        tree.with_value({**tree.fields, CONSTRAINTS: own.with_value(tuple(under.values()))}),
        tree.with_value({CONSTRAINTS: over}),
    )


class _Sorted:
    """The constraints, one by one: what is left of the packs' rules with the data that there are."""

    def __init__(
        self,
        tree: Node,
        items: Mapping[str, Item],
        names: TypeNames,
        under: Mapping[str, Node],
        written: frozenset[str],
    ) -> None:
        self.tree, self.items, self.names, self.under, self.written = tree, items, names, under, written
        self.kept: list[Node] = []
        self.where: dict[str, FromPolicy] = {}
        self.asides: list[SetAside] = []
        self.spoken: list[Node] = []
        self.remarks: list[Finding] = []

    def take(self, node: Node) -> None:
        """Keep a constraint, as far as the data go where it is a pack's, and set the rest aside."""
        name = name_of(node)
        item = self.items.get(name) if name is not None else None
        if item is None or name is None or _value(node, "rule") != item.rule:
            self.kept.append(node)
            return
        came = self._came(node, name, item)
        if _value(node, "off") is True:
            self._leave_off(node, name, item, came)
            return
        left, aside = as_far_as_data(self.tree, node, item, self.names, whole=name in self.written)
        if left is None and came.asked:
            left, aside = node, []  # what it lacks is an error, as for any rule of the scenario's own
        self.asides += [a.louder() if came.said and left is None else a for a in aside]
        if left is not None:
            self.where[name] = came
            self.kept.append(left)
        elif came.said:
            self.spoken.append(node)

    def _came(self, node: Node, name: str, item: Item) -> FromPolicy:
        under, written = self.under[name], name in self.written
        ours = tuple(key for key in _params(under) if _same(under.child(key), node.child(key), self.names))
        said = frozenset[str]() if written else words_of(node, item)
        return FromPolicy(item.policy, item.clauses, is_asked(node, item, written=written), ours, said)

    def _leave_off(self, node: Node, name: str, item: Item, came: FromPolicy) -> None:
        """A rule that is off stays off until it is switched on, whatever else the scenario says of it."""
        self.where[name] = came
        self.kept.append(node)
        if came.said and node.fields["off"].mark.file == item.node.mark.file:
            at, field = node.key or node.mark, f"{CONSTRAINTS}.{name}"
            facts = {"policy": item.policy}
            self.remarks.append(Finding("warning", "policy_still_off", at.file, at.row, field, name, facts))
            self.spoken.append(node.with_value({k: v for k, v in node.fields.items() if k != "off"}))

    def expanded(self, listed: Node) -> Expanded:
        """The scenario with what was kept."""
        tree = self.tree.with_value({**self.tree.fields, CONSTRAINTS: listed.with_value(tuple(self.kept))})
        off = frozenset(name for name, item in self.items.items() if item.off)
        told = tuple(self.asides), tuple(self.spoken), tuple(self.remarks)
        return Expanded(tree, self.where, off, *told)


def _value(node: Node, key: str) -> object:
    child = node.child(key)
    return None if child is None else child.value


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


def _params(node: Node) -> list[str]:
    return [key for key in node.fields if key not in ("rule", "name", "off")]


def _renamed(item: Item, names: TypeNames) -> Node:
    """A pack's rule with the scenario's own names for types."""
    fields = item.node.fields
    return item.node.with_value({k: names.renamed(v) if k in item.type_keys else v for k, v in fields.items()})
