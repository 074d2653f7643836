from __future__ import annotations

import numpy as np
import pytest

from siteopt.catalogue.types import outlet_types
from siteopt.findings import Findings
from siteopt.scenario.schema import ScenarioSpec
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
    assert np.isnan(built.capacity).all()  # no rule limits people per outlet yet
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
