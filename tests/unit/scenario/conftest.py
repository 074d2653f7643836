"""Two small rules, one objective, one good scenario, and a loader that writes the file first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from siteopt.findings import Findings
from siteopt.scenario.load import Loaded, load
from siteopt.text import fill, finding_entries


class Params(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Budget(Params):
    """No more money than there is."""

    amount: float = Field(description="Money.", gt=0)
    types: tuple[str, ...] | None = Field(None, description="Types that it is for; all when left out.")

    def references(self) -> Mapping[str, Iterable[str]]:
        return {"types": self.types or ()}


class Spacing(Params):
    """Outlets of one type keep a distance."""

    least_m: float = Field(description="Least distance, m.", gt=0, le=5000)
    type: str = Field(description="Type.")
    how: str | float | dict[str, float] = Field("straight", description="A union, to see that one finding comes.")

    def references(self) -> Mapping[str, Iterable[str]]:
        return {"types": [self.type]}


class Coverage(Params):
    """People within reach."""

    groups: dict[str, float] = Field({"residents": 1.0}, description="Group -> weight.")

    def references(self) -> Mapping[str, Iterable[str]]:
        return {"groups": self.groups}


CONSTRAINTS: dict[str, type[BaseModel]] = {"budget": Budget, "spacing": Spacing}
OBJECTIVES: dict[str, type[BaseModel]] = {"coverage": Coverage}

GOOD = """\
siteopt: 1
name: 黔城 2026
demand:
  file: data/cells.gpkg
  people: {residents: pop, elderly: {column: pop65, scale: 100}}
candidates:
  file: spaces.csv
  within: data/town.gpkg
types:
  market: {area_m2: 800, cost: {per_m2: {idle_premises: 400}, source: survey}}
  stall: {area_m2: 8, cost: 5000}
constraints:
  - {rule: budget, amount: 300000}
  - {rule: spacing, least_m: 300, type: stall}
variants:
  rich:
    constraints: [{rule: budget, amount: 600000}]
  free:
    constraints: [{rule: budget, off: true}]
"""


class Town:
    """A folder with scenarios in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.findings = Findings()

    def write(self, text: str | bytes, name: str = "scenario.yaml") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def load(self, text: str | bytes | None = None, **asked: object) -> Loaded | None:
        """Load a text, and see that every finding has a whole sentence in both languages."""
        path = self.write(text) if text is not None else self.folder / "scenario.yaml"
        self.findings = Findings()
        loaded = load(path, self.findings, constraints=CONSTRAINTS, objectives=OBJECTIVES, **asked)  # type: ignore[arg-type]
        for finding in self.findings:
            where = {"file": finding.file, "row": finding.row, "field": finding.field, "value": finding.value}
            for language in ("zh", "en"):
                sentence = fill(finding_entries()[finding.code], language, {**finding.facts, **where})
                shown = str(finding.value)
                assert "…" not in sentence.replace(shown, "").replace(": …”", ""), sentence
        assert (loaded is None) == bool(self.findings.errors)
        return loaded

    def good(self, text: str | bytes | None = None, **asked: object) -> Loaded:
        loaded = self.load(text, **asked)
        assert loaded is not None, list(self.findings)
        return loaded

    def faults(self, text: str | bytes | None = None, **asked: object) -> list[tuple[str, object, str | None]]:
        """Code, row and field of each finding."""
        self.load(text, **asked)
        return [(f.code, f.row, f.field) for f in self.findings]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


@pytest.fixture
def good_text() -> str:
    return GOOD


@pytest.fixture
def models() -> tuple[dict[str, type[BaseModel]], dict[str, type[BaseModel]]]:
    return CONSTRAINTS, OBJECTIVES


@pytest.fixture
def changed() -> Callable[[str, str], str]:
    """The good scenario with one piece of text exchanged; the piece must be there exactly once."""

    def change(old: str, new: str) -> str:
        assert GOOD.count(old) == 1, old
        return GOOD.replace(old, new)

    return change
