"""What rules about single outlets share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siteopt.findings import Findings
from siteopt.model.columns import layout
from siteopt.model.outlets import closed_rows, may_stay, new_outlets, pairs_in, report_unsaid, usable
from siteopt.model.subjects import named_mask
from siteopt.world import Periods, World
from tests.land_worlds import with_sites
from tests.programs import plan_with, posed, row_of_spaces
from tests.worlds import texts


def town() -> World:
    return row_of_spaces(3, 2, slots=[2] * 3, kind=["corner_plot", "new_building", "idle_premises"])


def test_options_of_one_outlet_share_a_row_whatever_the_period() -> None:
    world = replace(town(), periods=Periods(("1", "2"), (1.0, 1.0), (12.0, 24.0)))
    problem = posed(world, [])
    barred = (problem.option_site == 1) | ((problem.option_site == 2) & (problem.option_type == 1))
    (rows,) = closed_rows("a rule", problem, layout(problem), barred)
    assert list(rows.subject) == ["s001: t0", "s001: t1", "s002: t1"]
    assert np.diff(rows.indptr).tolist() == [2, 2, 2]
    assert rows.column.tolist() == np.flatnonzero(barred).tolist()
    assert set(rows.upper) == {0.0} and rows.unit == "outlets"


def test_without_barred_options_there_are_no_rows_and_no_pairs() -> None:
    problem = posed(town(), [])
    nothing = np.zeros(len(problem.option_site), dtype=bool)
    (rows,) = closed_rows("a rule", problem, layout(problem), nothing)
    assert len(rows) == 0 and len(rows.column) == 0
    assert list(pairs_in(problem, nothing)) == []
    assert [(j, t) for j, t, _ in pairs_in(problem, ~nothing)] == [(j, t) for j in range(3) for t in range(2)]


def test_new_outlets_come_by_site_and_only_of_the_types_and_kinds() -> None:
    world = town()
    plan = plan_with(world, [(2, 1), (0, 0), (1, 0), (1, 1)])
    assert list(new_outlets(world, plan, named_mask(world, ["t0", "t1"]))) == [(0, 0), (1, 0), (1, 1), (2, 1)]
    assert list(new_outlets(world, plan, named_mask(world, ["t1"]), ["new_building"])) == [(1, 1)]


def test_what_is_not_known_is_never_passed() -> None:
    for ok, unknown, holds, checked in (
        (True, "allow", True, True),
        (False, "allow", False, True),
        (None, "allow", False, False),
        (None, "forbid", False, True),
    ):
        verdict = may_stay("a rule", "s: t", ok, unknown, code="x")  # type: ignore[arg-type]
        assert (verdict.holds, verdict.checked) == (holds, checked)
        assert np.isnan(verdict.got) == (not checked)
        assert dict(verdict.detail) == {"code": "x"}


def test_spaces_are_usable_where_a_type_may_still_open() -> None:
    world = with_sites(
        town(),
        allowed=np.array([[True, False], [False, True], [True, True]]),
        standing=np.array([[False, False], [False, False], [True, False]]),
    )
    assert usable(world, np.array([True, False])).tolist() == [True, False, False]
    assert usable(world, np.array([True, True]), ["new_building"]).tolist() == [False, True, False]


def test_what_is_unsaid_is_told_once_a_file_with_its_first_row() -> None:
    world = with_sites(town(), file=texts(["a.csv", "b.csv", "a.csv"]))
    findings = Findings()
    report_unsaid(world, findings, "flue", "building", np.array([True, True, True]), "allow")
    assert [(f.code, f.file, f.row, f.field, f.facts["count"]) for f in findings] == [
        ("rule_data_unsaid", "a.csv", "2", "building", 2),
        ("rule_data_unsaid", "b.csv", "3", "building", 1),
    ]


def test_outlets_that_stand_have_no_column_to_fill_in() -> None:
    world = with_sites(town(), kind=["existing_outlet"] * 3)
    findings = Findings()
    report_unsaid(world, findings, "flue", "building", np.array([True, True, True]), "forbid")
    assert list(findings) == []
