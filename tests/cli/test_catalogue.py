"""`siteopt catalogue`: outlet types and policy packs, each figure with where it comes from."""

from __future__ import annotations

import json

import pytest

from siteopt.catalogue.entries import entries
from siteopt.catalogue.packs import packs
from tests.cli.town import assert_calm, invoke


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "240")


def test_the_list_shows_class_run_circle_bureau_area_and_source_of_every_type() -> None:
    shown = invoke("catalogue", "--lang", "zh")
    assert shown.exit_code == 0
    line = next(line for line in shown.stdout.splitlines() if "breakfast_stall" in line)
    for words in (
        "早餐摊",
        "基本保障类 ?",
        "公益或市场",
        "餐饮便民圈 ?",
        "市市场监督管理局、",
        "10 m²",
        "S24",
    ):
        assert words in line
    assert all(id_ in shown.stdout for id_ in entries())
    assert "打造9个便民圈" in shown.stdout and "所列为 8 个" in shown.stdout and "2025-12-31" in shown.stdout


def test_one_type_shows_every_figure_with_its_source_and_unit() -> None:
    shown = invoke("catalogue", "vegetable_market", "--lang", "en")
    for words in ("Commerce bureau", "≥ 600 m²", "of the cost", "subsidy: ≤ 300000 CNY", "shopping"):
        assert words in shown.stdout
    assert "格口" in invoke("catalogue", "parcel_locker", "--lang", "zh").stdout


def test_the_packs_are_listed_with_what_they_turn_on_and_what_may_be() -> None:
    shown = invoke("catalogue", "--packs", "--lang", "en")
    assert shown.exit_code == 0
    for words in ("hongjiang-2024", "national-2025", "full_coverage (H1, H2)", "land_use (H12) ?", "policy: NAME"):
        assert words in shown.stdout
    one = invoke("catalogue", "--packs", "hongjiang-2024", "--lang", "zh")
    for words in ("chain_share (H13)", "share: 0.3", "外地参照", "（2024）", "2025年12月31日"):
        assert words in one.stdout
    assert all(rule.name in one.stdout for rule in packs()["hongjiang-2024"].rules)


def test_as_json_both_are_complete_and_name_their_sources() -> None:
    types = json.loads(invoke("catalogue", "--json").stdout)
    assert set(types["types"]) == set(entries()) and types["themes_announced"] == 9 and len(types["themes"]) == 8
    market = types["types"]["vegetable_market"]
    assert market["run"] == "mixed" and market["theme"]["value"] == "shopping" and "S19" in types["sources"]
    found = json.loads(invoke("catalogue", "--packs", "--json").stdout)
    rules = {rule["name"]: rule for rule in found["packs"]["hongjiang-2024"]["rules"]}
    assert rules["commercial_area"]["params"] == {"share": 0.10} and rules["pharmacy_spacing"]["verified"] is False
    assert "S26" in found["sources"] and "text" not in found["packs"]["hongjiang-2024"]


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [(("--packs", "hongjiang-2042"), "hongjiang-2024"), (("vegetable_markt",), "vegetable_market")],
)
def test_an_unknown_name_is_a_finding_with_the_nearest(asked: tuple[str, ...], nearest: str) -> None:
    wrong = invoke("catalogue", *asked)
    assert_calm(wrong)
    assert wrong.exit_code == 3 and nearest in wrong.stderr
