"""The loops of the local search: open and close one option, set up a plan, anneal.

Energy = priced worth of the open options + priced weight of the covered classes - fines of the broken rows. Besides
it the state keeps the true value, and what closing each open option would lose: with the exclusive or of the ids of
a class's open options, the one option left is known without a look at the others, so an opening or closing costs one
pass over the option's own classes.

Few wide arrays instead of many narrow ones: a compiled call takes its arrays apart, and that is most of what there
is to compile.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from siteopt.compiled import compiled
from siteopt.units import Floats, Ints

MASK = 0xFFFFFFFF
MOST_OUT, MOST_MOVES = 24, 60
"""Options one opening may push out of its places (one that needs more is not tried); flips in one move."""

# Lists in `ids`, by what they belong to: columns of option_ptr, class_ptr.
REACH, ROW, PLACE = 0, 1, 2
COVER, NEAR, CLASS_ROW = 0, 1, 2
# Columns of option_f, class_f, row_f.
WORTH, PRICE, MOST, LOSS, GAIN = 0, 1, 2, 3, 4
FRESH, SOLE, WEIGHT = 0, 1, 2
ACTIVITY, LOW, HIGH, FINE, SLACK, DELTA = 0, 1, 2, 3, 4, 5
# Columns of option_i, class_i.
OPEN, AT, MOVABLE, BEST = 0, 1, 2, 3
COUNT, WHO = 0, 1
# Entries of sums, ints.
ENERGY, VALUE, FINES, BEST_VALUE = 0, 1, 2, 3
N_OPEN, N_BROKEN, FOUND, ACCEPTED, FEASIBLE, DICE = 0, 1, 2, 3, 4, 5

FIXED, CLOSED = -1, -2
"""In column AT: an option that may not move; a closed one. Else its entry in MOVABLE."""


class Tables(NamedTuple):
    """A form and a plan.

    Lists are ``ids[ptr[i, k] : ptr[i, k] + n]`` with n in the next column: option_ptr, class_ptr have two columns per
    list, its begin and its end.
    """

    ids: Any  # int32, all lists: options' rows, classes' rows, then the rest
    coefficient: Floats  # of the row lists, which stand first in ids
    option_ptr: Ints  # (N, 6) begin and end of an option's classes, rows, places
    class_ptr: Ints  # (C, 6) begin and end of a class's options, promising options, rows
    place_ptr: Ints  # (K, 3) begin and end of a place's options; the open one or -1
    option_f: Floats  # (N, 5) worth, price, weight of its classes: all, those it alone covers, and those uncovered
    class_f: Floats  # (C, 4) weight if uncovered else 0, the open option if it is the only one else -1, weight, none
    row_f: Floats  # (R, 6)
    option_i: Ints  # (N, 4)
    class_i: Any  # (C, 2) int32: how many options are open, their ids' exclusive or
    sums: Floats
    ints: Ints


@compiled
def roll(ints: Ints) -> int:
    """The next 32 random bits; never beyond 63 bits, so the same compiled and interpreted."""
    x = ints[DICE]
    x ^= (x << 13) & MASK
    x ^= x >> 17
    x ^= (x << 5) & MASK
    ints[DICE] = x
    ints[DICE + 1] = (ints[DICE + 1] + 362437) & MASK
    return (x + ints[DICE + 1]) & MASK  # type: ignore[no-any-return]


@compiled
def beyond(activity: float, low: float, high: float) -> float:
    """By how much a row is broken."""
    if activity > high:
        return activity - high
    if activity < low:
        return low - activity
    return 0.0


@compiled
def move_row(row_f: Floats, sums: Floats, ints: Ints, r: int, d: float) -> None:
    """One row's activity changes."""
    old = beyond(row_f[r, ACTIVITY], row_f[r, LOW], row_f[r, HIGH])
    row_f[r, ACTIVITY] += d
    new = beyond(row_f[r, ACTIVITY], row_f[r, LOW], row_f[r, HIGH])
    change = row_f[r, FINE] * (new - old)
    sums[FINES] += change
    sums[ENERGY] -= change
    if new > row_f[r, SLACK]:
        ints[N_BROKEN] += 1
    if old > row_f[r, SLACK]:
        ints[N_BROKEN] -= 1


