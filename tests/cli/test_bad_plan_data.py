"""Bad input about policies, phases, money, zones, tiers and dates: each told with its place and the way out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_bad_input import REMEDY
from tests.cli.town import CRS, Town, assert_calm, make_town

PACK = "policy: hongjiang-2024"
FULL = PACK + "|  - {name: full_coverage, "
AT = "constraints.full_coverage"
GATES = f"zones: {{school_gates: {{file: gates.csv, crs: '{CRS}'}}}}"

CASES = [
    # --- policies ---
    ("policy: ｈongjiang-２０２４", "policy_unknown", "policy", "ｈongjiang"),
    ("policy: {use: hongjiang-2024}", "expects_text_or_list", "policy", "policy:"),
    ("policy: 2024-05-30", "policy_unknown", "policy", "2024-05-30"),
    (f"{PACK}|  - {{name: full_covrage, share: 0.9}}", "constraint_unknown", "constraints.full_covrage",
     "full_covrage"),
    (FULL + "share: -0.5}", "number_at_least", f"{AT}.share", "-0.5"),
    (FULL + "share: .nan}", "number_finite", f"{AT}.share", ".nan"),
    (FULL + "share: ０．９}", "expects_number", f"{AT}.share", "０．９"),
    (FULL + "share: null}", "key_taken_out", f"{AT}.share", "null"),
    (FULL + "shaer: 1}", "unknown_key", f"{AT}.shaer", "shaer"),
    (FULL + "types: []}", "list_of_nothing", f"{AT}.types", "[]"),
    (FULL + "types: [maket]}", "type_unknown", f"{AT}.types.0", "maket"),
    (FULL + "off: 关}", "expects_yes_no", f"{AT}.off", "关"),
    # --- phases ---
    ("phases: {2026: 12}", "expects_list", "phases", "phases:"),
    ("phases: [{name: a, months: 2026-12-31}]", "expects_number", "phases.0.months", "2026-12-31"),
    ("phases: [{name: a, months: １２}]", "expects_number", "phases.0.months", "１２"),
    ("phases: [{name: a, months: -3}]", "number_above", "phases.0.months", "-3"),
    ("phases: [{name: 2026, months: 1}, {name: ２０２６, months: 2}]", "phase_twice", "phases.1.name", "２０２６"),
    ("phases: [{name: '  ', months: 3}]", "name_blank", "phases.0.name", "'  '"),
    ("|  - {rule: deadline, opens_by: 2026-12-31}", "rule_unknown_phase", "constraints.deadline.opens_by",
     "2026-12-31"),
    ("phases: [{name: a, months: 1}, {name: b, months: 2}]|  - {rule: deadline, opens_from: b, opens_by: a}",
     "deadline_reversed", "constraints.deadline.opens_from", "b, opens_by"),
    # --- money ---
    ("money: {sources: []}", "too_few", "money.sources", "sources:"),
    ("money: {sources: [{name: 财政}, {name: ' 财政'}]}", "money_source_twice", "money.sources.1.name", "' 财政'"),
    ("money: {sources: [{name: a, aid: {source: a, share: 0.5}}]}", "money_aids_itself", "money.sources.0.aid.source",
     "a, share"),
    ("money: {sources: [{name: a}]}|  - {rule: funding, source: a, amount: -5}", "number_at_least",
     "constraints.funding.amount", "-5"),
    ("money: {sources: [{name: a}]}|  - {rule: funding, source: b, amount: 5}", "funding_unknown_source",
     "constraints.funding.source", "b, amount"),
    ("|  - {rule: budget, name: more, amount: 30万}", "expects_number", "constraints.more.amount", "30万"),
    ("|  - {rule: budget, name: more, amount: 5, types: []}", "list_of_nothing", "constraints.more.types", "[]"),
    # --- zones ---
    ("zones: {school_gates: gates.csv}", "expects_mapping", "zones.school_gates", "gates.csv"),
    ("zones: [gates.csv]", "expects_mapping", "zones", "zones:"),
    # --- dates and places ---
    ("acceptance: {progress: {date: '2026-02-30'}}", "date_unknown", "acceptance.progress.date", "'2026-02-30'"),
    ("acceptance: {progress: {date: '２０２６-02'}}", "date_unknown", "acceptance.progress.date", "'２０２６-02'"),
    ("acceptance: {progress: {date: 2026/05/30}}", "date_unknown", "acceptance.progress.date", "2026/05/30"),
    ("acceptance: {progress: {date: '2026-05', spent: {budget: -5}}}", "number_at_least",
     "acceptance.progress.spent.budget", "-5"),
]  # fmt: skip
"""Lines more in the scenario, "|" before a constraint; code, field, and the text that the finding points at."""


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return make_town(tmp_path)


def add(town: Town, text: str) -> None:
    """Add lines to the scenario: what stands behind "|" to the constraints."""
    more, _, constraint = text.partition("|")
    path = town.save()
    whole = path.read_text(encoding="utf-8")
    if constraint:
        assert whole.count("\nsolver:") == 1
        whole = whole.replace("\nsolver:", f"\n{constraint.removeprefix('  ')}\nsolver:")
    path.write_text(f"{whole}{more}\n", encoding="utf-8")


def place_of(town: Town, text: str) -> str:
    """Where a text stands for the last time, as line:column."""
    whole = town.scenario.read_text(encoding="utf-8")
    before = whole[: whole.rindex(text)]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("text", "code", "field", "at"), CASES, ids=[f"{case[1]}-{case[2]}" for case in CASES])
def test_a_slip_is_told_where_it_stands_with_the_way_out(
    town: Town, text: str, code: str, field: str, at: str, language: str
) -> None:
    add(town, text)
    before = town.files()
    result = town.run("check", "--json", "--lang", language)
    assert_calm(result)
    assert result.exit_code == 3, result.output
    hits = [f for f in json.loads(result.stdout) if f["code"] == code]
    assert [(f["file"], f["field"], f["severity"]) for f in hits] == [("scenario.yaml", field, "error")]
    assert hits[0]["row"] == place_of(town, at)
    assert hits[0]["value"] is not None
    assert REMEDY[language].search(hits[0]["message"]), hits[0]["message"]
    assert town.files() == before


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        ("x,y\nnan,3010180\n", "not_a_number", "2"),
        ("x,y\n３９０１００,3010180\n", "not_a_number", "2"),
        ("x,y\n390100,3010180\n1,2,3\n", "bad_csv_row", "3"),
        ("", "empty_file", None),
    ],
)
def test_a_bad_layer_of_land_is_told_with_its_row(town: Town, content: str, code: str, row: str | None) -> None:
    (town.folder / "gates.csv").write_text(content, encoding="utf-8")
    add(town, GATES)
    result = town.run("check", "--json")
    assert_calm(result)
    assert result.exit_code == 3
    assert [(f["code"], f["file"], f["row"]) for f in json.loads(result.stdout)] == [(code, "gates.csv", row)]


def test_byte_order_marks_are_welcome_in_layers_of_land_and_in_the_scenario(town: Town) -> None:
    (town.folder / "gates.csv").write_bytes(b"\xef\xbb\xbfx,y\n390100,3010180\n")
    add(town, GATES)
    town.scenario.write_bytes(b"\xef\xbb\xbf" + town.scenario.read_bytes())
    result = town.run("check")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("tiers", "code", "field"),
    [
        ({"block": {"people": 900}, "centre": {"people": 100}}, "tier_never", "communities.tiers.block"),
        ({"block": {}, "community": {}}, "tier_never", "communities.tiers.block"),
        ({"centre": {"types": 99}}, "tier_types", "communities.tiers.centre.types"),
    ],
)
def test_a_tier_that_no_community_can_be_of_is_a_warning(town: Town, tiers: object, code: str, field: str) -> None:
    town.spec["communities"]["tiers"] = tiers
    result = town.run("check", "--json")
    assert result.exit_code == 0, result.output
    told = [(f["severity"], f["field"]) for f in json.loads(result.stdout) if f["code"] == code]
    assert told == [("warning", field)]


def test_a_word_that_is_nearly_a_tier_is_a_warning(town: Town) -> None:
    town.spec["communities"]["values"] = {"west": {"tier": "邻里街"}}
    result = town.run("check", "--json")
    assert result.exit_code == 0, result.output
    (found,) = [f for f in json.loads(result.stdout) if f["code"] == "tier_near"]
    assert "邻里街区" in found["message"] and found["value"] == "邻里街"
