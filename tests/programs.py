"""Programs of small worlds in words that a test can compare, and the solving of them from end to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from siteopt.model.build import build, decode
from siteopt.model.constraint import Constraint, Params, together
from siteopt.model.constraint import registry as constraint_registry
from siteopt.model.objectives.coverage import Coverage, Seek
from siteopt.plan import Plan, Proof, Scores, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Answer, Limits, Program
from siteopt.solve.backend import ROW_TOLERANCE
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from siteopt.verify import judge_all, refusals, score
from siteopt.world import World
from tests.random_worlds import always, every_plan, make_problem
from tests.worlds import make_types, make_world, straight_times

INF = float("inf")
Rule = Constraint[Params]
Row = tuple[str, dict[str, float], float, float]
"""(subject, {"s000/t0": coefficient, ...}, lower, upper)"""


def row_of_spaces(n: int = 3, n_types: int = 1, *, types: dict[str, Any] | None = None, **over: Any) -> World:
    """Spaces and cells side by side 1 km apart, cell i with 10·(i+1) people; a 5-minute walk serves one cell."""
    xy = np.column_stack([np.arange(n) * 1000.0, np.zeros(n)])
    plain: dict[str, Any] = {
        "cell_xy": xy,
        "people": 10.0 * np.arange(1, n + 1),
        "site_xy": xy,
        "types": make_types([5.0] * n_types, **(types or {})),
    }
    return make_world(**(plain | over))


def rule(name: str, label: str = "", **params: Any) -> Rule:
    """A rule of the registry with its parameters."""
    found = constraint_registry()[name]
    return found(found.parameters(**params), label)


def minutes_of(world: World) -> TravelTimes:
    """Straight-line minutes at 80 m/min within the longest limit."""
    return straight_times(world, float(world.types.limit_min.max()))


def posed(
    world: World, rules: Sequence[Rule], travel: TravelTimes | None = None, seek: Seek | None = None
) -> Problem:
    """The problem of a world."""
    return make_problem(world, travel or minutes_of(world), tuple(rules), seek or Seek(Coverage()))


def stated(world: World, wanted: Rule, travel: TravelTimes | None = None) -> list[Row]:
    """A rule's rows in words: options by site/type, classes of cells as z(type: their cells)."""
    problem = posed(world, [wanted], travel)
    program = build(problem, [wanted], Seek(Coverage()))
    names = [
        f"{world.sites.site_id[j]}/{world.types.type_id[t]}"
        for j, t in zip(problem.option_site, problem.option_type, strict=True)
    ]
    red = problem.reduction
    for c, t in enumerate(red.service_of):
        cells = "+".join(str(i) for i in world.cells.cell_id[red.class_of_cell[:, t] == c])
        names.append(f"z({world.types.type_id[t]}: {cells})")
    rows: list[Row] = []
    for b in program.blocks:
        if b.owner != wanted.label:
            continue
        for r in range(len(b)):
            part = slice(b.indptr[r], b.indptr[r + 1])
            terms = {names[c]: float(v) for c, v in zip(b.column[part], b.value[part], strict=True)}
            rows.append((b.subject[r], terms, float(b.lower[r]), float(b.upper[r])))
    return rows


def point_of(problem: Problem, program: Program, plan: Plan) -> np.ndarray:
    """The point of a plan, with coverage as large as the links allow."""
    x = np.zeros(len(program.columns))
    n = len(problem.option_site)
    x[:n] = plan.opened[problem.option_site, problem.option_type]
    red = problem.reduction
    running = np.concatenate([[0.0], np.cumsum(x[red.pair])])
    x[n:] = np.minimum(1.0, np.diff(running[red.indptr]))
    return x


def keeps_rows(program: Program, x: np.ndarray) -> bool:
    """Whether a point keeps every row, each summed by itself."""
    for b in program.blocks:
        for r in range(len(b)):
            part = slice(b.indptr[r], b.indptr[r + 1])
            activity = float(b.value[part] @ x[b.column[part]])
            if not b.lower[r] - ROW_TOLERANCE <= activity <= b.upper[r] + ROW_TOLERANCE:
                return False
    return True


def judged(world: World, wanted: Rule, opened: Sequence[tuple[int, int]], travel: TravelTimes | None = None) -> bool:
    """Whether the judge accepts the plan that opens these (site, type) pairs."""
    verdicts = wanted.judge(world, travel or minutes_of(world), plan_with(world, opened))
    return all(v.holds or not v.checked for v in verdicts)


def plan_with(world: World, opened: Sequence[tuple[int, int]]) -> Plan:
    """The plan that opens these (site, type) pairs."""
    table = np.zeros(world.sites.allowed.shape, dtype=bool)
    for j, t in opened:
        table[j, t] = True
    return Plan(opened=table, period=table.astype(np.int64), source=table.astype(np.int64) - 1)


def accepted(world: World, wanted: Rule, travel: TravelTimes | None = None) -> list[list[tuple[int, int]]]:
    """The plans that keep a rule, out of every plan; judge and rows must say the same of each.

    A rule that lets everything or nothing through would pass any comparison, so tests look at this list too.
    """
    travel = travel or minutes_of(world)
    problem = posed(world, [wanted], travel)
    program = build(problem, [wanted], Seek(Coverage()))
    kept = []
    for plan in every_plan(world):
        pairs = [(int(j), int(t)) for j, t in np.argwhere(plan.opened)]
        by_judge = all(v.holds or not v.checked for v in wanted.judge(world, travel, plan))
        by_rows = keeps_rows(program, point_of(problem, program, plan))
        assert by_judge == by_rows, f"judge says {by_judge}, rows say {by_rows}: {pairs}"
        if by_judge:
            kept.append(pairs)
    return kept


@dataclass(frozen=True, eq=False)
class Solved:
    """An answer with its plan and its audit."""

    answer: Answer
    problem: Problem
    program: Program
    plan: Plan | None = None
    scores: Scores | None = None
    verdicts: tuple[Verdict, ...] = ()

    @property
    def opened(self) -> list[str]:
        """The new outlets as "s000/t0"."""
        assert self.plan is not None
        world = self.problem.world
        return [f"{world.sites.site_id[j]}/{world.types.type_id[t]}" for j, t in np.argwhere(self.plan.opened)]


def proof_of(answer: Answer) -> Proof:
    """The claim that an answer makes."""
    return Proof(
        answer.status,
        answer.objective,
        answer.bound,
        answer.gap,
        answer.engine,
        answer.version,
        answer.seconds,
        answer.stopped,
        answer.goals,
    )


def solved(
    world: World,
    rules: Sequence[Rule] = (),
    *,
    by: str = "highs",
    travel: TravelTimes | None = None,
    seek: Seek | None = None,
    limits: Limits | None = None,
) -> Solved:
    """Build, pursue, decode, score, judge; the audit must find nothing to refuse. Physical rules are always on."""
    travel, seek = travel or minutes_of(world), seek or Seek(Coverage())
    every = together([*always(), *rules])
    problem = posed(world, every, travel, seek)
    program = build(problem, every, seek)
    answer = pursue(program, engine(by), limits or Limits(time_limit_s=20.0, threads=1))
    if answer.x is None:
        return Solved(answer, problem, program)
    plan = decode(problem, answer.x, every, program.columns)
    scores = score(world, travel, plan, seek.measures)
    verdicts = judge_all(world, travel, plan, every)
    assert refusals(proof_of(answer), scores, verdicts) == []
    return Solved(answer, problem, program, plan, scores, verdicts)
