"""Chain share: chains among all outlets, existing and new, of the pilots."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from siteopt.model.constraint import together
from siteopt.world import World
from tests.norm_worlds import found, town, verdicts
from tests.programs import INF, accepted, judged, rule, solved, stated

PILOTS = rule("chain_share")
EVERYWHERE = rule("chain_share", scope="all")


def street(n: int = 3, standing: tuple[int, ...] = (), chains: tuple[int, ...] = (), **over: object) -> World:
    """t0 is run by chains, t1 is not; standing outlets are of t1, and a chain's where said."""
    said = {
        "communities": [{"id": "A", "pilot": True}],
        "types": {"chain": [True, False]},
        "sites": {"chain": [j in chains for j in range(n)]},
        "standing": [[0, int(j in standing)] for j in range(n)],
    }
    return town(n, 2, **(said | over))  # type: ignore[arg-type]


def test_the_rows_weigh_chains_with_seven_tenths_and_others_with_minus_three() -> None:
    ((subject, terms, lower, upper),) = stated(street(1), PILOTS)
    assert (terms, lower, upper) == ({"s000/t0": 7.0, "s000/t1": -3.0}, 0.0, INF)
    assert subject == "chain_share"


def test_exactly_thirty_percent_holds_and_less_does_not() -> None:
    assert judged(street(10), EVERYWHERE, [(j, int(j > 2)) for j in range(10)])
    assert not judged(street(10), EVERYWHERE, [(j, int(j > 1)) for j in range(10)])
    third = rule("chain_share", scope="all", share=0.5)
    assert judged(street(2), third, [(0, 0), (1, 1)]) and not judged(street(2), third, [(1, 1)])
    assert [(0, 1)] not in accepted(street(2), third) and [(0, 0), (0, 1)] in accepted(street(2), third)


def test_no_outlet_at_all_meets_the_rule_by_definition() -> None:
    assert [] in accepted(street(2), PILOTS)
    (verdict,) = verdicts(street(2), PILOTS)
    assert verdict.holds and math.isnan(verdict.got) and verdict.detail["whole_outlets"] == 0


def test_independents_that_stand_have_to_be_made_up_for() -> None:
    world = street(3, standing=(0, 1))
    # 0.7·n ≥ 0.3·2: one chain is enough, for 1 of 3 are chains
    assert [low for _, _, low, _ in stated(world, PILOTS)] == [6.0]
    assert [] not in accepted(world, PILOTS) and [(2, 0)] in accepted(world, PILOTS)
    (verdict,) = verdicts(world, PILOTS, [(2, 0)])
    assert (verdict.need, verdict.got, verdict.sense, verdict.unit) == (0.3, 1 / 3, "ge", "share")
    assert dict(verdict.detail) == {
        "part_outlets": 1.0,
        "whole_outlets": 3.0,
        "standing_part_outlets": 0.0,
        "standing_whole_outlets": 2.0,
        "communities": ["A"],
    }


def test_chains_that_stand_leave_room_for_independents() -> None:
    world = street(3, standing=(0,), chains=(0,))
    assert [low for _, _, low, _ in stated(world, PILOTS)] == [-7.0]
    assert [(1, 1), (2, 1)] in accepted(world, PILOTS)


def test_pilots_named_communities_or_all() -> None:
    about = [{"id": "A", "pilot": True}, {"id": "B"}]
    world = street(2, communities=about, site_community=[0, 1])

    def spaces(wanted: object) -> list[str]:
        return sorted({name[:4] for _, terms, _, _ in stated(world, wanted) for name in terms})  # type: ignore[arg-type]

    assert spaces(PILOTS) == ["s000"]
    assert spaces(rule("chain_share", scope="communities", communities=["B"])) == ["s001"]
    assert spaces(EVERYWHERE) == ["s000", "s001"]


def test_in_each_community_the_share_is_kept_by_itself() -> None:
    about = [{"id": "A", "pilot": True}, {"id": "B", "pilot": True}]
    world = street(2, communities=about, site_community=[0, 1])
    plan = [(0, 0), (1, 1)]
    assert judged(world, PILOTS, plan)
    assert [(v.subject, v.holds) for v in verdicts(world, rule("chain_share", per="community"), plan)] == [
        ("A", True),
        ("B", False),
    ]
    accepted(world, rule("chain_share", per="community"))


