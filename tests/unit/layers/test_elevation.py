"""Slopes from a raster: known hills by hand, faulty rasters told, and directed minutes against the whole graph."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import Affine
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from siteopt.access.snap import Snap
from siteopt.access.travel import walk_times
from siteopt.findings import Findings
from siteopt.layers import heights as heights_module
from siteopt.layers.elevation import STRETCH, flat_metres, stations, with_slopes
from siteopt.scenario.schema import ElevationSpec
from siteopt.world import Streets
from tests.layer_files import CRS, X0, Y0, sentences_hold
from tests.street_worlds import random_streets, streets_of

STEP = 20.0
SIZE = 150
CORNER = (X0 - 1000.0, Y0 + 2000.0)


def moved(streets: Streets) -> Streets:
    """The drawing at its place in the metric CRS."""
    at = np.array([X0, Y0])
    return replace(
        streets, node_xy_m=streets.node_xy_m + at, line=shapely.transform(streets.line, lambda xy: xy + at)
    )


def hill(folder: Path, height: Any, **profile: Any) -> Path:
    """A GeoTIFF of ``height(x, y)``, x and y in metres from the drawing's origin."""
    column, row = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
    x, y = CORNER[0] - X0 + (column + 0.5) * STEP, CORNER[1] - Y0 - (row + 0.5) * STEP
    values = np.asarray(height(x, y) + 0 * x, dtype="float32")
    path = folder / "dem.tif"
    transform = Affine(STEP, 0, CORNER[0], 0, -STEP, CORNER[1])
    told = {"driver": "GTiff", "height": SIZE, "width": SIZE, "count": 1, "dtype": "float32", "crs": CRS}
    with rasterio.open(path, "w", **(told | {"transform": transform} | profile)) as out:
        out.write(values, 1)
    return path


def slopes(path: Path, streets: Streets, **spec: Any) -> tuple[Streets | None, Findings]:
    findings = Findings()
    said = ElevationSpec(file=path.name, **spec)
    got = with_slopes(said, path.parent, CRS, streets, findings)
    sentences_hold(findings)
    return got, findings


def codes(findings: Findings) -> list[tuple[str, str]]:
    return [(f.severity, f.code) for f in findings]


ROAD = moved(streets_of([(0, 0), (1000, 0)]))


def test_on_the_flat_a_metre_is_a_metre(tmp_path: Path) -> None:
    got, findings = slopes(hill(tmp_path, lambda x, y: 120.0), ROAD)
    assert got is not None and got.slopes is not None
    assert codes(findings) == []
    np.testing.assert_allclose(got.slopes.forth_m, got.slopes.at_m, rtol=1e-9)
    np.testing.assert_allclose(got.slopes.back_m, got.slopes.at_m, rtol=1e-9)


def test_an_even_slope_costs_what_tobler_says_up_and_down(tmp_path: Path) -> None:
    got, _ = slopes(hill(tmp_path, lambda x, y: 0.1 * x), ROAD, smooth_m=0)
    assert got is not None and got.slopes is not None
    assert got.slopes.forth_m[-1] == pytest.approx(1000 * np.exp(3.5 * 0.10), rel=1e-4)
    assert got.slopes.back_m[-1] == pytest.approx(1000 * np.exp(3.5 * (0.05 - 0.05)), rel=1e-4)
    assert flat_metres(np.array([-0.05])) == pytest.approx(1 / STRETCH)
    assert flat_metres(np.array([0.0])) == 1.0


def test_residents_walk_to_the_outlet_so_living_uphill_is_the_shorter_walk(tmp_path: Path) -> None:
    got, _ = slopes(hill(tmp_path, lambda x, y: 0.05 * x), ROAD, smooth_m=0)
    assert got is not None
    ends = np.array([[X0, Y0], [X0 + 1000, Y0]])
    times, _ = walk_times(ends, ends, got, cutoff_min=60, speed_kmh=4, max_snap_m=50, min_component_m=0)
    low_to_high, high_to_low = times.minutes[times.indptr[0] + 1], times.minutes[times.indptr[1]]
    assert low_to_high == pytest.approx(15 * np.exp(3.5 * 0.05), rel=1e-4)
    assert high_to_low == pytest.approx(15 / STRETCH, rel=1e-4)


def test_rough_heights_are_smoothed_and_cliffs_are_clipped(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 4, (SIZE, SIZE))
    path = hill(tmp_path, lambda x, y: noise)
    rough, findings = slopes(path, ROAD, smooth_m=0, max_slope=0.2)
    smooth, _ = slopes(path, ROAD, smooth_m=150)
    assert rough is not None and smooth is not None and rough.slopes is not None and smooth.slopes is not None
    assert codes(findings) == [("warning", "elevation_steep")]
    assert smooth.slopes.forth_m[-1] == pytest.approx(1000, rel=0.05)
    assert rough.slopes.forth_m[-1] > 1150
    assert rough.slopes.forth_m[-1] <= 1000 * np.exp(3.5 * 0.2)


