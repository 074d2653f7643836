"""One answer however it is found: compiled or with scipy, in batches or at once, in any number of pieces."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siteopt.access.on_disk import OnDisk
from siteopt.access.snap import Snapper
from siteopt.access.travel import walk_times
from siteopt.access.walker import Walker
from siteopt.problem import TravelTimes
from siteopt.world import Streets
from tests.street_worlds import grid_streets, random_streets, slow_metres, streets_of, tiled

LIMITS = {"cutoff_min": 15.0, "speed_kmh": 4.0, "max_snap_m": 60.0, "min_component_m": 300.0}


def world(seed: int) -> tuple[Streets, np.ndarray, np.ndarray]:
    """Streets with loops, parallels and pieces; some cells and sites at one place, on junctions, far away."""
    rng = np.random.default_rng(seed)
    streets = random_streets(rng, int(rng.integers(2, 25)), int(rng.integers(1, 40)), 900)
    cells, sites = rng.uniform(-90, 990, (60, 2)), rng.uniform(-50, 950, (20, 2))
    cells[:4], sites[:3] = streets.node_xy_m[0], streets.node_xy_m[0]
    cells[4:8] = sites[4:8]
    cells[8] = -5000.0
    return streets, cells, sites


def town() -> tuple[Streets, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    streets = tiled(grid_streets(rng, 14, 85.0), 3, 40)
    low, high = streets.node_xy_m.min(axis=0), streets.node_xy_m.max(axis=0)
    return streets, rng.uniform(low, high, (3000, 2)), rng.uniform(low, high, (300, 2))


def same(a: TravelTimes, b: TravelTimes) -> bool:
    return all(getattr(a, name).tobytes() == getattr(b, name).tobytes() for name in ("indptr", "site", "minutes"))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_compiled_loops_give_the_bytes_that_scipy_gives_and_both_are_the_whole_graphs(seed: int) -> None:
    streets, cells, sites = world(seed)
    slow, report = walk_times(cells, sites, streets, **LIMITS, compiled=False, block_m=250.0)
    fast, snaps = walk_times(cells, sites, streets, **LIMITS, compiled=True)
    assert same(slow, fast)
    for name in ("edge", "offset_m", "access_m", "connected", "moved"):
        assert (getattr(report.cells, name) == getattr(snaps.cells, name)).all()
    want = slow_metres(streets, report.cells, report.sites) / (4000 / 60)
    at_one = np.hypot(*(cells[:, None] - sites[None]).transpose(2, 0, 1)) <= 1e-3
    want[at_one & report.cell_connected[:, None] & report.site_connected[None]] = 0.0
    got = np.full_like(want, np.inf)
    got[fast.cell, fast.site] = fast.minutes
    inside = want <= 15.0 + 1e-6
    assert (np.isfinite(got) == inside).all()
    np.testing.assert_allclose(got[inside], want[inside], rtol=0, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=st.sampled_from([1, 7, 59]), compiled=st.booleans())
def test_batches_of_any_size_give_the_rows_of_the_whole(seed: int, size: int, compiled: bool) -> None:
    streets, cells, sites = world(seed)
    whole, _ = walk_times(cells, sites, streets, **LIMITS, compiled=not compiled)
    walker = Walker(streets, sites, **LIMITS, compiled=compiled)
    parts = list(walker.batches(cells[k : k + size] for k in range(0, len(cells), size)))
    assert np.concatenate([np.diff(p.indptr) for p in parts]).tolist() == np.diff(whole.indptr).tolist()
    assert np.concatenate([p.site for p in parts]).tobytes() == whole.site.tobytes()
    assert np.concatenate([p.minutes for p in parts]).tobytes() == whole.minutes.tobytes()


@pytest.mark.parametrize("compiled", [True, False])
def test_sites_in_groups_for_want_of_memory_change_nothing(compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siteopt.access.reached._SITES_AT_ONCE", 37)
    streets, cells, sites = town()
    whole = Walker(streets, sites, **LIMITS, compiled=compiled).times(cells)
    assert len(whole.site) > 20_000
    pieces = Walker(streets, sites, **LIMITS, compiled=compiled, most_reached=500)
    assert len(list(pieces._reached())) > 5
    assert same(pieces.times(cells), whole)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_change_nothing(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siteopt.access.combine._CELLS_AT_ONCE", 500)
    monkeypatch.setattr("siteopt.access.snap._AT_ONCE", 300)
    streets, cells, sites = town()
    one = Walker(streets, sites, **LIMITS, compiled=False).times(cells)
    assert same(Walker(streets, sites, **LIMITS, compiled=True, threads=threads).times(cells), one)


def test_buffers_that_overflow_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    streets, cells, sites = town()
    whole = Walker(streets, sites, **LIMITS, compiled=True).times(cells)
    monkeypatch.setattr("siteopt.access.reached._BUFFER", 1)
    monkeypatch.setattr("siteopt.access.combine._MOST_AT_ONCE", 1)
    monkeypatch.setattr("siteopt.access.combine._NUMPY_AT_ONCE", 1)
    assert same(Walker(streets, sites, **LIMITS, compiled=True).times(cells), whole)
    assert same(
        Walker(streets, sites, **LIMITS, compiled=False).times(cells[:60]),
        Walker(streets, sites, **LIMITS).times(cells[:60]),
    )


def test_the_same_loops_interpreted_give_the_same_bytes() -> None:
    """Where numba is not here, ``compiled=True`` would still be right, only slow."""
    code = (
        "import sys; from tests.unit.access.test_walker import *; s, c, x = world(11); "
        "t = Walker(s, x, **LIMITS, compiled=True).times(c); "
        "sys.stdout.write(t.indptr.tobytes().hex() + t.site.tobytes().hex() + t.minutes.tobytes().hex())"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"SITEOPT_COMPILED": on}, capture_output=True, check=True
        ).stdout
        for on in ("0", "1")
    ]
    assert said[0] == said[1] and len(said[0]) > 1000


def test_a_small_run_does_not_load_the_compiler() -> None:
    code = (
        "import sys; from tests.unit.access.test_walker import *; s, c, x = world(11); "
        "walk_times(c, x, s, **LIMITS); assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("seed", range(4))
def test_the_grid_finds_the_street_that_the_tree_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    streets = random_streets(rng, 20, 30, 2000)
    inside, nodes = (
        rng.uniform(-300, 2300, (1500, 2)),
        streets.node_xy_m[rng.integers(0, len(streets.node_xy_m), 200)],
    )
    points = np.concatenate([inside, nodes, nodes + rng.normal(0, 30, nodes.shape), [[1e6, 1e6], [-9e5, 300.0]]])
    slow, fast = (Snapper(streets, max_snap_m=100, min_component_m=2500, compiled=c)(points) for c in (False, True))
    for name in ("edge", "offset_m", "access_m", "at_xy_m", "connected", "component", "moved"):
        assert getattr(slow, name).tobytes() == getattr(fast, name).tobytes()


def test_of_streets_equally_near_the_grid_takes_the_one_with_the_smaller_number() -> None:
    lines = [[(0.1 * k, 0), (0.1 * k, 100)] for k in range(12)]
    star = [[(500, 500), (500 + 90 * np.cos(a), 500 + 90 * np.sin(a))] for a in np.linspace(0, 6, 13)]
    streets = streets_of(*reversed(lines), *star)
    points = np.array([[0.05 + 0.1 * k, 50.0] for k in range(11)] + [[500.0, 500.0], [0.55, -7.0]])
    slow, fast = (Snapper(streets, max_snap_m=100, min_component_m=0, compiled=c)(points) for c in (False, True))
    assert slow.edge.tolist() == fast.edge.tolist()
    assert fast.edge[11] == 12


@pytest.mark.parametrize("compiled", [True, False])
def test_no_streets_no_cells_and_no_sites_are_no_fault(compiled: bool) -> None:
    nothing = streets_of([(0, 0), (1, 0)])
    empty = replace(
        nothing, node_xy_m=nothing.node_xy_m[:0], tail=nothing.tail[:0], head=nothing.head[:0],
        length_m=nothing.length_m[:0], line=nothing.line[:0], component=nothing.component[:0],
        component_length_m=nothing.component_length_m[:0],
    )  # fmt: skip
    points, none = np.zeros((3, 2)), np.zeros((0, 2))
    for streets in (empty, nothing):
        for cells, sites in ((points, none), (none, points), (none, none)):
            times = Walker(streets, sites, **LIMITS, compiled=compiled).times(cells)
            assert times.indptr.tolist() == [0] * (len(cells) + 1)
    assert Walker(empty, points, **LIMITS, compiled=compiled).times(points).indptr.tolist() == [0] * 4


@pytest.mark.parametrize("size", [1, 250, 3000])
def test_minutes_on_disk_are_those_in_memory_and_the_files_leave(tmp_path: Path, size: int) -> None:
    streets, cells, sites = town()
    cells = cells[:300] if size == 1 else cells
    cells[:5] = sites[:5]
    walker = Walker(streets, sites, **LIMITS, compiled=size > 1)
    whole = walker.times(cells)
    with OnDisk(walker, tmp_path) as disk:
        disk.write(cells[k : k + size] for k in range(0, len(cells), size))
        assert same(disk.whole(), whole)
        assert (disk.n_cells, disk.n_pairs) == (len(cells), len(whole.site))
        parts = list(disk.batches())
        assert np.concatenate([p.minutes for p in parts]).tobytes() == whole.minutes.tobytes()
        assert len(list(tmp_path.rglob("*.arrow"))) == len(parts) == -(-len(cells) // size)
    assert list(tmp_path.iterdir()) == []


def test_nothing_on_disk_is_an_empty_table(tmp_path: Path) -> None:
    streets, _, sites = town()
    with OnDisk(Walker(streets, sites, **LIMITS), tmp_path) as disk:
        assert disk.write([]).whole().n_cells == 0
        assert disk.write([np.empty((0, 2)), np.full((2, 2), -1e6)]).whole().indptr.tolist() == [0, 0, 0]
