from __future__ import annotations

import pytest
import yaml

from siteopt.scenario.paths import rebased
from siteopt.scenario.policy_pack import Policies, composed

PACK = """\
pack: town-2024
types:
  market: {weight: 2, limit_min: 12}
  kiosk: {weight: 3}
items:
  - name: money
    rule: budget
    clauses: [H7]
    params: {amount: 500}
  - name: gaps
    rule: spacing
    clauses: [H18]
    params: {least_m: 40, type: stall}
  - name: gaps_of_kiosks
    rule: spacing
    clauses: [H18]
    params: {least_m: 40, type: kiosk}
  - name: all_of_them
    rule: budget
    clauses: [H2]
    each: true
    params: {amount: 7, types: [market, kiosk, tea_house]}
  - name: any_of_them
    rule: budget
    clauses: [H3]
    any_of: [types]
    params: {amount: 8, types: [market, kiosk]}
  - name: by_community
    rule: budget
    clauses: [H8]
    needs: [communities]
    params: {amount: 9}
  - name: without_a_figure
    rule: budget
    clauses: [H19]
    asks: [amount]
    params: {}
  - name: template
    rule: spacing
    clauses: [H10]
    in_force: false
    params: {least_m: 100, type: market}
"""
LATER = """\
pack: later
items:
  - {name: money, rule: budget, clauses: [H7], params: {amount: 900}}
"""
POLICIES = Policies({"town-2024": PACK, "later": LATER}, frozenset({"market", "stall", "kiosk", "tea_house"}))


@pytest.fixture
def with_policy(good_text: str) -> str:
    return good_text + "policy: town-2024\n"


def rules(loaded) -> dict[str, dict]:
    return {name: params.model_dump() for _, name, params in loaded.constraints}


def test_one_line_turns_a_packs_rules_on_before_the_scenarios_own(town, with_policy: str) -> None:
    loaded = town.good(with_policy, policies=POLICIES)
    assert list(rules(loaded)) == ["money", "gaps", "all_of_them", "any_of_them", "budget", "spacing"]
    assert rules(loaded)["money"] == {"amount": 500, "types": None}
    assert loaded.from_policy["money"].policy == "town-2024" and loaded.from_policy["money"].clauses == ("H7",)
    assert not loaded.from_policy["money"].asked and loaded.from_policy["money"].kept == ("amount",)
    assert "budget" not in loaded.from_policy
    assert loaded.spec.policy == "town-2024"


def test_without_a_policy_nothing_changes(town, good_text: str) -> None:
    loaded = town.good(good_text, policies=POLICIES)
    assert list(rules(loaded)) == ["budget", "spacing"]
    assert loaded.set_aside == () and loaded.from_policy == {}
    assert town.good(good_text + "policy:\n", policies=POLICIES).spec.policy is None


def test_a_packs_values_for_types_lie_under_the_scenarios_and_add_no_type(town, with_policy: str) -> None:
    types = town.good(with_policy, policies=POLICIES).spec.types
    assert list(types) == ["market", "stall"]
    assert (types["market"].weight, types["market"].limit_min, types["market"].area_m2) == (2, 12, 800)
    own = with_policy.replace("market: {area_m2: 800", "market: {weight: 5, area_m2: 800")
    assert town.good(own, policies=POLICIES).spec.types["market"].weight == 5


