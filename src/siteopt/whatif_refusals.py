"""Why each space of a stored run: what is lost when it is refused, and what would come in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from siteopt.plan import Run, costs
from siteopt.report.safe import plain
from siteopt.report.summary import new_outlets
from siteopt.runs.moves import moves_between
from siteopt.solve.backend import Report, Stop, value_of
from siteopt.solve.refusal import Refusal, refuse_each
from siteopt.solve.strategy import quiet
from siteopt.whatif import Question, audited_run, claim, in_its_turn, moved_by, question
from siteopt.whatif_reopen import Reopened, about_stored, base_of

SCHEMA = "siteopt.explain/1"


def explain(
    reopened: Reopened, *, time_limit_s: float | None = None, report: Report = quiet, stop: Stop | None = None
) -> dict[str, Any]:
    """Refuse each space in turn and solve again (``explain.json``).

    Parameters
    ----------
    reopened : Reopened
    time_limit_s : for all spaces together; the scenario's when None
    report, stop : progress and Ctrl-C

    Raises
    ------
    InputError
        The plan, read again, is not worth what the run says.
    RefusedPlan
        When a plan found on the way fails its audit.
    """
    stop = stop if stop is not None else Stop()
    ready, asked = reopened.ready, question(reopened.ready)
    base, best = base_of(reopened, asked)
    groups = [np.flatnonzero(asked.problem.option_site == j) for j in reopened.spaces.tolist()]
    with ready.clock.stage("refusals"):
        found = refuse_each(
            asked.program,
            groups,
            asked.backend,
            asked.limits(time_limit_s),
            best=best,
            bound=base.proof.bound,
            report=report,
            stop=stop,
        )
    sites = reopened.spaces.tolist()
    entries = [_entry(asked, base, site, refusal) for site, refusal in zip(sites, found, strict=True)]
    about = about_stored(reopened, asked, base, SCHEMA, stopped=bool(stop))
    out: dict[str, Any] = plain({**about, "sites": entries})
    return out


def _entry(asked: Question, base: Run, site: int, refusal: Refusal) -> dict[str, Any]:
    """One refused space: what is lost, at least and at most, and what comes in its place."""
    world, scores, program = base.world, base.scores, asked.program
    assert base.plan is not None
    k, money = int(world.sites.community[site]), costs(world, base.plan)
    value = in_its_turn(base.proof)
    kinds = np.flatnonzero(base.plan.opened[site]).tolist()
    entry: dict[str, Any] = {
        "site_id": world.sites.site_id[site],
        "name": world.sites.name[site],
        "community": world.communities.community_id[k] if k >= 0 else None,
        "outlets": [
            {
                "outlet_type": world.types.type_id[t],
                "cost": money[site, t],
                "newly_covered": scores.newly_covered[site, t],
                "only_covered_by_this": scores.only_covered_by_this[site, t],
            }
            for t in kinds
        ],
        "cost": money[site, kinds].sum(),
        "outcome": refusal.outcome,
        "value": refusal.value,
        "bound": refusal.bound,
        "loss_least": moved_by(program, refusal.bound, value),
        "loss_most": moved_by(program, refusal.value, value),
        "cost_change": None,
        "complete_change": None,
        "opened": [],
        "closed": [],
        "moved": [],
    }
    if refusal.outcome == "infeasible":
        return entry | {"bound": None, "loss_least": None, "loss_most": None}
    if refusal.x is None:
        return entry
    gap = asked.ready.loaded.spec.solver.gap
    plan = asked.plan(refusal.x)
    # The bound of the claim is the whole scenario's: a better plan than the run's may turn up here.
    final = value_of(program.goals[0], refusal.x)
    run = audited_run(base, asked.ready, plan, claim(base.proof, final, base.proof.bound, gap, refusal.value))
    # The space itself has gone: what came instead is everything else that differs.
    moves = moves_between(new_outlets(base), new_outlets(run))
    return entry | {
        "value": run.scores.objective,
        "cost_change": run.scores.cost_total - scores.cost_total,
        "complete_change": run.scores.complete_after[0] - scores.complete_after[0],
        "opened": [_named(s) for s in moves.opened],
        "closed": [_named(s) for s in moves.closed],
        "moved": [{"from": _named(a), "to": _named(b), "distance_m": round(m, 1)} for a, b, m in moves.moved],
    }


def _named(site: Mapping[str, Any]) -> dict[str, Any]:
    return {key: site[key] for key in ("site_id", "name", "outlet_type", "cost")}
