"""Small towns with the data that rules of norms and ratios look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from siteopt.findings import Finding, Findings
from siteopt.model.amounts import Amount
from siteopt.model.areas import per_option
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem
from siteopt.program import Columns
from siteopt.world import World
from tests.programs import Rule, minutes_of, plan_with, posed, row_of_spaces
from tests.worlds import make_communities, texts

NUMBERS = ("households", "residential_m2", "service_m2", "elderly_m2")


def town(
    n: int = 2,
    n_types: int = 1,
    *,
    communities: Sequence[dict[str, Any]] = ({"id": "A"},),
    sites: dict[str, Any] | None = None,
    types: dict[str, Any] | None = None,
    **over: Any,
) -> World:
    """Spaces and cells side by side 1 km apart, cell i with 10·(i+1) people, all in the first community unless said.

    ``communities`` are dicts of their fields, ``sites`` and ``types`` replace whole columns.
    """
    said: dict[str, Any] = {"site_community": [0] * n, "cell_community": [0] * n, "slots": [n_types] * n} | over
    world = row_of_spaces(n, n_types, communities=make_communities(list(communities)), **said)
    about = replace(
        world.communities,
        tier=texts([c.get("tier", "") for c in communities]),
        pilot=np.array([c.get("pilot", False) for c in communities], dtype=bool),
        **{name: np.array([c.get(name, np.nan) for c in communities], dtype=float) for name in NUMBERS},
    )
    columns = {k: texts(v) if k in ("sector", "service") else v for k, v in (types or {}).items()}
    return replace(
        world,
        communities=about,
        sites=replace(world.sites, **{k: np.asarray(v) for k, v in (sites or {}).items()}),
        types=replace(world.types, **{k: v if isinstance(v, tuple) else np.asarray(v) for k, v in columns.items()}),
    )


def verdicts(world: World, rule: Rule, opened: Sequence[tuple[int, int]] = ()) -> list[Verdict]:
    """What the judge says of the plan that opens these (site, type) pairs."""
    return rule.judge(world, minutes_of(world), plan_with(world, opened))


def found(world: World, rule: Rule) -> list[Finding]:
    """What the rule's check reports."""
    findings = Findings()
    rule.check(world, findings, "s.yaml")
    return list(findings)


def asked(world: World) -> tuple[Problem, Columns]:
    """The problem of a world and columns for its options alone."""
    problem = posed(world, [])
    n = len(problem.option_site)
    return problem, Columns({"open": 0}, np.zeros(n), np.ones(n), np.ones(n, dtype=bool))


def everywhere(world: World) -> np.ndarray:
    return np.ones(len(world.sites), dtype=bool)


def counting(unit: str, size: int, each: np.ndarray) -> Amount:
    """So much of each option, (N,), in the order of options."""

    def opened(world: World, plan: Plan) -> np.ndarray:
        problem, _ = asked(world)
        table = np.zeros(plan.opened.shape, dtype=np.int64)
        table[problem.option_site, problem.option_type] = each
        return table

    return Amount(unit, size, lambda problem, columns: per_option(problem, columns, each), opened)
