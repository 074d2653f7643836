"""What is proposed, how sure we are, and every number that a report may print.

I cells, G groups, J sites, T types, K communities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from siteopt.findings import Finding
from siteopt.problem import Service, TravelTimes, capacitated
from siteopt.program import GoalResult, Status
from siteopt.units import Bools, Floats, Ints, within
from siteopt.world import World


@dataclass(frozen=True, eq=False)
class Plan:
    """Which outlet in which space.

    Attributes
    ----------
    opened : (J, T) bool, new outlets; outlets that stand today are in ``world.sites.standing``, not here
    period : (J, T) int, the period in which each opens, 1-based; 0 where nothing opens
    source : (J, T) int, index into ``sources``: who pays; -1 where nothing opens
    periods, sources : their names (one of each until a scenario has more)
    area_m2 : (J, T) m2 of each new outlet where areas are chosen; None = each type's own (see :func:`areas`)
    assigned : people given to outlets, where outlets have a capacity; None = none has
    decided : what else the plan decides, "pilots" -> {community: "yes"}, "grade" -> {community: grade} ...
    """

    opened: Bools
    period: Ints
    source: Ints
    periods: tuple[str, ...] = ("1",)
    sources: tuple[str, ...] = ("budget",)
    area_m2: Floats | None = None
    assigned: Assigned | None = None
    decided: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Assigned:
    """People given to outlets with a capacity, one row per cell, outlet and type with a positive share.

    Attributes
    ----------
    cell, site, type : (A,) indices
    period : (A,) 0-based; how people are given at the end of it
    share : (A,) share of the cell's people, in (0, 1]; the shares of a cell, type and period add up to
        at most 1
    """

    cell: Ints
    site: Ints
    type: Ints
    period: Ints
    share: Floats


def opened_by(plan: Plan, period: int | None = None) -> Bools:
    """(J, T) new outlets that are open at the end of a period (0-based); all of them when None."""
    return plan.opened if period is None else plan.opened & (plan.period <= period + 1)


def served(world: World, travel: TravelTimes, plan: Plan, service: Service, *, period: int | None = None) -> Floats:
    """(I,) share of each cell's people that a service is within reach of, at the end of a period.

    1 or 0, save for one type with a capacity within its own limit: the share that the plan gives to outlets.
    """
    types = world.types
    if len(service.types) == 1 and capacitated(types)[service.types[0]]:
        t = service.types[0]
        if service.limit_min[0] == types.limit_min[t]:
            return assigned_share(world, plan, t, period=period)
    found = np.zeros(len(world.cells), dtype=np.bool_)
    opened = opened_by(plan, period)
    for t, limit in zip(service.types, service.limit_min, strict=True):
        there = opened[:, t] | world.sites.standing[:, t]
        at = np.flatnonzero(there[travel.site] & within(travel.minutes, limit))
        found[np.searchsorted(travel.indptr, at, side="right") - 1] = True
    return found.astype(np.float64)


def assigned_share(world: World, plan: Plan, t: int, *, period: int | None = None) -> Floats:
    """(I,) share of each cell's people that a plan gives to outlets of a type; 0 where it gives none."""
    out = np.zeros(len(world.cells))
    if plan.assigned is None:
        return out
    given, last = plan.assigned, len(world.periods) - 1
    mine = (given.type == t) & (given.period == (last if period is None else period))
    return np.bincount(given.cell[mine], weights=given.share[mine], minlength=len(out)).astype(np.float64)


def areas(world: World, plan: Plan) -> Floats:
    """(J, T) m2 of each new outlet of a plan; 0 where nothing opens."""
    size = world.types.area_m2 if plan.area_m2 is None else plan.area_m2
    return np.where(plan.opened, size, 0.0)


def costs(world: World, plan: Plan) -> Floats:
    """(J, T) money to open each new outlet of a plan at its area; 0 where nothing opens."""
    money = world.sites.cost
    if plan.area_m2 is not None:
        money = money + world.sites.cost_per_m2 * (plan.area_m2 - world.types.area_m2)
    return np.where(plan.opened, money, 0.0)


