"""Together: so many places where outlets of two kinds stand side by side."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.model.build import build
from siteopt.model.objectives.coverage import Coverage, Seek
from siteopt.world import World
from tests.land_worlds import codes_of, verdicts, with_sites
from tests.programs import Rule, keeps_rows, minutes_of, posed, row_of_spaces, rule, solved
from tests.random_worlds import every_plan
from tests.worlds import make_communities


def together(at_least: int, **params: object) -> Rule:
    return rule("co_location", **({"first": ["t0"], "second": ["t1"]} | params), at_least=at_least)


def town(n: int = 2, n_types: int = 2, **over: object) -> World:
    return row_of_spaces(n, n_types, slots=[n_types] * n, **over)


def kept_plans(world: World, wanted: Rule) -> list[list[tuple[int, int]]]:
    """The plans that keep the rule, its own columns as high as they may be; judge and rows say the same of each."""
    problem = posed(world, [wanted])
    program = build(problem, [wanted], Seek(Coverage()))
    own = slice(program.columns.start["co_location.both"], None)
    kept = []
    for plan in every_plan(world):
        x = np.zeros(len(program.columns))
        x[: len(problem.option_pair)] = plan.opened[problem.option_site, problem.option_type]
        for column in range(*own.indices(len(x))):
            x[column] = 1.0
            ties = [b for b in program.blocks if b.owner == "co_location" and not b.elastic]
            for b in ties:
                for r in range(len(b)):
                    part = slice(b.indptr[r], b.indptr[r + 1])
                    if column in b.column[part] and b.value[part] @ x[b.column[part]] > b.upper[r]:
                        x[column] = 0.0
        by_judge = all(v.holds for v in wanted.judge(world, minutes_of(world), plan))
        assert by_judge == keeps_rows(program, x), np.argwhere(plan.opened).tolist()
        if by_judge:
            kept.append([(int(j), int(t)) for j, t in np.argwhere(plan.opened)])
    return kept


def test_both_kinds_in_one_space_make_a_place() -> None:
    kept = kept_plans(town(), together(1))
    assert [(0, 0), (0, 1)] in kept and [(0, 0), (1, 1)] not in kept and len(kept) == 7
    assert kept_plans(town(), together(2)) == [[(0, 0), (0, 1), (1, 0), (1, 1)]]


def test_any_type_of_a_kind_will_do() -> None:
    kept = kept_plans(town(1, 3), together(1, second=["t1", "t2"]))
    assert kept == [[(0, 0), (0, 2)], [(0, 0), (0, 1)], [(0, 0), (0, 1), (0, 2)]]


def test_what_stands_counts() -> None:
    world = with_sites(town(), standing=np.array([[True, False], [True, True]]))
    assert len(kept_plans(world, together(1))) == 2
    assert kept_plans(world, together(2)) == [[(0, 1)]]
    assert kept_plans(world, together(3)) == []


def test_in_a_community_the_two_may_be_apart() -> None:
    world = town(3, site_community=[0, 0, -1], communities=make_communities([{"id": "A"}]))
    kept = kept_plans(world, together(1, per="community"))
    assert [(0, 0), (1, 1)] in kept and [(0, 0), (2, 1)] not in kept and [(2, 0), (2, 1)] not in kept


def test_the_verdict_names_the_places() -> None:
    (verdict,) = verdicts(town(), together(2), [(0, 0), (0, 1), (1, 0)])
    assert (verdict.subject, verdict.need, verdict.got, verdict.holds) == ("t0 + t1", 2, 1, False)
    assert verdict.detail["places"] == "s000" and verdict.unit == "places"


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_two_kinds_are_brought_together_at_least_loss(engine: str) -> None:
    world = town(2, allowed=np.array([[True, True], [False, True]]))
    found = solved(world, [together(1), rule("count", types=["t1"], max=1)], by=engine)
    assert found.opened == ["s000/t0", "s000/t1"]


def test_where_no_place_can_have_both_there_is_no_plan() -> None:
    world = town(2, allowed=np.array([[True, False], [False, True]]))
    assert kept_plans(world, together(1)) == []
    assert solved(world, [together(1)]).answer.status == "infeasible"


def test_communities_are_asked_for() -> None:
    assert codes_of(town(), together(1, per="community")) == [("error", "rule_needs_communities", "co_location")]
    assert codes_of(town(), together(1)) == []


@pytest.mark.parametrize(("at_least", "over"), [(0, {}), (1, {"first": []}), (1, {"per": "street"})])
def test_kinds_and_number_are_given(at_least: int, over: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        together(at_least, **over)
