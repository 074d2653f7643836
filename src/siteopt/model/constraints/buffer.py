"""Distance from places of a layer: stalls from school gates, noisy types from dwellings.

School gates: the draft of a provincial rule keeps stalls 100 m away, a standard of another city keeps a market's main
gate 30 m away. Neither binds here and the final texts were not read, so the distance has no default. For dwellings
(noise, smell) no figure was found at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.constraint import Constraint, Params
from siteopt.model.land import Needs, check_layer, far_enough, metres_to, nearest_features, shapes_of
from siteopt.model.outlets import closed_rows, new_outlets, outlet_name
from siteopt.model.subjects import named_mask
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.world import World


class Buffer(Params):
    """Which types keep which distance from what."""

    types: Annotated[tuple[str, ...], Field(min_length=1, description="Types that keep the distance.")]
    metres: Annotated[
        float,
        Field(gt=0, description="Least straight-line distance, m; exactly so far is allowed. No figure is given."),
    ]
    layer: str = Field(
        "school_gates", description="Layer of `zones` to stay away from: school_gates, residential, or any."
    )
    needs: Needs = Field(
        "optional",
        description="What a missing layer does: optional = the rule is shown as not checked; required = an error.",
    )


class Rule(Constraint[Buffer]):
    """x[j,k] = 0 where the space is nearer to a feature of the layer than the distance."""

    name = "buffer"
    title = {"en": "Distance from protected places", "zh": "与敏感场所的距离"}
    sentence = {
        "en": "New outlets of the named types keep at least the set distance from every feature of a layer (school "
        "gates unless another is named), in a straight line from the edge of the space. Without the layer the rule "
        "is not checked.",
        "zh": "指定业态的新设网点与指定图层（默认为学校大门）各要素的直线距离不小于规定值，自用房或地块边缘起算；"
        "未提供该图层的，列为“未核查”。",
    }
    formula = "x[j,k] = 0 where distance(j, layer) < d"
    parameters = Buffer
    allows = frozenset({"merge_cells"})
    clauses = ("H10", "F11")

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_layer(world, findings, file, self.label, self.params.layer, self.params.needs)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        zones = problem.world.zones.get(self.params.layer)
        if zones is None:
            return []
        mine = named_mask(problem.world, self.params.types)[problem.option_type]
        sites, of_option = np.unique(problem.option_site[mine], return_inverse=True)
        metres = metres_to(shapes_of(problem.world.sites, sites), zones)
        barred = mine.copy()
        barred[mine] = ~far_enough(metres, self.params.metres)[of_option]
        return closed_rows(self.label, problem, columns, barred)

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        need, layer, zones = self.params.metres, self.params.layer, world.zones.get(self.params.layer)
        if zones is None:
            return [Verdict(self.label, layer, need, np.nan, "ge", "m", False, {"layer": layer}, checked=False)]
        opened = list(new_outlets(world, plan, named_mask(world, self.params.types)))
        shapes = shapes_of(world.sites, np.array([j for j, _ in opened], dtype=np.int64))
        verdicts = []
        for (j, t), (metres, nearest) in zip(opened, nearest_features(shapes, zones), strict=True):
            detail, holds = {"layer": layer, "nearest": nearest}, bool(far_enough(metres, need))
            verdicts.append(Verdict(self.label, outlet_name(world, j, t), need, metres, "ge", "m", holds, detail))
        return verdicts
