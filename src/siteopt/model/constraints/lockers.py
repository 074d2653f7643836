"""Parcel lockers: enough compartments for the households of each community.

智能快件箱 belong into the circles by the plan document (五(一), 交通运输局), which gives no number. Other provinces
do: compartments for a fifth of the households (Jiangsu, 2021) or for all of them (Nanjing, 2023), both S22. They are
not law in Hongjiang, so the number has no default. That every served building has a set within reach is the rule
``min_coverage`` with the locker's walking limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.amounts import by_type
from siteopt.model.constraint import Params
from siteopt.model.norm_findings import ask_for, check_subjects
from siteopt.model.norms import Line, Norm
from siteopt.model.subjects import named_mask, places
from siteopt.units import Bools, Ints, exact_share
from siteopt.world import World


class Lockers(Params):
    """How many compartments a household is worth."""

    compartments_per_household: Annotated[
        float, Field(ge=0, description="Least number of compartments for one household, e.g. 0.2.")
    ]
    types: tuple[str, ...] | None = Field(
        None, description="Types whose compartments count; all types with `compartments` when left out."
    )
    communities: tuple[str, ...] | None = Field(None, description="Only these communities; all when left out.")


def _compartments(world: World) -> Ints:
    """(T,) whole compartments of one outlet; 0 where there are none."""
    return np.floor(np.nan_to_num(world.types.compartments)).astype(np.int64)


class Rule(Norm[Lockers]):
    """compartments standing and new in the community >= alpha * households."""

    name = "lockers"
    title = {"en": "Parcel compartments", "zh": "快件箱格口配置"}
    sentence = {
        "en": "In each community the compartments of existing and new parcel lockers are at least so many for each "
        "household. A community without a number of households is not checked.",
        "zh": "各社区现有和新设智能快件箱的格口总数不低于户数乘以规定的户均格口数；未填户数的社区不作核查。",
    }
    formula = "Σ_{j∈c} q[k]·(standing[j,k] + x[j,k]) ≥ α·households[c]"
    parameters = Lockers
    allows = frozenset({"merge_cells"})
    clauses = ("H16",)
    amount = by_type("compartments", _compartments)

    def check(self, world: World, findings: Findings, file: str) -> None:
        p = self.params
        check_subjects(self, world, findings, file, per="community", communities=p.communities, types=p.types)
        known = _has_compartments(world)
        for t, name in enumerate(world.types.type_id):
            if p.types is not None and name in p.types and not known[t]:
                findings.error("lockers_no_compartments", file=file, field=f"types.{name}.compartments", value=name)
        if p.types is None and not known.any():
            findings.error("lockers_no_type", file=file, field=f"constraints.{self.label}", value=self.label)
        for k in (k for _, ks, _ in places(world, "community", p.communities) for k in ks or ()):
            if not np.isfinite(world.communities.households[k]):
                ask_for(findings, world, k, "households", self.label)

    def _types(self, world: World) -> Bools:
        return _has_compartments(world) & named_mask(world, self.params.types)

    def lines(self, world: World) -> Iterator[Line]:
        p, types = self.params, self._types(world)
        standing = _standing(world, types)
        for place, ks, sites in places(world, "community", p.communities):
            households = float(world.communities.households[ks[0]]) if ks else float("nan")
            known = bool(np.isfinite(households))
            yield Line(
                place,
                sites,
                types,
                standing=int(standing[sites].sum()),
                least=exact_share(p.compartments_per_household) * exact_share(households) if known else None,
                detail={"households": households},
                missing="" if known else "households",
            )


def _has_compartments(world: World) -> Bools:
    """(T,) types of which one outlet at least, to open or standing, has a number of compartments."""
    said = world.sites.standing & np.isfinite(world.sites.compartments)[:, None]
    return np.asarray(np.isfinite(world.types.compartments) | said.any(axis=0), dtype=np.bool_)


def _standing(world: World, types: Bools) -> Ints:
    """(J,) compartments that stand at each place: as its layer says, else those of its outlets' types."""
    here = world.sites.standing & types
    said = np.floor(np.nan_to_num(world.sites.compartments)).astype(np.int64)
    of_types = here @ _compartments(world)
    return np.where(np.isfinite(world.sites.compartments) & here.any(axis=1), said, of_types)
