"""A scenario that is read and checked: what assessing and solving start from."""

from __future__ import annotations

from dataclasses import dataclass

from siteopt.clock import Clock
from siteopt.findings import Findings
from siteopt.model import constraint, objective
from siteopt.problem import TravelTimes
from siteopt.scenario.load import Loaded
from siteopt.world import Streets, World

Rule = constraint.Constraint[constraint.Params]
Seek = objective.Objective[constraint.Params]


class RefusedPlan(Exception):
    """A plan failed its own audit: our bug, never the user's; nothing is written."""


@dataclass(frozen=True, eq=False)
class Ready:
    """A scenario read and checked: all that assessing and solving need."""

    loaded: Loaded
    world: World
    streets: Streets | None
    travel: TravelTimes
    rules: tuple[Rule, ...]
    seek: Seek
    findings: Findings
    clock: Clock


def rules_of(loaded: Loaded) -> tuple[Rule, ...]:
    """The physical rules, then the scenario's own."""
    known = constraint.registry()
    always = [rule(rule.parameters()) for rule in known.values() if rule.always]
    return (*always, *(known[name](params, label) for name, label, params in loaded.constraints))  # type: ignore[arg-type]


def seek_of(loaded: Loaded) -> Seek:
    """The scenario's objective."""
    name, params = loaded.objective
    return objective.registry()[name](params)  # type: ignore[arg-type]
