"""The unverified figures that a plan rests on, and which of them decided something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from siteopt.catalogue.entries import entries
from siteopt.catalogue.packs import packs
from siteopt.plan import Verdict
from siteopt.world import World

RELATIVE = 1e-9
"""Two numbers this close, relative to what is needed, are the same."""

ONE_UNIT = frozenset({"outlets", "people", "m2", "money", "compartments", "places", "types", "functions", "minutes"})
"""Units of which less than one, more or less, changes nothing; shares and metres bind at the edge only."""

_AREA = ("space_area", "commercial_area", "service_area", "elderly_area", "detached", "saturation", "mix", "reuse")
READS: Mapping[str, frozenset[str]] = {
    "area_m2": frozenset({*_AREA, "complex", "plot_size", "capacity", "budget", "funding"}),
    "cost": frozenset({"budget", "funding"}),
    "category": frozenset({"grades"}),
    "sector": frozenset({"mix", "saturation"}),
    "cooks": frozenset({"flue"}),
    "service": frozenset({"service_area", "elderly_area"}),
}
"""A figure of a type -> the rules that look at it. Circle and bureau decide nothing."""


@dataclass(frozen=True)
class Unverified:
    """One figure in use that nobody verified.

    Attributes
    ----------
    of : "type" or "rule"
    subject : the type's id, or the rule's name in the scenario
    figure : the type's field (a sentence ``unverified_FIGURE`` names it), or the rule's parameter
    value : the figure itself, None for a cost, which the run's own tables show
    source : id of a reference; None where the scenario gave a cost without one
    policy : the pack that the rule is of, "" for a type
    bound : a rule that looks at it ended at its limit: another figure might have given another plan
    rules : the names of those rules
    """

    of: Literal["type", "rule"]
    subject: str
    figure: str
    value: Any
    source: str | None
    policy: str
    bound: bool
    rules: tuple[str, ...]


def unverified_in_use(
    world: World,
    rules: Mapping[str, str],
    from_policy: Mapping[str, tuple[str, Sequence[str]]],
    verdicts: Iterable[Verdict],
    *,
    catalogue_ids: Mapping[str, str] | None = None,
) -> tuple[Unverified, ...]:
    """Every unverified figure that a plan rests on, types first, each with the rules that it bound in.

    Parameters
    ----------
    world : World
        Its types name their unverified figures.
    rules : mapping of str to str
        Name of each rule in force in the scenario -> the rule (its file).
    from_policy : mapping
        Name of a rule -> its policy pack, and the parameters that the scenario leaves as the pack has them.
    verdicts : iterable of Verdict
        On the plan.
    catalogue_ids : mapping, optional
        Type's id -> its id in the catalogue, where they differ.
    """
    bound = {v.rule for v in verdicts if binds(v)}
    found = []
    types = world.types
    for type_id, figures in zip(types.type_id, types.unverified, strict=True):
        for figure in figures:
            reads = READS.get(figure, frozenset())
            where = tuple(label for label, rule in rules.items() if rule in reads and label in bound)
            value, source = _of_type(world, type_id, figure, (catalogue_ids or {}).get(type_id, type_id))
            found.append(Unverified("type", type_id, figure, value, source, "", bool(where), where))
    for label, (policy, kept) in from_policy.items():
        pack = packs().get(policy)
        rule = pack.rule(label) if pack else None
        if rule is None or rule.verified or label not in rules:
            continue
        where = (label,) if label in bound else ()
        for name in kept:
            value = rule.params.get(name)
            if isinstance(value, int | float | Mapping) and not isinstance(value, bool):
                found.append(Unverified("rule", label, name, value, rule.source, policy, bool(where), where))
    return tuple(found)


def binds(verdict: Verdict) -> bool:
    """Whether a rule ended at its limit, or beyond: less than one unit of slack, or none to speak of.

    A rule that was not checked binds nothing.
    """
    if not verdict.checked or not isfinite(verdict.need) or not isfinite(verdict.got):
        return False
    if verdict.sense == "eq":
        return True
    slack = verdict.got - verdict.need if verdict.sense == "ge" else verdict.need - verdict.got
    allowed = RELATIVE * max(abs(verdict.need), 1.0)
    return slack <= allowed or (verdict.unit in ONE_UNIT and slack < 1.0)


def _of_type(world: World, type_id: str, figure: str, catalogue_id: str) -> tuple[Any, str | None]:
    """A type's figure as the run uses it, and where it comes from."""
    types, t = world.types, world.types.type_id.index(type_id)
    entry = entries().get(catalogue_id)
    if figure == "cost":
        return None, None
    if figure == "area_m2":
        known = entry.area_figure if entry else None
        return float(types.area_m2[t]), known.source if known else None
    mark = "bureau" if figure == "owner" else figure
    listed = getattr(entry, mark, None) if entry else None
    column = getattr(types, figure)
    value = column[t]
    return (bool(value) if figure == "cooks" else str(value)), listed.source if listed else None
