"""Walking minutes at scale: a real town tiled to a large network, against pandana and against whole-graph scipy.

Each part runs in a process of its own, so that its peak of memory is its own; all parts share one network and one
set of points, and all search the same graph from the same places on the streets.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import shapely
from pyproj import CRS
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.tiles import EXTRACT_36_MB, NETWORK_262K, tile
from siteopt.access.arcs import arcs_of
from siteopt.access.combine import Combiner, Measure
from siteopt.access.costs import Costs, Ends
from siteopt.access.on_disk import OnDisk
from siteopt.access.reached import Reached
from siteopt.access.snap import Snap
from siteopt.access.walker import Walker
from siteopt.findings import Findings
from siteopt.layers.osm import read_osm
from siteopt.scenario.schema import WalkFilter
from siteopt.world import Streets

LIMITS = {"cutoff_min": 15.0, "speed_kmh": 4.8, "max_snap_m": 500.0, "min_component_m": 2000.0}
METRIC = "EPSG:3763"
_ROWS_AT_ONCE = 50


def measure_walking(
    folder: str,
    n_sites: int = 10_000,
    n_cells: int = 100_000,
    n_streamed: int = 1_000_000,
    network: tuple[int, int] = NETWORK_262K,
    extract: tuple[int, int] = EXTRACT_36_MB,
    peers: bool = True,
) -> dict[str, Any]:
    """Measure reading, snapping, searching and streaming, each part once.

    Parameters
    ----------
    folder : str
        Holds ``porto.osm.pbf``.
    n_sites, n_cells, n_streamed : int
    network, extract : (columns, rows) of the tiled network and of the extract whose reading is measured
    peers : bool
        Run pandana (where it is installed) and whole-graph scipy too.

    Returns
    -------
    dict
        Plain numbers: seconds, 10^6 bytes above what the process held before (``*_mb``), ratios in this one run
        (``pandana_times``: how many times faster than pandana the compiled search is ...), and whether all agree.
        ``search`` times include putting cells and sites together, and leave reading and snapping out, for pandana
        has no part in them; of pandana only its query is counted, not its preparation.
    """
    source = Path(folder) / "porto.osm.pbf"
    with tempfile.TemporaryDirectory(prefix="siteopt-walking-") as name:
        scratch = Path(name)
        tile(source, scratch / "network.osm.pbf", *network, streets_only=True)
        tile(source, scratch / "extract.osm.pbf", *extract)
        found: dict[str, Any] = {"extract_mb": (scratch / "extract.osm.pbf").stat().st_size / 1e6}
        found |= _part("read", scratch, file="extract")
        found |= {f"network_{k}": v for k, v in _part("read", scratch, file="network", keep=1).items()}
        sizes = {"n_sites": n_sites, "n_cells": n_cells}
        # The first run compiles; what is measured is the second, as it is for a user from the second run on.
        _part("search", scratch, n_sites=min(n_sites, 50), n_cells=200, compiled=1, threads=2, label="warm")
        for label, compiled, threads in (("compiled", 1, 2), ("compiled_one_thread", 1, 1), ("scipy", 0, 1)):
            found |= _part("search", scratch, **sizes, compiled=compiled, threads=threads, label=label)
        found |= _part("snap", scratch, n_cells=n_streamed)
        found |= _part("stream", scratch, n_sites=n_sites, n_cells=n_streamed)
        if peers:
            found |= _part("whole_graph", scratch, **sizes)
            found |= _part("pandana", scratch, **sizes)
        return found | _compared(scratch) | _ratios(found)


def _ratios(found: dict[str, Any]) -> dict[str, float]:
    return {
        f"{peer}_times{suffix}": found[f"{peer}_s"] / found[f"{ours}_search_s"]
        for peer in ("pandana", "whole_graph")
        if f"{peer}_s" in found
        for ours, suffix in (("compiled", ""), ("compiled_one_thread", "_one_thread"), ("scipy", "_without_numba"))
    }


def _compared(scratch: Path) -> dict[str, Any]:
    """Whether every way to search found the same pairs, and the largest difference in milliseconds."""
    held = {path.stem: np.load(path) for path in sorted(scratch.glob("*.npz")) if path.stem != "warm"}
    key, minutes = held["compiled"]["key"], held["compiled"]["minutes"]
    out: dict[str, Any] = {"n_pairs": len(key)}
    for name, other in held.items():
        same = np.array_equal(key, other["key"])
        out[f"{name}_same_pairs"] = same
        if not same:
            out[f"{name}_pairs_missed"] = int((~np.isin(key, other["key"])).sum())
            out[f"{name}_pairs_invented"] = int((~np.isin(other["key"], key)).sum())
        both, here, there = np.intersect1d(key, other["key"], assume_unique=True, return_indices=True)
        apart = np.abs(minutes[here] - other["minutes"][there])
        out[f"{name}_max_ms"] = float(apart.max() * 60_000) if len(both) else 0.0
    return out


def read(scratch: Path, file: str, keep: int = 0) -> dict[str, Any]:
    """From a PBF to the contracted graph."""
    with _Watch() as watch:
        streets = read_osm(scratch / f"{file}.osm.pbf", WalkFilter(), METRIC, Findings(), label=file)
    assert streets is not None
    if keep:
        (scratch / "streets.pickle").write_bytes(pickle.dumps(streets))
    return {"read_s": watch.seconds, "read_mb": watch.mb, "nodes": len(streets.node_xy_m), "edges": len(streets.tail)}


def snap(scratch: Path, n_cells: int) -> dict[str, Any]:
    """Points to the nearest place on a street."""
    streets = _streets(scratch)
    walker = Walker(streets, np.empty((0, 2)), **LIMITS, compiled=True, threads=2)
    cells = _points(streets, n_cells, 2)
    with _Watch() as prepared:
        walker.snapper(cells[:1])
    with _Watch() as watch:
        walker.snapper(cells, places=False)
    return {"snap_points": n_cells, "snap_prepare_s": prepared.seconds, "snap_s": watch.seconds, "snap_mb": watch.mb}


def search(scratch: Path, n_sites: int, n_cells: int, compiled: int, threads: int, label: str) -> dict[str, Any]:
    """All pairs within the cutoff, both ends snapped beforehand."""
    streets = _streets(scratch)
    sites, cells = _points(streets, n_sites, 1), _points(streets, n_cells, 2)
    walker = Walker(streets, sites, **LIMITS, compiled=bool(compiled), threads=threads)
    met = walker.snapper(cells, places=False)
    if compiled:  # loaded before the clock starts: half a second, once per process
        Walker(streets, sites[:1], **LIMITS, compiled=True, threads=1).walk(cells[:1])
    with _Watch() as watch:
        count, site, minutes = walker.pairs(cells, met)
    _keep(scratch, label, count, site, minutes, n_sites)
    return {f"{label}_search_s": watch.seconds, f"{label}_search_mb": watch.mb}


def stream(scratch: Path, n_sites: int, n_cells: int) -> dict[str, Any]:
    """Cells in batches, their pairs to disk: everything from coordinates to files."""
    streets = _streets(scratch)
    sites, cells = _points(streets, n_sites, 1), _points(streets, n_cells, 2)
    Walker(streets, sites[:1], **LIMITS, compiled=True, threads=2).walk(cells[:1])
    batches = [cells[k : k + 65_536] for k in range(0, n_cells, 65_536)]
    with _Watch() as watch:
        walker = Walker(streets, sites, **LIMITS, compiled=True)
        walker.times(cells[:1])
        prepared = time.perf_counter()
        with OnDisk(walker, scratch) as disk:
            disk.write(batches)
            done = time.perf_counter()
            pairs, written = disk.n_pairs, disk.n_bytes
    prepare_s = prepared - watch.began
    # The search alone, as it is measured for the smaller set of cells: no snapping, no files.
    snaps = [walker.snapper(batch, places=False) for batch in batches]
    del walker.__dict__["_first"]
    began = time.perf_counter()
    for batch, met in zip(batches, snaps, strict=True):
        walker.pairs(batch, met)
    return {
        "streamed_cells": n_cells,
        "streamed_pairs": pairs,
        "streamed_file_mb": written / 1e6,
        "streamed_s": done - watch.began,
        "streamed_prepare_s": prepare_s,
        "streamed_search_s": time.perf_counter() - began,
        "streamed_mb": watch.mb,
    }


def whole_graph(scratch: Path, n_sites: int, n_cells: int) -> dict[str, Any]:
    """Scipy's bounded Dijkstra over the whole graph, some sites at a time."""
    streets = _streets(scratch)
    walker, ends, met = _shared(streets, n_sites, n_cells)
    arcs, measure = arcs_of(streets, Costs(streets)), Measure(LIMITS["cutoff_min"], LIMITS["speed_kmh"] * 1000 / 60)
    n = arcs.n_nodes
    parts = []
    with _Watch() as watch:
        for first in range(0, n_sites, _ROWS_AT_ONCE):
            site = np.arange(first, min(first + _ROWS_AT_ONCE, n_sites))
            edge = ends.edge[site]
            two = np.column_stack([streets.tail[edge], streets.head[edge]])
            way = np.column_stack([ends.tail_m[site], ends.head_m[site]])
            loop = two[:, 0] == two[:, 1]
            way[loop] = way[loop].min(axis=1)[:, None]
            use = np.ones_like(two, dtype=bool)
            use[loop, 1] = False
            count = np.concatenate([np.diff(arcs.indptr), use.sum(axis=1)])
            graph = csr_array(
                (
                    np.concatenate([arcs.cost_m, way[use]]),
                    np.concatenate([arcs.to, two[use]]),
                    np.concatenate([[0], np.cumsum(count)]),
                ),
                shape=(n + len(site), n + len(site)),
            )
            metres = dijkstra(graph, indices=n + np.arange(len(site)), limit=measure.cutoff_m)[:, :n]
            row, node = np.nonzero(np.isfinite(metres))
            parts.append((site[row], node, metres[row, node]))
        count, site, minutes = _put_together(streets, ends, walker, met, parts, measure, n_sites)
    _keep(scratch, "whole_graph", count, site, minutes, n_sites)
    return {"whole_graph_s": watch.seconds, "whole_graph_mb": watch.mb}


