"""A2 of the acceptance sheet: people within 5, 10 and 15 minutes of each type, and of every basic type."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from siteopt.plan import Run
from siteopt.report.acceptance_line import Asked, Line, both, line
from siteopt.report.sentences import number
from siteopt.units import Floats, within

MINUTES = (5.0, 10.0, 15.0)


def coverage(asked: Asked) -> Iterator[Line]:
    """What rules of coverage ask first, then what was measured."""
    run, types = asked.run, asked.run.world.types
    yield from asked.lines("A2", "H2")
    total = float(run.scores.total[0])
    if total <= 0:
        return
    complete = both("subject_complete")
    yield line("A2", complete, run.scores.complete_after[0] / total, "share", source=both("source_measured"))
    near = people_within(run)
    for t in range(len(types)):
        name = asked.subjects[types.type_id[t]]
        own = float(types.limit_min[t])
        for limit in sorted({*MINUTES, own}):
            people = float(run.scores.after[t, 0]) if limit == own else near.get((t, limit))
            if people is not None:
                subject = both("subject_within", type=name, minutes=number(limit))
                yield line("A2", subject, people / total, "share", source=both("source_measured"))


def people_within(run: Run) -> dict[tuple[int, float], float]:
    """(type, minutes) -> residents that near an outlet, as far as minutes were looked for.

    Nothing where rows are classes of cells: a class says which outlets are within a type's limit, not how near.
    """
    if run.world.cells.n_cells is not None:
        return {}
    residents, cutoff, out = run.world.cells.residents, run.travel.cutoff_min, {}
    for t, own in enumerate(run.world.types.limit_min):
        wanted = [limit for limit in MINUTES if within(limit, cutoff)]
        # the audit has the nearest outlet up to the type's limit; farther ones are looked for here
        known = not wanted or max(wanted) <= float(own)
        nearest = run.scores.minutes_after[:, t] if known else _nearest(run, t)
        for limit in wanted:
            out[t, limit] = float(residents[within(nearest, limit)].sum())
    return out


def _nearest(run: Run, t: int) -> Floats:
    """(I,) minutes to the nearest outlet of a type; inf where none was reached."""
    travel, open_here = run.travel, run.world.sites.standing[:, t]
    open_here = open_here if run.plan is None else open_here | run.plan.opened[:, t]
    out = np.full(travel.n_cells, np.inf)
    at = np.flatnonzero(open_here[travel.site])
    np.minimum.at(out, np.searchsorted(travel.indptr, at, side="right") - 1, travel.minutes[at])
    return out
