"""Whom a rule is about, in the reader's words."""

from __future__ import annotations

from siteopt.layers.zones import ZONE_NAMES
from siteopt.report.sentences import amount, quantity
from siteopt.report.subjects import Subjects
from siteopt.text import topic
from tests.runs_builder import make_run


def test_types_that_stand_in_for_each_other_or_count_together_are_named_each() -> None:
    run = make_run()
    first, second = run.world.types.type_id[:2]
    names = [run.world.types.name[t]["zh"] for t in (0, 1)]
    subjects = Subjects(run)
    assert subjects[f"{first} / {second}"]["zh"] == " / ".join(names)
    assert subjects[f"{first} + {second}"]["zh"] == " + ".join(names)
    community = str(run.world.communities.community_id[0])
    assert subjects[f"{community}: {first} / {second}"]["zh"].endswith(" / ".join(names))
    assert subjects[f"{first} / who"] == {"zh": f"{first} / who", "en": f"{first} / who"}


def test_a_sector_is_named() -> None:
    assert Subjects(make_run())["catering"] == {"en": "catering", "zh": "餐饮"}


def test_compartments_are_a_unit() -> None:
    run = make_run()
    assert (amount(84, "compartments", run, "en"), amount(84, "compartments", run, "zh")) == (
        "84 compartments",
        "84个格口",
    )


def test_layers_of_land_are_named_and_every_name_that_rules_look_for_has_its_words() -> None:
    run = make_run()
    site = str(run.world.sites.site_id[0])
    assert Subjects(run)["ecological_red_line"]["zh"] == "生态保护红线"
    assert Subjects(run)[f"{site}: green_line"]["en"].endswith(": green line")
    assert set(topic("zones")) == set(ZONE_NAMES)


def test_kinds_of_several_types_each_are_named() -> None:
    run = make_run()
    first, second = run.world.types.type_id[:2]
    names = [run.world.types.name[t]["en"] for t in (0, 1)]
    assert Subjects(run)[f"{first} / {second} + {second}"]["en"] == f"{names[0]} / {names[1]} + {names[1]}"


def test_a_subject_below_a_rule_is_told_by_the_rules_title() -> None:
    run = make_run()
    label, rule = next(iter(run.rules.items()))
    title = rule["title"]
    assert Subjects(run)[f"{label}: 2026"] == {"en": f"{title['en']}: 2026", "zh": f"{title['zh']}：2026"}


def test_one_of_a_thing_is_told_in_the_singular() -> None:
    assert [quantity(n, "outlets", "CNY", "en") for n in (1.0, 2.0, None)] == ["1 outlet", "2 outlets", "—"]
    assert quantity(1.0, "outlets", "CNY", "zh") == "1处"
