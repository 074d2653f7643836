"""A run says which text each rule comes from, what was set aside and why, and what nobody verified."""

from __future__ import annotations

from pathlib import Path

import pytest

from siteopt import pipeline
from siteopt.plan import Run
from siteopt.report.acceptance import acceptance
from siteopt.report.summary import summarise

QUICKSTART = Path(__file__).resolve().parents[2] / "scenarios" / "quickstart" / "scenario.yaml"


@pytest.fixture(scope="module")
def run() -> Run:
    """The quickstart under the plan of Hongjiang, as it stands today."""
    return pipeline.assess(pipeline.check(QUICKSTART, sets=["policy=hongjiang-2024"]))


def test_a_rule_of_a_pack_names_its_document_place_and_mark(run: Run) -> None:
    named = {label: rule["policy"] for label, rule in run.rules.items() if "policy" in rule}
    assert named["commercial_area"]["place"] == "五（三）" and named["commercial_area"]["verified"] is True
    assert all(said["name"] == "hongjiang-2024" and set(said["title"]) == {"zh", "en"} for said in named.values())
    assert run.rules["commercial_area"]["clauses"] == ["H8"]
    assert all("clauses" in rule for rule in run.rules.values())


def test_a_rule_that_was_set_aside_is_a_verdict_that_is_not_checked_and_says_why(run: Run) -> None:
    aside = [v for v in run.verdicts if "why" in v.detail]
    assert aside
    for verdict in aside:
        assert not verdict.checked and not verdict.holds and verdict.rule in run.rules
        assert all(verdict.detail["why"][lang].strip() for lang in ("zh", "en"))
        about = verdict.detail.get("about")
        assert about is None or verdict.subject not in about["zh"], "types are named, not coded"


def test_the_summary_and_the_sheet_show_them_as_not_checked(run: Run) -> None:
    told = summarise(run)
    open_ = [v for v in told["verdicts"] if not v["checked"]]
    assert {v["rule"] for v in open_} >= {v.rule for v in run.verdicts if "why" in v.detail}
    assert all(v["need"] is None and v["got"] is None for v in open_ if "why" in v["detail"])
    lines = acceptance(run)
    assert any(made.item == "A1" and made.verdict == "not_checked" and made.note["zh"] for made in lines)


def test_without_a_policy_nothing_is_set_aside_and_clauses_are_those_of_the_rules() -> None:
    plain = pipeline.assess(pipeline.check(QUICKSTART))
    assert all(v.checked for v in plain.verdicts)
    assert plain.rules["budget"]["clauses"] == ["H7"] and "policy" not in plain.rules["budget"]
    assert {one["of"] for one in plain.unverified} <= {"type"}
