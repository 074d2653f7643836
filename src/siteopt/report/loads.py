"""How full outlets are, where their type has a capacity: people served against people that one outlet serves."""

from __future__ import annotations

from typing import Any

import numpy as np

from siteopt.plan import Run, areas
from siteopt.problem import capacitated, room_of
from siteopt.units import PEOPLE_EPS


def loads(run: Run) -> dict[str, dict[str, Any]]:
    """Of each type with a capacity, every outlet that stands or opens.

    Parameters
    ----------
    run : Run
        Without a plan the outlets are today's.

    Returns
    -------
    dict
        type id -> ``people`` (the type's capacity), ``served``, ``places`` (of all outlets together), ``full``
        (outlets without a place left), ``outlets``: site id, new, capacity, people before and after, share of the
        capacity; ordered by site id.
    """
    world, scores = run.world, run.scores
    room, types = room_of(world, None if run.plan is None else areas(world, run.plan)), world.types
    opened = run.plan.opened if run.plan is not None else np.zeros_like(world.sites.standing)
    out: dict[str, dict[str, Any]] = {}
    limited = np.flatnonzero(capacitated(types)) if scores.given_before is not None else ()
    for t in map(int, limited):
        there = np.flatnonzero(world.sites.standing[:, t] | opened[:, t])
        there = there[np.argsort(world.sites.site_id[there].astype(str), kind="stable")]
        after = scores.load_after[there, t]
        out[types.type_id[t]] = {
            "people": types.capacity[t],
            "served": after.sum(),
            "places": room[there, t].sum(),
            "full": int((after >= room[there, t] * (1 - 1e-9) - PEOPLE_EPS).sum()),
            "outlets": [
                {
                    "site_id": world.sites.site_id[j],
                    "new": bool(opened[j, t]),
                    "capacity": room[j, t],
                    "before": scores.load_before[j, t],
                    "after": scores.load_after[j, t],
                    "share": scores.load_after[j, t] / room[j, t],
                }
                for j in there.tolist()
            ],
        }
    return out
