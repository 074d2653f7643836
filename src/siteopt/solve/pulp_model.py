"""A program as a PuLP model.

PuLP keeps an expression as a dict from variables to coefficients. What takes the time is asking each variable for its
hash, in Python, and telling the model of each variable of each row anew; both are avoided here.
"""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np

from siteopt.program import Goal, Program, Rows

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pulp

__all__ = ["pulp", "pulp_model"]


class _Variable(pulp.LpVariable):  # type: ignore[misc]
    """A variable that is hashed by who it is, as PuLP's are, but without a call into Python."""

    __hash__ = object.__hash__


@contextmanager
def _no_collecting() -> Iterator[None]:
    """A model is millions of small objects, none of them garbage: looking for it is a quarter of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@_no_collecting()
def pulp_model(program: Program, goal: Goal, blocks: Sequence[Rows], sign: float) -> tuple[Any, list[Any]]:
    """A PuLP model of one goal, times ``sign``, to be minimised; and its variables in column order."""
    columns = program.columns
    model = pulp.LpProblem("siteopt", pulp.LpMinimize)
    kinds = np.where(columns.integer, pulp.LpInteger, pulp.LpContinuous).tolist()
    digits = len(str(len(columns)))  # PuLP sorts by name
    variables = [
        _Variable(f"x{n:0{digits}}", _finite(low), _finite(high), kind)
        for n, (low, high, kind) in enumerate(zip(columns.lower.tolist(), columns.upper.tolist(), kinds, strict=True))
    ]
    # Every variable is in the objective, if only with 0: PuLP drops the ones it never sees.
    model += pulp.LpAffineExpression(zip(variables, (sign * goal.cost).tolist(), strict=True))
    never = _Variable("none", 0, 0)  # one for all rows that nothing keeps: two of a name are two columns to CBC
    rows: dict[str, Any] = {}
    for block in blocks:
        for row in _rows_of(block, variables, never):
            row.name = f"r{len(rows)}"
            rows[row.name] = row
    model.constraints.update(rows)
    return model, variables


def _finite(bound: float) -> float | None:
    """A bound in PuLP's way: None where there is none."""
    return bound if np.isfinite(bound) else None


def _rows_of(block: Rows, variables: Sequence[Any], never: Any) -> Iterator[Any]:
    """PuLP's constraints for a block: one for each side of a row."""
    terms, values, ends = [variables[c] for c in block.column.tolist()], block.value.tolist(), block.indptr.tolist()
    bounded = zip(block.lower.tolist(), block.upper.tolist(), strict=True)
    finite = zip(np.isfinite(block.lower).tolist(), np.isfinite(block.upper).tolist(), strict=True)
    for (begin, end), (low, high), (from_below, from_above) in zip(pairwise(ends), bounded, finite, strict=True):
        if begin == end:
            if low > 0 or high < 0:  # an empty row is a statement about nothing: true, or the model has no plan
                yield pulp.LpConstraint(never, pulp.LpConstraintGE, rhs=1)
            continue
        expression = pulp.LpAffineExpression(zip(terms[begin:end], values[begin:end], strict=True))
        if low == high:
            yield pulp.LpConstraint(expression, pulp.LpConstraintEQ, rhs=low)
            continue
        if from_above:
            yield pulp.LpConstraint(expression, pulp.LpConstraintLE, rhs=high)
        if from_below:
            yield pulp.LpConstraint(expression.copy(), pulp.LpConstraintGE, rhs=low)
