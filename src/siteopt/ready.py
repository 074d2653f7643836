"""A scenario that is read and checked: what assessing and solving start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siteopt.clock import Clock
from siteopt.findings import Findings
from siteopt.model import constraint, objective
from siteopt.problem import TravelTimes
from siteopt.scenario.load import Loaded
from siteopt.world import Streets, World

if TYPE_CHECKING:
    from siteopt.streamed import Streamed

Rule = constraint.Constraint[constraint.Params]
Seek = objective.Objective[constraint.Params]


class RefusedPlan(Exception):
    """A plan failed its own audit: our bug, never the user's; nothing is written."""


@dataclass(frozen=True, eq=False)
class Ready:
    """A scenario read and checked: all that assessing and solving need.

    ``streamed`` is there where the demand layer was never held: its world has classes of cells, and a plan is audited
    on the layer itself.
    """

    loaded: Loaded
    world: World
    streets: Streets | None
    travel: TravelTimes
    rules: tuple[Rule, ...]
    seek: Seek
    findings: Findings
    clock: Clock
    streamed: Streamed | None = None


def rules_of(loaded: Loaded) -> tuple[Rule, ...]:
    """The physical rules, then the scenario's own."""
    known = constraint.registry()
    always = [rule(rule.parameters()) for rule in known.values() if rule.always]
    # A physical rule has no parameters: naming it changes nothing, and its columns are there once.
    own = [one for one in loaded.constraints if not known[one[0]].always]
    mine = (known[name](params, label) for name, label, params in own)  # type: ignore[arg-type]
    return constraint.together((*always, *mine))


def seek_of(loaded: Loaded) -> Seek:
    """The scenario's objective."""
    name, params = loaded.objective
    return objective.registry()[name](params)  # type: ignore[arg-type]
