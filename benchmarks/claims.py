"""What the figures must show, and what they aim at: numbers of a result against numbers of the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

Word = Literal["aim", "must", "short", "no", "unknown"]
"""Keeps the aim; keeps what must be; falls short of an aim alone; breaks what must be; was not measured."""


@dataclass(frozen=True)
class Claim:
    """One figure of a row and its limits.

    Attributes
    ----------
    what : as the table says it
    key : of the figure
    unit : after the number; "" for a plain yes
    must, aim : limits, inside; None where nothing is asked
    least : the figure must be at least the limit, not at most
    decimals : of the number
    """

    what: str
    key: str
    unit: str = ""
    must: float | None = None
    aim: float | None = None
    least: bool = False
    decimals: int = 2

    def meets(self, value: float | None) -> Word:
        """Which of the limits a value keeps."""
        if value is None:
            return "unknown"
        if self.aim is not None and self._keeps(value, self.aim):
            return "aim"
        if self.must is None:
            return "short"
        return "must" if self._keeps(value, self.must) else "no"

    def limit(self, value: float | None) -> str:
        """A limit in words."""
        if value is None:
            return ""
        if not self.unit:
            return "yes"
        return f"{'≥' if self.least else '≤'} {value:g} {self.unit}"

    def _keeps(self, value: float, limit: float) -> bool:
        return value >= limit if self.least else value <= limit


def yes(what: str, key: str) -> Claim:
    """A figure that must be true."""
    return Claim(what, key, must=1.0, least=True, decimals=0)


@dataclass(frozen=True)
class Row:
    """One measurement.

    Attributes
    ----------
    what : a sentence for the page
    call : ``module:function`` that gives the figures
    args : of the function
    tiny : arguments of a run of a few seconds, for the tests
    claims : what the figures must show
    repeats : processes, unless the command says otherwise; None for its default
    needs : the folder of data it reads, beside the checkout; "" for none
    """

    what: str
    call: str
    args: Mapping[str, Any] = field(default_factory=dict)
    tiny: Mapping[str, Any] = field(default_factory=dict)
    claims: Sequence[Claim] = ()
    repeats: int | None = None
    needs: str = ""


def values(runs: Sequence[Mapping[str, Any]], key: str) -> list[float]:
    """The figure in every run that has it; the whole process's memory too."""
    found = (run["peak_mb"] if key == "peak_mb" else run["figures"].get(key) for run in runs)
    return [float(value) for value in found if value is not None]


def middle(runs: Sequence[Mapping[str, Any]], claim: Claim) -> float | None:
    """The median of the runs; of a plain yes, the worst."""
    found = values(runs, claim.key)
    if not found:
        return None
    return median(found) if claim.unit else min(found)
