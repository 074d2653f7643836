"""Control lines: what is newly built keeps off farmland and red lines, and inside the development boundary.

Plan document, duties of the natural-resources bureau; which layers an overlay check looks at is the list of the land
review (docs/rules.md). Green, blue, yellow and purple lines forbid or ask for a review: the scenario names what was
reviewed. Farmland and red lines are never waived.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.constraint import Constraint, Params, check_kinds, check_sites
from siteopt.model.land import Needs, check_layer, check_polygons, inside_m2, is_point, points_inside, shapes_of
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import DM2_PER_M2, Ints, whole_dm2
from siteopt.world import ADDS_FLOOR_AREA, World

Cleared = tuple[str, ...] | dict[str, str]
"""Ids of spaces, or id -> paper that clears it."""


class LandLines(Params):
    """The layers, and the spaces that an office has cleared."""

    forbidden: tuple[str, ...] = Field(
        ("permanent_basic_farmland", "ecological_red_line"),
        description="Layers of `zones` in which nothing is built, without exception.",
    )
    inside: tuple[str, ...] = Field(
        ("development_boundary",), description="Layers in which whatever is built must lie, unless waived."
    )
    lines: tuple[str, ...] = Field(
        ("green_line", "blue_line", "yellow_line", "purple_line"),
        description="Layers in which nothing is built unless reviewed.",
    )
    waived: Cleared = Field(
        (), description="Spaces that may lie outside the `inside` layers: ids, or a table id -> approving paper."
    )
    reviewed: Cleared = Field(
        (),
        description="Spaces whose overlap with the `lines` layers was reviewed: ids, or a table id -> approving "
        "paper.",
    )
    kinds: tuple[str, ...] | None = Field(
        tuple(sorted(ADDS_FLOOR_AREA)),
        description="Kinds of space that the rule looks at: those that are newly built.",
    )
    slack_m2: Annotated[float, Field(ge=0, le=1000)] = Field(
        0.0, description="Overlap up to so many m² is taken for imprecise drawing."
    )
    needs: Needs = Field(
        "optional",
        description="What a missing layer does: optional = the rule is shown as not checked; required = an error.",
    )


@dataclass(frozen=True)
class Found:
    """How a space lies to a layer: ``wrong_m2`` is inside, or outside where it must be inside; nan of a point."""

    site: int
    wrong: bool
    wrong_m2: float
    paper: str | None

    @property
    def breaks(self) -> bool:
        """Wrong, and nobody has cleared it."""
        return self.wrong and self.paper is None


class Rule(Constraint[LandLines]):
    """x[j,k] = 0 where the space overlaps a forbidden layer or leaves one that it must lie in, uncleared."""

    name = "land_lines"
    title = {"en": "Land control lines", "zh": "用地管控线"}
    sentence = {
        "en": "Newly built outlets lie outside permanent basic farmland and the ecological red line, inside the "
        "urban development boundary unless waived, and outside green, blue, yellow and purple lines unless reviewed. "
        "A shared border is no overlap. A space given as a point is judged as a point. Without a layer its part is "
        "not checked.",
        "zh": "新建网点不占用永久基本农田、不进入生态保护红线；位于城镇开发边界内（经批准的除外）；不进入城市绿线、蓝"
        "线、黄线、紫线（经审查同意的除外）。仅边界相接不视为占用；以点表示的用房按点核查；未提供的图层列为“未核查”。",
    }
    formula = "x[j,k] = 0 where area(j ∩ forbidden) > 0 or area(j \\ inside) > 0, unless cleared"
    parameters = LandLines
    allows = frozenset({"merge_cells"})
    clauses = ("H11",)

    @property
    def _layers(self) -> tuple[str, ...]:
        p = self.params
        return tuple(dict.fromkeys((*p.forbidden, *p.inside, *p.lines)))

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_kinds(findings, file, self.label, self.params.kinds)
        check_sites(world, findings, file, self.label, [*self.params.waived, *self.params.reviewed])
        for layer in self._layers:
            check_layer(world, findings, file, self.label, layer, self.params.needs)
            check_polygons(world, findings, self.label, layer)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, kinds = problem.world, self.params.kinds
        site = problem.option_site
        mine = np.ones(len(site), dtype=np.bool_)
        if kinds is not None:
            mine &= np.isin(world.sites.kind.astype(str)[site], list(kinds))
        entries, subject = [], []
        order = np.argsort(site, kind="stable")
        for layer in self._layers:
            for found in self._found(world, np.unique(site[mine]), layer):
                if found.breaks:
                    low, high = np.searchsorted(site[order], [found.site, found.site + 1])
                    at = np.sort(order[low:high])
                    entries.append((columns.start["open"] + at, np.ones(len(at))))
                    subject.append(f"{world.sites.site_id[found.site]}: {layer}")
        n = len(entries)
        return [rows_from(self.label, entries, [-np.inf] * n, [0.0] * n, subject, unit="outlets")]

    def _found(self, world: World, sites: Ints, layer: str) -> Iterator[Found]:
        """How each of some sites lies to a layer; nothing where the layer is absent."""
        zones = world.zones.get(layer)
        if zones is None or not len(sites):
            return
        must_be_inside = layer in self.params.inside
        shapes = shapes_of(world.sites, sites)
        inside, point = inside_m2(shapes, zones), is_point(shapes)
        within = points_inside(shapes, zones, border=must_be_inside)
        slack = int(whole_dm2(self.params.slack_m2))
        for k, j in enumerate(sites.tolist()):
            wrong_m2 = max(float(shapes[k].area) - float(inside[k]), 0.0) if must_be_inside else float(inside[k])
            if point[k]:
                wrong_m2, wrong = np.nan, bool(within[k]) != must_be_inside
            else:
                wrong = int(whole_dm2(wrong_m2)) > slack
            yield Found(j, wrong, wrong_m2, self._paper(str(world.sites.site_id[j]), layer))

    def _paper(self, site: str, layer: str) -> str | None:
        """What clears a site in a layer ("" where no paper is named); None where nothing does."""
        p = self.params
        cleared: Cleared = ()
        if layer not in p.forbidden:
            cleared = p.waived if layer in p.inside else p.reviewed
        if site not in cleared:
            return None
        return cleared[site] if isinstance(cleared, Mapping) else ""

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        kinds = self.params.kinds
        opened = plan.opened.sum(axis=1)
        used = [j for j in np.flatnonzero(opened).tolist() if kinds is None or str(world.sites.kind[j]) in kinds]
        verdicts = []
        for layer in self._layers:
            if layer not in world.zones:
                detail = {"layer": layer}
                verdicts.append(
                    Verdict(self.label, layer, 0.0, np.nan, "le", "outlets", False, detail, checked=False)
                )
            for found in self._found(world, np.array(used, dtype=np.int64), layer):
                got = float(opened[found.site]) if found.breaks else 0.0
                verdicts.append(
                    Verdict(
                        self.label,
                        f"{world.sites.site_id[found.site]}: {layer}",
                        need=0.0,
                        got=got,
                        sense="le",
                        unit="outlets",
                        holds=got == 0,
                        detail=_detail(found, layer),
                    )
                )
        return verdicts


def _detail(found: Found, layer: str) -> dict[str, object]:
    point = np.isnan(found.wrong_m2)
    detail: dict[str, object] = {"layer": layer, "shape": "point" if point else "polygon"}
    if not point:
        detail["wrong_m2"] = int(whole_dm2(found.wrong_m2)) / DM2_PER_M2
    if found.wrong and found.paper is not None:
        detail["cleared"] = found.paper or True
    return detail
