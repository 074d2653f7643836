"""The survey sheet of docs/plan-data.md is read as that page says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from siteopt.findings import Findings
from siteopt.layers.assemble import read_world
from siteopt.world import OutletTypes
from tests.layer_files import CRS, sentences_hold, town
from tests.worlds import make_types

ROWS = """\
E1,老菜场,菜场,109.8905,27.2005,250,,否,是,,1200,有效,
E2,驿站,locker,109.8906,27.2006,12,,连锁,,80,,有效,门口
E3,黑店,菜场,109.8907,27.2007,90,,,,,,无,
"""


@pytest.fixture
def page(root: Path) -> str:
    text = (root / "docs" / "plan-data.md").read_text(encoding="utf-8")
    return text.partition("### A survey sheet")[2].partition("\n## ")[0]


def kinds() -> OutletTypes:
    made = make_types([10.0, 10.0], capacity=np.array([500.0, np.nan]))
    return replace(made, type_id=("vegetable_market", "locker"))


def test_the_sheet_s_headings_and_the_scenario_beside_them_fit_each_other(page: str, tmp_path: Path) -> None:
    headings, scenario = re.findall(r"```(?:yaml)?\n(.*?)```", page, re.DOTALL)
    (tmp_path / "排摸表.csv").write_text(headings + ROWS, encoding="utf-8")
    existing = yaml.safe_load(scenario)["existing"]
    existing[0].pop("community")  # found by position: the test's town has no communities
    findings = Findings()
    spec = town(tmp_path, communities=None, existing=existing, types={})
    world = read_world(spec, tmp_path, CRS, kinds(), None, findings)
    sentences_hold(findings)
    assert world is not None, list(findings)
    sites = world.sites
    new = np.isin(sites.site_id.astype(str), ["E1", "E2", "E3"])
    assert sites.site_id[new].tolist() == ["E1", "E2"]  # E3 has no licence
    assert sites.standing[new].tolist() == [[True, False], [False, True]]
    assert sites.capacity[new, 0][0] == 1200 and sites.compartments[new][1] == 80
    assert sites.chain[new].tolist() == [False, True] and sites.locked[new].tolist() == [True, False]
