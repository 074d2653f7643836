"""The benchmark of streamed runs runs, and shows the same classes for more cells."""

from __future__ import annotations

import pytest

from benchmarks.streamed import measure_streamed


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_more_cells_on_one_lattice_are_the_same_classes(kind: str) -> None:
    found = [measure_streamed(n, n_sites=9, budget=2, kind=kind, side=20) for n in (400, 1200)]
    assert [one["cells"] for one in found] == [400, 1200]
    assert found[0]["classes"] == found[1]["classes"] > 2
    assert all(one["run"]["status"] == "proven" for one in found)
    assert found[0]["run"]["objective"] < found[1]["run"]["objective"]
