"""Findings are gathered, counted, and raised once."""

from __future__ import annotations

import pytest

from siteopt.findings import MOST_PER_CODE, Findings, InputError, nearest


def test_findings_keep_where_and_what() -> None:
    findings = Findings()
    findings.error(
        "unknown_key", file="candidates.csv", row=118, field="community", value="Estside", nearest="Eastside"
    )
    (one,) = findings
    assert (one.severity, one.code, one.file, one.row, one.field, one.value) == (
        "error",
        "unknown_key",
        "candidates.csv",
        118,
        "community",
        "Estside",
    )
    assert one.facts == {"nearest": "Eastside"}


def test_warnings_and_remarks_do_not_stop_a_run() -> None:
    findings = Findings()
    findings.warning("a", file="f")
    findings.info("b", file="f")
    findings.raise_errors()
    assert len(findings) == 2 and findings.errors == ()


def test_all_findings_are_raised_once_errors_first() -> None:
    findings = Findings()
    findings.info("remark", file="f")
    findings.warning("warn", file="f")
    findings.error("bad", file="f", row="9:13", field="metres", value=-40, expected="above 0")
    findings.error("worse", file="g")
    with pytest.raises(InputError) as raised:
        findings.raise_errors()
    assert [f.code for f in raised.value.findings] == ["bad", "worse", "warn", "remark"]
    assert str(raised.value).splitlines()[0] == "error bad at f:9:13:metres: -40 expected=above 0"


def test_beyond_fifty_of_one_kind_one_line_tells_how_many_more() -> None:
    findings = Findings()
    for row in range(MOST_PER_CODE + 7):
        findings.error("nan", file="f", field="people", row=row)
    findings.error("nan", file="f", field="area")
    told = list(findings)
    assert len(told) == MOST_PER_CODE + 2
    (more,) = [f for f in told if f.code == "more_of_the_same"]
    assert (more.severity, more.file, more.field, more.value, more.facts) == (
        "error",
        "f",
        "people",
        "nan",
        {"count": 7},
    )
    with pytest.raises(InputError) as raised:
        findings.raise_errors()
    assert len(raised.value.findings) == MOST_PER_CODE + 2


def test_exactly_fifty_need_no_closing_line() -> None:
    findings = Findings()
    for row in range(MOST_PER_CODE):
        findings.warning("nan", file="f", row=row)
    assert [f.code for f in findings] == ["nan"] * MOST_PER_CODE


def test_the_nearest_word_is_close_or_none() -> None:
    assert nearest("Estside", ["Eastside", "Westend"]) == "Eastside"
    assert nearest("便利点", ["便利店", "菜市场"]) == "便利店"
    assert nearest("xyz", ["Eastside"]) is None
    assert nearest("x", []) is None
