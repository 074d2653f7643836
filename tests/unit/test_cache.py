"""What is kept for the next run comes back to the byte, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest

from siteopt import kept
from siteopt.access.travel import walk_times
from siteopt.cache import ENDING, Cache, default_cache, key_of
from siteopt.findings import Findings
from siteopt.kept import kept_minutes, kept_streets
from siteopt.layers.streets import read_streets
from siteopt.scenario.schema import StreetsSpec
from siteopt.world import Streets
from tests.street_worlds import grid_streets, streets_of, tiled

KEY = key_of("test", 1)
ARRAYS = {"a": np.arange(5), "b": np.array([0.1, np.nan, np.inf]), "text": np.array("一刻钟")}


def files(cache: Cache) -> list[Path]:
    return sorted(cache.folder.glob(f"*{ENDING}"))


def equal(a: Any, b: Any) -> bool:
    return bool(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())


def test_what_was_kept_comes_back_to_the_byte(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "deep" / "er")
    assert cache.get(KEY) is None
    assert cache.put(KEY, ARRAYS)
    got = cache.get(KEY)
    assert got is not None and set(got) == set(ARRAYS)
    assert all(equal(got[name], ARRAYS[name]) for name in ARRAYS)
    assert [p.name for p in cache.folder.iterdir()] == [f"{KEY}{ENDING}"]


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b"", lambda b: b"not a zip file", None])
def test_a_damaged_or_foreign_file_is_as_good_as_none_and_is_written_anew(
    tmp_path: Path, damage: Callable[[bytes], bytes] | None
) -> None:
    cache = Cache(tmp_path)
    cache.put(KEY, ARRAYS)
    (path,) = files(cache)
    if damage is None:
        np.savez(path, other=np.arange(3))
    else:
        path.write_bytes(damage(path.read_bytes()))
    assert cache.get(KEY) is None
    assert cache.put(KEY, ARRAYS)
    assert cache.get(KEY) is not None


def test_every_flipped_byte_of_a_number_is_noticed(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(KEY, {"a": np.zeros(64, dtype=np.int8)})
    (path,) = files(cache)
    whole = path.read_bytes()
    at = whole.index(bytes(64))
    for k in range(at, at + 64):
        path.write_bytes(whole[:k] + b"\x01" + whole[k + 1 :])
        assert cache.get(KEY) is None


def test_a_result_under_another_name_is_not_taken(tmp_path: Path) -> None:
    cache, other = Cache(tmp_path), key_of("test", 2)
    cache.put(KEY, ARRAYS)
    files(cache)[0].rename(tmp_path / f"{other}{ENDING}")
    assert cache.get(other) is None


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / f"{KEY}{ENDING}", key=np.array(KEY), bad=np.array([{"a": 1}], dtype=object))
    assert Cache(tmp_path).get(KEY) is None


def test_beyond_its_size_the_result_unused_for_longest_leaves(tmp_path: Path) -> None:
    cache = Cache(tmp_path, most_bytes=25_000)
    keys = [key_of("test", k) for k in range(3)]
    for k, key in enumerate(keys[:2]):
        cache.put(key, {"a": np.zeros(10_000, dtype=np.int8)})
        os.utime(tmp_path / f"{key}{ENDING}", (1000 + k, 1000 + k))
    assert cache.get(keys[0]) is not None  # used again: now the other one is the oldest
    cache.put(keys[2], {"a": np.zeros(10_000, dtype=np.int8)})
    assert [cache.get(key) is not None for key in keys] == [True, False, True]
    assert not cache.put(key_of("test", 9), {"a": np.zeros(30_000, dtype=np.int8)})


def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here stands a file")
    cache = Cache(tmp_path / "file" / "folder")
    assert not cache.put(KEY, ARRAYS)
    assert cache.get(KEY) is None


def test_the_folder_is_named_by_the_environment_and_empty_means_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITEOPT_CACHE", "/somewhere")
    assert default_cache() == Cache(Path("/somewhere"))
    monkeypatch.setenv("SITEOPT_CACHE", "")
    assert default_cache() is None
    monkeypatch.delenv("SITEOPT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    found = default_cache()
    assert found is not None and found.folder.name in ("siteopt", "cache")


def test_keys_tell_apart_what_differs_in_anything() -> None:
    a = np.arange(4)
    keys = [
        key_of("x", a), key_of("y", a), key_of("x", a.astype(np.int32)), key_of("x", a.reshape(2, 2)),
        key_of("x", a, 1), key_of("x", a, 1.0), key_of("x", a, "1"), key_of("x", a, None), key_of("x", a, "1", ""),
    ]  # fmt: skip
    assert len(set(keys)) == len(keys)
    assert key_of("x", a) == key_of("x", a.copy()) == key_of("x", np.arange(8)[::2] // 2)


def test_minutes_from_the_cache_are_those_that_were_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LEAST_POINTS", 1)
    rng = np.random.default_rng(0)
    streets = tiled(grid_streets(rng, 8, 90.0), 2, 30)
    cells, sites = rng.uniform(0, 1500, (200, 2)), rng.uniform(0, 1500, (40, 2))
    asked: dict[str, Any] = {
        "cells_xy": cells, "sites_xy": sites, "cutoff_min": 15.0, "speed_kmh": 4.0, "max_snap_m": 90.0,
        "min_component_m": 0.0,
    }  # fmt: skip
    cache, searched = Cache(tmp_path), 0

    def walk(asked: dict[str, Any], on: Streets) -> Any:
        def search() -> Any:
            nonlocal searched
            searched += 1
            return walk_times(streets=on, **asked)

        return kept_minutes(cache, on, asked, search)

    fresh, fresh_report = walk(asked, streets)
    again, report = walk(asked, streets)
    assert searched == 1 and len(fresh.site) > 1000
    assert all(equal(getattr(fresh, f), getattr(again, f)) for f in ("indptr", "site", "minutes"))
    assert (again.mode, again.cutoff_min, again.speed_kmh, again.detour) == ("streets", 15.0, 4.0, 1.0)
    assert not again.minutes.flags.writeable
    for who in ("cells", "sites"):
        for f in fields(fresh_report.cells):
            assert equal(getattr(getattr(report, who), f.name), getattr(getattr(fresh_report, who), f.name)), f.name
    assert (report.pieces, report.max_snap_m) == (fresh_report.pieces, fresh_report.max_snap_m)
    for change in ({"speed_kmh": 4.1}, {"cells_xy": cells + 1e-9}, {"max_snap_m": 91.0}, {"cutoff_min": 14.0}):
        before = searched
        walk(asked | change, streets)
        assert searched == before + 1
    longer = streets_of([(0, 0), (900, 0)])
    walk(asked, longer)
    assert searched == 6
    files(cache)[0].write_bytes(b"damaged")
    walk(asked, streets)
    assert kept_minutes(None, streets, asked, lambda: walk_times(streets=streets, **asked))[0].n_cells == 200


def test_streets_from_the_cache_are_those_that_were_read_with_all_that_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "LEAST_BYTES", 1)
    path = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(path)) as out:
        for k in range(12):
            at = (-8.61 + 0.001 * (k % 4), 41.15 + 0.001 * (k // 4))
            out.add_node(osmium.osm.mutable.Node(id=k + 1, location=at))
        for k, refs in enumerate([[1, 2, 3, 4], [5, 6, 7, 8, 99], [2, 6, 10], [3, 7, 11]]):
            out.add_way(osmium.osm.mutable.Way(id=k + 1, nodes=refs, tags={"highway": "residential"}))
    cache, spec = Cache(tmp_path / "cache"), StreetsSpec(file=path.name)
    reads = 0

    def streets(spec: StreetsSpec, crs: str) -> tuple[Streets, Findings]:
        def read(found: Findings) -> Streets | None:
            nonlocal reads
            reads += 1
            return read_streets(spec, tmp_path, crs, found)

        findings = Findings()
        got = kept_streets(cache, spec, tmp_path, crs, findings, read)
        assert got is not None
        return got, findings

    fresh, told = streets(spec, "EPSG:3763")
    again, retold = streets(spec, "EPSG:3763")
    assert reads == 1
    assert list(told) == list(retold) and [f.code for f in told] == ["osm_missing_nodes"]
    for f in fields(Streets):
        if f.name not in ("line", "file", "slopes"):
            assert equal(getattr(fresh, f.name), getattr(again, f.name))
            assert not getattr(again, f.name).flags.writeable
    assert [a.wkb for a in fresh.line] == [b.wkb for b in again.line]
    assert again.line.dtype == object and again.file == path.name
    streets(spec, "EPSG:32629")
    streets(StreetsSpec(file=path.name, walk={"exclude_highway": ("motorway",)}), "EPSG:3763")
    path.write_bytes(path.read_bytes() + b"")
    streets(spec, "EPSG:3763")
    assert reads == 3


def test_a_street_file_that_is_not_there_is_told_by_its_reader(tmp_path: Path) -> None:
    findings, spec = Findings(), StreetsSpec(file="none.osm.pbf")
    got = kept_streets(
        Cache(tmp_path), spec, tmp_path, "EPSG:3763", findings,
        lambda found: read_streets(spec, tmp_path, "EPSG:3763", found),
    )  # fmt: skip
    assert got is None
    assert [f.code for f in findings] == ["missing_file"]