def test_stations_are_even_and_hold_both_ends() -> None:
    streets = streets_of([(0, 0), (100, 0)], [(0, 0), (0, 70), (30, 70)], [(0, 0), (5, 5)])
    indptr, at, xy = stations(streets, 30.0)
    assert np.diff(indptr).tolist() == [5, 5, 2]
    assert at[:5].tolist() == [0, 25, 50, 75, 100]
    assert xy[8].tolist() == [5, 70]
    assert at[indptr[1:] - 1].tolist() == streets.length_m.tolist()


@pytest.mark.parametrize("smooth_m", [0.0, 60.0])
def test_tiles_of_a_large_raster_leave_no_seam(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, smooth_m: float
) -> None:
    streets = moved(random_streets(np.random.default_rng(3), 20, 30, 900))
    path = hill(tmp_path, lambda x, y: 40 * np.sin(x / 200) + 30 * np.cos(y / 150))
    whole, _ = slopes(path, streets, smooth_m=smooth_m)
    monkeypatch.setattr(heights_module, "_TILE", 17)
    tiled, _ = slopes(path, streets, smooth_m=smooth_m)
    assert whole is not None and tiled is not None and whole.slopes is not None and tiled.slopes is not None
    np.testing.assert_allclose(tiled.slopes.forth_m, whole.slopes.forth_m, rtol=1e-9)


def test_where_the_raster_ends_streets_count_as_flat_and_it_is_told(tmp_path: Path) -> None:
    long = moved(streets_of([(0, 0), (6000, 0)]))
    got, findings = slopes(hill(tmp_path, lambda x, y: 0.1 * x), long, smooth_m=0)
    assert got is not None and got.slopes is not None
    assert codes(findings) == [("warning", "elevation_gaps")]
    (gap,) = findings
    assert gap.facts["share"] == pytest.approx(4000 / 6000, abs=0.01)
    assert got.slopes.forth_m[-1] - np.interp(2100, got.slopes.at_m, got.slopes.forth_m) == pytest.approx(3900)


def test_nodata_is_no_height_and_small_holes_are_bridged(tmp_path: Path) -> None:
    def with_hole(x: Any, y: Any) -> Any:
        return np.where(np.abs(x - 500) < 30, -9999.0, 0.1 * x)

    path = hill(tmp_path, with_hole, nodata=-9999.0)
    got, findings = slopes(path, ROAD, smooth_m=60)
    assert got is not None and got.slopes is not None and codes(findings) == []
    assert got.slopes.forth_m[-1] == pytest.approx(1000 * np.exp(0.35), rel=0.02)
    _, findings = slopes(path, ROAD, smooth_m=0)
    assert codes(findings) == [("warning", "elevation_gaps")]
    unsaid = hill(tmp_path, with_hole)
    _, findings = slopes(unsaid, ROAD, smooth_m=0)
    assert codes(findings) == [("warning", "elevation_odd_heights"), ("warning", "elevation_gaps")]
    _, findings = slopes(unsaid, ROAD, smooth_m=0, nodata=-9999)
    assert codes(findings) == [("warning", "elevation_gaps")]


def test_a_raster_of_another_place_or_without_data_is_an_error(tmp_path: Path) -> None:
    far = Affine(STEP, 0, CORNER[0] + 90_000, 0, -STEP, CORNER[1])
    for path in (hill(tmp_path, lambda x, y: 1.0, transform=far), hill(tmp_path, lambda x, y: -1.0, nodata=-1.0)):
        got, findings = slopes(path, ROAD)
        assert got is None
        assert codes(findings) == [("error", "elevation_elsewhere")]


def test_faults_of_the_file_are_told(tmp_path: Path) -> None:
    plain = hill(tmp_path, lambda x, y: 1.0)
    assert codes(slopes(plain, ROAD, band=2)[1]) == [("error", "no_such_band")]
    assert codes(slopes(plain, ROAD, crs="EPSG:4326")[1]) == [("error", "crs_conflict")]
    assert codes(slopes(tmp_path / "none.tif", ROAD)[1]) == [("error", "missing_file")]
    bare = hill(tmp_path, lambda x, y: 1.0, crs=None)
    assert codes(slopes(bare, ROAD)[1]) == [("error", "no_crs")]
    assert codes(slopes(bare, ROAD, crs="EPSG:999999")[1]) == [("error", "unknown_crs")]
    assert codes(slopes(bare, ROAD, crs=CRS)[1]) == []
    damaged = tmp_path / "damaged.tif"
    damaged.write_bytes(plain.read_bytes()[:30_000])
    assert ("error", "unreadable_file") in codes(slopes(damaged, ROAD, crs=CRS)[1])


