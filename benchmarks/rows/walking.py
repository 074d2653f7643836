"""Walking minutes at scale: reading, snapping, searching, streaming."""

from __future__ import annotations

from typing import Any

from benchmarks.walking import measure_walking


def minutes(folder: str, **sizes: Any) -> dict[str, Any]:
    """See :func:`benchmarks.walking.measure_walking`; snapping with what it prepares counted in."""
    found = measure_walking(folder, **sizes)
    return found | {"snap_all_s": found["snap_prepare_s"] + found["snap_s"]}
