"""Bad input: each fault told with file, row, field and the way out; exit code 3; nothing written, no traceback."""

from __future__ import annotations

import csv
import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

from siteopt.layers.gcj02 import to_gcj02
from siteopt.text import finding_entries
from tests.cli.town import CRS, X0, Y0, Town, assert_calm, make_town

REMEDY = {
    "en": re.compile(
        r"\b(give|write|correct|repair|save|export|add|put|name|leave|list|choose|draw|set|say|convert|rename|exchange|"
        r"delete|keep|use|make|remove|fill|check|close|indent|download|copy|open|nearest)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile("请|可用|改用|应为|只能|最接近"),
}


@dataclass(frozen=True)
class Case:
    """One thing broken, and what must be told about it."""

    name: str
    break_it: Callable[[Town], Any]
    code: str
    file: str
    row: str | None = None
    field: str | None = None
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


def put(path: str, value: Any) -> Callable[[Town], None]:
    """Set one value of the scenario: "demand.file", or "existing.0.file"."""

    def change(town: Town) -> None:
        *steps, last = (int(s) if s.isdigit() else s for s in path.split("."))
        at: Any = town.spec
        for step in steps:
            at = at[step]
        at[last] = value

    return change


def edit(file: str, old: str, new: str) -> Callable[[Town], None]:
    return lambda town: town.edit(file, old, new)


def cell(row: int, column: str, value: Any) -> Callable[[Town], None]:
    """Set one value of the demand layer; rows count from 0."""

    def change(frame: Any) -> Any:
        if isinstance(value, str):
            frame[column] = frame[column].astype(object)
        return frame.assign(**{column: [value if i == row else v for i, v in enumerate(frame[column])]})

    return lambda town: town.layer("cells.gpkg", change)


def shape(file: str, row: int, geometry: Any) -> Callable[[Town], None]:
    """Set one shape of a layer."""

    def change(frame: Any) -> Any:
        shapes = [geometry if i == row else g for i, g in enumerate(frame.geometry)]
        return frame.set_geometry(shapes, crs=CRS)

    return lambda town: town.layer(file, change)


def written(file: str, data: bytes) -> Callable[[Town], None]:
    """Replace a file's bytes."""
    return lambda town: (town.folder / file).write_bytes(data)


def osm(data: bytes) -> Callable[[Town], None]:
    def change(town: Town) -> None:
        (town.folder / "town.osm.pbf").write_bytes(data)
        town.spec["travel"] = {"streets": {"file": "town.osm.pbf"}}

    return change


def truncated(file: str, keep: float) -> Callable[[Town], None]:
    """Keep a file's first part only."""

    def change(town: Town) -> None:
        data = (town.folder / file).read_bytes()
        (town.folder / file).write_bytes(data[: int(len(data) * keep)])

    return change


def corrupt_pages(town: Town) -> None:
    """Whole length, right head, rubbish inside: what a bad disk leaves of a GeoPackage."""
    path = town.folder / "cells.gpkg"
    data = bytearray(path.read_bytes())
    data[2000:] = b"\xab" * (len(data) - 2000)
    path.write_bytes(data)


def in_degrees(file: str) -> Callable[[Town], None]:
    """Coordinates in degrees, the label still in metres."""
    return lambda town: town.layer(file, lambda frame: frame.to_crs(4490).set_crs(CRS, allow_override=True))


def shifted(town: Town) -> None:
    """Cells as a Chinese web map draws them, labelled WGS 84."""

    def change(frame: Any) -> Any:
        degrees = frame.to_crs(4326)
        return degrees.set_geometry([shapely.transform(g, to_gcj02) for g in degrees.geometry], crs=4326)

    town.layer("cells.gpkg", change)


def no_rows(file: str) -> Callable[[Town], None]:
    return lambda town: town.layer(file, lambda frame: frame.iloc[:0], geometry_type="Polygon")


def other_datum(town: Town) -> None:
    """Communities on Beijing 1954, from which no exact way leads to CGCS2000."""
    town.layer("communities.gpkg", lambda frame: frame.set_crs("EPSG:2436", allow_override=True))


def stray_community(town: Town) -> None:
    def change(frame: Any) -> Any:
        more = frame.iloc[:1].assign(community_id="north", name="North")
        more = more.set_geometry([shapely.box(X0, Y0 + 2000, X0 + 100, Y0 + 2100)], crs=CRS)
        return type(frame)(__import__("pandas").concat([frame, more], ignore_index=True), crs=CRS)

    town.layer("communities.gpkg", change)


def without_crs(file: str) -> Callable[[Town], None]:
    return lambda town: town.layer(file, lambda frame: frame.set_crs(None, allow_override=True))


def yaml_text(text: str) -> Callable[[Town], None]:
    return lambda town: town.scenario.write_text(text, encoding="utf-8")


BOW_TIE = shapely.Polygon([(X0, Y0), (X0 + 100, Y0 + 100), (X0 + 100, Y0), (X0, Y0 + 100)])
A_PBF_HEAD = struct.pack(">I", 13) + b"\x0a\x09OSMHeader\x18\x7f"

CASES = [
    # --- files and layers ---
    Case("missing file", put("demand.file", "cels.gpkg"), "missing_file", "cels.gpkg", None, None),
    Case("missing layer", put("demand.layer", "cels"), "missing_layer", "cells.gpkg", None, "layer"),
    Case("missing column", put("demand.people", "peple"), "missing_column", "cells.gpkg", None, "demand.people"),
    Case("empty layer", no_rows("cells.gpkg"), "empty_layer", "cells.gpkg"),
    Case("empty table", written("spaces.csv", b"site_id,x,y,kind,area_m2\n"), "empty_layer", "spaces.csv"),
    Case("file of 0 bytes", written("spaces.csv", b""), "empty_file", "spaces.csv"),
    Case("a folder for a file", put("demand.file", "."), "not_a_file", "."),
    Case("corrupt GeoPackage", corrupt_pages, "unreadable_file", "cells.gpkg"),
    Case("GeoPackage cut short", truncated("cells.gpkg", 0.4), "cut_short", "cells.gpkg"),
    Case("GeoPackage that is none", written("cells.gpkg", b"not a database" * 99), "unreadable_file", "cells.gpkg"),
    Case("truncated PBF", osm(A_PBF_HEAD), "osm_unreadable", "town.osm.pbf"),
    # --- the scenario file ---
    Case("YAML that does not parse", yaml_text("siteopt: 1\nname: [town\n"), "yaml_bracket", "scenario.yaml", "3:1"),
    Case("unknown key", put("demand.peopl", "x"), "unknown_key", "scenario.yaml", "@peopl:", "demand.peopl"),
    Case("wrong type", put("travel.speed_kmh", "fast"), "expects_number", "scenario.yaml", "@fast",
        "travel.speed_kmh"),
    Case(
        "infinite budget", put("constraints.0.amount", float("inf")), "number_finite", "scenario.yaml", "@.inf",
        "constraints.budget.amount",
    ),
    Case(
        "negative cost of a type", put("types.market.cost", -5), "number_at_least", "scenario.yaml", "@-5",
        "types.market.cost",
    ),
    Case(
        "infinite cost of a type", put("types.market.cost", float("inf")), "number_finite", "scenario.yaml", "@.inf",
        "types.market.cost",
    ),
    Case(
        "unknown engine", put("solver.engine", "higs"), "engine_unavailable", "scenario.yaml", "@higs",
        "solver.engine",
    ),
    Case(
        "unknown variant", lambda town: None, "variant_unknown", "scenario.yaml", None, "variants",
        ("--variant", "doubel-budget"),
    ),
    # --- numbers and ids ---
    Case("NaN in a column", edit("spaces.csv", "s3,Yard,390250,3010250,renovated_building,400",
         "s3,Yard,390250,3010250,renovated_building,NaN"), "not_finite", "spaces.csv", "4", "area_m2"),
    Case("NaN in a layer", cell(4, "people", float("nan")), "empty_cell", "cells.gpkg", "fid 5", "people"),
    Case("negative people", cell(2, "people", -3.0), "number_too_low", "cells.gpkg", "fid 3", "people"),
    Case("negative cost", edit("spaces.csv", "290000", "-290000"), "number_too_low", "spaces.csv", "4",
        "cost_market"),
    Case("infinite cost", edit("spaces.csv", "290000", "inf"), "not_finite", "spaces.csv", "4", "cost_market"),
    Case("text in a number column", edit("spaces.csv", "290000", "29万"), "not_a_number", "spaces.csv", "4",
         "cost_market"),
    Case("text where people are counted", cell(7, "people", "many"), "not_a_number", "cells.gpkg", "fid 8", "people"),
    Case("sentinel value", cell(15, "people", 999999999.0), "sentinel_value", "cells.gpkg", "fid 16", "people"),
    Case("duplicate id of a cell", cell(1, "cell", "000"), "duplicate_id", "cells.gpkg", "fid 2", "cell"),
    Case("duplicate id of a space", edit("spaces.csv", "s5,Gate", "s3,Gate"), "duplicate_id", "spaces.csv", "6",
         "site_id"),
    Case("id of an outlet that a space has", edit("outlets.csv", "o1,", "s1,"), "duplicate_id", "outlets.csv", "2",
         "id"),
    Case("unknown kind of space", edit("spaces.csv", "corner_plot", "corner_plt"), "unknown_kind", "spaces.csv", "3",
         "kind"),
    Case("a row with a cell too many", edit("spaces.csv", "s2,Corner", "s2,Corner,x"), "bad_csv_row", "spaces.csv",
         "3"),
    # --- shapes and positions ---
    Case("empty geometry", shape("cells.gpkg", 3, None), "empty_geometry", "cells.gpkg", "fid 4"),
    Case("self-crossing polygon", shape("communities.gpkg", 1, BOW_TIE), "invalid_polygon", "communities.gpkg",
         "fid 2"),
    Case("no CRS in a layer", without_crs("cells.gpkg"), "no_crs", "cells.gpkg", None, "demand.crs"),
    Case("no CRS for a table", lambda town: town.spec["candidates"].pop("crs"), "no_crs", "spaces.csv", None,
         "candidates.crs"),
    Case("degrees where metres are asked", in_degrees("cells.gpkg"), "degrees_where_metres", "cells.gpkg"),
    Case("a CRS in degrees to compute in", put("crs", "EPSG:4490"), "crs_in_degrees", "scenario.yaml", "@EPSG:4490",
        "crs"),
    Case("Web Mercator to compute in", put("crs", "EPSG:3857"), "crs_web_mercator", "scenario.yaml", "@EPSG:3857",
        "crs"),
    Case("mixed datum", other_datum, "mixed_datum", "communities.gpkg"),
    Case("coordinates shifted as on web maps", shifted, "looks_shifted", "cells.gpkg"),
    Case("a community that nothing refers to", stray_community, "unused_community", "communities.gpkg", "fid 3"),
    Case("a community that is not there", edit("spaces.csv", ",305000,west", ",305000,wset"), "unknown_community",
         "spaces.csv", "6", "community"),
]  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return make_town(tmp_path)


def row_of(case: Case, town: Town) -> str | None:
    """The case's row; "@text" is where that text stands in the scenario, as line:column."""
    if case.row is None or not case.row.startswith("@"):
        return case.row
    before = town.scenario.read_text(encoding="utf-8").partition(case.row[1:])[0]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def check_told(case: Case, row: str | None, found: list[dict[str, Any]], screen: str, language: str) -> None:
    """One finding is the case's, its sentence shows the way out, and the screen shows all of it."""
    errors = [f for f in found if f["severity"] == "error"]
    hits = [f for f in errors if f["code"] == case.code]
    assert hits, [(f["code"], f["file"], f["row"], f["field"]) for f in errors]
    assert (hits[0]["file"], hits[0]["row"], hits[0]["field"]) == (case.file, row, case.field)
    assert case.code in finding_entries()
    assert REMEDY[language].search(hits[0]["message"]), hits[0]["message"]
    if case.code != "unreadable_file":  # the reading library's own words may be cut there
        assert "…" not in hits[0]["message"].replace(str(hits[0]["value"]), ""), "a fact is missing in the sentence"
    line = next(line for line in screen.splitlines() if case.code in line.split())
    for part in (case.file, row, case.field):
        assert part is None or part in line, (part, line)
    assert squeezed(hits[0]["message"]) in squeezed(screen)


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_is_told_with_its_place_and_the_way_out_and_nothing_is_written(case: Case, town: Town) -> None:
    case.break_it(town)
    town.save()
    before = town.files()
    result = town.run("solve", "--json", *case.options)
    assert_calm(result)
    assert result.exit_code == 3, result.output
    check_told(case, row_of(case, town), json.loads(result.stdout), result.stderr, "en")
    assert town.files() == before


IN_CHINESE = ("missing file", "unknown key", "NaN in a column", "self-crossing polygon", "no CRS in a layer",
              "truncated PBF", "corrupt GeoPackage", "sentinel value", "YAML that does not parse")  # fmt: skip


@pytest.mark.parametrize("case", [c for c in CASES if c.name in IN_CHINESE], ids=str)
def test_a_fault_is_told_in_chinese(case: Case, town: Town) -> None:
    case.break_it(town)
    result = town.run("solve", "--json", "--lang", "zh")
    assert_calm(result)
    assert result.exit_code == 3
    found = json.loads(result.stdout)
    check_told(case, row_of(case, town), found, result.stderr, "zh")
    assert all(re.search("[\u4e00-\u9fff]", f["message"]) for f in found)
    assert "未写出任何文件" in result.stderr


def test_the_scenario_s_own_language_is_spoken_even_when_the_scenario_is_faulty(town: Town) -> None:
    town.spec["report"] = {"language": "zh"}
    town.spec["speling"] = 1
    result = town.run("solve")
    assert result.exit_code == 3
    assert "不是可用字段" in result.stderr
    assert result.stderr.startswith("正在读取 scenario.yaml")


@pytest.mark.parametrize("blocked", ["under a file", "proc", "a file itself", "somebody's folder"])
def test_a_place_that_cannot_be_written_is_told_before_anything_is_solved(town: Town, blocked: str) -> None:
    own = town.folder / "own"
    own.mkdir()
    (own / "thesis.odt").write_text("ten years of work")
    where, code = {
        "under a file": (town.folder / "spaces.csv" / "run", "cannot_write"),
        "proc": (Path("/proc/siteopt-run"), "cannot_write"),
        "a file itself": (town.folder / "spaces.csv", "out_is_a_file"),
        "somebody's folder": (own, "out_not_a_run"),
    }[blocked]
    town.save()
    before = town.files()
    result = town.run("solve", "--json", where=where)
    assert_calm(result)
    assert result.exit_code == 3
    told = json.loads(result.stdout)
    assert [f["code"] for f in told] == [code]
    assert str(where) in told[0]["message"]
    assert REMEDY["en"].search(told[0]["message"])
    assert town.files() == before


def test_a_fault_in_a_process_of_its_own_keeps_stdout_empty_and_the_findings_whole(town: Town) -> None:
    town.edit("spaces.csv", "290000", "-290000")
    town.edit("outlets.csv", "o1,market", "o1," + "x" * 300)
    done = subprocess.run(
        [sys.executable, "-m", "siteopt.cli", "solve", str(town.save()), "--out", str(town.out)],
        capture_output=True, text=True, timeout=60, check=False, env={"PATH": "/usr/bin:/bin", "COLUMNS": "40"},
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stdout == ""
    assert "Traceback" not in done.stderr and "\x1b" not in done.stderr
    line = next(line for line in done.stderr.splitlines() if "number_too_low" in line)
    assert line.startswith("spaces.csv  row 4  cost_market  number_too_low  ")
    assert done.stderr.splitlines()[-1].endswith("Nothing was written.")
    assert not town.out.parent.exists()


# --- what looks odd and is right ---


def sites_of(town: Town) -> list[dict[str, str]]:
    with (town.out / "sites.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_gbk_text_is_read_right_and_its_names_reach_every_output(town: Town) -> None:
    spaces = (town.folder / "spaces.csv").read_text(encoding="utf-8")
    spaces = spaces.replace("Yard", "老粮站院子").replace("Depot", "镕上仓库")
    (town.folder / "spaces.csv").write_bytes(spaces.encode("gbk"))
    result = town.run("solve", "--set", "constraints.budget.amount=900000")
    assert_calm(result)
    assert result.exit_code == 0, result.output
    names = {s["site_id"]: s["name"] for s in town.summary()["sites"]}
    assert {"s3": "老粮站院子", "s4": "镕上仓库"}.items() <= names.items()
    assert "老粮站院子" in result.stdout
    assert "老粮站院子" in {row["name"] for row in sites_of(town)}
    assert "老粮站院子" in set(geopandas.read_file(town.out / "plan.gpkg", layer="sites")["name"])
    assert "老粮站院子" in (town.out / "report.html").read_text(encoding="utf-8")


def test_ids_with_leading_zeros_and_beyond_64_bits_stay_text_in_every_output(town: Town) -> None:
    spaces = (town.folder / "spaces.csv").read_text(encoding="utf-8")
    ids = {"s2": "0007", "s3": "431281001002003004005", "s4": "4294967297"}
    for old, new in ids.items():
        spaces = spaces.replace(f"\n{old},", f"\n{new},")
    (town.folder / "spaces.csv").write_text(spaces, encoding="utf-8")
    big = [f"0{2**63 + i}" for i in range(16)]
    town.layer("cells.gpkg", lambda frame: frame.assign(cell=big))
    result = town.run("solve", "--set", "constraints.budget.amount=900000")
    assert result.exit_code == 0, result.output
    opened = {s["site_id"] for s in town.summary()["sites"]}
    assert set(ids.values()) <= opened
    assert {row["site_id"] for row in sites_of(town)} == opened
    assert set(geopandas.read_file(town.out / "plan.gpkg", layer="sites")["site_id"]) >= opened
    listed = json.loads((town.out / "sites.geojson").read_text(encoding="utf-8"))["features"]
    assert {f["properties"]["site_id"] for f in listed} >= opened
    with (town.out / "coverage.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["cell_id"] for row in csv.DictReader(file)} == set(big)


# --- all at once ---

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture
def many_faults(town: Town) -> Town:
    town.edit("spaces.csv", "s2,Corner,390150", "s2,Corner,here")
    town.edit("spaces.csv", "corner_plot,20", "corner_plt,-20")
    town.edit("spaces.csv", "290000", "29万")
    town.edit("spaces.csv", "\ns5,", "\ns4,")
    town.edit("spaces.csv", ",305000,west", ",999999999,west")
    town.edit("outlets.csv", "250", "n.a.")
    cell(4, "people", float("nan"))(town)
    cell(6, "people", -3.0)(town)
    cell(1, "cell", "000")(town)
    shape("communities.gpkg", 1, BOW_TIE)(town)
    town.spec["travel"]["streets"]["file"] = "street.gpkg"
    town.spec["crs"] = "EPSG:3857"
    return town


@pytest.mark.parametrize("language", ["en", "zh"])
def test_all_faults_of_all_files_are_told_at_once_in_readable_words(many_faults: Town, language: str) -> None:
    """The screen as a planner sees it; ``tests/golden/findings_*.txt`` is there to be read."""
    result = many_faults.run("check", "--lang", language)
    assert_calm(result)
    assert result.exit_code == 3
    golden = GOLDEN / f"findings_{language}.txt"
    if os.environ.get("REWRITE_GOLDEN"):  # then read the difference before you keep it
        golden.write_text(result.stderr, encoding="utf-8")
    assert result.stderr == golden.read_text(encoding="utf-8")
