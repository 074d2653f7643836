"""Why there is no plan, on small random programs: every claim held against the list of all points.

The programs have rules of every kind of row: floors, ceilings, bands and equalities over options, coefficients of
either sign, places with floor area and slots. Brute force is the oracle of the clash, of each way out, and of the
least total relaxation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from siteopt.plan import Diagnosis
from siteopt.program import Limits, Program, Rows
from siteopt.solve.diagnose import diagnose
from siteopt.solve.engines import engine
from siteopt.solve.outlook import outlook
from siteopt.solve.slack import activity, one_sided, sizes
from tests.clashing_programs import clashing_program, every_point

LIMITS = Limits(time_limit_s=30.0, threads=1)
SEEDS = range(170)
WITH_CBC = range(260, 280)


@dataclass(frozen=True, eq=False)
class Tried:
    """A program, all its points, and by how much each row of each point is missed."""

    program: Program
    points: np.ndarray
    missed: dict[str, np.ndarray]
    """owner -> (points, one-sided rows): 0 where the row is kept."""
    units: dict[str, np.ndarray]
    sizes: dict[str, np.ndarray]
    subjects: dict[str, list[str]]
    senses: dict[str, list[str]]

    def kept(self, owners: set[str]) -> np.ndarray:
        """(points,) which of them keep all of these rules."""
        fine = np.ones(len(self.points), dtype=bool)
        for owner in owners:
            fine &= (self.missed[owner] < 1e-9).all(axis=1)
        return fine

    def short(self, owner: str) -> np.ndarray:
        """(points,) what is missed of a rule, in its unit."""
        return np.asarray((self.missed[owner] / self.units[owner]).sum(axis=1))

    def shares(self, owners: set[str]) -> np.ndarray:
        """(points,) what is missed in all, as shares of the limits."""
        out = np.zeros(len(self.points))
        for owner in owners:
            out += (self.missed[owner] / self.sizes[owner]).sum(axis=1)
        return out


@cache
def tried(seed: int) -> Tried:
    """All that can be known of a program by trying."""
    program = clashing_program(seed, coverage=False)
    points = every_point(program)
    owners = dict.fromkeys(b.owner for b in program.blocks if b.role != "link")
    missed, units, size, subjects, senses = {}, {}, {}, {}, {}
    for owner in owners:
        sides: list[Rows] = [s for b in program.blocks if b.owner == owner for s in one_sided(b)]
        columns = []
        for side in sides:
            come = np.array([activity(side, x) for x in points]).reshape(len(points), len(side))
            floor = np.isfinite(side.lower)
            limit = np.where(floor, side.lower, side.upper)
            columns.append(np.maximum(np.where(floor, limit - come, come - limit), 0.0))
        missed[owner] = np.concatenate(columns, axis=1)
        units[owner] = np.concatenate([np.full(len(s), s.per_unit) for s in sides])
        size[owner] = np.concatenate([sizes(s) for s in sides])
        subjects[owner] = [name for s in sides for name in s.subject]
        senses[owner] = ["ge" if np.isfinite(low) else "le" for s in sides for low in s.lower]
    return Tried(program, points, missed, units, size, subjects, senses)


def clashing(seed: int, by: str = "highs") -> tuple[Tried, Diagnosis] | None:
    known = tried(seed)
    if known.kept(set(known.missed)).any():
        return None
    outlooks = outlook(known.program) if seed % 2 else ()
    return known, diagnose(known.program, engine(by), LIMITS, outlooks=outlooks)


def giving(known: Tried) -> set[str]:
    return {b.owner for b in known.program.blocks if b.elastic}


CASES = [
    *(pytest.param(seed, "highs", id=f"{seed}") for seed in SEEDS),
    *(pytest.param(seed, "pulp", id=f"{seed} by cbc") for seed in WITH_CBC),
]


@pytest.mark.parametrize(("seed", "by"), CASES)
def test_every_claim_of_a_diagnosis_is_what_trying_all_points_finds(seed: int, by: str) -> None:
    found = clashing(seed, by)
    if found is None:
        return
    known, why = found
    _clash_is_smallest(known, why)
    _ways_out_are_least(known, why)
    _total_is_least(known, why)
    _subjects_are_needed(known, why)


def _clash_is_smallest(known: Tried, why: Diagnosis) -> None:
    core = set(why.clashing)
    assert why.complete and core
    assert not known.kept(core).any(), "the rules named do clash"
    for owner in core:
        assert known.kept(core - {owner}).any(), f"without {owner} the rest can be kept"
    if len(core) > 1:
        assert all(known.kept({o}).any() for o in known.missed), "a rule that clashes alone would be told alone"
    for first in known.missed if len(core) > 2 else ():
        for second in known.missed:
            assert known.kept({first, second}).any(), "a pair that clashes would be told as a pair"


def _ways_out_are_least(known: Tried, why: Diagnosis) -> None:
    assert why.repairs_complete
    every, fixed = set(known.missed), set(known.missed) - giving(known)
    alone = {r.rules[0]: r for r in why.repairs if len(r.rules) == 1}
    possible = {o for o in giving(known) if known.kept(every - {o}).any()}
    assert set(alone) == possible, "each rule that can make room by itself is a way out, and no other"
    for owner, repair in alone.items():
        short = known.short(owner)[known.kept(every - {owner})]
        assert repair.proven
        assert sum(c.shortfall for c in repair.relaxations) == pytest.approx(short.min(), rel=1e-9, abs=1e-6)
        assert {c.rule for c in repair.relaxations} == {owner}
        _point_is_as_told(known, repair.point, {owner} | fixed)
        assert repair.value_proven
        best = _best_value(known, every - {owner}, owner, float(short.min()))
        assert repair.value == pytest.approx(best, abs=1e-6)
    efforts = [r.effort for r in why.repairs if len(r.rules) == 1]
    assert efforts == sorted(efforts)


def _best_value(known: Tried, kept: set[str], owner: str, least: float) -> float:
    """The best first goal of the points that keep the other rules and break this one least."""
    fine = known.kept(kept) & (known.short(owner) <= least + 1e-7)
    return float((known.points[fine] @ known.program.goals[0].cost).max())


def _point_is_as_told(known: Tried, point: np.ndarray | None, may_break: set[str]) -> None:
    assert point is not None
    same = np.flatnonzero((np.abs(known.points - point) < 1e-9).all(axis=1))
    assert len(same) == 1, "the plan of a way out is a plan"
    assert known.kept(set(known.missed) - may_break)[same[0]], "and keeps every other rule"


def _total_is_least(known: Tried, why: Diagnosis) -> None:
    fixed = set(known.missed) - giving(known)
    can = known.kept(fixed)
    if not can.any():
        assert why.relaxations == () and why.repairs == ()
        return
    least = known.shares(giving(known))[can].min()
    told = 0.0
    for c in why.relaxations:
        named = zip(known.subjects[c.rule], known.senses[c.rule], strict=True)
        r = list(named).index((c.subject, c.sense))
        told += c.shortfall * known.units[c.rule][r] / known.sizes[c.rule][r]
    assert why.relaxed_proven and why.relaxations
    assert told == pytest.approx(least, rel=1e-6, abs=1e-6)


def _subjects_are_needed(known: Tried, why: Diagnosis) -> None:
    fixed = set(why.clashing) - giving(known)
    parts = list(why.subjects)

    def kept(some: list[tuple[str, str]]) -> bool:
        fine = known.kept(fixed)
        for owner, subject in some:
            mine = [n == subject for n in known.subjects[owner]]
            fine &= (known.missed[owner][:, mine] < 1e-9).all(axis=1)
        return bool(fine.any())

    if not parts:
        assert not giving(known) & set(why.clashing)
        return
    assert {owner for owner, _ in parts} == giving(known) & set(why.clashing)
    assert not kept(parts)
    for part in parts:
        assert kept([p for p in parts if p != part])


def test_most_of_these_programs_clash_in_many_ways() -> None:
    found = [clashing(seed) for seed in range(70)]
    sizes_of = {len(f[1].clashing) for f in found if f}
    assert sum(f is not None for f in found) > 40 and {1, 2, 3} <= sizes_of
