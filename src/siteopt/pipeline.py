"""The run on one screen: scenario → world → minutes → problem → program → answer → plan → audit.

Each arrow is a function of plain values; this is the only file that knows their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from siteopt.access.reach import reach_findings
from siteopt.catalogue.types import outlet_types
from siteopt.clock import Clock
from siteopt.findings import Findings
from siteopt.infeasible import certain, diagnosed, hopeless
from siteopt.layers.assemble import read_world
from siteopt.layers.crs import choose_crs
from siteopt.layers.reported import check_reported
from siteopt.model import constraint, objective
from siteopt.model.build import build, decode
from siteopt.phasing import SHARE, phases_of
from siteopt.plan import Diagnosis, Plan, Run
from siteopt.policy import policies, settled
from siteopt.pose import pose
from siteopt.program import Answer, Limits
from siteopt.ready import Ready, RefusedPlan, rules_of, seek_of
from siteopt.record import run_of
from siteopt.scenario.load import Loaded, load
from siteopt.scenario.located import LocatedFindings
from siteopt.solve.backend import Backend, EngineUnavailable, Report, Stop
from siteopt.solve.engines import engine
from siteopt.solve.outlook import outlook
from siteopt.solve.strategy import pursue, quiet
from siteopt.spread import Spread, here
from siteopt.streamed import read_streamed, streams
from siteopt.verify import refusals
from siteopt.walk import walking_minutes, walking_streets

__all__ = ["Ready", "RefusedPlan", "assess", "check", "engine_of", "pose", "solve"]


def read_scenario(path: Path, findings: Findings, *, variant: str | None, sets: Sequence[str]) -> Loaded | None:
    """The scenario file alone, without its layers; None when it has faults, which ``findings`` then has."""
    return load(
        path,
        findings,
        constraints={n: r.parameters for n, r in constraint.registry().items()},
        objectives={n: s.parameters for n, s in objective.registry().items()},
        variant=variant,
        sets=sets,
        policies=policies(),
    )


def check(path: Path, *, variant: str | None = None, sets: Sequence[str] = (), spread: Spread = here) -> Ready:
    """Read everything and find all faults at once; ``spread`` does the work on the parts of a streamed layer.

    Raises
    ------
    InputError
        With every finding, when at least one is an error.
    """
    findings, clock = LocatedFindings(), Clock()
    with clock.stage("scenario"):
        loaded = read_scenario(path, findings, variant=variant, sets=sets)
        findings.raise_errors()
        assert loaded is not None
        findings.loaded = loaded
        spec, base, file = loaded.spec, loaded.base, loaded.file
        types = outlet_types(spec, findings, file=loaded.file)
        crs = choose_crs(spec, base, findings, file=loaded.file)
    with clock.stage("streets"):
        streets = walking_streets(spec.travel, base, crs, findings) if crs is not None else None
    rules, seek = rules_of(loaded), seek_of(loaded)
    with clock.stage("layers"):
        world, stream = None, None
        if crs is not None and types is not None and spec.demand.streamed:
            loaded, rules = settled(loaded, rules, lambda rule, found: streams(rule, file, found), findings)
            stream = read_streamed(loaded, crs, types, streets, rules, seek, findings, spread)
            world = stream.world if stream else None
        elif crs is not None and types is not None:
            world = read_world(spec, base, crs, types, streets, findings, file=loaded.file)
        findings.raise_errors()
        assert world is not None
    loaded, rules = settled(loaded, rules, lambda rule, found: rule.check(world, found, file), findings)
    seek.check(world, findings, loaded.file)
    check_reported(spec.acceptance, world, findings, file=loaded.file)
    findings.raise_errors()
    with clock.stage("minutes"):
        travel = stream.travel if stream else walking_minutes(loaded, world, streets, findings)
    findings.raise_errors()
    assert travel is not None
    reach_findings(world, travel, findings, file=loaded.file)
    return Ready(loaded, world, streets, travel, rules, seek, findings, clock, stream)


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
    several = len(ready.world.periods) > 1
    first = replace(limits, time_limit_s=(1 - SHARE if several else 1) * limits.time_limit_s)
    backend = engine_of(ready)
    with ready.clock.stage("problem"):
        problem = pose(ready)
        program = build(problem, ready.rules, ready.seek)
    if stop:  # Ctrl-C before the search began
        raise KeyboardInterrupt
    with ready.clock.stage("outlook"):
        outlooks = outlook(program, backend)
    with ready.clock.stage("solve"):
        sought = not certain(outlooks)
        answer = pursue(program, backend, first, report=report, stop=stop) if sought else hopeless()
    if answer.status == "engine_error":
        raise RefusedPlan(f"{answer.engine}: {answer.message}")
    diagnosis = None
    if answer.status == "infeasible":
        with ready.clock.stage("diagnose"):
            diagnosis = diagnosed(ready, problem, program, backend, limits, outlooks, stop)
    plan = decode(problem, answer.x, ready.rules, program.columns) if answer.x is not None else None
    run = _audited(ready, plan, answer, diagnosis)
    if plan is None or not several:
        return run
    with ready.clock.stage("phases"):
        rest = replace(limits, time_limit_s=max(limits.time_limit_s - answer.seconds, SHARE * limits.time_limit_s))
        return replace(run, phases=phases_of(ready, plan, backend, rest, report=report, stop=stop))


def engine_of(ready: Ready) -> Backend:
    """The engine that a scenario asks for.

    Raises
    ------
    InputError
        When it is not here.
    """
    try:
        return engine(ready.loaded.spec.solver.engine)
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


def assess(ready: Ready) -> Run:
    """How well today's outlets serve: the numbers of doing nothing, rules judged but not enforced."""
    return run_of(ready, None, _no_search(), None, today=True)


def _no_search() -> Answer:
    nan = float("nan")
    return Answer("no_plan", None, nan, nan, nan, 0.0, "", "", message="assessed, not solved")


def _audited(ready: Ready, plan: Plan | None, answer: Answer, diagnosis: Diagnosis | None) -> Run:
    run = run_of(ready, plan, answer, diagnosis)
    wrong = refusals(run.proof, run.scores, run.verdicts) if plan is not None else []
    if plan is not None and ready.streamed:
        with ready.clock.stage("recount"):
            wrong += ready.streamed.audit(plan, run.scores, ready.seek, ready.findings)
        ready.findings.raise_errors()
    if wrong:
        raise RefusedPlan("; ".join(wrong))
    return run
