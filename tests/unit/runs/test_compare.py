"""A comparison agrees with a count by hand from the two runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siteopt.findings import InputError
from siteopt.plan import Run, Verdict
from siteopt.runs.compare import compare
from siteopt.runs.store import StoredRun, open_run, write_run
from siteopt.text import LANGUAGES, fill, finding_entries
from tests.runs_builder import make_run

OTHER = ((0, 0), (3, 0), (3, 1), (4, 2), (3, 2))
"""Against the default plan: locker and one market move, a breakfast stall opens."""

Store = Callable[[str, Run], StoredRun]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Write a run under a name and open it."""
    return lambda name, run: open_run(write_run(run, tmp_path / name, html="x", map_png=b"x"))


@pytest.fixture
def pair(store: Store) -> dict[str, Any]:
    """The default plan against another, as plain values."""
    return compare([store("base", make_run()), store("other", make_run(opened=OTHER))]).as_dict()


def test_what_opened_moved_and_stayed(pair: dict[str, Any]) -> None:
    (difference,) = pair["differences"]
    opened = [(s["site_id"], s["outlet_type"]) for s in difference["opened"]]
    moved = [(m["outlet_type"], m["from"]["site_id"], m["to"]["site_id"]) for m in difference["moved"]]
    assert opened == [("空地4", "breakfast")]
    assert moved == [
        ("locker", "../../etc/passwd", "空地4"),
        ("market", "<script>alert(1)</script>", "空地4"),
    ]
    assert difference["moved"][0]["distance_m"] == pytest.approx(np.hypot(300, 300), rel=0.005)
    assert (difference["closed"], difference["kept"]) == ([], 2)


def test_who_gains_and_loses_is_counted_cell_by_cell(pair: dict[str, Any]) -> None:
    base, other = make_run(), make_run(opened=OTHER)
    people = base.world.cells.residents
    for t, type_id in enumerate(base.world.types.type_id):
        gained = lost = shorter = longer = saved = 0.0
        for i in range(12):
            was, now = base.scores.minutes_after[i, t], other.scores.minutes_after[i, t]
            if np.isinf(was) and np.isfinite(now):
                gained += people[i]
            elif np.isfinite(was) and np.isinf(now):
                lost += people[i]
            elif np.isfinite(was) and now < was - 1e-3:
                shorter += people[i]
            elif np.isfinite(was) and now > was + 1e-3:
                longer += people[i]
            if np.isfinite(was) and np.isfinite(now):
                saved += people[i] * (was - now)
        found = pair["differences"][0]["people"]["by_type"][type_id]
        assert (found["gained"], found["lost"]) == (gained, lost)
        assert (found["shorter_walk"], found["longer_walk"]) == (shorter, longer)
        assert found["saved_person_min"] == pytest.approx(saved, abs=0.1)
        entries = pair["coverage"][type_id]
        assert found["gained"] - found["lost"] == pytest.approx(entries[1]["after"] - entries[0]["after"])


def test_the_whole_set_of_basic_types_gains_what_its_totals_say(pair: dict[str, Any]) -> None:
    complete = pair["differences"][0]["people"]["complete"]
    assert complete == {"gained": 175, "lost": 0}
    assert pair["complete"][1]["after"] - pair["complete"][0]["after"] == 175


def test_money_and_commercial_area_are_taken_apart(pair: dict[str, Any]) -> None:
    (difference,) = pair["differences"]
    assert difference["money"] == {
        "currency": "CNY",
        "total": 20_200.5,
        "by_type": {"market": -200, "locker": 100, "breakfast": 20_300.5},
    }
    new = pair["communities"][0]
    assert [entry["commercial_share_after"] for entry in new["runs"]] == [0.104984, 0.104984]
    assert new["runs"][0]["required"] == 0.1


def test_only_rules_that_changed_are_listed(pair: dict[str, Any]) -> None:
    (verdict,) = pair["differences"][0]["verdicts"]
    assert (verdict["rule"], verdict["subject"]) == ("budget", "total")
    assert (verdict["base"]["got"], verdict["other"]["got"]) == (329_100.5, 349_301)


