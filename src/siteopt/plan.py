"""What is proposed, how sure we are, and every number that a report may print.

I cells, G groups, J sites, T types, K communities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from siteopt.findings import Finding
from siteopt.problem import TravelTimes
from siteopt.program import GoalResult, Status
from siteopt.units import Bools, Floats, Ints
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
    """

    opened: Bools
    period: Ints
    source: Ints
    periods: tuple[str, ...] = ("1",)
    sources: tuple[str, ...] = ("budget",)


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
    holds : bool
    detail : facts for the report (numerator, denominator, ...)
    """

    rule: str
    subject: str
    need: float
    got: float
    sense: str
    unit: str
    holds: bool
    detail: Mapping[str, Any] = field(default_factory=dict)


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


@dataclass(frozen=True, eq=False)
class Relaxation:
    """One way in which a rule would have to give for a plan to exist.

    Attributes
    ----------
    rule, subject : as in Verdict
    need, possible, shortfall : numbers in ``unit``
    """

    rule: str
    subject: str
    need: float
    possible: float
    shortfall: float
    unit: str


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """Why no plan exists: the rules that clash (drop any one and the rest can be met) and by how much."""

    clashing: tuple[str, ...]
    relaxations: tuple[Relaxation, ...]
    complete: bool = True


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
