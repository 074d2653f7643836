"""Random parameters of the rules of money, phases and emergency supply, on worlds of one phase and one source."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siteopt.world import World


def dress(r: np.random.Generator, world: World) -> World:
    """The world with yearly costs."""
    n = len(world.types)
    types = replace(world.types, yearly_cost=r.choice([-100.0, 0.0, 300.0], n), public_interest=r.random(n) < 0.5)
    return replace(world, types=types)


def recipes(r: np.random.Generator, world: World) -> dict[str, list[dict[str, object]]]:
    """Parameters of each rule that sometimes bind."""
    site, types = str(world.sites.site_id[0]), tuple(world.types.type_id)
    return {
        "emergency": [{"types": types, "share": 0.3}, {"types": types, "share": 0.2, "per": "community"}],
        "funding": [{"amount": float(r.integers(0, 20)) * 1000}, {"source": "budget", "by_phase": {"1": 7000.0}}],
        "running_cost": [{"amount": 300.0}, {"losses": "any", "amount": 0.0}, {}],
        "deadline": [{"opens_by": "1"}, {"opens_from": "1", "sites": (site,)}],
    }