@compiled
def flip(t: Tables, j: int) -> None:
    """Open option j if it is closed, close it if it is open."""
    ids, coefficient, option_f, class_f, class_i, option_i = (
        t.ids,
        t.coefficient,
        t.option_f,
        t.class_f,
        t.class_i,
        t.option_i,
    )
    class_ptr, row_f, sums, ints = t.class_ptr, t.row_f, t.sums, t.ints
    opens = option_i[j, OPEN] == 0
    way = 1.0 if opens else -1.0
    step = 1 if opens else -1
    turn = 0 if opens else 1  # open options besides j where j makes the difference between none and one
    worth = 0.0
    ruled = t.row_f.shape[0] > 0
    for k in range(t.option_ptr[j, 2 * REACH], t.option_ptr[j, 2 * REACH + 1]):
        c = ids[k]
        n = class_i[c, COUNT]
        class_i[c, COUNT] = n + step
        class_i[c, WHO] ^= j
        if n == turn:
            worth += class_f[c, WEIGHT]
            class_f[c, FRESH] = 0.0 if opens else class_f[c, WEIGHT]
            class_f[c, SOLE] = j if opens else -1
            for q in range(class_ptr[c, 2 * NEAR], class_ptr[c, 2 * NEAR + 1]):
                option_f[ids[q], GAIN] -= way * class_f[c, WEIGHT]
            if ruled:
                for q in range(class_ptr[c, 2 * CLASS_ROW], class_ptr[c, 2 * CLASS_ROW + 1]):
                    move_row(row_f, sums, ints, ids[q], way * coefficient[q])
        elif n == turn + 1:
            if opens:
                option_f[int(class_f[c, SOLE]), LOSS] -= class_f[c, WEIGHT]
                class_f[c, SOLE] = -1
            else:
                class_f[c, SOLE] = class_i[c, WHO]
                option_f[class_i[c, WHO], LOSS] += class_f[c, WEIGHT]
    for k in range(t.option_ptr[j, 2 * PLACE], t.option_ptr[j, 2 * PLACE + 1]):
        t.place_ptr[ids[k], 2] = j if opens else -1
    for k in range(t.option_ptr[j, 2 * ROW], t.option_ptr[j, 2 * ROW + 1]):
        move_row(row_f, sums, ints, ids[k], way * coefficient[k])
    option_i[j, OPEN] = 1 if opens else 0
    option_f[j, LOSS] = worth if opens else 0.0
    if option_i[j, AT] != FIXED:
        if opens:
            option_i[j, AT] = ints[N_OPEN]
            option_i[ints[N_OPEN], MOVABLE] = j
            ints[N_OPEN] += 1
        else:
            ints[N_OPEN] -= 1
            last = option_i[ints[N_OPEN], MOVABLE]
            option_i[option_i[j, AT], MOVABLE] = last
            option_i[last, AT] = option_i[j, AT]
            option_i[j, AT] = CLOSED
    worth += option_f[j, WORTH]
    sums[ENERGY] += way * worth
    sums[VALUE] += way * worth


@compiled
def fines(row_f: Floats, ids: Any, coefficient: Floats, option_ptr: Ints, opens: int, moves: Ints, n: int) -> float:
    """Growth of the fines over rows of options when ``n`` moves are made, of which the last ``opens`` open."""
    total = 0.0
    for i in range(n):
        way = 1.0 if i >= n - opens else -1.0
        for k in range(option_ptr[moves[i], 2 * ROW], option_ptr[moves[i], 2 * ROW + 1]):
            row_f[ids[k], DELTA] += way * coefficient[k]
    for i in range(n):
        for k in range(option_ptr[moves[i], 2 * ROW], option_ptr[moves[i], 2 * ROW + 1]):
            r = ids[k]
            if row_f[r, DELTA] != 0.0:
                a, low, high = row_f[r, ACTIVITY], row_f[r, LOW], row_f[r, HIGH]
                total += row_f[r, FINE] * (beyond(a + row_f[r, DELTA], low, high) - beyond(a, low, high))
                row_f[r, DELTA] = 0.0
    return total


@compiled
def keep_best(option_i: Ints, sums: Floats, ints: Ints) -> None:
    """Note the plan at hand as the best."""
    for i in range(option_i.shape[0]):
        option_i[i, BEST] = option_i[i, OPEN]
    sums[BEST_VALUE] = sums[VALUE]
    ints[FOUND] = 1


