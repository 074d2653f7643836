"""Random parameters of the rule of pilots and grades."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siteopt.world import World


def dress(r: np.random.Generator, world: World) -> World:
    """The world with a pilot set by hand now and then, and classes of types."""
    c, n = world.communities, len(world.types)
    pilot = r.random(len(c)) < 0.2
    grade = np.where(r.random(len(c)) < 0.2, "enhanced", "").astype(object)
    category = tuple(str(k) for k in r.choice(["basic", "quality"], n, p=[0.7, 0.3]))
    return replace(
        world,
        communities=replace(c, pilot=pilot, grade=grade),
        types=replace(world.types, category=category),
    )


def recipes(r: np.random.Generator, world: World) -> dict[str, list[dict[str, object]]]:
    """Parameters that sometimes bind."""
    return {
        "pilots": [
            {"count": 1, "grades": {"basic": {"basic": 1}}},
            {"count": 2, "grades": {"basic": {"basic": 1}, "enhanced": {"basic": 1, "quality": 1}}},
            {"count": 2, "grades": {"enhanced": {"basic": 2}}, "every_grade": False},
        ]
    }
