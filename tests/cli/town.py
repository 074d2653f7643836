"""A small sound town as real files, for the command line to read; each test breaks one thing of it.

4 x 4 cells of 100 m in West (new) and East (old), streets on a 100 m grid, five spaces, one existing market.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import geopandas
import shapely
import yaml
from click.testing import CliRunner, Result

from siteopt.cli import cli

CRS = "EPSG:4546"
X0, Y0 = 390_000.0, 3_010_000.0
"""The lower left corner, near 109.89 E, 27.20 N."""

SPACES = """\
site_id,name,x,y,kind,area_m2,allowed,cost_market,community
s1,邮局旧址,390050,3010050,idle_premises,300,,310000,west
s2,Corner,390150,3010150,corner_plot,20,stall,,west
s3,Yard,390250,3010250,renovated_building,400,market;stall,290000,east
s4,Depot,390350,3010350,new_building,500,market;stall,300000,east
s5,Gate,390050,3010350,new_building,350,market;stall,305000,west
"""
OUTLETS = "id,type,x,y,area_m2\no1,market,390310,3010005,250\n"


def scenario() -> dict[str, Any]:
    """The sound scenario as plain values."""
    return {
        "siteopt": 1,
        "name": "town",
        "title": {"en": "A small town", "zh": "小镇"},
        "illustrative": True,
        "crs": CRS,
        "travel": {"streets": {"file": "streets.gpkg", "min_component_m": 0}},
        "demand": {"file": "cells.gpkg", "id": "cell", "people": {"residents": "people", "elderly": "old"}},
        "candidates": {
            "file": "spaces.csv",
            "crs": CRS,
            "name": "name",
            "allowed": "allowed",
            "cost": {"market": {"column": "cost_market", "default": 300000}},
            "community": "community",
        },
        "existing": [{"file": "outlets.csv", "crs": CRS, "id": "id", "type": "type", "area_m2": "area_m2"}],
        "communities": {
            "file": "communities.gpkg",
            "name": "name",
            "age_class": "age",
            "floor_area_m2": "total",
            "commercial_area_m2": "shops",
        },
        "types": {
            "market": {"name": {"en": "Market", "zh": "菜市场"}, "limit_min": 6, "area_m2": 300, "cost": 300000},
            "stall": {"name": {"en": "Stall", "zh": "早餐摊"}, "limit_min": 4.5, "area_m2": 10, "cost": 20000},
        },
        "objective": {"name": "coverage"},
        "constraints": [{"rule": "budget", "amount": 340000}, {"rule": "commercial_area", "share": 0.1}],
        "solver": {"time_limit_s": 20},
        "report": {"language": "en"},
        "variants": {"double-budget": {"constraints": [{"name": "budget", "amount": 680000}]}},
    }


def cells() -> geopandas.GeoDataFrame:
    """16 squares of 100 m, 10 to 25 people each."""
    at = [(c, r) for r in range(4) for c in range(4)]
    squares = [shapely.box(X0 + 100 * c, Y0 + 100 * r, X0 + 100 * c + 100, Y0 + 100 * r + 100) for c, r in at]
    columns = {
        "cell": [f"{i:03d}" for i in range(16)],
        "people": [10.0 + i for i in range(16)],
        "old": [float(i % 4) for i in range(16)],
    }
    return geopandas.GeoDataFrame(columns, geometry=squares, crs=CRS)


def communities() -> geopandas.GeoDataFrame:
    """West, new, and East, old."""
    halves = [shapely.box(X0, Y0, X0 + 200, Y0 + 400), shapely.box(X0 + 200, Y0, X0 + 400, Y0 + 400)]
    columns = {
        "community_id": ["west", "east"],
        "name": ["西苑社区", "East"],
        "age": ["new", "old"],
        "total": [3000.0, 5000.0],
        "shops": [300.0, 400.0],
    }
    return geopandas.GeoDataFrame(columns, geometry=halves, crs=CRS)


def streets() -> geopandas.GeoDataFrame:
    """A 100 m grid."""
    lines = [
        line
        for i in range(5)
        for j in range(4)
        for line in (
            shapely.LineString([(X0 + 100 * i, Y0 + 100 * j), (X0 + 100 * i, Y0 + 100 * j + 100)]),
            shapely.LineString([(X0 + 100 * j, Y0 + 100 * i), (X0 + 100 * j + 100, Y0 + 100 * i)]),
        )
    ]
    return geopandas.GeoDataFrame({"kind": ["lane"] * len(lines)}, geometry=lines, crs=CRS)


@cache
def _once() -> Path:
    """The sound layers, written once."""
    folder = Path(mkdtemp(prefix="town-"))
    cells().to_file(folder / "cells.gpkg")
    communities().to_file(folder / "communities.gpkg")
    streets().to_file(folder / "streets.gpkg")
    (folder / "spaces.csv").write_text(SPACES, encoding="utf-8")
    (folder / "outlets.csv").write_text(OUTLETS, encoding="utf-8")
    return folder


@dataclass
class Town:
    """The town in a folder of its own: change files and ``spec``, then run a command."""

    folder: Path
    spec: dict[str, Any]

    @property
    def scenario(self) -> Path:
        return self.folder / "scenario.yaml"

    @property
    def out(self) -> Path:
        return self.folder / "runs" / "town"

    def save(self) -> Path:
        """Write the scenario, unless a test wrote its own."""
        if not self.scenario.exists():
            text = yaml.safe_dump(self.spec, allow_unicode=True, sort_keys=False)
            self.scenario.write_text(text, encoding="utf-8")
        return self.scenario

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace one piece of a text file."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} must stand once in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def layer(self, file: str, change: Callable[[geopandas.GeoDataFrame], Any], **more: Any) -> None:
        """Change a layer in place, or by what the change returns."""
        path = self.folder / file
        frame = geopandas.read_file(path)
        changed = change(frame)
        path.unlink()
        (frame if changed is None else changed).to_file(path, **more)

    def run(self, command: str = "solve", *options: str, where: Path | None = None) -> Result:
        """A command on the scenario."""
        self.save()
        out = ["--out", str(where or self.out)] if command == "solve" else []
        return invoke(command, str(self.scenario), *out, *options)

    def files(self) -> dict[str, bytes]:
        """Every file under the folder, and every folder (as a key without content)."""
        return {
            str(p.relative_to(self.folder)): p.read_bytes() if p.is_file() else b"" for p in self.folder.rglob("*")
        }

    def summary(self) -> dict[str, Any]:
        """The written summary."""
        loaded: dict[str, Any] = json.loads((self.out / "summary.json").read_text(encoding="utf-8"))
        return loaded


def make_town(folder: Path) -> Town:
    """A sound town in a folder."""
    shutil.copytree(_once(), folder, dirs_exist_ok=True)
    return Town(folder, scenario())


def invoke(*arguments: str) -> Result:
    """The command line in this process; stdout and stderr apart."""
    return CliRunner().invoke(cli, list(arguments), prog_name="siteopt")


def assert_calm(result: Result) -> None:
    """No traceback, no exception that is not an exit, no control characters."""
    assert "Traceback" not in result.output
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise AssertionError(f"an exception got out: {result.exception!r}") from result.exception
    stray = {c for c in result.output if not c.isprintable() and c not in "\n\u3000"}
    assert not stray, stray
