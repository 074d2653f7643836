"""The run on one screen: scenario → world → minutes → problem → program → answer → plan → audit.

Each arrow is a function of plain values; this is the only file that knows their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from siteopt.access.reach import reach_findings
from siteopt.access.reduce import reduce_cells
from siteopt.access.report import snap_findings
from siteopt.access.travel import straight_line_times, walk_times
from siteopt.catalogue.types import outlet_types
from siteopt.clock import Clock, peak_rss_mb
from siteopt.findings import Findings, Severity
from siteopt.layers.assemble import inputs_of, read_world
from siteopt.layers.crs import choose_crs
from siteopt.layers.minutes import read_minutes
from siteopt.layers.streets import read_streets
from siteopt.model import constraint, objective
from siteopt.model.build import build, decode, options_of, plan_of
from siteopt.plan import Diagnosis, Plan, Proof, Run
from siteopt.problem import Problem, TravelTimes, coverage_of
from siteopt.program import Answer, Limits
from siteopt.scenario.load import Loaded, load
from siteopt.solve.backend import EngineUnavailable, Report, Stop
from siteopt.solve.diagnose import diagnose
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue, quiet
from siteopt.verify import judge_all, refusals, score
from siteopt.world import Streets, World

Rule = constraint.Constraint[constraint.Params]
Seek = objective.Objective[constraint.Params]


class RefusedPlan(Exception):
    """A plan failed its own audit: our bug, never the user's; nothing is written."""


@dataclass(frozen=True, eq=False)
class Ready:
    """A scenario read and checked: all that assessing and solving need."""

    loaded: Loaded
    world: World
    streets: Streets | None
    travel: TravelTimes
    rules: tuple[Rule, ...]
    seek: Seek
    findings: Findings
    clock: Clock


def check(path: Path, *, variant: str | None = None, sets: Sequence[str] = ()) -> Ready:
    """Read everything and find all faults at once.

    Raises
    ------
    InputError
        With every finding, when at least one is an error.
    """
    findings, clock = _Located(), Clock()
    with clock.stage("scenario"):
        loaded = load(
            path,
            findings,
            constraints={n: r.parameters for n, r in constraint.registry().items()},
            objectives={n: s.parameters for n, s in objective.registry().items()},
            variant=variant,
            sets=sets,
        )
        findings.raise_errors()
        assert loaded is not None
        findings.loaded = loaded
        spec, base = loaded.spec, loaded.base
        types = outlet_types(spec, findings, file=loaded.file)
        # A faulty CRS gives way to the one that siteopt would choose, so that the layers' faults are found too.
        crs = choose_crs(spec, base, findings) or choose_crs(spec.model_copy(update={"crs": None}), base, Findings())
    with clock.stage("streets"):
        wants_streets = spec.travel.streets is not None and crs is not None
        streets = read_streets(spec.travel.streets, base, crs, findings) if wants_streets else None  # type: ignore[arg-type]
    with clock.stage("layers"):
        ready = crs is not None and types is not None
        world = read_world(spec, base, crs, types, streets, findings) if ready else None  # type: ignore[arg-type]
        findings.raise_errors()
        assert world is not None
    rules, seek = _rules(loaded), objective.registry()[loaded.objective[0]](loaded.objective[1])  # type: ignore[arg-type]
    for rule in rules:
        rule.check(world, findings, loaded.file)
    seek.check(world, findings, loaded.file)
    findings.raise_errors()
    with clock.stage("minutes"):
        travel = _walk(loaded, world, streets, findings)
    findings.raise_errors()
    assert travel is not None
    reach_findings(world, travel, findings, file=loaded.file)
    return Ready(loaded, world, streets, travel, rules, seek, findings, clock)


class _Located(Findings):
    """Findings in which what is told about the scenario has its line and column, as far as it is written there."""

    loaded: Loaded | None = None

    def add(
        self,
        severity: Severity,
        code: str,
        *,
        file: str,
        row: int | str | None = None,
        field: str | None = None,
        value: Any = None,
        **facts: Any,
    ) -> None:
        if self.loaded is not None and file in ("scenario", self.loaded.file):
            file, row = self.loaded.file, row or _row_in(self.loaded, field or "")
        super().add(severity, code, file=file, row=row, field=field, value=value, **facts)


def _row_in(loaded: Loaded, field: str) -> str | None:
    """Where a dotted path, or its nearest ancestor below the top, is written."""
    top, _, rest = field.partition(".")
    if loaded.tree.child(top) is None:
        return None
    steps: list[str | int] = [int(step) if step.isdigit() else step for step in rest.split(".") if step]
    if top == "constraints" and steps:  # told by the rule's name
        steps[:1] = [i for i, (_, name, _) in enumerate(loaded.constraints) if name == steps[0]]
    return loaded.at(top, *steps).row


def _rules(loaded: Loaded) -> tuple[Rule, ...]:
    """The physical rules, then the scenario's own."""
    known = constraint.registry()
    always = [rule(rule.parameters()) for rule in known.values() if rule.always]
    return (*always, *(known[name](params, label) for name, label, params in loaded.constraints))  # type: ignore[arg-type]


