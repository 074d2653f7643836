"""What a planning rule is: one file with sentence, formula, rows and judge.

Dropping a file with a class ``Rule`` into ``model/constraints/`` registers it; no other file changes. ``rows``
states the rule for the solver; ``judge`` decides it again from raw data, without the program. The two are held
equal by tests on every plan of tiny worlds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import ClassVar, Generic, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from siteopt.findings import Findings, nearest
from siteopt.model.columns import Block
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, Service, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.units import Bools, Floats, Ints
from siteopt.world import SPACE_KINDS, World

Text = Mapping[str, str]


class Params(BaseModel):
    """Parameters of a rule; strict and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    def references(self) -> Mapping[str, Iterable[str]]:
        """Names of types that must be known: {"types": [...]}."""
        types = getattr(self, "types", None)
        return {"types": types} if types else {}


P = TypeVar("P", bound=Params)


class Constraint(ABC, Generic[P]):
    """A rule with its parameters.

    Attributes
    ----------
    name : the rule's name in a scenario
    title, sentence : bilingual
    formula : as in docs/rules.md
    allows : reductions under which the rule stays exact ("merge_cells"); nothing unless said
    combines : looks at several types in one cell together by their cover variables
    always : in force without being asked for (the physical world)
    cells_by : "" or "community": what the cells of one class must share for the rule's rows to be exact
    clauses : what the rule states of the plan document and of planning law, by the numbers of docs/rules.md
    """

    name: ClassVar[str]
    title: ClassVar[Text]
    sentence: ClassVar[Text]
    formula: ClassVar[str]
    parameters: ClassVar[type[Params]] = Params
    allows: ClassVar[frozenset[str]] = frozenset()
    always: ClassVar[bool] = False
    combines: ClassVar[bool] = False
    clauses: ClassVar[tuple[str, ...]] = ()

    def __init__(self, params: P, label: str = "") -> None:
        self.params = params
        self.label = label or self.name

    @property
    def cells_by(self) -> str:
        """What cells must share to be merged, "" for nothing."""
        return ""

    def check(self, world: World, findings: Findings, file: str) -> None:
        """Report parameters that do not fit the world (an unknown site, say); errors stop the run."""

    def counted(self, world: World) -> Floats:
        """(I, W) what one cell has of everybody that the rows count, besides residents.

        Where outlets have a capacity, cells are merged only if all of this is in proportion to their residents.
        """
        return np.zeros((len(world.cells), 0))

    def services(self, world: World) -> tuple[Service, ...]:
        """What must be within reach besides the types by themselves."""
        return ()

    def blocks(self, problem: Problem) -> Sequence[Block]:
        """Columns of its own; names begin with the rule's label."""
        return ()

    def tell(self, problem: Problem, columns: Columns, x: Floats, plan: Plan) -> Plan:
        """The plan with what the rule's own columns decide."""
        return plan

    @property
    def of_pilots(self) -> bool:
        """Looks at the communities that a plan makes pilots."""
        return False

    def beside(self, rules: Sequence[Constraint[Params]]) -> Constraint[P]:
        """The rule as it is in force together with others; another where it looks at what those decide."""
        return self

    @abstractmethod
    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        """The rule as linear rows over the program's columns."""

    @abstractmethod
    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        """The rule on a plan, from raw data."""


def together(rules: Iterable[Constraint[Params]]) -> tuple[Constraint[Params], ...]:
    """Rules that are in force together: those that look at what others decide know them."""
    alone = tuple(rules)
    return tuple(rule.beside(alone) for rule in alone)


@cache
def registry() -> Mapping[str, type[Constraint[Params]]]:
    """Every rule file in ``model/constraints/``, by name."""
    package = import_module("siteopt.model.constraints")
    found: dict[str, type[Constraint[Params]]] = {}
    for module in sorted(iter_modules(package.__path__), key=lambda m: m.name):
        rule: type[Constraint[Params]] = import_module(f"{package.__name__}.{module.name}").Rule
        found[rule.name] = rule
    return found


def options_where(
    world: World,
    option_site: Ints,
    option_type: Ints,
    *,
    types: Iterable[str] | None = None,
    kinds: Iterable[str] | None = None,
    communities: Iterable[str] | None = None,
) -> Bools:
    """(N,) options of the given types, kinds of space and communities; None means all."""
    keep = np.ones(len(option_site), dtype=np.bool_)
    if types is not None:
        keep &= np.isin(option_type, [world.types.type_id.index(t) for t in types])
    if kinds is not None:
        keep &= np.isin(world.sites.kind.astype(str)[option_site], list(kinds))
    if communities is not None:
        known = {str(c): k for k, c in enumerate(world.communities.community_id)}
        keep &= np.isin(world.sites.community[option_site], [known[c] for c in communities])
    return keep


def check_communities(world: World, findings: Findings, file: str, label: str, ids: Iterable[str] | None) -> None:
    """Report community ids that a rule names and nobody knows."""
    known = [str(c) for c in world.communities.community_id]
    for community in ids or ():
        if community not in known:
            findings.error(
                "rule_unknown_community",
                file=file,
                field=f"constraints.{label}",
                value=community,
                nearest=nearest(community, known) or "—",
            )


def check_sites(world: World, findings: Findings, file: str, label: str, ids: Iterable[str]) -> None:
    """Report site ids that a rule names and nobody knows."""
    known = {str(s) for s in world.sites.site_id}
    for site in ids:
        if site not in known:
            findings.error(
                "rule_unknown_site",
                file=file,
                field=f"constraints.{label}",
                value=site,
                nearest=nearest(site, sorted(known)) or "—",
            )


def check_kinds(findings: Findings, file: str, label: str, kinds: Iterable[str] | None) -> None:
    """Report kinds of space that do not exist."""
    for kind in kinds or ():
        if kind not in SPACE_KINDS:
            findings.error(
                "rule_unknown_kind",
                file=file,
                field=f"constraints.{label}",
                value=kind,
                nearest=nearest(kind, SPACE_KINDS) or "—",
                expected=", ".join(SPACE_KINDS),
            )


def check_types(world: World, findings: Findings, file: str, label: str, types: Iterable[str]) -> None:
    """Report types that a rule names and the scenario does not have."""
    for name in types:
        if name not in world.types.type_id:
            findings.error(
                "rule_unknown_type",
                file=file,
                field=f"constraints.{label}",
                value=name,
                nearest=nearest(name, world.types.type_id) or "—",
            )
