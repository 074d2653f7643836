from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siteopt.findings import Findings
from siteopt.scenario.load import load
from siteopt.scenario.marks import find
from siteopt.scenario.paths import folder_from, rebased


def test_a_good_scenario_comes_complete(town, good_text: str) -> None:
    loaded = town.good(good_text)
    assert loaded.base == town.folder and loaded.file == "scenario.yaml" and loaded.variant is None
    assert loaded.objective[0] == "coverage" and loaded.objective[1].model_dump() == {"groups": {"residents": 1.0}}
    assert loaded.spec.constraints[0] == {"rule": "budget", "name": "budget", "amount": 300000.0, "types": None}
    assert loaded.resolved["solver"]["time_limit_s"] == 60 and loaded.resolved["demand"]["file"] == "data/cells.gpkg"
    assert loaded.at("types", "stall", "area_m2").row == "11:20"
    assert loaded.at("types", "stall", "limit_min").row == "11:3"


def test_the_resolved_scenario_loads_again_to_an_equal_one(town, good_text: str) -> None:
    first = town.good(good_text, variant="rich")
    again = town.good(yaml.safe_dump(first.resolved, allow_unicode=True))
    assert again.spec == first.spec and again.resolved == first.resolved
    assert again.constraints == first.constraints and again.objective == first.objective


def test_a_variant_is_laid_over_the_scenario(town, good_text: str) -> None:
    amounts = {
        v: town.good(good_text, variant=v).resolved["constraints"][0].get("amount") for v in (None, "rich", "free")
    }
    assert amounts == {None: 300000, "rich": 600000, "free": None}
    assert town.good(variant="free").variant == "free"


def test_a_variant_can_switch_a_rule_on_again(town, changed) -> None:
    text = (
        changed("amount: 300000}", "amount: 300000, off: true}")
        + "  tight: {constraints: [{name: budget, off: false}]}\n"
    )
    assert [n for _, n, _ in town.good(text).constraints] == ["spacing"]
    assert [n for _, n, _ in town.good(variant="tight").constraints] == ["budget", "spacing"]


def test_a_variant_that_changes_nothing_may_be_empty(town, good_text: str) -> None:
    assert town.good(good_text + "  baseline:\n", variant="baseline").variants == ("rich", "free", "baseline")


def test_an_unknown_variant_names_the_nearest(town, good_text: str) -> None:
    assert town.faults(good_text, variant="ritch") == [("variant_unknown", None, "variants")]
    assert next(iter(town.findings)).facts == {"nearest": "rich", "expected": "rich, free"}


@pytest.mark.parametrize(
    ("extra", "fault"),
    [
        ("  odd: {solvr: {}}\n", ("unknown_key", "20:9", "solvr")),
        ("  odd: {solver: {gap: 2}}\n", ("number_at_most", "20:23", "solver.gap")),
        ("  odd: [1]\n", ("expects_mapping", "20:8", "variants.odd")),
        ("  odd: {extends: a.yaml}\n", ("variant_key", "20:9", "variants.odd.extends")),
        ("  odd: {variants: {a: {}}}\n", ("variant_key", "20:9", "variants.odd.variants")),
        (
            "  odd: {constraints: [{name: bugdet, off: true}]}\n",
            ("constraint_unknown", "20:30", "constraints.bugdet"),
        ),
        (
            "  odd: {constraints: [{rule: budget}, {rule: budget, off: true}]}\n",
            ("constraint_name_twice", "20:46", "constraints.budget"),
        ),
    ],
)
def test_a_fault_in_a_variant_nobody_asked_for_is_found_too(town, good_text: str, extra: str, fault) -> None:
    assert town.faults(good_text + extra) == [fault]
    assert town.faults(good_text + extra, variant="rich") == [fault]


def test_what_variants_share_is_reported_once(town, changed) -> None:
    assert town.faults(changed("area_m2: 8,", "area_m2: -8,")) == [
        ("number_at_least", "11:20", "types.stall.area_m2")
    ]


def test_a_scenario_may_leave_to_its_variants_what_each_must_say(town, changed) -> None:
    text = changed("  file: spaces.csv\n", "") + "  whole: {candidates: {file: a.csv}}\n"
    assert town.good(text, variant="whole").spec.candidates.file == "a.csv"
    assert town.faults(text) == [("missing_key", "6:1", "candidates.file")]


