"""The published grid: aggregation, then proof."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from benchmarks.cover import cover_program
from benchmarks.grid import MOST_DEMAND, OPTIMA_20M, OPTIMA_R4_B15, SETTINGS, SIDE, instance
from benchmarks.rows.watch import now_mb, peak_mb, timed
from siteopt.access.discs import Batch, DiscClasses, disc_classes
from siteopt.program import Answer, Limits
from siteopt.solve.highs import Highs
from siteopt.solve.strategy import pursue
from siteopt.units import Bools, Floats, Ints

BATCH = 250_000


def settings(customers: int, sites: int = 100, limit_s: float = 120.0) -> dict[str, Any]:
    """All fourteen settings of one published instance, each from the raw points to the proof."""
    warm_up()
    site_xy, xy, demand = instance(sites, customers)
    before_mb = now_mb()
    rows = []
    for radius, most in SETTINGS:
        with timed() as aggregating:
            classes = disc_classes(site_xy, radius, _slices(xy, demand), slack=0.0, threads=2)
        with timed() as solving:
            answer = _solve(classes, most, limit_s)
        rows.append(_row(radius, most, classes, answer, aggregating.seconds, solving.seconds))
        rows[-1]["expected"] = expected = _expected(customers, sites, radius, most)
        rows[-1]["as_published"] = expected is None or expected == answer.objective
        rows[-1]["recounted"] = recount(site_xy, radius, _opened(answer, sites), xy, demand) == answer.objective
    seconds = [row["total_s"] for row in rows]
    return {
        "customers": customers,
        "sites": sites,
        "inputs_mb": (xy.nbytes + demand.nbytes) / 1e6,
        "all_proven": all(row["status"] == "proven" for row in rows),
        "all_as_published": all(row["as_published"] for row in rows),
        "all_recounted": all(row["recounted"] for row in rows),
        "median_s": median(seconds),
        "longest_s": max(seconds),
        "beyond_inputs_mb": max(peak_mb() - before_mb, 0.0),
        "details": rows,
    }


def streamed(customers: int, sites: int = 100, limit_s: float = 120.0) -> dict[str, Any]:
    """Customers made on the fly in batches and forgotten; radius 4.5, 15 to open."""
    radius, most = 4.5, 15
    warm_up()
    site_xy, _, _ = instance(sites, 0)
    with timed() as aggregating:
        classes = disc_classes(site_xy, radius, made(customers), slack=0.0, threads=2)
    with timed() as solving:
        answer = _solve(classes, most, limit_s)
    peak = peak_mb()
    # Counted again with the chosen sites alone: other tiles, other classes, the same people.
    again = disc_classes(site_xy[_opened(answer, sites)], radius, made(customers), slack=0.0, threads=2)
    return {
        "customers": customers,
        "sites": sites,
        "proven": answer.status == "proven",
        "recounted": int(again.weight.sum()) == answer.objective,
        "aggregate_s": aggregating.seconds,
        "solve_s": solving.seconds,
        "total_s": aggregating.seconds + solving.seconds,
        "measured_peak_mb": peak,
        "details": [_row(radius, most, classes, answer, aggregating.seconds, solving.seconds)],
    }


def warm_up() -> None:
    """Load what is compiled (or compile it, the first time): not part of any figure."""
    site_xy, xy, demand = instance(5, 200_000)
    disc_classes(site_xy, 4.0, [(xy, demand), made(200_000).__next__()], slack=0.0)
    _solve(disc_classes(site_xy, 4.0, [(xy[:99], demand[:99])]), 2, 10.0)


def made(customers: int) -> Iterator[Callable[[], Batch]]:
    """Functions that make a batch each: together one stream, however it is cut."""
    room = threading.local()
    for first in range(0, customers, BATCH):
        yield partial(_make, room, first, min(BATCH, customers - first))


def recount(site_xy: Floats, radius: float, opened: Bools, xy: Floats, demand: Ints) -> int:
    """Demand within the radius of an open site, by a distance for every pair."""
    total = 0
    for first in range(0, len(xy), BATCH):
        x, y = xy[first : first + BATCH].T
        held = np.zeros(len(x), dtype=np.bool_)
        for a, b in site_xy[opened].tolist():
            held |= np.sqrt((x - a) * (x - a) + (y - b) * (y - b)) <= radius
        total += int(demand[first : first + BATCH][held].sum(dtype=np.int64))
    return total


def _make(room: threading.local, first: int, many: int) -> Batch:
    from benchmarks.grid_kernel import scatter

    if not hasattr(room, "xy"):
        room.xy, room.demand = np.empty((BATCH, 2)), np.empty(BATCH, dtype=np.int32)
    scatter(2 * first, SIDE, MOST_DEMAND, room.xy[:many], room.demand[:many])
    return room.xy[:many], room.demand[:many]


def _slices(xy: Floats, demand: Ints) -> Iterator[Batch]:
    for first in range(0, len(xy), BATCH):
        yield xy[first : first + BATCH], demand[first : first + BATCH]


def _solve(classes: DiscClasses, most: int, limit_s: float) -> Answer:
    program = cover_program(classes.cover, classes.weight, most)
    return pursue(program, Highs(), Limits(time_limit_s=limit_s, gap=0.0, threads=2))


def _opened(answer: Answer, sites: int) -> Bools:
    none = np.zeros(sites, dtype=np.bool_)
    return none if answer.x is None else np.asarray(answer.x[:sites] > 0.5)


def _expected(customers: int, sites: int, radius: float, most: int) -> int | None:
    if sites != 100:
        return None
    if customers == 20_000_000:
        return OPTIMA_20M[radius, most]
    return OPTIMA_R4_B15.get(customers) if (radius, most) == (4.0, 15) else None


def _row(
    radius: float, most: int, classes: DiscClasses, answer: Answer, aggregate_s: float, solve_s: float
) -> dict[str, Any]:
    return {
        "radius": radius,
        "to_open": most,
        "classes": len(classes.weight),
        "nnz": int(classes.cover.nnz),
        "aggregate_s": aggregate_s,
        "solve_s": solve_s,
        "total_s": aggregate_s + solve_s,
        "value": answer.objective,
        "bound": answer.bound,
        "status": answer.status,
    }
