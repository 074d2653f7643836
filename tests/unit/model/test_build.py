"""The program of a problem: one column layout, links, the rules' rows, goals; and back to a plan."""

from __future__ import annotations

import numpy as np

from siteopt.model.build import LINK, build, decode, layout
from siteopt.model.objectives.coverage import Coverage, Seek
from tests.programs import posed, row_of_spaces, rule
from tests.worlds import make_types, make_world


def test_columns_are_one_per_option_and_one_per_class_of_cells() -> None:
    problem = posed(row_of_spaces(3, 2), [])
    columns = layout(problem)
    assert dict(columns.start) == {"open": 0, "cover": 6}
    assert len(columns) == 12 and columns.integer.tolist() == [True] * 6 + [False] * 6
    assert columns.lower.tolist() == [0.0] * 12 and columns.upper.tolist() == [1.0] * 12


def test_each_class_is_linked_to_the_options_that_reach_it() -> None:
    # the cell between two spaces is reached by both
    world = make_world(
        cell_xy=[[0.0, 0.0], [400.0, 0.0]], people=[1, 2], site_xy=[[0.0, 0.0], [800.0, 0.0]], types=make_types([5.0])
    )
    program = build(posed(world, []), [], Seek(Coverage()))
    (links,) = program.blocks
    assert (links.owner, links.elastic, links.role) == (LINK, False, "link")
    rows = [
        dict(zip(links.column[a:b].tolist(), links.value[a:b].tolist(), strict=True))
        for a, b in zip(links.indptr[:-1], links.indptr[1:], strict=True)
    ]
    assert rows == [{2: 1.0, 0: -1.0}, {3: 1.0, 0: -1.0, 1: -1.0}]
    assert links.upper.tolist() == [0.0, 0.0]


def test_rules_without_rows_leave_no_empty_blocks() -> None:
    world = row_of_spaces(2, standing=[[1], [0]])
    program = build(posed(world, []), [rule("kept"), rule("required", sites=["s000"])], Seek(Coverage()))
    assert [b.owner for b in program.blocks] == [LINK]


def test_the_goals_are_people_then_money_then_no_free_outlet_to_no_purpose() -> None:
    world = row_of_spaces(2, standing=[[0], [0]], cost=[[0.0], [7.0]])
    program = build(posed(world, []), [], Seek(Coverage()))
    assert [(g.name, g.sense, g.cost.tolist(), g.grain) for g in program.goals] == [
        ("coverage", "max", [0, 0, 10, 20], 10.0),
        ("cost", "min", [0, 7, 0, 0], 7.0),
        ("fewest", "min", [1, 0, 0, 0], 1.0),
    ]
    assert [g.name for g in build(posed(row_of_spaces(1), []), [], Seek(Coverage())).goals] == ["coverage", "cost"]


def test_people_served_today_are_the_offset_of_the_first_goal() -> None:
    program = build(posed(row_of_spaces(2, standing=[[1], [0]]), []), [], Seek(Coverage()))
    assert program.goals[0].offset == 10.0 and program.goals[0].cost.tolist() == [0.0, 20.0]


def test_weights_of_types_and_groups_multiply() -> None:
    world = make_world(
        cell_xy=[[0.0, 0.0]],
        people=[[10, 4]],
        groups=("residents", "elderly"),
        site_xy=[[0.0, 0.0]],
        types=make_types([5.0], weight=np.array([3.0])),
    )
    assert Seek(Coverage()).weights(world).tolist() == [[30.0]]
    assert Seek(Coverage(group_weights={"elderly": 2.0})).weights(world).tolist() == [[54.0]]
    assert Seek(Coverage(group_weights={"residents": 0.0, "elderly": 1.0})).weights(world).tolist() == [[12.0]]


def test_an_answer_is_decoded_at_one_half_to_the_original_sites() -> None:
    world = row_of_spaces(3, 2)
    world.sites.site_id[:] = ["c", "a", "b"]
    problem = posed(world, [])
    x = np.array([2.5e-15, 0.9999999, 0.5000001, 0.4999, 1.0000000000000018, 0.0, *[1.0] * 6])
    plan = decode(problem, x)
    # options are a/t0, a/t1, b/t0, b/t1, c/t0, c/t1
    assert [tuple(p) for p in np.argwhere(plan.opened).tolist()] == [(0, 0), (1, 1), (2, 0)]
    assert plan.period[0, 0] == 1 and plan.period[1, 0] == 0
    assert plan.source[0, 0] == 0 and plan.source[1, 0] == -1


def test_an_unknown_population_group_is_reported_with_the_nearest_known() -> None:
    from siteopt.findings import Findings

    findings = Findings()
    Seek(Coverage(group_weights={"residnts": 1.0})).check(row_of_spaces(1), findings, "s.yaml")
    assert [(f.code, f.field, f.value, f.facts["nearest"]) for f in findings] == [
        ("objective_unknown_group", "objective.group_weights", "residnts", "residents")
    ]
