"""Distance from places of a layer: stalls from school gates, noisy types from dwellings."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pydantic import ValidationError

from siteopt.model.land import metres_to, nearest_features
from siteopt.world import World
from tests.land_worlds import codes_of, outcomes, verdicts, with_sites, with_zones, zone
from tests.programs import INF, accepted, judged, row_of_spaces, rule, solved, stated
from tests.worlds import geometries

EAST, NORTH = 400_000.0, 3_000_000.0


def street(at_m: list[float], gate_m: float = 0.0, n_types: int = 1) -> World:
    """Spaces as points along a street, far from the origin as real coordinates are, and a school gate on it."""
    xy = np.column_stack([EAST + np.array(at_m), np.full(len(at_m), NORTH)])
    world = row_of_spaces(len(at_m), n_types, site_xy=xy, cell_xy=xy, slots=[n_types] * len(at_m))
    world = with_sites(world, geometry=geometries(list(shapely.points(xy))))
    return with_zones(world, {"school_gates": zone(shapely.Point(EAST + gate_m, NORTH), names=["一小 <b>"])})


STALLS = rule("buffer", types=["t0"], metres=100)


def test_a_stall_nearer_than_the_distance_may_not_open() -> None:
    world = street([0, 99, 100, 150], n_types=2)
    assert stated(world, STALLS) == [
        ("s000: t0", {"s000/t0": 1.0}, -INF, 0.0),
        ("s001: t0", {"s001/t0": 1.0}, -INF, 0.0),
    ]
    accepted(street([0, 99, 100]), STALLS)


def test_exactly_the_distance_is_allowed_and_a_millimetre_less_is_not() -> None:
    exactly, nearer = street([100.0]), street([99.999])
    assert accepted(exactly, STALLS) == [[], [(0, 0)]]
    assert accepted(nearer, STALLS) == [[]]
    assert judged(exactly, STALLS, [(0, 0)]) and not judged(nearer, STALLS, [(0, 0)])


def test_a_slanted_distance_that_floats_only_nearly_reach_is_allowed() -> None:
    world = street([60.0])
    gate = zone(shapely.Point(EAST, NORTH + 80.0))  # 100 m by 3-4-5
    assert len(accepted(with_zones(world, {"school_gates": gate}), STALLS)) == 2


def test_the_edge_of_a_space_counts_and_not_its_middle() -> None:
    world = street([105.0])
    plot = shapely.box(EAST + 95, NORTH - 5, EAST + 115, NORTH + 5)
    assert accepted(with_sites(world, geometry=geometries([plot])), STALLS) == [[]]


def test_a_space_inside_a_polygon_of_the_layer_is_at_no_distance() -> None:
    world = with_zones(
        street([0.0, 500.0]), {"residential": zone(shapely.box(EAST - 50, NORTH - 50, EAST + 50, NORTH + 50))}
    )
    wanted = rule("buffer", types=["t0"], layer="residential", metres=20)
    assert accepted(world, wanted) == [[], [(1, 0)]]
    assert verdicts(world, wanted, [(0, 0)])[0].got == 0.0


def test_each_verdict_names_the_distance_and_the_nearest_gate() -> None:
    (verdict,) = verdicts(street([150.0]), STALLS, [(0, 0)])
    assert (verdict.subject, verdict.need, verdict.got, verdict.sense, verdict.unit) == (
        "s000: t0",
        100,
        150,
        "ge",
        "m",
    )
    assert dict(verdict.detail) == {"layer": "school_gates", "nearest": "一小 <b>"}


def test_an_absent_layer_is_not_checked_and_closes_nothing() -> None:
    world = with_zones(street([0.0]), {})
    assert stated(world, STALLS) == []
    assert outcomes(world, STALLS, [(0, 0)]) == {"school_gates": "not checked"}
    assert outcomes(world, STALLS, []) == {"school_gates": "not checked"}
    assert codes_of(world, STALLS) == [("warning", "rule_layer_absent", "school_gates")]
    needed = rule("buffer", types=["t0"], metres=100, needs="required")
    assert codes_of(world, needed) == [("error", "rule_layer_required", "school_gates")]


def test_a_layer_with_nothing_in_it_is_checked_and_far_away() -> None:
    world = with_zones(street([0.0]), {"school_gates": zone()})
    assert outcomes(world, STALLS, [(0, 0)]) == {"s000: t0": "holds"}
    assert len(accepted(world, STALLS)) == 2
    assert codes_of(world, STALLS) == []


def test_existing_stalls_are_no_fault_of_a_plan() -> None:
    world = with_sites(street([0.0, 200.0]), standing=np.array([[True], [False]]))
    assert accepted(world, STALLS) == [[], [(1, 0)]]
    assert verdicts(world, STALLS, []) == []


def test_rows_and_judge_measure_the_same_distances() -> None:
    r = np.random.default_rng(3)
    shapes = geometries(list(shapely.buffer(shapely.points(r.random((40, 2)) * 900), r.random(40) * 30)))
    layer = zone(
        *shapely.points(r.random((20, 2)) * 900),
        *shapely.buffer(shapely.points(r.random((20, 2)) * 900), 25, cap_style="square"),
        shapely.LineString([(0, 0), (900, 300)]),
    )
    every = np.array([[shapely.distance(a, b) for b in layer.geometry] for a in shapes])
    assert metres_to(shapes, layer) == pytest.approx(every.min(axis=1), abs=1e-9)
    found = nearest_features(shapes, layer)
    assert [metres for metres, _ in found] == pytest.approx(every.min(axis=1), abs=1e-9)
    touched = every.min(axis=1) > 0
    assert [n for _, n in np.array(found)[touched]] == [f"fid {k + 1}" for k in every.argmin(axis=1)[touched]]


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_best_space_far_enough_from_the_gate_is_found(engine: str) -> None:
    world = street([0, 450, 900], gate_m=900)
    assert solved(world, [STALLS, rule("count", max=1)], by=engine).opened == ["s001/t0"]


@pytest.mark.parametrize("metres", [0, -40, float("nan"), float("inf")])
def test_a_distance_that_is_none_is_refused(metres: float) -> None:
    with pytest.raises(ValidationError):
        rule("buffer", types=["t0"], metres=metres)


def test_the_distance_and_the_types_must_be_said() -> None:
    for params in ({"types": ["t0"]}, {"metres": 100}, {"types": [], "metres": 100}):
        with pytest.raises(ValidationError):
            rule("buffer", **params)
