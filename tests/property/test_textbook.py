"""On tiny matrices every plan can be tried: brute force is the oracle of every textbook problem."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import scipy.optimize as so
import scipy.sparse as sp

import siteopt
from siteopt.textbook import Result

Plan = tuple[Any, Any]
SEEDS = range(24)


@dataclass(frozen=True)
class Case:
    """A random matrix with everything that may be asked of it; ``new`` sites are open ones that do not stand yet."""

    d: Any
    w: Any
    cost: Any
    required: Any
    forbidden: Any
    existing: Any

    @property
    def marks(self) -> dict[str, Any]:
        return {
            "required": self.required,
            "forbidden": self.forbidden,
            "existing": self.existing,
            "threads": 1,
            "time_limit_s": 30.0,
        }

    def plans(self, p: int | None = None, budget: float | None = None) -> Iterator[Plan]:
        for bits in itertools.product([False, True], repeat=self.d.shape[1]):
            opened = np.array(bits)
            new = opened.copy()
            new[self.existing] = False
            if not opened[self.existing].all() or not opened[self.required].all() or opened[self.forbidden].any():
                continue
            if p is not None and new.sum() > p:
                continue
            if budget is None or self.cost[new].sum() <= budget + 1e-9:
                yield opened, new

    def times(self, opened: Any, reach: float = 4.0) -> Any:
        return (self.d[:, opened] <= reach).sum(axis=1)

    def near(self, opened: Any) -> Any:
        return self.d[:, opened].min(axis=1) if opened.any() else np.full(len(self.d), np.inf)


def case_of(seed: int, n_points: int = 9, n_sites: int = 6) -> Case:
    """Whole or broken weights and costs, ties in distances, ways that do not exist, sites of every kind."""
    r = np.random.default_rng(seed)
    d = r.integers(0, 10, (n_points, n_sites)).astype(float) if seed % 5 else r.random((n_points, n_sites)) * 10
    d[r.random(d.shape) < 0.15] = np.inf
    k = r.permutation(n_sites)
    return Case(
        d=d,
        w=r.integers(0, 6, n_points).astype(float) if seed % 2 else r.random(n_points),
        cost=r.integers(1, 5, n_sites).astype(float) if seed % 3 else r.random(n_sites),
        required=k[1 : 1 + seed // 2 % 2],
        forbidden=k[2 : 2 + seed // 4 % 2],
        existing=k[: seed % 2],
    )


def sparse_of(d: Any) -> Any:
    """Finite distances stored, zeros too."""
    row, column = np.nonzero(np.isfinite(d))
    return sp.csr_matrix((d[row, column], (row, column)), shape=d.shape)


def agrees(result: Result, values: list[float], best: Callable[[list[float]], float]) -> None:
    if not values:
        assert result.status == "infeasible" and result.message and result.said("zh"), result
        return
    assert result.status == "proven", result
    assert result.objective == pytest.approx(best(values), rel=1e-9, abs=1e-9)
    assert result.bound == pytest.approx(result.objective, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("p", "budget"), [(2, None), (None, 4.5), (3, 5.0), (0, None)])
def test_max_coverage_is_the_best_of_all_plans_and_the_cheapest_of_those(
    seed: int, p: int | None, budget: float | None
) -> None:
    case = case_of(seed)
    result = siteopt.max_coverage(case.d, case.w, reach=4.0, p=p, budget=budget, cost=case.cost, **case.marks)
    value = [(float(case.w[case.times(o) > 0].sum()), float(case.cost[n].sum())) for o, n in case.plans(p, budget)]
    agrees(result, [v for v, _ in value], max)
    if value:
        most = max(v for v, _ in value)
        assert result.audit["cost"] == pytest.approx(min(c for v, c in value if v > most - 1e-9))


@pytest.mark.parametrize("seed", SEEDS)
def test_set_covers_whole_and_partial_are_the_cheapest_of_all_plans(seed: int) -> None:
    case = case_of(seed)
    plans = list(case.plans())
    whole = [float(case.cost[n].sum()) for o, n in plans if (case.times(o) > 0).all()]
    agrees(siteopt.set_cover(case.d <= 4.0, case.w, cost=case.cost, **case.marks), whole, min)
    for share in (0.5, 0.9, 1.0):
        enough = share * case.w.sum() - 1e-9
        part = [float(case.cost[n].sum()) for o, n in plans if case.w[case.times(o) > 0].sum() >= enough]
        result = siteopt.partial_set_cover(case.d, case.w, reach=4.0, share=share, cost=case.cost, **case.marks)
        agrees(result, part, min)


@pytest.mark.parametrize("seed", SEEDS)
def test_backup_coverage_is_the_best_of_all_plans_in_every_form(seed: int) -> None:
    case = case_of(seed)
    cover, plans = case.d <= 4.0, list(case.plans())

    def once(o: Any) -> float:
        return float(case.w[case.times(o) > 0].sum())

    def twice(o: Any) -> float:
        return float(case.w[case.times(o) > 1].sum())

    whole = [(float(case.cost[n].sum()), twice(o)) for o, n in plans if (case.times(o) > 0).all()]
    least = min((c for c, _ in whole), default=0.0)
    result = siteopt.backup_coverage(cover, case.w, cost=case.cost, **case.marks)
    agrees(result, [t for c, t in whole if c < least + 1e-9], max)
    limited = [(once(o), twice(o)) for o, _ in case.plans(p=2)]
    most = max((a for a, _ in limited), default=0.0)
    result = siteopt.backup_coverage(cover, case.w, p=2, **case.marks)
    agrees(result, [b for a, b in limited if a > most - 1e-9], max)
    for mix in (0.3, 0.8, 1.0):
        result = siteopt.backup_coverage(cover, case.w, p=2, backup=mix, **case.marks)
        agrees(result, [(1 - mix) * a + mix * b for a, b in limited], max)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("p", [1, 3])
def test_p_median_and_p_center_are_the_best_of_all_plans_however_many_arcs_are_looked_at(seed: int, p: int) -> None:
    case = case_of(seed)
    served = [o for o, _ in case.plans(p) if np.isfinite(case.near(o)).all()]
    total = [float(case.w @ case.near(o)) for o in served]
    for nearest in (None, 1, 2):
        agrees(siteopt.p_median(case.d, case.w, p=p, nearest=nearest, **case.marks), total, min)
    agrees(siteopt.p_center(case.d, p=p, **case.marks), [float(case.near(o).max()) for o in served], min)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("p", [2, 3])
def test_p_dispersion_is_the_best_of_all_plans(seed: int, p: int) -> None:
    case, r = case_of(seed), np.random.default_rng(seed)
    d = r.integers(1, 9, (6, 6)).astype(float) if seed % 2 else r.random((6, 6))
    d = np.minimum(d, d.T)

    def least(o: Any, new: Any) -> float:
        pairs = itertools.combinations(np.flatnonzero(o), 2)
        return min((float(d[a, b]) for a, b in pairs if new[a] or new[b]), default=np.inf)

    values = [least(o, n) for o, n in case.plans(p) if n.sum() == p]
    agrees(siteopt.p_dispersion(d, p=p, **case.marks), values, max)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("decay", ["linear", "exponential", "power"])
def test_attendance_is_the_best_of_all_plans(seed: int, decay: Any) -> None:
    case = case_of(seed)
    more: dict[str, Any] = {
        "linear": {},
        "exponential": {"parameter": 0.3},
        "power": {"parameter": 1.5, "least_distance": 1.0},
    }[decay]

    def comes(d: Any) -> Any:
        share = {
            "linear": np.clip(1 - d / 7, 0, 1),
            "exponential": np.exp(-0.3 * d),
            "power": np.maximum(d, 1.0) ** -1.5,
        }[decay]
        return np.where(d <= 7, share, 0.0)

    values = [float(case.w @ comes(case.near(o))) for o, _ in case.plans(p=2)]
    agrees(siteopt.attendance(case.d, case.w, decay=decay, cutoff=7.0, p=2, **more, **case.marks), values, max)


@pytest.mark.parametrize("seed", SEEDS)
def test_huff_share_is_the_best_of_all_plans_and_a_target_is_reached_at_least_cost(seed: int) -> None:
    case, r = case_of(seed, 12, 8), np.random.default_rng(seed)
    taken = np.concatenate([case.required, case.forbidden, case.existing])
    rivals = np.setdiff1d(r.permutation(8)[:2], taken)
    pull = r.random(8) + 0.5
    attracted = np.where(case.d <= 9, np.exp(-0.3 * case.d), 0.0) * pull
    theirs = attracted[:, rivals].sum(axis=1)

    def won(o: Any) -> float:
        ours = attracted[:, o].sum(axis=1)
        return float(case.w @ np.divide(ours, ours + theirs, out=np.zeros(12), where=ours + theirs > 0))

    market: dict[str, Any] = {
        "competitors": rivals,
        "attraction": pull,
        "decay": "exponential",
        "parameter": 0.3,
        "cutoff": 9.0,
    }
    for limit in ({"p": 2}, {"budget": 4.0}, {"p": 3, "budget": 3.0}):
        plans = [o for o, _ in case.plans(**limit) if not o[rivals].any()]  # type: ignore[arg-type]
        result = siteopt.huff_market_share(case.d, case.w, cost=case.cost, **limit, **market, **case.marks)
        agrees(result, [won(o) for o in plans], max)
    for target in (0.2, 0.6):
        paid = [
            float(case.cost[n].sum())
            for o, n in case.plans()
            if not o[rivals].any() and won(o) >= target * case.w.sum() - 1e-12
        ]
        result = siteopt.huff_market_share(case.d, case.w, cost=case.cost, target=target, **market, **case.marks)
        agrees(result, paid, min)


def served_whole(worth: Any, inside: Any, need: Any, room: Any, opened: Any, partly: bool) -> float | None:
    """The least worth of all assignments of whole points; None where there is none. Worth of nobody is 0."""
    options = [
        ([-1] if partly else []) + [int(j) for j in np.flatnonzero(opened & inside[i])] for i in range(len(need))
    ]
    best: float | None = None
    for to in itertools.product(*options):
        load = np.zeros(len(room))
        for i, j in enumerate(to):
            if j >= 0:
                load[j] += need[i]
        if (load <= room + 1e-9).all():
            value = float(sum(worth[i, j] for i, j in enumerate(to) if j >= 0))
            best = value if best is None else min(best, value)
    return best


def served_split(worth: Any, inside: Any, need: Any, room: Any, opened: Any, partly: bool) -> float | None:
    """The same with shares: a transport problem."""
    arcs = [(i, j) for i in range(len(need)) for j in np.flatnonzero(opened & inside[i])]
    if not arcs:
        return 0.0 if partly else None
    load, serve = np.zeros((len(room), len(arcs))), np.zeros((len(need), len(arcs)))
    for k, (i, j) in enumerate(arcs):
        load[j, k], serve[i, k] = need[i], 1.0
    cost = np.array([worth[i, j] for i, j in arcs])
    if partly:
        done = so.linprog(cost, np.vstack([load, serve]), np.concatenate([room, np.ones(len(need))]), bounds=(0, 1))
    else:
        done = so.linprog(cost, load, room, serve, np.ones(len(need)), bounds=(0, 1))
    return None if done.x is None else float(done.fun)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("split", "oracle"), [(False, served_whole), (True, served_split)], ids=["whole", "split"])
def test_capacitated_forms_are_the_best_of_all_plans_and_assignments(seed: int, split: bool, oracle: Any) -> None:
    case, r = case_of(seed, 5, 4), np.random.default_rng(seed)
    need, room = r.integers(0, 6, 5).astype(float), r.integers(0, 14, 4).astype(float)
    if seed % 4 == 0:
        need, room = need * r.random(5), room * r.random(4) * 2
    finite, inside = np.isfinite(case.d), case.d <= 6.0
    walk, none = case.w[:, None] * np.where(finite, case.d, 0.0), np.zeros(case.d.shape)
    found = [oracle(walk, finite, need, room, o, False) for o, _ in case.plans(p=2)]
    result = siteopt.capacitated_p_median(case.d, need, room, p=2, weights=case.w, split=split, **case.marks)
    agrees(result, [v for v in found if v is not None], min)
    paid = [
        float(case.cost[n].sum()) for o, n in case.plans() if oracle(none, inside, need, room, o, False) is not None
    ]
    result = siteopt.capacitated_set_cover(inside, need, room, cost=case.cost, split=split, **case.marks)
    agrees(result, paid, min)
    gain = np.broadcast_to(-case.w[:, None], case.d.shape)
    most = [-oracle(gain, inside, need, room, o, True) for o, _ in case.plans(p=2)]
    result = siteopt.capacitated_max_coverage(
        case.d, need, room, p=2, weights=case.w, reach=6.0, split=split, **case.marks
    )
    agrees(result, most, max)
    if result.assignment is not None:
        table = result.assignment if split else one_each(result.assignment, case.d.shape)
        assert (np.asarray(table.T @ need) <= room + 1e-6).all()
        idle = result.open & (np.bincount(table.indices, minlength=4) == 0)
        assert set(np.flatnonzero(idle)) <= {*case.required, *case.existing}


def one_each(assignment: Any, shape: tuple[int, int]) -> Any:
    """(I, J) one where a point is served."""
    row = np.flatnonzero(assignment >= 0)
    return sp.csr_matrix((np.ones(len(row)), (row, assignment[row])), shape=shape)


def everything(d: Any, w: Any, **more: Any) -> list[Result]:
    """Every problem on one matrix of distances."""
    return [
        siteopt.max_coverage(d, w, reach=4.0, p=2, **more),
        siteopt.partial_set_cover(d, w, reach=4.0, share=0.6, **more),
        siteopt.backup_coverage(d, w, reach=4.0, p=3, **more),
        siteopt.p_median(d, w, p=3, **more),
        siteopt.p_center(d, w, p=3, **more),
        siteopt.attendance(d, w, cutoff=7.0, p=2, **more),
        siteopt.huff_market_share(d, w, competitors=[0], decay="exponential", parameter=0.5, p=2, **more),
        siteopt.capacitated_max_coverage(d, w, np.full(d.shape[1], 9.0), reach=4.0, p=2, **more),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_a_sparse_matrix_and_a_dense_one_and_a_shuffled_one_have_the_same_answers(seed: int) -> None:
    case, r = case_of(seed, 10, 7), np.random.default_rng(seed)
    plain = everything(case.d, case.w, threads=1)
    rows, columns = r.permutation(10), np.concatenate([[0], 1 + r.permutation(6)])
    for other in (
        everything(sparse_of(case.d), case.w, threads=1),
        everything(sparse_of(case.d).tocsc(), case.w, threads=1),
        everything(case.d[np.ix_(rows, columns)], case.w[rows], threads=1),
    ):
        for a, b in zip(plain, other, strict=True):
            assert a.status == b.status
            assert b.objective == pytest.approx(a.objective, nan_ok=True)
