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
TOPICS = ("reach", "area", "norm", "capex", "siting")


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
    reach, area, norm, capex, siting : figures; empty where nothing was found
    """

    id: str
    name: Text
    category: Figure
    public_interest: bool | Literal["mixed"] | None
    reach: tuple[Figure, ...]
    area: tuple[Figure, ...]
    norm: tuple[Figure, ...]
    capex: tuple[Figure, ...]
    siting: tuple[Figure, ...]

    @property
    def area_figure(self) -> Figure | None:
        """The one floor area that can stand for an outlet, or None.

        A single figure (no range) counts; where figures of read texts disagree there is none. Recalled figures
        count only where no text was read.
        """
        single = [f for f in self.area if f.usable and f.to is None and isinstance(f.value, int | float)]
        if any(f.verified for f in self.area if f.usable):
            single = [f for f in single if f.verified]
            ranges = [f for f in self.area if f.usable and f.verified and f.to is not None]
        else:
            ranges = [f for f in self.area if f.usable and f.to is not None]
        return single[0] if len({f.value for f in single}) == 1 and not ranges else None


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
    figures = {topic: tuple(_figure(f) for f in raw[topic] or ()) for topic in TOPICS}
    return CatalogueEntry(
        id=id_,
        name=raw["name"],
        category=_figure({"unit": None, **raw["category"]}),
        public_interest=RUN[raw["run"]],
        **figures,
    )


def _figure(raw: Mapping[str, Any]) -> Figure:
    return Figure(**{"note": {}, **raw})
