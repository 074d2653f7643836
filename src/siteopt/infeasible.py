"""Before and after a search that cannot end well: what cannot be kept, who clashes, and the ways out in words.

The solver room sees rows and columns; here its findings become spaces, communities and money, and each way out is
judged by the very rules that would give.
"""

from __future__ import annotations

from dataclasses import replace

from siteopt.findings import Findings
from siteopt.model.build import build, decode
from siteopt.plan import Diagnosis, Outlook, Relaxation, Repair
from siteopt.pose import pose
from siteopt.problem import Problem
from siteopt.program import Answer, Limits, Program
from siteopt.ready import Ready
from siteopt.solve.backend import Backend, Stop
from siteopt.solve.diagnose import diagnose
from siteopt.solve.outlook import outlook
from siteopt.verify import judge_all

AT_ONCE_S = 15.0
"""Where no search was needed to know that there is no plan, the ways out take no longer than this."""


def certain(outlooks: tuple[Outlook, ...]) -> bool:
    """Whether it is known without a search that no plan keeps every rule."""
    return any(not o.can for o in outlooks)


def hopeless() -> Answer:
    """The answer of a program that needs no search to be found infeasible."""
    nan = float("nan")
    return Answer("infeasible", None, nan, nan, nan, 0.0, "audit", "", message="impossible before any search")


def diagnosed(
    ready: Ready,
    problem: Problem,
    program: Program,
    backend: Backend,
    limits: Limits,
    outlooks: tuple[Outlook, ...] = (),
    stop: Stop | None = None,
) -> Diagnosis:
    """Why no plan exists and the ways out, in the planner's words and units."""
    if certain(outlooks):
        limits = replace(limits, time_limit_s=min(limits.time_limit_s, AT_ONCE_S))
    found = diagnose(program, backend, limits, outlooks=outlooks, stop=stop)
    worded = [_worded(ready, problem, program, r) for r in found.repairs]
    sound = tuple(r for r in worded if r is not None)
    return replace(
        found,
        relaxations=tuple(_named(problem, r) for r in found.relaxations),
        repairs=sound,
        repairs_complete=found.repairs_complete and len(sound) == len(worded),
        searched=not certain(outlooks),
    )


def _named(problem: Problem, relaxation: Relaxation) -> Relaxation:
    """The outlets that stand under an exceeded limit, by space and type."""
    sites, types, n = problem.world.sites, problem.world.types, len(problem.option_site)
    names = dict.fromkeys(
        (str(sites.site_id[problem.option_site[c]]), types.type_id[problem.option_type[c]])
        for c in relaxation.columns
        if c < n
    )
    return replace(relaxation, columns=(), outlets=tuple(names))


def _worded(ready: Ready, problem: Problem, program: Program, repair: Repair) -> Repair | None:
    """What the rules that give say themselves of the plan that a repair makes possible.

    None where another rule's judge does not accept that plan: what fails its audit is not told.
    """
    assert repair.point is not None
    plan = decode(problem, repair.point, ready.rules, program.columns)
    broken = [v for v in judge_all(ready.world, ready.travel, plan, ready.rules) if v.checked and not v.holds]
    if any(v.rule not in repair.rules for v in broken):
        return None
    return replace(
        repair,
        point=None,
        verdicts=tuple(broken),
        relaxations=tuple(_named(problem, r) for r in repair.relaxations),
    )


def audit(ready: Ready, backend: Backend) -> tuple[Outlook, ...]:
    """What can be said of a scenario's rules before any search."""
    with ready.clock.stage("outlook"):
        program = build(pose(ready), ready.rules, ready.seek)
        return outlook(program, backend)


def audit_findings(ready: Ready, outlooks: tuple[Outlook, ...]) -> Findings:
    """The same as findings, for ``siteopt check``: the impossible as warnings, the hardly possible as notes."""
    findings = Findings()
    file, labels = ready.loaded.file, {rule.label for rule in ready.rules}
    for o in outlooks:
        symbol = ready.world.currency if o.unit == "money" else SYMBOLS.get(o.unit, "")
        where = {"file": file, "field": f"constraints.{o.rule}", "value": o.subject}
        facts = {
            "rule": o.rule,
            "about": "" if o.subject in labels | {""} else f" ({o.subject})",
            "need": _amount(o.need, symbol),
            "possible": _amount(o.possible, symbol),
            "apart": _amount(abs(o.need - o.possible), symbol),
            "against": o.against,
        }
        floor = o.sense == "ge"
        if o.can:
            findings.info("audit_tight_floor" if floor else "audit_tight_ceiling", **where, **facts)
        elif o.against:
            findings.warning("audit_clash_floor" if floor else "audit_clash_ceiling", **where, **facts)
        else:
            findings.warning("audit_impossible_floor" if floor else "audit_impossible_ceiling", **where, **facts)
    return findings


SYMBOLS = {"m2": "m²", "m": "m"}
"""Units that read the same in every language; counts go without."""


def _amount(value: float, symbol: str) -> str:
    """A number without meaningless decimals, and its unit."""
    text = f"{value:,.0f}" if abs(value - round(value)) < 5e-3 else f"{value:,.2f}"
    return f"{text} {symbol}".strip()
