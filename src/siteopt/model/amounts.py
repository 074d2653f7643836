"""What is counted: outlets, or floor area; of options for rows, of a plan for judges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from siteopt.model.areas import Counted, areas_dm2, per_option
from siteopt.plan import Plan, areas
from siteopt.problem import Problem
from siteopt.program import Columns
from siteopt.units import DM2_PER_M2, Ints, whole_dm2
from siteopt.world import World


@dataclass(frozen=True)
class Amount:
    """One way to count, in whole units.

    Attributes
    ----------
    unit, size : the planner's unit, and how many whole units make one (100 dm2 are 1 m2)
    options : what each option adds, with what each step of its area adds where areas are chosen
    opened : (J, T) what each new outlet of a plan adds (looked at where the plan opens)
    """

    unit: str
    size: int
    options: Callable[[Problem, Columns], Counted]
    opened: Callable[[World, Plan], Ints]


def by_type(unit: str, each: Callable[[World], Ints]) -> Amount:
    """So many of something in one outlet of each type, whatever its area; ``each`` gives (T,) whole numbers."""
    return Amount(
        unit,
        1,
        lambda problem, columns: per_option(problem, columns, each(problem.world)[problem.option_type]),
        lambda world, plan: plan.opened * each(world),
    )


OUTLETS = by_type("outlets", lambda world: np.ones(len(world.types), dtype=np.int64))
AREA = Amount("m2", DM2_PER_M2, areas_dm2, lambda world, plan: whole_dm2(areas(world, plan)))


def amount_by(by: str) -> Amount:
    """Floor area where a rule says ``by: area``, else the number of outlets."""
    return AREA if by == "area" else OUTLETS
