"""What comes back: the plan, how sure it is, and its numbers recomputed from the caller's arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from siteopt.program import Status
from siteopt.text import say
from siteopt.textbook.search import EXACT, Search
from siteopt.textbook.sites import Reason, Sites
from siteopt.units import Bools, Ints

Sense = Literal["max", "min"]

NOISE = 1e-7
"""Share of a value by which an engine's own figure may differ from the recomputed one."""


class AuditFailed(RuntimeError):
    """The engine's figures are not those of its plan: our bug, never a property of the arrays."""


@dataclass(frozen=True, eq=False)
class Result:
    """The answer to a textbook problem.

    Attributes
    ----------
    status : "proven" (no plan is better by more than the asked gap), "best_found" (stopped; see ``gap``),
        "infeasible" (no plan exists; see ``message``), "no_plan" (none found in the time given)
    objective : recomputed from the arrays and ``open`` alone; nan without a plan
    bound : no plan is better than this; nan where nothing is known
    gap : |bound - objective| / |objective|
    open : (J,) bool, existing facilities included
    assignment : (I,) int64 column that serves each row, -1 none; (I, J) CSR of shares where demand is split; None
        without a plan
    covered : (I,) bool, or None where it has no meaning
    audit : numbers recomputed from the arrays and ``open``: ``facilities``, ``new_facilities``, ``cost``, and
        ``points``, ``points_covered``, ``percent_points``, ``weight``, ``weight_covered``, ``percent_weight`` ...
    seconds : wall time of the whole call
    engine : name and version
    reason : key of ``message``, "" when there is nothing to say
    facts : the numbers in ``message``
    """

    problem: str
    status: Status
    objective: float
    bound: float
    gap: float
    open: Bools
    assignment: Any
    covered: Bools | None
    audit: Mapping[str, float]
    seconds: float
    engine: str
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def indices(self) -> Ints:
        """Column numbers of the open facilities, existing ones included."""
        return np.flatnonzero(self.open)

    @property
    def message(self) -> str:
        """Why there is no plan, or what else must be said, in English; "" when there is nothing to say."""
        return self.said("en")

    def said(self, language: str) -> str:
        """``message`` in Chinese ("zh") or English ("en")."""
        return say("textbook", self.reason, language, **self.facts) if self.reason else ""


def relative(objective: float, bound: float) -> float:
    """|bound - objective| / |objective|; 0 when they are equal, inf when only the objective is 0."""
    if bound == objective:
        return 0.0
    return abs(bound - objective) / abs(objective) if objective else float("inf")


def without_plan(problem: str, search: Search, sites: Sites, status: Status, why: Reason, bound: float) -> Result:
    """No plan: because there is none, or because none was found in time."""
    nan = float("nan")
    return Result(
        problem=problem,
        status=status,
        objective=nan,
        bound=bound,
        gap=nan,
        open=np.zeros(len(sites), dtype=np.bool_),
        assignment=None,
        covered=None,
        audit={},
        seconds=search.seconds,
        engine=search.backend.name,
        reason=why[0],
        facts=why[1],
    )


def infeasible(problem: str, search: Search, sites: Sites, why: Reason) -> Result:
    """No plan exists."""
    return without_plan(problem, search, sites, "infeasible", why, float("nan"))


def out_of_time(problem: str, search: Search, sites: Sites, bound: float = float("nan")) -> Result:
    """No plan was found in the time given."""
    return without_plan(
        problem, search, sites, "no_plan", ("no_plan", {"seconds": search.limits.time_limit_s}), bound
    )


@dataclass(frozen=True, eq=False)
class Found:
    """A plan with its recomputed numbers, before it is judged.

    Attributes
    ----------
    value : recomputed from the arrays
    claimed : what the engine says it is worth; None where the engine was not asked
    bound : the engine's
    size : a magnitude that float noise is measured by (the total weight, say)
    """

    sense: Sense
    opened: Bools
    value: float
    claimed: float | None
    bound: float
    size: float
    engine: str
    assignment: Any = None
    covered: Bools | None = None
    audit: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def judged(problem: str, search: Search, sites: Sites, found: Found) -> Result:
    """The result, when the engine's figures agree with the recomputed ones.

    Raises
    ------
    AuditFailed
        When the plan leaves a limit, is worth less than the engine says, or beats the engine's bound.
    """
    room = NOISE * max(abs(found.value), found.size)
    sign = 1.0 if found.sense == "max" else -1.0
    if sites.breaks(found.opened):
        raise AuditFailed(f"{problem}: the plan leaves its limits: {np.flatnonzero(found.opened)[:20].tolist()}")
    if found.claimed is not None and sign * (found.claimed - found.value) > room:
        raise AuditFailed(f"{problem}: the engine says {found.claimed!r}, the arrays say {found.value!r}")
    if sign * (found.value - found.bound) > room:
        raise AuditFailed(f"{problem}: {found.value!r} beats the bound {found.bound!r}")
    # What float noise leaves between a value and its bound is no gap.
    bound = found.value if abs(found.bound - found.value) <= EXACT * found.size else found.bound
    bound = max(bound, found.value) if found.sense == "max" else min(bound, found.value)
    gap = relative(found.value, bound)
    counted = {
        "facilities": int(found.opened.sum()),
        "new_facilities": sites.new(found.opened),
        "cost": sites.paid(found.opened),
    }
    return Result(
        problem=problem,
        status="proven" if gap <= max(search.limits.gap, EXACT) else "best_found",
        objective=found.value,
        bound=bound,
        gap=gap,
        open=found.opened,
        assignment=found.assignment,
        covered=found.covered,
        audit={**counted, **found.audit},
        seconds=search.seconds,
        engine=found.engine,
        reason=found.reason,
        facts=found.facts,
    )
