"""A Stop that is not set yet is falsy: ``stop or Stop()`` threw the caller's away, and nobody could stop the run."""

from __future__ import annotations

from siteopt.program import Limits
from siteopt.solve.backend import Progress, Stop
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from tests.hard_programs import random_cover


def test_the_callers_stop_is_the_one_that_engines_look_at() -> None:
    stop = Stop()

    def report(_: Progress) -> None:
        stop.set()

    limits = Limits(time_limit_s=30.0, threads=1)
    answer = pursue(random_cover(80, 300, 8), engine("highs"), limits, report=report, stop=stop)
    assert answer.stopped == "interrupt" and answer.status == "best_found"
    assert answer.seconds < 15.0


def test_a_stop_that_is_set_keeps_later_goals_from_being_sought() -> None:
    stop = Stop()
    stop.set()
    answer = pursue(random_cover(80, 300, 8), engine("highs"), Limits(time_limit_s=30.0, threads=1), stop=stop)
    assert answer.x is not None and [g.name for g in answer.goals] == ["coverage"]
