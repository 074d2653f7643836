"""Alternatives of a scenario: solved, audited, and what they have in common."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from siteopt import pipeline
from siteopt.plan import Run, costs
from siteopt.ready import Ready
from siteopt.report.safe import plain
from siteopt.solve.alternatives import Alternative, alternatives
from siteopt.solve.backend import Report, Stop
from siteopt.solve.refusal import refuse_each
from siteopt.solve.strategy import quiet
from siteopt.solve.variation import opened
from siteopt.units import Floats
from siteopt.whatif import Question, about, audited_run, claim, moved_by, question

SCHEMA = "siteopt.alternatives/1"
CHECK_SHARE = 0.3
"""Of the time, what is kept to ask of outlets in every plan whether any good plan does without them."""


@dataclass(frozen=True, eq=False)
class Alternatives:
    """What was found.

    Attributes
    ----------
    base : the best plan, or why there is none
    runs : the base and each further plan, audited; empty when there is no plan
    data : all figures as plain values (``alternatives.json``); empty when there is no plan
    """

    base: Run
    runs: tuple[Run, ...]
    data: dict[str, Any]


def find_alternatives(
    ready: Ready,
    *,
    count: int,
    slack: float,
    time_limit_s: float | None = None,
    report: Report = quiet,
    stop: Stop | None = None,
) -> Alternatives:
    """The best plan and up to ``count`` more within a slack of its value, as different as possible.

    Parameters
    ----------
    ready : Ready
    count : further plans wanted
    slack : share of the best plan's value that a plan may fall short of it
    time_limit_s : for all further searches together; the scenario's when None. The base has the scenario's own.
    report, stop : progress and Ctrl-C

    Raises
    ------
    RefusedPlan
        When a plan fails its audit.
    """
    stop = stop if stop is not None else Stop()
    base = pipeline.solve(ready, report=report, stop=stop)
    if base.plan is None:
        return Alternatives(base, (), {})
    asked = question(ready)
    limits = asked.limits(time_limit_s)
    best, value = asked.point(base.plan), base.proof.objective
    sense = 1.0 if asked.program.goals[0].sense == "max" else -1.0
    floor = value - sense * slack * abs(value)
    deadline = time.perf_counter() + limits.time_limit_s
    first = replace(limits, time_limit_s=limits.time_limit_s * (1 - CHECK_SHARE))
    with ready.clock.stage("alternatives"):
        made = alternatives(
            asked.program, asked.backend, first, best=best, floor=floor, count=count, report=report, stop=stop
        )
        found = list(made)
    points = [best, *(a.x for a in found if a.x is not None)]
    runs = [base]
    for point in points[1:]:
        plan = asked.plan(point)
        mine = float(asked.program.goals[0].cost @ point) + asked.program.goals[0].offset
        runs.append(audited_run(base, ready, plan, claim(base.proof, mine, base.proof.bound, limits.gap)))
    shared = np.flatnonzero(np.logical_and.reduce([opened(asked.program, x) for x in points])).tolist()
    if found and found[-1].x is None and found[-1].proven:
        # Every good plan opens all that some plan shown opens, so what they all open is in every good plan.
        needed = dict.fromkeys(shared, "needed")
    else:
        left = max(deadline - time.perf_counter(), 0.0)
        with ready.clock.stage("needed"):
            needed = _needed(asked, shared, best, base.proof.bound, floor, left, report, stop)
    data = _data(asked, runs, points, found, needed, slack=slack, floor=floor, count=count, stopped=bool(stop))
    return Alternatives(base, tuple(runs), data)


def _needed(
    asked: Question,
    shared: list[int],
    best: Floats,
    bound: float,
    floor: float,
    seconds: float,
    report: Report,
    stop: Stop,
) -> dict[int, str]:
    """Of the options that every plan opens: does any plan within the slack do without? By column.

    "needed": proven that none does; "replaceable": one does (not among the plans shown); "unknown": not settled.
    """
    program = asked.program
    groups = [np.array([c]) for c in shared]
    limits = asked.limits(seconds)
    words: dict[int, str] = {}
    for column, refusal in zip(
        shared,
        refuse_each(program, groups, asked.backend, limits, best=best, bound=bound, report=report, stop=stop),
        strict=True,
    ):
        noise = 1e-6 * max(1.0, abs(floor))
        if refusal.outcome == "infeasible" or moved_by(program, refusal.bound, floor) > noise:
            words[column] = "needed"
        elif refusal.x is not None and moved_by(program, refusal.value, floor) <= noise:
            words[column] = "replaceable"
        else:
            words[column] = "unknown"
    return words


def _data(
    asked: Question,
    runs: list[Run],
    points: list[Floats],
    found: list[Alternative],
    needed: dict[int, str],
    *,
    slack: float,
    floor: float,
    count: int,
    stopped: bool,
) -> dict[str, Any]:
    names = [f"plan-{k + 1}" for k in range(len(runs))]
    sets = [opened(asked.program, x) for x in points]
    facts = [a for a in found if a.x is not None]
    last = found[-1] if found else None
    ended = "count" if len(facts) == count else "none_left" if last is not None and last.proven else "time"
    base = runs[0].proof
    plans = []
    for k, run in enumerate(runs):
        mine = facts[k - 1] if k else None
        given_up = [int((sets[p] & ~sets[k]).sum()) for p in range(k)]
        nearest = given_up.index(min(given_up)) if given_up else None
        plans.append(
            {
                "plan": names[k],
                "value": run.scores.objective,
                "below_best": moved_by(asked.program, run.scores.objective, base.objective),
                "cost": run.scores.cost_total,
                "outlets": int(sets[k].sum()),
                "complete_after": run.scores.complete_after[0],
                "distance": None if mine is None else mine.distance,
                "distance_at_most": None if mine is None else mine.at_most,
                "distance_proven": None if mine is None else mine.proven,
                "nearest": None if nearest is None else names[nearest],
                "rules_kept": all(v.holds for v in run.verdicts if v.checked),
                "rules_not_checked": sum(not v.checked for v in run.verdicts),
            }
        )
    pairs = [
        {
            "a": names[a],
            "b": names[b],
            "shared": int((sets[a] & sets[b]).sum()),
            "only_a": int((sets[a] & ~sets[b]).sum()),
            "only_b": int((sets[b] & ~sets[a]).sum()),
        }
        for a, b in combinations(range(len(runs)), 2)
    ]
    out: dict[str, Any] = plain(
        {
            **about(runs[0], SCHEMA),
            "slack": slack,
            "floor": floor,
            "asked": count,
            "best": {"value": base.objective, "bound": base.bound, "gap": base.gap, "status": base.status},
            "ended": "interrupt" if stopped else ended,
            "next_at_most": None if last is None or last.x is not None else last.at_most,
            "plans": plans,
            "pairs": pairs,
            "outlets": _outlets(asked, runs, names, needed),
        }
    )
    return out


def _outlets(asked: Question, runs: list[Run], names: list[str], needed: dict[int, str]) -> list[dict[str, Any]]:
    """Every outlet of any plan, those in most plans first."""
    problem, out = asked.problem, []
    world = problem.world
    for c, (j, t) in enumerate(zip(problem.pair_site.tolist(), problem.pair_type.tolist(), strict=True)):
        plans = [
            name for name, run in zip(names, runs, strict=True) if run.plan is not None and run.plan.opened[j, t]
        ]
        if not plans:
            continue
        times, k = len(plans), int(world.sites.community[j])
        kind = (
            "every" if times == len(names) else "one" if times == 1 else "most" if 2 * times > len(names) else "some"
        )
        out.append(
            {
                "site_id": world.sites.site_id[j],
                "name": world.sites.name[j],
                "outlet_type": world.types.type_id[t],
                "community": world.communities.community_id[k] if k >= 0 else None,
                "cost": next(  # areas may differ between plans: the cost of the first that opens it
                    costs(world, run.plan)[j, t] for run in runs if run.plan is not None and run.plan.opened[j, t]
                ),
                "plans": plans,
                "count": times,
                "kind": kind,
                "without": needed.get(c),
            }
        )
    return sorted(out, key=lambda o: -int(o["count"]))
