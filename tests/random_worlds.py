"""Random tiny worlds with random rules, and the brute force that is their oracle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from pathlib import Path
from types import ModuleType

import numpy as np
import shapely

from siteopt.model.build import pairs_of, plan_of
from siteopt.model.constraint import Constraint, Params
from siteopt.model.constraint import registry as constraint_registry
from siteopt.model.objectives.coverage import Coverage, Seek
from siteopt.plan import Plan
from siteopt.pose import posed
from siteopt.problem import Problem, TravelTimes
from siteopt.verify import nearest_outlet
from siteopt.world import SPACE_KINDS, World
from tests.worlds import make_communities, make_types, make_world, straight_times


@dataclass(frozen=True, eq=False)
class Case:
    """A world, its minutes, its rules and its objective."""

    world: World
    travel: TravelTimes
    rules: tuple[Constraint[Params], ...]
    seek: Seek

    @property
    def problem(self) -> Problem:
        return make_problem(self.world, self.travel, self.rules, self.seek)


def make_problem(world: World, travel: TravelTimes, rules: tuple[Constraint[Params], ...], seek: Seek) -> Problem:
    """The question of a world, as the pipeline puts it."""
    return posed(world, travel, rules, seek)


def always() -> list[Constraint[Params]]:
    """The rules of the physical world."""
    return [rule(rule.parameters()) for rule in constraint_registry().values() if rule.always]


def random_case(seed: int, *, n_sites: int = 5, n_types: int = 2, n_cells: int = 14) -> Case:
    """A world of a 1.6 km square with up to a dozen options and a random handful of rules."""
    r = np.random.default_rng(seed)
    n_communities = int(r.integers(1, 4))
    types = make_types(
        r.choice([5.0, 8.0, 10.0], n_types).tolist(),
        area_m2=r.choice([0.0, 30.0, 50.5, 80.25], n_types),
        weight=r.choice([0.0, 1.0, 2.0, 0.5], n_types, p=[0.1, 0.6, 0.2, 0.1]),
        base=r.random(n_types) < 0.7,
        qualifies=r.random(n_types) < 0.8,
    )
    people = r.integers(0, 60, (n_cells, 2)).astype(float)
    people[r.random(n_cells) < 0.15] = 0
    site_xy = r.integers(0, 17, (n_sites, 2)) * 100.0
    communities = make_communities(
        [
            {
                "floor_area_m2": float(r.integers(500, 3000)),
                "commercial_area_m2": float(r.integers(0, 300)),
                "sense": str(r.choice(["ge", "ge", "le", "off"])),
                "share": float(r.choice([np.nan, 0.05, 0.08])),
                "geometry": shapely.box(0, 0, 1, 1),
            }
            for _ in range(n_communities)
        ]
    )
    world = make_world(
        cell_xy=r.integers(0, 17, (n_cells, 2)) * 100.0,
        people=people,
        groups=("residents", "elderly"),
        site_xy=site_xy,
        types=types,
        cost=r.integers(0, 8, (n_sites, n_types)) * 1000.0 + r.choice([0, 0, 250.5]),
        area=r.choice([0.0, 40.0, 81.0, 200.0], n_sites),
        kind=r.choice(list(SPACE_KINDS), n_sites).tolist(),
        allowed=r.random((n_sites, n_types)) < 0.85,
        standing=r.random((n_sites, n_types)) < 0.12,
        slots=r.integers(0, 3, n_sites),
        cell_community=r.integers(-1, n_communities, n_cells),
        site_community=r.integers(-1, n_communities, n_sites),
        communities=communities,
    )
    rules = [*always(), *_some_rules(r, world)]
    seek = Seek(Coverage(group_weights={"residents": 1.0, "elderly": float(r.choice([0.0, 1.0, 0.5]))}))
    return Case(world, straight_times(world, float(types.limit_min.max())), tuple(rules), seek)


RECIPES_HERE = {"budget", "commercial_area", "count", "spacing", "min_coverage", "required", "forbidden"}
"""The other rules have theirs in ``tests/recipes_*.py`` (held by ``tests/test_everything_registered.py``)."""


def _some_rules(r: np.random.Generator, world: World) -> Iterator[Constraint[Params]]:
    """Each optional rule with probability near a third, with parameters that sometimes bind."""
    known = constraint_registry()
    types = list(world.types.type_id)
    site = [str(s) for s in r.choice(world.sites.site_id, 2, replace=False)]
    some = [str(r.choice(types))]
    recipes: dict[str, list[dict[str, object]]] = {
        "budget": [
            {"amount": float(r.integers(0, 20)) * 1000},
            {"amount": float(r.integers(0, 9)) * 999.5, "types": some},
            {"amount": 5000.0, "kinds": ["corner_plot", "new_building"]},
        ],
        "commercial_area": [{"share": float(r.choice([0.04, 0.1]))}],
        "count": [
            {"max": int(r.integers(0, 3))},
            {"min": int(r.integers(0, 2)), "max": 2, "types": some, "per": "community"},
            {"min": 1, "types": some, "count_existing": False},
        ],
        "spacing": [{"metres": float(r.choice([200.0, 500.0, 721.0])), "types": some}, {"metres": 300.0}],
        "min_coverage": [
            {"share": float(r.choice([0.2, 0.5]))},
            {"share": 0.3, "per": "community", "types": some},
        ],
        "required": [{"sites": (site[0],)}, {"sites": {site[0]: some[0]}}],
        "forbidden": [{"sites": (site[1],)}, {"sites": {site[1]: some[0]}}],
    }
    assert set(recipes) == RECIPES_HERE
    for name, choices in recipes.items():
        if r.random() < 0.35:
            for k in range(1 + int(r.random() < 0.2)):
                params = known[name].parameters(**choices[int(r.integers(len(choices)))])
                yield known[name](params, f"{name}{k or ''}")


def more_recipes(world: World) -> dict[str, list[dict[str, object]]]:
    """Parameters of the rules that ``tests/recipes_*.py`` hold: each has ``recipes(r, world)``, and may have
    ``dress(r, world)``, the world with the data that they look at. The cases of :func:`random_case` leave them out.
    """
    out: dict[str, list[dict[str, object]]] = {}
    for module in recipe_modules():
        out |= module.recipes(np.random.default_rng(0), world)
    return out


def recipe_modules() -> list[ModuleType]:
    """The modules ``tests/recipes_*.py``."""
    return [import_module(f"tests.{p.stem}") for p in sorted(Path(__file__).parent.glob("recipes_*.py"))]


def every_plan(world: World) -> Iterator[Plan]:
    """All subsets of all (site, type) pairs that a solver might open, 2^N of them."""
    site, kind = pairs_of(world)
    for bits in product((False, True), repeat=len(site)):
        opened = np.zeros(world.sites.allowed.shape, dtype=bool)
        opened[site, kind] = bits
        yield plan_of(opened)


def holds(case: Case, plan: Plan) -> bool:
    """Whether every rule's judge accepts a plan."""
    return all(v.holds or not v.checked for rule in case.rules for v in rule.judge(case.world, case.travel, plan))


def value_of_plan(case: Case, plan: Plan) -> float:
    """The objective of a plan, from sites and minutes."""
    covered = np.column_stack(
        [
            np.isfinite(nearest_outlet(case.travel, plan.opened[:, t] | case.world.sites.standing[:, t], float(m))[0])
            for t, m in enumerate(case.world.types.limit_min)
        ]
    )
    return float(case.seek.weights(case.world)[covered].sum())


def brute_force(case: Case) -> tuple[float, float] | None:
    """The best value and, at it, the least cost; None when no plan keeps every rule."""
    best: tuple[float, float] | None = None
    for plan in every_plan(case.world):
        if holds(case, plan):
            mine = (value_of_plan(case, plan), -float(case.world.sites.cost[plan.opened].sum()))
            if best is None or (mine[0] > best[0] + 1e-9 or (mine[0] > best[0] - 1e-9 and mine[1] > best[1])):
                best = mine
    return None if best is None else (best[0], -best[1])