def test_a_rule_whose_types_are_absent_is_set_aside_and_told(town, with_policy: str) -> None:
    loaded = town.good(with_policy, policies=POLICIES)
    aside = {one.name: one for one in loaded.set_aside}
    assert set(aside) == {"gaps_of_kiosks", "all_of_them", "by_community", "without_a_figure"}
    assert aside["gaps_of_kiosks"].missing == ("kiosk",) and aside["gaps_of_kiosks"].clauses == ("H18",)
    assert aside["all_of_them"].missing == ("kiosk", "tea_house")  # the part of it that cannot be checked
    assert rules(loaded)["all_of_them"]["types"] == ("market",)
    assert rules(loaded)["any_of_them"]["types"] == ("market",)
    assert aside["by_community"].missing == ("communities",)
    assert aside["without_a_figure"].missing == ("amount",)
    told = [(f.severity, f.code, f.file, f.row, f.field) for f in town.findings]
    assert told == [
        ("info", "policy_types_absent", "policy town-2024", "14:5", "constraints.gaps_of_kiosks"),
        ("info", "policy_types_absent_in_part", "policy town-2024", "18:5", "constraints.all_of_them"),
        ("info", "policy_data_absent", "policy town-2024", "28:5", "constraints.by_community"),
        ("info", "policy_figure_absent", "policy town-2024", "33:5", "constraints.without_a_figure"),
    ]
    assert "kiosk" in aside["gaps_of_kiosks"].why("zh") and "未核查" in aside["gaps_of_kiosks"].why("zh")
    assert "NOT checked" in aside["gaps_of_kiosks"].why("en")


def test_a_figure_that_no_text_gives_brings_its_rule_in_force_when_the_scenario_gives_it(town, with_policy) -> None:
    given = with_policy.replace("constraints:\n", "constraints:\n  - {name: without_a_figure, amount: 4}\n", 1)
    assert rules(town.good(given, policies=POLICIES))["without_a_figure"]["amount"] == 4
    bare = with_policy.replace("constraints:\n", "constraints:\n  - {name: without_a_figure}\n", 1)
    assert ("missing_key", "13:5", "constraints.without_a_figure.amount") in town.faults(bare, policies=POLICIES)


def test_data_that_are_there_bring_the_rule_back(town, with_policy: str) -> None:
    loaded = town.good(with_policy + "communities: {file: c.gpkg}\n", policies=POLICIES)
    assert "by_community" in rules(loaded)
    more = with_policy.replace("types:\n", "types:\n  kiosk: {area_m2: 4}\n  tea_house: {area_m2: 9}\n")
    loaded = town.good(more, policies=POLICIES)
    assert rules(loaded)["all_of_them"]["types"] == ("market", "kiosk", "tea_house")
    assert [one.name for one in loaded.set_aside] == ["by_community", "without_a_figure"]
    assert loaded.spec.types["kiosk"].weight == 3


def test_a_rule_that_the_scenario_names_itself_lacks_its_data_with_an_error(town, with_policy: str) -> None:
    asked = with_policy.replace(
        "constraints:\n  - {rule: b", "constraints:\n  - {name: gaps_of_kiosks}\n  - {rule: b"
    )
    assert town.faults(asked, policies=POLICIES)[0] == ("type_unknown", "17:33", "constraints.gaps_of_kiosks.type")
    assert town.findings.errors[0].file == "policy town-2024" and len(town.findings.errors) == 1
    got = town.faults(with_policy, policies=POLICIES, sets=["constraints.gaps_of_kiosks.off=false"])
    assert next(code for code, *_ in got) == "type_unknown"


def own(text: str, rule: str) -> str:
    """A scenario with one more constraint."""
    return text.replace("constraints:\n", f"constraints:\n  - {{{rule}}}\n", 1)


@pytest.mark.parametrize("by_set", [False, True])
def test_a_changed_figure_leaves_the_packs_types_that_are_absent_out_as_before(
    town, with_policy, by_set: bool
) -> None:
    plain_run = town.good(with_policy, policies=POLICIES)
    sets = ["constraints.all_of_them.amount=6", "constraints.any_of_them.amount=5"] if by_set else []
    both = own(own(with_policy, "name: all_of_them, amount: 6"), "name: any_of_them, amount: 5")
    loaded = town.good(with_policy if by_set else both, policies=POLICIES, sets=sets)
    assert rules(loaded)["all_of_them"] == {"amount": 6, "types": ("market",)}
    assert rules(loaded)["any_of_them"] == {"amount": 5, "types": ("market",)}
    assert [(a.name, a.missing) for a in loaded.set_aside] == [(a.name, a.missing) for a in plain_run.set_aside]
    assert not loaded.from_policy["all_of_them"].asked
    assert {f.severity for f in town.findings} == {"info"}
    again = town.good(yaml.safe_dump(loaded.resolved, allow_unicode=True, sort_keys=False), policies=POLICIES)
    assert again.constraints == loaded.constraints and again.from_policy == loaded.from_policy
    assert [(a.name, a.missing) for a in again.set_aside] == [(a.name, a.missing) for a in loaded.set_aside]


