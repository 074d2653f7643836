"""A finished run as one noun: every number from the audit, every word from the rules themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from siteopt.clock import peak_rss_mb
from siteopt.layers.assemble import inputs_of
from siteopt.model.build import plan_of
from siteopt.plan import Diagnosis, Plan, Proof, Run
from siteopt.problem import capacitated
from siteopt.program import Answer
from siteopt.provenance import rules_told, unverified, with_set_aside
from siteopt.ready import Ready, Rule
from siteopt.transport import given_today
from siteopt.verify import judge_all, score


def run_of(
    ready: Ready, plan: Plan | None, answer: Answer, diagnosis: Diagnosis | None, *, today: bool = False
) -> Run:
    """Every number from sites and minutes; of doing nothing where there is no plan."""
    world, travel, spec = ready.world, ready.travel, ready.loaded.spec
    shown = plan or _idle(ready)
    with ready.clock.stage("audit"):
        scores = score(world, travel, shown, ready.seek.measures)
        asked = plan is not None or today
        verdicts = with_set_aside(ready, judge_all(world, travel, shown, ready.rules)) if asked else ()
    with ready.clock.stage("inputs"):
        inputs = tuple(inputs_of(ready.loaded.spec, ready.loaded.base))
    return Run(
        scenario=ready.loaded.resolved,
        scenario_name=spec.name,
        title=_title(ready),
        language=spec.report.language,
        world=world,
        travel=travel,
        plan=plan,
        proof=_proof(answer),
        verdicts=verdicts,
        scores=scores,
        objective=_objective(ready),
        rules=rules_told(ready),
        findings=tuple(ready.findings),
        diagnosis=diagnosis,
        timings_s=dict(ready.clock.seconds),
        peak_rss_mb=peak_rss_mb(),
        stage_peak_mb=dict(ready.clock.peak_mb),
        inputs=inputs,
        log=answer.log,
        unverified=unverified(ready, verdicts),
    )


def _idle(ready: Ready) -> Plan:
    """Nothing opens; today's outlets serve as many as they can."""
    world = ready.world
    plan = plan_of(np.zeros(world.sites.allowed.shape, dtype=np.bool_))
    limited = capacitated(world.types).any()
    return replace(plan, assigned=given_today(world, ready.travel)) if limited else plan


def _title(ready: Ready) -> str:
    title = ready.loaded.spec.title
    if isinstance(title, dict):
        return title.get(ready.loaded.spec.report.language) or next(iter(title.values()))
    return title or ready.loaded.spec.name


def _proof(answer: Answer) -> Proof:
    return Proof(
        status=answer.status,
        objective=answer.objective,
        bound=answer.bound,
        gap=answer.gap,
        engine=answer.engine,
        version=answer.version,
        seconds=answer.seconds,
        stopped=answer.stopped,
        goals=answer.goals,
    )


def _objective(ready: Ready) -> dict[str, Any]:
    budgets = [r.params.amount for r in ready.rules if r.name == "budget" and _whole_budget(r)]  # type: ignore[attr-defined]
    return {
        "name": ready.seek.name,
        "title": ready.seek.title,
        "sentence": ready.seek.sentence,
        "formula": ready.seek.formula,
        "params": ready.seek.params.model_dump(),
        "unit": ready.seek.unit,
        "budget": min(budgets) if budgets else None,
    }


def _whole_budget(rule: Rule) -> bool:
    """A budget over everything, not over a group."""
    return all(v is None for k, v in rule.params.model_dump().items() if k != "amount")
