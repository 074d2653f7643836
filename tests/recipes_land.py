"""Random data and parameters of the rules of space and land, for random tiny worlds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from siteopt.world import AGE_CLASSES, BUILDINGS, FORMS, World, Zones
from tests.land_worlds import zone
from tests.worlds import texts

CODES = ("", "0901", "090101", "0701", "1401", "0901/1401", "1207")


def dress(r: np.random.Generator, world: World) -> World:
    """The world with flues, buildings, plots, codes, age classes and some layers of land."""
    n, k = len(world.sites), len(world.communities)
    sites = replace(
        world.sites,
        flue=r.integers(-1, 2, n),
        building=texts(r.choice(["", *BUILDINGS], n)),
        form=texts(r.choice(["", *FORMS], n)),
        plot_m2=r.choice([np.nan, 100.0, 2999.99, 3000.0, 6000.0], n),
        locked=r.random(n) < 0.3,
        land_use=texts(r.choice(CODES, n)),
        standing_area_m2=np.where(world.sites.standing.any(axis=1), r.choice([0.0, 30.0], n), 0.0),
    )
    communities = replace(world.communities, age_class=texts(r.choice(AGE_CLASSES, k)))
    n_types = len(world.types)
    types = replace(world.types, cooks=r.random(n_types) < 0.5, public_interest=r.random(n_types) < 0.3)
    layers = ("school_gates", "permanent_basic_farmland", "development_boundary", "green_line")
    zones = {name: _layer(r, name) for name in layers if r.random() < 0.8}
    return replace(world, sites=sites, communities=communities, types=types, zones=zones)


def _layer(r: np.random.Generator, name: str) -> Zones:
    """A few shapes in the square of 1.6 km; spaces lie on a grid of 100 m and reach 10 m around it."""
    n = int(r.integers(0, 4))
    at = r.integers(0, 17, (n, 2)) * 100.0
    if name == "school_gates":
        return zone(*shapely.points(at))
    far = 1500.0 if name == "development_boundary" else 300.0
    return zone(*(shapely.box(x, y, x + far, y + far) for x, y in at))


def recipes(r: np.random.Generator, world: World) -> dict[str, list[dict[str, object]]]:
    """Parameters that sometimes bind, by rule."""
    types = list(world.types.type_id)
    one, other = (str(t) for t in r.permutation(types)[:2])
    site = [str(s) for s in r.choice(world.sites.site_id, 2, replace=False)]
    stands = [str(s) for s in world.sites.site_id[world.sites.standing.any(axis=1)]][:1]
    return {
        "flue": [{"adjacent": ()}, {}, {"types": (one,), "adjacent": (site[0],), "unknown": "forbid"}],
        "buffer": [
            {"types": (one,), "metres": float(r.choice([90.0, 100.0, 290.0]))},
            {"types": tuple(types), "metres": 190.0, "layer": "green_line"},
        ],
        "land_lines": [
            {"kinds": None},
            {"waived": (site[0],), "reviewed": {site[1]: "paper"}},
            {"forbidden": (), "lines": (), "kinds": None, "slack_m2": 200.0},
        ],
        "land_use": [
            {"table": {"0901": (one,), "090101": "all", "1401": ()}},
            {"table": {"09": (other,), "0701": "all"}, "unknown": "forbid", "conversions": {site[0]: "paper"}},
        ],
        "plot_size": [
            {"min_plot_m2": 3000.0},
            {"min_plot_m2": 3000.0, "min_residential_plot_m2": 6000.0, "residential_codes": ("07",), "kinds": None},
            {"min_plot_m2": 200.0, "types": (one,), "unknown": "forbid", "kinds": None},
        ],
        "host": [{"types": (one,), "hosts": (other,)}],
        "age_class_only": [{"types": (one,)}, {"types": tuple(types), "age_classes": ("new", "mature")}],
        "detached": [
            {"share": float(r.choice([0.3, 0.5, 1.0]))},
            {"share": 0.333333, "unknown": "forbid", "forms": ("detached", "attached")},
        ],
        "complex": [
            {"type": one, "min_area_m2": float(r.choice([0.0, 80.5, 130.75])), "min_functions": 1, "min_priority": 0},
            {"type": one, "min_area_m2": 30.0, "min_functions": 0, "priority": (other,), "min_priority": 1},
        ],
        "locked_use": [{"demolished": tuple(stands)}, {"demolished": tuple(stands), "metres": 500.0}],
        "co_location": [
            {"first": (one,), "second": (other,), "at_least": 1},
            {"first": (one,), "second": (other,), "at_least": int(r.integers(1, 3)), "per": "community"},
        ],
    }
