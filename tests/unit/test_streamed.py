"""A streamed run is the run in memory: same value, same verdicts, same sums; and it is audited on the raw cells."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pytest

from siteopt import commands, pipeline, survey
from siteopt.findings import InputError
from siteopt.layers import batches, parts
from siteopt.model.constraints.budget import Rule as Budget
from siteopt.pipeline import Ready, RefusedPlan
from siteopt.plan import Run
from siteopt.problem import TravelTimes
from siteopt.runs.store import open_run
from tests.streamed_towns import write_town

SUMS = (
    "total", "before", "after", "complete_before", "complete_after", "community_total", "community_before",
    "community_after", "nothing_before", "nothing_after", "newly_covered", "only_covered_by_this",
)  # fmt: skip


@pytest.fixture(autouse=True)
def many_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_ROWS", 15)
    monkeypatch.setattr(batches, "BATCH_ROWS", 5)
    monkeypatch.setattr(survey, "_FIRST_CELLS", 3)


def in_memory(path: Path) -> Run:
    """The same town from one file."""
    folder = path.parent
    whole = geopandas.pd.concat([geopandas.read_parquet(p) for p in sorted((folder / "cells").glob("*.parquet"))])
    whole.to_parquet(folder / "whole.parquet")
    return pipeline.solve(pipeline.check(path, sets=("demand.file=whole.parquet", "demand.streamed=false")))


@pytest.mark.parametrize("seed", range(25))
def test_a_streamed_run_has_the_value_the_verdicts_and_the_sums_of_the_run_in_memory(
    seed: int, tmp_path: Path
) -> None:
    path = write_town(tmp_path, seed, fractional=seed % 5 == 4, parts=1 + seed % 3)
    streamed, plain = pipeline.solve(pipeline.check(path)), in_memory(path)
    assert streamed.proof.status == plain.proof.status
    assert streamed.proof.objective == pytest.approx(plain.proof.objective, rel=1e-9, nan_ok=True)
    if plain.plan is None:
        assert streamed.diagnosis is not None and plain.diagnosis is not None
        assert streamed.diagnosis.clashing == plain.diagnosis.clashing
        return
    # Of equal plans either may be the answer: the streamed one's is scored on the cells themselves.
    assert streamed.scores.cost_total == pytest.approx(plain.scores.cost_total)
    on_cells = replace(plain, plan=streamed.plan)
    scores = survey.score(
        plain.world, plain.travel, on_cells.plan, pipeline.seek_of(pipeline.check(path).loaded).measures
    )
    for name in SUMS:
        ours, theirs = getattr(streamed.scores, name), getattr(scores, name)
        if seed % 5 == 4:
            assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-9), name
        else:
            assert (ours == theirs).all(), name
    ready = pipeline.check(path, sets=("demand.file=whole.parquet", "demand.streamed=false"))
    judged = [v for rule in ready.rules for v in rule.judge(plain.world, plain.travel, streamed.plan)]
    assert [(v.subject, v.holds) for v in judged] == [(v.subject, v.holds) for v in streamed.verdicts]
    assert [v.got for v in judged] == pytest.approx([v.got for v in streamed.verdicts], rel=1e-12)


def test_rows_are_classes_and_say_of_how_many_cells(tmp_path: Path) -> None:
    ready = pipeline.check(write_town(tmp_path, 3, n_cells=400))
    cells = ready.world.cells
    assert cells.counts.sum() == 400 > len(cells)
    assert all(str(c).startswith(f"class-{n:06d}-") for n, c in enumerate(cells.cell_id, 1))
    folder = commands.run_folder(ready, tmp_path / "run")
    summary, where = commands.write(pipeline.solve(ready), ready, folder)
    assert summary["cells"] == 400 and summary["cell_classes"] == len(cells)
    manifest = json.loads((where / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["demand"] == {"cells": 400, "classes": len(cells)}
    assert [entry["rows"] for entry in manifest["inputs"] if entry["file"] == "cells/part-0.parquet"] == [400]
    with (where / "coverage.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["n_cells"]) for row in rows) == 2 * 400
    shown = geopandas.read_file(where / "plan.gpkg", layer="demand")
    assert shown["n_cells"].sum() == 400
    assert "n_cells" in (where / "report.html").read_text(encoding="utf-8")
    assert len(open_run(where).coverage()) == 2 * len(cells) and not open_run(where).findings


def test_neither_batches_nor_parts_change_a_byte_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_town(tmp_path, 7, n_cells=200, fractional=True)

    def written(name: str) -> list[bytes]:
        ready = pipeline.check(path)
        _, where = commands.write(pipeline.solve(ready), ready, tmp_path / name)
        return [(where / f).read_bytes() for f in ("coverage.csv", "sites.csv", "communities.csv", "plan.gpkg")]

    one = written("one")
    monkeypatch.setattr(parts, "PART_ROWS", 1000)
    monkeypatch.setattr(batches, "BATCH_ROWS", 77)
    monkeypatch.setattr(survey, "_FIRST_CELLS", 1000)
    assert written("two") == one


def test_shuffled_rows_give_the_same_classes(tmp_path: Path) -> None:
    path = write_town(tmp_path, 8, n_cells=200, fractional=True)
    one = pipeline.check(path)
    file = tmp_path / "cells" / "part-0.parquet"
    geopandas.read_parquet(file).sample(frac=1, random_state=1).to_parquet(file, row_group_size=11)
    other = pipeline.check(path)
    for name in ("cell_id", "people", "xy_m", "community", "n_cells"):
        assert getattr(one.world.cells, name).tolist() == getattr(other.world.cells, name).tolist(), name
    assert one.travel.minutes.tobytes() == other.travel.minutes.tobytes()
    assert one.travel.site.tobytes() == other.travel.site.tobytes()


def test_no_cell_reaches_anything(tmp_path: Path) -> None:
    path = write_town(tmp_path, 9, constraints=[{"rule": "budget", "amount": 5000}], existing=[])
    far = geopandas.read_parquet(tmp_path / "cells" / "part-0.parquet").translate(20_000)
    cells = geopandas.read_parquet(tmp_path / "cells" / "part-0.parquet").set_geometry(far)
    cells.to_parquet(tmp_path / "cells" / "part-0.parquet")
    ready = pipeline.check(path, sets=("communities.unused=allow",))
    told = {f.code: f for f in ready.findings}
    assert (
        told["cells_reach_nothing"].facts["count"] == int((cells["people"] > 0).sum()) or len(ready.world.cells) == 1
    )
    assert len(ready.travel.site) == 0 and len(ready.world.cells) == 1
    run = pipeline.solve(ready)
    assert run.proof.status == "proven" and run.scores.after.sum() == 0


def test_all_faults_of_all_layers_are_told_at_once(tmp_path: Path) -> None:
    path = write_town(tmp_path, 10, parts=3)
    cells = geopandas.read_parquet(tmp_path / "cells" / "part-2.parquet")
    cells.loc[cells.index[3], "people"] = -4
    cells.loc[cells.index[4], "id"] = "c0"
    cells.to_parquet(tmp_path / "cells" / "part-2.parquet")
    (tmp_path / "spaces.csv").write_text("site_id,area_m2,kind,x,y\ns1,many,corner_plot,1,2\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        pipeline.check(path)
    told = {(f.code, f.file, f.row) for f in caught.value.findings}
    assert ("number_too_low", "cells/part-2.parquet", 4) in told
    assert ("duplicate_id", "cells/part-2.parquet", 5) in told
    assert ("not_a_number", "spaces.csv", 2) in told


def test_a_rule_that_does_not_allow_merging_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_town(tmp_path, 11, constraints=[{"rule": "budget", "amount": 5000, "name": "money"}])
    monkeypatch.setattr(Budget, "allows", frozenset())
    with pytest.raises(InputError) as caught:
        pipeline.check(path)
    assert [(f.code, f.value, f.field) for f in caught.value.findings if f.severity == "error"] == [
        ("streamed_rule", "budget", "constraints.money")
    ]


def test_every_rule_and_objective_of_today_can_be_streamed() -> None:
    rules, seeks = pipeline.constraint.registry(), pipeline.objective.registry()
    assert all("merge_cells" in kind.allows for kind in (*rules.values(), *seeks.values()))


def test_a_table_of_minutes_cannot_be_streamed(tmp_path: Path) -> None:
    path = write_town(tmp_path, 12, travel={"table": {"file": "minutes.csv"}})
    (tmp_path / "minutes.csv").write_text("cell_id,site_id,minutes\nc0,s1,3\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        pipeline.check(path)
    assert [f.code for f in caught.value.findings if f.severity == "error"] == ["streamed_table"]


def checked(tmp_path: Path, seed: int) -> Ready:
    return pipeline.check(write_town(tmp_path, seed, constraints=[{"rule": "budget", "amount": 5000}]))


def test_a_plan_whose_numbers_the_raw_cells_do_not_give_is_refused(tmp_path: Path) -> None:
    """Somebody else's error: the classes hold one person more than the cells."""
    ready = checked(tmp_path, 13)
    people = ready.world.cells.people.copy()
    people[-1] += 1
    wrong = replace(ready.world, cells=replace(ready.world.cells, people=people))
    with pytest.raises(RefusedPlan, match="untouched cells"):
        pipeline.solve(replace(ready, world=wrong))


