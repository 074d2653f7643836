"""Hosts: services are stacked on convenience stores and supermarkets, so an add-on opens only where one is open.

Plan document 三(四): finance, courier, tourism, repair and public services on convenience stores and supermarkets.
A shop of today can be a host if it is given as a candidate space with its `standing` type: a service needs room
there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from siteopt.findings import Findings
from siteopt.model.constraint import Constraint, Params
from siteopt.model.outlets import new_outlets, outlet_name, pairs_in
from siteopt.model.subjects import named_mask
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import Bools
from siteopt.world import World

HOSTS = ("convenience_store", "convenience_store_24h", "community_supermarket", "large_supermarket")
"""Types of the catalogue that the plan document stacks services on."""


class Host(Params):
    """Add-ons and their hosts."""

    types: Annotated[tuple[str, ...], Field(min_length=1, description="Add-on types: they open only beside a host.")]
    hosts: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        None,
        description="Host types; when left out, those of convenience_store, convenience_store_24h, "
        "community_supermarket and large_supermarket that the scenario has.",
    )

    @model_validator(mode="after")
    def _no_one_hosts_itself(self) -> Host:
        both = sorted(set(self.types) & set(self.hosts or HOSTS))
        if both:
            raise PydanticCustomError("host_of_itself", "{names} is add-on and host", {"names": ", ".join(both)})
        return self

    def references(self) -> Mapping[str, Sequence[str]]:
        return {"types": [*self.types, *(self.hosts or ())]}


class Rule(Constraint[Host]):
    """x[j,a] <= Σ_{k host} (x[j,k] + standing[j,k]), at the end of every period."""

    name = "host"
    title = {"en": "Add-ons need a host", "zh": "附加服务依托主体网点"}
    sentence = {
        "en": "An add-on (such as a courier station or a repair point) opens only in a space where a host (a "
        "convenience store or supermarket) is open, new or standing.",
        "zh": "附加服务（如快递、维修、金融、旅游、政务服务）只能设在已有或新设便利店、超市等主体网点的用房内。",
    }
    formula = "x[j,a] ≤ Σ_{k host} (x[j,k] + standing[j,k])"
    parameters = Host
    allows = frozenset({"merge_cells"})
    clauses = ("H6",)

    def _hosts(self, world: World) -> Bools:
        """(T,) host types."""
        return named_mask(world, self.params.hosts or HOSTS)

    def check(self, world: World, findings: Findings, file: str) -> None:
        if not self._hosts(world).any():
            findings.error("rule_no_host", file=file, field=f"constraints.{self.label}", value=", ".join(HOSTS))

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, start = problem.world, columns.start["open"]
        addon, hosts = named_mask(world, self.params.types), self._hosts(world)
        stands = np.asarray((world.sites.standing & hosts).any(axis=1), dtype=np.bool_)
        wanting = addon[problem.option_type] & ~stands[problem.option_site]
        host = np.flatnonzero(hosts[problem.option_type])
        at_site = problem.option_site[host]  # ascending by site id, not by site: search in a sorted copy
        order = np.argsort(at_site, kind="stable")
        entries, subject = [], []
        for j, t, options in pairs_in(problem, wanting):
            low, high = np.searchsorted(at_site[order], [j, j + 1])
            beside = np.sort(host[order[low:high]])
            for period in range(len(world.periods)):
                mine = options[problem.option_period[options] <= period]
                theirs = beside[problem.option_period[beside] <= period]
                if len(mine):
                    column = start + np.concatenate([mine, theirs])
                    entries.append((column, np.concatenate([np.ones(len(mine)), -np.ones(len(theirs))])))
                    subject.append(outlet_name(world, j, t))
        n = len(entries)
        return [rows_from(self.label, entries, [-np.inf] * n, [0.0] * n, subject, unit="outlets")]

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        hosts, verdicts = self._hosts(world), []
        for j, t in new_outlets(world, plan, named_mask(world, self.params.types)):
            in_time = plan.opened[j] & (plan.period[j] <= plan.period[j, t])
            there = hosts & (world.sites.standing[j] | in_time)
            names = [name for name, is_there in zip(world.types.type_id, there, strict=True) if is_there]
            verdicts.append(
                Verdict(
                    self.label,
                    outlet_name(world, j, t),
                    need=1.0,
                    got=float(len(names)),
                    sense="ge",
                    unit="outlets",
                    holds=bool(names),
                    detail={"hosts": ", ".join(names)},
                )
            )
        return verdicts
