"""What a plan is sought for: one file per objective, registered by being there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import ClassVar, Generic

from siteopt.findings import Findings
from siteopt.model.columns import Block
from siteopt.model.constraint import P, Params, Text
from siteopt.model.thrift import thrift, thrift_measures
from siteopt.plan import Measure, Plan
from siteopt.problem import Problem, Service, TravelTimes
from siteopt.program import Columns, Goal, Rows
from siteopt.units import Floats
from siteopt.world import World


class Objective(ABC, Generic[P]):
    """An objective with its parameters.

    Attributes
    ----------
    name, title, sentence, formula, parameters, allows, clauses : as in
        :class:`siteopt.model.constraint.Constraint`
    unit : of what is sought: "people", "money", "minutes", "share"
    label : name of its goal and beginning of the names of its columns
    additive : the value of all cells is the sum of the values of parts of them
    more_is_better : the goal is a maximum
    combines : looks at several types in one cell together ("all of them", "any of them") by their cover variables
    """

    name: ClassVar[str]
    title: ClassVar[Text]
    sentence: ClassVar[Text]
    formula: ClassVar[str]
    parameters: ClassVar[type[Params]] = Params
    allows: ClassVar[frozenset[str]] = frozenset()
    clauses: ClassVar[tuple[str, ...]] = ()
    unit: ClassVar[str] = "people"
    additive: ClassVar[bool] = True
    more_is_better: ClassVar[bool] = True
    combines: ClassVar[bool] = False

    def __init__(self, params: P, label: str = "") -> None:
        self.params = params
        self.label = label or self.name

    @property
    def cells_by(self) -> str:
        """What cells must share to be merged, "" for nothing."""
        return ""

    def check(self, world: World, findings: Findings, file: str) -> None:
        """Report parameters that do not fit the world."""

    def counted(self, world: World) -> Floats:
        """(I, W) what one cell has of everybody that the goals count.

        Where outlets have a capacity, cells are merged only if all of this is in proportion to their residents.
        """
        return world.cells.people

    def services(self, world: World) -> tuple[Service, ...]:
        """What must be within reach besides the types by themselves."""
        return ()

    def blocks(self, problem: Problem) -> Sequence[Block]:
        """Columns of its own."""
        return ()

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        """Rows that tie its own columns to the others; logic, no rules (``elastic=False``)."""
        return ()

    @abstractmethod
    def goal(self, problem: Problem, columns: Columns) -> Goal:
        """What is sought, over the program's columns; its name is the objective's label."""

    @abstractmethod
    def measure(self, world: World, travel: TravelTimes, plan: Plan) -> Measure:
        """What a plan is worth by it, from raw data, without the program."""

    def goals(self, problem: Problem, columns: Columns) -> tuple[Goal, ...]:
        """What is sought, then among equal plans least cost: goals in order."""
        return (self.goal(problem, columns), *thrift(problem, columns))

    def measures(self, world: World, travel: TravelTimes, plan: Plan) -> tuple[Measure, ...]:
        """What a plan is worth by each goal, in order; there may be more, which are only printed."""
        return (self.measure(world, travel, plan), *thrift_measures(world, plan))


@cache
def registry() -> Mapping[str, type[Objective[Params]]]:
    """Every objective file in ``model/objectives/``, by name."""
    package = import_module("siteopt.model.objectives")
    found: dict[str, type[Objective[Params]]] = {}
    for module in sorted(iter_modules(package.__path__), key=lambda m: m.name):
        seek: type[Objective[Params]] = import_module(f"{package.__name__}.{module.name}").Seek
        found[seek.name] = seek
    return found
