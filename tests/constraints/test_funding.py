"""Sources of money: what each bears stays within its cap, in all and phase by phase."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.findings import Findings
from siteopt.money import borne, spent, yearly
from siteopt.plan import Plan
from siteopt.world import Funds, Periods, World
from tests.programs import minutes_of, row_of_spaces, rule, solved

STATE, PRIVATE = 0, 1


def town() -> World:
    """Three spaces at 1,000, 2,000 and 3,000; the state aids private outlets with half, at most 800."""
    world = row_of_spaces(3, cost=[[1000.0], [2000.0], [3000.0]])
    funds = Funds(("state", "private"), None, np.array([-1, STATE]), np.array([0.0, 0.5]), np.array([np.inf, 800.0]))
    return replace(world, funds=funds, periods=Periods(("2024", "2025"), (1.0, 1.0), (12.0, 24.0)))


def plan(*outlets: tuple[int, int, int]) -> Plan:
    """(space, period from 1, source) of each outlet."""
    opened, period, source = np.zeros((3, 1), bool), np.zeros((3, 1), np.int64), np.full((3, 1), -1)
    for j, when, who in outlets:
        opened[j, 0], period[j, 0], source[j, 0] = True, when, who
    return Plan(opened, period, source, ("2024", "2025"), ("state", "private"))


def test_aid_is_a_share_up_to_its_ceiling_and_rows_add_up_to_the_cost() -> None:
    cost = np.array([1000.0, 2000.0, 3000.0])
    money = borne(town(), np.full(3, PRIVATE), cost)
    assert money.tolist() == [[500.0, 500.0], [800.0, 1200.0], [800.0, 2200.0]]
    own = borne(town(), np.full(3, STATE), cost)
    assert own[:, STATE].tolist() == [1000.0, 2000.0, 3000.0]


def test_money_is_counted_by_phase_and_source() -> None:
    each = spent(town(), plan((0, 1, STATE), (1, 2, PRIVATE)))
    assert each.tolist() == [[1000.0, 0.0], [800.0, 1200.0]]


@pytest.mark.parametrize(("carry", "holds"), [(True, True), (False, False)])
def test_what_a_phase_leaves_over_passes_on_only_where_said(carry: bool, holds: bool) -> None:
    caps = rule("funding", source="state", by_phase={"2024": 1000.0, "2025": 1000.0}, carry_over=carry)
    world = town()
    verdicts = caps.judge(world, minutes_of(world), plan((1, 2, STATE)))
    assert all(v.holds for v in verdicts) is holds
    assert [v.subject for v in verdicts] == ["funding: 2024", "funding: 2025"]


def test_a_cap_is_kept_to_the_cent() -> None:
    world = town()
    exact, short = (rule("funding", source="state", amount=a) for a in (1500.0, 1499.99))
    both = plan((0, 1, STATE), (0, 1, STATE)), plan((0, 1, PRIVATE))
    assert exact.judge(world, minutes_of(world), both[0])[0].holds
    assert short.judge(world, minutes_of(world), both[0])[0].holds
    assert not rule("funding", source="state", amount=999.99).judge(world, minutes_of(world), both[0])[0].holds
    assert exact.judge(world, minutes_of(world), both[1])[0].got == 500.0


def test_aid_counts_against_the_cap_of_who_gives_it() -> None:
    world = town()
    rules = [
        rule("funding", "state", source="state", amount=799.0),
        rule("funding", source="private", amount=9999.0),
    ]
    found = solved(world, rules)
    assert found.opened == ["s000/t0"]  # the others take 800 of the state's money


def test_all_sources_together_have_a_cap_when_none_is_named() -> None:
    world = town()
    assert [
        v.got for v in rule("funding", amount=1.0).judge(world, minutes_of(world), plan((0, 1, 0), (1, 1, 1)))
    ] == [3000.0]


def test_one_period_that_takes_in_earlier_ones_has_the_money_of_all() -> None:
    world = replace(town(), periods=town().periods.until(1))
    caps = rule("funding", by_phase={"2024": 1000.0, "2025": 2500.5}, carry_over=False)
    merged = replace(plan((0, 1, 0)), periods=("2025",))
    assert [v.need for v in caps.judge(world, minutes_of(world), merged)] == [3500.5]


def test_yearly_money_is_counted_by_type() -> None:
    world = town()
    world = replace(world, types=replace(world.types, yearly_cost=np.array([250.0])))
    assert yearly(world, plan((0, 1, 0), (2, 2, 1))).tolist() == [500.0]


def test_unknown_sources_and_phases_and_a_rule_without_cap_are_found() -> None:
    findings = Findings()
    rule("funding", source="stat", by_phase={"2042": 1.0}).check(town(), findings, "s.yaml")
    rule("funding").check(town(), findings, "s.yaml")
    assert [f.code for f in findings.errors] == [
        "funding_unknown_source",
        "rule_unknown_phase",
        "funding_without_cap",
    ]
