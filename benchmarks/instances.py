"""What is measured: whole runs of scenarios, and rows of figures with what they must show."""

from __future__ import annotations

from pathlib import Path

from benchmarks.claims import Claim, Row, yes

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"

INSTANCES: dict[str, str] = {
    "porto": "benchmarks/scenarios/porto.yaml",
    "sao-paulo": "benchmarks/scenarios/sao-paulo.yaml",
    "qiancheng": "scenarios/qiancheng/scenario.yaml",
    "quickstart": "scenarios/quickstart/scenario.yaml",
    "capacity": "benchmarks/scenarios/capacity.yaml",
    "phases": "benchmarks/scenarios/phases.yaml",
}
"""Name -> scenario file. The two cities need ``../shared/data`` beside the checkout."""


def _city(cells: str, name: str, limit_s: int, ruled: bool, must: float | None, aim: float | None) -> Row:
    rules = ", with the 10 % rule, minima per community and spacing" if ruled else ""
    claims = [
        Claim("gap", "gap_pct", "%", must, aim),
        yes("every rule kept, value recounted from the plan", "keeps_every_rule"),
        Claim("seconds beyond the limit", "late_s", "s", 2.0),
    ]
    if name in ("city-200k", "city-500k"):
        claims.append(Claim("peak memory", "peak_mb", "MB", 3000.0, decimals=0))
    return Row(
        what=f"City of {cells}{rules}: proven gap after {limit_s} s",
        call="benchmarks.rows.city:gap",
        args={"name": name, "limit_s": limit_s, "ruled": ruled},
        tiny={"name": "26x40", "limit_s": 5, "ruled": ruled},
        claims=tuple(claims),
        repeats=1 if limit_s > 100 else None,
    )


CITY_LIMITS = (
    ("10 k cells × 400 spaces × 5 types", "city-10k", 20, 0.35, 0.1),
    ("50 k cells × 2,000 spaces × 5 types", "city-50k", 60, 1.0, 0.3),
    ("200 k cells × 5,000 spaces × 5 types", "city-200k", 60, 2.3, 1.0),
    ("500 k cells × 10,000 spaces × 5 types", "city-500k", 60, 2.3, 1.5),
)
"""Words, name, seconds, gap within them, gap within 300 s."""

GRID_CLAIMS = (
    yes("every setting proven", "all_proven"),
    yes("optima as published", "all_as_published"),
    yes("recounted on the raw points", "all_recounted"),
)