@compiled
def relief(t: Tables, j: int, ruled: int) -> float:
    """Fines of broken floors that opening j saves at most; -1 when a ceiling or a place forbids it."""
    ids, coefficient, row_f = t.ids, t.coefficient, t.row_f
    total = 0.0
    for k in range(t.option_ptr[j, 2 * PLACE], t.option_ptr[j, 2 * PLACE + 1]):
        if t.place_ptr[ids[k], 2] >= 0:
            return -1.0
    for k in range(t.option_ptr[j, 2 * ROW], t.option_ptr[j, 2 * ROW + 1]):
        r, a = ids[k], coefficient[k]
        at = row_f[r, ACTIVITY]
        if a > 0.0 and at + a > row_f[r, HIGH] + row_f[r, SLACK]:
            return -1.0
        if a < 0.0 and at + a < row_f[r, LOW] - row_f[r, SLACK]:
            return -1.0
        total += row_f[r, FINE] * (
            beyond(at, row_f[r, LOW], row_f[r, HIGH]) - beyond(at + a, row_f[r, LOW], row_f[r, HIGH])
        )
    if ruled and t.ints[N_BROKEN] > 0:
        for k in range(t.option_ptr[j, 2 * REACH], t.option_ptr[j, 2 * REACH + 1]):
            c = ids[k]
            if t.class_i[c, COUNT] == 0:
                for q in range(t.class_ptr[c, 2 * CLASS_ROW], t.class_ptr[c, 2 * CLASS_ROW + 1]):
                    if row_f[ids[q], ACTIVITY] < row_f[ids[q], LOW]:
                        total += row_f[ids[q], FINE] * coefficient[q]
    return total


