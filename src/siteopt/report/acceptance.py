"""The acceptance sheet (验收): what is asked, what the plan has, where the figure comes from, the verdict.

A line is "met" only where a figure was asked for and the data to judge it by are there. What a rule of the scenario
asks is taken from the audit's verdict; what only a survey or a site visit can tell is an input of the scenario, and
is never computed or guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from siteopt.plan import Run
from siteopt.report import acceptance_inputs, acceptance_measures, acceptance_reach
from siteopt.report.acceptance_line import ITEMS, RESULTS, Asked, Line, Result
from siteopt.report.subjects import Subjects

__all__ = ["ITEMS", "RESULTS", "Line", "Result", "acceptance", "worst"]

Maker = Callable[[Asked], Iterable[Line]]


def acceptance(run: Run) -> tuple[Line, ...]:
    """The lines of a run's sheet, by item; none where there is no plan and today was not assessed either.

    Parameters
    ----------
    run : Run
        Of an assessment the sheet says how far today's outlets go.
    """
    if run.plan is None and not run.verdicts:
        return ()
    given = run.scenario.get("acceptance")
    inputs = given if isinstance(given, Mapping) else {}
    asked = Asked(run, Subjects(run), inputs, bool(run.scenario.get("policy")) or isinstance(given, Mapping))
    makers: tuple[Maker, ...] = (
        acceptance_measures.types_present,
        acceptance_reach.coverage,
        acceptance_measures.chains,
        acceptance_inputs.satisfaction,
        acceptance_measures.commercial_area,
        acceptance_inputs.four_sync,
        acceptance_measures.grades,
        acceptance_inputs.funds,
        acceptance_measures.service_area,
        acceptance_inputs.unverified,
    )
    return tuple(made for maker in makers for made in maker(asked))


def worst(lines: Iterable[Line]) -> Result:
    """What an item comes to: not met if any line is not met, and so on down to not asked."""
    found = {made.verdict for made in lines}
    return next((result for result in RESULTS if result in found), "not_asked")
