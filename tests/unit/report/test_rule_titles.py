"""Two rules of one title are told apart by the scenario's own names for them."""

from __future__ import annotations

from siteopt.report.rule_titles import plain_title, rule_title

BUDGET = {"rule": "budget", "title": {"en": "Budget", "zh": "预算"}}
RULES = {"budget": BUDGET, "small": BUDGET, "count": {"rule": "count", "title": {"en": "Number"}}, "bare": {}}


def test_only_namesakes_carry_their_names_and_the_one_named_like_its_kind_goes_without() -> None:
    assert [rule_title(RULES, label, "en") for label in RULES] == ["Budget", "Budget (small)", "Number", "bare"]
    assert rule_title(RULES, "small", "zh") == "预算（small）" and plain_title(RULES, "small", "zh") == "预算"
    assert rule_title(RULES, "count", "zh") == "Number"


def test_a_rule_that_nobody_described_is_called_by_its_label() -> None:
    assert rule_title({}, "x<y", "en") == "x<y"
