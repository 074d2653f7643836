"""Budget: what new outlets cost stays within the money."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.findings import Findings
from siteopt.model.build import layout
from siteopt.model.constraints.budget import money_grain
from tests.programs import INF, accepted, judged, minutes_of, plan_with, posed, row_of_spaces, rule, solved, stated
from tests.worlds import make_communities

COST = [[120_000.0], [80_000.0], [200_000.0]]
WORLD = row_of_spaces(3, cost=COST)


def test_the_row_counts_in_the_largest_coin_that_divides_every_cost() -> None:
    # 40,000 divides 120,000, 80,000 and 200,000
    assert stated(WORLD, rule("budget", amount=200_000)) == [
        ("budget", {"s000/t0": 3.0, "s001/t0": 2.0, "s002/t0": 5.0}, -INF, 5.0)
    ]


def test_a_free_outlet_is_not_in_the_row() -> None:
    world = row_of_spaces(2, cost=[[0.0], [70.5]])
    assert stated(world, rule("budget", amount=141)) == [("budget", {"s001/t0": 1.0}, -INF, 2.0)]


def test_spending_exactly_the_budget_is_allowed_and_a_coin_more_is_not() -> None:
    exactly, short = rule("budget", amount=200_000), rule("budget", amount=199_999.99)
    assert judged(WORLD, exactly, [(0, 0), (1, 0)])
    assert not judged(WORLD, short, [(0, 0), (1, 0)])
    assert accepted(WORLD, exactly) == [[], [(2, 0)], [(1, 0)], [(0, 0)], [(0, 0), (1, 0)]]
    assert accepted(WORLD, short) == [[], [(1, 0)], [(0, 0)]]


def test_the_amount_is_kept_as_given_so_that_a_diagnosis_can_name_it() -> None:
    for amount in (190_000.0, 199_999.99, 200_001.0):
        (block,) = rule("budget", amount=amount).rows(posed(WORLD, []), layout(posed(WORLD, [])))
        assert block.stated is not None
        assert block.stated[0] / block.per_unit == pytest.approx(amount, abs=1e-6)
        assert block.upper[0] == int(block.upper[0])


def test_tenths_that_floats_cannot_hold_add_up_to_the_budget() -> None:
    world = row_of_spaces(3, cost=[[0.1], [0.2], [0.3]])
    assert [(0, 0), (1, 0)] in accepted(world, rule("budget", amount=0.3))
    assert [(0, 0), (2, 0)] not in accepted(world, rule("budget", amount=0.3))


@pytest.mark.parametrize("amount", [999.994, 999.996, 1000.0, 1000.004])
def test_judge_and_rows_agree_on_amounts_finer_than_a_coin(amount: float) -> None:
    world = row_of_spaces(2, cost=[[1000.0], [1000.0]])
    assert ([(0, 0)] in accepted(world, rule("budget", amount=amount))) == (amount > 999.995)


def test_costs_finer_than_a_thousandth_are_added_as_they_are() -> None:
    world = row_of_spaces(3, cost=[[100 / 3], [100 / 3], [100 / 3]])
    assert len(accepted(world, rule("budget", amount=100.0))) == 8
    assert len(accepted(world, rule("budget", amount=66.67))) == 7
    assert len(accepted(world, rule("budget", amount=66.66))) == 4  # less than half a coin short is not short


def test_a_budget_of_nothing_allows_what_is_free() -> None:
    world = row_of_spaces(2, cost=[[0.0], [5.0]])
    assert accepted(world, rule("budget", amount=0)) == [[], [(0, 0)]]


def test_a_budget_may_bind_types_kinds_or_communities_only() -> None:
    world = row_of_spaces(
        2,
        2,
        cost=[[10, 20], [30, 40]],
        kind=["corner_plot", "idle_premises"],
        site_community=[0, 1],
        communities=make_communities([{"id": "east"}, {"id": "west"}]),
    )
    assert stated(world, rule("budget", "r", amount=50, types=["t1"])) == [
        ("r", {"s000/t1": 1, "s001/t1": 2}, -INF, 2.0)
    ]
    assert stated(world, rule("budget", "r", amount=30, kinds=["corner_plot"])) == [
        ("r", {"s000/t0": 1, "s000/t1": 2}, -INF, 3.0)
    ]
    assert stated(world, rule("budget", "r", amount=70, communities=["west"])) == [
        ("r", {"s001/t0": 3, "s001/t1": 4}, -INF, 7.0)
    ]
    for group in ({"types": ["t1"]}, {"kinds": ["corner_plot"]}, {"communities": ["west"]}):
        assert 1 < len(accepted(world, rule("budget", amount=25, **group))) < 16
    assert judged(world, rule("budget", amount=10, types=["t0"]), [(0, 0), (0, 1), (1, 1)])


def test_the_verdict_tells_what_is_spent() -> None:
    (verdict,) = rule("budget", amount=250_000).judge(WORLD, minutes_of(WORLD), plan_with(WORLD, [(0, 0), (1, 0)]))
    assert (verdict.need, verdict.got, verdict.sense, verdict.unit, verdict.holds) == (
        250_000,
        200_000,
        "le",
        "money",
        True,
    )


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_best_plan_within_the_money_spends_it_to_the_last_coin(engine: str) -> None:
    found = solved(WORLD, [rule("budget", amount=280_000)], by=engine)
    assert found.opened == ["s001/t0", "s002/t0"]
    assert found.scores is not None and found.scores.cost_total == 280_000


def test_check_reports_unknown_communities_and_kinds_with_the_nearest_known_one() -> None:
    world = row_of_spaces(1, communities=make_communities([{"id": "Eastside"}]))
    findings = Findings()
    rule("budget", "money", amount=1, communities=["Estside"], kinds=["corner_plt"]).check(world, findings, "s.yaml")
    assert [(f.severity, f.code, f.field, f.value, f.facts["nearest"]) for f in findings] == [
        ("error", "rule_unknown_community", "constraints.money", "Estside", "Eastside"),
        ("error", "rule_unknown_kind", "constraints.money", "corner_plt", "corner_plot"),
    ]


@pytest.mark.parametrize("amount", [-1, float("nan"), float("inf")])
def test_an_amount_that_is_no_money_is_refused(amount: float) -> None:
    with pytest.raises(ValidationError):
        rule("budget", amount=amount)


@pytest.mark.parametrize(
    ("cost", "grain"),
    [
        ([120_000.0, 80_000.0], Fraction(40_000)),
        ([250.5, 1000.0], Fraction(1, 2)),
        ([0.1, 0.25], Fraction(1, 20)),
        ([1.0005], Fraction(0)),
        ([1e14], Fraction(0)),
        ([], Fraction(0)),
    ],
)
def test_the_grain_of_money_divides_every_cost_or_is_unknown(cost: list[float], grain: Fraction) -> None:
    assert money_grain(np.array(cost)) == grain
