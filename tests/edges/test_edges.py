"""A hand-made world for each edge, solved by both engines and audited."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.access.reach import reach_findings
from siteopt.findings import Findings
from siteopt.model.build import build
from siteopt.model.objectives.coverage import Coverage, Seek
from siteopt.problem import ALREADY, NEVER, TravelTimes
from siteopt.program import Limits
from siteopt.solve.diagnose import diagnose
from siteopt.solve.engines import engine
from tests.programs import minutes_of, posed, row_of_spaces, rule, solved
from tests.worlds import make_types, make_world, times_from

BOTH = pytest.mark.parametrize("by", ["highs", "pulp"])


@BOTH
def test_a_cell_exactly_at_the_limit_is_inside(by: str) -> None:
    # 1,200 m at 80 m/min is 15 minutes
    world = make_world(
        cell_xy=[[1200.0, 0.0], [1200.2, 0.0]], people=[5, 7], site_xy=[[0.0, 0.0]], types=make_types([15.0])
    )
    found = solved(world, by=by)
    assert found.answer.status == "proven" and found.answer.objective == 5.0
    assert found.scores is not None and found.scores.minutes_after[:, 0].tolist() == [15.0, np.inf]


@BOTH
def test_a_limit_reached_by_adding_tenths_is_inside(by: str) -> None:
    travel = times_from(np.array([[0.1 + 0.2]]), 0.3)  # 0.30000000000000004
    world = make_world(cell_xy=[[0.0, 0.0]], people=[5], site_xy=[[0.0, 0.0]], types=make_types([0.3]))
    assert solved(world, by=by, travel=travel).answer.objective == 5.0


@BOTH
def test_a_cell_on_the_doorstep_is_served_in_no_minutes(by: str) -> None:
    world = make_world(cell_xy=[[3.0, 4.0]], people=[9], site_xy=[[3.0, 4.0]], types=make_types([5.0]))
    found = solved(world, by=by)
    assert found.answer.objective == 9.0 and found.opened == ["s000/t0"]
    assert found.scores is not None
    assert found.scores.minutes_after.tolist() == [[0.0]] and found.scores.served_by.tolist() == [[0]]


@BOTH
def test_a_space_with_no_area_takes_only_an_outlet_that_needs_none(by: str) -> None:
    world = row_of_spaces(2, 2, area=[0.0, 60.0], types={"area_m2": np.array([50.0, 0.0])}, slots=[2, 2])
    found = solved(world, by=by)
    assert found.opened == ["s000/t1", "s001/t0", "s001/t1"]


@BOTH
def test_of_two_spaces_at_one_point_one_is_enough_and_it_is_the_cheaper(by: str) -> None:
    world = row_of_spaces(2, cell_xy=np.zeros((2, 2)), site_xy=np.zeros((2, 2)), cost=[[8.0], [7.0]])
    assert solved(world, by=by).opened == ["s001/t0"]


@BOTH
def test_of_two_spaces_alike_at_one_point_the_first_by_id_is_taken(by: str) -> None:
    world = row_of_spaces(2, cell_xy=np.zeros((2, 2)), site_xy=np.zeros((2, 2)))
    assert solved(world, by=by).opened == ["s000/t0"]
    world.sites.site_id[:] = ["z", "a"]
    assert solved(world, by=by).opened == ["a/t0"]


@BOTH
def test_cells_without_people_draw_no_outlet(by: str) -> None:
    world = row_of_spaces(3, people=[0, 0, 4])
    found = solved(world, by=by)
    assert found.opened == ["s002/t0"] and found.answer.objective == 4.0


@BOTH
def test_a_place_without_people_opens_nothing_and_says_so_with_a_proof(by: str) -> None:
    found = solved(row_of_spaces(2, people=[0, 0]), by=by)
    assert found.opened == [] and found.answer.status == "proven" and found.answer.objective == 0.0


@BOTH
def test_a_cell_that_reaches_nothing_stays_uncovered_and_is_reported(by: str) -> None:
    world = row_of_spaces(2, cell_xy=np.array([[0.0, 0.0], [9000.0, 9000.0]]))
    found = solved(world, by=by)
    assert found.problem.reduction.class_of_cell[:, 0].tolist() == [0, NEVER]
    assert found.answer.objective == 10.0
    assert found.scores is not None and found.scores.nothing_after.tolist() == [20.0]
    findings = Findings()
    reach_findings(world, minutes_of(world), findings, file="s.yaml")
    (finding,) = findings
    assert (finding.severity, finding.code, finding.facts["people"]) == ("warning", "cells_reach_nothing", 20.0)


@BOTH
def test_no_cell_reaches_anything_and_the_best_plan_is_to_do_nothing(by: str) -> None:
    world = row_of_spaces(2, cell_xy=np.array([[5000.0, 5000.0], [9000.0, 9000.0]]))
    found = solved(world, by=by)
    assert found.opened == [] and found.answer.status == "proven"


@BOTH
def test_a_required_space_that_breaks_the_budget_names_the_two_rules_and_the_shortfall(by: str) -> None:
    world = row_of_spaces(2, cost=[[1_340_000.0], [300_000.0]])
    rules = [rule("budget", amount=1_200_000), rule("required", sites=["s000"]), rule("count", max=5)]
    found = solved(world, rules, by=by)
    assert found.answer.status == "infeasible" and found.plan is None
    why = diagnose(found.program, engine(by), Limits(time_limit_s=20.0, threads=1))
    assert set(why.clashing) == {"budget", "required"} and why.complete
    (give,) = why.relaxations
    assert (give.rule, give.unit) == ("budget", "money")
    assert (give.need, give.possible, give.shortfall) == pytest.approx((1_200_000, 1_340_000, 140_000))


@BOTH
def test_a_type_that_no_space_allows_is_reported_and_the_others_are_planned(by: str) -> None:
    world = row_of_spaces(2, 2, allowed=[[1, 0], [1, 0]])
    found = solved(world, by=by)
    assert found.opened == ["s000/t0", "s001/t0"]
    assert found.scores is not None and found.scores.after[:, 0].tolist() == [30.0, 0.0]
    findings = Findings()
    reach_findings(world, minutes_of(world), findings, file="s.yaml")
    assert [(f.code, f.value, f.field) for f in findings] == [("type_without_space", "t1", "types.t1")]


@BOTH
def test_no_space_at_all_leaves_nothing_to_decide(by: str) -> None:
    world = row_of_spaces(2, allowed=[[0], [0]])
    found = solved(world, by=by)
    assert found.answer.status == "proven" and found.opened == [] and found.answer.objective == 0.0
    refused = solved(world, [rule("count", min=1)], by=by)
    assert refused.answer.status == "infeasible"
    why = diagnose(refused.program, engine(by), Limits(time_limit_s=10.0, threads=1))
    assert why.clashing == ("count",)
    assert [(g.rule, g.shortfall) for g in why.relaxations] == [("count", 1.0)]


@BOTH
def test_everybody_is_served_today_and_nothing_opens(by: str) -> None:
    world = row_of_spaces(2, cell_xy=np.zeros((2, 2)), standing=[[1], [0]])
    found = solved(world, by=by)
    assert found.problem.reduction.class_of_cell[:, 0].tolist() == [ALREADY, ALREADY]
    assert found.opened == [] and found.answer.objective == 30.0 and found.answer.status == "proven"


@BOTH
def test_a_pair_beyond_every_limit_is_not_confused_with_one_at_no_distance(by: str) -> None:
    """A stored 0.0 is a cell standing on the site; an absent pair is beyond reach."""
    travel = TravelTimes(np.array([0, 1, 1]), np.array([1]), np.array([0.0]), 5.0, "table", 4.8)
    found = solved(row_of_spaces(2), by=by, travel=travel)
    assert found.opened == ["s001/t0"] and found.answer.objective == 10.0


@BOTH
def test_types_with_limits_of_their_own_are_served_by_their_own_spaces(by: str) -> None:
    world = make_world(
        cell_xy=[[0.0, 0.0], [700.0, 0.0]],
        people=[3, 4],
        site_xy=[[0.0, 0.0], [700.0, 0.0]],
        types=make_types([5.0, 10.0]),
        cost=[[1.0, 2.0], [1.0, 1.0]],
        slots=[2, 2],
    )
    # t0 (400 m) needs both spaces; t1 (800 m) serves both cells from either, and s001 is the cheaper
    found = solved(world, by=by)
    assert found.opened == ["s000/t0", "s001/t0", "s001/t1"] and found.answer.objective == 14.0


@BOTH
def test_free_outlets_that_serve_nobody_are_not_opened(by: str) -> None:
    world = row_of_spaces(3, people=[10, 0, 0], cost=np.zeros((3, 1)))
    assert solved(world, by=by).opened == ["s000/t0"]


@BOTH
def test_free_outlets_beside_a_standing_one_are_not_opened(by: str) -> None:
    world = row_of_spaces(2, cell_xy=np.zeros((2, 2)), site_xy=np.zeros((2, 2)), cost=np.zeros((2, 1)))
    world = replace(world, sites=replace(world.sites, standing=np.array([[True], [False]])))
    assert solved(world, by=by).opened == []


def test_the_program_of_the_required_space_says_what_it_is_about() -> None:
    world = row_of_spaces(2)
    wanted = rule("required", "shop street", sites=["s000"])
    program = build(posed(world, [wanted]), [wanted], Seek(Coverage()))
    assert [(b.owner, b.subject) for b in program.blocks if b.elastic] == [("shop street", ("s000",))]
