"""siteopt: which everyday outlets, in which vacant spaces, so that the most people can walk to what they need.

>>> import siteopt
>>> scenario = siteopt.load("scenarios/quickstart/scenario.yaml")
>>> run = siteopt.solve(scenario)
>>> run.proof.status
'proven'
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "BadArrays",
    "__version__",
    "attendance",
    "backup_coverage",
    "capacitated_max_coverage",
    "capacitated_p_median",
    "capacitated_set_cover",
    "check",
    "compare",
    "huff_market_share",
    "load",
    "max_coverage",
    "open_run",
    "p_center",
    "p_dispersion",
    "p_median",
    "partial_set_cover",
    "set_cover",
    "solve",
]

if TYPE_CHECKING:
    from siteopt.findings import Finding
    from siteopt.pipeline import Ready
    from siteopt.plan import Run
    from siteopt.runs.compare import Comparison
    from siteopt.runs.stored import StoredRun
    from siteopt.textbook import (
        BadArrays,
        attendance,
        backup_coverage,
        capacitated_max_coverage,
        capacitated_p_median,
        capacitated_set_cover,
        huff_market_share,
        max_coverage,
        p_center,
        p_dispersion,
        p_median,
        partial_set_cover,
        set_cover,
    )

# Each function imports what it needs, so that `import siteopt` costs nothing. The room ``siteopt.solve`` is the one
# exception: imported later, it would take the place of the function of that name.
import_module("siteopt.solve")


def load(path: str | Path, *, variant: str | None = None, sets: Sequence[str] = ()) -> Ready:
    """Read a scenario and all its layers, and check them.

    Parameters
    ----------
    path : str or Path
        The scenario file.
    variant : str, optional
        One of its variants.
    sets : sequence of str
        ``path=value`` each, as ``--set`` on the command line.

    Raises
    ------
    siteopt.findings.InputError
        With every finding, when at least one is an error.
    """
    from siteopt.pipeline import check as read

    return read(Path(path), variant=variant, sets=sets)


def check(path: str | Path, *, variant: str | None = None, sets: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Every finding of a scenario, errors first; never raises for bad input."""
    from siteopt.findings import InputError

    try:
        return tuple(load(path, variant=variant, sets=sets).findings)
    except InputError as found:
        return found.findings


def solve(scenario: Ready | str | Path) -> Run:
    """The best plan, audited; see :class:`siteopt.plan.Run`.

    Parameters
    ----------
    scenario : what :func:`load` returned, or the path of a scenario file

    Raises
    ------
    siteopt.findings.InputError
        For bad input.
    siteopt.pipeline.RefusedPlan
        When the plan fails its own audit: our bug.
    """
    from siteopt.pipeline import solve as run

    return run(load(scenario) if isinstance(scenario, str | Path) else scenario)


def open_run(folder: str | Path) -> StoredRun:
    """Open a run folder that ``siteopt solve`` wrote."""
    from siteopt.runs.stored import open_run as opened

    return opened(Path(folder))


def compare(runs: Sequence[StoredRun | str | Path]) -> Comparison:
    """Compare runs with the first one."""
    from siteopt.runs.compare import compare as compared

    return compared([open_run(run) if isinstance(run, str | Path) else run for run in runs])


def __getattr__(name: str) -> Any:
    """The textbook problems on arrays (:mod:`siteopt.textbook`), imported when one is first asked for."""
    if name in __all__ or name == "textbook":
        room = import_module("siteopt.textbook")
        return room if name == "textbook" else getattr(room, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Names of the public face, those included that are not imported yet."""
    return sorted({*globals(), *__all__})