def test_a_walk_that_the_classes_have_too_short_is_refused(tmp_path: Path) -> None:
    ready = checked(tmp_path, 14)
    t = ready.travel
    every = np.tile(np.arange(len(ready.world.sites)), len(ready.world.cells))
    indptr = np.arange(len(ready.world.cells) + 1) * len(ready.world.sites)
    near = TravelTimes(indptr, every, np.zeros(len(every)), t.cutoff_min, t.mode, t.speed_kmh, t.detour)
    with pytest.raises(RefusedPlan, match="untouched cells"):
        pipeline.solve(replace(ready, travel=near))


def test_a_layer_that_changes_under_way_is_told_and_nothing_is_claimed(tmp_path: Path) -> None:
    ready = checked(tmp_path, 15)
    file = tmp_path / "cells" / "part-0.parquet"
    cells = geopandas.read_parquet(file)
    cells["people"] += 1
    cells.to_parquet(file, row_group_size=7)
    with pytest.raises(InputError) as caught:
        pipeline.solve(ready)
    assert [f.code for f in caught.value.findings if f.severity == "error"] == ["demand_changed"]


def test_a_rule_about_a_space_that_is_not_there_is_told_with_the_other_faults(tmp_path: Path) -> None:
    path = write_town(tmp_path, 16, constraints=[{"rule": "required", "sites": ["s99"]}])
    cells = geopandas.read_parquet(tmp_path / "cells" / "part-0.parquet")
    cells.loc[2, "people"] = -1
    cells.to_parquet(tmp_path / "cells" / "part-0.parquet")
    with pytest.raises(InputError) as caught:
        pipeline.check(path)
    assert {f.code for f in caught.value.findings if f.severity == "error"} == {"rule_unknown_site", "number_too_low"}