def pandana(scratch: Path, n_sites: int, n_cells: int) -> dict[str, Any]:
    """Pandana's contraction hierarchies, asked for the nodes in range of both ends of every site's street."""
    try:
        import pandana as other
        import pandas as pd
    except ImportError:
        return {}
    streets = _streets(scratch)
    walker, ends, met = _shared(streets, n_sites, n_cells)
    measure = Measure(LIMITS["cutoff_min"], LIMITS["speed_kmh"] * 1000 / 60)
    x, y = streets.node_xy_m.T
    with _Watch() as prepared:
        edges = pd.DataFrame({"m": streets.length_m})
        graph = other.Network(pd.Series(x), pd.Series(y), pd.Series(streets.tail), pd.Series(streets.head), edges)
    ok = np.flatnonzero(walker.sites.connected)
    asked = np.unique(np.concatenate([streets.tail[ends.edge[ok]], streets.head[ends.edge[ok]]]))
    with _Watch() as watch:
        near = graph.nodes_in_range(asked.tolist(), measure.cutoff_m)
    start, node, metres = near["source"].to_numpy(), near["destination"].to_numpy(), near["m"].to_numpy()
    order = np.argsort(start, kind="stable")
    start, node, metres = start[order], node[order], metres[order]
    parts = []
    for end, way in ((streets.tail, ends.tail_m), (streets.head, ends.head_m)):
        at = end[ends.edge[ok]]
        low, high = np.searchsorted(start, at, "left"), np.searchsorted(start, at, "right")
        which = np.repeat(low - (np.cumsum(high - low) - (high - low)), high - low) + np.arange((high - low).sum())
        site = np.repeat(ok, high - low)
        total = metres[which] + way[site]
        inside = total <= measure.cutoff_m
        parts.append((site[inside], node[which[inside]], total[inside]))
    count, site, minutes = _put_together(streets, ends, walker, met, parts, measure, n_sites)
    _keep(scratch, "pandana", count, site, minutes, n_sites)
    return {"pandana_prepare_s": prepared.seconds, "pandana_s": watch.seconds, "pandana_mb": watch.mb + prepared.mb}


