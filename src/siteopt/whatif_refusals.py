"""Why each space of a stored run: what is lost when it is refused, and what would come in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from siteopt import pipeline
from siteopt.findings import Findings, nearest
from siteopt.layers.inputs import inputs_of
from siteopt.plan import Plan, Run, costs
from siteopt.program import Answer, GoalResult
from siteopt.ready import Ready
from siteopt.record import run_of
from siteopt.report.safe import clean, plain
from siteopt.report.summary import new_outlets
from siteopt.runs import layout
from siteopt.runs.moves import moves_between
from siteopt.runs.store import StoredRun, open_run
from siteopt.solve.backend import Report, Stop, value_of
from siteopt.solve.refusal import Refusal, refuse_each
from siteopt.solve.strategy import quiet
from siteopt.units import Bools, Floats, Ints
from siteopt.verify import VALUE_TOLERANCE, refusals
from siteopt.whatif import Question, about, audited_run, claim, moved_by, question

SCHEMA = "siteopt.explain/1"
TRUSTED = (layout.SUMMARY, layout.SCENARIO)
"""Files of a run without which, as written, nothing can be said about its plan."""


@dataclass(frozen=True, eq=False)
class Reopened:
    """A stored run whose scenario was read again, and that is still what it was.

    Attributes
    ----------
    stored : the run folder
    ready : its scenario, read and checked
    opened : (J, T) its plan
    spaces : indices of the sites whose refusal is asked about
    area_m2 : (J, T) of its outlets, where areas are chosen
    """

    stored: StoredRun
    ready: Ready
    opened: Bools
    spaces: Ints
    area_m2: Floats | None = None

    @property
    def plan(self) -> Plan:
        """The plan that was stored, as far as its outlets say it: when each opens, who pays, how large it is."""
        world, opened = self.ready.world, self.opened
        period, source = opened.astype(np.int64), opened.astype(np.int64) - 1
        said = {(s["site_id"], s["outlet_type"]): s for s in self.stored.summary["sites"]}
        for j, t in np.argwhere(opened).tolist():
            site = said[clean(world.sites.site_id[j]), world.types.type_id[t]]
            period[j, t] = _at(world.periods.name, site.get("period")) + 1
            source[j, t] = _at(world.funds.name, site.get("source"))
        return Plan(opened, period, source, world.periods.name, world.funds.name, area_m2=self.area_m2)


def _at(names: Sequence[str], name: object) -> int:
    """Where a name stands that was written without control characters; the first where it is not told."""
    told = [clean(known) for known in names]
    return told.index(str(name)) if str(name) in told else 0


def reopen(folder: Path, site: str | None = None) -> Reopened:
    """Read a run folder's scenario again and find its plan in it.

    Parameters
    ----------
    folder : run folder
    site : one space of the plan; all of them when None

    Raises
    ------
    InputError
        The folder is no run, has no plan, was changed by hand, its inputs have changed since, or the plan does not
        open the named space.
    """
    stored = open_run(folder)
    findings = Findings()
    _check_stored(stored, findings)
    findings.raise_errors()
    ready = pipeline.check(stored.folder / layout.SCENARIO)
    _check_inputs(stored, ready, findings)
    opened = _plan_of(stored, ready, findings)
    findings.raise_errors()
    chosen = np.flatnonzero(opened.any(axis=1))
    ids = [str(ready.world.sites.site_id[j]) for j in chosen]
    if site is not None and site not in ids:
        findings.error(
            "explain_not_in_plan",
            file=stored.name,
            value=site,
            field="--site",
            nearest=nearest(site, ids) or "—",
            known=", ".join(ids[:20]) + (" …" if len(ids) > 20 else ""),
        )
        findings.raise_errors()
    order = sorted(chosen.tolist(), key=lambda j: str(ready.world.sites.site_id[j]))
    spaces = [j for j in order if site is None or str(ready.world.sites.site_id[j]) == site]
    return Reopened(stored, ready, opened, np.array(spaces, dtype=np.int64), _areas_of(stored, ready, opened))


def _check_stored(stored: StoredRun, findings: Findings) -> None:
    """A run with a plan, whose summary and scenario nobody has touched."""
    for found in stored.findings:
        if found.file in TRUSTED:
            findings.error("explain_run_changed", file=found.file, value=stored.name)
    if stored.summary.get("status") not in ("proven", "best_found"):
        findings.error("explain_no_plan", file=stored.name, value=str(stored.summary.get("status")))


def _check_inputs(stored: StoredRun, ready: Ready, findings: Findings) -> None:
    """Every input is, byte for byte, what the run was made from."""
    then = stored.manifest.get("inputs")
    before: Sequence[Mapping[str, Any]] = then if isinstance(then, list) else []
    now = inputs_of(ready.loaded.spec, ready.loaded.base)
    if len(before) != len(now):
        findings.error("explain_inputs_differ", file=layout.MANIFEST, value=len(now), expected=len(before))
        return
    # The scenario names them in the same order; the run's copy of it names them from another folder.
    for was, here in zip(before, now, strict=True):
        if was.get("sha256") != here["sha256"]:
            findings.error("explain_input_changed", file=here["file"], value=stored.name)


def _plan_of(stored: StoredRun, ready: Ready, findings: Findings) -> Bools:
    """(J, T) the stored plan on the sites of the world as read again."""
    world = ready.world
    may = world.open_to & ~world.sites.standing
    # Ids are written without control characters; two that differ in nothing else cannot be told apart.
    rows: dict[str, list[int]] = {}
    for j, site_id in enumerate(world.sites.site_id):
        if world.sites.is_candidate[j] or may[j].any():
            rows.setdefault(clean(site_id), []).append(j)
    types = {name: t for t, name in enumerate(world.types.type_id)}
    opened = np.zeros(world.sites.allowed.shape, dtype=np.bool_)
    for site in stored.summary["sites"]:
        at, kind = rows.get(site["site_id"], []), types.get(site["outlet_type"])
        if len(at) != 1 or kind is None or not may[at[0], kind]:
            findings.error("explain_site_gone", file=stored.name, value=site["site_id"], outlet=site["outlet_type"])
            continue
        opened[at[0], kind] = True
    return opened


def _areas_of(stored: StoredRun, ready: Ready, opened: Bools) -> Floats | None:
    """(J, T) m2 of the stored plan's outlets; None where no type's area is chosen."""
    world = ready.world
    if not (world.types.area_max_m2 > world.types.area_m2).any():
        return None
    said = {(s["site_id"], s["outlet_type"]): s["area_m2"] for s in stored.summary["sites"]}
    out = np.zeros(opened.shape)
    for j, t in np.argwhere(opened).tolist():
        out[j, t] = said[clean(world.sites.site_id[j]), world.types.type_id[t]]
    return out


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
    base = base_run(reopened)
    best = asked.point(reopened.plan)
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
    out: dict[str, Any] = plain(
        {
            **about(base, SCHEMA),
            "run": reopened.stored.name,
            "base": {
                "value": base.proof.objective,
                "bound": base.proof.bound,
                "gap": base.proof.gap,
                "status": base.proof.status,
                "cost": base.scores.cost_total,
                "outlets": int(reopened.opened.sum()),
            },
            "stopped": "interrupt" if stop else "",
            "sites": entries,
        }
    )
    return out


def base_run(reopened: Reopened) -> Run:
    """The stored plan as a run again, its numbers made anew and held against those it was stored with."""
    ready, summary = reopened.ready, reopened.stored.summary
    said, plan = summary["objective"], reopened.plan
    asked = question(ready)
    if asked.own_columns:  # who is given to which outlet, say, is not stored: the best is found again
        plan = asked.plan(asked.point(plan))
    draft = run_of(ready, plan, _answer(summary, _number(said["bound"]), _number(said["gap"])), None)
    value, scale = draft.scores.objective, max(1.0, abs(draft.scores.objective))
    if abs(value - said["value"]) > VALUE_TOLERANCE * scale or refusals(draft.proof, draft.scores, draft.verdicts):
        findings = Findings()
        findings.error(
            "explain_plan_differs",
            file=reopened.stored.name,
            value=said["value"],
            got=value,
            version=_wrote(reopened),
        )
        findings.raise_errors()
    return draft


def _wrote(reopened: Reopened) -> str:
    return str(reopened.stored.manifest.get("siteopt", "—"))


def _answer(summary: Mapping[str, Any], bound: float, gap: float) -> Answer:
    """The stored claim about the plan."""
    goals = tuple(
        GoalResult(g["name"], g["sense"], g["value"], _number(g["bound"]), _number(g["gap"]), g["status"], 0.0)
        for g in summary["goals"]
    )
    engine = summary["engine"]
    return Answer(
        summary["status"],
        None,
        summary["objective"]["value"],
        bound,
        gap,
        0.0,
        engine["name"],
        engine["version"],
        goals=goals,
    )


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _entry(asked: Question, base: Run, site: int, refusal: Refusal) -> dict[str, Any]:
    """One refused space: what is lost, at least and at most, and what comes in its place."""
    world, scores, program = base.world, base.scores, asked.program
    assert base.plan is not None
    k, money = int(world.sites.community[site]), costs(world, base.plan)
    value = base.proof.objective
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
    proof = claim(base.proof, value_of(program.goals[0], refusal.x), base.proof.bound, gap)
    run = audited_run(base, asked.ready, plan, proof)
    # The space itself has gone: what came instead is everything else that differs.
    moves = moves_between(new_outlets(base), new_outlets(run))
    return entry | {
        "cost_change": run.scores.cost_total - scores.cost_total,
        "complete_change": run.scores.complete_after[0] - scores.complete_after[0],
        "opened": [_named(s) for s in moves.opened],
        "closed": [_named(s) for s in moves.closed],
        "moved": [{"from": _named(a), "to": _named(b), "distance_m": round(m, 1)} for a, b, m in moves.moved],
    }


def _named(site: Mapping[str, Any]) -> dict[str, Any]:
    return {key: site[key] for key in ("site_id", "name", "outlet_type", "cost")}