@dataclass(frozen=True, eq=False)
class Proof:
    """How sure we are, in the words of :data:`siteopt.program.Status`."""

    status: Status
    objective: float
    bound: float
    gap: float
    engine: str
    version: str
    seconds: float
    stopped: str = ""
    goals: tuple[GoalResult, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """One rule about one subject, judged on the plan from raw data.

    Attributes
    ----------
    rule : the rule's name (constraint file)
    subject : whom it is about, as the planner knows them
    need, got : numbers in ``unit``
    sense : "ge", "le" or "eq": got SENSE need
    unit : "m2", "share", a currency, "people", "outlets", "m"
    holds : bool; False where it was not checked
    detail : facts for the report (numerator, denominator, ...)
    checked : False where the data to judge it by are not there: never "passed", and every output says so
    """

    rule: str
    subject: str
    need: float
    got: float
    sense: str
    unit: str
    holds: bool
    detail: Mapping[str, Any] = field(default_factory=dict)
    checked: bool = True


@dataclass(frozen=True)
class Measure:
    """What a plan is worth by one goal: recomputed from raw data, with its unit."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True, eq=False)
class Scores:
    """Every printed number, recomputed from sites and minutes.

    People are persons of a group, not weighted. "Before" counts standing outlets only.

    Attributes
    ----------
    minutes_before, minutes_after : (I, T) minutes to the nearest outlet of the type; inf when none within the
        type's limit
    served_by : (I, T) site that is nearest after the plan, -1 none within the limit
    total : (G,) persons
    before, after : (T, G) persons within the limit
    complete_before, complete_after : (G,) persons with every basic type within reach
    community_total : (K, G)
    community_before, community_after : (K, T, G)
    nothing_before, nothing_after : (G,) persons with no type at all within reach
    newly_covered : (J, T) persons (first group) who had none of the type before and are within reach of this new
        outlet
    only_covered_by_this : (J, T) persons for whom this new outlet is the only one of its type within reach
    objective : the objective's value, from the plan
    cost_total : money; cost_by_type (T,), cost_by_source, cost_by_period
    commercial_before_m2, commercial_after_m2 : (K,) qualifying area
    floor_before_m2, floor_after_m2 : (K,) total floor area (nan = not given)
    measures : what the plan is worth by each goal, in order; the first is ``objective``
    after_by_period : (P, T, G) persons within the limit at the end of each period
    load_before, load_after : (J, T) persons given to each outlet of a type with a capacity; 0 for others
    given_before : the most people that today's outlets serve within their capacity; None where none has one

    Of a type with a capacity all figures speak of people who are given to an outlet, in shares of cells; minutes and
    ``served_by`` are those of the outlet that most people of a cell are given to.
    """

    minutes_before: Floats
    minutes_after: Floats
    served_by: Ints
    total: Floats
    before: Floats
    after: Floats
    complete_before: Floats
    complete_after: Floats
    community_total: Floats
    community_before: Floats
    community_after: Floats
    nothing_before: Floats
    nothing_after: Floats
    newly_covered: Floats
    only_covered_by_this: Floats
    objective: float
    cost_total: float
    cost_by_type: Floats
    cost_by_source: Floats
    cost_by_period: Floats
    commercial_before_m2: Floats
    commercial_after_m2: Floats
    floor_before_m2: Floats
    floor_after_m2: Floats
    measures: tuple[Measure, ...] = ()
    after_by_period: Floats = field(default_factory=lambda: np.zeros((0, 0, 0)))
    load_before: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    load_after: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    given_before: Assigned | None = None


@dataclass(frozen=True)
class Phase:
    """One phase of a plan: what is reached at its end, and what its money could have reached as if nothing waited.

    Attributes
    ----------
    name : the phase
    reached : the objective at the end of the phase, by itself (not weighted)
    best, bound : of the best plan that has all money up to here at once; the bound is nan where none is known
    status : of that search
    every_rule : all rules were kept in it (the last phase: the difference is the price of phasing); else what rules
        demand by the end of the plan was left out, so that the bound says "at most"
    """

    name: str
    reached: float
    best: float
    bound: float
    status: Status
    every_rule: bool


@dataclass(frozen=True, eq=False)
class Relaxation:
    """One limit of a rule that a plan breaks, and by how much.

    Attributes
    ----------
    rule, subject : as in Verdict
    need, possible, shortfall : numbers in ``unit``: what is asked, what the plan has, the difference
    unit : the unit of the rule's rows
    sense : "ge": the plan has too little; "le": too much
    columns : columns of the program that are open under a limit that is exceeded
    outlets : the same in words, (site id, type id) each, by whoever knows what a column is
    """

    rule: str
    subject: str
    need: float
    possible: float
    shortfall: float
    unit: str
    sense: str = "ge"
    columns: tuple[int, ...] = ()
    outlets: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Outlook:
    """What one limit of a rule can come to at the very best, before anything is searched.

    Attributes
    ----------
    rule, subject, unit : as in Verdict
    sense : "ge": at most ``possible`` of ``need`` can be reached; "le": it comes to at least ``possible``, where
        ``need`` is allowed
    need, possible : numbers in ``unit``
    against : the rule that makes it so; "" where the place alone does
    can : False: no plan keeps it (certain); True: it can be kept, but hardly
    exact : some choice of spaces comes to ``possible`` exactly, all other rules left aside
    """

    rule: str
    subject: str
    sense: str
    need: float
    possible: float
    unit: str
    against: str = ""
    can: bool = True
    exact: bool = False


@dataclass(frozen=True, eq=False)
class Repair:
    """One way out: the least by which these rules must give for a plan to exist, every other rule kept.

    Attributes
    ----------
    rules : the rules that give; one, unless no rule alone suffices
    relaxations : where and by how much, in the units of the rows
    effort : the sum of all shortfalls, each as a share of its limit (docs/infeasible.md)
    proven : no smaller relaxation of these rules suffices
    value, value_proven : of the first goal in the best plan that gives no more than this; nan where not sought
    point : (N,) the plan as a point of the program, None once it has been put into words
    verdicts : the broken rules as their own judges put it, on that plan
    """

    rules: tuple[str, ...]
    relaxations: tuple[Relaxation, ...]
    effort: float
    proven: bool
    value: float = float("nan")
    value_proven: bool = False
    point: Floats | None = None
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """Why no plan exists, and the ways out.

    Attributes
    ----------
    clashing : rules that cannot be kept together; without any one of them the others of this list can
    relaxations : the least total relaxation over all rules, shortfalls weighed as shares of their limits
    complete : False when time ran out before every rule of ``clashing`` was tested
    subjects : the clash down to (rule, subject): without any one of them the rest of these can be kept; () where the
        whole rules are meant or time did not allow it
    relaxed_proven : the relaxation is the least, not merely the best found
    repairs : the ways out, the easiest first: one rule each, and all rules together where that is another way
    repairs_complete : False when time ran out before every rule was tried
    outlooks : what the audit before solving found; ``searched`` is False where that was enough
    searched : an engine looked for a plan
    """

    clashing: tuple[str, ...]
    relaxations: tuple[Relaxation, ...]
    complete: bool = True
    subjects: tuple[tuple[str, str], ...] = ()
    relaxed_proven: bool = True
    repairs: tuple[Repair, ...] = ()
    repairs_complete: bool = True
    outlooks: tuple[Outlook, ...] = ()
    searched: bool = True


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run: all that a report, a store or a comparison needs.

    Attributes
    ----------
    scenario : the resolved scenario, plain values
    scenario_name, title, language : str
    world, travel : what was there
    plan, proof, verdicts, scores : what is proposed, how sure we are, the rules, the numbers; plan is None when
        there is none (infeasible, no_plan)
    objective : {"name", "sentence" {lang: text}, "unit", "budget" float or None}
    rules : rule name -> {"title": {lang: text}, "sentence": {lang: text}, "formula": str, "params": {...}}
    findings : warnings and remarks of reading
    diagnosis : when infeasible
    timings_s : seconds per stage
    peak_rss_mb : float
    stage_peak_mb : the largest resident memory of the process by the end of each stage, MB
    inputs : [{"file", "sha256", "rows", "bytes"}]
    log : what the engine printed
    phases : each phase of a plan that has several
    unverified : figures in use that nobody verified, those that bound a rule first
    """

    scenario: Mapping[str, Any]
    scenario_name: str
    title: str
    language: str
    world: World
    travel: TravelTimes
    plan: Plan | None
    proof: Proof
    verdicts: tuple[Verdict, ...]
    scores: Scores
    objective: Mapping[str, Any]
    rules: Mapping[str, Mapping[str, Any]]
    findings: tuple[Finding, ...] = ()
    diagnosis: Diagnosis | None = None
    timings_s: Mapping[str, float] = field(default_factory=dict)
    peak_rss_mb: float = 0.0
    stage_peak_mb: Mapping[str, float] = field(default_factory=dict)
    inputs: tuple[Mapping[str, Any], ...] = ()
    log: str = ""
    phases: tuple[Phase, ...] = ()
    unverified: tuple[Mapping[str, Any], ...] = ()
