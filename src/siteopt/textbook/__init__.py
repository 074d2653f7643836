"""Textbook location problems on arrays, for people who hold a matrix: exact, sparse, audited.

Each function takes the matrix as it is (scipy sparse, or dense), refuses what could be read in two ways with
:class:`BadArrays`, and returns a :class:`Result` whose numbers are recomputed from the arrays and the open sites
alone.
"""

from __future__ import annotations

from siteopt.textbook.arrays import BadArrays
from siteopt.textbook.attend import attendance
from siteopt.textbook.backup import backup_coverage
from siteopt.textbook.capacitated import capacitated_max_coverage, capacitated_p_median, capacitated_set_cover
from siteopt.textbook.center import p_center
from siteopt.textbook.coverage import max_coverage
from siteopt.textbook.covers import partial_set_cover, set_cover
from siteopt.textbook.dispersion import p_dispersion
from siteopt.textbook.huff import huff_market_share
from siteopt.textbook.median import p_median
from siteopt.textbook.result import Result

__all__ = [
    "BadArrays",
    "Result",
    "attendance",
    "backup_coverage",
    "capacitated_max_coverage",
    "capacitated_p_median",
    "capacitated_set_cover",
    "huff_market_share",
    "max_coverage",
    "p_center",
    "p_dispersion",
    "p_median",
    "partial_set_cover",
    "set_cover",
]
