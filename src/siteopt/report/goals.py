"""What was sought, goal by goal: each audited value in its own unit, and what is proven of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from siteopt.plan import Measure, Run
from siteopt.program import GoalResult

PER_TYPE = "coverage"
"""The objective that counts a person once for each outlet type within reach."""

THRIFT = ("cost", "fewest", "least_area")
"""The last goals of every objective."""


def first_sought(run: Run) -> tuple[str, Mapping[str, Any]]:
    """Name and parameters of what is sought first: of objectives in order, the first of them."""
    name, params = str(run.objective.get("name", "")), run.objective.get("params") or {}
    parts = params.get("parts")
    if name == "ordered" and parts:
        return str(parts[0].get("name", "")), parts[0]
    return name, params


def group_weights(run: Run) -> dict[str, float]:
    """Population group -> weight of one person of it; empty where everybody of the first group counts one."""
    given = dict(first_sought(run)[1].get("group_weights") or {})
    return {} if given == {run.world.cells.groups[0]: 1.0} else given


def counted_as(run: Run, name: str, unit: str, *, one_phase: bool = False) -> str:
    """What a value of an objective is counted in, as the texts ``amount_…`` name it.

    Parameters
    ----------
    run : Run
    name : the objective
    unit : its unit
    one_phase : the value is of one phase by itself, not of all together

    Returns
    -------
    str
        ``people`` only where each person counts once and whole; ``services`` once per outlet type,
        ``services_phases`` per phase besides, ``weighted_people`` otherwise; other units as they are.
    """
    if unit != "people":
        return unit
    types, phased = run.world.types, len(run.world.periods) > 1 and not one_phase
    weighed = bool(group_weights(run))
    if name == PER_TYPE:
        plain = len(types) == 1 and float(types.weight[0]) == 1.0 and not weighed
        return "services_phases" if phased else "people" if plain else "services"
    return "people" if name == "complete" and not weighed and not phased else "weighted_people"


def sought_unit(run: Run, *, one_phase: bool = False) -> str:
    """What the objective's value is counted in."""
    return counted_as(run, first_sought(run)[0], str(run.objective.get("unit", "")), one_phase=one_phase)


def counts_people(run: Run) -> bool:
    """Whether the objective's value is a plain number of persons."""
    return sought_unit(run) == "people"


def least(run: Run) -> bool:
    """Whether less of the first goal is better."""
    return bool(run.proof.goals) and run.proof.goals[0].sense == "min"


def goals_of(run: Run) -> list[dict[str, Any]]:
    """Every goal in order, then the parts of a weighted sum.

    Returns
    -------
    list of dict
        ``name``; ``objective``, its name without a number; ``value`` (audited) in ``unit``, None without a plan;
        ``counted_as``; ``in_turn``, its best value when it was sought; ``tolerance``, the share of that which later
        goals may take, None where the scenario says nothing of it; ``sense``, ``bound``, ``gap``, ``status`` of the
        goal in its own turn, None where it was not sought: time ran out before, or it is a ``part`` of a weighted
        sum and no goal by itself. Earlier goals may be worse than their bound by their tolerance.
    """
    known = {goal.name: goal for goal in run.proof.goals}
    if run.plan is None:
        return [_told(run, Measure(g.name, float("nan"), ""), g) for g in run.proof.goals]
    if not run.scores.measures:  # a plan that only its first figure is known of
        unit = str(run.objective.get("unit", ""))
        return [_told(run, Measure(g.name, run.scores.objective, unit), g) for g in run.proof.goals[:1]]
    return [_told(run, measure, known.pop(measure.name, None)) for measure in run.scores.measures]


def tolerances(run: Run) -> dict[str, float]:
    """Goal -> the share of its value that later ones may take, of objectives in order; else empty."""
    params = run.objective.get("params") or {}
    parts = params.get("parts") or ()
    if run.objective.get("name") != "ordered":
        return {}
    sought = [m.name for m in run.scores.measures if m.name not in THRIFT]
    return {name: float(part.get("tolerance", 0.0)) for name, part in zip(sought, parts, strict=False)}


def _told(run: Run, measure: Measure, goal: GoalResult | None) -> dict[str, Any]:
    name, number, value = measure.name, measure.name.rpartition(" "), float(measure.value)
    plain = number[0] if number[2].isdigit() and number[0] else name
    gap = None
    if goal is not None and np.isfinite(goal.bound) and np.isfinite(value):
        gap = abs(goal.bound - value) / max(1.0, abs(value))
    return {
        "name": name,
        "objective": plain,
        "value": value if np.isfinite(value) else None,
        "unit": measure.unit,
        "counted_as": counted_as(run, plain, measure.unit),
        "in_turn": goal.value if goal is not None and np.isfinite(goal.value) else None,
        "tolerance": tolerances(run).get(name),
        "sense": None if goal is None else goal.sense,
        "bound": goal.bound if goal is not None and np.isfinite(goal.bound) else None,
        "gap": gap,
        "status": None if goal is None else goal.status,
        "part": goal is None and run.objective.get("name") == "weighted" and name not in THRIFT,
    }