def test_a_type_that_the_scenario_itself_puts_into_a_packs_rule_must_be_there(town, with_policy: str) -> None:
    faults = town.faults(own(with_policy, "name: all_of_them, types: [market, kiosk]"), policies=POLICIES)
    assert faults[0] == ("type_unknown", "13:41", "constraints.all_of_them.types.1")
    assert town.findings.errors[0].file == "scenario.yaml" and len(town.findings.errors) == 1
    loaded = town.good(own(with_policy, "name: all_of_them, types: [stall]"), policies=POLICIES)
    assert rules(loaded)["all_of_them"]["types"] == ("stall",)
    assert "all_of_them" not in [one.name for one in loaded.set_aside]  # nothing of the pack's own list is left


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("name: gaps_of_kiosks, least_m: 3", "policy_types_absent"),
        ("name: by_community, amount: 3", "policy_data_absent"),
    ],
)
def test_a_figure_of_a_rule_that_cannot_be_checked_at_all_is_warned_of(
    town, with_policy, rule: str, code: str
) -> None:
    loaded = town.good(own(with_policy, rule), policies=POLICIES)
    assert rule.split()[1].strip(",") in [one.name for one in loaded.set_aside]
    assert [f.code for f in town.findings if f.severity == "warning"] == [code]


def test_words_in_a_rule_that_is_off_or_set_aside_must_make_sense_and_are_told(town, with_policy: str) -> None:
    town.good(own(with_policy, "name: template, least_m: 90"), policies=POLICIES)
    assert next((f.severity, f.code, f.row) for f in town.findings) == ("warning", "policy_still_off", "13:5")
    for rule, code in {
        "name: template, least_m: -90": ("number_above", "13:31", "constraints.template.least_m"),
        "name: by_community, amount: .nan": ("number_finite", "13:34", "constraints.by_community.amount"),
        "name: by_community, amont: 3": ("unknown_key", "13:26", "constraints.by_community.amont"),
    }.items():
        town.faults(own(with_policy, rule), policies=POLICIES)
        assert [(f.code, f.row, f.field) for f in town.findings.errors] == [code]
    town.faults(own(with_policy, "name: by_comunity, amount: 3"), policies=POLICIES)
    assert [(f.code, f.facts["nearest"]) for f in town.findings.errors] == [("constraint_unknown", "by_community")]


def test_another_rule_under_a_packs_name_is_the_scenarios_own(town, with_policy: str) -> None:
    loaded = town.good(own(with_policy, "name: by_community, rule: budget, amount: 3"), policies=POLICIES)
    assert "by_community" in [one.name for one in loaded.set_aside]
    loaded = town.good(
        own(with_policy, "name: by_community, rule: spacing, least_m: 3, type: stall"), policies=POLICIES
    )
    assert rules(loaded)["by_community"]["least_m"] == 3 and "by_community" not in loaded.from_policy


def test_null_takes_a_parameter_out_of_a_packs_rule_and_a_default_out_of_a_type(town, with_policy: str) -> None:
    loaded = town.good(own(with_policy, "name: any_of_them, types: null"), policies=POLICIES)
    assert rules(loaded)["any_of_them"] == {"amount": 8, "types": None}
    faults = town.faults(own(with_policy, "name: money, amount: null"), policies=POLICIES)
    assert faults[0] == ("key_taken_out", "13:27", "constraints.money.amount") and len(town.findings.errors) == 1
    light = with_policy.replace("market: {", "market: {weight: null, ")
    assert town.good(light, policies=POLICIES).spec.types["market"].weight == 1
    assert town.good(with_policy, policies=POLICIES, sets=["types.market.weight="]).spec.types["market"].weight == 1


