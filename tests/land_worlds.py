"""Worlds with what rules of space and land look at: flues, plots, codes, zones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from siteopt.findings import Findings
from siteopt.plan import Verdict
from siteopt.world import World, Zones
from tests.programs import Rule, minutes_of, plan_with
from tests.worlds import geometries, texts


def zone(*shapes: Any, names: Iterable[str] = ()) -> Zones:
    """A layer of land."""
    said = list(names) or [""] * len(shapes)
    return Zones(
        texts(said), geometries(list(shapes)), "zone.gpkg", texts([f"fid {k + 1}" for k in range(len(shapes))])
    )


def with_sites(world: World, **fields: Any) -> World:
    """The world with other columns of its sites; lists of text become text columns."""
    made = {
        k: texts(v) if isinstance(v, list) and isinstance(v[0], str) else np.asarray(v) for k, v in fields.items()
    }
    return replace(world, sites=replace(world.sites, **made))


def with_zones(world: World, zones: Mapping[str, Zones]) -> World:
    return replace(world, zones=dict(zones))


def with_type_ids(world: World, *names: str) -> World:
    """The world with its types under other names."""
    return replace(world, types=replace(world.types, type_id=tuple(names)))


def codes_of(world: World, wanted: Rule) -> list[tuple[str, str, Any]]:
    """(severity, code, value) of every finding of a rule's check."""
    findings = Findings()
    wanted.check(world, findings, "s.yaml")
    return [(f.severity, f.code, f.value) for f in findings]


def verdicts(world: World, wanted: Rule, opened: Iterable[tuple[int, int]]) -> list[Verdict]:
    return wanted.judge(world, minutes_of(world), plan_with(world, list(opened)))


def outcomes(world: World, wanted: Rule, opened: Iterable[tuple[int, int]]) -> dict[str, str]:
    """Subject -> "holds", "fails" or "not checked"."""
    found = {}
    for v in verdicts(world, wanted, opened):
        assert v.checked or not v.holds, "what was not checked is never passed"
        found[v.subject] = "not checked" if not v.checked else "holds" if v.holds else "fails"
    return found
