"""Smallest plot: fragments of land are built on only for public-interest outlets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.world import World
from tests.land_worlds import codes_of, outcomes, verdicts, with_sites
from tests.programs import INF, accepted, row_of_spaces, rule, solved, stated

RULE = rule("plot_size", min_plot_m2=3000)
BOTH = {"min_plot_m2": 3000, "min_residential_plot_m2": 5000, "residential_codes": ["0701"]}


def plots(*sizes: float, codes: list[str] | None = None, kind: str = "new_building", n_types: int = 2) -> World:
    """Plots of these sizes; t1 is of public interest."""
    n = len(sizes)
    world = row_of_spaces(n, n_types, kind=[kind] * n, slots=[n_types] * n)
    world = with_sites(world, plot_m2=np.array(sizes), land_use=codes or ["090101"] * n)
    return replace(world, types=replace(world.types, public_interest=np.arange(n_types) == 1))


def private(world: World, wanted: object) -> list[int]:
    """The plots on which a private outlet may be built."""
    return sorted(p[0][0] for p in accepted(world, wanted) if len(p) == 1 and p[0][1] == 0)  # type: ignore[arg-type]


def test_exactly_the_threshold_is_enough_and_a_square_decimetre_less_is_not() -> None:
    world = plots(3000.0, 2999.99)
    assert private(world, RULE) == [0]
    assert stated(world, RULE) == [("s001: t0", {"s001/t0": 1.0}, -INF, 0.0)]


def test_public_interest_outlets_are_built_on_any_plot() -> None:
    world = plots(10.0)
    assert accepted(world, RULE) == [[], [(0, 1)]]
    assert verdicts(world, RULE, [(0, 1)]) == []
    named = rule("plot_size", min_plot_m2=3000, types=["t0"])
    assert accepted(world, named) == [[], [(0, 0)]]


def test_residential_land_has_a_threshold_of_its_own() -> None:
    world = plots(3000.0, 4999.0, 5000.0, codes=["090101", "070102", "070102"])
    assert private(world, rule("plot_size", **BOTH)) == [0, 2]
    assert [v.need for v in verdicts(world, rule("plot_size", **BOTH), [(0, 0), (1, 0), (2, 0)])] == [
        3000,
        5000,
        5000,
    ]


def test_without_a_code_only_plots_between_the_thresholds_are_in_doubt() -> None:
    world = plots(2999.0, 4000.0, 5000.0, codes=["", "", ""])
    wanted = rule("plot_size", **BOTH)
    assert outcomes(world, wanted, [(0, 0), (1, 0), (2, 0)]) == {
        "s000: t0": "fails",
        "s001: t0": "not checked",
        "s002: t0": "holds",
    }
    assert private(world, wanted) == [1, 2]
    assert private(world, rule("plot_size", **BOTH, unknown="forbid")) == [2]


def test_a_plot_of_unknown_size_is_not_checked_unless_forbidden() -> None:
    world = plots(np.nan, 4000.0)
    assert outcomes(world, RULE, [(0, 0), (1, 0)]) == {"s000: t0": "not checked", "s001: t0": "holds"}
    assert private(world, RULE) == [0, 1]
    strict = rule("plot_size", min_plot_m2=3000, unknown="forbid")
    assert private(world, strict) == [1]
    (verdict,) = verdicts(world, strict, [(0, 0)])
    assert verdict.checked and not verdict.holds and verdict.detail["plot_m2"] is None


def test_reuse_of_what_stands_is_free() -> None:
    assert len(accepted(plots(10.0, kind="idle_premises"), RULE)) == 4
    assert private(plots(10.0, kind="idle_premises"), rule("plot_size", min_plot_m2=3000, kinds=None)) == []
    assert private(plots(10.0, kind="corner_plot"), RULE) == []


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_best_large_enough_plot_is_found(engine: str) -> None:
    world = plots(3000.0, 3500.0, 100.0, n_types=1)
    assert solved(world, [RULE, rule("count", max=1)], by=engine).opened == ["s001/t0"]


def test_the_check_asks_for_sizes_and_codes_where_private_outlets_may_be_built() -> None:
    assert codes_of(plots(np.nan, 10.0), RULE) == [("warning", "rule_data_unsaid", "s000")]
    assert codes_of(plots(10.0, codes=[""]), rule("plot_size", **BOTH)) == [("warning", "rule_data_unsaid", "s000")]
    assert codes_of(plots(10.0, codes=[""]), RULE) == []
    assert codes_of(plots(np.nan, kind="idle_premises"), RULE) == []
    assert codes_of(plots(1.0), rule("plot_size", min_plot_m2=1, kinds=["castle"])) == [
        ("error", "rule_unknown_kind", "castle")
    ]


@pytest.mark.parametrize("params", [{}, {"min_plot_m2": 0}, {"min_plot_m2": 1, "min_residential_plot_m2": 2}])
def test_thresholds_have_no_default_and_residential_land_is_named(params: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rule("plot_size", **params)
