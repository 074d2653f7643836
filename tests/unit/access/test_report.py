"""What a planner is told about her streets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.access.report import snap_findings
from siteopt.access.travel import walk_times
from siteopt.findings import Finding, Findings
from siteopt.text import LANGUAGES, fill, topic
from siteopt.world import Streets, World
from tests.street_worlds import streets_of
from tests.worlds import make_types, make_world, texts

TWO_TOWNS = streets_of([(0, 0), (5000, 0)], [(0, 3000), (2500, 3000)], [(100, 40), (160, 40)])


def world(cells: list[tuple[float, float]], sites: list[tuple[float, float]]) -> World:
    people = np.arange(1, len(cells) + 1) * 1000.0
    return make_world(
        cell_xy=np.array(cells, float), people=people, site_xy=np.array(sites, float), types=make_types([15])
    )


def tell(streets: Streets, there: World, **over: float) -> list[Finding]:
    limits = {"cutoff_min": 15.0, "speed_kmh": 4.0, "max_snap_m": 500.0, "min_component_m": 2000.0} | over
    _, report = walk_times(there.cells.xy_m, there.sites.xy_m, streets, **limits)
    findings = Findings()
    snap_findings(report, there.cells, there.sites, findings, file="streets.gpkg")
    return list(findings)


def test_a_whole_network_that_all_points_touch_says_nothing() -> None:
    assert tell(streets_of([(0, 0), (5000, 0)]), world([(10, 10)], [(20, 20)])) == []


def test_a_split_network_counts_cells_people_and_sites_off_the_largest_piece() -> None:
    there = world([(10, 0), (20, 3010), (30, 3010)], [(40, 0), (50, 3000)])
    split = tell(TWO_TOWNS, there)[0]
    assert (split.severity, split.code, split.file) == ("warning", "split_network", "streets.gpkg")
    assert split.facts == {"count": 2, "cells": 2, "people": 5000.0, "sites": 1}


def test_two_pieces_are_no_matter_when_nobody_is_on_the_second() -> None:
    assert "split_network" not in [f.code for f in tell(TWO_TOWNS, world([(10, 0)], [(40, 0)]))]


def test_short_pieces_are_a_remark_and_a_warning_once_somebody_stands_beside_one() -> None:
    remark = tell(TWO_TOWNS, world([(1000, 0)], [(40, 0)]))
    assert [(f.severity, f.code) for f in remark] == [("info", "short_pieces")]
    (told,) = tell(TWO_TOWNS, world([(1000, 0), (120, 39)], [(130, 45)]))
    assert (told.severity, told.value) == ("warning", 2000)
    assert (told.facts["cells"], told.facts["people"], told.facts["sites"]) == (1, 2000, 1)
    assert told.facts["km"] == pytest.approx(0.06)


def test_unconnected_cells_are_counted_with_their_people_and_the_first_few_named() -> None:
    far = [(x, 900.0) for x in range(7)]
    (told,) = [f for f in tell(TWO_TOWNS, world([(0, 0), *far], [(0, 0)])) if f.code == "unconnected_cells"]
    assert (told.severity, told.file, told.row) == ("warning", "cells.csv", "3")
    assert (told.facts["count"], told.facts["people"]) == (7, sum(range(2, 9)) * 1000)
    assert told.facts["ids"] == "c001, c002, c003, c004, c005, …"
    assert (told.facts["limit_m"], told.facts["farthest_m"]) == (500, 900)


def test_unconnected_sites_are_told_file_by_file() -> None:
    there = world([(0, 0)], [(0, 0), (0, 700), (9, 800)])
    sites = replace(there.sites, file=texts(["new.csv", "new.csv", "old.csv"]))
    told = [f for f in tell(TWO_TOWNS, replace(there, sites=sites)) if f.code == "unconnected_sites"]
    assert [(f.file, f.row, f.facts["ids"]) for f in told] == [("new.csv", "3", "s001"), ("old.csv", "4", "s002")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_all_its_facts(language: str) -> None:
    there = world([(10, 0), (20, 3010), (0, 900), (120, 39)], [(40, 0), (50, 3000), (0, 700)])
    found = tell(TWO_TOWNS, there)
    assert {f.code for f in found} == {"split_network", "short_pieces", "unconnected_cells", "unconnected_sites"}
    for f in found:
        facts = f.facts | {"value": f.value, "field": f.field, "row": f.row, "file": f.file}
        said = fill(topic("findings_streets")[f.code], language, facts)
        assert "…" not in said
        assert "{" not in said
