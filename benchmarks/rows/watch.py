"""Seconds and memory of a part of a process."""

from __future__ import annotations

import math
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil


class Spent:
    """Seconds of a block, known once it has ended."""

    seconds: float = float("nan")


@contextmanager
def timed() -> Iterator[Spent]:
    """Measure a block in wall seconds."""
    spent, began = Spent(), time.perf_counter()
    try:
        yield spent
    finally:
        spent.seconds = time.perf_counter() - began


def now_mb() -> float:
    """Memory of the process now, 10^6 bytes."""
    return float(psutil.Process().memory_info().rss / 1e6)


def peak_mb() -> float:
    """The most memory of the process so far, 10^6 bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak * (1 if sys.platform == "darwin" else 1024) / 1e6)


def gap_pct(value: float, bound: float) -> float | None:
    """How far the bound is above the value, in hundredths of the value; None where that says nothing."""
    share = (bound - value) / value if value > 0 else math.inf
    return 100.0 * share if math.isfinite(share) else None
