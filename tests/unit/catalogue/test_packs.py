from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from siteopt.catalogue.entries import TOPICS, aggregates, bureaus, entries, references, themes, themes_announced
from siteopt.catalogue.packs import FORCES, PackRule, pack_texts, packs
from siteopt.findings import Findings
from siteopt.model import objective
from siteopt.model.constraint import registry
from siteopt.policy import WANT_OF_DATA, policies
from siteopt.scenario.load import load
from siteopt.text import finding_entries, topic

RULES = [(pack, rule) for pack, one in packs().items() for rule in one.rules]
NO_FIGURE = {"detached": {"share": 0.5}, "reuse": {"share": 0.5}, "market_and_services": {"at_least": 1}}
"""Rules that the text encourages without a figure: the planner gives it when switching them on."""

ASKED = {"pilots": {"grades": {"basic": {"basic": 3}}}}
"""Rules that the text asks for without the figures that they need: not checked until the planner gives them."""

EVERYTHING = {
    "siteopt": 1,
    "name": "x",
    "demand": {"file": "a", "people": "p"},
    "candidates": {"file": "b"},
    "communities": {"file": "c"},
    "types": {id_: {"area_m2": 50} for id_ in entries()},
}


def fitted(tmp_path: Path, values: dict) -> tuple[object, Findings]:
    path = tmp_path / "s.yaml"
    path.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    findings = Findings()
    rules = {name: rule.parameters for name, rule in registry().items()}
    goals = {name: goal.parameters for name, goal in objective.registry().items()}
    return load(path, findings, constraints=rules, objectives=goals, policies=policies()), findings


def ids(rules: list[tuple[str, PackRule]]) -> list[str]:
    return [f"{pack}-{rule.name}" for pack, rule in rules]


def test_the_packs_are_those_of_the_plan_and_of_the_notice() -> None:
    assert list(packs()) == list(pack_texts()) == ["hongjiang-2024", "national-2025"]
    assert all(name == pack.id for name, pack in packs().items())
    for pack in packs().values():
        assert pack.issued < pack.until and pack.source in references()
        assert set(pack.title) == set(pack.note) == {"zh", "en"}
        assert set(pack.types) <= set(entries())
        names = [rule.name for rule in pack.rules]
        assert len(set(names)) == len(names) and all(re.fullmatch(r"[a-z_]+", name) for name in names)


@pytest.mark.parametrize("pack", list(packs()))
def test_every_rule_of_a_pack_fits_a_scenario_that_has_all_types(tmp_path: Path, pack: str) -> None:
    given = NO_FIGURE | ASKED
    on = [
        {"name": r.name, "off": False, **given.get(r.name, {})}
        for r in packs()[pack].rules
        if not r.in_force or r.asks
    ]
    loaded, findings = fitted(tmp_path, {**EVERYTHING, "policy": pack, "constraints": on})
    assert list(findings) == [] and loaded is not None
    assert {name for _, name, _ in loaded.constraints} == {r.name for r in packs()[pack].rules}
    assert loaded.set_aside == ()


def test_a_rule_that_the_text_asks_for_without_figures_is_not_checked_until_they_are_given(tmp_path: Path) -> None:
    assert [rule.name for _, rule in RULES if rule.asks] == list(ASKED)
    loaded, findings = fitted(tmp_path, {**EVERYTHING, "policy": "hongjiang-2024"})
    assert [(one.name, one.missing) for one in loaded.set_aside] == [("pilots", ("grades",))]
    assert [(f.severity, f.code) for f in findings] == [("info", "policy_figure_absent")]
    loaded, findings = fitted(
        tmp_path, {**EVERYTHING, "policy": "hongjiang-2024", "constraints": [{"name": "pilots", **ASKED["pilots"]}]}
    )
    assert not list(findings) and "pilots" in [name for _, name, _ in loaded.constraints]


@pytest.mark.parametrize("name", sorted(NO_FIGURE))
def test_a_rule_without_a_figure_asks_for_it_when_it_is_switched_on(tmp_path: Path, name: str) -> None:
    values = {**EVERYTHING, "policy": "hongjiang-2024", "constraints": [{"name": name, "off": False}]}
    loaded, findings = fitted(tmp_path, values)
    assert loaded is None
    key = next(iter(NO_FIGURE[name]))
    assert [(f.code, f.field) for f in findings.errors] == [("missing_key", f"constraints.{name}.{key}")]