def test_settings_reach_everything_in_order(town, good_text: str) -> None:
    sets = [
        "constraints.budget.amount=200000",
        "constraints.1.least_m=250",
        "solver.gap=0.05",
        "types.stall.cost={fixed: 3, source: me}",
        "types.stall.cost.fixed=4",
        "candidates.where={kind: 'a=b'}",
        "name=x",
    ]
    spec = town.good(good_text, variant="rich", sets=sets).spec
    assert [c.get("amount", c.get("least_m")) for c in spec.constraints] == [200000, 250]
    assert spec.solver.gap == 0.05 and spec.candidates.where == {"kind": "a=b"} and spec.name == "x"
    assert spec.types["stall"].cost.fixed == 4


@pytest.mark.parametrize(
    "path",
    [
        "candidates.within",
        "types.market.cost",
        "types.market.cost.per_m2.idle_premises",
        "types.market",
        "demand.people.elderly",
        "objective",
        "objective.groups",
        "existing",
        "constraints",
    ],
)
def test_null_takes_out_what_a_setting_a_variant_or_a_later_file_says_it_of(town, good_text: str, path: str) -> None:
    town.write(
        good_text
        + "objective: {name: coverage, groups: {residents: 2}}\nexisting: [{file: a.csv, of_type: stall}]\n",
        "base.yaml",
    )
    over: Any = None
    for key in reversed(path.split(".")):
        over = {key: over}
    bare = town.good("extends: base.yaml\n", sets=[f"{path}=null"])
    assert find(bare.tree, tuple(path.split("."))) is None
    assert find(town.good("extends: base.yaml\n").tree, tuple(path.split("."))) is not None
    later = town.good(yaml.safe_dump({"extends": "base.yaml", **over}))
    variant = town.good(yaml.safe_dump({"extends": "base.yaml", "variants": {"less": over}}), variant="less")
    assert bare.spec == later.spec == variant.spec
    assert town.good(yaml.safe_dump(bare.resolved, allow_unicode=True)).spec == bare.spec


def test_a_setting_of_null_takes_an_item_out_of_a_list(town, good_text: str) -> None:
    text = good_text + "existing: [{file: a.csv, of_type: stall}, {file: b.csv, of_type: stall}]\n"
    assert [e.file for e in town.good(text, sets=["existing.0=null"]).spec.existing] == ["b.csv"]


def test_null_switches_a_constraint_off_by_its_name(town, good_text: str) -> None:
    loaded = town.good(good_text, sets=["constraints.budget=null"])
    assert [name for _, name, _ in loaded.constraints] == ["spacing"]


@pytest.mark.parametrize(
    ("over", "place", "field", "value"),
    [
        ("candidates: {file: null}", "2:20", "candidates.file", "file"),
        ("demand:", "2:8", "demand", "demand"),
        ("name: ~", "2:7", "name", "name"),
        ("types: null", "2:8", "types", "types"),
        ("constraints: [{name: budget, amount: null}]", "2:38", "constraints.budget.amount", "amount"),
        ("objective: {name: null}", "2:19", "objective.name", "name"),
    ],
)
def test_taking_out_what_is_required_is_told_where_it_is_said(
    town, good_text: str, over: str, place: str, field: str, value: str
) -> None:
    town.write(good_text + "objective: {name: coverage}\n", "base.yaml")
    town.faults(f"extends: base.yaml\n{over}\n")
    found = [(f.code, f.file, f.row, f.field, f.value) for f in town.findings.errors]
    assert found == [("key_taken_out", "scenario.yaml", place, field, value)]


def test_null_over_nothing_is_a_value_that_is_missing(town, good_text: str) -> None:
    town.write(good_text, "base.yaml")
    assert town.faults("extends: base.yaml\nsolver: {gap: null}\n") == [("empty_value", "2:15", "solver.gap")]


def test_a_constraint_whose_name_has_dots_can_be_set(town, changed) -> None:
    text = changed("{rule: spacing, ", "{rule: spacing, name: a.b, ")
    assert town.good(text, sets=["constraints.a.b.least_m=9"]).resolved["constraints"][1]["least_m"] == 9


