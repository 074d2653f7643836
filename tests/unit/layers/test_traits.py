"""What rules of the plan document ask of spaces and standing outlets: words, numbers, conversion, add-ons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siteopt.findings import Findings
from siteopt.layers.assemble import read_world
from siteopt.scenario.schema import ScenarioSpec
from siteopt.world import Sites, World
from tests.layer_files import CRS, SPACES, X0, Y0, only, read, sentences_hold, told, town, write_csv
from tests.worlds import make_types


def spaces(folder: Path, columns: dict[str, list[Any]], **candidates: Any) -> tuple[Sites | None, Findings]:
    rows = [space | {name: cells[i] for name, cells in columns.items()} for i, space in enumerate(SPACES)]
    write_csv(folder / "spaces.csv", rows)
    world, findings = read(folder, town(folder, communities=None, candidates=candidates))
    return None if world is None else world.sites, findings


def outlets(folder: Path, rows: list[dict[str, Any]], **over: Any) -> tuple[World | None, Findings]:
    """The town with other outlets, and with an add-on type t1."""
    write_csv(
        folder / "outlets.csv", [{"id": f"o{i}", "x": X0 + 10, "y": Y0 + 10} | row for i, row in enumerate(rows)]
    )
    types = over.pop("types", {})
    existing = {"file": "outlets.csv", "crs": CRS, "id": "id", "type": "type"} | over
    spec = town(folder, communities=None, existing=[existing], types=types)
    findings = Findings()
    kinds = replace(make_types([10.0, 15.0]), base=np.array([True, False]))
    world = read_world(spec, folder, CRS, kinds, None, findings)
    sentences_hold(findings)
    return world, findings


def sourced(folder: Path, spec: ScenarioSpec) -> tuple[World | None, Findings]:
    """The world with types whose own costs have a source."""
    findings = Findings()
    kinds = make_types([10.0, 15.0], illustrative=np.zeros(2, dtype=bool))
    world = read_world(spec, folder, CRS, kinds, None, findings)
    sentences_hold(findings)
    return world, findings


def test_what_is_not_said_stays_unsaid(tmp_path: Path) -> None:
    found, findings = spaces(tmp_path, {})
    assert found is not None and len(findings) == 0
    assert found.flue.tolist() == [-1] * 4 and found.building.tolist() == found.form.tolist() == [""] * 4
    assert np.isnan(found.plot_m2).all() and np.isnan(found.compartments).all()
    assert not found.chain.any() and not found.locked.any() and found.months.tolist() == [0.0] * 4


def test_words_of_spaces_are_read_in_chinese_and_english(tmp_path: Path) -> None:
    columns = {
        "flue": ["有", "no", ""], "on": ["商住", "Commercial", ""], "stands": ["独栋", "", "terraced"],
        "plot": [3200, "", "15.5"], "must": ["必备", "0", ""],
    }  # fmt: skip
    found, findings = spaces(
        tmp_path, columns, flue="flue", building="on", form="stands", plot_m2="plot", locked="must"
    )
    assert found is not None and told(findings) == []
    assert found.flue.tolist() == [1, 0, -1, -1]
    assert found.building.tolist() == ["mixed", "commercial", "", ""]
    assert found.form.tolist() == ["detached", "", "terraced", ""]
    assert found.plot_m2[[0, 2]].tolist() == [3200, 15.5] and np.isnan(found.plot_m2[[1, 3]]).all()
    assert found.locked.tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    ("field", "cell", "code", "near"),
    [
        ("building", "住宅楼房", "unknown_word", "住宅楼"),
        ("form", "detatched", "unknown_word", "detached"),
        ("flue", "烟囱", "unknown_word", "—"),
        ("locked", "yess", "unknown_word", "yes"),
        ("plot_m2", "-1", "number_too_low", None),
        ("plot_m2", "large", "not_a_number", None),
        ("plot_m2", "inf", "not_finite", None),
        ("months", "1000", "number_too_high", None),
        ("months", "-2", "number_too_low", None),
        ("form", "=HYPERLINK(\"x\")", "unknown_word", "—"),
        ("building", "x" * 5000, "unknown_word", "—"),
    ],
)  # fmt: skip
def test_a_cell_that_will_not_do_is_told_with_its_row_and_column(
    tmp_path: Path, field: str, cell: str, code: str, near: str | None
) -> None:
    found, findings = spaces(tmp_path, {"c": ["", cell, ""]}, **{field: "c"})
    fault = only(findings, code)
    assert found is None and (fault.file, fault.row, fault.field) == ("spaces.csv", 3, "c")
    assert fault.facts.get("nearest") == near and len(str(fault.value)) < 90


@pytest.mark.parametrize("field", ["flue", "building", "form", "plot_m2", "locked", "months", "standing_chain"])
def test_a_column_that_is_not_there_is_told(tmp_path: Path, field: str) -> None:
    found, findings = spaces(tmp_path, {"flu": ["1", "1", "1"]}, **{field: "flux"})
    fault = only(findings, "missing_column")
    assert found is None and (fault.field, fault.facts["nearest"]) == (f"candidates.{field}", "flu")


def test_map_and_default_give_words_a_meaning(tmp_path: Path) -> None:
    how = {"column": "c", "map": {"平房": "独栋"}, "default": "附建"}
    found, findings = spaces(tmp_path, {"c": ["平房", "", "连栋"]}, form=how)
    assert found is not None and told(findings) == []
    assert found.form[:3].tolist() == ["detached", "attached", "terraced"]


def test_months_are_the_spaces_own_or_those_of_its_kind(tmp_path: Path) -> None:
    by_kind = {"idle_premises": 3, "corner_plot": 18.5}
    found, _ = spaces(tmp_path, {"wait": ["", "6", ""]}, months="wait", months_by_kind=by_kind)
    assert found is not None and found.months.tolist() == [3, 6, 0, 0]
    found, _ = spaces(tmp_path, {}, months_by_kind=by_kind)
    assert found is not None and found.months.tolist() == [3, 18.5, 0, 0]


def test_spaces_that_open_after_the_last_phase_are_counted(tmp_path: Path) -> None:
    phases = [{"name": "1", "months": 6}, {"name": "2", "months": 12}]
    spec = town(tmp_path, communities=None, phases=phases, candidates={"months_by_kind": {"corner_plot": 12.5}})
    world, findings = read(tmp_path, spec)
    told_of = only(findings, "months_without_phase")
    assert world is not None and (told_of.row, told_of.value, told_of.facts["months"]) == (3, "s2", 12)
    spec = town(tmp_path, communities=None, phases=phases, candidates={"months_by_kind": {"corner_plot": 12}})
    assert len(read(tmp_path, spec)[1]) == 0


def test_conversion_is_added_to_the_cost_of_whatever_opens_there(tmp_path: Path) -> None:
    conversion = {"idle_premises": {"fixed": 100, "per_m2": 2, "source": "survey"}}
    found, findings = spaces(
        tmp_path, {"rent": ["7", "7", ""], "may": ["t0", "", ""]},
        conversion=conversion, cost={"t0": "rent"}, allowed="may",
    )  # fmt: skip
    assert found is not None and len(findings) == 0
    assert found.cost[:3].tolist() == [[7 + 200, 0], [7, 6], [5, 6]]


def test_conversion_without_a_source_marks_the_types_that_may_open_there(tmp_path: Path) -> None:
    rows = [space | {"may": "t1" if i == 0 else ""} for i, space in enumerate(SPACES)]
    write_csv(tmp_path / "spaces.csv", rows)
    spec = town(
        tmp_path, communities=None, candidates={"allowed": "may", "conversion": {"idle_premises": {"fixed": 1}}}
    )
    world, findings = sourced(tmp_path, spec)
    warned = only(findings, "conversion_unsourced")
    assert world is not None and warned.severity == "warning"
    assert (warned.field, warned.value) == ("candidates.conversion.idle_premises", "idle_premises")
    assert world.types.illustrative.tolist() == [False, True]
    for nothing in ({"fixed": 0}, {"fixed": 1, "source": "survey"}):
        spec = town(tmp_path, communities=None, candidates={"conversion": {"idle_premises": nothing}})
        world, findings = sourced(tmp_path, spec)
        assert world is not None and len(findings) == 0 and not world.types.illustrative.any()


def test_a_chain_that_stands_in_a_space_needs_the_outlet_that_stands(tmp_path: Path) -> None:
    columns = {"now": ["t0", "", "t1"], "chain": ["连锁", "", "no"]}
    found, findings = spaces(tmp_path, columns, standing="now", standing_chain="chain")
    assert found is not None and len(findings) == 0 and found.chain.tolist() == [True, False, False, False]
    found, findings = spaces(tmp_path, columns, standing_chain="chain")
    assert found is not None and only(findings, "standing_chain_alone").value == "chain"


def test_chains_essential_outlets_and_compartments_of_today(tmp_path: Path) -> None:
    rows = [{"type": "t0", "c": "连锁", "l": "是", "n": 120}, {"type": "cafe", "c": "?", "l": "?", "n": "x"},
            {"type": "t1", "c": "", "l": "", "n": ""}]  # fmt: skip
    world, findings = outlets(tmp_path, rows, chain="c", locked="l", compartments="n")
    assert world is not None and told(findings) == []
    s = world.sites
    assert s.chain.tolist() == s.locked.tolist() == [False, False, False, True, False]
    assert s.compartments[3] == 120 and np.isnan(s.compartments[[0, 1, 2, 4]]).all()


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("chain", "perhaps", "unknown_word"), ("locked", "2", "unknown_word"), ("compartments", "1.5", "not_whole"),
        ("compartments", "-3", "number_too_low"), ("compartments", "many", "not_a_number"),
    ],
)  # fmt: skip
def test_cells_of_outlets_that_will_not_do_are_told(tmp_path: Path, field: str, cell: str, code: str) -> None:
    world, findings = outlets(tmp_path, [{"type": "t0", "c": ""}, {"type": "t0", "c": cell}], **{field: "c"})
    fault = only(findings, code)
    assert world is None and (fault.file, fault.row, fault.field) == ("outlets.csv", 3, "c")


@pytest.mark.parametrize("field", ["chain", "locked", "compartments"])
def test_a_column_that_outlets_do_not_have_is_told(tmp_path: Path, field: str) -> None:
    world, findings = outlets(tmp_path, [{"type": "t0"}], **{field: "nope"})
    assert world is None and only(findings, "missing_column").field == f"existing.0.{field}"


def test_add_ons_may_open_inside_standing_outlets_and_nothing_else_may(tmp_path: Path) -> None:
    rows = [{"type": "t0", "m2": 60}, {"type": "t1", "m2": 8}]
    types = {"t1": {"base": False, "cost": {"fixed": 3, "per_m2": 0.1}}}
    world, findings = outlets(tmp_path, rows, types=types, addons=["t1"], area_m2="m2")
    assert world is not None and told(findings) == []
    s = world.sites
    assert s.kind[3:].tolist() == ["existing_outlet"] * 2 and s.slots[3:].tolist() == [0, 0]
    assert s.allowed[3:].tolist() == [[False, True], [False, False]]  # a second one where one stands: no
    assert s.cost[3:].tolist() == [[0, 3 + 0.1 * 50], [0, 0]] and s.area_m2[3:].tolist() == [60, 8]
    assert world.open_to[3:].tolist() == [[False, True], [False, False]]
    world, _ = outlets(tmp_path, rows, types=types, area_m2="m2")
    assert world is not None and not world.sites.allowed[3:].any() and not world.sites.cost[3:].any()


def test_add_ons_by_kind_need_a_rate_for_existing_outlets(tmp_path: Path) -> None:
    rates = {"idle_premises": 2, "corner_plot": 3, "new_building": 4}
    rows = [{"type": "t0", "m2": 60}]
    types: dict[str, Any] = {"t1": {"base": False, "cost": {"per_m2": rates}}}
    world, findings = outlets(tmp_path, rows, types=types, addons=["t1"], area_m2="m2")
    fault = only(findings, "no_cost_for_kind")
    assert world is None and (fault.value, fault.field) == ("existing_outlet", "types.t1.cost.per_m2")
    types["t1"]["cost"]["per_m2"] = rates | {"existing_outlet": 1}
    world, _ = outlets(tmp_path, rows, types=types, addons=["t1"], area_m2="m2")
    assert world is not None and world.sites.cost[3].tolist() == [0, 50]


def test_a_type_that_takes_a_slot_is_no_add_on(tmp_path: Path) -> None:
    world, findings = outlets(tmp_path, [{"type": "t0", "m2": 60}], addons=["t1", "t0"], area_m2="m2")
    fault = only(findings, "addon_takes_slot")
    assert world is None and (fault.field, fault.value) == ("existing.0.addons.1", "t0")
    world, findings = outlets(tmp_path, [{"type": "t0"}], addons=["T1"])
    assert world is None and only(findings, "unknown_type").facts["nearest"] == "t1"


def test_hosts_without_floor_area_are_counted(tmp_path: Path) -> None:
    world, findings = outlets(
        tmp_path, [{"type": "t0", "m2": ""}, {"type": "t0", "m2": 9}], addons=["t1"], area_m2="m2"
    )
    warned = only(findings, "addon_no_room")
    assert world is not None and (warned.facts["count"], warned.value, warned.row) == (1, "o0", 2)
