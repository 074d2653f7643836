"""Essential outlets keep their use; one that is demolished is replaced.

An implementing opinion of another province, read in a press report: the use of reserved outlets may not be changed at
will, and who demolishes one provides for its function first. The plan never closes an outlet, so a locked one stays
by itself. What the scenario names as demolished must be replaced: everybody whom it serves today has another one
within the walking limit, or, if a distance is given, another one stands or opens within that distance. The order in
time (first the replacement, then the demolition) is for the owner to keep: the rule looks at the finished plan. Other
rules still see what is going to be demolished: a spacing rule, for one, needs `from_existing: false` to let a
replacement open beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.constraint import Constraint, Params, check_sites
from siteopt.model.land import EDGE_M
from siteopt.model.outlets import outlet_name
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import Bools, Floats, Ints, within
from siteopt.world import World


class LockedUse(Params):
    """What is going to be demolished, and what replaces it."""

    demolished: tuple[str, ...] = Field(
        (),
        description="Ids of existing outlets that will be demolished: the plan must replace each of their functions.",
    )
    metres: Annotated[float, Field(gt=0)] | None = Field(
        None,
        description="Another outlet of the type within this straight-line distance, m, replaces one. When left out, "
        "everybody whom it serves must have another one within the walking limit.",
    )


class Rule(Constraint[LockedUse]):
    """Σ_{j' reaches i} x[j',k] >= 1 for each cell i that only demolished outlets of the type serve today."""

    name = "locked_use"
    title = {"en": "Essential outlets keep their use", "zh": "必备网点用途锁定"}
    sentence = {
        "en": "Outlets marked as essential stay. For one that will be demolished, everybody whom it serves today has "
        "another outlet of its type within the walking limit (or: another one lies within the set distance).",
        "zh": "标记为“必备”的现有网点保持用途不变；拟拆除的网点，其现服务居民在步行时限内均须有同业态的其他网点可达"
        "（或在规定距离内有同业态的其他网点）。",
    }
    formula = "Σ_{j'∈N[i,k]} (x[j',k] + stays[j',k]) ≥ 1 for each cell i that a demolished outlet serves"
    parameters = LockedUse
    allows = frozenset({"merge_cells"})
    clauses = ("H23",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        field = f"constraints.{self.label}"
        check_sites(world, findings, file, self.label, self.params.demolished)
        stands = {str(s) for s in world.sites.site_id[world.sites.standing.any(axis=1)]}
        known = {str(s) for s in world.sites.site_id}
        for site in self.params.demolished:
            if site in known and site not in stands:
                findings.error("rule_nothing_stands", file=file, field=field, value=site)
        if self.params.demolished:
            named = ", ".join(self.params.demolished)
            findings.warning("rule_demolished_counted", file=file, field=field, value=named)
        elif not world.sites.locked.any():
            findings.warning("rule_nothing_locked", file=file, field=field, value=self.label)

    def _going(self, world: World) -> Bools:
        """(J,) sites that will be demolished."""
        return np.isin(world.sites.site_id.astype(str), list(self.params.demolished))

    def _functions(self, world: World, sites: Bools) -> Iterator[tuple[int, int]]:
        """(site, type) of each outlet that stands at some sites."""
        for j, t in np.argwhere(world.sites.standing & sites[:, None]):
            yield int(j), int(t)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, start = problem.world, columns.start["open"]
        going = self._going(world)
        entries, subject = [], []
        for j, t in self._functions(world, going):
            stays = world.sites.standing[:, t] & ~going
            option = np.flatnonzero(problem.option_type == t)
            if self.params.metres is None:
                sets = _reaching(problem, j, t, stays, option)
            else:
                near = _metres_from(world, j) <= self.params.metres + EDGE_M
                sets = [] if (near & stays).any() else [option[near[problem.option_site[option]]]]
            for members in sets:
                entries.append((start + members, np.ones(len(members))))
                subject.append(outlet_name(world, j, t))
        n = len(entries)
        return [rows_from(self.label, entries, [1.0] * n, [np.inf] * n, subject, unit="outlets")]

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        going, verdicts = self._going(world), []
        for j, t in self._functions(world, going):
            other = plan.opened[:, t] | (world.sites.standing[:, t] & ~going)
            name = outlet_name(world, j, t)
            if self.params.metres is None:
                verdicts.append(self._still_served(world, travel, j, t, other, name))
            else:
                got = float(_metres_from(world, j)[other].min(initial=np.inf))
                need = self.params.metres
                verdicts.append(Verdict(self.label, name, need, got, "le", "m", got <= need + EDGE_M))
        for j, t in self._functions(world, world.sites.locked & ~going):
            verdicts.append(Verdict(self.label, outlet_name(world, j, t), 1.0, 1.0, "ge", "outlets", True))
        return verdicts

    def _still_served(self, world: World, travel: TravelTimes, j: int, t: int, other: Bools, name: str) -> Verdict:
        """Whether everybody whom an outlet serves has another one within the limit."""
        limit, cell = float(world.types.limit_min[t]), travel.cell
        near = within(travel.minutes, limit)
        served, kept = np.zeros(len(world.cells), dtype=np.bool_), np.zeros(len(world.cells), dtype=np.bool_)
        served[cell[near & (travel.site == j)]] = True
        kept[cell[near & other[travel.site]]] = True
        lost = served & ~kept & (world.cells.people.sum(axis=1) > 0)
        need, got = (float(world.cells.residents[cells].sum()) for cells in (served, served & kept))
        detail = {"cells_lost": int(world.cells.counts[lost].sum())}
        return Verdict(self.label, name, need, got, "ge", "people", not lost.any(), detail)


def _reaching(problem: Problem, j: int, t: int, stays: Bools, option: Ints) -> list[Ints]:
    """For each cell with people that only demolished outlets serve, ``j`` among them: the options that reach it.

    Cells that the same options reach ask for the same; each set of options comes once, in the order of its members.
    """
    world, reach = problem.world, problem.coverage[t]
    cell = np.repeat(np.arange(len(world.cells)), np.diff(reach.indptr))
    asks = np.zeros(len(world.cells), dtype=np.bool_)
    asks[cell[reach.site == j]] = True
    asks[cell[stays[reach.site]]] = False
    asks &= world.cells.people.sum(axis=1) > 0
    of_site: dict[int, list[int]] = {}
    for n in option.tolist():
        of_site.setdefault(int(problem.option_site[n]), []).append(n)
    found = set()
    for i in np.flatnonzero(asks):
        sites = reach.site[reach.indptr[i] : reach.indptr[i + 1]].tolist()
        found.add(tuple(sorted(n for site in sites for n in of_site.get(site, ()))))
    return [np.array(members, dtype=np.int64) for members in sorted(found)]


def _metres_from(world: World, j: int) -> Floats:
    """(J,) straight-line metres from one site to every site."""
    return np.asarray(np.hypot(*(world.sites.xy_m - world.sites.xy_m[j]).T), dtype=np.float64)
