"""The modelling layer: what a non-zero costs on its way to HiGHS, and small problems beside plain PuLP."""

from __future__ import annotations

import time
import warnings
from statistics import median
from typing import Any

import highspy
import numpy as np
import scipy.sparse as sp

import siteopt
from benchmarks.cover import cover_program
from benchmarks.grid import instance
from benchmarks.rows.watch import timed
from siteopt.access.discs import disc_classes
from siteopt.program import Limits
from siteopt.solve.highs import Highs, pass_model
from siteopt.solve.pulp import Pulp
from siteopt.solve.pulp_model import pulp_model
from siteopt.solve.strategy import pursue
from siteopt.units import Floats, Ints


def paths(customers: int, radius: float, repeats: int = 3) -> dict[str, Any]:
    """PuLP's way and the arrays' way to the same model in HiGHS, unmerged; and both to the end on a merged one."""
    import pulp

    site_xy, xy, demand = instance(100, customers)
    program = cover_program(within(site_xy, xy, radius), demand, 15)
    by_pulp, by_array, same = [], [], True
    for _ in range(repeats):
        with warnings.catch_warnings(), timed() as taking:
            warnings.simplefilter("ignore")
            model, _variables = pulp_model(program, program.goals[0], program.blocks, -1.0)
            solver = pulp.HiGHS(msg=False)
            solver.createAndConfigureSolver(model)
            solver.buildSolverModel(model)
        by_pulp.append(taking.seconds)
        theirs = model.solverModel
        with timed() as taking:
            h = highspy.Highs()
            h.setOptionValue("output_flag", False)
            pass_model(h, program, program.goals[0], program.blocks)
        by_array.append(taking.seconds)
        same = same and (theirs.getNumCol(), theirs.getNumNz()) == (h.getNumCol(), h.getNumNz())
    classes = disc_classes(site_xy, 4.0, [(xy[:10_000], demand[:10_000])], slack=0.0)
    small, limits = cover_program(classes.cover, classes.weight, 15), Limits(time_limit_s=120.0, gap=0.0, threads=1)
    answers = [pursue(small, engine, limits) for engine in (Pulp("HiGHS"), Highs())]
    return {
        "rows": program.n_rows,
        "nnz": program.nnz,
        "pulp_us_per_nnz": 1e6 * median(by_pulp) / program.nnz,
        "array_us_per_nnz": 1e6 * median(by_array) / program.nnz,
        "same_size": bool(same),
        "same_objective": len({answer.objective for answer in answers}) == 1,
        "both_proven": all(answer.status == "proven" for answer in answers),
        "details": [],
    }


def small(cells: tuple[int, ...] = (50, 100, 200, 400, 700, 1000), repeats: int = 3) -> dict[str, Any]:
    """siteopt's textbook call beside plain PuLP + HiGHS, from the same matrix; the first call of each by itself."""
    assert siteopt.max_coverage  # imported before the clock starts, as PuLP is
    rows: list[dict[str, Any]] = []
    for n in cells:
        for sites, radius, most in ((50, 4.0, 5), (100, 4.0, 15), (100, 6.25, 10)):
            site_xy, xy, demand = instance(sites, n)
            cover = within(site_xy, xy, radius)
            ours, theirs, values = [], [], set()
            for _ in range(repeats if rows else repeats + 1):
                began = time.perf_counter()
                found = siteopt.max_coverage(cover, demand, p=most, time_limit_s=120.0)
                ours.append(time.perf_counter() - began)
                began = time.perf_counter()
                plain = plain_pulp(cover, demand, most, 120.0)
                theirs.append(time.perf_counter() - began)
                values |= {found.objective, plain["value"]}
            first = None if rows else ours.pop(0) - theirs.pop(0)
            rows.append(
                {
                    "cells": n,
                    "sites": sites,
                    "radius": radius,
                    "to_open": most,
                    "ours_s": median(ours),
                    "pulp_s": median(theirs),
                    "slower_by_s": median(ours) - median(theirs),
                    "first_slower_by_s": first,
                    "same_value": len(values) == 1,
                }
            )
    return {
        "most_slower_by_s": max(row["slower_by_s"] for row in rows),
        "first_call_slower_by_s": rows[0]["first_slower_by_s"],
        "times_faster": median(row["pulp_s"] / row["ours_s"] for row in rows),
        "all_equal": all(row["same_value"] for row in rows),
        "details": [{k: v for k, v in row.items() if k != "first_slower_by_s"} for row in rows],
    }


def plain_pulp(cover: sp.csr_matrix, demand: Ints, most: int, limit_s: float) -> dict[str, Any]:
    """Maximal covering as a manual of PuLP writes it, one variable and one row per customer, solved by HiGHS."""
    import highspy
    import pulp

    highspy.Highs.resetGlobalScheduler(True)  # or HiGHS refuses two threads where another run had one
    n, sites = cover.shape
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = pulp.LpProblem("mclp", pulp.LpMaximize)
        opened = [pulp.LpVariable(f"x{j}", cat="Binary") for j in range(sites)]
        covered = [pulp.LpVariable(f"z{i}", cat="Binary") for i in range(n)]
        model += pulp.lpSum(int(demand[i]) * covered[i] for i in range(n))
        model += pulp.lpSum(opened) <= most
        for i in range(n):
            near = cover.indices[cover.indptr[i] : cover.indptr[i + 1]]
            model += covered[i] <= pulp.lpSum(opened[j] for j in near)
        model.solve(pulp.HiGHS(msg=False, gapRel=0.0, threads=2, timeLimit=limit_s))
    chosen = np.array([v.varValue or 0.0 for v in opened]) > 0.5
    value = float(np.asarray(demand)[(cover @ chosen.astype(float)) > 0.5].sum())
    gap = float(model.solverModel.getInfo().mip_gap)
    return {"value": value, "gap": gap if np.isfinite(gap) else None}


def within(site_xy: Floats, xy: Floats, radius: float) -> sp.csr_matrix:
    """(I, J) who is within the radius of whom, a block of customers at a time."""
    count, index = [np.zeros(1, dtype=np.int64)], []
    for first in range(0, len(xy), 10_000):
        d = xy[first : first + 10_000, None] - site_xy
        row, column = np.nonzero(np.sqrt(d[..., 0] * d[..., 0] + d[..., 1] * d[..., 1]) <= radius)
        count.append(np.bincount(row, minlength=len(d)))
        index.append(column.astype(np.int32))
    indices = np.concatenate(index)
    indptr = np.cumsum(np.concatenate(count))
    return sp.csr_matrix((np.ones(len(indices), dtype=np.bool_), indices, indptr), shape=(len(xy), len(site_xy)))
