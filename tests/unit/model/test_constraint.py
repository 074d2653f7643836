"""What every rule shares: the registry, strict parameters, the choosing of options."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.findings import Findings
from siteopt.model.build import pairs_of
from siteopt.model.constraint import check_kinds, check_sites, options_where, registry, together
from tests.programs import row_of_spaces, rule
from tests.worlds import make_communities


def test_the_rules_of_the_house_are_registered_by_name() -> None:
    assert set(registry()) >= {
        "allowed_types",
        "budget",
        "commercial_area",
        "count",
        "forbidden",
        "kept",
        "min_coverage",
        "required",
        "space_area",
        "space_slots",
        "spacing",
    }
    assert all(name == found.name for name, found in registry().items())
    physical = {"allowed_types", "capacity", "kept", "space_area", "space_slots"}
    assert {n for n, r in registry().items() if r.always} == physical


def test_a_rule_is_called_what_the_scenario_calls_it() -> None:
    assert rule("budget", amount=1).label == "budget"
    assert rule("budget", "money of 2026", amount=1).label == "money of 2026"


def test_an_unknown_parameter_is_refused_and_parameters_do_not_change() -> None:
    with pytest.raises(ValidationError):
        rule("budget", amount=1, amout=2)
    with pytest.raises(ValidationError):
        rule("budget", amount=1).params.amount = 2  # type: ignore[attr-defined]


def test_rules_tell_the_names_of_types_that_they_refer_to() -> None:
    assert rule("spacing", metres=1, types=["t1"]).params.references() == {"types": ("t1",)}
    assert rule("spacing", metres=1).params.references() == {}
    assert list(rule("required", sites={"s": ["t1", "t0"]}).params.references()["types"]) == ["t1", "t0"]
    assert list(rule("forbidden", sites=["s"]).params.references()["types"]) == []


def test_options_are_chosen_by_type_kind_and_community_together() -> None:
    world = row_of_spaces(
        3,
        2,
        kind=["corner_plot", "idle_premises", "corner_plot"],
        site_community=[0, 0, 1],
        communities=make_communities([{"id": "east"}, {"id": "west"}]),
    )
    site, kind = pairs_of(world)

    def chosen(**by: object) -> list[tuple[int, int]]:
        keep = options_where(world, site, kind, **by)  # type: ignore[arg-type]
        return list(zip(site[keep].tolist(), kind[keep].tolist(), strict=True))

    assert len(chosen()) == 6
    assert chosen(types=["t1"]) == [(0, 1), (1, 1), (2, 1)]
    assert chosen(kinds=["corner_plot"], communities=["east"]) == [(0, 0), (0, 1)]
    assert chosen(communities=["west"], types=["t0"]) == [(2, 0)]
    assert chosen(types=[]) == [] and chosen(kinds=[]) == [] and chosen(communities=[]) == []


def test_sites_are_known_by_their_text_leading_zeros_included() -> None:
    world = row_of_spaces(2)
    world.sites.site_id[:] = ["007", "99999999999"]
    findings = Findings()
    check_sites(world, findings, "s.yaml", "r", ["007", "99999999999", "7"])
    assert [(f.code, f.value, f.facts["nearest"]) for f in findings] == [("rule_unknown_site", "7", "—")]


def test_an_existing_outlet_is_no_kind_of_space_to_choose() -> None:
    findings = Findings()
    check_kinds(findings, "s.yaml", "r", ["new_building", "existing_outlet"])
    assert [f.value for f in findings] == ["existing_outlet"]
    assert np.all([k in str(next(iter(findings)).facts["expected"]) for k in ("corner_plot", "new_building")])


def test_rules_in_force_together_know_of_those_whose_choice_they_look_at() -> None:
    pilots = rule("pilots", count=1, grades={"basic": {"basic": 1}})
    chooser, share, everywhere = together([pilots, rule("chain_share"), rule("chain_share", "all", scope="all")])
    assert chooser.watched and not pilots.watched  # type: ignore[attr-defined]
    assert [one.label for one in share.choosers] == ["pilots"] and everywhere.choosers == ()  # type: ignore[attr-defined]
    alone, _ = together([pilots, rule("chain_share", scope="all")])
    assert not alone.watched  # type: ignore[attr-defined]
