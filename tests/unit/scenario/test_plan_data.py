"""Phases, zones, tiers, conversion and add-ons as a scenario says them: every slip is found where it is written."""

from __future__ import annotations

import pytest

from siteopt.scenario.paths import rebased

PHASES = "phases:\n- {name: 2026, months: 12}\n- {name: 远期, months: 36, weight: 2}\n"


def test_phases_are_read_in_order(town, good_text: str) -> None:
    phases = town.good(good_text + PHASES).spec.phases
    assert [(p.name, p.months, p.weight) for p in phases] == [("2026", 12, 1), ("远期", 36, 2)]
    assert town.good(good_text).spec.phases == ()


@pytest.mark.parametrize(
    ("phases", "code", "field"),
    [
        ("[{name: a, months: 12}, {name: b, months: 12}]", "phase_order", "phases.1.months"),
        ("[{name: a, months: 12}, {name: b, months: 6}]", "phase_order", "phases.1.months"),
        ("[{name: a, months: 6}, {name: a, months: 12}]", "phase_twice", "phases.1.name"),
        ("[{name: a, months: 6, weight: 0}]", "phase_no_weight", "phases"),
        ("[{name: a, months: 0}]", "number_above", "phases.0.months"),
        ("[{name: a, months: 601}]", "number_at_most", "phases.0.months"),
        ("[{name: a, months: .nan}]", "number_finite", "phases.0.months"),
        ("[{name: a, months: soon}]", "expects_number", "phases.0.months"),
        ("[{name: a, months: true}]", "expects_number", "phases.0.months"),
        ("[{name: a, months: 3, weight: -1}]", "number_at_least", "phases.0.weight"),
        ("[{months: 6}]", "missing_key", "phases.0.name"),
        ("[{name: a}]", "missing_key", "phases.0.months"),
        ("[{name: '', months: 6}]", "text_too_short", "phases.0.name"),
        ("[{name: a, month: 6, months: 6}]", "unknown_key", "phases.0.month"),
        ("6", "expects_list", "phases"),
    ],
)
def test_a_slip_in_the_phases_is_found(town, good_text: str, phases: str, code: str, field: str) -> None:
    ((found, row, where),) = town.faults(f"{good_text}phases: {phases}\n")
    assert (found, where) == (code, field) and str(row).startswith("20:")


def test_more_than_twelve_phases_are_too_many(town, good_text: str) -> None:
    listed = ", ".join(f"{{name: p{n}, months: {n}}}" for n in range(1, 14))
    assert [(code, field) for code, _, field in town.faults(f"{good_text}phases: [{listed}]\n")] == [
        ("too_many", "phases")
    ]
    assert len(town.good(f"{good_text}phases: [{listed.rsplit(', {', 1)[0]}]\n").spec.phases) == 12


