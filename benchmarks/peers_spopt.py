"""The textbook problems beside their spopt calls, on one machine, in one run.

``compare()`` needs spopt (``pip install siteopt[bench]``); it returns what can be written as JSON. Objectives are
compared after both plans have been valued from the arrays alone: spopt's own figures are listed beside them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import siteopt


def places(n_points: int, n_sites: int, seed: int) -> tuple[Any, Any, Any]:
    """Distances between points and sites, whole weights, distances between sites: uniform in a square of 30 by 30."""
    r = np.random.default_rng(seed)
    points, sites = r.random((n_points, 2)) * 30, r.random((n_sites, 2)) * 30
    between = np.linalg.norm(sites[:, None] - sites[None], axis=2)
    return np.linalg.norm(points[:, None] - sites[None], axis=2), r.integers(1, 101, n_points), between


def compare(
    n_points: int = 200,
    n_sites: int = 20,
    *,
    reach: float | None = None,
    p: int = 4,
    seed: int = 1,
    time_limit_s: float = 120.0,
) -> dict[str, Any]:
    """Every problem that both solve, once each.

    Parameters
    ----------
    reach : a fifth more than the least that reaches everybody, unless given

    Returns
    -------
    dict
        The size, spopt's version, and for each problem seconds, objectives, whether they are equal, and the ratio.
    """
    import pulp
    import spopt
    from spopt import locate

    d, w, between = places(n_points, n_sites, seed)
    far = float(d.min(axis=1).max())
    reach = 1.2 * far if reach is None else reach
    solver = pulp.HiGHS(msg=False, timeLimit=time_limit_s, gapRel=0.0)
    effort: Any = {"time_limit_s": time_limit_s}

    def covered(o: Any) -> float:
        return float(w[(d[:, o] <= reach).any(axis=1)].sum())

    def nearest(o: Any) -> Any:
        return d[:, o].min(axis=1)

    def least(o: Any) -> float:
        at = np.flatnonzero(o)
        return float(between[np.ix_(at, at)][~np.eye(len(at), dtype=bool)].min())

    problems: dict[str, tuple[Callable[[], Any], Callable[[], Any], Callable[[Any], float]]] = {
        "max_coverage": (
            lambda: siteopt.max_coverage(d, w, reach=reach, p=p, **effort),
            lambda: locate.MCLP.from_cost_matrix(d, w, reach, p),
            covered,
        ),
        "set_cover": (
            lambda: siteopt.set_cover(d, reach=reach, **effort),
            lambda: locate.LSCP.from_cost_matrix(d, reach),
            lambda o: float(o.sum()),
        ),
        "backup_coverage": (
            lambda: siteopt.backup_coverage(d, reach=reach, **effort),
            lambda: locate.LSCPB.from_cost_matrix(d, reach, solver),
            lambda o: float(((d[:, o] <= reach).sum(axis=1) > 1).sum()),
        ),
        "p_median": (
            lambda: siteopt.p_median(d, w, p=p, **effort),
            lambda: locate.PMedian.from_cost_matrix(d, w, p),
            lambda o: float(w @ nearest(o)),
        ),
        "p_center": (
            lambda: siteopt.p_center(d, p=p, **effort),
            lambda: locate.PCenter.from_cost_matrix(d, p),
            lambda o: float(nearest(o).max()),
        ),
        "p_dispersion": (
            lambda: siteopt.p_dispersion(between, p=p, **effort),
            lambda: locate.PDispersion.from_cost_matrix(between, p),
            least,
        ),
    }
    rows = [_row(name, ours, theirs, value, solver, n_sites) for name, (ours, theirs, value) in problems.items()]
    return {"points": n_points, "sites": n_sites, "p": p, "spopt": spopt.__version__, "problems": rows}


def _row(
    name: str,
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    value: Callable[[Any], float],
    solver: Any,
    n_sites: int,
) -> dict[str, Any]:
    began = time.perf_counter()
    mine = ours()
    ours_s = time.perf_counter() - began
    told = {
        "problem": name,
        "status": mine.status,
        "objective": mine.objective,
        "bound": mine.bound,
        "seconds": ours_s,
    }
    began = time.perf_counter()
    try:
        model = theirs().solve(solver)
    except RuntimeError as error:  # what spopt raises when its solver does not say "optimal"
        return {**told, "spopt_error": str(error), "spopt_seconds": time.perf_counter() - began}
    theirs_s = time.perf_counter() - began
    # read at one half: values like 2e-15 are no sites
    opened = np.array([float(model.fac_vars[j].value() or 0.0) > 0.5 for j in range(n_sites)])
    other = value(opened)
    return {
        **told,
        "spopt_plan_valued": other,
        "spopt_says": float(model.problem.objective.value() or 0.0),
        "equal": bool(np.isclose(mine.objective, other, rtol=1e-7)),
        "spopt_seconds": theirs_s,
        "ratio": theirs_s / ours_s,
    }