def _shared(streets: Streets, n_sites: int, n_cells: int) -> tuple[Walker, Ends, Snap]:
    """The same points, on the same places of the streets, for every way to search."""
    sites, cells = _points(streets, n_sites, 1), _points(streets, n_cells, 2)
    walker = Walker(streets, sites, **LIMITS, compiled=True, threads=2)
    return walker, Costs(streets).of_sites(walker.sites), walker.snapper(cells, places=False)


def _put_together(
    streets: Streets, ends: Ends, walker: Walker, met: Any, parts: list[Any], measure: Measure, n_sites: int
) -> Any:
    """Cells and sites from a list of (site, node, metres), of which the shortest counts."""
    site, node, metres = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((metres, site, node))
    site, node, metres = site[order], node[order], metres[order]
    first = np.ones(len(site), dtype=bool)
    first[1:] = (np.diff(site) != 0) | (np.diff(node) != 0)
    site, node, metres = site[first], node[first], metres[first]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(node, minlength=len(streets.node_xy_m)))])
    reached = Reached(0, n_sites, indptr.astype(np.int64), site.astype(np.int32), metres)
    combiner = Combiner(streets, ends, walker.sites.connected, measure, compiled=True, threads=2)
    return combiner.pairs(reached, Costs(streets).of_cells(met), met.connected)


