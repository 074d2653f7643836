from __future__ import annotations

import numpy as np
import pytest

from siteopt.catalogue.unverified import Unverified, binds, unverified_in_use
from siteopt.plan import Verdict
from siteopt.text import topic
from siteopt.world import World
from tests.worlds import make_types, make_world


def a_world(types: tuple[str, ...], unverified: tuple[tuple[str, ...], ...]) -> World:
    here = np.zeros((1, 2))
    return make_world(
        cell_xy=here,
        people=np.ones(1),
        site_xy=here,
        types=make_types([15.0] * len(types), type_id=types, unverified=unverified),
    )


def verdict(rule: str, need: float, got: float, sense: str = "ge", unit: str = "outlets", **more: object) -> Verdict:
    return Verdict(rule, "x", need, got, sense, unit, holds=True, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("need", "got", "sense", "unit", "bound"),
    [
        (2, 2, "ge", "outlets", True),
        (2, 3, "ge", "outlets", False),
        (2.5, 3, "ge", "outlets", True),  # two would not do
        (3, 1, "ge", "outlets", True),  # broken: beyond the limit
        (4, 4, "le", "outlets", True),
        (4, 3, "le", "outlets", False),
        (300, 300.4, "ge", "m2", True),
        (300, 302, "ge", "m2", False),
        (0.1, 0.1 + 1e-12, "ge", "share", True),
        (0.1, 0.11, "ge", "share", False),
        (1e9, 1e9 + 0.5, "ge", "share", True),  # one part in a thousand million
        (500, 500.5, "ge", "m", False),
        (1, 1, "eq", "outlets", True),
        (0, float("nan"), "ge", "m", False),
        (0, float("inf"), "ge", "m", False),
    ],
)
def test_a_rule_binds_when_it_ends_at_its_limit(need, got, sense, unit, bound) -> None:
    assert binds(verdict("r", need, got, sense, unit)) is bound


def test_what_was_not_checked_binds_nothing() -> None:
    assert binds(verdict("r", 2, 2, checked=False)) is False


def test_figures_of_types_and_of_packs_are_listed_each_with_the_rules_that_it_bound_in() -> None:
    world = a_world(types=("infant_care", "kiosk"), unverified=(("area_m2", "theme"), ("cost",)))
    rules = {"money": "budget", "gap": "spacing", "town": "space_area", "pharmacy_spacing": "spacing"}
    policy = {
        "pharmacy_spacing": ("hongjiang-2024", ("types", "metres")),
        "commercial_area": ("hongjiang-2024", ("share",)),
    }
    verdicts = [
        verdict("money", 1000, 999.5, "le", "money"),
        verdict("town", 50, 10, "le", "m2"),
        verdict("pharmacy_spacing", 300, 300, "ge", "m"),
        verdict("pharmacy_spacing", 300, 800, "ge", "m"),
    ]
    found = unverified_in_use(world, rules, policy, verdicts)
    area = float(world.types.area_m2[0])
    assert found == (
        Unverified("type", "infant_care", "area_m2", area, "K", "", True, ("money",)),
        Unverified("type", "infant_care", "theme", "", "S01", "", False, ()),
        Unverified("type", "kiosk", "cost", None, None, "", True, ("money",)),
        Unverified("rule", "pharmacy_spacing", "metres", 300, "S26", "hongjiang-2024", True, ("pharmacy_spacing",)),
    )
    loose = unverified_in_use(world, rules, policy, [verdict("money", 1000, 10, "le", "money")])
    assert [one.bound for one in loose] == [False] * 4


def test_a_verified_rule_one_that_is_off_and_a_figure_that_the_scenario_changed_are_not_listed() -> None:
    world = a_world(types=("kiosk",), unverified=((),))
    policy = {
        "commercial_area": ("hongjiang-2024", ("share",)),
        "pharmacy_spacing": ("hongjiang-2024", ("types",)),
        "saturation": ("hongjiang-2024", ("m2_per_1000_people",)),
        "other": ("no-such-pack", ("a",)),
    }
    rules = {"commercial_area": "commercial_area", "pharmacy_spacing": "spacing", "other": "budget"}
    assert unverified_in_use(world, rules, policy, []) == ()


def test_a_types_own_name_finds_its_catalogue_entry() -> None:
    world = a_world(types=("托育",), unverified=(("area_m2",),))
    (one,) = unverified_in_use(world, {}, {}, [], catalogue_ids={"托育": "infant_care"})
    assert one.source == "K" and not one.bound and not np.isnan(one.value)


def test_every_figure_that_may_be_listed_has_its_words() -> None:
    for figure in ("area_m2", "cost", "category", "sector", "theme", "owner", "cooks", "service"):
        assert set(topic("catalogue")[f"unverified_{figure}"]) == {"en", "zh"}
