"""Service complexes: large enough, with several functions under one roof, some of them from a list that comes first.

Guide to embedded community facilities of 2024, as reported by pages that were read: a complex has at least 600 m2 and
three functions, two of them out of care for the elderly, infants and children, and meals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from siteopt.findings import Findings
from siteopt.model.areas import areas_dm2, standing_area_dm2
from siteopt.model.constraint import Constraint, Params
from siteopt.model.outlets import new_outlets, outlet_name, pairs_in
from siteopt.model.subjects import named_mask
from siteopt.plan import Plan, Verdict, areas
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import DM2_PER_M2, Bools, Ints, whole_dm2
from siteopt.world import World

PRIORITY = ("elderly_care", "infant_care", "community_canteen")
"""Types of the catalogue that the guide puts first; it has none for children's care beyond infants."""


class Complex(Params):
    """What makes a service complex."""

    type: str = Field("service_complex", description="Type of the complex.")
    min_area_m2: Annotated[float, Field(ge=0)] = Field(
        600.0, description="Least floor area of the complex and the functions in its space together, m²."
    )
    functions: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        None, description="Types that count as functions; all other types when left out."
    )
    min_functions: Annotated[int, Field(ge=0)] = Field(3, description="Least number of functions in its space.")
    priority: tuple[str, ...] | None = Field(
        None,
        description="Functions that come first; when left out, those of elderly_care, infant_care and "
        "community_canteen that the scenario has.",
    )
    min_priority: Annotated[int, Field(ge=0)] = Field(2, description="Least number of those in its space.")

    @model_validator(mode="after")
    def _is_no_function_of_itself(self) -> Complex:
        if self.type in (*(self.functions or ()), *(self.priority or ())):
            raise PydanticCustomError("complex_of_itself", "{names} is complex and function", {"names": self.type})
        return self

    def references(self) -> Mapping[str, Sequence[str]]:
        return {"types": [self.type, *(self.functions or ()), *(self.priority or ())]}


