"""The published grid beside spopt and beside plain PuLP, each from the same points to its answer, all by HiGHS."""

from __future__ import annotations

import importlib.util
import warnings
from contextlib import suppress
from statistics import median
from typing import Any

import highspy
import numpy as np

import siteopt
from benchmarks.grid import OPTIMA_R4_B15, instance
from benchmarks.rows.grid import recount, warm_up
from benchmarks.rows.layer import plain_pulp, within
from benchmarks.rows.watch import timed
from siteopt.access.discs import disc_classes
from siteopt.units import Floats, Ints

RADIUS, OPEN = 4.0, 15


def beside(customers: int, limit_s: float, sites: int = 100, repeats: int = 5) -> dict[str, Any]:
    """Radius 4, 15 to open. Theirs may search for ``limit_s``; what building takes them comes on top."""
    warm_up()
    assert siteopt.max_coverage  # imported before the clock starts, as the peers are
    site_xy, xy, demand = instance(sites, customers)
    points, matrix, values = [], [], []
    distance = _distances(site_xy, xy) if customers <= 10_000 else None
    for _ in range(repeats):
        with timed() as taken:
            classes = disc_classes(site_xy, RADIUS, [(xy, demand)], slack=0.0)
            answer = siteopt.max_coverage(classes.cover, classes.weight, p=OPEN, time_limit_s=120.0)
        points.append(taken.seconds)
        values.append(answer.objective)
        with timed() as taken:
            table = distance if distance is not None else within(site_xy, xy, RADIUS)
            found = siteopt.max_coverage(
                table, demand, p=OPEN, time_limit_s=120.0, reach=RADIUS if distance is not None else None
            )
        matrix.append(taken.seconds)
        values.append(found.objective)
    ours = median(points)
    expected = OPTIMA_R4_B15.get(customers) if sites == 100 else None
    rows = [_spopt(site_xy, xy, demand, limit_s), _pulp(site_xy, xy, demand, limit_s)]
    spopt, pulp = rows
    finished = [row for row in rows if row is not None and row["finished"]]
    return {
        "customers": customers,
        "sites": sites,
        "ours_s": ours,
        "ours_from_matrix_s": median(matrix),
        "ours_proven": answer.status == "proven" and found.status == "proven",
        "ours_as_published": len(set(values)) == 1 and values[0] == (expected or values[0]),
        "ours_recounted": recount(site_xy, RADIUS, answer.open, xy, demand) == values[0],
        "those_that_finish_agree": all(row["value"] == values[0] for row in finished),
        "spopt_times": None if spopt is None else spopt["total_s"] / ours,
        "spopt_finished": None if spopt is None else spopt["finished"],
        "spopt_below_pct": None if spopt is None else 100.0 * (values[0] - spopt["value"]) / values[0],
        "pulp_times": pulp["total_s"] / ours,
        "pulp_finished": pulp["finished"],
        "details": [row for row in rows if row is not None],
    }


def _distances(site_xy: Floats, xy: Floats) -> Floats:
    d = xy[:, None] - site_xy
    return np.asarray(np.sqrt(d[..., 0] * d[..., 0] + d[..., 1] * d[..., 1]))


def _spopt(site_xy: Floats, xy: Floats, demand: Ints, limit_s: float) -> dict[str, Any] | None:
    """spopt's MCLP; None where it is not installed."""
    if importlib.util.find_spec("spopt") is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pulp
        from spopt.locate import MCLP

        with timed() as whole:
            with timed() as building:
                distance = _distances(site_xy, xy)
                model = MCLP.from_cost_matrix(distance, demand, RADIUS, OPEN)
            highspy.Highs.resetGlobalScheduler(True)  # or HiGHS refuses two threads where another run had one
            solver = pulp.HiGHS(msg=False, gapRel=0.0, threads=2, timeLimit=limit_s)
            with suppress(RuntimeError):  # spopt refuses to look at what a stopped search has found
                model = model.solve(solver, results=False)
    opened = np.array([v.varValue or 0.0 for v in model.fac_vars]) > 0.5
    return _row("spopt", whole.seconds, building.seconds, model.problem, recount(site_xy, RADIUS, opened, xy, demand))


def _pulp(site_xy: Floats, xy: Floats, demand: Ints, limit_s: float) -> dict[str, Any]:
    """One variable and one row per customer."""
    with timed() as whole:
        with timed() as building:
            cover = within(site_xy, xy, RADIUS)
        found = plain_pulp(cover, demand, OPEN, limit_s)
    return {
        "peer": "plain PuLP",
        "total_s": whole.seconds,
        "build_s": building.seconds,
        "value": found["value"],
        "gap": found["gap"],
        "finished": found["gap"] is not None and found["gap"] <= 1e-9,
    }


def _row(peer: str, total_s: float, build_s: float, problem: Any, value: int) -> dict[str, Any]:
    ended, gap = problem.solverModel.getModelStatus(), float(problem.solverModel.getInfo().mip_gap)
    if ended not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kTimeLimit):
        raise RuntimeError(f"{peer} ended with {ended}: its time says nothing")
    return {
        "peer": peer,
        "total_s": total_s,
        "build_s": build_s,
        "value": float(value),
        "gap": gap if np.isfinite(gap) else None,
        "finished": gap <= 1e-9,
    }
