"""Several variants of a scenario, each solved, audited and written into its own run folder; here or on a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siteopt import commands
from siteopt.findings import Finding, InputError
from siteopt.report.safe import safe_name
from siteopt.runs.layout import default_run_folder
from siteopt.spread import Spread, here


@dataclass(frozen=True, eq=False)
class Swept:
    """What became of one variant.

    Attributes
    ----------
    variant : str
    status : as in ``summary.json``; "input" where the scenario or its layers have faults
    folder : the run folder; None where nothing was written
    summary : what ``summary.json`` says; empty where nothing was written
    findings : of reading
    """

    variant: str
    status: str
    folder: Path | None
    summary: dict[str, Any]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Sweep:
    """What the variants share: the scenario file and changes to it."""

    scenario: Path
    sets: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """One variant and its run folder; ``runs/NAME-VARIANT`` of ``beside`` where none is given."""

    variant: str
    folder: Path | None
    beside: Path


def sweep(
    scenario: Path,
    variants: Sequence[str],
    *,
    out: Path | None = None,
    sets: Sequence[str] = (),
    spread: Spread = here,
) -> Iterator[Swept]:
    """Solve every variant; results in their order, each as soon as it and those before it are done.

    Parameters
    ----------
    scenario : Path
    variants : names in the scenario file
    out : Path, optional
        Folder in which each variant gets a run folder of its name; ``runs/NAME-VARIANT`` when left out.
    sets : ``path=value`` each, for all variants
    spread : Spread
        Who solves: see :func:`siteopt.cluster.spread_over`. On a cluster, one worker solves one variant, and all see
        the same files.
    """
    taken: set[str] = set()
    items = []
    for variant in dict.fromkeys(variants):
        name = safe_name(variant, "variant")
        while name in taken:
            name += "-2"
        taken.add(name)
        items.append(Item(variant, None if out is None else Path(out).absolute() / name, Path.cwd()))
    yield from spread(solve_variant, Sweep(Path(scenario).absolute(), tuple(sets)), items)


def solve_variant(job: Sweep, item: Item) -> Swept:
    """One variant from reading to run folder."""
    variant = item.variant
    try:
        ready = commands.check(job.scenario, variant=variant, sets=job.sets)
        folder = item.folder or default_run_folder(item.beside, ready.loaded.spec.name, variant)
        commands.run_folder(ready, folder)
        run = commands.solve(ready)
        if run.proof.status == "no_plan":
            return Swept(variant, "no_plan", None, {}, tuple(ready.findings))
        summary, where = commands.write(run, ready, folder)
    except InputError as faults:
        return Swept(variant, "input", None, {}, faults.findings)
    return Swept(variant, run.proof.status, where, summary, tuple(ready.findings))
