"""What is reported for the acceptance sheet, held against the communities and sources of money that there are."""

from __future__ import annotations

from siteopt.findings import Findings, nearest
from siteopt.scenario.schema import AcceptanceSpec
from siteopt.world import World


def check_reported(spec: AcceptanceSpec | None, world: World, findings: Findings, *, file: str) -> None:
    """Report names that nobody knows.

    Takes the findings ``acceptance_unknown_community`` and ``acceptance_unknown_source``.
    """
    if spec is None:
        return
    communities = [str(c) for c in world.communities.community_id]
    for field, named in (("four_sync", spec.four_sync), ("floor_area_all_m2", spec.floor_area_all_m2)):
        for name in named:
            if name not in communities:
                close = nearest(name, communities) or "—"
                where = f"acceptance.{field}.{name}"
                findings.error("acceptance_unknown_community", file=file, field=where, value=name, nearest=close)
    for name in spec.progress.spent if spec.progress else ():
        if name not in world.funds.name:
            findings.error(
                "acceptance_unknown_source",
                file=file,
                field=f"acceptance.progress.spent.{name}",
                value=name,
                nearest=nearest(name, world.funds.name) or "—",
                known=", ".join(world.funds.name),
            )
