"""Several variants at once: each is the run it would be alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from dask.distributed import LocalCluster

from siteopt import commands, pipeline
from siteopt.cli import INFEASIBLE, INPUT, OK, cli
from siteopt.cluster import spread_over
from siteopt.sweep import sweep
from tests.streamed_towns import write_town

MONEY = [{"rule": "budget", "amount": 2000, "name": "money"}]
VARIANTS = {
    "double": {"constraints": [{"name": "money", "amount": 4000}]},
    "half/price": {"constraints": [{"name": "money", "amount": 1000}]},
    "much": {"constraints": [{"rule": "min_coverage", "share": 1.0, "name": "most"}]},
}


def town_with_variants(folder: Path) -> Path:
    path = write_town(folder, 4, constraints=MONEY)
    path.write_text(path.read_text(encoding="utf-8") + yaml.safe_dump({"variants": VARIANTS}), encoding="utf-8")
    return path


def test_each_variant_is_the_run_it_would_be_alone_here_and_on_a_cluster(tmp_path: Path) -> None:
    path = town_with_variants(tmp_path)
    names = ["double", "half/price"]
    alone = {}
    for name in names:
        ready = pipeline.check(path, variant=name)
        summary, where = commands.write(pipeline.solve(ready), ready, tmp_path / "alone" / str(len(alone)))
        alone[name] = (summary["objective"], (where / "sites.csv").read_bytes())
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as two,
        spread_over(two.scheduler_address) as there,
    ):
        swept = [*sweep(path, names, out=tmp_path / "there", spread=there)]
    swept += sweep(path, names, out=tmp_path / "here")
    for one in swept:
        assert one.folder is not None and one.status == "proven"
        assert (one.summary["objective"], (one.folder / "sites.csv").read_bytes()) == alone[one.variant]
    assert [one.variant for one in swept] == names * 2 and len({one.folder for one in swept}) == 4


def test_the_command_solves_several_variants_and_says_the_worst(tmp_path: Path) -> None:
    path = town_with_variants(tmp_path)
    said = ["solve", str(path), "--out", str(tmp_path / "runs"), "--variant", "double", "--variant"]
    good = CliRunner().invoke(cli, [*said, "half/price", "--json"])
    assert good.exit_code == OK
    assert [(v["variant"], v["status"]) for v in json.loads(good.stdout)] == [
        ("double", "proven"),
        ("half/price", "proven"),
    ]
    clash = CliRunner().invoke(cli, [*said, "much", "--lang", "zh"])
    assert clash.exit_code == INFEASIBLE and "double：已证明最优" in clash.stdout
    wrong = CliRunner().invoke(cli, [*said, "dubble"])
    assert wrong.exit_code == INPUT and "dubble" in wrong.stderr and "double: proven" in wrong.stdout


def test_districts_are_the_runs_they_would_be_alone_here_and_on_a_cluster(tmp_path: Path) -> None:
    paths = [
        write_town(tmp_path / place, seed, name="town", constraints=MONEY)
        for place, seed in (("east", 4), ("west", 6))
    ]
    alone = []
    for path in paths:
        ready = pipeline.check(path)
        alone.append(commands.summarise(pipeline.solve(ready))["objective"])
    assert alone[0] != alone[1]
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as two,
        spread_over(two.scheduler_address) as there,
    ):
        swept = [*sweep(paths, out=tmp_path / "there", spread=there)]
    for found in (swept, [*sweep([str(path) for path in paths], out=str(tmp_path / "here"))]):
        assert [(one.scenario, one.variant, one.status) for one in found] == [
            (path, None, "proven") for path in paths
        ]
        assert [one.summary["objective"] for one in found] == alone
        # Both towns have one name: neither run replaces the other.
        assert [one.folder.name for one in found if one.folder] == ["town", "town-2"]


def test_the_command_solves_several_districts_and_says_whose_findings_are_whose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for place, seed, amount in (("east", 4, 2000), ("west", 6, "much"), ("south", 8, 2000)):
        write_town(tmp_path / place, seed, name=place, constraints=[{"rule": "budget", "amount": amount}])
    said = ["solve", "east/scenario.yaml", "west/scenario.yaml", "south/scenario.yaml", "east/scenario.yaml"]
    done = CliRunner().invoke(cli, said)
    assert done.exit_code == INPUT and not done.exception.__cause__  # type: ignore[union-attr]
    assert "Findings in west/scenario.yaml:" in done.stderr and "much" in done.stderr
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [said[1], said[2], said[3]]
    assert sorted(folder.name for folder in (tmp_path / "runs").iterdir()) == ["east", "south"]
    told = json.loads(CliRunner().invoke(cli, [*said, "--json", "--set", "constraints.budget.amount=1500"]).stdout)
    assert [(one["file"], one["variant"], one["status"]) for one in told] == [(p, None, "proven") for p in said[1:4]]
    assert all(one["cost"]["total"] <= 1500 for one in told)


def test_names_that_are_one_on_disk_get_folders_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ``out`` as well: two variants once replaced each other's run."""
    monkeypatch.chdir(tmp_path)
    path = write_town(tmp_path, 4, name="town", constraints=MONEY)
    alike = {"half/price": VARIANTS["half/price"], "Half price": VARIANTS["double"], "half:price": {}}
    path.write_text(path.read_text(encoding="utf-8") + yaml.safe_dump({"variants": alike}), encoding="utf-8")
    folders = [one.folder for one in sweep(path, [*alike])]
    assert [folder.name for folder in folders if folder] == [
        "town-half-price",
        "town-Half-price-2",
        "town-half-price-2-2",
    ]


def test_a_cluster_that_is_not_there_is_input_that_can_be_mended(tmp_path: Path) -> None:
    path = write_town(tmp_path, 5)
    done = CliRunner().invoke(cli, ["solve", str(path), "--scheduler", "nowhere"])
    assert done.exit_code == INPUT and "tcp://host:8786" in done.stderr and not done.stdout
