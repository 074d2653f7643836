"""Allowed types: an outlet opens only in a candidate space that allows its type."""

from __future__ import annotations

import numpy as np

from siteopt.model.build import pairs_of
from tests.programs import judged, minutes_of, plan_with, row_of_spaces, rule, solved, stated

# s000 allows t0 only, s001 both, s002 is an outlet that stands today and may take nothing new
WORLD = row_of_spaces(
    3,
    2,
    allowed=[[1, 0], [1, 1], [1, 1]],
    kind=["idle_premises", "corner_plot", "existing_outlet"],
    slots=[2, 2, 2],
)
ALLOWED = rule("allowed_types")


def test_the_rule_needs_no_rows_because_a_pair_that_is_not_allowed_has_no_column() -> None:
    assert stated(WORLD, ALLOWED) == []
    site, kind = pairs_of(WORLD)
    assert list(zip(site.tolist(), kind.tolist(), strict=True)) == [(0, 0), (1, 0), (1, 1)]


def test_a_pair_that_stands_today_is_no_option() -> None:
    world = row_of_spaces(2, 1, standing=[[True], [False]])
    assert pairs_of(world)[0].tolist() == [1]


def test_the_judge_tells_allowed_from_not_allowed() -> None:
    assert judged(WORLD, ALLOWED, [(0, 0), (1, 0), (1, 1)])
    assert not judged(WORLD, ALLOWED, [(0, 1)])


def test_the_judge_refuses_a_new_outlet_in_a_building_that_is_no_candidate() -> None:
    verdicts = ALLOWED.judge(WORLD, minutes_of(WORLD), plan_with(WORLD, [(2, 0), (1, 1)]))
    assert [(v.subject, v.holds) for v in verdicts] == [("s002: t0", False)]


def test_the_solver_never_opens_what_is_not_allowed() -> None:
    assert solved(WORLD).opened == ["s000/t0", "s001/t0", "s001/t1"]


def test_options_are_ordered_by_site_id_and_type_id_not_by_file_order() -> None:
    world = row_of_spaces(3, 2)
    world.sites.site_id[:] = ["b", "a", "c"]
    site, kind = pairs_of(world)
    assert [(str(world.sites.site_id[j]), int(t)) for j, t in zip(site, kind, strict=True)] == [
        ("a", 0),
        ("a", 1),
        ("b", 0),
        ("b", 1),
        ("c", 0),
        ("c", 1),
    ]
    assert np.issubdtype(site.dtype, np.integer)
