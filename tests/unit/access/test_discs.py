"""Points by the discs that hold them: against brute force, at every edge, in any batches, compiled or not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import siteopt
from siteopt.access import discs
from siteopt.access.disc_tiles import tiles_of
from siteopt.access.discs import DiscClasses, disc_classes
from siteopt.units import EDGE_MIN, Floats, Ints, within


def by_hand(site_xy: Floats, radius: float, xy: Floats, weight: Ints, slack: float) -> tuple[dict[bytes, int], int]:
    """Weight by set of discs, and the weight in none; a distance for every pair."""
    d = xy[:, None] - site_xy[None]
    held = np.sqrt(d[..., 0] * d[..., 0] + d[..., 1] * d[..., 1]) <= radius + slack
    found: dict[bytes, int] = {}
    for row, w in zip(held, weight.tolist(), strict=True):
        found[row.tobytes()] = found.get(row.tobytes(), 0) + w
    beyond = found.pop(np.zeros(len(site_xy), dtype=np.bool_).tobytes(), 0)
    return {key: w for key, w in found.items() if w}, beyond


def as_sets(classes: DiscClasses) -> dict[bytes, int]:
    rows = classes.cover.toarray() > 0
    assert len({row.tobytes() for row in rows}) == len(rows)
    return {row.tobytes(): int(w) for row, w in zip(rows, classes.weight, strict=True)}


def check(site_xy: Floats, radius: float, xy: Floats, weight: Ints, slack: float = EDGE_MIN) -> DiscClasses:
    classes = disc_classes(site_xy, radius, [(xy, weight)], slack=slack)
    assert (as_sets(classes), classes.beyond) == by_hand(site_xy, radius, xy, weight, slack)
    assert classes.points == len(xy)
    return classes


def same(a: DiscClasses, b: DiscClasses) -> bool:
    return (
        np.array_equal(a.cover.indptr, b.cover.indptr)
        and np.array_equal(a.cover.indices, b.cover.indices)
        and np.array_equal(a.weight, b.weight)
        and (a.beyond, a.points) == (b.beyond, b.points)
    )


def cloud(seed: int, sites: int, points: int) -> tuple[Floats, Floats, Ints]:
    r = np.random.default_rng(seed)
    return r.random((sites, 2)) * 30, r.random((points, 2)) * 36 - 3, r.integers(1, 101, points)


@pytest.fixture
def compiled_from_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discs, "COMPILE_FROM", 0)


@pytest.fixture
def never_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discs, "available", lambda: False)


@pytest.mark.parametrize("sites", [1, 7, 64, 65, 130])
def test_classes_are_those_of_a_distance_for_every_pair(sites: int, compiled_from_the_first: None) -> None:
    check(*_with_radius(cloud(sites, sites, 3000), 4.0))


@pytest.mark.parametrize("sites", [1, 64, 130])
def test_classes_are_those_of_a_distance_for_every_pair_when_nothing_is_compiled(
    sites: int, never_compiled: None
) -> None:
    check(*_with_radius(cloud(sites, sites, 3000), 4.0))


def _with_radius(parts: tuple[Floats, Floats, Ints], radius: float) -> tuple[Floats, float, Floats, Ints]:
    return parts[0], radius, parts[1], parts[2]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    sites=st.integers(1, 70),
    radius=st.sampled_from([0.5, 1.0, 2.5, 5.0, 13.0]),
    slack=st.sampled_from([0.0, EDGE_MIN]),
)
def test_points_of_a_lattice_many_exactly_on_a_circle_are_on_the_right_side(
    seed: int, sites: int, radius: float, slack: float
) -> None:
    r = np.random.default_rng(seed)
    site_xy = r.integers(0, 40, (sites, 2)) * 0.5  # 3-4-5 and 5-12-13 triangles are exact
    xy = r.integers(-10, 50, (400, 2)) * 0.5
    check(site_xy, radius, xy, r.integers(0, 5, 400), slack)


def test_a_point_exactly_at_the_radius_is_held_and_one_beyond_the_slack_is_not() -> None:
    site_xy = np.array([[500_000.0, 4_000_000.0]])
    xy = site_xy + np.array([[300.0, 400.0], [500.0, 0.0], [500.0 + 1e-5, 0.0], [0.0, -500.0 - 1e-5]])
    classes = disc_classes(site_xy, 500.0, [(xy, None)])
    assert classes.weight.tolist() == [2] and classes.beyond == 2
    distance = np.hypot(*(xy - site_xy).T)
    assert within(distance, 500.0).sum() == 2


def test_without_slack_the_distance_as_computed_decides() -> None:
    # 0.1 * 3 and 0.1 * 4 are not 0.3 and 0.4, and their distance from 0 is not always 0.5.
    k = np.arange(1, 60)
    xy = np.concatenate([np.column_stack([0.1 * 3 * k, 0.1 * 4 * k]), np.column_stack([0.3 * k, 0.4 * k])])
    for radius in (0.5 * k).tolist():
        check(np.zeros((1, 2)), radius, xy, np.ones(len(xy), dtype=np.int64), 0.0)


def test_points_on_the_borders_of_tiles_fall_in_one_of_them(compiled_from_the_first: None) -> None:
    site_xy = np.array([[0.0, 0.0], [1.0, 0.3]])
    tiles = tiles_of(site_xy, 1.0 + EDGE_MIN)
    left, lower, per = tiles.frame
    x = left + np.arange(tiles.shape[0] + 1) / per
    y = lower + np.arange(tiles.shape[1] + 1) / per
    xy = np.stack(np.meshgrid(np.concatenate([x, np.nextafter(x, -9), np.nextafter(x, 9)]), y), -1).reshape(-1, 2)
    check(site_xy, 1.0, xy, np.ones(len(xy), dtype=np.int64))


def test_batches_threads_and_functions_change_nothing() -> None:
    site_xy, xy, weight = cloud(3, 90, 20_000)
    whole = disc_classes(site_xy, 4.0, [(xy, weight)])
    parts = [(xy[k : k + 777], weight[k : k + 777]) for k in range(0, len(xy), 777)]
    assert same(whole, disc_classes(site_xy, 4.0, iter(parts)))
    assert same(whole, disc_classes(site_xy, 4.0, parts[::-1], threads=3))
    assert same(whole, disc_classes(site_xy, 4.0, [lambda p=p: p for p in parts], threads=2))
    shuffled = np.random.default_rng(0).permutation(len(xy))
    assert same(whole, disc_classes(site_xy, 4.0, [(xy[shuffled], weight[shuffled].astype(np.int32))]))


def test_compiled_and_not_compiled_are_the_same_to_the_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    site_xy, xy, weight = cloud(4, 200, 60_000)  # more classes than the table first has room for
    monkeypatch.setattr(discs, "COMPILE_FROM", 0)
    fast = disc_classes(site_xy, 4.0, [(xy[:50_000], weight[:50_000]), (xy[50_000:], weight[50_000:])], threads=2)
    monkeypatch.setattr(discs, "available", lambda: False)
    assert same(fast, disc_classes(site_xy, 4.0, [(xy, weight)]))
    assert len(fast.weight) > 4096


def test_the_loop_says_the_same_interpreted(monkeypatch: pytest.MonkeyPatch) -> None:
    from siteopt.access import discs_kernel

    site_xy, xy, weight = cloud(5, 70, 400)
    monkeypatch.setattr(discs, "available", lambda: False)
    plain = disc_classes(site_xy, 4.0, [(xy, weight)])
    monkeypatch.setattr(discs, "available", lambda: True)
    monkeypatch.setattr(discs, "COMPILE_FROM", 0)
    for name in ("_slot_of", "fill", "gather"):
        loop = getattr(discs_kernel, name)
        monkeypatch.setattr(discs_kernel, name, getattr(loop, "py_func", loop))
    with np.errstate(over="ignore"):  # the hash is meant to wrap around
        assert same(plain, disc_classes(site_xy, 4.0, [(xy, weight)]))


def test_without_sites_or_points_everything_or_nothing_is_beyond() -> None:
    _, xy, weight = cloud(6, 1, 50)
    nowhere = disc_classes(np.empty((0, 2)), 4.0, [(xy, weight)])
    assert nowhere.cover.shape == (0, 0) and nowhere.beyond == weight.sum() and nowhere.points == 50
    assert disc_classes(xy, 4.0, []).cover.shape == (0, 50)
    assert disc_classes(xy, 4.0, [(np.empty((0, 2)), None)]).points == 0


def test_points_far_outside_are_in_no_disc(compiled_from_the_first: None) -> None:
    xy = np.array([[1e300, 0.0], [-np.inf, 3.0], [0.0, np.inf], [0.5, 0.5]])
    classes = disc_classes(np.zeros((1, 2)), 1.0, [(xy, np.array([5, 6, 7, 8]))])
    assert classes.beyond == 18 and classes.weight.tolist() == [8]


def test_sites_far_from_each_other_do_not_make_more_tiles_than_fit() -> None:
    site_xy = np.array([[0.0, 0.0], [1e6, 0.0], [0.0, 1e6], [1e6, 1e6]])
    xy = np.concatenate([site_xy + 0.5, site_xy + 0.8])
    check(site_xy, 1.0, xy, np.arange(1, 9))
    assert len(tiles_of(site_xy, 1.0).whole) < 5_000_000


def test_sites_in_the_same_place_stand_in_the_same_classes() -> None:
    site_xy, xy, weight = cloud(7, 20, 2000)
    check(np.concatenate([site_xy, site_xy]), 4.0, xy, weight)


def test_large_weights_are_summed_without_loss() -> None:
    big = 2**53 + 1
    classes = disc_classes(np.zeros((1, 2)), 1.0, [(np.zeros((3, 2)), np.full(3, big))])
    assert classes.weight.tolist() == [3 * big]


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        ((np.array([[0.0, np.nan]]), None), "no number"),
        ((np.zeros((2, 2)), np.array([1.5, 2.0])), "whole numbers"),
        ((np.zeros((2, 2)), np.array([1])), "one for each"),
        ((np.zeros((2, 2)), np.full(2, 2**62)), "64 bits"),
    ],
)
def test_points_that_cannot_be_counted_are_refused(batch: tuple[Floats, Ints], words: str) -> None:
    for threads in (1, 2):
        with pytest.raises(ValueError, match=words):
            disc_classes(np.zeros((1, 2)), 1.0, [batch], threads=threads)


def test_points_that_are_no_numbers_are_refused_by_the_compiled_loop_too(compiled_from_the_first: None) -> None:
    with pytest.raises(ValueError, match="no number"):
        disc_classes(np.zeros((1, 2)), 1.0, [(np.array([[np.nan, 0.0]]), None)])


@pytest.mark.parametrize("radius", [0.0, -1.0, np.nan, np.inf])
def test_a_radius_that_is_no_length_is_refused(radius: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        disc_classes(np.zeros((1, 2)), radius, [])


def test_classes_and_points_have_the_same_best_plan() -> None:
    site_xy, xy, weight = cloud(8, 12, 500)
    classes = disc_classes(site_xy, 4.0, [(xy, weight)])
    d = np.hypot(*(xy[:, None] - site_xy[None]).transpose(2, 0, 1))
    from_classes = siteopt.max_coverage(classes.cover, classes.weight, p=3)
    from_points = siteopt.max_coverage(d, weight, reach=4.0, p=3)
    assert from_classes.status == from_points.status == "proven"
    assert from_classes.objective == from_points.objective
