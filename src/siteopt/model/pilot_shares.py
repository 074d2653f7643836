"""Ratios over communities that the program makes pilots, where it is not known beforehand which: exact rows.

What a community has too much or too little, S = standing + Σ v·x in whole numbers, lies between two whole numbers
low <= S <= high. With p = 1 for a pilot, a share in each of them is S >= low·(1 − p); a share over all of them is
Σ t >= 0 with t <= S − low·(1 − p) and t <= high·p, so that t is at most S of a pilot and at most 0 of another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from siteopt.model.columns import Block
from siteopt.model.ratios import Part
from siteopt.problem import Problem
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import Ints


@dataclass(frozen=True, eq=False)
class Account:
    """Of one community: what it has too much or too little of its share.

    Attributes
    ----------
    subject : the community
    value : (N,) what each option adds
    standing : what stands today
    low, high : the least, at most 0, and the most, at least 0, that it can come to
    per_unit : whole numbers that make one outlet
    """

    subject: str
    value: Ints
    standing: int
    low: int
    high: int
    per_unit: int


def accounts(parts: Sequence[Part], problem: Problem) -> list[Account]:
    """One for each community, of outlets counted one by one."""
    out = []
    for part in parts:
        pair = part.weights(problem.pair_site, problem.pair_type)
        low = min(part.balance + int(np.minimum(pair, 0).sum()), 0)
        high = max(part.balance + int(np.maximum(pair, 0).sum()), 0)
        value = pair[problem.option_pair]
        out.append(Account(part.subject, value, part.balance, low, high, part.share.denominator))
    return out


def union_block(label: str, known: Sequence[Account]) -> Block:
    """The column t of each community."""
    low, high = (np.array([getattr(a, side) for a in known], dtype=np.float64) for side in ("low", "high"))
    return Block(f"{label}.counted", low, high, np.zeros(len(known), dtype=np.bool_))


def each_rows(label: str, known: Sequence[Account], pilot: Sequence[Ints], columns: Columns) -> list[Rows]:
    """S − low·p >= low of each; ``pilot``: (K, L) columns of which one is 1 where a community is a pilot."""
    return [
        rows_from(label, [entry], [least], [np.inf], [a.subject], unit="outlets", per_unit=float(a.per_unit))
        for a, entry, least in _unless_pilot(known, pilot, columns)
        if a.low < 0
    ]


def union_rows(label: str, known: Sequence[Account], pilot: Sequence[Ints], columns: Columns) -> list[Rows]:
    """Σ t >= 0, and what ties each t to its community."""
    t = columns.start[f"{label}.counted"] + np.arange(len(known))
    at = {id(a): k for k, a in enumerate(known)}
    logic = [
        (np.append(column, t[at[id(a)]]), np.append(value, -1.0), least)
        for a, (column, value), least in _unless_pilot(known, pilot, columns)
    ]
    for k, a in enumerate(known):
        p = np.concatenate([grades[k] for grades in pilot])
        logic.append((np.append(p, t[k]), np.append(np.full(len(p), float(a.high)), -1.0), 0.0))
    ties = rows_from(
        label,
        [(column, value) for column, value, _ in logic],
        [least for *_, least in logic],
        [np.inf] * len(logic),
        [""] * len(logic),
        elastic=False,
    )
    total = [(t, np.ones(len(t)))]
    size = float(known[0].per_unit)
    return [rows_from(label, total, [0.0], [np.inf], [label], unit="outlets", per_unit=size), ties]


def _unless_pilot(
    known: Sequence[Account], pilot: Sequence[Ints], columns: Columns
) -> Iterator[tuple[Account, tuple[Ints, np.ndarray], float]]:
    """Σ v·x + low·p >= low − standing, of each community and each rule that may make it a pilot."""
    for k, a in enumerate(known):
        at = np.flatnonzero(a.value)
        for grades in pilot:
            column = np.concatenate([columns.start["open"] + at, grades[k]])
            value = np.concatenate([a.value[at], np.full(len(grades[k]), a.low)]).astype(np.float64)
            yield a, (column, value), float(a.low - a.standing)
