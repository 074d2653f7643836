from __future__ import annotations

import pytest

from siteopt.catalogue.entries import TOPICS, Figure, entries, references

LISTED = [
    "convenience_store",
    "convenience_store_24h",
    "grocery_shop",
    "community_supermarket",
    "vegetable_market",
    "fresh_supermarket",
    "micro_market",
    "breakfast_shop",
    "breakfast_stall",
    "restaurant",
    "community_canteen",
    "barber",
    "beauty_salon",
    "laundry",
    "photo_print",
    "domestic_service",
    "repair",
    "pharmacy",
    "parcel_locker",
    "courier_station",
    "recycling_point",
    "dark_store",
    "elderly_care",
    "infant_care",
    "clinic",
    "stationery",
    "flower_shop",
    "large_supermarket",
    "service_complex",
]


def figures() -> list[tuple[str, str, Figure]]:
    found = [(id_, topic, f) for id_, e in entries().items() for topic in TOPICS for f in getattr(e, topic)]
    return found + [(id_, "category", e.category) for id_, e in entries().items()]


def test_every_listed_type_is_there_in_order_and_more() -> None:
    assert list(entries())[: len(LISTED)] == LISTED
    assert {"bakery", "gym", "car_wash", "library", "financial_outlet", "trending_shop"} <= set(entries())


def test_every_type_has_a_name_in_both_languages_and_no_two_the_same() -> None:
    for language in ("zh", "en"):
        names = [e.name[language] for e in entries().values()]
        assert all(names) and len(set(names)) == len(names)


def test_every_figure_has_a_source_that_is_listed_or_says_it_was_not_found() -> None:
    for id_, topic, figure in figures():
        assert figure.source in references() or (figure.source is None and figure.value is None), (id_, topic)


def test_what_was_recalled_advertised_or_classed_by_us_is_never_verified() -> None:
    unread = {s for s in references() if not s.startswith("S")} | {"S31"}
    assert {"GB50180", "K", "OURS", "GUIDE_K", "COMPLETE_K"} <= unread
    assert [(id_, topic) for id_, topic, f in figures() if f.source in unread and f.verified] == []
    assert [(id_, topic) for id_, topic, f in figures() if f.source not in unread | {None} and not f.verified] == []


def test_a_figure_without_value_is_a_remark_in_both_languages() -> None:
    for id_, topic, figure in figures():
        assert figure.value is not None or set(figure.note) == {"zh", "en"}, (id_, topic)
        assert set(figure.note) in (set(), {"zh", "en"}), (id_, topic)
        assert figure.value is None or topic == "category" or figure.unit, (id_, topic)


def test_ranges_go_up_and_areas_are_square_metres() -> None:
    for id_, topic, figure in figures():
        assert figure.to is None or figure.to > float(figure.value or 0), id_
        assert topic != "area" or figure.unit == "m2", id_


@pytest.mark.parametrize(
    ("type_id", "category", "public_interest"),
    [
        ("vegetable_market", "basic", "mixed"),
        ("pharmacy", "basic", False),
        ("elderly_care", "quality", True),
        ("restaurant", "mixed", False),
        ("service_complex", "host", True),
        ("museum", "quality", None),
    ],
)
def test_class_and_run_are_as_in_the_notes(type_id: str, category: str, public_interest: object) -> None:
    entry = entries()[type_id]
    assert (entry.category.value == category and entry.public_interest is public_interest) or (
        entry.public_interest == public_interest == "mixed" and entry.category.value == category
    )


def test_what_nobody_found_is_empty() -> None:
    assert entries()["parcel_locker"].capex == () and entries()["parcel_locker"].area == ()
    assert entries()["breakfast_shop"].norm == () and entries()["barber"].area == ()


@pytest.mark.parametrize(
    ("type_id", "area_m2"),
    [
        ("breakfast_stall", 10),  # one read figure
        ("service_complex", 600),  # definitions and pools do not count
        ("community_supermarket", 300),  # recalled, and the only one
        ("convenience_store", 150),  # the read one, not the recalled range
        ("pharmacy", None),  # three read figures
        ("vegetable_market", None),  # ranges by size
        ("clinic", None),  # a range
        ("restaurant", None),  # a definition of "small"
        ("parcel_locker", None),  # nothing found
    ],
)
def test_only_a_single_figure_can_stand_for_an_outlet(type_id: str, area_m2: float | None) -> None:
    figure = entries()[type_id].area_figure
    assert (figure.value if figure else None) == area_m2
