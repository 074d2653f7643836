"""Every row of the reference tables of ``../shared/data/*/README.md``, met exactly and proven."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from siteopt.pipeline import Ready
from siteopt.problem import coverage_of
from tests.real.reference import M_PER_MIN, MARKET, checked, city, solved

World = Callable[[str, int, bool], Ready]

# (city, minutes, outlets, best covered population), candidates alone
ALONE = [
    ("porto", 5, 1, 2263),
    ("porto", 5, 3, 5310),
    ("porto", 5, 5, 7923),
    ("porto", 5, 10, 12511),
    ("porto", 10, 1, 8016),
    ("porto", 10, 3, 17332),
    ("porto", 10, 5, 23576),
    ("porto", 10, 10, 24777),
    ("porto", 15, 1, 16090),
    ("porto", 15, 3, 24666),
    ("porto", 15, 5, 25083),
    ("porto", 15, 10, 25083),
    ("sao-paulo", 5, 1, 13878),
    ("sao-paulo", 5, 3, 37548),
    ("sao-paulo", 5, 5, 60200),
    ("sao-paulo", 5, 10, 111914),
    ("sao-paulo", 10, 1, 45790),
    ("sao-paulo", 10, 3, 127054),
    ("sao-paulo", 10, 5, 191012),
    ("sao-paulo", 10, 10, 312625),
    ("sao-paulo", 15, 1, 89334),
    ("sao-paulo", 15, 3, 235235),
    ("sao-paulo", 15, 5, 328413),
    ("sao-paulo", 15, 10, 459616),
]
# (city, minutes, new outlets, already covered, added), the vegetable markets of today counted first
BESIDE_MARKETS = [
    ("porto", 5, 1, 10991, 1327),
    ("porto", 5, 3, 10991, 3086),
    ("porto", 5, 5, 10991, 4436),
    ("porto", 10, 1, 19852, 3272),
    ("porto", 10, 3, 19852, 4925),
    ("porto", 10, 5, 19852, 4925),
    ("sao-paulo", 5, 1, 122200, 12069),
    ("sao-paulo", 5, 3, 122200, 34721),
    ("sao-paulo", 5, 5, 122200, 56059),
    ("sao-paulo", 10, 1, 376702, 27114),
    ("sao-paulo", 10, 3, 376702, 60476),
    ("sao-paulo", 10, 5, 376702, 79584),
]
# (stores, covered people, site numbers as column positions of the distance table), each the only optimum
SAN_FRANCISCO = [
    (1, 448255, {6}),
    (2, 671938, {2, 6}),
    (4, 875247, {1, 2, 5, 10}),
    (6, 941462, {1, 2, 4, 5, 10, 15}),
]


@pytest.fixture(scope="module")
def world(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A city at one limit, with or without its markets; each is read once."""
    made: dict[tuple[str, int, bool], Ready] = {}

    def get(name: str, limit_min: int, markets: bool) -> Ready:
        key = (name, limit_min, markets)
        if key not in made:
            work = tmp_path_factory.mktemp("reference")
            made[key] = city(shared / name, work, limit_min=limit_min, markets=markets)
        return made[key]

    return get


@pytest.mark.real
@pytest.mark.parametrize(("name", "limit_min", "outlets", "covered"), ALONE)
def test_candidates_alone_cover_what_the_reference_says(
    world: World, name: str, limit_min: int, outlets: int, covered: int
) -> None:
    run = solved(world(name, limit_min, False), outlets)
    assert run.proof.status == "proven"
    assert run.proof.objective == run.proof.bound == covered
    assert run.scores.objective == run.scores.after[0, 0] == covered
    assert run.scores.before[0, 0] == 0
    assert run.scores.cost_total <= outlets


@pytest.mark.real
@pytest.mark.parametrize(("name", "limit_min", "outlets", "already", "added"), BESIDE_MARKETS)
def test_new_outlets_add_what_the_reference_says_to_the_markets_of_today(
    world: World, name: str, limit_min: int, outlets: int, already: int, added: int
) -> None:
    run = solved(world(name, limit_min, True), outlets)
    assert run.proof.status == "proven"
    assert run.scores.before[0, 0] == already
    assert run.scores.after[0, 0] - run.scores.before[0, 0] == added
    assert run.proof.objective == run.proof.bound == run.scores.objective == already + added
    assert run.scores.cost_total <= outlets


