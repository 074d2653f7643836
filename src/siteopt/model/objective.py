"""What a plan is sought for: one file per objective, registered by being there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import ClassVar, Generic

from siteopt.findings import Findings
from siteopt.model.constraint import P, Params, Text
from siteopt.problem import Problem
from siteopt.program import Columns, Goal
from siteopt.units import Bools, Floats
from siteopt.world import World


class Objective(ABC, Generic[P]):
    """An objective with its parameters.

    Attributes
    ----------
    name, title, sentence, formula, parameters, allows : as in :class:`siteopt.model.constraint.Constraint`
    """

    name: ClassVar[str]
    title: ClassVar[Text]
    sentence: ClassVar[Text]
    formula: ClassVar[str]
    parameters: ClassVar[type[Params]] = Params
    allows: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, params: P) -> None:
        self.params = params

    def check(self, world: World, findings: Findings, file: str) -> None:
        """Report parameters that do not fit the world."""

    @abstractmethod
    def weights(self, world: World) -> Floats:
        """(I, T) what covering each cell by each type is worth."""

    @abstractmethod
    def goals(self, problem: Problem, columns: Columns) -> tuple[Goal, ...]:
        """Goals in order over the program's columns."""

    @abstractmethod
    def value(self, world: World, covered: Bools) -> float:
        """The first goal's value from (I, T) covered cells, without the program."""


@cache
def registry() -> Mapping[str, type[Objective[Params]]]:
    """Every objective file in ``model/objectives/``, by name."""
    package = import_module("siteopt.model.objectives")
    found: dict[str, type[Objective[Params]]] = {}
    for module in sorted(iter_modules(package.__path__), key=lambda m: m.name):
        seek: type[Objective[Params]] = import_module(f"{package.__name__}.{module.name}").Seek
        found[seek.name] = seek
    return found
