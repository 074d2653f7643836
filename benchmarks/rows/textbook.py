"""The textbook problems beside spopt's calls."""

from __future__ import annotations

import importlib.util
import warnings
from typing import Any

from benchmarks.peers_spopt import compare

LEAST = {"set_cover", "p_median", "p_center"}
"""Problems in which less is better."""


def beside_spopt(**sizes: Any) -> dict[str, Any]:
    """Every problem that both solve; no figures where spopt is not installed."""
    if importlib.util.find_spec("spopt") is None:
        return {"details": []}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PuLP's, about what spopt calls
        compare(30, 5, reach=30.0, p=2)  # imports, and what is compiled: not part of any figure
        found = compare(**sizes)
    problems = found["problems"]
    solved = [problem for problem in problems if "ratio" in problem]
    keys = list(dict.fromkeys(key for problem in problems for key in problem))
    return {
        "points": found["points"],
        "sites": found["sites"],
        "spopt_never_better": all(_as_good(problem) for problem in solved),
        "spopt_least_times": min((problem["ratio"] for problem in solved), default=None),
        "spopt_failed": len(problems) - len(solved),
        "spopt_ours_proven": all(problem["status"] == "proven" for problem in problems),
        "details": [{key: problem.get(key) for key in keys} for problem in problems],
    }


def _as_good(problem: dict[str, Any]) -> bool:
    """Whether siteopt's plan is worth at least spopt's, both valued from the matrix; noise of 1e-7 allowed."""
    sign = -1.0 if problem["problem"] in LEAST else 1.0
    ahead = sign * (problem["objective"] - problem["spopt_plan_valued"])
    return bool(problem["equal"] or ahead > 0)
