"""Choosing pilots of every grade: is there a choice, and which."""

from __future__ import annotations

from itertools import product

import numpy as np

from siteopt.units import Bools, Ints


def chosen(eligible: Bools, forced: Bools, count: int, *, every_grade: bool) -> Ints | None:
    """A choice of pilots with a grade each.

    Parameters
    ----------
    eligible : (K, L) bool, the community can be a pilot of the grade
    forced : (K,) bool, the community must be one
    count : how many pilots
    every_grade : each grade has one pilot at least

    Returns
    -------
    (K,) int or None
        Index of the grade of each pilot, -1 for the others; the highest grade that a community is eligible for where
        nothing else is asked, the first communities in order. None when there is no choice.
    """
    n, levels = eligible.shape
    able = eligible.any(axis=1)
    if (forced & ~able).any() or int(forced.sum()) > count or int(able.sum()) < count:
        return None
    # Forced ones come first, so that representatives of the grades use up as few of the other places as can be.
    order = np.lexsort((np.arange(n), ~forced))
    reps = [[k for k in order.tolist() if eligible[k, level]] for level in range(levels)] if every_grade else []
    for named in product(*reps):
        if len(set(named)) < len(named):
            continue
        pilots = forced.copy()
        pilots[list(named)] = True
        if int(pilots.sum()) > count:
            continue
        spare = np.flatnonzero(able & ~pilots)[: count - int(pilots.sum())]
        pilots[spare] = True
        if int(pilots.sum()) != count:
            continue
        highest = levels - 1 - np.argmax(eligible[:, ::-1], axis=1)
        grade = np.where(pilots, highest, -1)
        for level, k in enumerate(named):
            grade[k] = level
        return grade.astype(np.int64)
    return None
