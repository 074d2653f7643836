"""The loops of :mod:`siteopt.access.signatures`: which rows are the same, and the longest walk of each."""

from __future__ import annotations

from typing import Any

from siteopt.compiled import compiled


@compiled
def group_rows(indptr: Any, code: Any, segment: Any, slots: Any, group: Any, first: Any) -> int:
    """Number the different rows in order of appearance, by open addressing.

    A hash only says where to look; two rows are the same when segment, length and every member are.

    Parameters
    ----------
    indptr, code : CSR of the rows, int64
    segment : (N,) int64
    slots : (2^k,) int64 filled with -1, at least twice N
    group : (N,) int64, filled here: the number of each row's class
    first : (N,) int64, filled here: the first row of each class

    Returns
    -------
    int
        How many classes.
    """
    last_slot = len(slots) - 1
    n_classes = 0
    for i in range(len(segment)):
        begin = int(indptr[i])
        size = int(indptr[i + 1]) - begin
        mixed = (int(segment[i]) + 2) * 0x9E3779B1 & 0x3FFFFFFFFFFFFFFF
        for at in range(begin, begin + size):
            mixed = ((mixed ^ int(code[at])) * 0x100000001B3) & 0x3FFFFFFFFFFFFFFF
            mixed = mixed ^ (mixed >> 29)
        slot = (mixed ^ (mixed >> 23)) & last_slot
        while True:
            known = slots[slot]
            if known < 0:
                slots[slot] = n_classes
                first[n_classes] = i
                group[i] = n_classes
                n_classes += 1
                break
            other = first[known]
            start = int(indptr[other])
            same = segment[other] == segment[i] and int(indptr[other + 1]) - start == size
            step = 0
            while same and step < size:
                same = code[start + step] == code[begin + step]
                step += 1
            if same:
                group[i] = known
                break
            slot = (slot + 1) & last_slot
    return n_classes


@compiled
def longest(indptr: Any, minutes: Any, group: Any, class_indptr: Any, out: Any) -> None:
    """The longest minutes of each member of each class; ``out`` is filled with 0 before."""
    for i in range(len(group)):
        to = class_indptr[group[i]] - indptr[i]
        for at in range(indptr[i], indptr[i + 1]):
            if minutes[at] > out[at + to]:
                out[at + to] = minutes[at]