def slow_directed(streets: Streets, cells: Snap, sites: Snap) -> np.ndarray:
    """(I, J) flat metres from cells to sites: every edge cut at every point, searched as a whole."""
    slope = streets.slopes
    assert slope is not None
    n, n_cells = len(streets.node_xy_m), len(cells)
    best: dict[tuple[int, int], float] = {}
    edge_of = np.concatenate([cells.edge, sites.edge])
    offset_of = np.concatenate([cells.offset_m, sites.offset_m])
    ok = np.concatenate([cells.connected, sites.connected])

    def arc(a: int, b: int, cost: float) -> None:
        if a != b:
            best[a, b] = min(best.get((a, b), np.inf), cost)

    for e in range(len(streets.tail)):
        part = slice(slope.indptr[e], slope.indptr[e + 1])
        at, forth, back = slope.at_m[part], slope.forth_m[part], slope.back_m[part]
        stops = sorted((offset_of[p], n + p) for p in np.flatnonzero((edge_of == e) & ok))
        stops = [(0.0, int(streets.tail[e])), *stops, (float(at[-1]), int(streets.head[e]))]
        for (x, a), (y, b) in pairwise(stops):
            arc(a, b, float(np.interp(y, at, forth) - np.interp(x, at, forth)))
            arc(b, a, float(np.interp(y, at, back) - np.interp(x, at, back)))
    size = n + n_cells + len(sites)
    row, column = np.array(list(best)).T
    cost = np.maximum(np.array(list(best.values())), 1e-12)
    graph = csr_array((cost, (row, column)), shape=(size, size))
    way = dijkstra(graph, directed=True, indices=np.arange(n, n + n_cells))[:, n + n_cells :]
    total: np.ndarray = way + cells.access_m[:, None] + sites.access_m[None, :]
    total[~cells.connected] = np.inf
    total[:, ~sites.connected] = np.inf
    return total


@pytest.mark.parametrize("seed", range(12))
def test_directed_minutes_are_those_of_the_whole_directed_graph(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    streets = moved(random_streets(rng, int(rng.integers(4, 18)), int(rng.integers(4, 26)), 800))
    path = hill(tmp_path, lambda x, y: 60 * np.sin(x / 150 + seed) + 40 * np.cos(y / 90))
    hilly, _ = slopes(path, streets, smooth_m=20)
    assert hilly is not None
    cells, sites = (rng.uniform(-40, 840, (n, 2)) + np.array([X0, Y0]) for n in (50, 25))
    limits = {"cutoff_min": 9.0, "speed_kmh": 4.0, "max_snap_m": 80.0, "min_component_m": 0.0}
    times, report = walk_times(cells, sites, hilly, **limits, block_m=200.0, compiled=False)
    fast, _ = walk_times(cells, sites, hilly, **limits, compiled=True)
    assert fast.minutes.tobytes() == times.minutes.tobytes() and fast.site.tobytes() == times.site.tobytes()
    want = slow_directed(hilly, report.cells, report.sites) / (4000 / 60)
    got = np.full_like(want, np.inf)
    got[times.cell, times.site] = times.minutes
    inside = want <= 9.0 + 1e-6
    assert (np.isfinite(got) == inside).all()
    np.testing.assert_allclose(got[inside], want[inside], rtol=0, atol=1e-7)
    flat, _ = walk_times(cells, sites, streets, **limits)
    assert len(flat.minutes) != len(times.minutes) or not np.allclose(flat.minutes, times.minutes)


def test_a_walk_downhill_may_lead_farther_than_the_flat_cutoff(tmp_path: Path) -> None:
    """The box around a block of sites grows with the best speed."""
    long = moved(streets_of([(0, 0), (700, 0)], [(700, 0), (1150, 0)]))
    down, _ = slopes(hill(tmp_path, lambda x, y: 0.05 * x), long, smooth_m=0)
    assert down is not None
    times, _ = walk_times(
        np.array([[X0 + 1150.0, Y0]]), np.array([[X0, Y0]]), down,
        cutoff_min=15, speed_kmh=4, max_snap_m=50, min_component_m=0, block_m=50.0, compiled=False,
    )  # fmt: skip
    assert times.minutes[0] == pytest.approx(1150 / (4000 / 60) / STRETCH, rel=1e-4)
