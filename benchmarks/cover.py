"""Maximal covering with a number of sites to open, as a program: classes, sites, one limit."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from siteopt.program import Columns, Goal, Program, link_rows, rows_from
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
    links = link_rows("coverage", sites + np.arange(n), cover.indptr, cover.indices)
    every = np.arange(sites)
    count = rows_from("count", [(every, np.ones(sites))], [-np.inf], [float(most)], ["sites"], unit="outlets")
    size = sites + n
    columns = Columns({"open": 0, "cover": sites}, np.zeros(size), np.ones(size), np.arange(size) < sites)
    goal = Goal("people", "max", np.concatenate([np.zeros(sites), weight.astype(np.float64)]), grain=1.0)
    return Program(columns, (links, count), (goal,))
