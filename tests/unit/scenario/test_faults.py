from __future__ import annotations

import pytest

CASES = [
    # old, new, code, row, field, value, facts
    ("name: 黔城 2026", "name: x\nnam: y", "unknown_key", "3:1", "nam", "nam", {"nearest": "name"}),
    ("name: 黔城 2026", "name: a/b", "scenario_name", "2:7", "name", "a/b", {}),
    ("siteopt: 1", "siteopt: 2", "scenario_version", "1:10", "siteopt", "2", {"expected": "1"}),
    ("scale: 100", "scal: 100", "unknown_key", "5:53", "demand.people.elderly.scal", "scal", {"nearest": "scale"}),
    ("scale: 100", "scale: 0", "number_above", "5:60", "demand.people.elderly.scale", "0", {"bound": "0"}),
    ("scale: 100", "scale: .inf", "number_finite", "5:60", "demand.people.elderly.scale", ".inf", {}),
    ("scale: 100", "scale: true", "expects_number", "5:60", "demand.people.elderly.scale", "true", {}),
    ("column: pop65, ", "column: [a], ", "expects_text", "5:38", "demand.people.elderly.column", "[…]", {}),
    ("column: pop65, ", "", "column_unsaid", "5:28", "demand.people.elderly", "{…}", {}),
    ("people: {residents: pop, elderly: {column: pop65, scale: 100}}", "people: [pop]", "people_unsaid",
     "5:3", "demand.people", "[…]", {}),
    ("people: {residents: pop, elderly: {column: pop65, scale: 100}}", "people: {}", "people_empty",
     "5:11", "demand.people", "{…}", {}),
    ("people: {residents: pop, elderly: {column: pop65, scale: 100}}", "people: {column: pop, scael: 2}",
     "unknown_key", "5:25", "demand.people.scael", "scael", {"nearest": "scale"}),
    ("people: {residents: pop, elderly: {column: pop65, scale: 100}}", "id: n", "missing_key",
     "3:1", "demand.people", "people", {}),
    ("  file: spaces.csv\n", "  file: spaces.csv\n  slots: -1\n", "number_at_least", "8:10", "candidates.slots",
     "-1", {"bound": "0"}),
    ("  file: spaces.csv\n", "  file: spaces.csv\n  slots: [1]\n", "expects_text_or_whole_or_mapping", "8:3",
     "candidates.slots", "[…]", {}),
    ("  file: spaces.csv\n", "  file:\n", "empty_value", "7:8", "candidates.file", None, {}),
    ("  file: spaces.csv\n", "  file: spaces.csv\n  where: {a: {b: 1}}\n",
     "expects_text_or_number_or_yes_no_or_list", "8:11", "candidates.where.a", "{…}", {}),
    ("  file: spaces.csv\n", "  file: spaces.csv\n  allowed_by_kind: {idle_premises: market}\n", "expects_list",
     "8:36", "candidates.allowed_by_kind.idle_premises", "market", {}),
    ("  file: spaces.csv\n", "  file: spaces.csv\n  trust_position: 7\n", "expects_yes_no", "8:19",
     "candidates.trust_position", "7", {}),
    ("area_m2: 8,", "area_m2: -8,", "number_at_least", "11:20", "types.stall.area_m2", "-8",
     {"bound": "0", "unit": " m²"}),
    ("area_m2: 8,", "area_m2: 8 m²,", "expects_number", "11:20", "types.stall.area_m2", "8 m²", {}),
    ("cost: 5000", "cost: -1", "number_at_least", "11:29", "types.stall.cost", "-1", {"bound": "0"}),
    ("cost: 5000", "cost: much", "expects_number_or_mapping", "11:29", "types.stall.cost", "much", {}),
    ("cost: 5000", "cost: {fixd: 3}", "unknown_key", "11:30", "types.stall.cost.fixd", "fixd", {"nearest": "fixed"}),
    ("cost: 5000", "category: basc", "not_a_choice", "11:33", "types.stall.category", "basc",
     {"nearest": "basic", "expected": "basic, quality"}),
    ("cost: 5000", "name: {fr: étal}", "unknown_key", "11:30", "types.stall.name.fr", "fr", {"expected": "zh, en"}),
    ("per_m2: {idle_premises: 400}", "per_m2: {idle_premises: x}", "expects_number", "10:57",
     "types.market.cost.per_m2.idle_premises", "x", {}),
    ("  market: {area_m2: 800, cost: {per_m2: {idle_premises: 400}, source: survey}}\n"
     "  stall: {area_m2: 8, cost: 5000}\n", "  {}\n", "too_few", "9:1", "types", "{…}", {"bound": "1"}),
    ("amount: 300000", "amount: 0", "number_above", "13:28", "constraints.budget.amount", "0", {"bound": "0"}),
    ("amount: 300000", "amount: 3, amont: 3", "unknown_key", "13:31", "constraints.budget.amont", "amont",
     {"nearest": "amount", "expected": "amount, types, rule, name, off"}),
    ("least_m: 300", "least_m: 6000", "number_at_most", "14:30", "constraints.spacing.least_m", "6000",
     {"bound": "5000", "unit": " m"}),
    ("least_m: 300", "how: [1], least_m: 3", "expects_other", "14:21", "constraints.spacing.how", "[…]", {}),
    ("least_m: 300, ", "", "missing_key", "14:5", "constraints.spacing.least_m", "least_m", {}),
    ("rule: budget, amount: 300000", "rule: budgt, amount: 3", "rule_unknown", "13:12", "constraints.budgt.rule",
     "budgt", {"nearest": "budget", "expected": "budget, spacing"}),
    ("rule: budget, amount: 300000", "rule: budget, amount: 3, name: [a]", "expects_text", "13:37",
     "constraints.budget.name", "[…]", {}),
    ("rule: budget, amount: 300000", "rule: budget, amount: 3, off: maybe", "expects_yes_no", "13:36",
     "constraints.budget.off", "maybe", {}),
    ("{rule: spacing, least_m: 300, type: stall}", "{amount: 3}", "missing_key", "14:5", "constraints.1.rule",
     "rule", {}),
    ("{rule: spacing, least_m: 300, type: stall}", "spacing", "expects_mapping", "14:5", "constraints.1",
     "spacing", {}),
    ("{rule: spacing, least_m: 300, type: stall}", "{rule: budget, amount: 3}", "constraint_name_twice", "14:12",
     "constraints.budget", "budget", {"first": "13:5"}),
    ("{rule: spacing, least_m: 300, type: stall}", "{name: budgit, amount: 3}", "constraint_unknown", "14:12",
     "constraints.budgit", "budgit", {"nearest": "budget"}),
    ("types:\n", "objective: {name: covrage}\ntypes:\n", "objective_unknown", "9:19", "objective.name", "covrage",
     {"nearest": "coverage"}),
    ("types:\n", "objective: {groups: {residents: 1}}\ntypes:\n", "missing_key", "9:1", "objective.name", "name", {}),
    ("types:\n", "objective: coverage\ntypes:\n", "expects_mapping", "9:12", "objective", "coverage", {}),
    ("types:\n", "currency: abcdefghijklm\ntypes:\n", "text_too_long", "9:11", "currency", "abcdefghijklm",
     {"bound": "12"}),
    ("types:\n", "solver: {threads: 1.5}\ntypes:\n", "expects_whole", "9:19", "solver.threads", "1.5", {}),
    ("types:\n", "travel: {speed_kmh: 40}\ntypes:\n", "number_at_most", "9:21", "travel.speed_kmh", "40",
     {"bound": "12", "unit": " km/h"}),
    ("types:\n", "existing:\n  - {file: a.csv}\ntypes:\n", "existing_type_once", "10:5", "existing.0", "{…}", {}),
    ("types:\n", "solver:\ntypes:\n", "empty_value", "9:8", "solver", None, {}),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "row", "field", "value", "facts"), CASES)
