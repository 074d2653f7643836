from __future__ import annotations

import os
from pathlib import Path

import pytest

from siteopt.scenario.read import MOST_BYTES


def test_a_missing_file_names_its_neighbour(town) -> None:
    town.write("a: 1", "scenari.yaml")
    assert town.faults() == [("scenario_missing", None, None)]
    (finding,) = town.findings
    assert finding.facts["nearest"] == "scenari.yaml" and finding.file == "scenario.yaml"


def test_a_missing_folder_is_one_finding(town) -> None:
    town.folder = town.folder / "nowhere"
    assert town.faults() == [("scenario_missing", None, None)]


def test_a_folder_names_the_scenarios_in_it(town) -> None:
    town.write("a: 1", "scenario.yaml/town.yaml")
    assert town.faults() == [("scenario_is_a_folder", None, None)]
    assert next(iter(town.findings)).facts["nearest"].endswith("scenario.yaml/town.yaml")


def test_a_pipe_is_not_waited_for(town) -> None:
    os.mkfifo(town.folder / "scenario.yaml")
    assert town.faults() == [("scenario_not_a_file", None, None)]


@pytest.mark.parametrize("name", ["x" * 300 + ".yaml", "a\0b.yaml"])
def test_an_impossible_name_is_a_finding(town, name: str) -> None:
    town.folder = town.folder / name
    assert town.faults() in ([("scenario_missing", None, None)], [("scenario_unreadable", None, None)])


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", ("scenario_empty", "1:1", None)),
        (b"# only a remark\n", ("scenario_empty", "1:1", None)),
        (b"- a\n- b\n", ("scenario_not_a_mapping", "1:1", None)),
        (b"just words", ("scenario_not_a_mapping", "1:1", None)),
        ("siteopt: 1\nname: 城".encode("gbk"), ("scenario_not_utf8", "2:7", None)),
        (bytes(range(128, 256)) * 20, ("scenario_not_utf8", "1:1", None)),
        ("siteopt: 1".encode("utf-16"), ("scenario_not_utf8", "1:1", None)),
        (b"\x00\x01\x02", ("yaml_control", "1:1", None)),
        (b"a" * (MOST_BYTES + 1), ("scenario_too_large", None, None)),
    ],
)
def test_what_is_no_scenario_is_one_finding(town, content: bytes, fault: tuple[str, str, None]) -> None:
    assert town.faults(content) == [fault]


def test_a_byte_order_mark_is_welcome(town, good_text: str) -> None:
    assert town.good(b"\xef\xbb\xbf" + good_text.encode()).spec.name == "黔城 2026"


def test_a_scenario_builds_on_another_and_paths_mean_the_file_that_says_them(town, good_text: str) -> None:
    town.write(good_text, "base/town.yaml")
    loaded = town.good("extends: base/town.yaml\nname: poor\nconstraints: [{rule: budget, amount: 5}]\n")
    assert loaded.spec.name == "poor"
    assert loaded.spec.demand.file == "base/data/cells.gpkg"
    assert loaded.spec.candidates.file == "base/spaces.csv" and loaded.spec.candidates.within == "base/data/town.gpkg"
    assert [(rule, name) for rule, name, _ in loaded.constraints] == [("budget", "budget"), ("spacing", "spacing")]
    assert loaded.constraints[0][2].model_dump()["amount"] == 5
    assert loaded.base == town.folder and loaded.variants == ("rich", "free")


def test_paths_go_up_and_down_and_absolute_ones_stay(town, changed) -> None:
    town.write(changed("file: spaces.csv", "file: /abs/spaces.csv"), "base/deep/town.yaml")
    town.write("extends: ../base/deep/town.yaml\n", "plans/middle.yaml")
    loaded = town.good("extends: plans/middle.yaml\ncandidates: {within: ~/x.gpkg}\n")
    assert loaded.spec.demand.file == "base/deep/data/cells.gpkg"
    assert loaded.spec.candidates.file == "/abs/spaces.csv" and loaded.spec.candidates.within == "~/x.gpkg"


def test_columns_that_are_called_file_are_no_paths(town, changed) -> None:
    town.write(changed("file: spaces.csv", "file: spaces.csv\n  where: {file: a.csv, within: b}"), "base/town.yaml")
    assert town.good("extends: base/town.yaml\n").spec.candidates.where == {"file": "a.csv", "within": "b"}


def test_of_several_bases_the_later_wins_and_the_file_itself_last(town, good_text: str) -> None:
    town.write(good_text, "a.yaml")
    town.write("solver: {seed: 1, threads: 1, time_limit_s: 1}", "b.yaml")
    town.write("solver: {seed: 2, threads: 4}", "c.yaml")
    solver = town.good("extends: [a.yaml, b.yaml, c.yaml]\nsolver: {seed: 3}\n").spec.solver
    assert (solver.seed, solver.threads, solver.time_limit_s) == (3, 4, 1)


def test_two_ways_to_one_base_are_no_circle(town, good_text: str) -> None:
    town.write(good_text, "base.yaml")
    town.write("extends: base.yaml\n", "a.yaml")
    town.write("extends: base.yaml\nsolver: {seed: 7}\n", "b.yaml")
    assert town.good("extends: [a.yaml, b.yaml]\n").spec.solver.seed == 7


def test_a_circle_is_named_where_it_closes(town) -> None:
    town.write("name: x\nextends: [scenario.yaml]\n", "b.yaml")
    assert town.faults("extends: b.yaml\n") == [("extends_circle", "2:11", None)]
    (finding,) = town.findings
    assert finding.file == "b.yaml" and finding.facts["circle"] == "scenario.yaml → b.yaml → scenario.yaml"


def test_a_missing_base_is_named_where_it_is_asked_for(town) -> None:
    town.write("a: 1", "base.yaml")
    assert town.faults("name: x\nextends: bse.yaml\n") == [("scenario_missing", "2:10", None)]
    assert next(iter(town.findings)).facts["nearest"] == "base.yaml"


def test_faults_of_a_base_carry_its_own_name_and_line(town, changed) -> None:
    town.write(changed("area_m2: 8,", "area_m2: -8,"), "base/town.yaml")
    assert town.faults("extends: base/town.yaml\nsolver: {sed: 1}\n") == [
        ("unknown_key", "2:10", "solver.sed"),
        ("number_at_least", "11:20", "types.stall.area_m2"),
    ]
    assert [f.file for f in town.findings] == ["scenario.yaml", "base/town.yaml"]


def test_broken_bases_are_all_reported(town) -> None:
    town.write("a: [1", "a.yaml")
    assert town.faults("extends: [a.yaml, 5, b.yaml, {x: 1}]\n") == [
        ("extends_not_a_path", "1:19", "extends"),
        ("scenario_missing", "1:22", None),
        ("extends_not_a_path", "1:30", "extends"),
        ("yaml_bracket", "1:6", None),
    ]


def test_nothing_but_scenarios_is_opened_and_nothing_is_expanded(town, changed, monkeypatch) -> None:
    monkeypatch.setenv("DATA", "/elsewhere")
    loaded = town.good(changed("file: spaces.csv", "file: $DATA/${DATA}/spaces.csv"))
    assert loaded.spec.candidates.file == "$DATA/${DATA}/spaces.csv"
    assert [p.name for p in Path(town.folder).iterdir()] == ["scenario.yaml"]
