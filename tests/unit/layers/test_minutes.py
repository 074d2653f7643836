"""A table of minutes that the user brings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from siteopt.findings import Findings
from siteopt.layers.minutes import read_minutes
from siteopt.problem import TravelTimes
from siteopt.scenario.schema import MinutesTable
from tests.worlds import texts

CELLS, SITES = texts(["007", "7", "13121705207", "乡"]), texts(["s1", "s2", "市场"])


def read(base: Path, file: str = "m.csv", **spec: str) -> tuple[TravelTimes | None, Findings]:
    findings = Findings()
    table = MinutesTable(file=file, **spec)
    return read_minutes(table, base, CELLS, SITES, 15.0, 4.0, findings), findings


def table(base: Path, *rows: str, header: str = "cell_id,site_id,minutes", encoding: str = "utf-8") -> None:
    (base / "m.csv").write_text("\n".join([header, *rows]) + "\n", encoding=encoding)


def told(findings: Findings) -> list[tuple[str, object, object]]:
    return [(f.code, f.row, f.value) for f in findings if f.severity == "error"]


def test_pairs_come_in_order_of_cell_and_site_whatever_the_order_of_rows(tmp_path: Path) -> None:
    table(tmp_path, "乡,市场,3.25", "007,s2,15", "7,s1,0", "007,s1,14.5", "7,s2,15.1")
    times, findings = read(tmp_path)
    assert times is not None
    assert len(findings) == 0
    assert times.indptr.tolist() == [0, 2, 3, 3, 4]
    assert times.site.tolist() == [0, 1, 0, 2]
    assert times.minutes.tolist() == [14.5, 15, 0, 3.25]
    assert (times.mode, times.cutoff_min, times.speed_kmh) == ("table", 15, 4)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_ids_are_read_in_the_encodings_in_use(tmp_path: Path, encoding: str) -> None:
    table(tmp_path, "乡,市场,3", header="单元,网点,分钟", encoding=encoding)
    times, _ = read(tmp_path, cell_id="单元", site_id="网点", minutes="分钟")
    assert times is not None
    assert times.cell.tolist() == [3]


def test_ids_are_text_so_leading_zeros_count(tmp_path: Path) -> None:
    table(tmp_path, "007,s1,1", "7,s1,2", "13121705207,s1,3")
    times, _ = read(tmp_path)
    assert times is not None
    assert times.minutes.tolist() == [1, 2, 3]
    table(tmp_path, "0007,s1,1")
    times, findings = read(tmp_path)
    assert times is None
    assert told(findings) == [("minutes_unknown_cell", 2, "0007")]


def test_unknown_ids_name_the_row_and_the_nearest_id(tmp_path: Path) -> None:
    table(tmp_path, "007,s1,1", "13121705208,s1,2", "7,S2x,2")
    times, findings = read(tmp_path)
    assert times is None
    assert told(findings) == [("minutes_unknown_cell", 3, "13121705208"), ("minutes_unknown_site", 4, "S2x")]
    assert [f.facts["nearest"] for f in findings] == ["13121705207", "s2"]
    assert [f.field for f in findings] == ["cell_id", "site_id"]


def test_a_pair_given_twice_names_both_rows(tmp_path: Path) -> None:
    table(tmp_path, "007,s1,1", "7,s1,2", "007,s1,1", "007,s1,9")
    times, findings = read(tmp_path)
    assert times is None
    assert told(findings) == [("minutes_pair_twice", 4, "007, s1"), ("minutes_pair_twice", 5, "007, s1")]
    assert [f.facts["first"] for f in findings] == [2, 2]


@pytest.mark.parametrize(
    ("figure", "code"),
    [
        ("", "minutes_no_figure"),
        ("nan", "minutes_no_figure"),
        ("inf", "minutes_no_figure"),
        ("-inf", "minutes_no_figure"),
        ("NULL", "minutes_no_figure"),
        ("-0.5", "minutes_negative"),
        ("12 min", "minutes_not_a_number"),
        ("五", "minutes_not_a_number"),
        ('"12,5"', "minutes_not_a_number"),
    ],
)
def test_what_is_no_figure_of_minutes_is_a_finding(tmp_path: Path, figure: str, code: str) -> None:
    table(tmp_path, "007,s1,1", f"7,s1,{figure}")
    times, findings = read(tmp_path)
    assert times is None
    assert told(findings) == [(code, 3, figure.strip('"'))]


def test_blank_lines_say_nothing_and_rows_are_still_counted_right(tmp_path: Path) -> None:
    table(tmp_path, "007,s1,1", "", ",,", "7,s1,x")
    assert told(read(tmp_path)[1]) == [("minutes_not_a_number", 5, "x")]


def test_a_missing_column_names_the_nearest_one(tmp_path: Path) -> None:
    table(tmp_path, "007,s1,1", header="cellid,site_id,Minutes")
    times, findings = read(tmp_path)
    assert times is None
    assert [(f.code, f.field, f.value, f.facts["nearest"]) for f in findings] == [
        ("minutes_no_column", "travel.table.cell_id", "cell_id", "cellid"),
        ("minutes_no_column", "travel.table.minutes", "minutes", "Minutes"),
    ]


def test_empty_missing_and_damaged_files_are_findings(tmp_path: Path) -> None:
    table(tmp_path)
    assert [f.code for f in read(tmp_path)[1]] == ["minutes_empty"]
    (tmp_path / "m.csv").write_bytes(b"")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 torn")
    (tmp_path / "m.xlsx").write_bytes(b"PK")
    for file in ("m.csv", "none.csv", "bad.parquet", "m.xlsx"):
        times, findings = read(tmp_path, file)
        assert times is None
        assert findings.errors


def test_parquet_is_read_with_its_own_types(tmp_path: Path) -> None:
    frame = pd.DataFrame({"cell_id": [7, 13121705207], "site_id": ["s2", "市场"], "minutes": [0.1 + 0.2, 15.0]})
    frame.to_parquet(tmp_path / "m.parquet")
    times, findings = read(tmp_path, "m.parquet")
    assert times is not None
    assert len(findings) == 0
    assert times.cell.tolist() == [1, 2]
    assert times.minutes.tolist() == [0.1 + 0.2, 15.0]
    frame["minutes"] = [np.nan, -1.0]
    frame.to_parquet(tmp_path / "m.parquet")
    codes = [(f.code, f.row) for f in read(tmp_path, "m.parquet")[1]]
    assert codes == [("minutes_no_figure", 1), ("minutes_negative", 2)]


def test_the_limit_itself_is_kept_exactly_as_written(tmp_path: Path) -> None:
    table(tmp_path, "007,s1,15.0", "007,s2,15.0000001", "7,s1,15.00001")
    times, _ = read(tmp_path)
    assert times is not None
    assert times.minutes.tolist() == [15.0, 15.0000001]
