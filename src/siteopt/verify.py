"""The plan against the untouched world: every printed number recomputed, every rule judged again.

Nothing here sees the program, the reduction or the solver. A plan that fails is refused by the pipeline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np

from siteopt.money import spent
from siteopt.plan import Assigned, Measure, Plan, Proof, Scores, Verdict, areas, costs, served
from siteopt.problem import TravelTimes, capacitated, own_services
from siteopt.transport import given_today
from siteopt.units import Bools, Floats, Ints, within
from siteopt.world import World

VALUE_TOLERANCE = 3e-6
"""Relative: an engine's objective and the audited one may differ by float noise, and by the slack (1e-6) of the floor
under an earlier goal, where columns that are no choices (the least share of all communities, say) may rest. What is
printed is the audited one."""


class Judge(Protocol):
    """Anything that judges a plan from raw data: every constraint does."""

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        """Verdicts about the plan."""
        ...


def nearest_outlet(travel: TravelTimes, open_here: Bools, limit_min: float) -> tuple[Floats, Ints]:
    """Minutes to, and index of, the nearest open site of each cell within a limit.

    Parameters
    ----------
    travel : TravelTimes
    open_here : (J,) bool
    limit_min : float

    Returns
    -------
    minutes : (I,) inf where none is within the limit
    site : (I,) int, -1 where none; of equally near sites the one with the lowest index
    """
    n = travel.n_cells
    at = np.flatnonzero(open_here[travel.site] & within(travel.minutes, limit_min))
    cell = np.searchsorted(travel.indptr, at, side="right") - 1
    order = np.lexsort((travel.site[at], travel.minutes[at], cell))
    at, cell = at[order], cell[order]
    first = np.concatenate([[True], cell[1:] != cell[:-1]]) if len(cell) else np.zeros(0, dtype=bool)
    minutes, site = np.full(n, np.inf), np.full(n, -1, dtype=np.int64)
    minutes[cell[first]] = travel.minutes[at[first]]
    site[cell[first]] = travel.site[at[first]]
    return minutes, site


def score(
    world: World, travel: TravelTimes, plan: Plan, measure: Callable[[World, TravelTimes, Plan], tuple[Measure, ...]]
) -> Scores:
    """Every number of a plan, from sites and minutes.

    Parameters
    ----------
    world, travel : what is there
    plan : what is proposed
    measure : (world, travel, plan) -> what the plan is worth by each goal, the objective's first

    Returns
    -------
    Scores
    """
    sites, types, cells = world.sites, world.types, world.cells
    n_types, n_sites = len(types), len(sites)
    people = cells.people
    before_min, after_min = np.empty((len(cells), n_types)), np.empty((len(cells), n_types))
    served = np.empty((len(cells), n_types), dtype=np.int64)
    newly, only = np.zeros((n_sites, n_types)), np.zeros((n_sites, n_types))
    pair_cell = travel.cell
    for t in range(n_types):
        limit = float(types.limit_min[t])
        standing, opened = sites.standing[:, t], plan.opened[:, t]
        before_min[:, t], _ = nearest_outlet(travel, standing, limit)
        after_min[:, t], served[:, t] = nearest_outlet(travel, standing | opened, limit)
        near = within(travel.minutes, limit)
        reached = np.bincount(pair_cell[near & (standing | opened)[travel.site]], minlength=len(cells))
        mine = near & opened[travel.site]
        gain = mine & np.isinf(before_min[pair_cell, t])
        newly[:, t] = np.bincount(travel.site[gain], weights=cells.residents[pair_cell[gain]], minlength=n_sites)
        alone = mine & (reached[pair_cell] == 1)
        only[:, t] = np.bincount(travel.site[alone], weights=cells.residents[pair_cell[alone]], minlength=n_sites)
    before, after = np.isfinite(before_min).astype(np.float64), np.isfinite(after_min).astype(np.float64)
    limited = np.flatnonzero(capacitated(types)).tolist()
    today, then = (_given(given, len(world.periods) - 1) for given in (given_today(world, travel), plan.assigned))
    for t in limited:  # within reach is not enough: an outlet can be full
        before_min[:, t], _, before[:, t] = main_outlet(travel, today, t)
        after_min[:, t], served[:, t], after[:, t] = main_outlet(travel, then, t)
        newly[:, t], only[:, t] = _gained(world, travel, plan, then, t, before[:, t], after[:, t])
    basic = np.array([c == "basic" for c in types.category])
    basic = basic if basic.any() else np.ones(n_types, dtype=np.bool_)
    money = costs(world, plan)
    measures, paid = measure(world, travel, plan), spent(world, plan)
    return Scores(
        minutes_before=before_min,
        minutes_after=after_min,
        served_by=served,
        total=people.sum(axis=0),
        before=before.T @ people,
        after=after.T @ people,
        complete_before=before[:, basic].min(axis=1) @ people,
        complete_after=after[:, basic].min(axis=1) @ people,
        community_total=_by_community(world, np.ones((len(cells), 1)))[:, 0],
        community_before=_by_community(world, before),
        community_after=_by_community(world, after),
        nothing_before=(1 - before.max(axis=1)) @ people,
        nothing_after=(1 - after.max(axis=1)) @ people,
        newly_covered=newly,
        only_covered_by_this=only,
        objective=measures[0].value,
        measures=measures,
        after_by_period=_by_period(world, travel, plan),
        cost_total=float(money.sum()),
        cost_by_type=money.sum(axis=0),
        cost_by_source=paid.sum(axis=0),
        cost_by_period=paid.sum(axis=1),
        **_areas(world, plan),
        load_before=_load(world, today),
        load_after=_load(world, then),
        given_before=today if limited else None,
    )


def main_outlet(travel: TravelTimes, given: Assigned, t: int) -> tuple[Floats, Ints, Floats]:
    """Of each cell: the outlet of a type that most of its people are given to, and how many are given to any.

    Parameters
    ----------
    travel : TravelTimes
    given : of one period
    t : a type with a capacity

    Returns
    -------
    minutes : (I,) to that outlet; of equal ones to the nearest; inf where nobody is given to any
    site : (I,) -1 where nobody is
    share : (I,) of the cell's people, of all outlets together
    """
    n, mine = travel.n_cells, given.type == t
    cell, site, part = given.cell[mine], given.site[mine], given.share[mine]
    width = int(max(travel.site.max(initial=0), site.max(initial=0))) + 1
    walk = travel.minutes[np.searchsorted(travel.cell * width + travel.site, cell * width + site)]
    order = np.lexsort((site, walk, -part, cell))
    first = order[np.diff(cell[order], prepend=-1) != 0]
    minutes, main = np.full(n, np.inf), np.full(n, -1, dtype=np.int64)
    minutes[cell[first]], main[cell[first]] = walk[first], site[first]
    return minutes, main, np.minimum(np.bincount(cell, weights=part, minlength=n), 1.0)


def _given(given: Assigned | None, period: int) -> Assigned:
    """Who is given to whom at the end of one period."""
    none = np.empty(0, dtype=np.int64)
    if given is None:
        return Assigned(none, none, none, none, np.empty(0))
    at = given.period == period
    return Assigned(given.cell[at], given.site[at], given.type[at], given.period[at], given.share[at])


def _load(world: World, given: Assigned) -> Floats:
    """(J, T) persons given to each outlet."""
    out = np.zeros(world.sites.standing.shape)
    np.add.at(out, (given.site, given.type), world.cells.residents[given.cell] * given.share)
    return out


def _gained(
    world: World, travel: TravelTimes, plan: Plan, given: Assigned, t: int, before: Floats, after: Floats
) -> tuple[Floats, Floats]:
    """(J,) persons that each new outlet of a type with a capacity serves beyond those of today, and those of whom it
    is the only outlet within reach.
    """
    n_sites, there = len(world.sites), world.sites.standing[:, t] | plan.opened[:, t]
    near = within(travel.minutes, float(world.types.limit_min[t])) & there[travel.site]
    reached = np.bincount(travel.cell[near], minlength=travel.n_cells)
    mine = (given.type == t) & plan.opened[given.site, t]
    cell, site, part = given.cell[mine], given.site[mine], given.share[mine]
    people = world.cells.residents[cell]
    gain = people * np.minimum(part, np.maximum(after - before, 0.0)[cell])
    alone = people * part * (reached[cell] == 1)
    return (
        np.bincount(site, weights=gain, minlength=n_sites).astype(np.float64),
        np.bincount(site, weights=alone, minlength=n_sites).astype(np.float64),
    )


def _by_period(world: World, travel: TravelTimes, plan: Plan) -> Floats:
    """(P, T, G) persons served at the end of each period; nothing to tell where there is one period only."""
    if len(world.periods) == 1:
        return np.zeros((0, len(world.types), len(world.cells.groups)))
    each = [
        [served(world, travel, plan, s, period=p) @ world.cells.people for s in own_services(world.types)]
        for p in range(len(world.periods))
    ]
    return np.array(each)


def _by_community(world: World, covered: Floats) -> Floats:
    """(K, T, G) persons in covered cells of each community."""
    k = world.cells.community
    out = np.zeros((len(world.communities), covered.shape[1], world.cells.people.shape[1]))
    inside = k >= 0
    for t in range(covered.shape[1]):
        np.add.at(out[:, t, :], k[inside], world.cells.people[inside] * covered[inside, t : t + 1])
    return out


def _areas(world: World, plan: Plan) -> dict[str, Floats]:
    """Commercial and total floor area of each community, m2, before and after."""
    sites, c, n = world.sites, world.communities, len(world.communities)
    area = areas(world, plan)
    inside = sites.community >= 0
    # An add-on inside an outlet that stands is area that is counted already.
    counted = (area * world.types.qualifies).sum(axis=1) * sites.is_candidate
    built = area.sum(axis=1) * sites.adds_floor_area
    where = sites.community[inside]
    return {
        "commercial_before_m2": c.commercial_area_m2.copy(),
        "commercial_after_m2": c.commercial_area_m2 + np.bincount(where, weights=counted[inside], minlength=n),
        "floor_before_m2": c.floor_area_m2.copy(),
        "floor_after_m2": c.floor_area_m2 + np.bincount(where, weights=built[inside], minlength=n),
    }


def judge_all(world: World, travel: TravelTimes, plan: Plan, rules: Iterable[Judge]) -> tuple[Verdict, ...]:
    """Every rule's verdicts on a plan."""
    return tuple(v for rule in rules for v in rule.judge(world, travel, plan))


