"""A run as the store really writes it, handed over."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest

from siteopt.findings import Findings
from siteopt.report.dossier import write_dossier
from siteopt.runs.store import write_run
from tests.runs_builder import make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(make_run(language="zh"), tmp_path_factory.mktemp("run") / "r", html="<p>", map_png=b"")


def test_every_chosen_site_of_a_stored_run_is_a_row_a_plot_or_a_point(run: Path, tmp_path: Path) -> None:
    findings = Findings()
    paths = write_dossier(run, tmp_path / "out", findings=findings)
    assert not findings.errors
    sites = gpd.read_file(run / "plan.gpkg", layer="sites")
    chosen = set(sites[sites.status == "chosen"].site_id)
    listed = {
        site_id
        for name in ("plots.shp", "points.shp")
        if (tmp_path / "out" / name) in paths
        for site_id in gpd.read_file(tmp_path / "out" / name).DKBH
    }
    assert listed == {" ".join(site_id.split()) for site_id in chosen}
    sheet = openpyxl.load_workbook(tmp_path / "out" / "dossier.xlsx").worksheets[0]
    rows = {str(cell.value).lstrip("'") for cell in sheet["A"][3:]}
    assert {row.lstrip("'") for row in listed} == rows


def test_the_outlines_of_a_stored_run_become_boundary_points(run: Path, tmp_path: Path) -> None:
    write_dossier(run, tmp_path / "out", crs="EPSG:4546", findings=Findings())
    areas = gpd.read_file(run / "plan.gpkg", layer="site_areas").set_index("site_id").geometry
    plots = gpd.read_file(tmp_path / "out" / "plots.gpkg", layer="plots").set_index("DKBH").geometry
    assert len(plots) > 0
    for site_id, plot in plots.items():
        assert plot.symmetric_difference(areas[site_id]).area < 0.01 * plot.length
    text = (tmp_path / "out" / "boundary.txt").read_text(encoding="utf-8")
    assert sum(line.endswith("@") for line in text.splitlines()) == len(plots)


def test_a_stored_run_without_a_plan_has_nothing_to_hand_over(tmp_path: Path) -> None:
    folder = write_run(make_run(feasible=False), tmp_path / "r", html="<p>", map_png=b"")
    findings = Findings()
    assert write_dossier(folder, tmp_path / "out", findings=findings) == ()
    assert [(f.code, f.value) for f in findings] == [("dossier_nothing_to_hand_over", "infeasible")]
