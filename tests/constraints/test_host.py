"""Hosts: an add-on opens only where a host is open, new or standing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.model.build import build, encode, plan_of
from siteopt.model.objectives.coverage import Coverage, Seek
from siteopt.plan import Plan
from siteopt.world import Periods, World
from tests.land_worlds import codes_of, verdicts, with_sites, with_type_ids
from tests.programs import INF, accepted, keeps_rows, minutes_of, posed, row_of_spaces, rule, solved, stated

RULE = rule("host", types=["t2"], hosts=["t0", "t1"])


def shops(n: int = 1, **over: object) -> World:
    """Spaces for two hosts (t0, t1) and an add-on (t2)."""
    return row_of_spaces(n, 3, slots=[3] * n, **over)


def test_an_add_on_opens_no_more_often_than_its_hosts() -> None:
    assert stated(shops(), RULE) == [("s000: t2", {"s000/t2": 1.0, "s000/t0": -1.0, "s000/t1": -1.0}, -INF, 0.0)]
    assert [(0, 2)] not in accepted(shops(), RULE)
    assert len(accepted(shops(), RULE)) == 7


def test_a_host_next_door_is_none() -> None:
    kept = accepted(shops(2), RULE)
    assert [(0, 0), (1, 2)] not in kept and [(0, 0), (0, 2)] in kept


def test_a_host_that_stands_is_enough() -> None:
    world = with_sites(shops(2), standing=np.array([[True, False, False], [False, False, False]]))
    assert [s for s, *_ in stated(world, RULE)] == ["s001: t2"]
    assert [(0, 2)] in accepted(world, RULE)


def test_where_no_host_may_open_the_add_on_may_not_either() -> None:
    world = shops(allowed=np.array([[False, False, True]]))
    assert stated(world, RULE) == [("s000: t2", {"s000/t2": 1.0}, -INF, 0.0)]
    assert accepted(world, RULE) == [[]]


def test_the_verdict_names_the_hosts() -> None:
    (verdict,) = verdicts(shops(), RULE, [(0, 0), (0, 1), (0, 2)])
    assert (verdict.subject, verdict.need, verdict.got, verdict.holds) == ("s000: t2", 1, 2, True)
    assert verdict.detail["hosts"] == "t0, t1"


def test_the_hosts_of_the_plan_document_are_those_that_the_scenario_has() -> None:
    world = with_type_ids(shops(), "convenience_store", "barber", "courier_station")
    wanted = rule("host", types=["courier_station"])
    assert [t for _, t, *_ in stated(world, wanted)] == [
        {"s000/courier_station": 1.0, "s000/convenience_store": -1.0}
    ]
    assert codes_of(world, wanted) == []
    assert [c for _, c, _ in codes_of(shops(), rule("host", types=["t2"]))] == ["rule_no_host"]


def test_the_host_opens_no_later_than_its_add_on() -> None:
    world = replace(shops(), periods=Periods(("1", "2"), (1.0, 1.0), (12.0, 24.0)))
    problem = posed(world, [RULE])
    program = build(problem, [RULE], Seek(Coverage()))
    held = {}
    for host in (1, 2):
        for addon in (1, 2):
            opened = np.array([[True, False, True]])
            period = np.array([[host, 0, addon]])
            plan = replace(plan_of(opened), period=period, source=np.where(opened, 0, -1))
            x = np.zeros(len(program.columns))
            x[: len(problem.option_pair)] = encode(problem, plan)
            held[host, addon] = keeps_rows(program, x)
            assert held[host, addon] == all(v.holds for v in RULE.judge(world, minutes_of(world), plan))
    assert held == {(1, 1): True, (1, 2): True, (2, 1): False, (2, 2): True}


def test_shuffled_spaces_state_the_same_rule() -> None:
    world = with_sites(shops(3), site_id=["b", "c", "a"])
    assert sorted(s for s, *_ in stated(world, RULE)) == ["a: t2", "b: t2", "c: t2"]
    assert all(len({k.split("/")[0] for k in terms}) == 1 for _, terms, _, _ in stated(world, RULE))


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_a_host_is_opened_for_the_sake_of_its_add_on(engine: str) -> None:
    world = shops(2, cost=np.array([[5.0, 3.0, 1.0], [4.0, 9.0, 1.0]]))
    types = replace(world.types, weight=np.array([0.0, 0.0, 1.0]))
    found = solved(replace(world, types=types), [RULE, rule("count", types=["t2"], max=1)], by=engine)
    assert found.opened == ["s001/t0", "s001/t2"]


@pytest.mark.parametrize(
    "params", [{}, {"types": []}, {"types": ["t0"], "hosts": ["t0"]}, {"types": ["t0"], "hosts": []}]
)
def test_add_ons_are_named_and_host_nobody_like_themselves(params: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rule("host", **params)


def test_a_plan_without_add_ons_has_nothing_to_judge() -> None:
    empty: Plan = plan_of(np.zeros((1, 3), dtype=bool))
    assert RULE.judge(shops(), minutes_of(shops()), empty) == []
