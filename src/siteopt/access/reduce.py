"""Cells that no plan can tell apart become one; cells that no plan can change leave.

Exact: two cells are merged only when the members of their covering sets are compared and found equal; no hash is
trusted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from siteopt.problem import ALREADY, NEVER, Coverage, Reduction
from siteopt.units import Bools, Floats, Ints

Reach = Sequence[tuple[int, Coverage]]
"""Of one service: its types, each with the sites within its limit of each cell."""


def reduce_cells(
    reach: Sequence[Reach],
    standing: Bools,
    pair_of: Ints,
    people: Floats,
    segment: Ints,
    *,
    apart: Mapping[int, Ints] | None = None,
    merge: bool = True,
) -> Reduction:
    """Merge cells by covering set, service by service.

    Parameters
    ----------
    reach : (S,) types of each service, each with the sites within its limit of each cell
    standing : (J, T) bool, outlets that serve whoever is within reach, whatever is done
    pair_of : (J, T) index of the pair that may serve, -1 where there is none
    people : (I,) persons
    segment : (I,) what merged cells must share besides the covering set, -1 nothing
    apart : service -> (I,) what else merged cells must share for this service
    merge : False keeps one class per cell, for a rule that does not allow merging

    Returns
    -------
    Reduction
        Its classes are ordered by service, size of the covering set, its members, segment, what else they share: the
        order of cells in a file changes nothing.
    """
    n_cells = len(people)
    class_of_cell = np.full((n_cells, len(reach)), NEVER, dtype=np.int64)
    services: list[Ints] = []
    sizes: list[Ints] = []
    members: list[Ints] = []
    first_cell: list[Ints] = []
    n_classes = 0
    for s, wanted in enumerate(reach):
        cell, pair, served = _serving(wanted, standing, pair_of, n_cells)
        class_of_cell[served, s] = ALREADY
        size = np.bincount(cell, minlength=n_cells)
        start = np.concatenate([[0], np.cumsum(size)])
        for length in np.unique(size[size > 0]):
            of_length = np.flatnonzero(size == length)
            table = pair[start[of_length][:, None] + np.arange(length)]
            last = segment[of_length] if merge else of_length
            else_shared = [apart[s][of_length]] if merge and apart and s in apart else []
            keyed = np.column_stack([table, last, *else_shared])
            rows, first, label = np.unique(keyed, axis=0, return_index=True, return_inverse=True)
            class_of_cell[of_length, s] = n_classes + label.reshape(-1)
            services.append(np.full(len(rows), s, dtype=np.int64))
            sizes.append(np.full(len(rows), length, dtype=np.int64))
            members.append(rows[:, :length].ravel())
            first_cell.append(of_length[first])
            n_classes += len(rows)
    cells, column = np.nonzero(class_of_cell >= 0)
    label = class_of_cell[cells, column]
    return Reduction(
        service_of=_joined(services),
        indptr=np.concatenate([[0], np.cumsum(_joined(sizes))]).astype(np.int64),
        pair=_joined(members),
        people=np.bincount(label, weights=people[cells], minlength=n_classes).astype(np.float64),
        segment=segment[_joined(first_cell)],
        class_of_cell=class_of_cell,
    )


def _serving(wanted: Reach, standing: Bools, pair_of: Ints, n_cells: int) -> tuple[Ints, Ints, Bools]:
    """Cell and pair of everything that may serve a cell not served today, ordered; and the cells served today."""
    every = np.arange(n_cells)
    cells = [np.repeat(every, np.diff(near.indptr)) for _, near in wanted]
    served = np.zeros(n_cells, dtype=np.bool_)
    for (t, near), cell in zip(wanted, cells, strict=True):
        served[cell[standing[near.site, t]]] = True
    pairs = [pair_of[near.site, t] for t, near in wanted]
    cell, pair = _joined(cells), _joined(pairs)
    keep = (pair >= 0) & ~served[cell]
    order = np.lexsort((pair[keep], cell[keep]))
    return cell[keep][order], pair[keep][order], served


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts).astype(np.int64) if parts else np.empty(0, dtype=np.int64)
