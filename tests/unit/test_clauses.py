"""Every clause is stated by a rule, an objective or the way programs are built, or says why it is not."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from siteopt.model import constraint, objective

ROOT = Path(__file__).resolve().parents[2]
MAKE = runpy.run_path(str(ROOT / "docs" / "make.py"))
CLAUSES = [*(f"H{n}" for n in range(1, 27)), *(f"F{n}" for n in range(1, 14))]
SOURCE = ROOT.parent / "shared" / "domain" / "constraints.md"
BASES = {"plan", "law", "notice", "standard", "template", "ours"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def said(clause: str) -> dict[str, Any]:
    return MAKE["clauses"]()[clause]


def test_the_list_is_complete_and_in_order() -> None:
    assert list(MAKE["clauses"]()) == CLAUSES


def test_every_clause_of_a_rule_or_objective_is_one_of_the_list() -> None:
    for thing in (*constraint.registry().values(), *objective.registry().values()):
        assert isinstance(thing.clauses, tuple)
        assert set(thing.clauses) <= set(CLAUSES), thing.name


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_clause_is_implemented_or_says_why_not(clause: str) -> None:
    stated = clause in MAKE["implemented"]() or "construction" in said(clause)
    assert stated != ("missing" in said(clause)), "stated by nothing and without a reason, or both"


@pytest.mark.parametrize("clause", CLAUSES)
def test_what_is_said_is_said_in_both_languages(clause: str) -> None:
    entry = said(clause)
    assert entry["basis"] in BASES and set(entry) <= {"gist", "basis", "note", "construction", "missing"}
    for key in {"gist", "note", "construction", "missing"} & set(entry):
        assert set(entry[key]) - {"tests"} == {"en", "zh"}, "a comma without quotes?"
        assert entry[key]["en"].strip() and CHINESE.search(entry[key]["zh"]), key


@pytest.mark.parametrize("clause", CLAUSES)
def test_what_holds_by_construction_is_shown_by_a_test(clause: str) -> None:
    if "construction" not in said(clause):
        return
    named = said(clause)["construction"]["tests"]
    assert named
    for path, _, test in (name.partition("::") for name in named):
        module = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert test in {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}, (path, test)


@pytest.mark.parametrize("clause", CLAUSES)
def test_the_page_has_a_row_for_each_clause(clause: str) -> None:
    (row,) = re.findall(rf"^\| {clause} \|.*$", MAKE["rules_page"](), re.MULTILINE)
    for name in MAKE["implemented"]().get(clause, ()):
        assert f"[`{name}`](#{name})" in row
    assert ("**not implemented**" in row) == ("missing" in said(clause))


def test_the_list_is_that_of_the_domain_notes() -> None:
    if SOURCE.is_file():  # the notes lie beside a checkout of the whole project only
        found = re.findall(r"^- ([HF]\d+)|(?:; |^- )(F\d+) ", SOURCE.read_text(encoding="utf-8"), re.MULTILINE)
        assert {a or b for a, b in found} == set(CLAUSES)
