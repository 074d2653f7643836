"""What waiting costs: a phased plan beside what the money of each phase could have done by itself.

The plan opens outlets phase by phase, and what opens stays open. For each phase the same question is asked as if
nothing had to wait: all money up to its end at once, and no thought of later. For the last phase every rule is kept,
so the difference is the price of phasing; for earlier ones what rules demand is left out (it is due at the end), so
that the figure says "at most".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from siteopt.model.areas import put_areas
from siteopt.model.build import build, encode
from siteopt.plan import Phase, Plan, opened_by
from siteopt.pose import posed
from siteopt.program import Limits, Program, Rows
from siteopt.ready import Ready
from siteopt.solve.backend import Backend, Report, Stop, rounded
from siteopt.solve.strategy import pursue, quiet
from siteopt.world import World

SHARE = 0.2
"""Share of the time limit that is kept for these questions, where there are phases."""


@dataclass(frozen=True, eq=False)
class Alone:
    """One phase as if nothing had to wait."""

    world: World
    program: Program
    plan: Plan
    start: np.ndarray


def phases_of(
    ready: Ready,
    plan: Plan,
    backend: Backend,
    limits: Limits,
    *,
    report: Report = quiet,
    stop: Stop | None = None,
) -> tuple[Phase, ...]:
    """Each phase of a plan: what it reaches, and what its money could have reached at most.

    Parameters
    ----------
    ready : Ready
    plan : Plan
        Of more than one period.
    backend : Backend
    limits : Limits
        For all phases together.
    report, stop : progress and Ctrl-C

    Returns
    -------
    (P,) Phase
    """
    out, n = [], len(ready.world.periods)
    each = replace(limits, time_limit_s=limits.time_limit_s / n)
    for period in range(n):
        alone = _alone(ready, plan, period)
        reached = ready.seek.measures(alone.world, ready.travel, alone.plan)[0].value
        first = replace(alone.program, goals=alone.program.goals[:1])
        answer = pursue(first, backend, each, start=alone.start, report=report, stop=stop)
        sense = alone.program.goals[0].sense
        known = answer.x is not None and np.isfinite(answer.objective)
        better = max if sense == "max" else min
        # The plan itself is one of those asked for: what the search found may not be worth less.
        best = better(reached, answer.objective) if known else reached
        bound = answer.bound if answer.status in ("proven", "best_found") else np.nan
        out.append(
            Phase(
                name=ready.world.periods.name[period],
                reached=reached,
                best=best,
                bound=better(bound, best) if np.isfinite(bound) else np.nan,
                status=answer.status,
                every_rule=period == n - 1,
            )
        )
    return tuple(out)


def _alone(ready: Ready, plan: Plan, period: int) -> Alone:
    """The question of one phase, and the plan's outlets of that phase and before as an answer to it."""
    world = replace(ready.world, periods=ready.world.periods.until(period))
    opened = opened_by(plan, period)
    given = plan.assigned
    if given is not None:
        now = given.period == period
        given = replace(
            given,
            cell=given.cell[now],
            site=given.site[now],
            type=given.type[now],
            share=given.share[now],
            period=np.zeros(int(now.sum()), dtype=np.int64),
        )
    shown = replace(
        plan,
        opened=opened,
        period=opened.astype(np.int64),
        source=np.where(opened, plan.source, -1),
        periods=world.periods.name,
        area_m2=None if plan.area_m2 is None else np.where(opened, plan.area_m2, 0.0),
        assigned=given,
    )
    problem = posed(world, ready.travel, ready.rules, ready.seek)
    program = build(problem, ready.rules, ready.seek)
    if period < len(ready.world.periods) - 1:
        program = replace(program, blocks=tuple(_undemanding(program.blocks)))
    x = np.zeros(len(program.columns))
    x[: len(problem.option_pair)] = encode(problem, shown)
    put_areas(problem, program.columns, shown, x)
    return Alone(world, program, shown, rounded(program, x))


def _undemanding(blocks: Sequence[Rows]) -> list[Rows]:
    """Rows without what rules demand: ceilings stay."""
    return [replace(b, lower=np.full(len(b), -np.inf)) if b.elastic else b for b in blocks]
