"""Numbers and texts of a column: what passes, and what is told with row, column and value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from siteopt.findings import Findings
from siteopt.layers.columns import read_ids, read_texts
from siteopt.layers.numeric import read_numbers
from siteopt.layers.table import Table, read_table
from siteopt.scenario.schema import ColumnSpec
from tests.layer_files import CRS, X0, Y0, cells, only, sentences_hold, source, told, write_csv


def csv_of(folder: Path, values: list[Any], name: str = "people") -> Table:
    rows = [{name: v, "x": X0 + i, "y": Y0} for i, v in enumerate(values)]
    write_csv(folder / "a.csv", rows)
    table = read_table(source("a.csv", crs=CRS), folder, Findings(), role="demand")
    assert table is not None
    return table


def gpkg_of(folder: Path, values: list[Any]) -> Table:
    frame = cells().iloc[: len(values)].copy()
    frame["people"] = values
    frame.to_file(folder / "a.gpkg")
    table = read_table(source("a.gpkg"), folder, Findings(), role="demand")
    assert table is not None
    return table


def numbers(table: Table, column: Any = "people", **how: Any) -> tuple[Any, Findings]:
    findings = Findings()
    found = read_numbers(table, column, findings, field="demand.people", **how)
    sentences_hold(findings)
    assert (found is None) == bool(findings.errors)
    return found, findings


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("twelve", "not_a_number"),
        ("1,5", "not_a_number"),
        ("12 m²", "not_a_number"),
        ("True", "not_a_number"),
        ("nan", "not_finite"),
        ("NaN", "not_finite"),
        ("inf", "not_finite"),
        ("-inf", "not_finite"),
        ("1e999", "not_finite"),
        ("-1", "number_too_low"),
        ("-0.001", "number_too_low"),
        ("-9999", "sentinel_value"),
        ("99999999", "sentinel_value"),
        ("999999999", "sentinel_value"),
        ("-3.4028235e38", "sentinel_value"),
        ("", "empty_cell"),
        ("  ", "empty_cell"),
    ],
)
def test_a_bad_cell_is_told_with_row_column_and_value(tmp_path: Path, value: str, code: str) -> None:
    _, findings = numbers(csv_of(tmp_path, [5, value, 7]))
    found = only(findings, code)
    assert told(findings) == [code]
    assert (found.file, found.row, found.field, found.value) == ("a.csv", 3, "people", value.strip())


def test_every_bad_cell_is_told_not_just_the_first(tmp_path: Path) -> None:
    _, findings = numbers(csv_of(tmp_path, ["a", 1, "b", -1, "c", ""]))
    assert sorted((f.row, f.code) for f in findings) == [
        (2, "not_a_number"), (4, "not_a_number"), (5, "number_too_low"), (6, "not_a_number"), (7, "empty_cell"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "code"), [(np.inf, "not_finite"), (-5.0, "number_too_low"), (1e38, "sentinel_value")]
)
def test_a_bad_number_in_a_geopackage_is_told_with_its_fid(tmp_path: Path, value: float, code: str) -> None:
    _, findings = numbers(gpkg_of(tmp_path, [1.0, value]))
    assert only(findings, code).row == "fid 2"


def test_nan_in_a_typed_column_is_an_empty_cell_that_a_default_may_fill(tmp_path: Path) -> None:
    table = gpkg_of(tmp_path, [1.5, np.nan])
    assert told(numbers(table)[1]) == ["empty_cell"]
    assert numbers(table, ColumnSpec(column="people", default=0))[0].tolist() == [1.5, 0]
    frame = cells().iloc[:2].copy()
    frame["people"] = [1.5, np.nan]
    frame.to_parquet(tmp_path / "a.parquet")
    parquet = read_table(source("a.parquet"), tmp_path, Findings(), role="demand")
    assert parquet is not None
    assert told(numbers(parquet)[1]) in (["not_finite"], ["empty_cell"])
    assert numbers(parquet, ColumnSpec(column="people", default=0))[0].tolist() == [1.5, 0]


def test_missing_values_become_the_default_and_the_others_are_scaled(tmp_path: Path) -> None:
    table = csv_of(tmp_path, ["2", "-1", "999999999", "", "n/a", "3"])
    spec = ColumnSpec(column="people", missing=(-1, "999999999", "n/a"), default=7, scale=10000)
    assert numbers(table, spec)[0].tolist() == [20000, 7, 7, 7, 7, 30000]


def test_missing_without_a_default_still_asks_for_one(tmp_path: Path) -> None:
    table = csv_of(tmp_path, ["2", "-1"])
    assert told(numbers(table, ColumnSpec(column="people", missing=(-1,)))[1]) == ["empty_cell"]


def test_missing_is_compared_as_a_number_in_number_columns(tmp_path: Path) -> None:
    table = gpkg_of(tmp_path, [1.5, -9999.0])
    for missing in (-9999, -9999.0, "-9999"):
        spec = ColumnSpec(column="people", missing=(missing,), default=0)
        assert numbers(table, spec)[0].tolist() == [1.5, 0]


def test_words_may_be_mapped_to_numbers(tmp_path: Path) -> None:
    table = csv_of(tmp_path, ["few", "12"])
    assert numbers(table, ColumnSpec(column="people", map={"few": "3"}))[0].tolist() == [3, 12]


def test_a_share_above_one_hints_at_its_unit(tmp_path: Path) -> None:
    table = csv_of(tmp_path, ["10"])
    assert told(numbers(table, high=1.0)[1]) == ["number_too_high"]
    assert numbers(table, ColumnSpec(column="people", scale=0.01), high=1.0)[0].tolist() == [0.1]


def test_a_missing_column_names_the_nearest_whatever_its_case(tmp_path: Path) -> None:
    table = csv_of(tmp_path, [1])
    for said in ("PEOPLE", "peopel", "poeple"):
        found = only(numbers(table, said)[1], "missing_column")
        assert (found.value, found.field, found.facts["nearest"]) == (said, "demand.people", "people")
    assert only(numbers(table, "zzz")[1], "missing_column").facts["nearest"] == "—"


def test_a_missing_column_with_a_default_is_only_warned_of(tmp_path: Path) -> None:
    found, findings = numbers(csv_of(tmp_path, [1, 2]), ColumnSpec(column="peple", default=4))
    assert found.tolist() == [4, 4] and told(findings, "warning") == ["missing_column_default"]
    found, findings = numbers(csv_of(tmp_path, [1, 2]), ColumnSpec(default=4))
    assert found.tolist() == [4, 4] and len(findings) == 0


def test_a_default_that_is_no_number_is_told(tmp_path: Path) -> None:
    assert told(numbers(csv_of(tmp_path, [1]), ColumnSpec(column="people", default="some"))[1]) == ["not_a_number"]


def test_texts_are_trimmed_mapped_and_filled(tmp_path: Path) -> None:
    table = csv_of(tmp_path, [" a ", "", "x"], "kind")
    spec = ColumnSpec(column="kind", map={"a": "corner_plot", "": "idle_premises"}, missing=("x",))
    found = read_texts(table, spec, Findings(), field="f")
    assert found is not None
    assert found.tolist() == ["corner_plot", "idle_premises", "idle_premises"]


def test_duplicate_ids_name_both_rows(tmp_path: Path) -> None:
    findings = Findings()
    table = csv_of(tmp_path, ["a", "b", " a", "a"], "id")
    assert read_ids(table, "id", findings, field="demand.id") is None
    assert [(f.code, f.row, f.value, f.facts["first"]) for f in findings] == [
        ("duplicate_id", 4, "a", 2),
        ("duplicate_id", 5, "a", 2),
    ]


def test_ids_that_differ_in_a_leading_zero_are_two(tmp_path: Path) -> None:
    ids = read_ids(csv_of(tmp_path, ["7", "07", "007"], "id"), "id", Findings(), field="demand.id")
    assert ids is not None and ids.tolist() == ["7", "07", "007"]


def test_an_empty_id_and_one_that_a_spreadsheet_spoilt_are_told(tmp_path: Path) -> None:
    findings = Findings()
    assert read_ids(csv_of(tmp_path, ["a", ""], "id"), "id", findings, field="demand.id") is None
    assert read_ids(csv_of(tmp_path, ["1.31217E+10", "b"], "id"), "id", findings, field="demand.id") is None
    assert told(findings) == ["empty_cell", "scientific_id"]
    sentences_hold(findings)


def test_rows_without_an_id_column_are_numbered_in_file_order(tmp_path: Path) -> None:
    table = csv_of(tmp_path, [1, 2, 3]).only(np.array([True, False, True]))
    ids = read_ids(table, None, Findings(), field="demand.id", prefix="c")
    assert ids is not None and ids.tolist() == ["c1", "c3"]


def test_long_and_hostile_values_are_shown_short_and_harmless(tmp_path: Path) -> None:
    pd.DataFrame({"people": ["9" * 5 + "x" * 10_000, "\x1b[31mred"], "x": [1, 1], "y": [1, 1]}).to_csv(
        tmp_path / "a.csv", index=False
    )
    table = read_table(source("a.csv", crs=CRS), tmp_path, Findings(), role="demand")
    assert table is not None
    _, findings = numbers(table)
    long, red = [f.value for f in findings]
    assert len(long) == 81 and "\x1b" not in red