def test_a_space_that_only_one_plan_uses_is_no_change_of_a_rule_unless_it_fails(store: Store) -> None:
    def with_area(name: str, subject: str, holds: bool) -> StoredRun:
        run = make_run()
        return store(name, replace(run, verdicts=(Verdict("space_area", subject, 9, 5, "le", "m2", holds),)))

    fine = compare([with_area("a", "s1", True), with_area("b", "s2", True)]).as_dict()
    assert fine["differences"][0]["verdicts"] == []
    broken = compare([with_area("c", "s1", True), with_area("d", "s2", False)]).as_dict()
    assert [v["subject"] for v in broken["differences"][0]["verdicts"]] == ["s2"]


def test_a_run_against_itself_differs_in_nothing(store: Store) -> None:
    run = store("run", make_run())
    data = compare([run, run]).as_dict()
    (difference,) = data["differences"]
    assert (difference["opened"], difference["closed"], difference["moved"], difference["verdicts"]) == (
        [],
        [],
        [],
        [],
    )
    assert difference["money"]["total"] == 0 and difference["objective"]["difference"] == 0
    for shift in difference["people"]["by_type"].values():
        assert (shift["gained"], shift["lost"], shift["saved_person_min"]) == (0, 0, 0)
    assert data["findings"] == []
    assert [run["label"] for run in data["runs"]] != [data["runs"][0]["label"]] * 2


def test_the_way_back_is_the_way_there_reversed(store: Store) -> None:
    runs = [store("base", make_run()), store("other", make_run(opened=OTHER))]
    there, back = compare(runs).as_dict()["differences"][0], compare(runs[::-1]).as_dict()["differences"][0]
    assert len(back["closed"]) == len(there["opened"]) == 1
    assert back["money"]["total"] == -there["money"]["total"]
    for type_id, shift in there["people"]["by_type"].items():
        reverse = back["people"]["by_type"][type_id]
        assert (reverse["gained"], reverse["longer_walk"]) == (shift["lost"], shift["shorter_walk"])


def test_cells_in_another_order_are_the_same_cells(store: Store, tmp_path: Path) -> None:
    base, other = store("base", make_run()), store("other", make_run(opened=OTHER))
    straight = compare([base, other]).as_dict()["differences"][0]["people"]
    path = tmp_path / "other" / "coverage.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([header, *rows[::-1]]) + "\n", encoding="utf-8")
    shuffled = compare([base, open_run(tmp_path / "other")])
    assert shuffled.as_dict()["differences"][0]["people"] == straight
    assert [f.code for f in shuffled.findings] == ["run_file_changed"]


def test_several_runs_are_each_held_against_the_first(store: Store) -> None:
    runs = [store(f"r{n}", make_run(opened=plan)) for n, plan in enumerate([[], [(0, 0)], OTHER])]
    data = compare(runs).as_dict()
    assert [(d["base"], d["run"]) for d in data["differences"]] == [("r0", "r1"), ("r0", "r2")]
    assert [len(d["opened"]) for d in data["differences"]] == [1, 5]
    assert len(data["coverage"]["market"]) == 3


def test_other_people_in_the_cells_are_a_finding_and_totals_stay(store: Store) -> None:
    people = [100, 80, 60.5, 120, 0, 40, 90, 30, 55, 70, 10, 26]
    comparison = compare([store("a", make_run()), store("b", make_run(cell_people=people))])
    (finding,) = comparison.findings
    assert (finding.code, finding.facts["people"]) == ("compare_cells_differ", 1)
    assert (finding.facts["only_base"], finding.facts["only_other"]) == (0, 0)
    assert comparison.differences[0]["people"] is None
    assert comparison.as_dict()["coverage"]["market"][1]["total"] == 681.5


