"""A candidate space with a standing outlet offered its whole floor area once more."""

from __future__ import annotations

from pathlib import Path

from siteopt import pipeline

SCENARIO = """
siteopt: 1
name: standing
crs: EPSG:4546
demand: {file: cells.csv, crs: EPSG:4546, id: id, people: people}
candidates: {file: spaces.csv, crs: EPSG:4546, id: id, area_m2: area, kind: {default: idle_premises}, slots: 2,
             standing: here}
types:
  shop: {name: shop, area_m2: 60, cost: 1, category: basic}
  cafe: {name: cafe, area_m2: 60, cost: 1, category: basic}
"""


def test_what_stands_in_a_space_leaves_less_room(tmp_path: Path) -> None:
    (tmp_path / "cells.csv").write_text("id,people,x,y\na,10,384000,3010000\n", encoding="utf-8")
    (tmp_path / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    for area, opened in ((119, 0), (120, 1)):
        rows = f"id,area,x,y,here\ns,{area},384000,3010000,shop\n"
        (tmp_path / "spaces.csv").write_text(rows, encoding="utf-8")
        run = pipeline.solve(pipeline.check(tmp_path / "scenario.yaml"))
        assert run.plan is not None
        assert run.plan.opened.sum() == opened, area
