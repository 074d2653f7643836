"""Who can reach what at all: cells that nothing serves, types that have no space."""

from __future__ import annotations

import numpy as np

from siteopt.access.reach import reach_findings
from siteopt.findings import Finding, Findings
from siteopt.world import World
from tests.programs import minutes_of, row_of_spaces
from tests.worlds import times_from


def found(world: World, minutes: np.ndarray | None = None) -> list[Finding]:
    findings = Findings()
    travel = minutes_of(world) if minutes is None else times_from(minutes, float(world.types.limit_min.max()))
    reach_findings(world, travel, findings, file="scenario.yaml")
    return list(findings)


def test_a_place_where_all_is_well_has_no_findings() -> None:
    assert found(row_of_spaces(2)) == []


def test_people_whom_nothing_can_reach_are_counted_and_the_first_row_is_named() -> None:
    world = row_of_spaces(3, cell_xy=np.array([[0.0, 0.0], [9e3, 0.0], [8e3, 0.0]]))
    (finding,) = found(world)
    assert (finding.severity, finding.code, finding.file, finding.row) == (
        "warning",
        "cells_reach_nothing",
        "cells.csv",
        "3",
    )
    assert finding.facts == {"count": 2, "people": 50.0, "ids": "c001, c002"}


def test_at_most_five_cells_are_named() -> None:
    world = row_of_spaces(8, cell_xy=np.full((8, 2), 90e3))
    facts = found(world)[-1].facts
    assert facts["count"] == 8 and facts["ids"] == "c000, c001, c002, c003, c004"


def test_cells_without_people_are_not_reported() -> None:
    world = row_of_spaces(2, cell_xy=np.array([[0.0, 0.0], [9e3, 9e3]]), people=[5, 0])
    assert found(world) == []


def test_an_outlet_that_stands_today_serves_although_no_space_does() -> None:
    world = row_of_spaces(2, allowed=[[0], [1]], standing=[[1], [0]])
    assert found(world) == []


def test_a_type_that_no_space_allows_is_reported() -> None:
    (finding,) = found(row_of_spaces(2, 2, allowed=[[1, 0], [1, 0]]))
    assert (finding.severity, finding.code, finding.file, finding.field, finding.value) == (
        "warning",
        "type_without_space",
        "scenario.yaml",
        "types.t1",
        "t1",
    )


def test_a_space_that_only_stands_and_is_no_candidate_is_no_space_for_a_type() -> None:
    codes = [f.code for f in found(row_of_spaces(2, kind=["existing_outlet"] * 2))]
    assert "type_without_space" in codes


def test_a_type_whose_spaces_are_all_too_far_is_reported_with_its_limit() -> None:
    world = row_of_spaces(2, 2)
    world.types.limit_min[:] = [5.0, 1.0]
    minutes = np.array([[2.0, np.inf], [np.inf, 2.0]])
    (finding,) = found(world, minutes)
    assert (finding.code, finding.value, finding.facts) == ("type_out_of_reach", "t1", {"minutes": 1.0})


def test_a_space_exactly_at_the_limit_is_within_reach() -> None:
    assert found(row_of_spaces(1), np.array([[5.0]])) == []
