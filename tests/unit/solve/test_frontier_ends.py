"""Where the search without a ceiling was cut short, what is enough follows the best plan found since."""

from __future__ import annotations

from dataclasses import replace

import pytest

from siteopt.whatif_frontier import spread
from tests.property.test_frontier import frontier_of


@pytest.mark.parametrize("seed", range(4000, 4012))
def test_a_better_plan_found_since_moves_the_end_which_then_is_not_proven(seed: int) -> None:
    _, frontier, rows = frontier_of(seed)
    ends = frontier.ends()
    if ends.free.status == "infeasible":
        return
    frontier.run(rows)
    assert frontier.ends_by_now(ends) is ends, "what was proven stays"
    worse = replace(ends.free, status="best_found", objective=ends.free.objective - 5.0)
    early = replace(ends, free=worse, enough=0.0, enough_proven=True)
    late = frontier.ends_by_now(early)
    assert late.free.objective == ends.free.objective and late.enough == pytest.approx(ends.enough)
    assert not late.enough_proven and late.free.gap == 0.0


def test_where_it_is_not_proven_what_is_enough_the_budgets_reach_to_the_scenarios_own() -> None:
    _, frontier, _ = frontier_of(4003)
    ends = frontier.ends()
    assert ends.enough_proven and ends.enough < 50_000.0
    open_still = replace(ends, enough_proven=False)
    assert spread(ends, 50_000.0, 5)[-2] == pytest.approx(ends.enough)
    inner = spread(open_still, 50_000.0, 5)
    assert inner[-1] == 50_000.0 and len(inner) == 5 and inner[-2] > ends.enough
