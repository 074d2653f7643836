"""The catalogue of outlet types: data with a source for every figure, and nothing made up where none was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

import yaml

Text = Mapping[str, str]
TOPICS = ("reach", "area", "norm", "compartments", "capex", "opex", "subsidy", "siting")
"""What an entry has figures on: a list each, empty where nothing was found."""

MARKS = ("theme", "bureau", "sector", "cooks", "service", "role")
"""What an entry is put down as: one word each, None where nothing was found or nothing applies."""


@dataclass(frozen=True)
class Reference:
    """Where figures come from: a document, in both languages, and its address where one is known."""

    id: str
    title: Text
    url: str | None


@dataclass(frozen=True)
class Figure:
    """One figure, or one remark without a figure.

    Attributes
    ----------
    value : the figure, None where none was found; a word for a category
    to : upper end of a range, else None
    sense : "min" (at least), "max" (at most) or None
    unit : "min", "m", "m2", "CNY", "people per outlet", ...; None for a remark
    source : id of a :class:`Reference`, None where none was found
    verified : the text was read for this catalogue; false for what is recalled or advertised
    usable : for areas: it is the floor area of one outlet, not a definition, a pool or an example
    note : bilingual, may be empty
    """

    value: float | str | None
    unit: str | None
    source: str | None
    verified: bool
    note: Text
    to: float | None = None
    sense: Literal["min", "max"] | None = None
    usable: bool = True


@dataclass(frozen=True)
class CatalogueEntry:
    """One outlet type.

    Attributes
    ----------
    id, name : the id, and the name per language
    category : value "basic", "quality", "mixed" (in both lists) or "host" (holds other types)
    public_interest : True, False, "mixed" or None (not known)
    theme, bureau : convenience circle (see :func:`themes`) and who answers for the type (ids of :func:`bureaus`,
        ";" between several)
    sector : "shopping", "catering" or "other" in the commercial mix
    cooks : "yes", or "ask" where it depends on what it makes
    service : norm of service area that it counts for, "community_service" or "elderly_care"
    role : "host", or "addon" that opens only with a host
    reach, area, norm, compartments, capex, opex, subsidy, siting : figures; empty where nothing was found
    """

    id: str
    name: Text
    category: Figure
    public_interest: bool | Literal["mixed"] | None
    theme: Figure | None
    bureau: Figure | None
    sector: Figure | None
    cooks: Figure | None
    service: Figure | None
    role: Figure | None
    reach: tuple[Figure, ...]
    area: tuple[Figure, ...]
    norm: tuple[Figure, ...]
    compartments: tuple[Figure, ...]
    capex: tuple[Figure, ...]
    opex: tuple[Figure, ...]
    subsidy: tuple[Figure, ...]
    siting: tuple[Figure, ...]

    @property
    def area_figure(self) -> Figure | None:
        """The one floor area that can stand for an outlet, or None.

        A single figure (no range) counts; where figures of read texts disagree there is none. Recalled figures
        count only where no text was read.
        """
        return the_one(self.area)

    @property
    def limit_figure(self) -> Figure | None:
        """The one walking limit in minutes that a text which was read gives, or None."""
        return the_one(tuple(f for f in self.reach if f.unit == "min" and f.verified))

    @property
    def compartments_figure(self) -> Figure | None:
        """The one number of compartments that can stand for an outlet, or None."""
        return the_one(self.compartments)


def the_one(figures: tuple[Figure, ...]) -> Figure | None:
    """The figure that all usable figures agree on, or None; recalled ones count only where no text was read."""
    usable = [f for f in figures if f.usable and isinstance(f.value, int | float)]
    usable = [f for f in usable if f.verified] or usable
    agree = len({f.value for f in usable}) == 1 and all(f.to is None for f in usable)
    return usable[0] if agree else None


@dataclass(frozen=True)
class Theme:
    """One convenience circle of the plan's task list.

    Attributes
    ----------
    id, name : the id, and the name per language
    row : number in the task list
    due : date, as written in ISO form
    bureaus : ids of those responsible
    source, verified : as of a figure
    """

    id: str
    name: Text
    row: int
    due: str
    bureaus: tuple[str, ...]
    source: str
    verified: bool


RUN: Mapping[str | None, bool | Literal["mixed"] | None] = {
    "public_interest": True,
    "market": False,
    "mixed": "mixed",
    None: None,
}


@cache
def entries() -> Mapping[str, CatalogueEntry]:
    """Every outlet type of the catalogue, by id, in the order of the file."""
    return MappingProxyType({id_: _entry(id_, raw) for id_, raw in _raw()["types"].items()})


@cache
def themes() -> Mapping[str, Theme]:
    """The convenience circles that the plan names, by id. The list is open: a scenario may name others."""
    found = {}
    for id_, raw in _raw()["themes"].items():
        name = {"zh": raw["zh"], "en": raw["en"]}
        bureaus = tuple(raw["bureaus"])
        found[id_] = Theme(id_, name, raw["row"], str(raw["due"]), bureaus, raw["source"], raw["verified"])
    return MappingProxyType(found)


def themes_announced() -> int:
    """How many circles the plan's heading speaks of; more than it names, so that the office is asked."""
    return int(_raw()["themes_announced"])


@cache
def bureaus() -> Mapping[str, Text]:
    """The offices that answer for types, by id: their names."""
    return MappingProxyType(_raw()["bureaus"])


@cache
def aggregates() -> Mapping[str, tuple[Text, tuple[Figure, ...]]]:
    """Norms of all outlets together, of circles and of walks, by id: name and figures."""
    found = {id_: (raw["name"], tuple(map(_figure, raw["figures"]))) for id_, raw in _raw()["aggregates"].items()}
    return MappingProxyType(found)


@cache
def references() -> Mapping[str, Reference]:
    """Every source, by id."""
    found = {
        id_: Reference(id_, {"zh": raw["zh"], "en": raw["en"]}, raw["url"]) for id_, raw in _raw()["sources"].items()
    }
    return MappingProxyType(found)


@cache
def _raw() -> dict[str, Any]:
    text = files(__package__).joinpath("outlets.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(
        text, Loader=yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
    )
    return loaded


def _entry(id_: str, raw: Mapping[str, Any]) -> CatalogueEntry:
    figures: dict[str, Any] = {topic: tuple(_figure(f) for f in raw.get(topic) or ()) for topic in TOPICS}
    figures |= {mark: _figure({"unit": None, **raw[mark]}) if raw[mark] else None for mark in MARKS}
    return CatalogueEntry(
        id=id_,
        name=raw["name"],
        category=_figure({"unit": None, **raw["category"]}),
        public_interest=RUN[raw["run"]],
        **figures,
    )


def _figure(raw: Mapping[str, Any]) -> Figure:
    return Figure(**{"note": {}, **raw})
