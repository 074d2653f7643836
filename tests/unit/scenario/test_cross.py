from __future__ import annotations

import pytest

CASES = [
    ("type: stall", "type: stal", "type_unknown", "14:41", "constraints.spacing.type", "stal", "stall"),
    ("amount: 300000", "amount: 3, types: [market, stal]", "type_unknown", "13:47", "constraints.budget.types.1",
     "stal", "stall"),
    ("types:\n", "objective: {name: coverage, groups: {elderli: 2}}\ntypes:\n", "group_unknown", "9:38",
     "objective.groups.elderli", "elderli", "elderly"),
    ("  within:", "  allowed_by_kind: {idle_premise: [market]}\n  within:", "kind_unknown", "8:21",
     "candidates.allowed_by_kind.idle_premise", "idle_premise", "idle_premises"),
    ("  within:", "  allowed_by_kind: {idle_premises: [market, stal]}\n  within:", "type_unknown", "8:45",
     "candidates.allowed_by_kind.idle_premises.1", "stal", "stall"),
    ("  within:", "  cost: {stal: price}\n  within:", "type_unknown", "8:10", "candidates.cost.stal", "stal",
     "stall"),
    ("types:\n", "existing: [{file: a.csv, of_type: markt}]\ntypes:\n", "type_unknown", "9:35", "existing.0.of_type",
     "markt", "market"),
    ("idle_premises: 400", "idle_premise: 400", "kind_unknown", "10:42", "types.market.cost.per_m2.idle_premise",
     "idle_premise", "idle_premises"),
    ("types:\n", "travel: {mode: streets}\ntypes:\n", "travel_block_missing", "9:16", "travel.mode", "streets", None),
    ("types:\n", "travel: {mode: table, streets: {file: a}}\ntypes:\n", "travel_block_missing", "9:16", "travel.mode",
     "table", None),
    ("types:\n", "travel: {table: {file: b}, streets: {file: a}}\ntypes:\n", "travel_mode_unclear", "9:1", "travel",
     "{…}", None),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "row", "field", "value", "nearest"), CASES)
def test_a_name_that_another_part_does_not_know_is_found(
    town, changed, old, new, code, row, field, value, nearest
) -> None:
    assert town.faults(changed(old, new)) == [(code, row, field)]
    (finding,) = town.findings
    assert finding.value == value and finding.facts.get("nearest") == nearest


def test_one_column_of_people_is_the_residents(town, changed) -> None:
    old = "people: {residents: pop, elderly: {column: pop65, scale: 100}}"
    assert town.good(changed(old, "people: pop")).spec.demand.people == "pop"
    text = changed(old, "people: pop") + "objective: {name: coverage, groups: {elderly: 1}}\n"
    assert town.faults(text) == [("group_unknown", "20:38", "objective.groups.elderly")]


@pytest.mark.parametrize("travel", ["{mode: straight_line}", "{mode: table, table: {file: m}, streets: {file: s}}"])
def test_a_mode_with_its_block_is_fine(town, good_text: str, travel: str) -> None:
    assert town.good(f"{good_text}travel: {travel}\n").spec.travel.mode is not None


def test_a_rule_that_is_off_may_say_what_it_likes(town, changed) -> None:
    loaded = town.good(changed("type: stall}", "type: gone, off: true}"))
    assert [name for _, name, _ in loaded.constraints] == ["budget"]