ROWS: dict[str, Row] = {
    "grid-20m": Row(
        what="Published grid, 20 million cells × 100 sites, 14 settings, from the points to the proof",
        call="benchmarks.rows.grid:settings",
        args={"customers": 20_000_000},
        tiny={"customers": 2_000, "sites": 20},
        claims=(
            *GRID_CLAIMS,
            Claim("median of the settings", "median_s", "s", 3.0),
            Claim("longest of the settings", "longest_s", "s", 20.0, 5.0),
            Claim("memory beyond the inputs", "beyond_inputs_mb", "MB", 150.0, decimals=0),
        ),
    ),
    "grid-1b": Row(
        what="Published grid, one billion cells × 100 sites made on the fly, radius 4.5, 15 to open",
        call="benchmarks.rows.grid:streamed",
        args={"customers": 1_000_000_000},
        tiny={"customers": 300_000, "sites": 20},
        claims=(
            yes("proven", "proven"),
            yes("counted again with the chosen sites", "recounted"),
            Claim("whole", "total_s", "s", None, 60.0),
            Claim("peak memory", "measured_peak_mb", "MB", 500.0, decimals=0),
        ),
    ),
    **{
        f"peers-{size}": Row(
            what=f"Published grid, {words} cells × 100 sites, radius 4, 15 to open, beside spopt and plain PuLP",
            call="benchmarks.rows.peers:beside",
            args={"customers": customers, "limit_s": limit_s},
            tiny={"customers": 300, "sites": 20, "limit_s": 10, "repeats": 1},
            claims=(
                Claim("times faster than spopt + HiGHS", "spopt_times", "×", must, aim, least=True, decimals=0),
                Claim("times faster than plain PuLP + HiGHS", "pulp_times", "×", decimals=0),
                yes("proven, from points and from a matrix", "ours_proven"),
                yes("optimum as published, both ways", "ours_as_published"),
                yes("peers that finish have the same optimum", "those_that_finish_agree"),
            ),
            repeats=repeats,
        )
        for size, words, customers, must, aim, limit_s, repeats in (
            ("10k", "10 k", 10_000, 50.0, 100.0, 150, None),
            ("100k", "100 k", 100_000, 200.0, 500.0, 250, 1),
        )
    },
    "bound-50k": Row(
        what="Bound on the city of 50 k cells × 2,000 spaces × 5 types, beside HiGHS' solvers of the relaxation",
        call="benchmarks.rows.city:bound",
        args={"name": "city-50k", "limit_s": 900},
        tiny={"name": "26x40", "limit_s": 20, "repeats": 1},
        claims=(
            Claim("Lagrangian, above the relaxation", "lagrange_above_pct", "%", 0.15, 0.05, decimals=3),
            Claim("Lagrangian, times faster than the fastest", "lagrange_times", "×", 10, 30, least=True, decimals=1),
            Claim("with pricing, above the relaxation", "priced_above_pct", "%", 0.15, 0.05, decimals=3),
            Claim("with pricing, times faster than the fastest", "priced_times", "×", 10, 30, least=True, decimals=1),
        ),
        repeats=1,
    ),
    **{name: _city(cells, name, s, False, must, None) for cells, name, s, must, _ in CITY_LIMITS},
    **{f"{name}-300s": _city(cells, name, 300, False, None, aim) for cells, name, _, _, aim in CITY_LIMITS},
    **{f"{name}-rules": _city(cells, name, s, True, 2 * must, must) for cells, name, s, must, _ in CITY_LIMITS[:3]},
    **{
        f"{name}-rules-300s": _city(cells, name, 300, True, 2 * aim, aim)
        for cells, name, _, _, aim in CITY_LIMITS[:3]
    },
    **{
        f"streets-{limit_s}s": Row(
            what=f"Bronx and San Francisco, 12 values, {limit_s} s each on one thread",
            call="benchmarks.rows.street:below",
            args={"limit_s": limit_s},
            tiny={"limit_s": 2, "names": ("bronx",), "opened": (50,)},
            claims=claims,
            repeats=repeats,
            needs="../shared/data/street-benchmarks",
        )
        for limit_s, repeats, claims in (
            (
                12,
                None,
                (
                    Claim("mean below best known", "mean_below_pct", "%", 0.1, 0.0, decimals=3),
                    Claim("worst below best known", "worst_below_pct", "%", 0.25, 0.0, decimals=3),
                    Claim("worst proven gap", "worst_gap_pct", "%"),
                    yes("every value recounted", "all_audited"),
                    Claim("longest", "latest_s", "s", 14.0),
                ),
            ),
            (
                120,
                1,
                (
                    Claim(
                        "values matched or beaten", "matched_or_beaten", "of 12", None, 12.0, least=True, decimals=0
                    ),
                    Claim("values proven optimal", "proven", "of 12", None, 1.0, least=True, decimals=0),
                    yes("every value recounted", "all_audited"),
                ),
            ),
        )
    },
    "walking": Row(
        what="Walking minutes, 10 k sites × 100 k cells on 262 k nodes (Porto, tiled), and 1 million cells streamed",
        call="benchmarks.rows.walking:minutes",
        tiny={"n_sites": 20, "n_cells": 200, "n_streamed": 2_000, "network": (1, 1), "extract": (1, 1)},
        claims=(
            Claim("times faster than pandana", "pandana_times", "×", 10.0, 40.0, least=True, decimals=1),
            Claim("times faster than whole-graph scipy", "whole_graph_times", "×", 15.0, least=True, decimals=1),
            Claim("without numba: than pandana", "pandana_times_without_numba", "×", 10.0, least=True, decimals=1),
            yes("the pairs of whole-graph scipy", "whole_graph_same_pairs"),
            yes("the same pairs without numba", "scipy_same_pairs"),
            Claim("largest difference from whole-graph scipy", "whole_graph_max_ms", "ms", 1.0, decimals=3),
            Claim("1 million cells streamed, memory above base", "streamed_mb", "MB", 600.0, decimals=0),
            Claim("1 million cells streamed, search", "streamed_search_s", "s", None, 3.0),
            Claim("36 MB of PBF to the contracted graph", "read_s", "s", 15.0, 7.0),
            Claim("snapping 1 million points", "snap_all_s", "s", 30.0, 3.0),
        ),
        needs="../shared/data/porto/source",
    ),
    "streamed": Row(
        what="A streamed scenario, 4 million cells against 1 million with as many different ones",
        call="benchmarks.rows.streamed:memory",
        args={"sizes": (1_000_000, 4_000_000)},
        tiny={"sizes": (262_144,), "n_sites": 10},
        claims=(
            yes("as many different cells", "same_classes"),
            yes("both proven", "all_proven"),
            Claim("above base, reading 1 million cells", "read_small_above_base_mb", "MB", 200.0, decimals=0),
            Claim("more memory for 4 times the cells, whole run", "run_growth_mb", "MB", decimals=0),
            Claim("whole run of 4 million cells", "run_s", "s", decimals=1),
        ),
    ),
    "layer": Row(
        what="Modelling layer: a model of 100 k rows by PuLP and by arrays",
        call="benchmarks.rows.layer:paths",
        args={"customers": 100_000, "radius": 8.0},
        tiny={"customers": 500, "radius": 8.0, "repeats": 1},
        claims=(
            Claim("PuLP path", "pulp_us_per_nnz", "µs per non-zero", 2.0),
            Claim("array path", "array_us_per_nnz", "µs per non-zero", 0.3, decimals=3),
            yes("same objective both ways", "same_objective"),
        ),
    ),
    "textbook": Row(
        what="Six textbook problems on a matrix of 1,000 × 50, beside spopt + HiGHS",
        call="benchmarks.rows.textbook:beside_spopt",
        args={"n_points": 1_000, "n_sites": 50, "reach": 6.0, "p": 8, "time_limit_s": 60.0},
        tiny={"n_points": 60, "n_sites": 8, "reach": 20.0, "p": 3},
        claims=(
            yes("ours all proven", "spopt_ours_proven"),
            yes("no plan of spopt's is better, valued from the matrix", "spopt_never_better"),
            Claim("least of the six, times faster than spopt", "spopt_least_times", "×", decimals=2),
        ),
    ),
    "small": Row(
        what="At most 1,000 cells, beside plain PuLP + HiGHS",
        call="benchmarks.rows.layer:small",
        tiny={"cells": (50,), "repeats": 1},
        claims=(
            Claim("slower by, at most", "most_slower_by_s", "s", 0.3, 0.0, decimals=3),
            Claim("slower by, the first call of a process", "first_call_slower_by_s", "s", 0.3, 0.0, decimals=3),
            yes("same optimum everywhere", "all_equal"),
        ),
    ),
}
"""Name -> row. The extra ``bench`` brings the peers; a figure beside one that is missing stays empty."""
