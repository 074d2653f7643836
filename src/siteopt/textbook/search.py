"""Handing a program to the engine within the caller's time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypedDict

import numpy as np

from siteopt.program import Answer, Limits, Program
from siteopt.solve.backend import Backend, Stop
from siteopt.solve.engines import engine as engine_named
from siteopt.solve.strategy import pursue, quiet
from siteopt.textbook.arrays import BadArrays, amount, count
from siteopt.units import Floats

EXACT = 1e-9
"""A gap up to this share is float noise, not a gap."""


class Effort(TypedDict, total=False):
    """How hard to look, the same for every problem.

    Attributes
    ----------
    time_limit_s : seconds for the search, 60 unless given; the best plan so far comes back with its gap
    gap : relative gap that is enough, 0 unless given
    threads, seed : of the engine, 2 and 0 unless given
    engine : "highs" unless given, or "pulp:SOLVER"
    """

    time_limit_s: float
    gap: float
    threads: int
    seed: int
    engine: str


class EngineFailed(RuntimeError):
    """The engine contradicts itself: our bug or its own, never a property of the arrays."""


@dataclass(frozen=True, eq=False)
class Search:
    """Limits, an engine, and the clock of one call."""

    limits: Limits
    backend: Backend
    began: float

    @property
    def seconds(self) -> float:
        """Since the call began."""
        return time.perf_counter() - self.began

    @property
    def left_s(self) -> float:
        """Seconds left."""
        return self.limits.time_limit_s - self.seconds

    def seek(self, program: Program) -> Answer:
        """The engine's answer in the time that is left.

        Raises
        ------
        EngineFailed
        """
        answer = pursue(program, self.backend, replace(self.limits, time_limit_s=max(self.left_s, 0.05)))
        if answer.status == "engine_error":
            raise EngineFailed(answer.message)
        return answer

    def once(self, program: Program, limits: Limits, *, careful: bool = False) -> Answer:
        """One question to the engine, for programs whose continuous columns are computed anew afterwards.

        Raises
        ------
        EngineFailed
        """
        answer = self.backend.solve(
            program, program.goals[0], (), limits=limits, start=None, report=quiet, stop=Stop(), careful=careful
        )
        if answer.status == "engine_error":
            raise EngineFailed(answer.message)
        return answer


def read_effort(given: Mapping[str, Any]) -> Search:
    """The caller's effort, checked."""
    unknown = set(given) - set(Effort.__annotations__)
    if unknown:
        raise TypeError(f"unexpected keyword argument {sorted(unknown)[0]!r}")
    limits = Limits(
        time_limit_s=amount("time_limit_s", given.get("time_limit_s", 60.0), above=True, infinite=True),
        gap=amount("gap", given.get("gap", 0.0), most=1.0),
        threads=count("threads", given.get("threads", 2), least=1),
        seed=count("seed", given.get("seed", 0)),
    )
    limits = replace(limits, time_limit_s=min(limits.time_limit_s, 1e8))
    name = given.get("engine", "highs")
    if not isinstance(name, str):
        raise BadArrays("not_an_engine", argument="engine", value=repr(name))
    return Search(limits, engine_named(name), time.perf_counter())


def in_steps(values: Floats) -> tuple[float, float]:
    """A factor that brings values to a size that engines resolve, and the grain of whole numbers among them.

    Returns
    -------
    factor : multiply by it
    grain : every sum of the multiplied values is a multiple of this; 0 where they are no whole numbers
    """
    total = float(values.sum())
    if total <= 0:
        return 1.0, 1.0
    if total < 2**52 and not (values % 1.0).any():
        divisor = int(np.gcd.reduce(np.unique(values).astype(np.int64)))
        if total / divisor <= 2**31:
            return 1.0 / divisor, 1.0
    return float(2.0 ** (20 - int(np.ceil(np.log2(total))))), 0.0
