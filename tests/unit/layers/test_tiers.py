"""Tiers of communities: by stated thresholds, or by hand with a reason; each one told with its figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siteopt.findings import Findings
from siteopt.layers.tiers import Figures, tiers_by
from siteopt.scenario.schema import Tiers
from siteopt.world import World
from tests.layer_files import X0, Y0, communities, only, read, told, town, write_csv

OUTLETS = [("a", "t0", 10), ("b", "t0", 20), ("c", "t1", 30), ("d", "t0", 250), ("e", "cafe", 255)]


def classified(folder: Path, tiers: dict[str, Any] | None, **more: Any) -> tuple[World | None, Findings]:
    """The town, three outlets of two types in the west (60 people), one in the east (30 people)."""
    write_csv(folder / "outlets.csv", [{"id": i, "type": t, "x": X0 + x, "y": Y0 + 10} for i, t, x in OUTLETS])
    return read(folder, town(folder, communities={"tiers": tiers} | more))


def test_the_highest_tier_whose_every_threshold_is_met(tmp_path: Path) -> None:
    tiers = {
        "block": {}, "centre": {"people": 30, "outlets": 1, "types": 1},
        "community": {"people": 60, "outlets": 3, "types": 2},
    }  # fmt: skip
    world, findings = classified(tmp_path, tiers)
    assert world is not None and world.communities.tier.tolist() == ["community", "centre"]
    west, east = (f for f in findings if f.code == "tier_by_thresholds")
    assert (west.severity, west.value, west.row, west.facts["tier"], west.facts["tier_zh"]) == (
        "info", "west", "fid 1", "community", "邻里社区",
    )  # fmt: skip
    assert [west.facts[f] for f in ("people", "outlets", "types", "people_min")] == [60, 3, 2, "≥ 60"]
    assert [east.facts[f] for f in ("people", "outlets", "types", "people_min")] == [30, 1, 1, "≥ 30"]


@pytest.mark.parametrize("over", [{"people": 60.5}, {"outlets": 4}, {"types": 3}])
def test_one_threshold_missed_is_a_tier_missed(tmp_path: Path, over: dict[str, float]) -> None:
    community = {"people": 60, "outlets": 3, "types": 2} | over
    world, _ = classified(tmp_path, {"block": {}, "community": community})
    assert world is not None and world.communities.tier.tolist() == ["block", "block"]


def test_a_tier_that_nobody_describes_is_given_to_nobody(tmp_path: Path) -> None:
    world, findings = classified(tmp_path, {"centre": {"people": 60}})
    assert world is not None and world.communities.tier.tolist() == ["centre", ""]
    none = only(findings, "tier_by_none")
    assert (none.value, none.facts["tier"], none.facts["people_min"], none.facts["types_min"]) == (
        "east", "centre", "≥ 60", "—",
    )  # fmt: skip


def test_no_threshold_is_built_in(tmp_path: Path) -> None:
    world, findings = classified(tmp_path, None)
    assert world is not None and world.communities.tier.tolist() == ["", ""] and told(findings) == []
    world, _ = classified(tmp_path, {})
    assert world is not None and world.communities.tier.tolist() == ["", ""]


def test_a_tier_by_hand_stands_and_its_reason_is_told(tmp_path: Path) -> None:
    values = {"east": {"tier": "邻里社区", "tier_reason": "Opens a metro station."}}
    world, findings = classified(tmp_path, {"block": {}}, values=values)
    assert world is not None and world.communities.tier.tolist() == ["block", "community"]
    assert world.communities.tier_reason.tolist() == ["", "Opens a metro station."]
    hand = only(findings, "tier_by_hand")
    assert (hand.value, hand.facts["tier"], hand.facts["found"], hand.facts["found_zh"]) == (
        "east", "community", "block", "邻里街区",
    )  # fmt: skip
    assert hand.facts["reason"] == "Opens a metro station."


def test_a_tier_by_hand_against_the_thresholds_asks_for_a_reason(tmp_path: Path) -> None:
    communities().assign(t=["邻里街区", "邻里中心"], why=["", ""]).to_file(tmp_path / "communities.gpkg")
    world, findings = classified(tmp_path, {"block": {}}, tier="t", tier_reason="why")
    assert world is not None and world.communities.tier.tolist() == ["block", "centre"]
    assert only(findings, "tier_without_reason").severity == "warning"
    assert only(findings, "tier_without_reason").value == "east"
    assert only(findings, "tier_by_hand").value == "west"  # the same as by thresholds: no reason is needed


def test_a_free_text_stays_as_it_is(tmp_path: Path) -> None:
    communities().assign(t=["便民型", ""]).to_file(tmp_path / "communities.gpkg")
    world, _ = classified(tmp_path, None, tier="t")
    assert world is not None and world.communities.tier.tolist() == ["便民型", ""]
    world, findings = classified(tmp_path, {"centre": {"people": 1}}, tier="t")
    assert world is not None and world.communities.tier.tolist() == ["便民型", "centre"]
    assert only(findings, "tier_without_reason").facts["tier_zh"] == "便民型"


def test_tiers_of_figures_alone() -> None:
    about = Figures(np.array([0.0, 5000.0, 4999.0]), np.array([0, 20, 20]), np.array([0, 12, 12]))
    thresholds = Tiers.model_validate(
        {"community": {"people": 5000, "outlets": 20, "types": 12}, "block": {"outlets": 1}}
    )
    assert tiers_by(thresholds, about).tolist() == ["", "community", "block"]
