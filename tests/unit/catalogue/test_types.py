from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.catalogue.types import outlet_types
from siteopt.findings import Findings
from siteopt.scenario.schema import ScenarioSpec, TypeSpec
from siteopt.text import fill, finding_entries
from siteopt.world import OutletTypes


def build(**types: object) -> tuple[OutletTypes | None, list[tuple[str, str, str | None]]]:
    spec = ScenarioSpec.model_validate(
        {
            "siteopt": 1,
            "name": "x",
            "demand": {"file": "a", "people": "p"},
            "candidates": {"file": "b"},
            "types": types,
        }
    )
    findings = Findings()
    built = outlet_types(spec, findings, file="scenario.yaml")
    for f in findings:
        for language in ("zh", "en"):
            sentence = fill(finding_entries()[f.code], language, {**f.facts, "field": f.field, "value": f.value})
            assert "…" not in sentence
    return built, [(f.severity, f.code, f.field) for f in findings]


def one(**said: object) -> OutletTypes:
    built, findings = build(shop={"area_m2": 50, **said})
    assert built is not None and findings == []
    return built


def test_the_scenario_comes_first_and_the_catalogue_fills_what_is_left_out() -> None:
    built, findings = build(
        pharmacy={"area_m2": 120, "limit_min": 10, "weight": 2, "base": False, "qualifies": False},
        elderly_care={"area_m2": 300, "category": "basic", "public_interest": False, "name": "养老"},
        shop={"area_m2": 0, "catalogue": "clinic"},
    )
    assert built is not None and findings == []
    assert built.type_id == ("pharmacy", "elderly_care", "shop")
    assert built.name == (
        {"zh": "药店", "en": "Pharmacy"},
        {"zh": "养老", "en": "养老"},
        {"zh": "社区卫生服务站（诊所）", "en": "Clinic"},
    )
    assert built.limit_min.tolist() == [10, 15, 15] and built.area_m2.tolist() == [120, 300, 0]
    assert built.weight.tolist() == [2, 1, 1] and built.category == ("basic", "basic", "quality")
    assert built.base.tolist() == [False, True, True] and built.qualifies.tolist() == [False, True, True]
    assert built.public_interest.tolist() == [False, False, True]
    assert np.isnan(built.capacity).all()  # not said
    assert not built.limit_min.flags.writeable and built.base.dtype == np.bool_


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({}, {"zh": "shop", "en": "shop"}),
        ({"name": "铺"}, {"zh": "铺", "en": "铺"}),
        ({"name": {"zh": "铺"}}, {"zh": "铺", "en": "铺"}),
        ({"name": {"en": "Shop", "zh": "铺"}}, {"zh": "铺", "en": "Shop"}),
        ({"name": {"zh": "我的药店"}, "catalogue": "pharmacy"}, {"zh": "我的药店", "en": "Pharmacy"}),
    ],
)
def test_a_type_has_a_name_in_every_language(said: dict, name: dict) -> None:
    assert one(**said).name == (name,)


@pytest.mark.parametrize(
    ("cost", "illustrative"),
    [
        (0, False),
        (5000, True),
        ({}, False),
        ({"fixed": 1}, True),
        ({"fixed": 1, "source": "tender 12"}, False),
        ({"per_m2": 3}, True),
        ({"per_m2": {"idle_premises": 0}}, False),
        ({"per_m2": {"idle_premises": 0, "corner_plot": 1}}, True),
    ],
)
def test_a_cost_without_a_source_is_illustrative(cost: object, illustrative: bool) -> None:
    assert one(cost=cost).illustrative.tolist() == [illustrative]


def test_an_area_that_is_not_settled_is_asked_for() -> None:
    built, findings = build(vegetable_market={}, shop={"name": "x"}, parcel_locker={})
    assert built is None
    assert findings == [
        ("error", "area_missing", f"types.{t}.area_m2") for t in ("vegetable_market", "shop", "parcel_locker")
    ]


def test_a_single_figure_is_used_and_said() -> None:
    built, findings = build(breakfast_stall={})
    assert built is not None and built.area_m2.tolist() == [10] and built.illustrative.tolist() == [False]
    assert findings == [("info", "area_from_catalogue", "types.breakfast_stall.area_m2")]


