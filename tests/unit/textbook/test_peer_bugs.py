"""What peers get wrong on arrays, each as a test named after the bug (numbers: the peers survey, section 4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import siteopt
from siteopt.program import Answer
from siteopt.solve.highs import Highs
from siteopt.textbook.result import AuditFailed, Found, judged
from siteopt.textbook.search import read_effort
from siteopt.textbook.sites import read_sites
from tests.unit.textbook.test_arrays import refused

EYE = np.eye(2, dtype=bool)


def test_b1_nobody_is_backed_up_where_one_site_reaches_each_point() -> None:
    result = siteopt.backup_coverage(EYE)
    assert result.status == "proven" and result.objective == 0.0
    assert result.audit["percent_points_backed_up"] == 0.0 and result.audit["percent_points"] == 100.0


class Noisy(Highs):
    """An engine whose zeros and ones carry noise, as engines' do."""

    def solve(self, *given: Any, **named: Any) -> Answer:
        answer = super().solve(*given, **named)
        noise = np.where(answer.x > 0.5, 1.8e-15, 2.5e-15) if answer.x is not None else 0.0
        return answer if answer.x is None else replace(answer, x=answer.x + noise)


def test_b2_a_whisker_above_nothing_is_no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siteopt.textbook.search.engine_named", lambda name: Noisy())
    d = np.array([[1.0, 9.0, 4.0], [9.0, 1.0, 4.0], [8.0, 2.0, 4.0]])
    assert siteopt.max_coverage(d, reach=2.0, p=1).indices.tolist() == [1]
    assert siteopt.p_median(d, p=1).audit["facilities"] == 1


def test_b1_a_figure_that_the_arrays_do_not_bear_out_is_refused() -> None:
    sites, search = read_sites(3, p=1), read_effort({})
    honest = Found("max", np.array([True, False, False]), value=8.0, claimed=8.0, bound=9.0, size=12.0, engine="")
    assert judged("any", search, sites, honest).gap == 0.125
    with pytest.raises(AuditFailed, match="the engine says"):
        judged("any", search, sites, replace(honest, claimed=9.0))
    with pytest.raises(AuditFailed, match="leaves its limits"):
        judged("any", search, sites, replace(honest, opened=np.array([True, True, False])))


class Timid(Highs):
    """An engine whose bound is beaten by its own plan."""

    def solve(self, *given: Any, **named: Any) -> Answer:
        answer = super().solve(*given, **named)
        return replace(answer, bound=answer.bound - 2)


def test_a_bound_that_a_plan_beats_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siteopt.textbook.search.engine_named", lambda name: Timid())
    cover = np.array([[True, True, False], [True, False, True], [False, True, True]])
    with pytest.raises(AuditFailed, match="beats the bound"):
        siteopt.max_coverage(cover, [3, 4, 5], p=1)


def test_b4_a_stopped_search_is_not_called_proven() -> None:
    r = np.random.default_rng(3)
    cover = r.random((3000, 150)) < 0.08
    result = siteopt.max_coverage(cover, r.integers(1, 100, 3000), p=12, time_limit_s=0.3, threads=1)
    assert result.status in ("best_found", "no_plan")
    assert result.status == "no_plan" or (result.gap > 0 and result.bound > result.objective)


@pytest.mark.parametrize("gap", [0.02, 0.2])
def test_b4_a_gap_that_was_asked_for_is_measured_and_no_plan_is_better_than_the_bound(gap: float) -> None:
    r = np.random.default_rng(4)
    d, w = r.random((60, 15)), r.integers(1, 50, 60)
    loose, exact = siteopt.p_median(d, w, p=3, gap=gap), siteopt.p_median(d, w, p=3)
    assert loose.status == exact.status == "proven" and exact.gap == 0.0
    assert loose.bound <= exact.objective <= loose.objective and loose.gap <= gap
    market: dict[str, Any] = {"competitors": [0, 1], "decay": "exponential", "parameter": 3.0, "p": 3}
    near, best = siteopt.huff_market_share(d, w, gap=gap, **market), siteopt.huff_market_share(d, w, **market)
    assert near.objective <= best.objective <= near.bound and near.gap <= gap and best.gap == 0.0


@pytest.mark.parametrize("problem", [siteopt.p_median, siteopt.p_center])
def test_b5_nan_is_an_error_with_its_place_and_inf_is_unreachable(problem: Any) -> None:
    d = np.array([[1.0, 2.0], [3.0, np.nan]])
    assert "[1, 1]" in str(refused("distance_nan", problem, d, p=1))
    d[1, 1] = np.inf
    assert problem(d, p=1).indices.tolist() == [0]


def test_b5_text_for_weights_is_refused_by_name() -> None:
    assert "weights[0]" in str(refused("not_numbers", siteopt.max_coverage, EYE, ["4", "5"], p=1))