def test_a_setting_that_brings_data_or_takes_them_away_counts_for_the_packs_rules(town, with_policy: str) -> None:
    sets = ["communities.file=c.gpkg", "types.market=null"]
    loaded = town.good(with_policy, policies=POLICIES, sets=sets)
    assert "by_community" in rules(loaded) and list(loaded.spec.types) == ["stall"]
    assert {one.name: one.missing for one in loaded.set_aside}["all_of_them"] == ("market", "kiosk", "tea_house")


def test_the_scenarios_constraint_of_that_name_changes_a_packs_rule(town, with_policy: str) -> None:
    changed = with_policy.replace("constraints:\n", "constraints:\n  - {name: money, amount: 600}\n", 1)
    loaded = town.good(changed, policies=POLICIES)
    assert rules(loaded)["money"]["amount"] == 600
    assert not loaded.from_policy["money"].asked and loaded.from_policy["money"].kept == ()
    assert loaded.from_policy["money"].said == {"600"}
    assert loaded.at("constraints", 0, "amount").file == "scenario.yaml"
    assert loaded.at("constraints", 1, "least_m").file == "policy town-2024"


def test_a_packs_rule_is_switched_off_and_a_template_on_by_its_name(town, with_policy: str) -> None:
    switched = with_policy.replace(
        "constraints:\n",
        "constraints:\n  - {name: money, off: true}\n  - {name: template, off: false}\n"
        "  - {name: gaps_of_kiosks, off: true}\n",
        1,
    )
    loaded = town.good(switched, policies=POLICIES)
    assert "money" not in rules(loaded) and rules(loaded)["template"]["least_m"] == 100
    assert loaded.from_policy["template"].kept == ("least_m", "type") and loaded.from_policy["template"].asked
    assert [one.name for one in loaded.set_aside] == ["all_of_them", "by_community", "without_a_figure"]


def test_variants_and_settings_reach_packs_and_their_rules(town, good_text: str) -> None:
    text = good_text + "  official: {policy: town-2024, constraints: [{name: money, off: true}]}\n"
    assert "money" not in rules(town.good(text, policies=POLICIES, variant="official"))
    assert "gaps" in rules(town.good(text, policies=POLICIES, variant="official"))
    assert "gaps" not in rules(town.good(text, policies=POLICIES))
    assert town.good(text, policies=POLICIES).set_aside == () and not town.findings.errors
    sets = ["constraints.money.amount=77", "policy=town-2024", "constraints.gaps.off=true"]
    loaded = town.good(good_text, policies=POLICIES, sets=sets)
    assert rules(loaded)["money"]["amount"] == 77 and "gaps" not in rules(loaded)


def test_a_walk_longer_than_the_packs_circle_is_told_for_types_that_its_rules_speak_of(town, with_policy) -> None:
    far = with_policy.replace("market: {", "market: {limit_min: 20, ").replace("stall: {", "stall: {limit_min: 15, ")
    policies = Policies({"town-2024": "limit_min: 15\n" + PACK}, POLICIES.type_ids)
    told = [(f.severity, f.code, f.row, f.value) for f in town_findings(town, far, policies)]
    assert ("warning", "policy_limit_above", "10:23", 20) in told
    assert [code for _, code, *_ in told].count("policy_limit_above") == 1
    town.good(with_policy, policies=policies, sets=["types.stall.limit_min=16"])
    assert [(f.field, f.row) for f in town.findings if f.severity == "warning"] == [
        ("types.stall.limit_min", "--set")
    ]


def town_findings(town, text: str, policies: Policies) -> list:
    town.good(text, policies=policies)
    return list(town.findings)


def test_what_other_variants_set_aside_is_not_told(town, good_text: str) -> None:
    town.good(good_text + "  official: {policy: town-2024}\n", policies=POLICIES)
    assert list(town.findings) == []


def test_a_fault_in_another_variants_policy_is_found(town, good_text: str) -> None:
    faults = town.faults(good_text + "  official: {policy: town-2025}\n", policies=POLICIES)
    assert faults == [("policy_unknown", "20:22", "policy")]


