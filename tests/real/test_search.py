"""Local search on a real city in which every street node is a candidate."""

from __future__ import annotations

from pathlib import Path

from benchmarks.cover import cover_program
from benchmarks.street import STREETS, street
from siteopt.solve.cover import cover_form
from siteopt.solve.search import Search


def test_the_bronx_with_fifty_sites_comes_within_half_a_percent_of_the_best_known(shared: Path) -> None:
    """The steps of about two seconds on one quiet core; steps, so that the result does not depend on the machine."""
    bronx = STREETS["bronx"]
    cover, people = street(shared / "street-benchmarks" / bronx.file, bronx.radius_m)
    program = cover_program(cover, people, 50)
    form = cover_form(program, program.goals[0])
    assert form is not None
    search = Search(form, seed=1)
    assert search.start()
    search.run(steps=3_000_000)
    assert search.best is not None
    assert search.best.sum() <= 50
    assert search.value == form.value(search.best)
    assert 0.995 * bronx.best_known[50] <= search.value <= bronx.best_known[50]
