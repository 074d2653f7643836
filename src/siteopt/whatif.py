"""What if: the pieces that alternatives, the frontier and refusals share.

Each is a family of re-solves of one program. Here a scenario becomes that program, a plan becomes a point of it and
back, and every plan of a family goes through the same audit as the plan of a solve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from siteopt import __version__
from siteopt.model.areas import STEPS, put_areas, steps_of
from siteopt.model.build import build, decode, encode
from siteopt.pipeline import engine_of
from siteopt.plan import Plan, Proof, Run, Scores, Verdict
from siteopt.pose import pose
from siteopt.problem import Problem
from siteopt.program import GoalResult, Limits, Program, Status
from siteopt.provenance import unverified, with_set_aside
from siteopt.ready import Ready, RefusedPlan, Rule
from siteopt.report.goals import counts_people, sought_unit
from siteopt.report.summary import summarise
from siteopt.solve.backend import Backend, relative_gap, rounded
from siteopt.solve.strategy import pursue
from siteopt.units import Floats, Ints
from siteopt.verify import judge_all, refusals, score


@dataclass(frozen=True, eq=False)
class Question:
    """A scenario as a program, ready to be solved again and again."""

    ready: Ready
    problem: Problem
    program: Program
    backend: Backend

    def limits(self, time_limit_s: float | None) -> Limits:
        """The scenario's limits, for a whole family of searches."""
        spec = self.ready.loaded.spec.solver
        return Limits(spec.time_limit_s if time_limit_s is None else time_limit_s, spec.gap, spec.threads, spec.seed)

    def point(self, plan: Plan) -> Floats:
        """(N,) the point of a plan, every class of cells covered as far as its links let it be."""
        x = np.zeros(len(self.program.columns))
        x[: len(self.problem.option_pair)] = encode(self.problem, plan)
        put_areas(self.problem, self.program.columns, plan, x)
        return self._completed(x) if self.own_columns else rounded(self.program, x)

    @property
    def outlets(self) -> Ints:
        """(N,) which space and type each column opens, whenever and whoever pays; -1 where it opens nothing."""
        out = np.full(len(self.program.columns), -1, dtype=np.int64)
        out[: len(self.problem.option_pair)] = self.problem.option_pair
        return out

    @property
    def own_columns(self) -> bool:
        """Rules or the objective bring columns of their own: what opens does not say all about a plan."""
        names = self.program.columns.start
        return any(name not in ("open", STEPS) and name.split("@")[0] != "cover" for name in names)

    def _completed(self, x: Floats) -> Floats:
        """The best point that opens what a point opens: people given to outlets, say."""
        columns, n = self.program.columns, len(self.problem.option_pair)
        lower, upper = columns.lower.copy(), columns.upper.copy()
        lower[:n] = upper[:n] = x[:n]
        if STEPS in columns.start:
            first = columns.start[STEPS]
            taken = slice(first, first + len(steps_of(self.problem)))
            lower[taken] = upper[taken] = x[taken]
        fixed = replace(
            self.program, columns=replace(columns, lower=lower, upper=upper), goals=self.program.goals[:1]
        )
        answer = pursue(fixed, self.backend, self.limits(None))
        return rounded(self.program, x) if answer.x is None else answer.x

    def plan(self, x: Floats) -> Plan:
        """The plan of a point."""
        return decode(self.problem, x, self.ready.rules, self.program.columns)


def question(ready: Ready) -> Question:
    """Put a scenario as a program.

    Raises
    ------
    InputError
        When the asked engine is not here.
    """
    backend = engine_of(ready)
    with ready.clock.stage("problem"):
        problem = pose(ready)
        program = build(problem, ready.rules, ready.seek)
    return Question(ready, problem, program, backend)


def audit(
    ready: Ready, plan: Plan, proof: Proof, rules: Sequence[Rule] | None = None
) -> tuple[Scores, tuple[Verdict, ...]]:
    """Every number of a plan and every rule on it, from raw data.

    Raises
    ------
    RefusedPlan
        When a rule is broken, or the claim about the plan is not what the audit finds.
    """
    with ready.clock.stage("audit"):
        scores = score(ready.world, ready.travel, plan, ready.seek.measures)
        verdicts = judge_all(ready.world, ready.travel, plan, ready.rules if rules is None else rules)
    wrong = refusals(proof, scores, verdicts)
    if ready.streamed:
        with ready.clock.stage("recount"):
            wrong += ready.streamed.audit(plan, scores, ready.seek, ready.findings)
        ready.findings.raise_errors()
    if wrong:
        raise RefusedPlan("; ".join(wrong))
    return scores, verdicts


def claim(base: Proof, value: float, bound: float, asked_gap: float, turn: float | None = None) -> Proof:
    """What is claimed of one plan of a family.

    Parameters
    ----------
    base : of the scenario's best plan
    value : what the plan is worth
    bound : holds for all plans of the scenario
    asked_gap : share
    turn : the first goal in its own turn, where it may have given something up for later ones since
    """
    gap = relative_gap(value, bound)
    proven = bool(gap <= max(asked_gap, 1e-9))
    status: Status = "proven" if proven else "best_found"
    goals = tuple(
        GoalResult(g.name, g.sense, value if turn is None else turn, bound, gap, status, 0.0, value)
        for g in base.goals[:1]
    )
    return replace(base, status=status, objective=value, bound=bound, gap=gap, stopped="", goals=goals)


def audited_run(base: Run, ready: Ready, plan: Plan, proof: Proof) -> Run:
    """One plan of a family as a finished run: the base run's world with this plan's audited numbers."""
    scores, verdicts = audit(ready, plan, proof)
    verdicts = with_set_aside(ready, verdicts)
    return replace(
        base,
        plan=plan,
        proof=proof,
        scores=scores,
        verdicts=verdicts,
        unverified=unverified(ready, verdicts),
        diagnosis=None,
        phases=base.phases if plan is base.plan else (),
        log="",
    )


ABOUT = ("scenario", "title", "language", "illustrative", "currency", "travel", "types", "engine", "people")


def about(asked: Question, run: Run, schema: str) -> dict[str, Any]:
    """What every file about a family starts with."""
    summary, goal = summarise(run), asked.program.goals[0]
    objective = summary["objective"]
    return {
        "schema": schema,
        "siteopt": __version__,
        **{key: summary[key] for key in ABOUT},
        "objective": {
            **{key: objective[key] for key in ("name", "sentence", "unit")},
            "counts_people": counts_people(run),
            "counted_as": sought_unit(run),
            "sense": goal.sense,
            "tolerance": goal.tolerance,
        },
    }


def moved_by(program: Program, value: float, than: float) -> float:
    """How much worse a value of the first goal is than another, whichever way the goal is sought."""
    return than - value if program.goals[0].sense == "max" else value - than


def in_its_turn(proof: Proof) -> float:
    """The first goal at its best, before it gave anything up for later ones within its tolerance."""
    return proof.goals[0].value if proof.goals else proof.objective