def _keep(scratch: Path, label: str, count: Any, site: Any, minutes: Any, n_sites: int) -> None:
    key = np.repeat(np.arange(len(count)), count) * np.int64(n_sites) + site
    np.savez(scratch / f"{label}.npz", key=key, minutes=minutes)


def _streets(scratch: Path) -> Streets:
    found: Streets = pickle.loads((scratch / "streets.pickle").read_bytes())
    return found


def _points(streets: Streets, n: int, seed: int) -> np.ndarray:
    """Points evenly along the streets, some metres off: the same ones every time."""
    rng = np.random.default_rng(seed)
    edge = rng.choice(len(streets.tail), n, p=streets.length_m / streets.length_m.sum())
    at = np.empty((n, 2))
    for first in range(0, n, 50_000):
        some = slice(first, first + 50_000)
        part = rng.random(len(edge[some]))
        at[some] = shapely.get_coordinates(
            shapely.line_interpolate_point(streets.line[edge[some]], part, normalized=True)
        )
    return at + rng.normal(0.0, 12.0, (n, 2))


class _Watch:
    """Seconds of a block, and the most memory during it above what was held before, 10^6 bytes."""

    def __enter__(self) -> _Watch:
        self._process, self._stop = psutil.Process(), threading.Event()
        self._base = self._most = self._process.memory_info().rss
        self._eye = threading.Thread(target=self._look, daemon=True)
        self._eye.start()
        self.began = time.perf_counter()
        return self

    def _look(self) -> None:
        while not self._stop.wait(0.01):
            self._most = max(self._most, self._process.memory_info().rss)

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self.began
        self._most = max(self._most, self._process.memory_info().rss)
        self._stop.set()
        self._eye.join()
        self.mb = (self._most - self._base) / 1e6


PARTS: dict[str, Callable[..., dict[str, Any]]] = {
    part.__name__: part for part in (read, snap, search, stream, whole_graph, pandana)
}


def _part(name: str, scratch: Path, **args: Any) -> dict[str, Any]:
    """One part in a process of its own."""
    CRS.from_user_input(METRIC)  # a machine without PROJ's data fails here, with its own words
    result = scratch / "result.json"
    subprocess.run(
        [sys.executable, "-m", "benchmarks.walking", name, str(scratch), json.dumps(args), str(result)],
        stdout=subprocess.DEVNULL, check=True, cwd=Path(__file__).resolve().parents[1],
    )  # fmt: skip
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    said = PARTS[sys.argv[1]](Path(sys.argv[2]), **json.loads(sys.argv[3]))
    # To a file, for what pandana prints goes to standard output.
    Path(sys.argv[4]).write_text(json.dumps(said), encoding="utf-8")
