"""Deadlines: what opens of a group opens between its phases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.findings import Findings
from siteopt.plan import Plan
from siteopt.world import Periods, World
from tests.programs import minutes_of, row_of_spaces, rule, solved


def town() -> World:
    """Two spaces, three phases."""
    return replace(row_of_spaces(2), periods=Periods(("a", "b", "c"), (1.0, 1.0, 1.0), (12.0, 24.0, 36.0)))


def judged_in(period: int, **params: object) -> bool:
    """Whether the first space may open in a period (from 1)."""
    opened = np.array([[True], [False]])
    plan = Plan(opened, opened * period, opened.astype(np.int64) - 1, ("a", "b", "c"))
    (verdict,) = rule("deadline", **params).judge(town(), minutes_of(town()), plan)
    return verdict.holds


def test_the_phases_themselves_are_within_the_window() -> None:
    assert [judged_in(p, opens_by="b") for p in (1, 2, 3)] == [True, True, False]
    assert [judged_in(p, opens_from="b") for p in (1, 2, 3)] == [False, True, True]
    assert [judged_in(p, opens_from="b", opens_by="b") for p in (1, 2, 3)] == [False, True, False]
    assert [judged_in(p, opens_by="a", sites=("s001",)) for p in (1, 2, 3)] == [True, True, True]


def test_the_solver_opens_within_the_window() -> None:
    found = solved(town(), [rule("deadline", opens_from="b", sites=("s000",))])
    assert found.plan is not None
    assert found.plan.period[:, 0].tolist() == [2, 1]


def test_a_plan_that_ends_before_the_first_phase_opens_nothing_of_the_group() -> None:
    world = replace(town(), periods=town().periods.until(0))
    assert solved(world, [rule("deadline", opens_from="b", sites=("s000",))]).opened == ["s001/t0"]
    merged = replace(town(), periods=town().periods.until(2))
    assert len(solved(merged, [rule("deadline", opens_by="a")]).opened) == 2  # as if nothing had to wait


def test_a_deadline_without_a_phase_and_an_unknown_phase_are_found() -> None:
    with pytest.raises(ValidationError):
        rule("deadline")
    findings = Findings()
    rule("deadline", opens_by="z").check(town(), findings, "s.yaml")
    assert [f.code for f in findings.errors] == ["rule_unknown_phase"]
