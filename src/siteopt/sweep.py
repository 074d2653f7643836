"""Several scenarios or variants, each solved, audited and written into its own run folder; here or on a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from siteopt import commands, pipeline
from siteopt.findings import Finding, Findings, InputError
from siteopt.report.safe import safe_name
from siteopt.runs.layout import run_name
from siteopt.spread import Spread, here


@dataclass(frozen=True, eq=False)
class Swept:
    """What became of one scenario, or of one variant of it.

    Attributes
    ----------
    scenario : the file, as it was given
    variant : str or None
    status : as in ``summary.json``; "input" where the scenario or its layers have faults
    folder : the run folder; None where nothing was written
    summary : what ``summary.json`` says; empty where nothing was written
    findings : of reading
    """

    scenario: Path
    variant: str | None
    status: str
    folder: Path | None
    summary: dict[str, Any]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Case:
    """One scenario or variant, and its run folder; None where reading it for its name has found faults."""

    scenario: Path
    variant: str | None
    folder: Path | None


def sweep(
    scenarios: str | Path | Sequence[str | Path],
    variants: Sequence[str] = (),
    *,
    out: str | Path | None = None,
    sets: Sequence[str] = (),
    spread: Spread = here,
) -> Iterator[Swept]:
    """Solve every variant of every scenario; results in their order, each as soon as it and those before it are done.

    Parameters
    ----------
    scenarios : path or paths
        One scenario, or several that share nothing, such as the districts of a province.
    variants : names in every scenario file; the scenarios themselves when left out
    out : path, optional
        Folder of the run folders; ``runs`` when left out. Each is called ``NAME`` or ``NAME-VARIANT``, or ``VARIANT``
        in an ``out`` for a single scenario; ``-2`` is added to a name that is taken.
    sets : ``path=value`` each, for all
    spread : Spread
        Who solves: see :func:`siteopt.cluster.spread_over`. On a cluster, one worker solves one of them, and all see
        the same files.
    """
    given = [scenarios] if isinstance(scenarios, str | Path) else scenarios
    paths = {Path(path).absolute(): Path(path) for path in given}
    by_variant = len(paths) == 1 and out is not None
    within = Path.cwd() / "runs" if out is None else Path(out).absolute()
    taken: set[str] = set()
    cases = []
    for path, variant in product(paths, dict.fromkeys(variants) or (None,)):
        name = safe_name(variant, "variant") if by_variant and variant else _name(path, variant, sets)
        while name is not None and name.casefold() in taken:
            name += "-2"
        if name is not None:
            taken.add(name.casefold())
        cases.append(Case(path, variant, None if name is None else within / name))
    for done in spread(solve_case, tuple(sets), cases):
        yield replace(done, scenario=paths[done.scenario])


def _name(scenario: Path, variant: str | None, sets: Sequence[str]) -> str | None:
    """What a run is called; None for a scenario with faults, which will be told when it is its turn."""
    loaded = pipeline.read_scenario(scenario, Findings(), variant=variant, sets=sets)
    return None if loaded is None else run_name(loaded.spec.name, variant)


def solve_case(sets: tuple[str, ...], case: Case) -> Swept:
    """One scenario from reading to run folder."""
    path, variant = case.scenario, case.variant
    try:
        ready = commands.check(path, variant=variant, sets=sets)
        folder = commands.run_folder(ready, case.folder)
        run = commands.solve(ready)
        if run.proof.status == "no_plan":
            return Swept(path, variant, "no_plan", None, {}, tuple(ready.findings))
        summary, where = commands.write(run, ready, folder)
    except InputError as faults:
        return Swept(path, variant, "input", None, {}, faults.findings)
    return Swept(path, variant, run.proof.status, where, summary, tuple(ready.findings))
