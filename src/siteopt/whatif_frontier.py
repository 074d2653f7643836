"""What money buys: the best plan at each of many budgets, audited, and what lies between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from siteopt import pipeline
from siteopt.findings import nearest
from siteopt.plan import Proof, Run
from siteopt.ready import Ready, RefusedPlan, Rule
from siteopt.report.safe import plain
from siteopt.solve.backend import Report, Stop, relative_gap
from siteopt.solve.curve import Ends, Point, Step
from siteopt.solve.frontier import Frontier
from siteopt.solve.strategy import quiet
from siteopt.units import MONEY_EPS
from siteopt.whatif import Question, about, audit, question

SCHEMA = "siteopt.frontier/1"
BUDGET = "budget"
GROUP = ("types", "kinds", "communities")


@dataclass(frozen=True, eq=False)
class Budgets:
    """What was found: ``data`` holds all figures (``frontier.json``).

    Where the other rules clash whatever the money, ``data`` is empty and ``without_budget`` says why.
    """

    data: dict[str, Any]
    without_budget: Run | None = None


def budget_rule(ready: Ready, label: str | None) -> Rule:
    """The budget that is varied: the one named, the one there is, or the one over everything.

    Raises
    ------
    InputError
        There is no such rule, or there are several and none was named.
    """
    rules = [r for r in ready.rules if r.name == BUDGET]
    labels = [r.label for r in rules]
    file, findings = ready.loaded.file, ready.findings
    chosen: Rule | None = None
    if not rules:
        findings.error("frontier_no_budget", file=file, field="constraints")
    elif label is not None:
        chosen = next((r for r in rules if r.label == label), None)
        if chosen is None:
            close = nearest(label, labels) or "—"
            findings.error(
                "frontier_unknown_rule",
                file=file,
                value=label,
                nearest=close,
                known=", ".join(labels),
                field="--rule",
            )
    else:
        whole = [r for r in rules if not any(getattr(r.params, key) for key in GROUP)]
        among = whole or rules
        chosen = among[0] if len(among) == 1 else None
        if chosen is None:
            known = ", ".join(r.label for r in among)
            findings.error("frontier_which_rule", file=file, value=len(among), known=known, field="--rule")
    findings.raise_errors()
    assert chosen is not None
    return chosen


def find_frontier(
    ready: Ready,
    *,
    label: str | None = None,
    amounts: Sequence[float] | None = None,
    count: int = 11,
    time_limit_s: float | None = None,
    report: Report = quiet,
    stop: Stop | None = None,
) -> Budgets:
    """The best value at each budget, with a bound on it.

    Parameters
    ----------
    ready : Ready
    label : the budget rule that is varied; see :func:`budget_rule`
    amounts : budgets asked for; None spreads ``count`` of them from the least that any plan needs to where more money
        buys nothing, the scenario's own budget among them
    time_limit_s : for all searches together; the scenario's when None
    report, stop : progress and Ctrl-C

    Raises
    ------
    InputError
        No budget rule to vary, or not the one named.
    RefusedPlan
        When a plan fails its audit, or the frontier what must be true of any.
    """
    stop = stop if stop is not None else Stop()
    rule = budget_rule(ready, label)
    asked = question(ready)
    block = _block_of(asked, rule)
    frontier = Frontier(asked.program, block, asked.backend, asked.limits(time_limit_s), report=report, stop=stop)
    with ready.clock.stage("frontier"):
        ends = frontier.ends()
        if ends.free.status == "engine_error":
            raise RefusedPlan(f"{ends.free.engine}: {ends.free.message}")
        if ends.free.status == "infeasible":
            others = tuple(r for r in ready.rules if r is not rule)
            return Budgets({}, pipeline.solve(replace(ready, rules=others), report=report, stop=stop))
        own = float(rule.params.amount)  # type: ignore[attr-defined]
        wanted = sorted(set(amounts)) if amounts is not None else spread(ends, own, count)
        try:
            points = frontier.run([(a, _at(rule, a).rows(asked.problem, asked.program.columns)[0]) for a in wanted])
        except RuntimeError as wrong:
            raise RefusedPlan(str(wrong)) from wrong
        ends = frontier.ends_by_now(ends)
        mine = next((p for p in points if abs(p.amount - own) < MONEY_EPS and p.settled and p.x is not None), None)
        more = mine is not None and not (ends.enough_proven and own >= ends.enough - MONEY_EPS)
        step = frontier.next_step(mine.value, own) if mine is not None and more else None
    return Budgets(_data(asked, rule, own, ends, points, step, stopped=bool(stop)))


def _block_of(asked: Question, rule: Rule) -> int:
    """The block of the rule's row; a rule may bear any name, the coverage links' included."""
    return next(
        k for k, b in enumerate(asked.program.blocks) if b.owner == rule.label and b.role == "rule" and b.elastic
    )


def _at(rule: Rule, amount: float) -> Rule:
    """The rule with another amount."""
    made: Rule = type(rule)(rule.params.model_copy(update={"amount": amount}), rule.label)
    return made


def spread(ends: Ends, own: float, count: int) -> list[float]:
    """Budgets from the least that any plan needs to where more money buys nothing, evenly, in round numbers.

    The two ends are exact, and the scenario's own budget is always among them. Where it is not proven what is enough,
    they reach to the scenario's own at least.
    """
    low = float(np.ceil(ends.least * 100 - 1e-6) / 100)
    high = max(low, float(np.ceil(ends.enough * 100 - 1e-6) / 100)) if np.isfinite(ends.enough) else max(low, 2 * own)
    high = high if ends.enough_proven else max(high, own)
    if count < 2 or high <= low:
        return sorted({low, high, own})
    step = (high - low) / (count - 1)
    coin = 10.0 ** max(np.floor(np.log10(step)) - 1, -2)
    inner = {round(float(np.rint((low + k * step) / coin)) * coin, 2) for k in range(1, count - 1)}
    return sorted({low, high, own} | {a for a in inner if low < a < high})


def _data(
    asked: Question,
    rule: Rule,
    own: float,
    ends: Ends,
    points: Sequence[Point],
    step: Step | None,
    *,
    stopped: bool,
) -> dict[str, Any]:
    ready, free = asked.ready, ends.free
    today = pipeline.assess(ready)
    entries = [_entry(asked, rule, p, ends, own) for p in points]
    sign = 1.0 if asked.program.goals[0].sense == "max" else -1.0
    with_plan = [k for k, p in enumerate(points) if p.x is not None]
    for a, b in pairwise(with_plan):
        entries[a]["next"] = _step(points[a], points[b], sign)
    out: dict[str, Any] = plain(
        {
            **about(asked, today, SCHEMA),
            "rule": {
                "label": rule.label,
                "title": dict(rule.title),
                "amount": own,
                **{key: getattr(rule.params, key) for key in GROUP},
            },
            "today": {
                "value": today.scores.objective,
                "complete": today.scores.complete_before[0],
                "coverage": dict(zip(ready.world.types.type_id, today.scores.before[:, 0], strict=True)),
            },
            "without_limit": {
                "value": free.objective,
                "bound": free.bound,
                "gap": free.gap,
                "status": free.status,
                "enough": ends.enough,
                "enough_proven": ends.enough_proven,
            },
            "least": {"amount": ends.least, "proven": ends.least_proven},
            "next_step": None
            if step is None
            else {"money": step.amount - own, "amount": step.amount, "gain": step.gain, "proven": step.proven},
            "stopped": "interrupt" if stopped else "",
            "points": entries,
        }
    )
    return out


def _entry(asked: Question, rule: Rule, p: Point, ends: Ends, own: float) -> dict[str, Any]:
    """One budget with its audited figures."""
    status = "infeasible" if p.infeasible else "no_plan" if p.x is None else "proven" if p.settled else "best_found"
    entry: dict[str, Any] = {
        "budget": p.amount,
        "own": abs(p.amount - own) < MONEY_EPS,
        "status": status,
        "value": p.value,
        "bound": p.bound,
        "gap": np.nan if p.x is None else relative_gap(p.value, p.bound),
        "spent": p.spent,
        "searched": p.searched,
        # From here on money buys nothing: what the best plan without any limit needs is there.
        "enough": bool(ends.enough_proven and p.amount >= ends.enough - MONEY_EPS),
        "next": None,
    }
    if p.x is None:
        return entry
    ready, free = asked.ready, ends.free
    plan = asked.plan(p.x)
    proof = Proof(
        "proven" if p.settled else "best_found",
        p.value,
        p.bound,
        relative_gap(p.value, p.bound),
        free.engine,
        free.version,
        0.0,
    )
    rules = [_at(r, p.amount) if r is rule else r for r in ready.rules]
    scores, _ = audit(ready, plan, proof, rules)
    world = ready.world
    sites, kinds = np.nonzero(plan.opened)
    opened = [(str(world.sites.site_id[j]), world.types.type_id[t]) for j, t in zip(sites, kinds, strict=True)]
    return entry | {
        "value": scores.objective,
        "cost": scores.cost_total,
        "outlets": len(opened),
        "complete": scores.complete_after[0],
        "coverage": dict(zip(world.types.type_id, scores.after[:, 0], strict=True)),
        "sites": [{"site_id": site, "outlet_type": kind} for site, kind in sorted(opened)],
    }


def _step(low: Point, high: Point, sign: float) -> dict[str, Any]:
    """What the money between two budgets buys, at least and at most."""
    most = sign * (high.bound - low.value)
    least = max(0.0, sign * (high.value - low.bound))
    return {"to": high.amount, "money": high.amount - low.amount, "least": least, "most": max(most, least)}
