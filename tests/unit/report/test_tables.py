"""The CSV tables open in Excel with their Chinese, hold no formula and stream."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from siteopt.report import tables
from siteopt.report.safe import as_it_was
from siteopt.report.summary import summarise
from tests.runs_builder import FORMULA, SCRIPT, make_run


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV as any reader sees them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_table_begins_with_a_byte_order_mark_and_ends_lines_with_lf(tmp_path: Path) -> None:
    run = make_run()
    summary = summarise(run)
    tables.write_sites(summary, tmp_path / "sites.csv")
    tables.write_communities(summary, tmp_path / "communities.csv")
    tables.write_coverage(run, tmp_path / "coverage.csv")
    for path in tmp_path.iterdir():
        raw = path.read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf")
        assert raw.endswith(b"\n") and b"\r" not in raw


def test_sites_are_the_new_outlets_with_text_that_is_no_formula(tmp_path: Path) -> None:
    run = make_run(opened=[(1, 1), (3, 0), (5, 0)])
    tables.write_sites(summarise(run), tmp_path / "sites.csv")
    rows = read(tmp_path / "sites.csv")
    assert [row["site_id"] for row in rows] == [SCRIPT, "'=1+1", "空地4"]
    assert rows[1]["name"] == "'" + FORMULA
    assert as_it_was(rows[1]["site_id"]) == "=1+1"
    assert rows[2]["name"] == "'+860745" and rows[2]["tenure"] == "'=cmd"
    assert float(rows[1]["cost"]) == 8100


def test_a_number_stays_a_number_even_when_negative(tmp_path: Path) -> None:
    tables.write_csv(tmp_path / "x.csv", ["=head", "n"], [["-2", -2.5], [None, None]])
    assert (tmp_path / "x.csv").read_text(encoding="utf-8-sig") == "'=head,n\n'-2,-2.5\n,\n"


def test_coverage_has_one_row_per_cell_and_type_with_minutes_before_and_after(tmp_path: Path) -> None:
    run = make_run()
    tables.write_coverage(run, tmp_path / "coverage.csv")
    rows = read(tmp_path / "coverage.csv")
    assert len(rows) == 12 * 3
    assert list(rows[0]) == list(tables.COVERAGE_COLUMNS)
    first = rows[0]
    assert (first["cell_id"], first["type"], first["people"]) == ("001", "market", "100")
    assert (first["covered_before"], first["covered_after"]) == ("0", "1")
    # a cell on the doorstep walks 0 minutes, which is not "no outlet"
    assert (first["minutes_before"], first["minutes_after"], first["served_by"]) == ("", "0", "A-1")
    nobody = rows[1]
    assert (nobody["covered_after"], nobody["minutes_after"], nobody["served_by"]) == ("0", "", "")
    assert rows[6]["cell_id"] == "'" + FORMULA
    assert rows[9]["cell_id"] == "'@cell"


def test_coverage_adds_up_to_the_summary(tmp_path: Path) -> None:
    run = make_run()
    tables.write_coverage(run, tmp_path / "coverage.csv")
    coverage = summarise(run)["coverage"]
    for type_id, figures in coverage.items():
        rows = [row for row in read(tmp_path / "coverage.csv") if row["type"] == type_id]
        for moment in ("before", "after"):
            people = sum(float(row["people"]) for row in rows if row[f"covered_{moment}"] == "1")
            assert people == pytest.approx(figures[moment])


def test_chunks_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run()
    tables.write_coverage(run, tmp_path / "one.csv")
    monkeypatch.setattr(tables, "CELLS_PER_CHUNK", 5)
    tables.write_coverage(run, tmp_path / "many.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "many.csv").read_bytes()


def test_communities_say_their_share_and_people_by_type(tmp_path: Path) -> None:
    run = make_run()
    tables.write_communities(summarise(run), tmp_path / "communities.csv")
    new, old = read(tmp_path / "communities.csv")
    assert (new["name"], new["required"], new["sense"], new["shortfall_m2"]) == ("沅江社区", "0.1", "ge", "0")
    assert (new["people_residents"], new["before_market"], new["after_market"]) == ("345", "190", "290")
    assert (old["name"], old["required"], old["commercial_share_after"]) == (SCRIPT, "", "")


def test_without_a_plan_there_is_a_header_and_no_site(tmp_path: Path) -> None:
    tables.write_sites(summarise(make_run(feasible=False)), tmp_path / "sites.csv")
    assert read(tmp_path / "sites.csv") == []


def test_a_world_without_cells_gives_a_header(tmp_path: Path) -> None:
    run = make_run()
    cells = run.world.cells
    none = replace(
        cells,
        cell_id=cells.cell_id[:0],
        xy_m=cells.xy_m[:0],
        people=cells.people[:0],
        community=cells.community[:0],
        geometry=cells.geometry[:0],
        row=cells.row[:0],
    )
    scores = replace(
        run.scores,
        minutes_before=np.empty((0, 3)),
        minutes_after=np.empty((0, 3)),
        served_by=np.empty((0, 3), dtype=np.int64),
    )
    tables.write_coverage(replace(run, world=replace(run.world, cells=none), scores=scores), tmp_path / "c.csv")
    assert read(tmp_path / "c.csv") == []
