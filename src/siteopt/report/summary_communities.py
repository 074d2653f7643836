"""The communities of a summary: commercial area against the rule, and who is covered, before and after."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from siteopt.plan import Run, Verdict
from siteopt.report.verdicts import outcome
from siteopt.units import DM2_PER_M2, exact_share, whole_dm2

RULE = "commercial_area"
"""The kind of rule. A scenario may hold several, and name them as it likes: see :func:`_labels`."""

HARDNESS = ("holds", "not_checked", "fails")


def communities_of(run: Run) -> list[dict[str, Any]]:
    """One entry per community, in the order of the layer.

    ``required``, ``sense`` and ``shortfall_m2`` are null where no commercial-area rule binds the community;
    ``shortfall_m2`` is how far the plan is from the rule in m2 of commercial area (too little for ``ge``, too much
    for ``le``), 0 when it is met.
    """
    communities, scores, groups = run.world.communities, run.scores, run.world.cells.groups
    labels = _labels(run)
    # where several bind one community, the one that fails, then one that was not checked, then the one that asks more
    hardest_last = sorted(
        (v for v in run.verdicts if v.rule in labels), key=lambda v: (HARDNESS.index(outcome(v)), v.need)
    )
    judged = {v.subject: v for v in hardest_last}
    out = []
    for k in range(len(communities)):
        community_id = str(communities.community_id[k])
        required, sense = _rule(run, k, judged.get(community_id))
        before, after = float(scores.commercial_before_m2[k]), float(scores.commercial_after_m2[k])
        floor_before, floor_after = float(scores.floor_before_m2[k]), float(scores.floor_after_m2[k])
        out.append(
            {
                "id": community_id,
                "name": communities.name[k],
                "age_class": communities.age_class[k],
                "tier": communities.tier[k],
                "commercial_share_before": _ratio(before, floor_before),
                "commercial_share_after": _ratio(after, floor_after),
                "required": required,
                "sense": sense,
                "shortfall_m2": _shortfall(required, sense, after, floor_after),
                "commercial_area_before_m2": before,
                "commercial_area_after_m2": after,
                "floor_area_before_m2": floor_before,
                "floor_area_after_m2": floor_after,
                "people": dict(zip(groups, scores.community_total[k], strict=True)),
                "coverage": {
                    type_id: {
                        "total": scores.community_total[k, 0],
                        "before": scores.community_before[k, t, 0],
                        "after": scores.community_after[k, t, 0],
                        "share_before": _ratio(scores.community_before[k, t, 0], scores.community_total[k, 0]),
                        "share_after": _ratio(scores.community_after[k, t, 0], scores.community_total[k, 0]),
                        "by_group": {
                            group: {
                                "total": scores.community_total[k, g],
                                "before": scores.community_before[k, t, g],
                                "after": scores.community_after[k, t, g],
                            }
                            for g, group in enumerate(groups)
                        },
                    }
                    for t, type_id in enumerate(run.world.types.type_id)
                },
            }
        )
    return out


def _labels(run: Run) -> tuple[str, ...]:
    """The scenario's names of its commercial-area rules."""
    return tuple(label for label, rule in run.rules.items() if rule.get("rule", label) == RULE)


def _rule(run: Run, k: int, verdict: Verdict | None) -> tuple[float | None, str | None]:
    """The share and sense that bind one community; the audit's verdict first, else (no plan) the rule itself."""
    if verdict is not None:
        return verdict.need, verdict.sense
    communities = run.world.communities
    own, sense = float(communities.share[k]), str(communities.sense[k])
    for label in _labels(run):
        params: Mapping[str, Any] = run.rules[label].get("params", {})
        named = params.get("communities")
        if sense in ("ge", "le") and (named is None or str(communities.community_id[k]) in named):
            return (float(params["share"]) if math.isnan(own) else own), sense
    return None, None


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if math.isfinite(whole) and whole > 0 else None


def _shortfall(required: float | None, sense: str | None, commercial: float, floor: float) -> float | None:
    """How much commercial area is missing (or too much), exact in whole square decimetres."""
    if required is None or not math.isfinite(floor):
        return None
    missing = exact_share(required) * int(whole_dm2(floor)) - int(whole_dm2(commercial))
    return max(float(missing if sense == "ge" else -missing), 0.0) / DM2_PER_M2