def refusals(proof: Proof, scores: Scores, verdicts: Iterable[Verdict]) -> list[str]:
    """Why a plan must be refused: broken rules, or an engine's value that the audit does not find. Empty = sound.

    Parameters
    ----------
    proof : what the engine claims
    scores : what the audit found
    verdicts : every rule judged

    Returns
    -------
    list of str
        For the bug report that follows; a refused plan is our bug, never the user's.
    """
    wrong = [
        f"{v.rule}: {v.subject}: need {v.sense} {v.need:g} {v.unit}, got {v.got:g}"
        for v in verdicts
        if v.checked and not v.holds
    ]
    found = {m.name: m.value for m in scores.measures}
    given_up = False
    for n, goal in enumerate(proof.goals):
        if goal.name not in found:
            continue
        value, final = found[goal.name], goal.value if np.isnan(goal.final) else goal.final
        # What a goal gives up within its tolerance, a plan need not give up: columns that are no choices may rest
        # at the floor although the plan is better. Then the audited value lies between the two.
        low, high = min(goal.value, final), max(goal.value, final)
        between = not _same(goal.value, final) and low - _noise(low) <= value <= high + _noise(high)
        given_up |= n == 0 and between
        if not between and not _same(final, value):
            wrong.append(f"{goal.name}: engine says {final:.6f}, audit finds {value:.6f}")
    if not given_up and not _same(proof.objective, scores.objective):
        wrong.insert(0, f"objective: engine says {proof.objective:.6f}, audit finds {scores.objective:.6f}")
    slack = VALUE_TOLERANCE * max(1.0, abs(scores.objective))
    unproven = proof.status != "proven" and np.isnan(proof.bound)  # an engine that tells no bound claims none
    sign = -1.0 if proof.goals and proof.goals[0].sense == "min" else 1.0
    if not unproven and not sign * proof.bound >= sign * scores.objective - slack:
        wrong.append(f"bound: engine says {proof.bound:.6f}, a plan reaches {scores.objective:.6f}")
    return wrong


def _noise(value: float) -> float:
    return VALUE_TOLERANCE * max(1.0, abs(value))


def _same(claimed: float, found: float) -> bool:
    """Whether a claim is what the audit finds; nan, which compares with nothing, is not."""
    return bool(abs(claimed - found) <= _noise(found))
