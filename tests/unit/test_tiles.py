"""The tiled extract of the benchmarks is the same town many times, joined at the seams."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.tiles import tile
from siteopt.findings import Findings
from siteopt.layers.osm import read_osm
from siteopt.scenario.schema import WalkFilter


@pytest.mark.real
def test_a_tiled_town_is_one_network_of_that_many_towns(shared: Path, tmp_path: Path) -> None:
    source, target = shared / "porto" / "source" / "porto.osm.pbf", tmp_path / "four.osm.pbf"
    tile(source, target, 2, 2, streets_only=True)
    first = target.read_bytes()
    one, four = (read_osm(path, WalkFilter(), "EPSG:3763", Findings(), label="porto") for path in (source, target))
    assert one is not None and four is not None
    assert four.length_m.sum() == pytest.approx(4 * one.length_m.sum(), rel=0.02)
    assert 4 * len(one.tail) <= len(four.tail) <= 4 * len(one.tail) + 300
    assert four.component_length_m[0] > 3.8 * one.component_length_m[0]
    assert (np.ptp(four.node_xy_m, axis=0) > np.ptp(one.node_xy_m, axis=0) + 2000).all()
    assert tile(source, target, 2, 2, streets_only=True).read_bytes() == first
