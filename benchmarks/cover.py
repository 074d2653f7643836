"""Maximal covering with a number of sites to open, as a program: classes, sites, one limit."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from siteopt.program import Columns, Goal, Program, Rows, rows_from
from siteopt.units import Ints


def cover_program(cover: sp.csr_matrix, weight: Ints, most: int) -> Program:
    """The most weight covered by at most ``most`` sites.

    Parameters
    ----------
    cover : (C, J) CSR pattern, who covers whom; classes that nobody covers may be among them
    weight : (C,) whole
    most : sites to open

    Returns
    -------
    Program
        Columns: one binary per site, then one in [0, 1] per class that somebody covers.
    """
    cover = cover.tocsr()
    keep = np.flatnonzero(np.diff(cover.indptr) > 0)
    cover, weight = cover[keep], np.asarray(weight)[keep]
    n, sites = cover.shape
    indptr = (cover.indptr + np.arange(n + 1)).astype(np.int64)
    column, value = np.empty(indptr[-1], dtype=np.int64), np.full(indptr[-1], -1.0)
    head = np.zeros(indptr[-1], dtype=np.bool_)
    head[indptr[:-1]] = True
    column[head], value[head], column[~head] = sites + np.arange(n), 1.0, cover.indices
    links = Rows("coverage", indptr, column, value, np.full(n, -np.inf), np.zeros(n), role="link", elastic=False)
    every = np.arange(sites)
    count = rows_from("count", [(every, np.ones(sites))], [-np.inf], [float(most)], ["sites"], unit="outlets")
    size = sites + n
    columns = Columns({"open": 0, "cover": sites}, np.zeros(size), np.ones(size), np.arange(size) < sites)
    goal = Goal("people", "max", np.concatenate([np.zeros(sites), weight.astype(np.float64)]), grain=1.0)
    return Program(columns, (links, count), (goal,))