def test_other_cells_are_a_finding_that_counts_them(store: Store) -> None:
    run = make_run()
    cells = replace(run.world.cells, cell_id=np.array([*run.world.cells.cell_id[:-1], "new"], dtype=object))
    comparison = compare([store("a", run), store("b", replace(run, world=replace(run.world, cells=cells)))])
    (finding,) = comparison.findings
    assert finding.code == "compare_cells_differ"
    assert (finding.facts["only_base"], finding.facts["only_other"]) == (1, 1)


def test_limits_travel_currency_and_types_that_differ_are_said(store: Store) -> None:
    run = make_run()
    types = replace(run.world.types, type_id=("market", "locker", "bakery"), limit_min=np.array([10.0, 5.0, 7.5]))
    world = replace(run.world, types=types, currency="EUR")
    other = replace(run, world=world, travel=replace(run.travel, mode="streets"))
    comparison = compare([store("a", run), store("b", other)])
    assert [f.code for f in comparison.findings] == [
        "compare_types_differ",
        "compare_limits_differ",
        "compare_travel_differs",
        "compare_currency_differs",
    ]
    data = comparison.as_dict()
    assert data["coverage"]["bakery"][0] is None and data["coverage"]["breakfast"][1] is None
    assert data["differences"][0]["money"]["total"] is None
    assert set(data["differences"][0]["people"]["by_type"]) == {"market", "locker"}
    for finding in comparison.findings:
        for language in LANGUAGES:
            facts = {"value": finding.value, "file": finding.file, **finding.facts}
            assert "…" not in fill(finding_entries()[finding.code], language, facts)


def test_a_run_without_a_plan_can_be_compared_and_is_named(store: Store) -> None:
    comparison = compare([store("a", make_run()), store("b", make_run(feasible=False))])
    assert [f.code for f in comparison.findings] == ["compare_no_plan"]
    (difference,) = comparison.as_dict()["differences"]
    assert len(difference["closed"]) == 4
    assert difference["objective"]["difference"] is None
    assert {v["other"] for v in difference["verdicts"]} == {None}


def test_one_run_is_not_a_comparison(store: Store) -> None:
    with pytest.raises(InputError) as error:
        compare([store("a", make_run())])
    assert error.value.findings[0].code == "compare_needs_two"


def test_a_summary_changed_by_hand_is_a_finding_not_a_traceback(store: Store, tmp_path: Path) -> None:
    base, _ = store("a", make_run()), store("b", make_run())
    path = tmp_path / "b" / "summary.json"
    summary = json.loads(path.read_text(encoding="utf-8"))
    for broken in ({**summary, "sites": 3}, {**summary, "types": [{}]}, {"schema": summary["schema"]}):
        path.write_text(json.dumps(broken), encoding="utf-8")
        with pytest.raises(InputError) as error:
            compare([base, open_run(tmp_path / "b")])
        assert {(f.code, f.file) for f in error.value.findings} == {("run_unreadable", "summary.json")}


def test_a_coverage_table_with_a_row_missing_or_double_is_a_finding(store: Store, tmp_path: Path) -> None:
    base, _ = store("a", make_run()), store("b", make_run())
    path = tmp_path / "b" / "coverage.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    for broken in (lines[:-1], [*lines, lines[-1]]):
        path.write_text("\n".join(broken) + "\n", encoding="utf-8")
        with pytest.raises(InputError) as error:
            compare([base, open_run(tmp_path / "b")])
        assert error.value.findings[0].code == "run_unreadable"


def test_runs_of_one_name_get_labels_that_differ(store: Store) -> None:
    runs = [store("x/run", make_run()), store("y/run", make_run(opened=OTHER))]
    assert [run["label"] for run in compare(runs).runs] == ["x/run", "y/run"]


def test_the_dict_is_json_and_the_same_twice(store: Store) -> None:
    runs = [store("a", make_run()), store("b", make_run(opened=OTHER))]
    texts = [json.dumps(compare(runs).as_dict(), allow_nan=False) for _ in range(2)]
    assert texts[0] == texts[1]
    assert json.loads(texts[0])["schema"] == "siteopt.comparison/1"
