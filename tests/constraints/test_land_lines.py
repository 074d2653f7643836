"""Control lines: what is newly built keeps off farmland and red lines, and inside the development boundary."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from siteopt.world import World
from tests.land_worlds import codes_of, outcomes, verdicts, with_sites, with_zones, zone
from tests.programs import INF, accepted, row_of_spaces, rule, solved, stated
from tests.worlds import geometries

FARM, RED, TOWN, GREEN = "permanent_basic_farmland", "ecological_red_line", "development_boundary", "green_line"
ALL = (FARM, RED, TOWN, GREEN, "blue_line", "yellow_line", "purple_line")
RULE = rule("land_lines")
NOWHERE = shapely.box(-9000, -9000, -8900, -8900)
EVERYWHERE = shapely.box(-1e4, -1e4, 1e4, 1e4)


def land(kind: str = "new_building", n: int = 2, **zones: object) -> World:
    """Spaces of 20 m by 20 m around (0, 0), (1000, 0) ...; every layer is there, and harmless unless given."""
    world = row_of_spaces(n, kind=[kind] * n)
    layers = {name: zone(EVERYWHERE if name == TOWN else NOWHERE) for name in ALL}
    return with_zones(world, layers | {k: zone(v) for k, v in zones.items()})


def test_nothing_is_built_on_farmland_or_inside_the_red_line() -> None:
    for layer in (FARM, RED):
        world = land(**{layer: shapely.box(5, -50, 50, 50)})
        assert stated(world, RULE) == [(f"s000: {layer}", {"s000/t0": 1.0}, -INF, 0.0)]
        assert accepted(world, RULE) == [[], [(1, 0)]]


def test_a_shared_border_is_no_overlap_and_a_square_decimetre_is() -> None:
    assert len(accepted(land(permanent_basic_farmland=shapely.box(10, -50, 50, 50)), RULE)) == 4
    assert len(accepted(land(permanent_basic_farmland=shapely.box(9.9995, -50, 50, 50)), RULE)) == 2  # 0.01 m2
    assert len(accepted(land(permanent_basic_farmland=shapely.box(9.9998, -50, 50, 50)), RULE)) == 4  # 0.004 m2


def test_slack_takes_a_sliver_for_imprecise_drawing() -> None:
    world = land(permanent_basic_farmland=shapely.box(9.5, -50, 50, 50))  # 10 m2
    assert len(accepted(world, rule("land_lines", slack_m2=10))) == 4
    assert len(accepted(world, rule("land_lines", slack_m2=9.99))) == 2
    (verdict,) = [v for v in verdicts(world, rule("land_lines", slack_m2=10), [(0, 0)]) if FARM in v.subject]
    assert verdict.holds and verdict.detail["wrong_m2"] == 10.0


def test_what_is_built_lies_wholly_inside_the_development_boundary() -> None:
    world = land(development_boundary=shapely.box(-10, -10, 10, 10))
    assert accepted(world, RULE) == [[], [(0, 0)]]
    assert accepted(land(development_boundary=shapely.box(-10, -10, 9.99, 10)), RULE) == [[]]
    (verdict,) = [v for v in verdicts(world, RULE, [(1, 0)]) if TOWN in v.subject]
    assert not verdict.holds and verdict.detail["wrong_m2"] == 400.0


def test_a_space_across_two_parts_of_the_boundary_is_inside() -> None:
    world = with_zones(land(n=1), {TOWN: zone(shapely.box(-50, -50, 0, 50), shapely.box(0, -50, 50, 50))})
    only = rule("land_lines", forbidden=(), lines=())
    assert accepted(world, only) == [[], [(0, 0)]]


def test_parts_that_overlap_are_counted_once() -> None:
    farm = zone(shapely.box(5, -50, 50, 50), shapely.box(4, -50, 50, 50))
    world = with_zones(land(n=1), {FARM: farm})
    (verdict,) = verdicts(world, rule("land_lines", forbidden=[FARM], inside=(), lines=()), [(0, 0)])
    assert verdict.detail["wrong_m2"] == 120.0


def test_a_waiver_opens_the_boundary_but_never_farmland() -> None:
    outside = land(n=1, development_boundary=NOWHERE)
    assert accepted(outside, rule("land_lines", waived={"s000": "洪自然资函〔2024〕1号"})) == [[], [(0, 0)]]
    (verdict,) = [
        v for v in verdicts(outside, rule("land_lines", waived={"s000": "纸 =1+1"}), [(0, 0)]) if TOWN in v.subject
    ]
    assert verdict.holds and verdict.got == 0 and verdict.detail["cleared"] == "纸 =1+1"
    farm = land(n=1, permanent_basic_farmland=EVERYWHERE)
    both = rule("land_lines", waived=["s000"], reviewed=["s000"])
    assert accepted(farm, both) == [[]]


def test_coloured_lines_are_closed_until_reviewed() -> None:
    world = land(green_line=shapely.box(-50, -50, 50, 50))
    assert accepted(world, RULE) == [[], [(1, 0)]]
    assert len(accepted(world, rule("land_lines", reviewed=["s000"]))) == 4
    assert accepted(world, rule("land_lines", waived=["s000"])) == [[], [(1, 0)]]
    assert accepted(world, rule("land_lines", reviewed=["s001"])) == [[], [(1, 0)]]


def test_a_point_is_judged_as_a_point_and_says_so() -> None:
    world = land(permanent_basic_farmland=shapely.box(0, -50, 50, 50))
    world = with_sites(world, geometry=geometries([shapely.Point(0, 0), shapely.Point(1, 0)]))
    assert accepted(world, RULE) == [[], [(0, 0)]]  # a point on the border lies in neither
    found = {v.subject: v for v in verdicts(world, RULE, [(1, 0)])}
    verdict = found[f"s001: {FARM}"]
    assert not verdict.holds and dict(verdict.detail) == {"layer": FARM, "shape": "point"}


def test_a_point_on_the_edge_of_the_boundary_is_inside_it() -> None:
    world = land(n=1, development_boundary=shapely.box(0, -50, 50, 50))
    world = with_sites(world, geometry=geometries([shapely.Point(0, 0)]))
    assert accepted(world, RULE) == [[], [(0, 0)]]


def test_reused_buildings_are_not_asked() -> None:
    farm = {FARM: EVERYWHERE}
    assert len(accepted(land("idle_premises", **farm), RULE)) == 4
    assert accepted(land("idle_premises", **farm), rule("land_lines", kinds=None)) == [[]]
    assert accepted(land("corner_plot", **farm), RULE) == [[]]


def test_each_absent_layer_is_not_checked_whatever_the_others_say() -> None:
    world = with_zones(land(n=1), {TOWN: zone(EVERYWHERE), FARM: zone(NOWHERE)})
    assert outcomes(world, RULE, [(0, 0)]) == {
        f"s000: {FARM}": "holds",
        f"s000: {TOWN}": "holds",
        **{layer: "not checked" for layer in ALL if layer not in (FARM, TOWN)},
    }
    assert codes_of(world, RULE) == [
        ("warning", "rule_layer_absent", layer) for layer in ALL if layer not in (FARM, TOWN)
    ]
    assert {c for _, c, _ in codes_of(world, rule("land_lines", needs="required"))} == {"rule_layer_required"}


def test_an_empty_boundary_has_no_inside() -> None:
    world = with_zones(land(n=1), {TOWN: zone()})
    assert accepted(world, RULE) == [[]]


def test_a_line_has_no_inside_and_is_an_error() -> None:
    world = land(n=1, blue_line=shapely.LineString([(0, 0), (1, 1)]))
    assert codes_of(world, RULE) == [("error", "rule_layer_not_polygons", "blue_line")]


def test_unknown_spaces_and_kinds_are_errors() -> None:
    wanted = rule("land_lines", waived=["x"], reviewed={"y": "z"}, kinds=["castle"])
    assert [(c, v) for _, c, v in codes_of(land(), wanted)] == [
        ("rule_unknown_kind", "castle"),
        ("rule_unknown_site", "x"),
        ("rule_unknown_site", "y"),
    ]


def test_layers_of_any_name_can_be_asked() -> None:
    world = with_zones(land(), {"flood": zone(shapely.box(-50, -50, 50, 50))})
    wanted = rule("land_lines", forbidden=["flood"], inside=(), lines=())
    assert accepted(world, wanted) == [[], [(1, 0)]]


def test_a_space_with_a_shape_that_crosses_itself_is_still_judged() -> None:
    bow = shapely.Polygon([(-10, -10), (10, 10), (10, -10), (-10, 10)])
    world = with_sites(land(n=1, permanent_basic_farmland=EVERYWHERE), geometry=geometries([bow]))
    assert accepted(world, RULE) == [[]]


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_best_space_on_sound_land_is_found(engine: str) -> None:
    world = land(n=3, ecological_red_line=shapely.box(1990, -50, 2050, 50))
    assert solved(world, [RULE, rule("count", max=1)], by=engine).opened == ["s001/t0"]


def test_several_outlets_in_one_space_are_one_row() -> None:
    world = row_of_spaces(1, 2, kind=["corner_plot"], slots=[2])
    world = with_zones(world, {FARM: zone(EVERYWHERE)})
    assert stated(world, RULE) == [(f"s000: {FARM}", {"s000/t0": 1.0, "s000/t1": 1.0}, -INF, 0.0)]
    found = [v for v in verdicts(world, RULE, [(0, 0), (0, 1)]) if v.checked]
    assert [(v.need, v.got, v.unit) for v in found] == [(0.0, 2.0, "outlets")]
    assert np.isfinite(found[0].detail["wrong_m2"])
