"""Level duty: an outlet of a 10- or 15-minute type never does the duty of a 5-minute one.

No rule of its own: each type has its own walking limit and counts for itself alone. A list in which types of two
levels may stand in for each other is told of (``must_have``).
"""

from __future__ import annotations

import numpy as np

from siteopt.model.build import build
from siteopt.model.objectives.coverage import Coverage, Seek
from tests.norm_worlds import town, verdicts
from tests.programs import posed, rule

NEAR, FAR = 0, 1
TWO_LEVELS = {"limit_min": np.array([5.0, 15.0])}


def test_no_outlet_of_the_wider_level_is_in_a_link_of_the_narrower_one() -> None:
    world = town(3, 2, types=TWO_LEVELS)
    problem = posed(world, [])
    links = build(problem, [], Seek(Coverage())).blocks[0]
    for row in range(len(links)):
        column = links.column[links.indptr[row] : links.indptr[row + 1]]
        covered = int(problem.reduction.service_of[row])
        assert covered in (NEAR, FAR)
        assert set(problem.option_type[column[column < len(problem.option_type)]]) == {covered}


def test_a_market_of_the_wide_circle_leaves_the_narrow_duty_open() -> None:
    world = town(1, 2, types=TWO_LEVELS)
    served = {v.subject: v.holds for v in verdicts(world, rule("min_coverage", share=1.0), [(0, FAR)])}
    assert served == {"t0": False, "t1": True}


def test_must_have_lists_of_both_levels_are_met_by_neither_alone() -> None:
    world = town(1, 2, types=TWO_LEVELS)
    both = rule("must_have", groups=["t0", "t1"])
    assert [v.holds for v in verdicts(world, both, [(0, FAR)])] == [False, True]
    assert [v.holds for v in verdicts(world, both, [(0, NEAR)])] == [True, False]
