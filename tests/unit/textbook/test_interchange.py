"""The first plan of a p-median."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.textbook.interchange import first_plan
from siteopt.textbook.levels import nearest_first
from siteopt.textbook.matrix import read_distances
from siteopt.textbook.nearest import Nearest
from siteopt.textbook.search import read_effort
from siteopt.textbook.sites import read_sites


@pytest.mark.parametrize("seed", range(4))
def test_no_exchange_of_one_site_makes_the_first_plan_better(seed: int) -> None:
    r = np.random.default_rng(seed)
    d, w = r.random((60, 12)), r.integers(1, 9, 60).astype(float)
    sites, pairs = read_sites(12, p=3), read_distances(d)
    assert pairs.distance is not None
    problem = Nearest(nearest_first(pairs, pairs.distance, sites), w, sites, None)
    opened = first_plan(problem, 3, read_effort({}))
    chosen = set(np.flatnonzero(opened).tolist())
    assert len(chosen) == 3
    value = float(w @ d[:, sorted(chosen)].min(axis=1))
    others = [(chosen - {a}) | {b} for a in chosen for b in set(range(12)) - chosen]
    assert value <= min(float(w @ d[:, sorted(o)].min(axis=1)) for o in others) + 1e-9
