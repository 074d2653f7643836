"""Zones, phases, tiers, conversion and add-ons from the files to the plan, in memory and streamed alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from siteopt import commands, pipeline
from siteopt.findings import InputError
from siteopt.pipeline import Ready
from siteopt.world import SPACE_KINDS
from tests.layer_files import CRS, X0, Y0, write_csv
from tests.streamed_towns import write_town

TIERS = {"block": {}, "centre": {"people": 100, "outlets": 1}, "community": {"people": 100, "outlets": 2}}


def rich_town(folder: Path, *, streamed: bool, **over: Any) -> Ready:
    """A random town with every kind of data that the rules of the plan document look at."""
    folder.mkdir(exist_ok=True)
    farmland = geopandas.GeoDataFrame(geometry=[shapely.box(X0, Y0, X0 + 90, Y0 + 90)], crs=CRS)
    farmland.to_file(folder / "farmland.gpkg")
    write_csv(folder / "gates.csv", [{"x": X0 + 700, "y": Y0 + 700}])
    path = write_town(
        folder, 5,
        zones={
            "permanent_basic_farmland": {"file": "farmland.gpkg"},
            "school_gates": {"file": "gates.csv", "crs": CRS},
        },
        phases=[{"name": "2026", "months": 12}, {"name": "2027", "months": 24, "weight": 3}],
        candidates={"months_by_kind": {"new_building": 18}, "conversion": {"idle_premises": {"fixed": 111}}},
        communities={"tiers": TIERS, "values": {"east": {"pilot": True, "grade": "品质型", "households": 500}}},
        **over,
    )  # fmt: skip
    sets: tuple[str, ...] = ()
    if not streamed:
        cells = [geopandas.read_parquet(p) for p in sorted((folder / "cells").glob("*.parquet"))]
        geopandas.pd.concat(cells).to_parquet(folder / "whole.parquet")
        sets = ("demand.file=whole.parquet", "demand.streamed=false")
    return pipeline.check(path, sets=sets)


def test_a_streamed_run_knows_what_a_run_in_memory_knows(tmp_path: Path) -> None:
    plain, streamed = rich_town(tmp_path / "a", streamed=False), rich_town(tmp_path / "b", streamed=True)
    one, other = plain.world, streamed.world
    assert vars(other.periods) == vars(one.periods) and other.periods.name == ("2026", "2027")
    assert other.periods.months == (12, 24) and other.periods.weight == (1, 3)
    assert list(other.zones) == list(one.zones) == ["permanent_basic_farmland", "school_gates"]
    assert all(shapely.equals(z.geometry, one.zones[n].geometry).all() for n, z in other.zones.items())
    for noun in ("sites", "communities", "types"):
        for field, value in vars(getattr(one, noun)).items():
            same = getattr(getattr(other, noun), field)
            equal = (
                np.array_equal(value, same, equal_nan=value.dtype.kind == "f") if hasattr(value, "dtype") else None
            )
            assert equal if equal is not None else value == same, (noun, field)
    assert set(other.communities.tier) <= set(TIERS) and other.communities.pilot.tolist() == [False, True]
    for ready in (plain, streamed):
        codes = [f.code for f in ready.findings]
        assert codes.count("tier_by_thresholds") == 2 and codes.count("conversion_unsourced") == 1
    assert other.types.illustrative.any() and other.sources == ("cells", *one.sources[1:])


def test_tiers_are_counted_on_all_cells_of_a_streamed_layer(tmp_path: Path) -> None:
    ready = rich_town(tmp_path, streamed=True)
    world = ready.world
    people = np.bincount(world.cells.community, weights=world.cells.residents, minlength=2)
    told = {f.value: f.facts["people"] for f in ready.findings if f.code == "tier_by_thresholds"}
    assert told == pytest.approx(dict(zip(["west", "east"], people, strict=True)))


@pytest.mark.parametrize("streamed", [False, True])
def test_faults_of_zones_stop_either_run_and_say_where(tmp_path: Path, streamed: bool) -> None:
    with pytest.raises(InputError) as stopped:
        rich_town(tmp_path, streamed=streamed, existing=[
            {"file": "outlets.csv", "crs": CRS, "type": "type", "chain": "nowhere", "addons": ["clinic"]}
        ])  # fmt: skip
    found = {f.code: f for f in stopped.value.findings}
    assert found["missing_column"].field == "existing.0.chain"
    assert found["addon_takes_slot"].field == "existing.0.addons.0"
    assert str(found["addon_takes_slot"].row).count(":") == 1 and found["addon_takes_slot"].file == "scenario.yaml"


def lockers(folder: Path, area_m2: float) -> Ready:
    """A town where the only thing to do is to put a locker of 60 m2 into an outlet that stands."""
    write_town(folder, 2)
    kinds = {
        "shop": {"limit_min": 8, "area_m2": 40, "cost": 1000, "name": "Shop"},
        "clinic": {"limit_min": 30, "area_m2": 60, "cost": 2500, "name": "Locker", "base": False},
    }  # fmt: skip
    path = write_town(
        folder, 2, types=kinds, constraints=[{"rule": "budget", "amount": 2500}],
        candidates={"allowed_by_kind": {kind: ["shop"] for kind in SPACE_KINDS}},
        existing=[{"file": "outlets.csv", "crs": CRS, "type": "type", "area_m2": "m2", "addons": ["clinic"],
                   "where": {"type": "shop"}}],
    )  # fmt: skip
    write_csv(folder / "outlets.csv", [{"type": "shop", "m2": area_m2, "x": X0 + 700, "y": Y0 + 700}])
    write_csv(folder / "spaces.csv", [
        {"site_id": "s1", "area_m2": 10, "kind": "corner_plot", "slots": 1, "allowed": "shop", "x": X0, "y": Y0}
    ])  # fmt: skip
    return pipeline.check(path, sets=("communities.unused=allow",))


def test_an_add_on_opens_inside_an_outlet_that_stands_if_it_fits(tmp_path: Path) -> None:
    ready = lockers(tmp_path, 60)
    run = pipeline.solve(ready)
    assert run.plan is not None and run.world.sites.kind.tolist() == ["corner_plot", "existing_outlet"]
    locker = run.world.types.type_id.index("clinic")
    assert np.argwhere(run.plan.opened).tolist() == [[1, locker]]
    assert run.scores.cost_total == 2500 and all(v.holds for v in run.verdicts)
    assert (run.scores.commercial_after_m2 == run.scores.commercial_before_m2).all()  # its area is counted already
    _, where = commands.write(run, ready, tmp_path / "run")
    assert "existing1-1" in (where / "sites.csv").read_text(encoding="utf-8")
    run = pipeline.solve(lockers(tmp_path, 59))
    assert run.plan is not None and not run.plan.opened.any()
