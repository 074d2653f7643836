"""Running cost: yearly losses stay within the limit, and only public-interest outlets may have any."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siteopt.world import World
from tests.programs import accepted, judged, row_of_spaces, rule, solved


def town() -> World:
    """Two spaces, three types: one of public interest at a loss, one of the market at a loss, one that yields."""
    world = row_of_spaces(2, 3, slots=[3, 3])
    types = replace(
        world.types, yearly_cost=np.array([100.0, 50.0, -500.0]), public_interest=np.array([True, False, False])
    )
    return replace(world, types=types)


def test_the_limit_itself_is_within_and_surpluses_are_not_set_off() -> None:
    limit = rule("running_cost", amount=100.0)
    assert judged(town(), limit, [(0, 0)]) and judged(town(), limit, [(0, 0), (0, 2), (1, 2)])
    assert not judged(town(), limit, [(0, 0), (1, 0), (0, 2)])


def test_market_outlets_may_not_run_at_a_loss_unless_any_may() -> None:
    assert not judged(town(), rule("running_cost"), [(0, 1)])
    assert judged(town(), rule("running_cost", losses="any"), [(0, 1)])
    assert judged(town(), rule("running_cost", types=("t0",)), [(0, 1)])


def test_rows_and_judge_agree_on_every_plan() -> None:
    limit = rule("running_cost", amount=150.0, losses="any")
    plans = accepted(town(), limit)
    assert plans and all(judged(town(), limit, plan) for plan in plans)
    assert len(plans) == sum(100 * a + 50 * b <= 150 for a in (0, 1, 1, 2) for b in (0, 1, 1, 2) for _ in range(4))


def test_the_solver_keeps_it() -> None:
    opened = solved(town(), [rule("running_cost", amount=100.0)]).opened
    assert not [o for o in opened if o.endswith("t1")] and len([o for o in opened if o.endswith("t0")]) <= 1
