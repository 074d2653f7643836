"""Objectives made of others: each a part by itself, asked for together."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np
from pydantic import ValidationError

from siteopt.findings import Findings, nearest
from siteopt.model.columns import Block
from siteopt.model.constraint import Params
from siteopt.model.objective import Objective, registry
from siteopt.problem import Problem, Service
from siteopt.program import Columns, Rows
from siteopt.units import Floats
from siteopt.world import World

PARTS = ("ordered", "weighted")
"""Objectives that are made of others, and are no parts themselves."""


class Parts(Params):
    """What objectives made of others are given: ``parts``, each a mapping with a name."""

    parts: tuple[dict[str, Any], ...]

    def references(self) -> Mapping[str, Sequence[str]]:
        return {
            "groups": [g for part in self.parts for g in part.get("group_weights") or ()],
            "types": [t for part in self.parts for t in part.get("types") or ()],
        }


C = TypeVar("C", bound=Parts)


class Combined(Objective[C]):
    """What objectives made of others share: the parts bring their services, columns and rows.

    Each part has a ``name``, its own parameters, and ``own``: what this objective asks of every part, a number.
    """

    allows = frozenset({"merge_cells"})
    additive = False
    own: ClassVar[str]

    def __init__(self, params: C, label: str = "") -> None:
        super().__init__(params, label)
        self.parts: list[Objective[Params]] = []
        self.faults: list[tuple[str, Any, str]] = []
        for n, part in enumerate(params.parts):
            self._add(n, part)
        self.allows = frozenset.intersection(*(p.allows for p in self.parts)) if self.parts else frozenset()  # type: ignore[misc]

    @abstractmethod
    def fits(self, number: float) -> bool:
        """Whether the number that is asked of a part is one that it may have."""

    def numbers(self) -> list[float]:
        """The number of each part; 0 where none is said."""
        return [float(part.get(self.own, 0.0)) for part in self.params.parts]

    def _add(self, n: int, part: Mapping[str, Any]) -> None:
        name = part.get("name")
        known = {k: v for k, v in registry().items() if k not in PARTS}
        if name not in known:
            self.faults.append((f"parts.{n}.name", name, nearest(str(name), known) or "—"))
            return
        kind = known[str(name)]
        given = {k: v for k, v in part.items() if k not in ("name", self.own)}
        try:
            params = kind.parameters.model_validate(given)
        except ValidationError as wrong:
            for fault in wrong.errors(include_url=False, include_input=False):
                where = ".".join(str(step) for step in ("parts", n, *fault["loc"]))
                self.faults.append((where, given.get(str(fault["loc"][0])) if fault["loc"] else name, str(name)))
            return
        taken = [p.label for p in self.parts]
        label = str(name) if str(name) not in taken else f"{name} {n + 1}"
        self.parts.append(kind(params, label))

    @property
    def cells_by(self) -> str:
        return next((p.cells_by for p in self.parts if p.cells_by), "")

    def check(self, world: World, findings: Findings, file: str) -> None:
        for where, value, expected in self.faults:
            code = "objective_part_unknown" if where.endswith(".name") else "objective_part_unfit"
            findings.error(code, file=file, field=f"objective.{where}", value=value, expected=expected)
        for part in self.parts:
            part.check(world, findings, file)
        for n, one in enumerate(self.params.parts):
            said = one.get(self.own, 0.0)
            if isinstance(said, bool) or not isinstance(said, int | float) or not self.fits(said):
                field, told = f"objective.parts.{n}.{self.own}", one.get(self.own)
                findings.error(f"objective_{self.own}", file=file, field=field, value=told)

    def counted(self, world: World) -> Floats:
        return np.hstack([part.counted(world) for part in self.parts])

    def services(self, world: World) -> tuple[Service, ...]:
        return tuple(service for part in self.parts for service in part.services(world))

    def blocks(self, problem: Problem) -> Sequence[Block]:
        return [block for part in self.parts for block in part.blocks(problem)]

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        return [rows for part in self.parts for rows in part.rows(problem, columns)]
