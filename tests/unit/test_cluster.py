"""Parts on a Dask cluster: the same answer to the byte, and no wrong one when workers die."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import pytest
from dask.distributed import Client, LocalCluster

import siteopt
from siteopt import commands, pipeline
from siteopt.cluster import OnCluster, spread_over
from siteopt.findings import InputError
from siteopt.layers import batches, parts
from siteopt.layers.parts import Part
from siteopt.spread import Spread, here
from tests.streamed_towns import write_town

FILES = ("coverage.csv", "sites.csv", "communities.csv", "plan.gpkg", "sites.geojson", "map.png")
PARTS = tuple(Part(f"{n}.parquet", "", n) for n in range(24))


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as two:
        yield two


def slow(job: int, part: Part) -> int:
    time.sleep(0.05)
    return job * 100 + part.number


def deadly(job: int, part: Part) -> int:
    if part.number == 3:
        os._exit(1)
    return part.number


def written(path: Path, out: Path, spread: Spread) -> dict[str, Any]:
    ready = pipeline.check(path, spread=spread)
    summary, where = commands.write(pipeline.solve(ready), ready, out)
    for key in ("timings_s", "peak_rss_mb"):
        summary.pop(key)
    return {name: (where / name).read_bytes() for name in FILES} | {"summary": summary}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_run_on_a_cluster_is_the_run_here_to_the_byte(
    seed: int, cluster: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_ROWS", 40)
    path = write_town(tmp_path, seed, n_cells=400, fractional=True, parts=3)
    with spread_over(cluster.scheduler_address) as spread:
        there = written(path, tmp_path / "there", spread)
    monkeypatch.setattr(batches, "BATCH_ROWS", 9)
    assert written(path, tmp_path / "here", here) == there


def test_the_same_faults_are_found_on_a_cluster(cluster: LocalCluster, tmp_path: Path) -> None:
    path = write_town(tmp_path, 3, parts=2)
    (tmp_path / "cells" / "part-1.parquet").write_bytes(b"PAR1 damaged")
    found = []
    with spread_over(cluster.scheduler_address) as there:
        for spread in (here, there):
            with pytest.raises(InputError) as caught:
                pipeline.check(path, spread=spread)
            found.append(caught.value.findings)
    assert found[0] == found[1]


def test_a_killed_worker_costs_time_and_nothing_else() -> None:
    """Its memory, results that waited in it and its part are lost; all of them are made again."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as two,
        Client(two, set_as_default=False) as client,
    ):
        spread = OnCluster(client, "two")
        mine = list(client.run(os.getpid).values())
        got = []
        for n, result in enumerate(spread(slow, 7, PARTS)):
            if n == 2:
                os.kill(mine[0], signal.SIGKILL)
            got.append(result)
        assert got == [700 + n for n in range(24)]


def test_when_the_only_worker_dies_with_the_job_the_job_is_sent_again() -> None:
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0") as one,
        Client(one, set_as_default=False) as client,
    ):
        (mine,) = client.run(os.getpid).values()
        got = []
        for n, result in enumerate(OnCluster(client, "one")(slow, 7, PARTS[:8])):
            if n == 1:
                os.kill(mine, signal.SIGKILL)
            got.append(result)
        assert got == [700 + n for n in range(8)]


def test_a_part_that_kills_every_worker_is_told_and_never_left_out() -> None:
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as two,
        Client(two, set_as_default=False) as client,
        pytest.raises(InputError) as caught,
    ):
        list(OnCluster(client, "two")(deadly, 1, PARTS[:5]))
    assert [f.code for f in caught.value.findings] == ["cluster_failed"]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("tcp://127.0.0.1:9", "cluster_unreachable"),
        ("here:8786", "cluster_address"),
        ("", "cluster_address"),
        ("tcp://nowhere", "cluster_address"),
    ],
)
def test_an_address_without_a_scheduler_is_told_within_the_time_limit(address: str, code: str) -> None:
    began = time.monotonic()
    with pytest.raises(InputError) as caught, spread_over(address, connect_s=0.5):
        pass
    assert [(f.code, f.value) for f in caught.value.findings] == [(code, address or "")]
    assert time.monotonic() - began < 8


def test_without_dask_a_cluster_is_refused_and_a_plain_run_does_not_ask_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    with spread_over(None) as spread:
        assert spread is here
    with pytest.raises(InputError) as caught, spread_over("local"):
        pass
    assert [f.code for f in caught.value.findings] == ["cluster_missing"]


def test_workers_of_another_version_are_refused(cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siteopt, "__version__", "0.0.0")
    with pytest.raises(InputError) as caught, spread_over(cluster.scheduler_address):
        pass
    assert [f.code for f in caught.value.findings] == ["cluster_version"]


def test_a_scheduler_without_workers_is_refused() -> None:
    with LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as none:
        with pytest.raises(InputError) as caught, spread_over(none.scheduler_address):
            pass
        assert [f.code for f in caught.value.findings] == ["cluster_empty"]