def test_of_two_packs_the_later_ones_rule_stands(town, good_text: str) -> None:
    loaded = town.good(good_text + "policy: [town-2024, later]\n", policies=POLICIES)
    assert rules(loaded)["money"]["amount"] == 900 and loaded.from_policy["money"].policy == "later"
    loaded = town.good(good_text + "policy: [later, town-2024]\n", policies=POLICIES)
    assert rules(loaded)["money"]["amount"] == 500


def test_an_unknown_policy_names_the_nearest(town, good_text: str) -> None:
    assert town.faults(good_text + "policy: town-2042\n", policies=POLICIES) == [("policy_unknown", "20:9", "policy")]
    assert next(iter(town.findings)).facts == {"nearest": "town-2024", "expected": "later, town-2024"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("{a: 1}", "expects_text_or_list"),
        ("[[town-2024]]", "expects_text"),
        ("2024", "policy_unknown"),
        ("''", "policy_unknown"),
        ("[town-2024, nowhere]", "policy_unknown"),
        ("'../../etc/passwd'", "policy_unknown"),
    ],
)
def test_what_is_no_policy_is_a_finding(town, good_text: str, said: str, code: str) -> None:
    assert code in [c for c, *_ in town.faults(good_text + f"policy: {said}\n", policies=POLICIES)]


@pytest.mark.parametrize(
    "constraints", ["5", "[]", "", "[5, text, [x]]", "{rule: budget}", "[{name: {a: 1}}]", "[{off: true}]"]
)
def test_constraints_that_are_none_never_break_a_policy(town, good_text: str, constraints: str) -> None:
    head, tail = good_text.split("constraints:\n", 1)
    text = head + f"constraints: {constraints}\nvariants:\n" + tail.split("variants:\n")[1] + "policy: town-2024\n"
    town.load(text, policies=POLICIES)


def test_the_resolved_scenario_says_every_rule_and_loads_again_to_the_same(town, with_policy: str) -> None:
    switched = with_policy.replace(
        "constraints:\n",
        "constraints:\n  - {name: gaps, off: true}\n  - {name: template, off: false}\n  - {name: money, amount: 5}\n",
        1,
    )
    first = town.good(switched, policies=POLICIES)
    values = {item["name"]: item for item in first.resolved["constraints"]}
    assert values["any_of_them"]["policy"] == values["money"]["policy"] == "town-2024"
    assert values["gaps"] == {"name": "gaps", "off": True} and values["template"]["off"] is False
    again = town.good(yaml.safe_dump(first.resolved, allow_unicode=True, sort_keys=False), policies=POLICIES)
    assert again.resolved == first.resolved and again.constraints == first.constraints
    assert again.from_policy == first.from_policy
    assert [(a.name, a.missing) for a in again.set_aside] == [(a.name, a.missing) for a in first.set_aside]


def test_a_pack_speaks_of_types_by_the_catalogue_and_finds_the_scenarios_own(town, with_policy: str) -> None:
    own = with_policy.replace("  market: {area_m2: 800", "  菜市场: {catalogue: market, area_m2: 800").replace(
        "  stall: {", "  hall: {catalogue: market, area_m2: 90}\n  stall: {"
    )
    loaded = town.good(own, policies=POLICIES)
    assert rules(loaded)["all_of_them"]["types"] == ("菜市场", "hall")
    assert rules(loaded)["any_of_them"]["types"] == ("菜市场", "hall")
    assert loaded.spec.types["菜市场"].weight == 2 and loaded.spec.types["hall"].limit_min == 12


def test_a_pack_that_is_no_mapping_is_our_own_fault() -> None:
    with pytest.raises(ValueError, match="policy pack broken"):
        composed("broken", "- 1\n")


def test_a_rules_parameters_are_no_paths_even_where_they_are_called_like_some() -> None:
    values = {"constraints": [{"rule": "must_have", "within": "reach"}], "demand": {"within": "town.gpkg"}}
    assert rebased(values, "../q") == {**values, "demand": {"within": "../q/town.gpkg"}}
