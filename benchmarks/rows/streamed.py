"""Streamed scenarios: memory against the number of cells at an equal number of different cells."""

from __future__ import annotations

from typing import Any

from benchmarks.streamed import measure_streamed

PHASES = ("read", "survey", "run")


def memory(sizes: tuple[int, ...], kind: str = "parquet", n_sites: int = 100) -> dict[str, Any]:
    """Each phase at each size, in processes of their own; the smallest and the largest size are compared."""
    found = [measure_streamed(size, kind=kind, n_sites=n_sites) for size in sizes]
    small, large = found[0], found[-1]
    figures: dict[str, Any] = {"cells": large["cells"], "times_as_many": large["cells"] / small["cells"]}
    for phase in PHASES:
        figures[f"{phase}_above_base_mb"] = large[phase]["above_base_mb"]
        figures[f"{phase}_growth_mb"] = large[phase]["above_base_mb"] - small[phase]["above_base_mb"]
        figures[f"{phase}_s"] = large[phase]["seconds"]
    figures["read_small_above_base_mb"] = small["read"]["above_base_mb"]
    figures["same_classes"] = len({one["classes"] for one in found}) == 1
    figures["all_proven"] = all(one["run"]["status"] == "proven" for one in found)
    figures["details"] = [
        {
            "cells": one["cells"],
            "classes": one["classes"],
            "file_mb": one["file_mb"],
            **{f"{phase}_s": one[phase]["seconds"] for phase in PHASES},
            **{f"{phase}_above_base_mb": one[phase]["above_base_mb"] for phase in PHASES},
        }
        for one in found
    ]
    return figures
