"""The scenario's sources of money as a noun: who may open what, and who aids whom."""

from __future__ import annotations

import numpy as np

from siteopt.findings import Findings, nearest
from siteopt.scenario.schema import ScenarioSpec
from siteopt.units import read_only
from siteopt.world import Funds, OutletTypes


def funds_of(spec: ScenarioSpec, types: OutletTypes, findings: Findings, *, file: str) -> Funds:
    """The sources of money; one of them, called the budget, where the scenario names none.

    Parameters
    ----------
    spec : ScenarioSpec
    types : OutletTypes
    findings : Findings
        Gets an error for a type or an aiding source that nobody knows, and a type for which nobody may pay.
    file : str
        The scenario's name, for findings.
    """
    if spec.money is None:
        return Funds()
    sources = spec.money.sources
    names = tuple(s.name for s in sources)
    may = np.ones((len(sources), len(types)), dtype=np.bool_)
    aided_by, share, ceiling = np.full(len(sources), -1), np.zeros(len(sources)), np.full(len(sources), np.inf)
    for f, source in enumerate(sources):
        field = f"money.sources.{f}"
        for name in source.types or ():
            if name not in types.type_id:
                near = nearest(name, types.type_id) or "—"
                findings.error("rule_unknown_type", file=file, field=f"{field}.types", value=name, nearest=near)
        if source.types is not None:
            may[f] &= np.isin(np.array(types.type_id), source.types)
        if source.public_interest_only:
            may[f] &= types.public_interest
        if source.aid is None:
            continue
        if source.aid.source == source.name:
            findings.error("money_aids_itself", file=file, field=f"{field}.aid.source", value=source.name)
        elif source.aid.source not in names:
            near = nearest(source.aid.source, names) or "—"
            findings.error(
                "money_unknown_aid",
                file=file,
                field=f"{field}.aid.source",
                value=source.name,
                source=source.aid.source,
                nearest=near,
            )
        else:
            aided_by[f], share[f] = names.index(source.aid.source), source.aid.share
            ceiling[f] = np.inf if source.aid.ceiling is None else source.aid.ceiling
    for t in np.flatnonzero(~may.any(axis=0)).tolist():
        findings.error("money_nobody_pays", file=file, field="money.sources", value=types.type_id[t])
    return Funds(names, read_only(may), read_only(aided_by), read_only(share), read_only(ceiling))