@pytest.mark.parametrize(("pack", "rule"), RULES, ids=ids(RULES))
def test_a_rule_has_its_sentence_source_standing_and_known_clauses(pack: str, rule: PackRule) -> None:
    assert rule.quote or rule.says
    for text in (rule.quote, rule.says, rule.note):
        assert not text or set(text) == {"zh", "en"}
    assert rule.source in references() and rule.force in FORCES
    known = {clause for one in registry().values() for clause in one.clauses} | {"H1"}
    assert set(rule.clauses) <= known


@pytest.mark.parametrize(("pack", "rule"), RULES, ids=ids(RULES))
def test_only_what_was_read_and_is_of_this_place_is_in_force_by_itself(pack: str, rule: PackRule) -> None:
    if rule.in_force:
        assert rule.verified and rule.force != "template" and rule.source.startswith("S") and rule.source != "S31"
    if rule.force == "template" or not rule.source.startswith("S"):
        assert not rule.verified and not rule.in_force


def test_a_quotation_is_the_plans_own_words_letter_by_letter(shared: Path) -> None:
    plan = plain((shared.parent / "domain" / "hongjiang-plan-2024.txt").read_text(encoding="utf-8"))
    quoted = [rule for _, rule in RULES if rule.quote]
    assert len(quoted) >= 15
    for rule in quoted:
        assert plain(rule.quote["zh"]).rstrip("。") in plan, rule.name


def plain(text: str) -> str:
    """Without blanks, and with the half-width signs of the plan's page."""
    return re.sub(r"\s", "", text.translate(str.maketrans("，；：（）", ",;:()")))


def test_the_figures_in_force_are_those_of_the_plan_document() -> None:
    plan = packs()["hongjiang-2024"]
    assert plan.rule("commercial_area").params == {"share": 0.10}
    assert plan.rule("chain_share").params == {"share": 0.30, "scope": "pilots"}
    assert plan.rule("full_coverage").params["share"] == 1.0
    assert plan.rule("community_outlets").params["or_types"] == ["large_supermarket"]
    assert plan.rule("block_centre_services").params["groups"] == [
        "breakfast_shop", "barber", "pharmacy", "recycling_point", "convenience_store_24h",
    ]  # fmt: skip
    assert plan.rule("nothing") is None


def test_eight_circles_are_named_of_the_nine_announced_each_with_its_bureaus() -> None:
    assert len(themes()) == 8 and themes_announced() == 9
    assert [theme.row for theme in themes().values()] == list(range(12, 20))
    assert themes()["catering"].bureaus == ("market_regulation", "commerce")
    assert themes()["daily"].bureaus == ("transport", "human_resources")
    assert all(set(theme.bureaus) <= set(bureaus()) and theme.due == "2025-12-31" for theme in themes().values())


def test_the_words_for_circles_bureaus_marks_and_units_are_there_in_both_languages() -> None:
    words = topic("catalogue")
    for id_, theme in themes().items():
        assert words[f"theme_{id_}"] == theme.name
    for id_, name in bureaus().items():
        assert words[f"bureau_{id_}"] == name
    figures = [f for e in entries().values() for t in TOPICS for f in getattr(e, t)]
    figures += [f for _, listed in aggregates().values() for f in listed]
    for unit in {f.unit for f in figures if f.unit}:
        assert f"unit_{unit.replace(' ', '_')}" in words, unit
    for mark, values in {"sector": ("shopping", "catering", "other"), "cooks": ("yes", "ask")}.items():
        assert all(f"{mark}_{value}" in words for value in values)
    assert all(f"force_{force}" in words for force in FORCES)


def test_what_counts_as_want_of_data_are_findings_that_there_are() -> None:
    assert set(finding_entries()) >= WANT_OF_DATA


@pytest.mark.parametrize("pack", list(packs()))
def test_the_page_about_packs_names_every_rule_and_no_other(root: Path, pack: str) -> None:
    page = (root / "docs" / "catalogue.md").read_text(encoding="utf-8")
    part = page.split(f"### {pack}\n")[1].split("\n### ")[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`([a-z_]+)`", " ".join(cells))) == sorted(r.name for r in packs()[pack].rules)
