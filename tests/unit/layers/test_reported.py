"""Names in the acceptance inputs must be known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.findings import Findings
from siteopt.layers.reported import check_reported
from siteopt.scenario.schema import AcceptanceSpec
from siteopt.text import LANGUAGES, fill, finding_entries
from siteopt.world import Funds, World
from tests.worlds import make_communities, make_types, make_world


@pytest.fixture
def world() -> World:
    made = make_world(
        cell_xy=np.zeros((1, 2)),
        people=np.ones(1),
        site_xy=np.zeros((1, 2)),
        types=make_types([10.0]),
        communities=make_communities([{"id": "N1"}, {"id": "N2"}]),
    )
    return replace(made, funds=Funds(("government", "private")))


def found(world: World, **said: object) -> Findings:
    findings = Findings()
    check_reported(AcceptanceSpec.model_validate(said), world, findings, file="s.yaml")
    return findings


def test_known_names_and_no_acceptance_at_all_are_fine(world: World) -> None:
    findings = Findings()
    check_reported(None, world, findings, file="s.yaml")
    progress = {"date": "2025-10", "spent": {"private": 5}}
    fine = found(world, four_sync={"N1": {"planned": True}}, floor_area_all_m2={"N2": 9}, progress=progress)
    assert list(findings) == [] and list(fine) == []


@pytest.mark.parametrize("field", ["four_sync", "floor_area_all_m2"])
def test_an_unknown_community_is_named_with_the_nearest(world: World, field: str) -> None:
    (finding,) = found(world, **{field: {"N11": {} if field == "four_sync" else 1.0}})
    assert (finding.code, finding.value) == ("acceptance_unknown_community", "N11")
    assert finding.field == f"acceptance.{field}.N11" and finding.facts["nearest"] == "N1"


def test_an_unknown_source_is_named_with_those_that_there_are(world: World) -> None:
    (finding,) = found(world, progress={"date": "2025-10-31", "spent": {"goverment": 1}})
    assert (finding.code, finding.facts["nearest"]) == ("acceptance_unknown_source", "government")
    for language in LANGUAGES:
        facts = {"value": finding.value, "field": finding.field, **finding.facts}
        said = fill(finding_entries()[finding.code], language, facts)
        assert "…" not in said and "goverment" in said