def test_a_recalled_figure_is_used_with_a_warning_and_marked_illustrative() -> None:
    built, findings = build(infant_care={})
    assert built is not None and built.area_m2.tolist() == [200] and built.illustrative.tolist() == [True]
    assert findings == [("warning", "area_unverified", "types.infant_care.area_m2")]


def test_an_unknown_catalogue_id_names_the_nearest() -> None:
    built, findings = build(shop={"catalogue": "pharmcy", "area_m2": 5})
    assert built is None and findings == [("error", "catalogue_unknown", "types.shop.catalogue")]


def test_a_class_that_the_notes_leave_open_is_said() -> None:
    built, findings = build(restaurant={"area_m2": 60})
    assert built is not None and built.category == ("quality",)
    assert findings == [("info", "category_unclear", "types.restaurant.category")]
    assert build(restaurant={"area_m2": 60, "category": "basic"})[1] == []


def test_circle_bureau_sector_and_norm_come_from_the_catalogue_unless_the_scenario_says_them() -> None:
    built, findings = build(
        pharmacy={"area_m2": 120},
        elderly_care={"area_m2": 300},
        restaurant={"area_m2": 60, "category": "basic", "theme": "night", "owner": "me", "sector": "other"},
        infant_care={"area_m2": 200, "service": "none"},
        shop={"area_m2": 9},
    )
    assert built is not None and findings == []
    assert built.theme.tolist() == ["medical", "elderly", "night", "education", ""]
    assert built.owner.tolist() == ["health", "civil_affairs", "me", "education", ""]
    assert built.sector.tolist() == ["shopping", "", "other", "", ""]
    assert built.service.tolist() == ["", "elderly_care", "", "", ""]
    assert not built.theme.flags.writeable


def test_what_smokes_is_taken_from_the_catalogue_and_asked_for_where_it_depends() -> None:
    built, findings = build(
        restaurant={"area_m2": 60, "category": "basic"}, breakfast_shop={"area_m2": 30}, cafe={"area_m2": 40}
    )
    assert built is not None and built.cooks.tolist() == [True, True, False]
    assert findings == [("info", "cooks_unclear", "types.breakfast_shop.cooks")]
    built, findings = build(breakfast_shop={"area_m2": 30, "cooks": False})
    assert built is not None and built.cooks.tolist() == [False] and findings == []


def test_sizes_capacities_money_and_compartments_are_the_scenarios() -> None:
    built, findings = build(
        parcel_locker={"area_m2": 6, "compartments": 80, "yearly_cost": -500},
        clinic={"area_m2": 120, "area_max_m2": 270, "capacity": 4000, "chain": True},
        vegetable_market={"area_m2": 800, "capacity_per_m2": 20},
    )
    assert built is not None and findings == []
    assert built.compartments[0] == 80 and np.isnan(built.compartments[1:]).all()
    assert built.yearly_cost.tolist() == [-500, 0, 0] and built.chain.tolist() == [False, True, False]
    assert built.area_max_m2.tolist() == [6, 270, 800]  # where areas are not chosen, the one there is
    assert np.isnan(built.capacity[0]) and built.capacity[1:].tolist() == [4000, 16000]


def test_a_largest_area_below_the_catalogues_is_an_error() -> None:
    built, findings = build(breakfast_stall={"area_max_m2": 5})
    assert built is None and ("error", "area_max_below", "types.breakfast_stall.area_max_m2") in findings


@pytest.mark.parametrize(
    ("said", "code"),
    [({"capacity": 5, "capacity_per_m2": 1}, "capacity_twice"), ({"area_max_m2": 40}, "area_max_below")],
)
def test_a_type_says_one_size_and_one_capacity(said: dict, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeSpec.model_validate({"area_m2": 50, **said})
    assert [error["type"] for error in refused.value.errors()] == [code] and code in finding_entries()


def test_the_unverified_figures_in_use_are_named_and_what_the_scenario_says_is_none() -> None:
    built, _ = build(
        infant_care={},  # a recalled area
        restaurant={"area_m2": 60, "category": "basic", "cost": 5000},
        shop={"area_m2": 9, "cost": {"fixed": 1, "source": "tender"}},
        elderly_care={"area_m2": 300},
    )
    assert built is not None
    assert built.unverified == (("area_m2",), ("cost", "sector", "theme", "owner", "cooks"), (), ())