@compiled
def anneal(t: Tables, steps: int, heat: float, logs: Floats, mix: Ints, free: Ints) -> None:
    """Try ``steps`` random moves; worse plans are taken with the odds of temperature ``heat``.

    ``mix``: of 2^16 moves, cumulated: swaps, openings, closings, changes within a place (the rest); of 2^16 swaps,
    those that go elsewhere; of 2^16 choices, those among promising options; how often to look for a class that only
    the closing option covers; 1 when rows count classes; of 2^16 moves, those that close a few options and fill up
    again from ``free``, the promising options.
    """
    ids, coefficient, option_ptr, class_ptr, place_ptr = t.ids, t.coefficient, t.option_ptr, t.class_ptr, t.place_ptr
    option_f, class_f, row_f, option_i, class_i = t.option_f, t.class_f, t.row_f, t.option_i, t.class_i
    sums, ints = t.sums, t.ints
    moves = np.empty(MOST_MOVES + 1, dtype=np.int64)
    n_classes = class_f.shape[0]
    pending = False
    for _step in range(steps):
        kind = roll(ints) & 0xFFFF
        dice = roll(ints)
        threshold = heat * logs[dice & 0xFFF]
        far = ((dice >> 12) & 0xFFFF) < mix[3]
        fills = mix[7] > 0 and (roll(ints) & 0xFFFF) < mix[7]
        if fills:
            kind = 0  # closes one and opens one near it, then goes on
            far = False
        by_price = True
        out = -1
        j = -1
        n = 0
        if kind < mix[0] or kind >= mix[1]:
            if ints[N_OPEN] == 0:
                continue
            out = option_i[(roll(ints) * ints[N_OPEN]) >> 32, MOVABLE]
            if far:
                other = option_i[(roll(ints) * ints[N_OPEN]) >> 32, MOVABLE]
                if option_f[other, LOSS] + option_f[other, WORTH] < (option_f[out, LOSS] + option_f[out, WORTH]):
                    out = other
            moves[0] = out
            n = 1
        if kind < mix[1]:  # a swap or an opening: a class first, then one of the options that cover it
            c = -1
            if kind < mix[0] and not far:
                begin = option_ptr[out, 2 * REACH]
                width = option_ptr[out, 2 * REACH + 1] - begin
                if width > 0:
                    for _ in range(mix[5]):
                        c = ids[begin + ((roll(ints) * width) >> 32)]
                        if class_f[c, SOLE] == out:
                            break
            elif n_classes > 0:
                for _ in range(4):
                    c = (roll(ints) * n_classes) >> 32
                    if class_i[c, COUNT] == 0:
                        break
            if c >= 0:
                begin, end = class_ptr[c, 2 * COVER], class_ptr[c, 2 * COVER + 1]
                if (roll(ints) & 0xFFFF) < mix[4] and class_ptr[c, 2 * NEAR + 1] > class_ptr[c, 2 * NEAR]:
                    begin, end = class_ptr[c, 2 * NEAR], class_ptr[c, 2 * NEAR + 1]
                if end == begin:
                    continue
                j = ids[begin + ((roll(ints) * (end - begin)) >> 32)]
            elif len(free) > 0:
                j = free[(roll(ints) * len(free)) >> 32]
        elif kind >= mix[2]:  # another of the same place
            begin = option_ptr[out, 2 * PLACE]
            width = option_ptr[out, 2 * PLACE + 1] - begin
            if width == 0:
                continue
            p = ids[begin + ((roll(ints) * width) >> 32)]
            j = ids[place_ptr[p, 0] + ((roll(ints) * (place_ptr[p, 1] - place_ptr[p, 0])) >> 32)]
        if fills:
            dice = roll(ints)
            by_price = dice & 3 > 0
            if dice & 12 == 0:
                j = -1
            for _ in range((dice >> 4) & 3):  # up to three more close: any, or one that overlaps with what opens
                other = option_i[(roll(ints) * ints[N_OPEN]) >> 32, MOVABLE]
                begin = option_ptr[max(j, 0), 2 * REACH]
                width = option_ptr[max(j, 0), 2 * REACH + 1] - begin
                if j >= 0 and width > 0 and roll(ints) & 1:
                    other = int(class_f[ids[begin + ((roll(ints) * width) >> 32)], SOLE])
                known = other < 0 or option_i[other, AT] == FIXED
                for i in range(n):
                    known = known or moves[i] == other
                if not known:
                    moves[n] = other
                    n += 1
        if out < 0 and j < 0:
            continue
        if j >= 0:
            if option_i[j, OPEN] == 1 or option_i[j, AT] == FIXED:
                continue
            blocked = False
            for k in range(option_ptr[j, 2 * PLACE], option_ptr[j, 2 * PLACE + 1]):
                h = place_ptr[ids[k], 2]
                known = h < 0
                for i in range(n):
                    known = known or moves[i] == h
                if not known:
                    if n >= MOST_OUT or option_i[h, AT] == FIXED:
                        blocked = True
                        break
                    moves[n] = h
                    n += 1
            if blocked:
                continue
        outs = n
        if j >= 0:
            moves[n] = j
            n += 1
        if not fills:
            need = threshold + fines(row_f, ids, coefficient, option_ptr, n - outs, moves, n)
            for i in range(outs):
                need += option_f[moves[i], LOSS] + option_f[moves[i], WORTH]
            # Rows of classes may at best lose all their fines; what they do exactly is seen once the move is made.
            gain = sums[FINES] if mix[6] else 0.0
            if j >= 0:
                need -= option_f[j, WORTH]
                if gain + option_f[j, MOST] < need:
                    continue
                first = float(moves[0]) if outs > 0 else -2.0
                begin, end = option_ptr[j, 2 * REACH], option_ptr[j, 2 * REACH + 1]
                for k in range(begin, end):
                    c = ids[k]
                    gain += class_f[c, FRESH]
                    if class_f[c, SOLE] == first:
                        gain += class_f[c, WEIGHT]
                for i in range(1, outs):
                    for k in range(begin, end):
                        if class_f[ids[k], SOLE] == moves[i]:
                            gain += class_f[ids[k], WEIGHT]
            if gain < need:
                continue
        if pending and sums[VALUE] > sums[BEST_VALUE]:
            keep_best(option_i, sums, ints)  # only now that the plan changes: a climb is written down at its top
        before = sums[ENERGY]
        taken = True
        i = 0
        while True:
            o = -1
            if not taken:
                i -= 1
                if i < 0:
                    break
                o = moves[i]  # back, the last first
            elif i < n:
                o = moves[i]
                i += 1
            else:
                if fills and n < MOST_MOVES:
                    full = False
                    if j >= 0:
                        for k in range(option_ptr[j, 2 * ROW], option_ptr[j, 2 * ROW + 1]):
                            r = ids[k]
                            full = full or row_f[r, ACTIVITY] > row_f[r, HIGH] + row_f[r, SLACK]
                    top = 0.0
                    if full and ints[N_OPEN] > 1:  # what opened is too much: the one of least worth per price closes
                        for _ in range(4):
                            h = option_i[(roll(ints) * ints[N_OPEN]) >> 32, MOVABLE]
                            score = option_f[h, PRICE] / max(option_f[h, LOSS] + option_f[h, WORTH], 1e-9)
                            if h != j and score > top:
                                top, o = score, h
                    elif not full:
                        for q in range(len(free)):
                            h = free[q]
                            if option_i[h, OPEN] == 1 or (outs > 0 and h == moves[0]):
                                continue
                            score = option_f[h, GAIN] + option_f[h, WORTH]
                            if ints[N_BROKEN] == 0:
                                if by_price:
                                    score /= option_f[h, PRICE]
                                if score > top and relief(t, h, mix[6]) >= 0.0:
                                    top, o = score, h
                            else:
                                saved = relief(t, h, mix[6])
                                score = (score + saved) / option_f[h, PRICE]
                                if saved >= 0.0 and score > top:
                                    top, o = score, h
                    if o >= 0:
                        moves[n] = o
                        n += 1
                        i = n
                if o < 0:
                    if (fills or mix[6] or outs > 1) and sums[ENERGY] < before + threshold:
                        taken = False
                        continue
                    break
            flip(t, o)
        if taken:
            ints[ACCEPTED] += 1
            pending = ints[N_BROKEN] == 0
            if pending:
                ints[FEASIBLE] += 1
    if pending and sums[VALUE] > sums[BEST_VALUE]:
        keep_best(option_i, sums, ints)
