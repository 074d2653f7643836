"""A stored run read again: its scenario, its plan on the sites of the world, its numbers made anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from siteopt import pipeline
from siteopt.findings import Findings, nearest
from siteopt.layers.inputs import inputs_of
from siteopt.plan import Plan, Run
from siteopt.ready import Ready
from siteopt.record import run_of
from siteopt.report.safe import clean
from siteopt.runs import layout
from siteopt.runs.store import StoredRun, open_run
from siteopt.units import Bools, Floats, Ints
from siteopt.verify import VALUE_TOLERANCE, refusals
from siteopt.whatif import Question, about
from siteopt.whatif_told import claim_told, is_told, outlets_told

TRUSTED = (layout.SUMMARY, layout.SCENARIO)
"""Files of a run without which, as written, nothing can be said about its plan."""


@dataclass(frozen=True, eq=False)
class Reopened:
    """A stored run whose scenario was read again, and that is still what it was.

    Attributes
    ----------
    stored : the run folder
    ready : its scenario, read and checked
    opened : (J, T) its plan
    spaces : indices of the sites whose refusal is asked about
    area_m2 : (J, T) of its outlets, where areas are chosen
    """

    stored: StoredRun
    ready: Ready
    opened: Bools
    spaces: Ints
    area_m2: Floats | None = None

    @property
    def plan(self) -> Plan:
        """The plan that was stored, as far as its outlets say it: when each opens, who pays, how large it is."""
        world, opened = self.ready.world, self.opened
        period, source = opened.astype(np.int64), opened.astype(np.int64) - 1
        said = outlets_told(self.stored.summary)
        for j, t in np.argwhere(opened).tolist():
            outlet = said[clean(world.sites.site_id[j]), world.types.type_id[t]]
            period[j, t] = _at(world.periods.name, outlet.period) + 1
            source[j, t] = _at(world.funds.name, outlet.source)
        return Plan(opened, period, source, world.periods.name, world.funds.name, area_m2=self.area_m2)


def _at(names: Sequence[str], name: object) -> int:
    """Where a name stands that was written without control characters; the first where it is not told."""
    told = [clean(known) for known in names]
    return told.index(str(name)) if str(name) in told else 0


def reopen(folder: Path, site: str | None = None) -> Reopened:
    """Read a run folder's scenario again and find its plan in it.

    Parameters
    ----------
    folder : run folder
    site : one space of the plan; all of them when None

    Raises
    ------
    InputError
        The folder is no run, has no plan, was changed by hand, its inputs have changed since, or the plan does not
        open the named space.
    """
    stored = open_run(folder)
    findings = Findings()
    _check_stored(stored, findings)
    findings.raise_errors()
    ready = pipeline.check(stored.folder / layout.SCENARIO)
    _check_inputs(stored, ready, findings)
    opened = _plan_of(stored, ready, findings)
    findings.raise_errors()
    chosen = np.flatnonzero(opened.any(axis=1))
    ids = [str(ready.world.sites.site_id[j]) for j in chosen]
    if site is not None and site not in ids:
        findings.error(
            "explain_not_in_plan",
            file=stored.name,
            value=site,
            field="--site",
            nearest=nearest(site, ids) or "—",
            known=", ".join(ids[:20]) + (" …" if len(ids) > 20 else ""),
        )
        findings.raise_errors()
    order = sorted(chosen.tolist(), key=lambda j: str(ready.world.sites.site_id[j]))
    spaces = [j for j in order if site is None or str(ready.world.sites.site_id[j]) == site]
    return Reopened(stored, ready, opened, np.array(spaces, dtype=np.int64), _areas_of(stored, ready, opened))


def _check_stored(stored: StoredRun, findings: Findings) -> None:
    """A run with a plan, whose summary and scenario nobody has touched."""
    for found in stored.findings:
        if found.file in TRUSTED:
            findings.error("explain_run_changed", file=found.file, value=stored.name)
    if not findings.errors and not is_told(stored.summary):
        findings.error("explain_run_changed", file=layout.SUMMARY, value=stored.name)
    if stored.summary.get("status") not in ("proven", "best_found"):
        findings.error("explain_no_plan", file=stored.name, value=str(stored.summary.get("status")))


def _check_inputs(stored: StoredRun, ready: Ready, findings: Findings) -> None:
    """Every input is, byte for byte, what the run was made from."""
    then = stored.manifest.get("inputs")
    before = [was.get("sha256") if isinstance(was, dict) else None for was in then] if isinstance(then, list) else []
    now = inputs_of(ready.loaded.spec, ready.loaded.base)
    if len(before) != len(now):
        findings.error("explain_inputs_differ", file=layout.MANIFEST, value=len(now), expected=len(before))
        return
    # The scenario names them in the same order; the run's copy of it names them from another folder.
    for was, here in zip(before, now, strict=True):
        if was != here["sha256"]:
            findings.error("explain_input_changed", file=here["file"], value=stored.name)


def _plan_of(stored: StoredRun, ready: Ready, findings: Findings) -> Bools:
    """(J, T) the stored plan on the sites of the world as read again."""
    world = ready.world
    may = world.open_to & ~world.sites.standing
    # Ids are written without control characters; two that differ in nothing else cannot be told apart.
    rows: dict[str, list[int]] = {}
    for j, site_id in enumerate(world.sites.site_id):
        if world.sites.is_candidate[j] or may[j].any():
            rows.setdefault(clean(site_id), []).append(j)
    types = {name: t for t, name in enumerate(world.types.type_id)}
    opened = np.zeros(world.sites.allowed.shape, dtype=np.bool_)
    for site_id, type_id in outlets_told(stored.summary):
        at, kind = rows.get(site_id, []), types.get(type_id)
        if len(at) != 1 or kind is None or not may[at[0], kind]:
            findings.error("explain_site_gone", file=stored.name, value=site_id, outlet=type_id)
            continue
        opened[at[0], kind] = True
    return opened


def _areas_of(stored: StoredRun, ready: Ready, opened: Bools) -> Floats | None:
    """(J, T) m2 of the stored plan's outlets; None where no type's area is chosen."""
    world = ready.world
    if not (world.types.area_max_m2 > world.types.area_m2).any():
        return None
    said = outlets_told(stored.summary)
    out = np.zeros(opened.shape)
    for j, t in np.argwhere(opened).tolist():
        out[j, t] = said[clean(world.sites.site_id[j]), world.types.type_id[t]].area_m2
    return out


def base_of(reopened: Reopened, asked: Question) -> tuple[Run, Floats]:
    """The stored plan as a run again, its numbers made anew and held against those it was stored with; its point.

    Raises
    ------
    InputError
        The plan, read again, is not worth what the run says.
    """
    ready, plan, said = reopened.ready, reopened.plan, claim_told(reopened.stored.summary)
    point = asked.point(plan)
    if asked.own_columns:  # who is given to which outlet, say, is not stored: the best is found again
        plan = asked.plan(point)
    draft = run_of(ready, plan, said, None)
    value, scale = draft.scores.objective, max(1.0, abs(draft.scores.objective))
    if abs(value - said.objective) > VALUE_TOLERANCE * scale or refusals(draft.proof, draft.scores, draft.verdicts):
        findings = Findings()
        findings.error(
            "explain_plan_differs",
            file=reopened.stored.name,
            value=said.objective,
            got=value,
            version=str(reopened.stored.manifest.get("siteopt", "—")),
        )
        findings.raise_errors()
    return draft, point


def about_stored(reopened: Reopened, asked: Question, base: Run, schema: str, *, stopped: bool) -> dict[str, Any]:
    """What every file about a stored run starts with."""
    proof = base.proof
    return {
        **about(asked, base, schema),
        "run": reopened.stored.name,
        "base": {
            "value": proof.objective,
            "bound": proof.bound,
            "gap": proof.gap,
            "status": proof.status,
            "cost": base.scores.cost_total,
            "outlets": int(reopened.opened.sum()),
        },
        "stopped": "interrupt" if stopped else "",
    }
