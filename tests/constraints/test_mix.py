"""Commercial mix: each sector's share of all outlets, by floor area or number, within bounds."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.world import World
from tests.norm_worlds import found, town, verdicts
from tests.programs import INF, accepted, judged, rule, solved, stated

QINGDAO = {"shopping": 0.4, "catering": 0.3, "other": 0.3}
BY_COUNT = rule("mix", by="count", least={"catering": 0.25}, most={"shopping": 0.5})


def parade(n: int = 2, area: tuple[float, ...] = (40.0, 30.0, 30.0), **over: object) -> World:
    """t0 shops, t1 caters, t2 is another."""
    about = {"area_m2": np.array(area), "sector": ["shopping", "catering", "other"]}
    return town(n, 3, types=about, **over)  # type: ignore[arg-type]


def test_the_rows_weigh_a_sector_against_all_in_whole_numbers() -> None:
    least, most = sorted(stated(parade(1), BY_COUNT))
    assert least == ("catering", {"s000/t0": -1.0, "s000/t1": 3.0, "s000/t2": -1.0}, 0.0, INF)
    assert most == ("shopping", {"s000/t0": 1.0, "s000/t1": -1.0, "s000/t2": -1.0}, -INF, 0.0)


def test_by_area_the_rows_are_in_square_metres() -> None:
    ((_, terms, low, up),) = stated(parade(1), rule("mix", least={"catering": 0.3}))
    assert terms == pytest.approx({"s000/t0": -12.0, "s000/t1": 21.0, "s000/t2": -9.0})
    assert (low, up) == (0.0, INF)


def test_the_target_itself_and_the_ends_of_the_tolerance_hold() -> None:
    exact = rule("mix", target=QINGDAO, tolerance=0.0)
    every = [(0, 0), (0, 1), (0, 2)]
    assert judged(parade(), exact, every)
    assert not judged(parade(area=(40.01, 30.0, 30.0)), exact, every)
    assert every in accepted(parade(), exact)
    tenth = rule("mix", target={"shopping": 0.4}, tolerance=0.1)
    assert judged(parade(area=(50.0, 30.0, 20.0)), tenth, every)
    assert not judged(parade(area=(50.01, 30.0, 19.99)), tenth, every)
    assert every in accepted(parade(area=(30.0, 40.0, 30.0)), tenth)
    assert every not in accepted(parade(area=(29.99, 40.0, 30.01)), tenth)


def test_without_any_outlet_there_is_no_mix_and_the_rule_holds() -> None:
    assert [] in accepted(parade(), BY_COUNT)
    assert all(v.holds and math.isnan(v.got) for v in verdicts(parade(), BY_COUNT))


def test_outlets_that_stand_count_on_both_sides() -> None:
    world = parade(3, standing=[[1, 0, 0], [0, 0, 0], [0, 0, 0]])
    assert [] not in accepted(world, BY_COUNT)  # one shop alone: 100 % shopping, 0 % catering
    assert [(1, 1)] in accepted(world, BY_COUNT)
    low, high = sorted(verdicts(world, BY_COUNT, [(1, 1)]), key=lambda v: v.subject)
    assert (low.subject, low.sense, low.need, low.got) == ("catering", "ge", 0.25, 0.5)
    assert (high.subject, high.sense, high.need, high.got) == ("shopping", "le", 0.5, 0.5)
    assert low.detail["standing_whole_outlets"] == 1.0 and low.detail["whole_outlets"] == 2.0
    new_only = rule("mix", by="count", least={"catering": 0.25}, most={"shopping": 0.5}, count_existing=False)
    assert [] in accepted(world, new_only)


def test_a_standing_outlet_without_area_counts_as_large_as_its_type_and_is_told_of() -> None:
    world = parade(2, standing=[[1, 0, 0], [0, 0, 0]])
    by_area = rule("mix", least={"catering": 0.25})
    assert [v.detail["standing_whole_m2"] for v in verdicts(world, by_area)] == [40.0]
    assert [f.code for f in found(world, by_area)] == ["norm_standing_area_unsaid"]
    assert found(world, BY_COUNT) == []
    accepted(world, by_area)


def test_each_community_may_have_its_own_mix() -> None:
    world = parade(2, communities=[{"id": "A"}, {"id": "B"}], site_community=[0, 1])
    each = rule("mix", by="count", most={"shopping": 0.5}, per="community")
    assert [(v.subject, v.holds) for v in verdicts(world, each, [(0, 0), (1, 1)])] == [
        ("A: shopping", False),
        ("B: shopping", True),
    ]
    assert judged(world, rule("mix", by="count", most={"shopping": 0.5}), [(0, 0), (1, 1)])
    accepted(world, each)


def test_only_named_types_are_in_the_mix() -> None:
    two = rule("mix", by="count", least={"catering": 0.5}, types=["t0", "t1"])
    assert judged(parade(), two, [(0, 0), (0, 1), (0, 2), (1, 2)])
    assert all("t2" not in name for _, terms, _, _ in stated(parade(), two) for name in terms)


def test_an_add_on_in_a_standing_outlet_takes_no_new_area() -> None:
    world = parade()
    kind = np.array(["existing_outlet", "idle_premises"], dtype=object)
    world = replace(world, sites=replace(world.sites, kind=kind))
    world = replace(world, types=replace(world.types, base=np.zeros(len(world.types), dtype=bool)))
    ((_, terms, _, _),) = stated(world, rule("mix", least={"catering": 0.3}))
    assert all(name.startswith("s001") for name in terms)
    ((_, counted, _, _),) = stated(world, rule("mix", by="count", least={"catering": 0.3}))
    assert any(name.startswith("s000") for name in counted)


def test_a_type_without_sector_is_an_error() -> None:
    world = town(1, 1)
    (finding,) = found(world, BY_COUNT)
    assert (finding.severity, finding.code, finding.field) == ("error", "norm_sector_missing", "types.t0.sector")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "mix_unsaid"),
        ({"least": {"other": 0.5}, "most": {"other": 0.4}}, "mix_crossed"),
        ({"least": {"other": 0.5, "shopping": 0.5, "catering": 0.1}}, "mix_impossible"),
        ({"most": {"other": 0.2, "shopping": 0.2, "catering": 0.2}}, "mix_impossible"),
    ],
)
def test_bounds_that_no_mix_can_keep_are_refused(params: dict[str, object], code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        rule("mix", **params)
    assert [e["type"] for e in caught.value.errors()] == [code]


def test_an_unknown_sector_is_refused() -> None:
    with pytest.raises(ValidationError):
        rule("mix", least={"shoping": 0.5})


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_engine_keeps_the_mix(engine: str) -> None:
    found_plan = solved(parade(2, slots=[2, 2]), [rule("mix", by="count", most={"shopping": 0.3})], by=engine)
    assert sum(name.endswith("t0") for name in found_plan.opened) * 10 <= 3 * len(found_plan.opened)