def test_a_fault_is_one_finding_with_place_value_and_way_out(
    town, changed, old, new, code, row, field, value, facts
) -> None:
    assert town.faults(changed(old, new)) == [(code, row, field)]
    (finding,) = town.findings
    assert finding.file == "scenario.yaml" and finding.value == value
    assert {key: finding.facts[key] for key in facts} == facts


def test_all_faults_come_at_once_in_the_order_of_the_file(town) -> None:
    text = """\
siteopt: 2
demand: {people: 3.5, id: {colum: x}}
candidates: {file: b.csv, slots: -1}
types:
  market: {area_m2: -3, cost: abc, limit_min: true}
constraints:
  - {rule: budgt}
  - {rule: spacing, least_m: -40, typ: market}
objective: {name: coverage, groups: {residents: heavy}}
"""
    assert town.faults(text) == [
        ("missing_key", "1:1", "name"),
        ("scenario_version", "1:10", "siteopt"),
        ("missing_key", "2:1", "demand.file"),
        ("unknown_key", "2:28", "demand.id.colum"),
        ("number_at_least", "3:34", "candidates.slots"),
        ("number_at_least", "5:21", "types.market.area_m2"),
        ("expects_number_or_mapping", "5:31", "types.market.cost"),
        ("expects_number", "5:47", "types.market.limit_min"),
        ("rule_unknown", "7:12", "constraints.budgt.rule"),
        ("missing_key", "8:5", "constraints.spacing.type"),
        ("number_above", "8:30", "constraints.spacing.least_m"),
        ("unknown_key", "8:35", "constraints.spacing.typ"),
        ("expects_number", "9:49", "objective.groups.residents"),
    ]


def test_a_number_where_text_is_asked_is_taken_letter_by_letter(town, changed) -> None:
    text = changed("residents: pop", "residents: 2020").replace("type: stall", "type: 1.10")
    loaded = town.good(text.replace("  stall:", "  1.10:") + "title: 007\nattribution: [5, 1.50]\n")
    people = loaded.spec.demand.people
    assert isinstance(people, dict) and people["residents"] == "2020"
    assert loaded.constraints[1][2].model_dump()["type"] == "1.10"
    assert loaded.spec.title == "007" and loaded.spec.attribution == ("5", "1.50")


def test_numbers_are_read_as_people_write_them(town, changed) -> None:
    loaded = town.good(changed("amount: 300000", "amount: 3e5").replace("cost: 5000", "cost: 5_000"))
    assert loaded.constraints[0][2].model_dump()["amount"] == 300000
    assert loaded.spec.types["stall"].cost == 5000


def test_words_that_yaml_takes_for_truths_elsewhere_stay_words(town, good_text: str) -> None:
    loaded = town.good(good_text + "communities: {file: c.csv, dissolve: yes, values: {off: {sense: off}, 01: {}}}\n")
    communities = loaded.spec.communities
    assert communities is not None and communities.dissolve is True
    assert communities.values["off"].sense == "off" and list(communities.values) == ["off", "01"]


def test_a_long_value_is_shown_short(town, changed) -> None:
    town.load(changed("cost: 5000", f"cost: {'x' * 500}"))
    (finding,) = town.findings
    assert len(finding.value) == 81 and finding.value.endswith("…")
