"""How full outlets are, in the summary and in coverage.csv."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from siteopt.plan import Assigned, Measure, Run
from siteopt.report.summary import summarise
from siteopt.report.tables import write_coverage
from siteopt.transport import given_today
from siteopt.verify import score
from siteopt.world import World
from tests.programs import plan_with
from tests.runs_builder import make_run
from tests.worlds import make_types, make_world, times_from


def town() -> World:
    """Cells of 30, 30 and 40 people; site 0 stands, site 1 is new; 40 places in each, and a type without a limit."""
    return make_world(
        cell_xy=np.zeros((3, 2)),
        people=[30, 30, 40],
        site_xy=np.array([[0, 0], [20, 0]]),
        types=make_types([5.0, 5.0], capacity=np.array([40.0, np.nan])),
        standing=[[1, 0], [0, 0]],
    )


def run_of(*, planned: bool) -> Run:
    world, far = town(), np.inf
    travel = times_from(np.array([[1, far], [2, 3], [far, 4]]), 5.0)
    plan = plan_with(world, [(1, 0), (1, 1)] if planned else [])
    cell = np.array([0, 1, 1, 2])
    given = Assigned(cell, np.array([0, 0, 1, 1]), cell * 0, cell * 0, np.array([1.0, 1 / 3, 2 / 3, 0.5]))
    plan = replace(plan, assigned=given if planned else given_today(world, travel))
    scores = score(world, travel, plan, lambda *_: (Measure("coverage", 0.0, "people"),))
    base = make_run()
    return replace(base, world=world, travel=travel, plan=plan if planned else None, scores=scores, verdicts=())


def test_the_summary_tells_how_full_each_outlet_is() -> None:
    coverage = summarise(run_of(planned=True))["coverage"]
    told = coverage["t0"]["capacity"]
    assert "capacity" not in coverage["t1"]
    assert (told["people"], told["served"], told["places"], told["full"]) == (40, 80, 80, 2)
    first, second = told["outlets"]
    assert first == {"site_id": "s000", "new": False, "capacity": 40, "before": 40, "after": 40, "share": 1}
    assert second == {"site_id": "s001", "new": True, "capacity": 40, "before": 0, "after": 40, "share": 1}


def test_without_a_plan_the_outlets_are_those_of_today() -> None:
    told = summarise(run_of(planned=False))["coverage"]["t0"]["capacity"]
    assert [o["site_id"] for o in told["outlets"]] == ["s000"] and told["outlets"][0]["after"] == 40


def test_a_run_without_capacities_says_nothing_of_them() -> None:
    assert all("capacity" not in of_type for of_type in summarise(make_run())["coverage"].values())


def test_the_table_of_cells_has_shares_of_people(tmp_path: Path) -> None:
    write_coverage(run_of(planned=True), tmp_path / "coverage.csv")
    with (tmp_path / "coverage.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    limited = [r for r in rows if r["type"] == "t0"]
    assert [float(r["covered_after"]) for r in limited] == pytest.approx([1, 1, 0.5])
    assert [float(r["covered_before"]) for r in limited] == pytest.approx([1, 1 / 3, 0], abs=1e-6)
    assert [r["served_by"] for r in limited] == ["s000", "s001", "s001"]
    assert {r["covered_after"] for r in rows if r["type"] == "t1"} <= {"0", "1"}
