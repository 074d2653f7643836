"""Cells that no plan can tell apart become one; cells that no plan can change leave.

Exact: two cells are merged only when the members of their covering sets are compared and found equal; no hash is
trusted.
"""

from __future__ import annotations

import numpy as np

from siteopt.problem import ALREADY, NEVER, Coverage, Reduction
from siteopt.units import Bools, Floats, Ints


def reduce_cells(
    coverage: tuple[Coverage, ...],
    standing: Bools,
    option_of: Ints,
    weight: Floats,
    people: Floats,
    segment: Ints,
    *,
    merge: bool = True,
) -> Reduction:
    """Merge cells by covering set, type by type.

    Parameters
    ----------
    coverage : (T,) sites within each type's limit of each cell
    standing : (J, T) bool
    option_of : (J, T) option index, -1 where there is none
    weight : (I, T) weighted people
    people : (I,) persons
    segment : (I,) what merged cells must share besides the covering set, -1 nothing
    merge : False keeps one class per cell, for a rule that does not allow merging

    Returns
    -------
    Reduction
        Its classes are ordered by type, size of the covering set, its members, segment: the order of cells in a
        file changes nothing.
    """
    n_cells, n_types = weight.shape
    class_of_cell = np.full((n_cells, n_types), NEVER, dtype=np.int64)
    kinds: list[Ints] = []
    sizes: list[Ints] = []
    members: list[Ints] = []
    first_cell: list[Ints] = []
    n_classes = 0
    for t, reach in enumerate(coverage):
        cell = np.repeat(np.arange(n_cells), np.diff(reach.indptr))
        served = np.bincount(cell[standing[reach.site, t]], minlength=n_cells) > 0
        class_of_cell[served, t] = ALREADY
        option = option_of[reach.site, t]
        keep = (option >= 0) & ~served[cell]
        order = np.lexsort((option[keep], cell[keep]))
        cell, option = cell[keep][order], option[keep][order]
        size = np.bincount(cell, minlength=n_cells)
        start = np.concatenate([[0], np.cumsum(size)])
        for length in np.unique(size[size > 0]):
            of_length = np.flatnonzero(size == length)
            table = option[start[of_length][:, None] + np.arange(length)]
            last = segment[of_length] if merge else of_length
            keyed = np.column_stack([table, last])
            rows, first, label = np.unique(keyed, axis=0, return_index=True, return_inverse=True)
            class_of_cell[of_length, t] = n_classes + label.reshape(-1)
            kinds.append(np.full(len(rows), t, dtype=np.int64))
            sizes.append(np.full(len(rows), length, dtype=np.int64))
            members.append(rows[:, :-1].ravel())
            first_cell.append(of_length[first])
            n_classes += len(rows)
    type_of = _joined(kinds)
    cells, types = np.nonzero(class_of_cell >= 0)
    label = class_of_cell[cells, types]
    return Reduction(
        type_of=type_of,
        indptr=np.concatenate([[0], np.cumsum(_joined(sizes))]).astype(np.int64),
        option=_joined(members),
        weight=np.bincount(label, weights=weight[cells, types], minlength=n_classes).astype(np.float64),
        people=np.bincount(label, weights=people[cells], minlength=n_classes).astype(np.float64),
        segment=segment[_joined(first_cell)],
        class_of_cell=class_of_cell,
    )


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts).astype(np.int64) if parts else np.empty(0, dtype=np.int64)
