"""Cities: what gap is proven within a time, with and without rules; and how good and fast a bound is."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from typing import Any

import highspy
import numpy as np

from benchmarks.city import CITIES, city, city_program, program_of
from benchmarks.rows.watch import gap_pct, timed
from siteopt.program import Limits, Program
from siteopt.solve.backend import Progress, worst_violation
from siteopt.solve.cover import cover_form
from siteopt.solve.highs import Highs, pass_model, set_options
from siteopt.solve.strategy import pursue

LP_SOLVERS: dict[str, dict[str, Any]] = {
    "interior point, no crossover": {"solver": "ipm", "run_crossover": "off"},
    "pdlp": {"solver": "pdlp"},
    "simplex": {"solver": "simplex"},
    "interior point": {"solver": "ipm"},
}


def gap(name: str, limit_s: float, ruled: bool = False) -> dict[str, Any]:
    """The best plan and the bound on it after a time, from an empty plan, on two threads."""
    _warm_up(ruled)
    width, spaces = CITIES[name] if name in CITIES else _tiny(name)
    town = city(width, spaces)
    program = program_of(town, ruled=ruled)
    seen: list[Progress] = []
    with timed() as solving:
        answer = pursue(program, Highs(), Limits(time_limit_s=limit_s, gap=0.0, threads=2), report=seen.append)
    goal, people = program.goals[0], float(town.people.sum())
    x = answer.x
    kept = x is not None and worst_violation(program.blocks, x) <= 1e-6
    return {
        "cells": width * width,
        "spaces": spaces,
        "options": int(program.columns.integer.sum()),
        "nnz": program.nnz,
        "rules": ruled,
        "limit_s": limit_s,
        "seconds": solving.seconds,
        "late_s": max(solving.seconds - limit_s, 0.0),
        "value": answer.objective,
        "bound": answer.bound,
        "gap_pct": gap_pct(answer.objective, answer.bound),
        "share_covered_pct": 100.0 * answer.objective / people,
        "status": answer.status,
        "keeps_every_rule": bool(kept),
        "value_is_the_plans": x is not None and float(goal.cost @ x + goal.offset) == answer.objective,
        "details": [
            {"seconds": p.seconds, "value": _known(p.incumbent), "bound": _known(p.bound)} for p in _thinned(seen)
        ],
    }


def bound(
    name: str, limit_s: float, solvers: tuple[str, ...] = tuple(LP_SOLVERS), repeats: int = 3
) -> dict[str, Any]:
    """The bounds of the cascade, one after the other, beside HiGHS' solvers for the linear relaxation."""
    from siteopt.solve.lagrange import relaxed
    from siteopt.solve.pricing import priced_out

    _warm_up(False)
    program = city_program(*(CITIES[name] if name in CITIES else _tiny(name)))
    seconds: dict[str, list[float]] = {"lagrange": [], "priced": []}
    value: dict[str, float] = {}
    for _ in range(repeats):
        with timed() as whole:
            with timed() as first:
                form = cover_form(program, program.goals[0])
                assert form is not None
                found = relaxed(form)
            # The options to begin with are those that the cascade begins with.
            keep = (found.share > 0.005) | (found.reduced > -0.002 * found.reduced.max(initial=0.0))
            better = priced_out(form, found, keep, seconds=300.0)
        seconds["lagrange"].append(first.seconds)
        seconds["priced"].append(whole.seconds)
        value = {"lagrange": found.value, "priced": better.bound.value}
    details, optimum = [], None
    fastest = limit_s
    for solver in solvers:
        with timed() as theirs:
            lp = _relaxation(program, LP_SOLVERS[solver], fastest)  # a slower one is of no interest
        details.append({"solver": solver, "seconds": theirs.seconds, "finished": lp is not None, "value": lp})
        if lp is not None:
            fastest = min(fastest, theirs.seconds)
            # PDLP and interior points stop within a tolerance; the least of them is the strictest to be measured by.
            optimum = lp if optimum is None else min(optimum, lp)
    figures: dict[str, Any] = {"nnz": program.nnz, "relaxation": optimum}
    for step, taken in seconds.items():
        figures[f"{step}_s"] = median(taken)
        figures[f"{step}_bound"] = value[step]
        figures[f"{step}_above_pct"] = None if optimum is None else 100.0 * (value[step] - optimum) / optimum
        figures[f"{step}_times"] = fastest / median(taken)
    return figures | {"fastest_lp_s": fastest, "a_solver_finished": optimum is not None, "details": details}


def _relaxation(program: Program, options: dict[str, Any], limit_s: float) -> float | None:
    """The optimum of the linear relaxation; None when the solver does not reach it in time."""
    columns = replace(program.columns, integer=np.zeros(len(program.columns), dtype=np.bool_))
    highspy.Highs.resetGlobalScheduler(True)
    h = highspy.Highs()
    set_options(h, output_flag=False, time_limit=limit_s, threads=2, **options)
    pass_model(h, replace(program, columns=columns), program.goals[0], program.blocks)
    ran = h.run()
    if ran == highspy.HighsStatus.kError or h.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return float(h.getInfo().objective_function_value)


def _warm_up(ruled: bool) -> None:
    """Load what is compiled: not part of any figure."""
    program = city_program(40, 60, ruled=ruled)
    pursue(program, Highs(), Limits(time_limit_s=3.0, gap=0.0, threads=2))


def _tiny(name: str) -> tuple[int, int]:
    """``16x20``: cells along a side, spaces."""
    width, _, spaces = name.partition("x")
    return int(width), int(spaces)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _thinned(seen: list[Progress]) -> list[Progress]:
    """Where the incumbent or the bound moved, at most about forty of them, the last among them."""
    moved = [
        p
        for n, p in enumerate(seen)
        if n == 0 or (p.incumbent, p.bound) != (seen[n - 1].incumbent, seen[n - 1].bound)
    ]
    step = max(1, len(moved) // 40)
    return moved[::-1][::step][::-1]
