"""The classic of 205 census tracts and 16 stores: optima known by trying every plan, independently of any solver."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import siteopt


@pytest.fixture(scope="module")
def stores(shared: Path) -> tuple[Any, Any]:
    """(205, 16) metres and (205,) people, both in the order of the tracts' names."""
    folder = shared / "san-francisco"
    with open(folder / "SF_demand_205_centroid_uniform_weight.csv", encoding="utf-8") as f:
        people = {row["NAME"]: float(row["POP2000"]) for row in csv.DictReader(f)}
    with open(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    tracts, names = sorted(people), sorted({row["name"] for row in rows})
    d = np.full((len(tracts), len(names)), np.inf)
    for row in rows:
        d[tracts.index(row["DestinationName"]), names.index(row["name"])] = float(row["distance"])
    assert d.shape == (205, 16) and np.isfinite(d).all()
    return d, np.array([people[t] for t in tracts])


@pytest.mark.parametrize(
    ("p", "people", "sites", "left_out"),
    [
        (1, 448255, [6], 98),
        (2, 671938, [2, 6], 55),
        (4, 875247, [1, 2, 5, 10], 21),
        (6, 941462, [1, 2, 4, 5, 10, 15], 4),
    ],
)
def test_max_coverage_reaches_the_known_optimum(
    stores: tuple[Any, Any], p: int, people: int, sites: list[int], left_out: int
) -> None:
    d, weight = stores
    result = siteopt.max_coverage(d, weight, reach=5000.0, p=p)
    assert (result.status, result.objective, result.bound) == ("proven", people, people)
    assert result.indices.tolist() == sites
    assert result.audit["points"] - result.audit["points_covered"] == left_out


def test_percentages_are_told_by_people_and_by_tract(stores: tuple[Any, Any]) -> None:
    result = siteopt.max_coverage(*stores, reach=5000.0, p=4)
    assert result.audit["percent_points"] == pytest.approx(89.75609756)
    assert result.audit["percent_weight"] == pytest.approx(100 * 875247 / 955113)


def test_eight_stores_cover_everybody_and_145_of_205_tracts_twice_and_not_167(stores: tuple[Any, Any]) -> None:
    d, _ = stores
    assert siteopt.set_cover(d, reach=5000.0).objective == 8
    result = siteopt.backup_coverage(d, reach=5000.0)
    assert result.status == "proven" and result.audit["first_value"] == 8
    assert result.objective == result.audit["points_backed_up"] == 145
    assert result.audit["percent_points_backed_up"] == pytest.approx(70.73170732)


def test_p_median_and_p_center_reach_the_known_optima(stores: tuple[Any, Any]) -> None:
    d, weight = stores
    median = siteopt.p_median(d, weight, p=4)
    assert median.status == "proven" and median.indices.tolist() == [1, 2, 5, 10]
    assert median.objective == pytest.approx(2848268129.7145, rel=1e-12)
    assert median.audit["mean_distance"] == pytest.approx(2982.1268579890657)
    center = siteopt.p_center(d, p=4)
    assert center.status == "proven" and center.objective == pytest.approx(7403.06381)
    assert center.audit["facilities"] == 4


def test_a_radius_that_reaches_too_few_is_told_with_the_tracts(stores: tuple[Any, Any]) -> None:
    d, _ = stores
    result = siteopt.set_cover(d, reach=20.0)
    assert result.status == "infeasible" and result.reason == "unreached" and result.facts["points"] == 205


def test_p_above_the_number_of_stores_is_no_error(stores: tuple[Any, Any]) -> None:
    result = siteopt.max_coverage(*stores, reach=5000.0, p=1000)
    assert result.status == "proven" and result.objective == 955113 and result.audit["facilities"] == 8
