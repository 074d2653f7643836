"""Who counts how much: weights of population groups, for every objective."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

import numpy as np
from pydantic import Field

from siteopt.findings import Findings, nearest
from siteopt.model.constraint import Params
from siteopt.units import MOST_WEIGHT, Floats
from siteopt.world import World

Weight = Annotated[float, Field(ge=0, le=MOST_WEIGHT)]


class Weighed(Params):
    """Weights of population groups; weights of outlet types stand with the types."""

    group_weights: dict[str, Weight] = Field(
        {},
        description="Population group -> weight of one person of it; the first group weighs 1 and the others 0 "
        "when left out. Groups may overlap: with residents 1 and elderly 1, an elderly resident counts 2. "
        "Workplaces, schools, hospitals or parks are groups too, each a column of the demand layer.",
    )

    def references(self) -> Mapping[str, Iterable[str]]:
        return {"groups": self.group_weights}


def check_groups(params: Weighed, world: World, findings: Findings, file: str) -> None:
    """Report groups that the demand layer does not have."""
    for group in params.group_weights:
        if group not in world.cells.groups:
            findings.error(
                "objective_unknown_group",
                file=file,
                field="objective.group_weights",
                value=group,
                nearest=nearest(group, world.cells.groups) or "—",
                expected=", ".join(world.cells.groups),
            )


def weighed(params: Weighed, world: World) -> Floats:
    """(I,) weighted people of each cell."""
    given, first = params.group_weights, world.cells.groups[0]
    per_group = np.array([given.get(g, 1.0 if g == first else 0.0) for g in world.cells.groups])
    return np.asarray(world.cells.people @ per_group, dtype=np.float64)
