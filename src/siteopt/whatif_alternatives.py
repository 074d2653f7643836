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
from siteopt.solve.alternatives import Alternative, alternatives, opens
from siteopt.solve.backend import Report, Stop, value_of
from siteopt.solve.refusal import refuse_each
from siteopt.solve.strategy import quiet
from siteopt.units import Bools, Floats
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
    things = asked.outlets
    with ready.clock.stage("alternatives"):
        made = alternatives(
            asked.program,
            asked.backend,
            first,
            best=best,
            floor=floor,
            count=count,
            things=things,
            report=report,
            stop=stop,
        )
        found = list(made)
    points = [best, *(a.x for a in found if a.x is not None)]
    runs = [base]
    for point in points[1:]:
        plan = asked.plan(point)
        mine = value_of(asked.program.goals[0], point)
        runs.append(audited_run(base, ready, plan, claim(base.proof, mine, base.proof.bound, limits.gap)))
    sets = [opens(things, x) for x in points]
    shared = np.flatnonzero(np.logical_and.reduce(sets)).tolist()
    if found and found[-1].x is None and found[-1].proven:
        # Every good plan opens all that some plan shown opens, so what they all open is in every good plan.
        needed = dict.fromkeys(shared, "needed")
    else:
        left = max(deadline - time.perf_counter(), 0.0)
        with ready.clock.stage("needed"):
            needed = _needed(asked, shared, best, base.proof.bound, floor, left, report, stop)
    data = _data(asked, runs, sets, found, needed, slack=slack, floor=floor, count=count, stopped=bool(stop))
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
    """Of the outlets that every plan opens: does any plan within the slack do without? By outlet.

    "needed": proven that none does; "replaceable": one does (not among the plans shown); "unknown": not settled.
    """
    program = asked.program
    groups = [np.flatnonzero(asked.outlets == outlet) for outlet in shared]
    limits = asked.limits(seconds)
    words: dict[int, str] = {}
    for outlet, refusal in zip(
        shared,
        refuse_each(program, groups, asked.backend, limits, best=best, bound=bound, report=report, stop=stop),
        strict=True,
    ):
        noise = 1e-6 * max(1.0, abs(floor))
        if refusal.outcome == "infeasible" or moved_by(program, refusal.bound, floor) > noise:
            words[outlet] = "needed"
        elif refusal.x is not None and moved_by(program, refusal.value, floor) <= noise:
            words[outlet] = "replaceable"
        else:
            words[outlet] = "unknown"
    return words


def _data(
    asked: Question,
    runs: list[Run],
    sets: list[Bools],
    found: list[Alternative],
    needed: dict[int, str],
    *,
    slack: float,
    floor: float,
    count: int,
    stopped: bool,
) -> dict[str, Any]:
    names = [f"plan-{k + 1}" for k in range(len(runs))]
    facts = [a for a in found if a.x is not None]
    last = found[-1] if found else None
    ended = "count" if len(facts) == count else "none_left" if last is not None and last.proven else "time"
    base = runs[0].proof
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
            **about(asked, runs[0], SCHEMA),
            "slack": slack,
            "floor": floor,
            "asked": count,
            "best": {"value": base.objective, "bound": base.bound, "gap": base.gap, "status": base.status},
            "ended": "interrupt" if stopped else ended,
            "next_at_most": None if last is None or last.x is not None else last.at_most,
            "plans": [_plan(asked, names, runs, sets, k, facts[k - 1] if k else None) for k in range(len(runs))],
            "pairs": pairs,
            "outlets": _outlets(asked, names, runs, sets, needed),
        }
    )
    return out


def _plan(
    asked: Question, names: list[str], runs: list[Run], sets: list[Bools], k: int, mine: Alternative | None
) -> dict[str, Any]:
    """One plan: what it is worth, and how far it is from those before it."""
    run, given_up = runs[k], [int((earlier & ~sets[k]).sum()) for earlier in sets[:k]]
    return {
        "plan": names[k],
        "value": run.scores.objective,
        "below_best": moved_by(asked.program, run.scores.objective, runs[0].proof.objective),
        "cost": run.scores.cost_total,
        "outlets": int(sets[k].sum()),
        "complete_after": run.scores.complete_after[0],
        "distance": None if mine is None else mine.distance,
        "distance_at_most": None if mine is None else mine.at_most,
        "distance_proven": None if mine is None else mine.proven,
        "nearest": names[given_up.index(min(given_up))] if given_up else None,
        "rules_kept": all(v.holds for v in run.verdicts if v.checked),
        "rules_not_checked": sum(not v.checked for v in run.verdicts),
    }


def _outlets(
    asked: Question, names: list[str], runs: list[Run], sets: list[Bools], needed: dict[int, str]
) -> list[dict[str, Any]]:
    """Every outlet of any plan, those in most plans first."""
    problem, out = asked.problem, []
    world = problem.world
    money = [costs(world, run.plan) for run in runs if run.plan is not None]
    for c in np.flatnonzero(np.logical_or.reduce(sets)).tolist():
        j, t = int(problem.pair_site[c]), int(problem.pair_type[c])
        within = [k for k, mine in enumerate(sets) if mine[c]]
        times, community = len(within), int(world.sites.community[j])
        kind = (
            "every" if times == len(names) else "one" if times == 1 else "most" if 2 * times > len(names) else "some"
        )
        out.append(
            {
                "site_id": world.sites.site_id[j],
                "name": world.sites.name[j],
                "outlet_type": world.types.type_id[t],
                "community": world.communities.community_id[community] if community >= 0 else None,
                "cost": money[within[0]][j, t],  # where areas are chosen, of the first plan that opens it
                "plans": [names[k] for k in within],
                "count": times,
                "kind": kind,
                "without": needed.get(c),
            }
        )
    return sorted(out, key=lambda o: -int(o["count"]))
