"""Porto in batches: the value, the verdicts and the sums of Porto in memory, on its real streets."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from siteopt import pipeline
from siteopt.layers import batches, parts
from siteopt.plan import Run
from siteopt.ready import Seek
from siteopt.verify import score

pytestmark = pytest.mark.real

SUMS = (
    "total", "before", "after", "complete_after", "community_total", "community_before", "community_after",
    "nothing_before", "nothing_after", "newly_covered", "only_covered_by_this",
)  # fmt: skip


def assert_same(streamed: Run, plain: Run, seek: Seek) -> None:
    """The streamed plan has, on the cells themselves, every number that was printed; no bound is below a plan."""
    assert streamed.plan is not None and plain.plan is not None
    scores = score(plain.world, plain.travel, streamed.plan, seek.measures)
    for name in SUMS:
        assert (getattr(streamed.scores, name) == getattr(scores, name)).all(), name
    assert streamed.scores.objective == scores.objective
    assert plain.proof.bound >= streamed.scores.objective - 1e-6
    assert streamed.proof.bound >= plain.scores.objective - 1e-6
    if streamed.proof.status == plain.proof.status == "proven" and plain.proof.gap == streamed.proof.gap == 0:
        assert streamed.proof.objective == plain.proof.objective


def test_porto_from_census_polygons_is_the_same_in_batches(
    root: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 50)
    monkeypatch.setattr(parts, "PART_ROWS", 100)
    path = root / "benchmarks" / "scenarios" / "porto.yaml"
    soon = "solver.time_limit_s=120"
    plain = pipeline.solve(pipeline.check(path, sets=(soon,)))
    ready = pipeline.check(path, sets=(soon, "demand.streamed=true"))
    streamed = pipeline.solve(ready)
    assert ready.world.cells.counts.sum() == 271
    assert streamed.proof.status == plain.proof.status == "proven"
    assert_same(streamed, plain, ready.seek)
    told = {f.code: f.facts for f in streamed.findings}
    assert {f.code: f.facts for f in plain.findings} == {k: v for k, v in told.items() if k != "streamed_classes"}


def test_twenty_thousand_homes_of_porto_are_the_same_in_batches(root: Path, shared: Path, tmp_path: Path) -> None:
    scenario = root / "benchmarks" / "scenarios" / "porto.yaml"
    areas = pipeline.check(scenario).world
    r = np.random.default_rng(1)
    low, high = areas.cells.xy_m.min(axis=0), areas.cells.xy_m.max(axis=0)
    homes = geopandas.GeoDataFrame(
        {"home": [f"h{i}" for i in range(20_000)], "people": r.integers(0, 5, 20_000)},
        geometry=shapely.points(low + r.random((20_000, 2)) * (high - low)),
        crs=areas.crs,
    )
    (tmp_path / "homes").mkdir()
    homes.to_parquet(tmp_path / "homes.parquet")
    for n in range(4):
        homes[n * 5000 : n * 5000 + 5000].to_parquet(tmp_path / "homes" / f"{n}.parquet", row_group_size=1700)
    sets = (
        "demand.id=home",
        "demand.people=people",
        "demand.community=null",
        "types={pharmacy: {limit_min: 10, area_m2: 99, cost: 9000}, convenience_store: {limit_min: 5, cost: 6000}}",
        "constraints=[{rule: budget, amount: 45000}]",
        "solver.gap=0.02",
        "solver.time_limit_s=10",
    )
    plain = pipeline.solve(pipeline.check(scenario, sets=(*sets, f"demand.file={tmp_path}/homes.parquet")))
    ready = pipeline.check(scenario, sets=(*sets, f"demand.file={tmp_path}/homes", "demand.streamed=true"))
    assert len(plain.world.cells) == ready.world.cells.counts.sum() > len(ready.world.cells) > 1000
    assert_same(pipeline.solve(ready), plain, ready.seek)