def test_b7_flags_that_are_no_booleans_are_refused_and_say_what_to_pass() -> None:
    d = np.ones((4, 3))
    said = str(refused("flags_or_sites", siteopt.p_median, d, p=2, required=[0, 0, 1]))
    assert "dtype=bool" in said
    refused("not_sites", siteopt.p_median, d, p=2, required=["0", "0", "1"])


def test_b7_required_sites_with_capacities_are_the_named_ones() -> None:
    d = np.array([[1.0, 2.0, 9.0], [2.0, 1.0, 9.0], [9.0, 2.0, 1.0]])
    for required in ([2], [False, False, True]):
        result = siteopt.capacitated_p_median(d, [5, 5, 5], [10, 10, 5], p=2, required=required)
        assert result.status == "proven" and result.open[2]


def test_b7_more_required_sites_than_p_is_told_and_not_only_called_infeasible() -> None:
    result = siteopt.p_median(np.ones((4, 3)), p=1, required=[0, 2])
    assert result.status == "infeasible" and "2 sites are required and p is 1" in result.message


def test_b8_percentages_are_given_by_weight_and_by_point_and_a_point_of_no_weight_is_covered_when_it_is() -> None:
    result = siteopt.max_coverage(np.array([[True, False], [True, False], [False, True]]), [9, 0, 1], p=1)
    assert result.covered is not None and result.covered.tolist() == [True, True, False]
    assert result.audit["percent_weight"] == 90.0
    assert result.audit["percent_points"] == pytest.approx(200 / 3)


def test_b9_a_site_that_adds_nothing_stays_closed() -> None:
    cover = np.array([[True, True, False], [True, False, False]])
    assert siteopt.max_coverage(cover, p=3).indices.tolist() == [0]
    d = np.array([[1.0, 2.0, 9.0], [1.0, 2.0, 9.0]])
    assert siteopt.p_median(d, p=3).indices.tolist() == [0]
    assert siteopt.p_center(d, p=3).indices.tolist() == [0]
    assert siteopt.max_coverage(d, reach=0.5, p=2).indices.tolist() == []


def test_b10_the_assignment_is_who_goes_where_and_not_who_could() -> None:
    d = np.array([[1.0, 2.0], [2.0, 1.0], [1.0, 1.5]])
    result = siteopt.capacitated_set_cover(d, [3, 3, 3], [6, 3], reach=5.0)
    load = np.bincount(result.assignment, weights=[3, 3, 3], minlength=2)
    assert (load <= [6, 3]).all() and load.sum() == 9


def test_b11_nobody_to_serve_is_an_answer() -> None:
    none = np.zeros((0, 3))
    assert siteopt.max_coverage(none, reach=1.0, p=2).objective == 0.0
    assert siteopt.set_cover(none, reach=1.0).objective == 0.0
    assert siteopt.p_median(none, p=2).objective == 0.0
    assert siteopt.p_center(none, p=2).objective == 0.0
    assert siteopt.backup_coverage(none.astype(bool)).objective == 0.0
    assert siteopt.capacitated_p_median(none, [], [1, 1, 1], p=1).objective == 0.0
    assert siteopt.huff_market_share(none, competitors=[0], decay="exponential", parameter=1.0, p=1).objective == 0.0
    assert siteopt.attendance(none, cutoff=3.0, p=1).objective == 0.0


def test_b11_no_sites_is_an_answer_too() -> None:
    none = np.zeros((3, 0))
    assert siteopt.max_coverage(none, reach=1.0, p=2).objective == 0.0
    assert siteopt.set_cover(none, reach=1.0).status == "infeasible"
    assert siteopt.p_median(none, p=2).status == "infeasible"
    assert siteopt.attendance(none, cutoff=3.0, p=1).objective == 0.0


def test_b11_weights_of_another_length_are_refused_by_name() -> None:
    assert "weights has shape 3" in str(refused("wrong_length", siteopt.max_coverage, EYE, [1, 2, 3], p=1))


def test_b11_a_distance_on_the_limit_is_covered() -> None:
    assert siteopt.max_coverage(np.array([[0.1 + 0.2]]), reach=0.3, p=1).objective == 1.0


def test_b13_infeasible_names_the_demand_points_that_nobody_reaches() -> None:
    result = siteopt.set_cover(np.array([[True, False], [False, False], [False, True]]), forbidden=[False, True])
    assert result.status == "infeasible" and result.facts == {"count": 2, "points": 3, "first": [1, 2]}
    assert "2 of 3 demand points" in result.message and not result.open.any() and result.assignment is None


def test_b19_doing_nothing_is_never_called_infeasible() -> None:
    result = siteopt.max_coverage(EYE, p=0)
    assert result.status == "proven" and result.objective == 0.0 and result.indices.tolist() == []


def test_b20_of_plans_as_good_the_cheapest_is_taken() -> None:
    cover = np.array([[True, True, True]])
    assert siteopt.max_coverage(cover, p=1, cost=[3.0, 1.0, 2.0]).indices.tolist() == [1]