def test_only_named_types_are_outlets() -> None:
    only_t1 = rule("chain_share", types=["t1"])
    assert judged(street(2), only_t1, [(0, 0)]) and not judged(street(2), only_t1, [(0, 0), (1, 1)])
    accepted(street(2), only_t1)


def test_without_pilots_the_rule_is_not_checked() -> None:
    world = street(2, communities=[{"id": "A"}])
    assert stated(world, PILOTS) == []
    (verdict,) = verdicts(world, PILOTS)
    assert (verdict.checked, verdict.holds, verdict.detail["missing"]) == (False, False, "pilot")
    assert [(f.severity, f.code) for f in found(world, PILOTS)] == [("warning", "chain_share_no_pilots")]


def test_a_layer_that_knows_no_chain_is_told_of() -> None:
    assert [(f.code, f.facts["count"]) for f in found(street(2, standing=(0,)), PILOTS)] == [
        ("chain_share_none_standing", 1)
    ]
    assert found(street(2, standing=(0,), chains=(0,)), PILOTS) == []


def test_communities_go_with_their_scope() -> None:
    for params in ({"communities": ["A"]}, {"scope": "communities"}):
        with pytest.raises(ValidationError) as caught:
            rule("chain_share", **params)
        assert [e["type"] for e in caught.value.errors()] == ["chain_share_scope"]


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_cheapest_chain_makes_up_for_the_independents(engine: str) -> None:
    world = street(3, standing=(0, 1), cost=[[9.0, 1.0], [9.0, 1.0], [5.0, 1.0]], people=[0.0, 0.0, 0.0])
    assert solved(world, [PILOTS], by=engine).opened == ["s002/t0"]


# --- pilots that the plan chooses ---
CHOOSES = rule("pilots", count=1, grades={"basic": {"basic": 1}})


def two_circles(**over: object) -> World:
    """A space in each of two communities, neither a pilot by hand."""
    return street(2, communities=[{"id": "A"}, {"id": "B"}], site_community=[0, 1], **over)


def test_the_share_holds_in_the_pilots_that_the_plan_chooses() -> None:
    # An independent stands in A. Without the share A is a pilot for nothing; with it B becomes one, with a chain.
    world = two_circles(standing=(0,), cost=[[9.0, 9.0], [4.0, 1.0]], people=[0.0, 0.0])
    free = solved(world, [CHOOSES])
    assert free.opened == [] and free.plan is not None and dict(free.plan.decided["pilots"]) == {"A": "basic"}
    kept = solved(world, [CHOOSES, PILOTS])
    assert kept.opened == ["s001/t0"] and kept.plan is not None
    assert dict(kept.plan.decided["pilots"]) == {"B": "basic"}
    (verdict,) = [v for v in kept.verdicts if v.rule == "chain_share"]
    assert (verdict.got, verdict.holds, verdict.detail["communities"]) == (1.0, True, ["B"])


def test_a_pilot_of_chains_makes_up_for_another_unless_the_share_is_asked_of_each() -> None:
    two = rule("pilots", count=2, grades={"basic": {"basic": 1}})
    world = two_circles(standing=(0,), cost=[[9.0, 9.0], [4.0, 1.0]], people=[0.0, 0.0])
    assert solved(world, [two, PILOTS]).opened == ["s001/t0"]
    assert solved(world, [two, rule("chain_share", per="community")]).opened == ["s000/t0", "s001/t0"]


def test_with_a_rule_that_chooses_pilots_nobody_is_told_that_there_are_none() -> None:
    _, share = together([CHOOSES, PILOTS])
    assert found(two_circles(), share) == []
    assert [f.code for f in found(two_circles(), PILOTS)] == ["chain_share_no_pilots"]


def test_before_the_plan_names_pilots_the_share_is_not_checked() -> None:
    _, share = together([CHOOSES, PILOTS])
    (verdict,) = verdicts(two_circles(), share)
    assert not verdict.checked and verdict.detail["missing"] == "pilot"
