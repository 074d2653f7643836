"""Covering programs small enough to try every plan of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siteopt.program import Columns, Goal, Program, Rows, Sense, link_rows
from siteopt.solve.cover import CoverForm, cover_form
from siteopt.units import Bools, Floats


def covering(
    covered_by: Sequence[Sequence[int]],
    people: Sequence[float],
    rules: Sequence[Rows] = (),
    *,
    profit: Sequence[float] | int = 3,
    lower: dict[int, float] | None = None,
    upper: dict[int, float] | None = None,
    sense: Sense = "max",
    offset: float = 0.0,
    grain: float = 1.0,
) -> Program:
    """Options (as many as ``profit`` has or says), then one class for each list of the options that cover it."""
    worth = [0.0] * profit if isinstance(profit, int) else list(profit)
    n, c = len(worth), len(people)
    indptr = np.cumsum([0, *(len(by) for by in covered_by)])
    options = np.array([j for by in covered_by for j in by], dtype=np.int64)
    links = link_rows("link", n + np.arange(c), indptr, options)
    low, high = np.zeros(n + c), np.ones(n + c)
    for j, v in (lower or {}).items():
        low[j] = v
    for j, v in (upper or {}).items():
        high[j] = v
    cost = np.array([*worth, *people], dtype=float) * (1.0 if sense == "max" else -1.0)
    columns = Columns({"open": 0, "cover": n}, low, high, np.arange(n + c) < n)
    return Program(columns, (links, *rules), (Goal("people", sense, cost, offset, grain),))


def form_of(program: Program) -> CoverForm:
    """The covering view of the first goal, which there must be."""
    form = cover_form(program, program.goals[0])
    assert form is not None
    return form


def every_plan(form: CoverForm) -> tuple[Bools, Floats]:
    """(2^N, N) all plans, and what each is worth; -inf for one that breaks a row or a bound."""
    n = form.n_options
    plans = (np.arange(2**n)[:, None] >> np.arange(n)) % 2 == 1
    x = plans.astype(float)
    z = (x @ form.covers.T.toarray() > 0.5).astype(float)
    used = x @ form.rows_x.T.toarray() + z @ form.rows_z.T.toarray()
    keeps = ((used <= form.row_upper + 1e-9) & (used >= form.row_lower - 1e-9)).all(axis=1)
    keeps &= ((x <= form.upper) & (x >= form.lower)).all(axis=1)
    return plans, np.where(keeps, form.offset + x @ form.profit + z @ form.weight, -np.inf)


def optimum(form: CoverForm) -> float:
    """The best value of all plans; -inf when none keeps every row."""
    return float(every_plan(form)[1].max())
