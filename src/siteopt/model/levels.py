"""Walks by steps of minutes: what the nearest outlet's distance is worth, as coverage within several limits.

A walk of m minutes counts as the next step above it, exactly by :func:`siteopt.units.within`. Being within reach at
each step is a service of its own, so that minutes are a sum over services, and what holds of coverage holds of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from siteopt.plan import Plan, served
from siteopt.problem import Problem, Service, TravelTimes
from siteopt.units import Floats
from siteopt.world import World

Steps = Mapping[int, Sequence[tuple[float, float]]]
"""Type -> (limit in minutes, what one person within it is worth besides being within the wider ones), any order."""


def services_at(steps: Steps) -> tuple[Service, ...]:
    """The services of all steps."""
    return tuple(Service((t,), (limit,)) for t, parts in steps.items() for limit, _ in parts)


def worth_of(problem: Problem, steps: Steps, people: Floats) -> Floats:
    """(I, S) what each cell is worth for each service."""
    out = np.zeros((len(people), len(problem.services)))
    at = {service: s for s, service in enumerate(problem.services)}
    for t, parts in steps.items():
        for limit, worth in parts:
            out[:, at[Service((t,), (limit,))]] += worth * people
    return out


def reached(world: World, travel: TravelTimes, plan: Plan, steps: Steps, *, period: int) -> Floats:
    """(I, types of the steps) what one person of each cell is worth by each type, from raw data."""
    return np.column_stack(
        [
            sum(w * served(world, travel, plan, Service((t,), (m,)), period=period) for m, w in parts)
            if parts
            else np.zeros(len(world.cells))
            for t, parts in steps.items()
        ]
    )