def _walk(loaded: Loaded, world: World, streets: Streets | None, findings: Findings) -> TravelTimes | None:
    """Walking minutes by the scenario's mode: a table, the streets, or straight lines (labelled as such)."""
    how = loaded.spec.travel
    cutoff = float(world.types.limit_min.max())
    mode = how.mode or ("table" if how.table else "streets" if how.streets else "straight_line")
    if mode == "table" and how.table is not None:
        return read_minutes(
            how.table,
            loaded.base,
            cell_id=world.cells.cell_id,
            site_id=world.sites.site_id,
            cutoff_min=cutoff,
            speed_kmh=how.speed_kmh,
            findings=findings,
        )
    if mode == "streets" and how.streets is not None and streets is not None:
        travel, snaps = walk_times(
            world.cells.xy_m,
            world.sites.xy_m,
            streets,
            cutoff_min=cutoff,
            speed_kmh=how.speed_kmh,
            max_snap_m=how.max_snap_m,
            min_component_m=how.streets.min_component_m,
        )
        snap_findings(snaps, world.cells, world.sites, findings, file=how.streets.file)
        return travel
    return straight_line_times(
        world.cells.xy_m, world.sites.xy_m, cutoff_min=cutoff, speed_kmh=how.speed_kmh, detour=how.detour
    )


def pose(ready: Ready) -> Problem:
    """The question as arrays, reduced as far as every active rule allows."""
    world, travel, rules, seek = ready.world, ready.travel, ready.rules, ready.seek
    coverage = tuple(coverage_of(travel, float(limit)) for limit in world.types.limit_min)
    site, kind = options_of(world)
    option_of = np.full(world.sites.allowed.shape, -1, dtype=np.int64)
    option_of[site, kind] = np.arange(len(site))
    weight = seek.weights(world)
    apart = np.full(len(world.cells), -1, dtype=np.int64)
    segment = world.cells.community if any(r.cells_by == "community" for r in rules) else apart
    merge = all("merge_cells" in allows for allows in (seek.allows, *(r.allows for r in rules)))
    reduction = reduce_cells(
        coverage, world.sites.standing, option_of, weight, world.cells.residents, segment, merge=merge
    )
    return Problem(world, travel, coverage, weight, site, kind, reduction)


def solve(ready: Ready, *, report: Report = quiet, stop: Stop | None = None) -> Run:
    """The best plan of a scenario, audited.

    Raises
    ------
    InputError
        When the asked engine is not here.
    RefusedPlan
        When the audit finds the plan or a printed number wrong.
    """
    spec = ready.loaded.spec.solver
    limits = Limits(spec.time_limit_s, spec.gap, spec.threads, spec.seed)
    try:
        backend = engine(spec.engine)
    except EngineUnavailable as missing:
        ready.findings.error(
            "engine_unavailable",
            file=ready.loaded.file,
            field="solver.engine",
            value=missing.name,
            expected=", ".join(missing.known),
        )
        ready.findings.raise_errors()
        raise
    with ready.clock.stage("problem"):
        problem = pose(ready)
        program = build(problem, ready.rules, ready.seek)
    with ready.clock.stage("solve"):
        answer = pursue(program, backend, limits, report=report, stop=stop)
    if answer.status == "engine_error":
        raise RefusedPlan(f"{answer.engine}: {answer.message}")
    diagnosis = None
    if answer.status == "infeasible":
        with ready.clock.stage("diagnose"):
            diagnosis = diagnose(program, backend, limits)
    plan = decode(problem, answer.x) if answer.x is not None else None
    return _audited(ready, plan, answer, diagnosis)


def assess(ready: Ready) -> Run:
    """How well today's outlets serve: the numbers of doing nothing, rules judged but not enforced."""
    return _run(ready, None, _no_search(), None, today=True)


def _no_search() -> Answer:
    nan = float("nan")
    return Answer("no_plan", None, nan, nan, nan, 0.0, "", "", message="assessed, not solved")


def _audited(ready: Ready, plan: Plan | None, answer: Answer, diagnosis: Diagnosis | None) -> Run:
    run = _run(ready, plan, answer, diagnosis)
    wrong = refusals(run.proof, run.scores, run.verdicts) if plan is not None else []
    if wrong:
        raise RefusedPlan("; ".join(wrong))
    return run


def _run(ready: Ready, plan: Plan | None, answer: Answer, diagnosis: Diagnosis | None, *, today: bool = False) -> Run:
    """Every number from sites and minutes; of doing nothing where there is no plan."""
    world, travel, spec = ready.world, ready.travel, ready.loaded.spec
    shown = plan or plan_of(np.zeros(world.sites.allowed.shape, dtype=np.bool_))
    with ready.clock.stage("audit"):
        scores = score(world, travel, shown, ready.seek.value)
        verdicts = judge_all(world, travel, shown, ready.rules) if plan is not None or today else ()
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
        rules={rule.label: _described(rule) for rule in ready.rules},
        findings=tuple(ready.findings),
        diagnosis=diagnosis,
        timings_s=dict(ready.clock.seconds),
        peak_rss_mb=peak_rss_mb(),
        stage_peak_mb=dict(ready.clock.peak_mb),
        inputs=inputs,
        log=answer.log,
    )


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
        "unit": "people",
        "budget": min(budgets) if budgets else None,
    }


def _whole_budget(rule: Rule) -> bool:
    """A budget over everything, not over a group."""
    return all(v is None for k, v in rule.params.model_dump().items() if k != "amount")


def _described(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.name,
        "title": rule.title,
        "sentence": rule.sentence,
        "formula": rule.formula,
        "params": rule.params.model_dump(),
    }