@pytest.mark.real
@pytest.mark.parametrize("name", ["porto", "sao-paulo"])
@pytest.mark.parametrize("limit_min", [5, 10, 15])
def test_the_minutes_table_reaches_as_many_pairs_as_the_reference_counted(
    world: World, shared: Path, name: str, limit_min: int
) -> None:
    """The limit itself counts, and a tolerance must let no pair in that lies beyond it.

    Lengths are whole centimetres. A walk of exactly 800 m whose sum of floats is 800.0000000000002 m is within reach
    for siteopt and was not for the reference: one pair each in Porto at 10 and at 15 minutes, without effect there.
    """
    ready = world(name, limit_min, False)
    counted = _reference(shared / name)["_candidates"][f"{limit_min}min"]
    reached = coverage_of(ready.travel, limit_min)
    beyond_m = (ready.travel.minutes - limit_min) * M_PER_MIN
    assert int((beyond_m <= 0).sum()) == counted["pairs"]
    assert len(reached.site) == int((np.round(beyond_m, 2) <= 0).sum())
    people = ready.world.cells.residents
    share = people[np.diff(reached.indptr) > 0].sum() / people.sum()
    assert round(float(share), 4) == counted["pop_coverable"]


@pytest.mark.real
@pytest.mark.parametrize("name", ["porto", "sao-paulo"])
def test_no_row_of_the_reference_is_left_out(shared: Path, name: str) -> None:
    said = _reference(shared / name)
    alone = {f"_mclp_{m}min_p{p}": v for city, m, p, v in ALONE if city == name}
    beside = {f"_vegmarket_existing_{m}min_new_p{p}": v for city, m, p, _, v in BESIDE_MARKETS if city == name}
    for prefix, rows in (("_mclp_", alone), ("_vegmarket_existing_", beside)):
        assert {key for key in said if key.startswith(prefix)} == rows.keys()
    assert {key: said[key]["covered_pop"] for key in alone} == alone


@pytest.fixture(scope="module")
def san_francisco(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Ready:
    """205 census tracts, 16 stores, 5,000 m: the distances over 80 as minutes, 62.5 minutes as the limit."""
    folder, work = shared / "san-francisco", tmp_path_factory.mktemp("san-francisco")
    pairs = pd.read_csv(folder / DISTANCES, dtype={"DestinationName": str})
    pairs["minutes"] = pairs["distance"] / M_PER_MIN
    pairs.to_csv(work / "minutes.csv", index=False)
    place = {"crs": "EPSG:4326", "x": "long", "y": "lat"}
    return checked(
        {
            "siteopt": 1,
            "name": "san-francisco",
            "travel": {
                "table": {"file": "minutes.csv", "cell_id": "DestinationName", "site_id": "name"},
                "speed_kmh": 4.8,
            },
            "demand": {
                "file": str(folder / "SF_demand_205_centroid_uniform_weight.csv"),
                "id": "NAME",
                "people": {"residents": "POP2000"},
                **place,
            },
            "candidates": {
                "file": str(folder / "SF_store_site_16_longlat.csv"),
                "id": "NAME",
                "area_m2": {"default": 0},
                "kind": {"default": "idle_premises"},
                **place,
            },
            "types": {MARKET: {"limit_min": 5000 / M_PER_MIN, "area_m2": 0, "cost": 1}},
            "constraints": [{"rule": "budget", "amount": 1}],
        },
        work,
    )


@pytest.mark.real
@pytest.mark.parametrize(("stores", "covered", "positions"), SAN_FRANCISCO)
def test_san_francisco_stores_are_the_only_best_ones(
    san_francisco: Ready, stores: int, covered: int, positions: set[int]
) -> None:
    run = solved(san_francisco, stores)
    assert run.proof.status == "proven"
    assert run.proof.objective == run.proof.bound == run.scores.objective == covered
    column = sorted(run.world.sites.site_id)  # a pivot's columns are in the order of their names
    assert run.plan is not None
    opened = run.world.sites.site_id[run.plan.opened[:, 0]]
    assert {column.index(site) for site in opened} == positions
    if stores == 4:
        assert int(np.isinf(run.scores.minutes_after[:, 0]).sum()) == 21


DISTANCES = "SF_network_distance_candidateStore_16_censusTract_205_new.csv"


def _reference(folder: Path) -> dict[str, dict[str, float]]:
    """The reference results in full, beside the README's tables."""
    return json.loads((folder / "stats.json").read_text(encoding="utf-8"))["ref"]
