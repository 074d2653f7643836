"""An integer program and its raw answer; not a word about outlets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from siteopt.units import Bools, Floats, Ints

Status = Literal["proven", "best_found", "infeasible", "no_plan", "engine_error"]
Sense = Literal["max", "min"]
Role = Literal["rule", "place", "link"]


@dataclass(frozen=True, eq=False)
class Columns:
    """Named blocks of columns.

    Attributes
    ----------
    start : block name -> first column; blocks are contiguous, in this order
    lower, upper : (N,) bounds
    integer : (N,) bool
    """

    start: Mapping[str, int]
    lower: Floats
    upper: Floats
    integer: Bools

    def __len__(self) -> int:
        return len(self.lower)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one owner, as CSR with bounds.

    Attributes
    ----------
    owner : the rule that these rows state (several blocks may share an owner)
    indptr, column, value : CSR, columns unique within a row
    lower, upper : (R,) -inf / inf allowed
    subject : (R,) whom each row is about (a community, a site, a type ...), in the planner's words
    unit : the unit of ``per_unit`` ("m2", "CNY", "people", "outlets")
    per_unit : row activity per one unit, so that slack / per_unit is in the planner's unit
    stated : (R,) the row's one limit as the rule states it, where the row's own is rounded to whole numbers; or None
    today : (R,) what stands today and is taken off the bounds already; or None
    elastic : may be relaxed by a diagnosis; False for rows that state logic, not a rule
    role : "rule"; "place" for a row in which columns compete for one place (ceilings over coefficients >= 0, every
        column in the rows of at most one place); "link" for z <= sum of columns: z comes first in the
        row with coefficient 1, is in one link only, and raising it breaks no row and spoils no goal
    """

    owner: str
    indptr: Ints
    column: Ints
    value: Floats
    lower: Floats
    upper: Floats
    subject: Sequence[str] = ()
    unit: str = ""
    per_unit: float = 1.0
    elastic: bool = True
    role: Role = "rule"
    stated: Floats | None = None
    today: Floats | None = None

    def __len__(self) -> int:
        return len(self.lower)


def rows_from(
    owner: str,
    entries: Sequence[tuple[Ints, Floats]],
    lower: Sequence[float],
    upper: Sequence[float],
    subject: Sequence[str],
    *,
    unit: str = "",
    per_unit: float = 1.0,
    elastic: bool = True,
) -> Rows:
    """Rows from one (columns, values) pair each; for the few rows of a rule, not for the many of coverage."""
    lengths = [len(c) for c, _ in entries]
    return Rows(
        owner=owner,
        indptr=np.cumsum([0, *lengths]).astype(np.int64),
        column=np.concatenate([np.empty(0, dtype=np.int64), *(c for c, _ in entries)]),
        value=np.concatenate([np.empty(0), *(np.asarray(v, dtype=np.float64) for _, v in entries)]),
        lower=np.asarray(lower, dtype=np.float64),
        upper=np.asarray(upper, dtype=np.float64),
        subject=tuple(subject),
        unit=unit,
        per_unit=per_unit,
        elastic=elastic,
    )


def link_rows(owner: str, head: Ints, indptr: Ints, tail: Ints) -> Rows:
    """z - Σ x <= 0 for each column z: covered no more than what covers it is open. Logic, never relaxed.

    Parameters
    ----------
    owner : str
    head : (R,) columns z
    indptr, tail : CSR over rows, the columns x of each

    Returns
    -------
    Rows
    """
    n = len(head)
    at = np.asarray(indptr, dtype=np.int64) + np.arange(n + 1)
    column, value = np.empty(at[-1], dtype=np.int64), np.full(at[-1], -1.0)
    is_tail = np.ones(at[-1], dtype=np.bool_)
    is_tail[at[:-1]] = False
    column[at[:-1]], column[is_tail], value[at[:-1]] = head, tail, 1.0
    return Rows(owner, at, column, value, np.full(n, -np.inf), np.zeros(n), elastic=False, role="link")


@dataclass(frozen=True, eq=False)
class Goal:
    """One goal of several in order: later goals never spoil earlier ones.

    Attributes
    ----------
    name : str
    sense : "max" or "min"
    cost : (N,) objective coefficients
    offset : added to the value (people covered today, say)
    grain : the value of every plan is a multiple of this (0 = unknown): a bound closer than one grain is a proof
    tolerance : later goals may spoil this one by at most this share of its value (of its size, where that is below 0)
    """

    name: str
    sense: Sense
    cost: Floats
    offset: float = 0.0
    grain: float = 0.0
    tolerance: float = 0.0


@dataclass(frozen=True, eq=False)
class Program:
    """Columns, blocks of rows, goals in order."""

    columns: Columns
    blocks: tuple[Rows, ...]
    goals: tuple[Goal, ...]

    @property
    def n_rows(self) -> int:
        """All rows of all blocks."""
        return sum(len(b) for b in self.blocks)

    @property
    def nnz(self) -> int:
        """Stored coefficients."""
        return sum(len(b.column) for b in self.blocks)


@dataclass(frozen=True, eq=False)
class Limits:
    """What an engine may spend: seconds, relative gap, threads, seed."""

    time_limit_s: float = 60.0
    gap: float = 0.0
    threads: int = 2
    seed: int = 0


@dataclass(frozen=True, eq=False)
class GoalResult:
    """How one goal ended.

    Attributes
    ----------
    value, bound, gap, status, seconds : in the goal's own turn
    final : its value at the end, which later goals may have made worse by its tolerance; nan where nobody asked
    """

    name: str
    sense: Sense
    value: float
    bound: float
    gap: float
    status: Status
    seconds: float
    final: float = float("nan")


@dataclass(frozen=True, eq=False)
class Answer:
    """What an engine found.

    Attributes
    ----------
    status : Status, of the first goal
    x : (N,) values, rounded where integer; None when there is no plan
    objective, bound, gap : of the first goal at ``x``; gap = |bound - objective| / max(1, |objective|), which
        counts what the goal gave up for later ones within its tolerance
    seconds : wall time in the engine
    engine, version : str
    stopped : "" or why it stopped early ("time", "interrupt")
    goals : one GoalResult per goal tried
    log : what the engine printed
    """

    status: Status
    x: Floats | None
    objective: float
    bound: float
    gap: float
    seconds: float
    engine: str
    version: str
    stopped: str = ""
    goals: tuple[GoalResult, ...] = ()
    log: str = ""
    message: str = ""
