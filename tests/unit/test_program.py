"""An integer program, as arrays."""

from __future__ import annotations

import numpy as np

from siteopt.program import link_rows, rows_from
from tests.hard_programs import of_rows, row


def test_rows_are_packed_one_after_the_other() -> None:
    rows = rows_from(
        "r",
        [
            (np.array([0, 2]), np.array([1.0, 3.0])),
            (np.array([], dtype=np.int64), np.array([])),
            (np.array([1]), np.array([2.0])),
        ],
        [0, -np.inf, 1],
        [5, 0, np.inf],
        ["a", "b", "c"],
        unit="m2",
        per_unit=10.0,
    )
    assert len(rows) == 3
    assert rows.indptr.tolist() == [0, 2, 2, 3]
    assert rows.column.tolist() == [0, 2, 1] and rows.value.tolist() == [1.0, 3.0, 2.0]
    assert rows.subject == ("a", "b", "c") and (rows.unit, rows.per_unit, rows.elastic) == ("m2", 10.0, True)


def test_a_rule_about_nothing_has_no_rows() -> None:
    rows = rows_from("r", [], [], [], [])
    assert len(rows) == 0 and rows.indptr.tolist() == [0] and len(rows.column) == 0


def test_links_have_the_class_first_and_then_its_options() -> None:
    rows = link_rows("cover", np.array([7, 8, 9]), np.array([0, 2, 2, 3]), np.array([0, 4, 1]))
    assert (rows.role, rows.elastic, rows.owner) == ("link", False, "cover")
    assert rows.indptr.tolist() == [0, 3, 4, 6]
    assert rows.column.tolist() == [7, 0, 4, 8, 9, 1] and rows.value.tolist() == [1, -1, -1, 1, 1, -1]
    assert rows.upper.tolist() == [0, 0, 0] and np.isneginf(rows.lower).all()
    assert len(link_rows("none", np.empty(0, int), np.zeros(1, int), np.empty(0, int))) == 0


def test_a_program_counts_rows_and_coefficients() -> None:
    program = of_rows(3, [row("a", {0: 1, 1: 1}, 0, 1), row("b", {2: 1}, 0, 1)], [1, 1, 1])
    assert (program.n_rows, program.nnz, len(program.columns)) == (2, 3, 3)
