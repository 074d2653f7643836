"""Parameters, and data to look at, of the rules of norms and ratios: one choice each for random worlds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siteopt.world import SECTORS, SERVICES, TIERS, World
from tests.worlds import texts


def dress(r: np.random.Generator, world: World) -> World:
    """The world with chains, sectors, services, households and what else these rules look at; some of it unsaid."""
    n_types, n_sites, n = len(world.types), len(world.sites), len(world.communities)

    def some(values: object, share: float = 0.2) -> np.ndarray:
        return np.where(r.random(n) < share, np.nan, values)

    types = replace(
        world.types,
        chain=r.random(n_types) < 0.5,
        sector=texts(r.choice(SECTORS, n_types)),
        service=texts(r.choice([*SERVICES, ""], n_types)),
        compartments=r.choice([np.nan, 40.0, 84.0], n_types),
    )
    sites = replace(
        world.sites,
        chain=r.random(n_sites) < 0.4,
        standing_area_m2=np.where(world.sites.standing.any(axis=1), r.choice([0.0, 40.0, 75.5], n_sites), 0.0),
    )
    communities = replace(
        world.communities,
        tier=texts(r.choice([*TIERS, ""], n)),
        age_class=texts(r.choice(["new", "mature", "old"], n)),
        households=some(r.integers(0, 500, n).astype(float)),
        residential_m2=some(r.choice([5000.0, 20_000.5, 33_333.33], n)),
        service_m2=some(r.choice([0.0, 30.0], n)),
        elderly_m2=some(r.choice([0.0, 200.0, 299.99], n)),
        pilot=r.random(n) < 0.5,
    )
    return replace(world, types=types, sites=sites, communities=communities)


def recipes(r: np.random.Generator, world: World) -> dict[str, list[dict[str, object]]]:
    """Parameters of each rule that sometimes bind."""
    types = list(world.types.type_id)
    one = str(r.choice(types))
    other = str(r.choice(types))
    some_locker = [t for t, q in zip(types, world.types.compartments, strict=True) if np.isfinite(q)]
    place = str(r.choice(world.communities.community_id.astype(str)))
    return {
        "must_have": [
            {"groups": [one]},
            {"groups": [[one, other]], "within": "reach"},
            {"groups": types, "tiers": ["block", "centre"], "mode": "any_of", "or_types": [other]},
            {"groups": types, "communities": [place], "or_types": [other], "or_for": [one], "within": "reach"},
        ],
        "chain_share": [
            {},
            {"scope": "all", "share": float(r.choice([0.3, 0.5, 1.0]))},
            {"scope": "communities", "communities": [place], "per": "community", "types": [one]},
        ],
        "mix": [
            {"target": {"shopping": 0.4, "catering": 0.3, "other": 0.3}, "tolerance": 0.3},
            {"most": {"shopping": 0.6}, "by": "count", "per": "community"},
            {"least": {"catering": 0.25}, "count_existing": False, "communities": [place]},
        ],
        "reuse": [
            {"share": float(r.choice([0.5, 0.6, 1.0]))},
            {"share": 0.45, "by": "area", "types": [one]},
            {"share": 0.5, "kinds": ["corner_plot", "idle_premises"], "communities": [place]},
        ],
        "elderly_area": [
            {"new_share": 0.002, "new_outlet_least_m2": 50.0, "old_least_m2": 60.0},
            {"types": [one], "mature": "off", "old_m2_per_household": 0.1, "old_least_m2": 0.0},
            {"mature": "new", "new_share": 0.001, "new_outlet_least_m2": 80.25},
        ],
        "service_area": [{"m2_per_household": 0.15}, {"types": [one], "age_classes": ["new", "old"]}],
        "lockers": [
            {"compartments_per_household": 0.2},
            {"compartments_per_household": 0.1, "types": some_locker, "communities": [place]},
        ],
        "per_households": [
            {"types": [one], "households_per_outlet": 300},
            {"types": types, "together": True, "households_per_outlet": 199.5, "count_existing": False},
        ],
        "per_people": [
            {"types": [one], "most_outlets": 5},
            {"types": types, "least_outlets": 1, "per_people": 150, "rounding": "down"},
            {"types": types, "together": True, "least_outlets": 2, "most_outlets": 6, "per": "all"},
        ],
        "saturation": [
            {"m2_per_1000_people": 200},
            {"m2_per_1000_people": 150.5, "sectors": ["shopping", "other"], "per": "all"},
            {"m2_per_1000_people": 900, "today": "commercial_area"},
        ],
    }