@pytest.mark.parametrize(
    ("setting", "code", "field", "nearest"),
    [
        ("constraints.bugdet.amount=1", "set_path", "constraints.bugdet", "budget"),
        ("constraints.7.amount=1", "set_path", "constraints.7", None),
        ("constraints.budget.amont=1", "unknown_key", "constraints.budget.amont", "amount"),
        ("types.stal.weight=1", "set_path", "types.stal", "stall"),
        ("solvr.gap=1", "unknown_key", "solvr", "solver"),
        ("solver.gpa=1", "unknown_key", "solver.gpa", "gap"),
        ("name.first=1", "set_path", "name.first", None),
        ("solver.gap=2", "number_at_most", "solver.gap", None),
        ("solver.gap", "set_syntax", None, None),
        ("=5", "set_syntax", None, None),
        ("a..b=5", "set_syntax", None, None),
        (".".join("a" * 50) + "=5", "set_syntax", None, None),
        ("solver.gap=[1", "yaml_bracket", None, None),
        ("solver.gap=!!python/name:os.system", "yaml_tag", None, None),
        ("solver.gap=", "empty_value", "solver.gap", None),
        ("extends=a.yaml", "unknown_key", "extends", None),
    ],
)
def test_a_setting_that_cannot_be_is_a_finding_that_says_set(
    town, good_text: str, setting: str, code: str, field: str | None, nearest: str | None
) -> None:
    assert town.faults(good_text, sets=[setting]) == [(code, "--set", field)]
    (finding,) = town.findings
    assert finding.file == "scenario.yaml" and (nearest is None or finding.facts["nearest"] == nearest)


def test_the_same_scenario_twice_gives_the_same_findings(town, changed) -> None:
    text = changed("area_m2: 8,", "area_m2: -8, x: 1, y: 2,")
    assert town.faults(text) == town.faults(text)


def test_a_resolved_scenario_moves_to_another_folder(town, good_text: str) -> None:
    loaded = town.good(good_text)
    prefix = folder_from(loaded.base, town.folder / "runs" / "one")
    moved = rebased(loaded.resolved, prefix)
    assert (
        moved["demand"]["file"] == "../../data/cells.gpkg" and moved["candidates"]["within"] == "../../data/town.gpkg"
    )
    assert rebased(loaded.resolved, ".") == loaded.resolved


words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=6)
tricky = st.sampled_from(
    ["off", "no", "1e5", "0101", "1:30", "2024-01-01", "null", "~", "=", "1_0", ".5", "- a", "a: b", "#"]
)
scalars = (
    words | tricky | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
)
columns = words | tricky | st.builds(lambda d: {"default": d}, scalars)
amounts = st.floats(1e-9, 1e10)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, object]:
    types = draw(
        st.lists(words.filter(str.strip) | tricky.filter(lambda w: w != "~"), min_size=1, max_size=3, unique=True)
    )
    return {
        "siteopt": 1,
        "name": "x",
        "demand": {
            "file": draw(words),
            "people": draw(columns),
            "where": draw(st.dictionaries(tricky, scalars, max_size=2)),
        },
        "candidates": {"file": draw(words), "id": draw(columns), "slots": draw(st.integers(0, 9) | words)},
        "types": {t: {"area_m2": draw(amounts), "cost": draw(amounts), "name": draw(words)} for t in types},
        "constraints": [{"rule": "budget", "amount": draw(amounts), "types": types}],
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents())
def test_whatever_loads_is_the_same_after_being_written_out(tmp_path: Path, models, document) -> None:
    def through(values: object) -> object:
        path = tmp_path / "scenario.yaml"
        path.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
        findings = Findings()
        loaded = load(path, findings, constraints=models[0], objectives=models[1])
        assert loaded is not None, list(findings)
        return loaded

    first = through(document)
    again = through(first.resolved)  # type: ignore[attr-defined]
    assert again.spec == first.spec and again.resolved == first.resolved  # type: ignore[attr-defined]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.text("ab:-[]{}&*!?|>'\"%@\t\n #~,<=0", max_size=60).map(str.encode))
def test_no_content_makes_a_traceback(tmp_path: Path, models, content: bytes) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_bytes(content)
    findings = Findings()
    assert load(path, findings, constraints=models[0], objectives=models[1]) is None
    assert findings.errors


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_value_in_any_place_makes_a_traceback(tmp_path: Path, models, good_text: str, data: st.DataObject) -> None:
    document = yaml.safe_load(good_text.replace("off:", "'off':"))
    here = document
    while True:
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        if not isinstance(here[key], dict | list) or not here[key] or data.draw(st.booleans()):
            break
        here = here[key]
    odd = scalars | st.none() | st.just([]) | st.just({}) | st.just([[1]]) | st.just({"column": {"x": []}})
    here[key] = data.draw(odd)
    path = tmp_path / "scenario.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    findings = Findings()
    loaded = load(path, findings, constraints=models[0], objectives=models[1], variant="rich")
    assert (loaded is None) == bool(findings.errors)
    assert all(f.row is not None for f in findings if f.code != "variant_unknown")