class Rule(Constraint[Complex]):
    """Σ_{functions} (x + standing) >= n x[j,c]; the same of the list that comes first; area >= the least."""

    name = "complex"
    title = {"en": "Service complexes", "zh": "社区服务综合体"}
    sentence = {
        "en": "A service complex opens only in a space where the complex and its functions together have the least "
        "floor area, and where at least the set number of functions is open, new or standing, some of them from the "
        "list of those that come first.",
        "zh": "社区服务综合体所在用房内，综合体及其各项功能的建筑面积合计不低于规定值，功能不少于规定项数，其中养老、"
        "托幼、助餐等重点功能不少于规定项数（含现有）。",
    }
    formula = "Σ_{k∈F} x[j,k] ≥ n·x[j,c];  Σ_{k∈F1} x[j,k] ≥ m·x[j,c];  Σ_{k∈F∪{c}} a[k]·x[j,k] ≥ A·x[j,c]"
    parameters = Complex
    allows = frozenset({"merge_cells"})
    clauses = ("H22",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        functions, first = self._functions(world), self._first(world)
        for have, need, what in (
            (int(functions.sum()), self.params.min_functions, "functions"),
            (int(first.sum()), self.params.min_priority, "priority"),
        ):
            if have < need:
                findings.warning(
                    "rule_complex_never",
                    file=file,
                    field=f"constraints.{self.label}.{what}",
                    value=have,
                    need=need,
                    type=self.params.type,
                )

    def _functions(self, world: World) -> Bools:
        """(T,) types that count as functions."""
        if self.params.functions is not None:
            return named_mask(world, self.params.functions)
        return ~named_mask(world, [self.params.type])

    def _first(self, world: World) -> Bools:
        """(T,) functions that come first."""
        return named_mask(world, PRIORITY if self.params.priority is None else self.params.priority)

    def _wanted(self, world: World) -> Iterator[tuple[str, Bools, int]]:
        """(words, types, least number of them), as far as a number is asked for."""
        if self.params.min_functions:
            yield "", self._functions(world), self.params.min_functions
        if self.params.min_priority:
            first = self._first(world)
            words = " + ".join(name for name, is_first in zip(world.types.type_id, first, strict=True) if is_first)
            yield f": {words}" if words else "", first, self.params.min_priority

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, start, sites = problem.world, columns.start["open"], problem.world.sites
        counted: list[tuple[str, np.ndarray, np.ndarray, float]] = []
        sized: list[tuple[str, np.ndarray, np.ndarray, float]] = []
        functions = self._functions(world)
        size, least = areas_dm2(problem, columns), int(whole_dm2(self.params.min_area_m2))
        today_dm2, n = self._standing_dm2(world), len(problem.option_pair)  # steps of areas come after the options
        order = np.argsort(problem.option_site, kind="stable")
        start_of = np.searchsorted(problem.option_site[order], np.arange(len(sites) + 1))
        for j, t, own in pairs_in(problem, named_mask(world, [self.params.type])[problem.option_type]):
            here = order[start_of[j] : start_of[j + 1]]
            name = outlet_name(world, j, t)
            for period in range(len(world.periods)):
                mine = own[problem.option_period[own] <= period]
                beside = here[problem.option_period[here] <= period]
                if not len(mine):
                    continue
                for words, types, number in self._wanted(world):
                    theirs = beside[types[problem.option_type[beside]]]
                    value = np.concatenate([np.full(len(mine), -float(number)), np.ones(len(theirs))])
                    stands = float((sites.standing[j] & types).sum())
                    counted.append((name + words, start + np.concatenate([mine, theirs]), value, -stands))
                theirs = beside[functions[problem.option_type[beside]]]
                at = np.concatenate([mine, theirs])
                area = size.value[at] - np.where(np.arange(len(at)) < len(mine), least, 0)
                more = np.flatnonzero(np.isin(size.option[n:], at)) + n
                column = np.concatenate([start + at, size.column[more]])
                area = np.concatenate([area, size.value[more]]) / DM2_PER_M2
                sized.append((name, column, area, -today_dm2[j] / DM2_PER_M2))
        return [*self._block(counted, "outlets"), *self._block(sized, "m2")]

    def _block(self, found: list[tuple[str, np.ndarray, np.ndarray, float]], unit: str) -> Iterator[Rows]:
        if found:
            entries, lower = [(c, v) for _, c, v, _ in found], [low for *_, low in found]
            yield rows_from(self.label, entries, lower, [np.inf] * len(found), [s for s, *_ in found], unit=unit)

    def _standing_dm2(self, world: World) -> Ints:
        """(J,) dm2 of the functions that stand in each space today, as far as anybody says how large they are."""
        return np.asarray(
            standing_area_dm2(world, or_type=False)[:, self._functions(world)].sum(axis=1), dtype=np.int64
        )

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        functions, verdicts = self._functions(world), []
        dm2, today_dm2 = whole_dm2(areas(world, plan)), self._standing_dm2(world)
        for j, t in new_outlets(world, plan, named_mask(world, [self.params.type])):
            in_time = plan.opened[j] & (plan.period[j] <= plan.period[j, t])
            name = outlet_name(world, j, t)
            for words, types, number in self._wanted(world):
                there = types & (in_time | world.sites.standing[j])
                names = [n for n, is_there in zip(world.types.type_id, there, strict=True) if is_there]
                detail = {"functions": ", ".join(names)}
                got, need = float(len(names)), float(number)
                verdicts.append(Verdict(self.label, name + words, need, got, "ge", "outlets", got >= need, detail))
            area = int(dm2[j, t]) + int(dm2[j, functions & in_time].sum()) + int(today_dm2[j])
            least = int(whole_dm2(self.params.min_area_m2))
            got, need = area / DM2_PER_M2, least / DM2_PER_M2
            verdicts.append(Verdict(self.label, name, need, got, "ge", "m2", area >= least))
        return verdicts
