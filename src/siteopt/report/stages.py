"""What a plan decides besides its outlets: phase by phase, who pays, which communities are pilots."""

from __future__ import annotations

from typing import Any

import numpy as np

from siteopt.money import spent, yearly
from siteopt.plan import Phase, Run
from siteopt.report.goals import least, sought_unit
from siteopt.report.sentences import Both, apart, both
from siteopt.report.subjects import Subjects

NOTHING = 1e-6
"""Differences of an objective below this are none."""


def phases(run: Run) -> list[dict[str, Any]]:
    """Each phase of a plan that has several.

    Returns
    -------
    list of dict
        ``name``; ``months`` from the start to its end, None without a calendar; ``reached``: the objective at its end
        by itself; ``best`` found as if all money up to here could be spent at once, and ``at_most`` what is proven of
        that (at least, where less is better); ``status`` of that search; ``every_rule``; ``opened`` outlets, ``cost``
        and ``cost_by_source`` of the phase; ``people`` of the first group within reach of each type at its end.
        None where it is not known.
    """
    plan, world = run.plan, run.world
    if plan is None or len(plan.periods) < 2:
        return []
    money, told = spent(world, plan), {phase.name: phase for phase in run.phases}
    reach = run.scores.after_by_period
    out = []
    for p, name in enumerate(plan.periods):
        phase = told.get(name)
        within = reach[p, :, 0].tolist() if p < len(reach) else [None] * len(world.types)
        months = world.periods.months[p] if p < len(world.periods) else np.inf
        out.append(
            {
                "name": name,
                "months": _known(months),
                "reached": _known(phase.reached) if phase else None,
                "at_most": _known(phase.bound) if phase else None,
                "best": _known(phase.best) if phase else None,
                "status": phase.status if phase else None,
                "every_rule": phase.every_rule if phase else None,
                "opened": int((plan.period == p + 1)[plan.opened].sum()),
                "cost": float(run.scores.cost_by_period[p]),
                "cost_by_source": dict(zip(world.funds.name, money[p].tolist(), strict=True)),
                "people": dict(zip(world.types.type_id, within, strict=True)),
            }
        )
    return out


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def page_phases(run: Run) -> dict[str, Any] | None:
    """The phases for the page, with what waiting costs in a sentence; None where a plan has no phases."""
    rows = phases(run)
    if not rows:
        return None
    last = run.phases[-1] if run.phases else None
    return {
        "rows": rows,
        "sources": list(run.world.funds.name),
        "unit": sought_unit(run, one_phase=True),
        "least": least(run),
        "waiting": waiting(run, last) if last is not None and last.every_rule else None,
    }


def waiting(run: Run, last: Phase) -> Both:
    """What it costs at the end that not everything could open at once."""
    unit = sought_unit(run, one_phase=True)
    sign = -1.0 if least(run) else 1.0
    most, known = sign * (last.bound - last.reached), sign * (last.best - last.reached)
    if not np.isfinite(most):
        return both("phases_waiting_unknown")
    if most <= NOTHING * max(1.0, abs(last.reached)):
        return both("phases_waiting_nothing")
    key = "phases_waiting_exact" if most - known <= NOTHING * max(1.0, abs(last.reached)) else "phases_waiting"
    return both(key, lambda lang: {"amount": apart(most, unit, run, lang)})


def pilots(run: Run) -> list[dict[str, Any]]:
    """Communities that the plan makes pilots, each with its grade, by community id."""
    if run.plan is None:
        return []
    found = [
        {"community": community, "grade": grade, "rule": label}
        for label, decided in run.plan.decided.items()
        if run.rules.get(label, {}).get("rule", label) == "pilots"
        for community, grade in decided.items()
    ]
    return sorted(found, key=lambda pilot: (pilot["rule"], pilot["community"]))


def page_pilots(run: Run) -> list[dict[str, Any]]:
    """The pilots by name, and how many types of each category they have with the plan."""
    named, types = Subjects(run), run.world.types
    at = {str(c): k for k, c in enumerate(run.world.communities.community_id)}
    plan, out = run.plan, []
    for pilot in pilots(run):
        here = run.world.sites.community == at.get(pilot["community"], -1)
        there = run.world.sites.standing[here].any(axis=0)
        opened = plan.opened[here].any(axis=0) if plan is not None else np.zeros_like(there)
        count = {
            category: int(sum(x and c == category for x, c in zip(there | opened, types.category, strict=True)))
            for category in ("basic", "quality")
        }
        out.append({"community": named[pilot["community"]], "grade": pilot["grade"], **count})
    return out


def yearly_cost(run: Run) -> dict[str, float]:
    """Money a year that new outlets cost the public purse to run, by type; empty where no type has such a figure."""
    types = run.world.types
    if run.plan is None or not (np.asarray(types.yearly_cost) != 0).any():
        return {}
    return dict(zip(types.type_id, yearly(run.world, run.plan).tolist(), strict=True))
