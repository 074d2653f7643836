"""Bronx and San Francisco: how far below the best known value, and with what proof."""

from __future__ import annotations

from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.cover import cover_program
from benchmarks.rows.watch import gap_pct, timed
from benchmarks.street import OPENED, STREETS, street
from siteopt.program import Limits
from siteopt.solve.backend import worst_violation
from siteopt.solve.highs import Highs
from siteopt.solve.strategy import pursue


def below(
    folder: str, limit_s: float, names: tuple[str, ...] = tuple(STREETS), opened: tuple[int, ...] = OPENED
) -> Any:
    """Every value after a time, from an empty plan, on one thread."""
    rows = []
    for name in names:
        made = STREETS[name]
        cover, people = street(Path(folder) / made.file, made.radius_m)
        # What is compiled is loaded first: not part of any figure.
        pursue(cover_program(cover[:300, :300], people[:300], 5), Highs(), Limits(time_limit_s=3.0, threads=1))
        for most in opened:
            with timed() as solving:
                program = cover_program(cover, people, most)
                answer = pursue(program, Highs(), Limits(time_limit_s=limit_s, gap=0.0, threads=1))
            opened_sites = answer.x[: len(people)] > 0.5 if answer.x is not None else None
            recounted = 0 if opened_sites is None else int(people[(cover @ opened_sites.astype(float)) > 0.5].sum())
            best, value = made.best_known[most], 0.0 if answer.x is None else answer.objective
            rows.append(
                {
                    "city": name,
                    "to_open": most,
                    "best_known": best,
                    "value": value,
                    "below_pct": 100.0 * (best - value) / best,
                    "gap_pct": gap_pct(value, answer.bound),
                    "status": answer.status,
                    "seconds": solving.seconds,
                    "audited": recounted == answer.objective
                    and answer.x is not None
                    and worst_violation(program.blocks, answer.x) <= 1e-6,
                }
            )
    return {
        "limit_s": limit_s,
        "values": len(rows),
        "mean_below_pct": mean(row["below_pct"] for row in rows),
        "worst_below_pct": max(row["below_pct"] for row in rows),
        "worst_gap_pct": max((row["gap_pct"] for row in rows if row["gap_pct"] is not None), default=None),
        "matched_or_beaten": sum(row["below_pct"] <= 0 for row in rows),
        "proven": sum(row["status"] == "proven" for row in rows),
        "all_audited": all(row["audited"] for row in rows),
        "latest_s": max(row["seconds"] for row in rows),
        "details": rows,
    }