@pytest.mark.parametrize(
    ("old", "new", "code", "field", "nearest"),
    [
        ("  within:", "  months_by_kind: {idle_premise: 3}\n  within:", "kind_unknown",
         "candidates.months_by_kind.idle_premise", "idle_premises"),
        ("  within:", "  conversion: {existing_outlet: {fixed: 3}}\n  within:", "kind_unknown",
         "candidates.conversion.existing_outlet", None),
        ("  within:", "  conversion: {corner_plot: {fix: 3}}\n  within:", "unknown_key",
         "candidates.conversion.corner_plot.fix", "fixed"),
        ("  within:", "  conversion: {corner_plot: {fixed: -3}}\n  within:", "number_at_least",
         "candidates.conversion.corner_plot.fixed", None),
        ("  within:", "  months_by_kind: {corner_plot: 700}\n  within:", "number_at_most",
         "candidates.months_by_kind.corner_plot", None),
        ("types:\n", "existing: [{file: a.csv, of_type: market, addons: [stal]}]\ntypes:\n", "type_unknown",
         "existing.0.addons.0", "stall"),
        ("types:\n", "communities: {file: c, tiers: {center: {people: 1}}}\ntypes:\n", "unknown_key",
         "communities.tiers.center", "centre"),
        ("types:\n", "communities: {file: c, tiers: {centre: {people: -1}}}\ntypes:\n", "number_at_least",
         "communities.tiers.centre.people", None),
        ("types:\n", "communities: {file: c, tiers: {centre: {residents: 1}}}\ntypes:\n", "unknown_key",
         "communities.tiers.centre.residents", None),
        ("types:\n", "communities: {file: c, values: {a: {pilot: perhaps}}}\ntypes:\n", "expects_yes_no",
         "communities.values.a.pilot", None),
        ("types:\n", "zones: {school_gates: {fle: a.csv}}\ntypes:\n", "unknown_key", "zones.school_gates.fle",
         "file"),
        ("types:\n", "zones: {school_gates: gates.csv}\ntypes:\n", "expects_mapping", "zones.school_gates", None),
        ("types:\n", "zones: [a.csv]\ntypes:\n", "expects_mapping", "zones", None),
    ],
)  # fmt: skip
def test_a_slip_in_what_rules_look_at_is_found(town, changed, old, new, code, field, nearest) -> None:
    found = town.faults(changed(old, new))
    assert (code, field) in [(c, f) for c, _, f in found]
    finding = next(f for f in town.findings if f.code == code)
    assert nearest is None or finding.facts["nearest"] == nearest


def test_an_add_on_may_have_a_rate_for_existing_outlets(town, changed) -> None:
    text = changed("per_m2: {idle_premises: 400}", "per_m2: {idle_premises: 400, existing_outlet: 90}")
    assert town.good(text).spec.types["market"].cost.per_m2["existing_outlet"] == 90


def test_zone_files_follow_the_file_that_names_them_whatever_the_zone_is_called(town, good_text: str) -> None:
    zones = (
        "zones: {values: {file: a.gpkg}, where: {file: b.gpkg, within: c.gpkg, where: {file: x}}, file: {file: d}}\n"
    )
    town.write(good_text + zones, "base/town.yaml")
    loaded = town.good("extends: base/town.yaml\n")
    found = loaded.spec.zones
    assert [z.file for z in found.values()] == ["base/a.gpkg", "base/b.gpkg", "base/d"]
    assert found["where"].within == "base/c.gpkg" and found["where"].where == {"file": "x"}
    moved = rebased(loaded.resolved, "..")["zones"]
    assert moved["values"]["file"] == "../base/a.gpkg" and moved["where"]["where"] == {"file": "x"}


def test_variants_and_settings_change_phases_and_zones(town, good_text: str) -> None:
    text = good_text + PHASES + "zones: {green_line: {file: a.gpkg}}\n"
    loaded = town.good(text, sets=("phases.1.months=24", "zones.green_line.file=b.gpkg"))
    assert loaded.spec.phases[1].months == 24 and loaded.spec.zones["green_line"].file == "b.gpkg"


def test_the_examples_of_the_page_about_this_data_can_be_read(town, root) -> None:
    page = (root / "docs" / "plan-data.md").read_text(encoding="utf-8")
    blocks = [block.split("```", 1)[0] for block in page.split("```yaml\n")[1:]]
    assert len(blocks) == 5
    sheet = blocks.pop(1)  # the survey sheet has a test of its own: tests/unit/layers/test_survey_sheet.py
    assert sheet.startswith("existing:")
    types = "types: {parcel_locker: {area_m2: 2, base: false}, vegetable_market: {area_m2: 300, capacity: 900}}\n"
    text = f"siteopt: 1\nname: t\ndemand: {{file: a.csv, people: p}}\n{types}"
    spec = town.good(text + "".join(blocks)).spec
    assert spec.communities.values["C07"].tier == "centre" and next(iter(spec.zones)) == "school_gates"
    assert spec.existing[0].addons == ("parcel_locker",) and spec.phases[1].weight == 2
