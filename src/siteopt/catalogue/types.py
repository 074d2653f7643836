"""The scenario's outlet types as arrays: its own values first, then the catalogue's, never a made-up one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from siteopt.catalogue.entries import CatalogueEntry, Figure, entries, references
from siteopt.findings import Findings, nearest
from siteopt.scenario.schema import Cost, ScenarioSpec, TypeSpec
from siteopt.text import LANGUAGES
from siteopt.units import read_only
from siteopt.world import OutletTypes

DEFAULT_LIMIT_MIN = 15.0
"""The walk that gives the 15-minute circle its name."""

NO_SERVICE = "none"
"""What a scenario writes when a type counts for no norm of service area, whatever the catalogue says."""


def outlet_types(spec: ScenarioSpec, findings: Findings, *, file: str) -> OutletTypes | None:
    """The outlet types of a scenario.

    Parameters
    ----------
    spec : ScenarioSpec
    findings : Findings
        Gets an error for each type without a settled floor area or with an unknown catalogue id, and a remark
        for each value that the catalogue decided.
    file : str
        The scenario's name, for findings.

    Returns
    -------
    OutletTypes or None
        In the order of the scenario; None when there was an error.
    """
    before = len(findings.errors)
    rows = [_one(type_id, said, findings, file) for type_id, said in spec.types.items()]
    if len(findings.errors) > before:
        return None
    return OutletTypes(
        type_id=tuple(spec.types),
        name=tuple(row.name for row in rows),
        limit_min=_floats(row.limit_min for row in rows),
        area_m2=_floats(row.area_m2 for row in rows),
        weight=_floats(said.weight for said in spec.types.values()),
        category=tuple(row.category for row in rows),
        base=_bools(said.base for said in spec.types.values()),
        qualifies=_bools(said.qualifies for said in spec.types.values()),
        public_interest=_bools(row.public_interest for row in rows),
        capacity=_floats(_capacity(said, row.area_m2) for said, row in zip(spec.types.values(), rows, strict=True)),
        illustrative=_bools(row.illustrative for row in rows),
        area_max_m2=_floats(row.area_max_m2 for row in rows),
        area_step_m2=_floats(said.area_step_m2 for said in spec.types.values()),
        months=_floats(said.months or 0.0 for said in spec.types.values()),
        chain=_bools(said.chain for said in spec.types.values()),
        sector=_words(row.sector for row in rows),
        theme=_words(row.theme for row in rows),
        owner=_words(row.owner for row in rows),
        cooks=_bools(row.cooks for row in rows),
        yearly_cost=_floats(said.yearly_cost for said in spec.types.values()),
        compartments=_floats(row.compartments for row in rows),
        capacity_per_m2=_floats(said.capacity_per_m2 or 0.0 for said in spec.types.values()),
        service=_words(row.service for row in rows),
        unverified=tuple(row.unverified for row in rows),
    )


@dataclass(frozen=True)
class _Row:
    name: dict[str, str]
    limit_min: float
    area_m2: float
    area_max_m2: float
    category: str
    public_interest: bool
    illustrative: bool
    sector: str
    theme: str
    owner: str
    cooks: bool
    compartments: float
    service: str
    unverified: tuple[str, ...]


def _one(type_id: str, said: TypeSpec, findings: Findings, file: str) -> _Row:
    known = entries()
    if said.catalogue is not None and said.catalogue not in known:
        near = nearest(said.catalogue, known) or "—"
        field = f"types.{type_id}.catalogue"
        findings.error("catalogue_unknown", file=file, field=field, value=said.catalogue, nearest=near)
    entry = known.get(said.catalogue or type_id)
    limit = entry.limit_figure if entry else None
    area, area_has_source = _area(type_id, said, entry, findings, file)
    if said.area_max_m2 is not None and said.area_max_m2 < area:
        field = f"types.{type_id}.area_max_m2"
        findings.error("area_max_below", file=file, field=field, value=said.area_max_m2)
    public = said.public_interest if said.public_interest is not None else entry and entry.public_interest is True
    compartments = said.compartments or _number(entry.compartments_figure if entry else None)
    return _Row(
        name=_name(type_id, said, entry),
        limit_min=said.limit_min or _number(limit) or DEFAULT_LIMIT_MIN,
        area_m2=area,
        area_max_m2=said.area_max_m2 or np.nan,
        category=_category(type_id, said, entry, findings, file),
        public_interest=bool(public),
        illustrative=not area_has_source or _cost_is_illustrative(said),
        sector=said.sector or _word(entry, "sector"),
        theme=said.theme or _word(entry, "theme"),
        owner=said.owner or _word(entry, "bureau"),
        cooks=_cooks(type_id, said, entry, findings, file),
        compartments=compartments or np.nan,
        service=(said.service or _word(entry, "service")).replace(NO_SERVICE, ""),
        unverified=tuple(_unverified(said, entry, area_has_source)),
    )


def _name(type_id: str, said: TypeSpec, entry: CatalogueEntry | None) -> dict[str, str]:
    """A name in every language: the scenario's, the catalogue's, or the one name there is."""
    if isinstance(said.name, str):
        return dict.fromkeys(LANGUAGES, said.name)
    own: Mapping[str, str] = {str(k): v for k, v in said.name.items()} if said.name else {}
    listed = entry.name if entry else {}
    fallback = next(iter([*own.values(), *listed.values()]), type_id)
    return {language: own.get(language) or listed.get(language) or fallback for language in LANGUAGES}


def _area(
    type_id: str, said: TypeSpec, entry: CatalogueEntry | None, findings: Findings, file: str
) -> tuple[float, bool]:
    """Floor area of one outlet, m2, and whether somebody stands behind it (the user or a text that was read)."""
    if said.area_m2 is not None:
        return said.area_m2, True
    field = f"types.{type_id}.area_m2"
    figure = entry.area_figure if entry else None
    if figure is None or not isinstance(figure.value, int | float):
        figures = "; ".join(_figure_words(f) for f in entry.area) if entry else ""
        findings.error("area_missing", file=file, field=field, value=type_id, figures=figures or "—")
        return np.nan, False
    area_m2 = float(figure.value)
    facts = {"area_m2": area_m2, "source": _source_words(figure)}
    if figure.verified:
        findings.info("area_from_catalogue", file=file, field=field, value=type_id, **facts)
    else:
        findings.warning("area_unverified", file=file, field=field, value=type_id, **facts)
    return area_m2, figure.verified


def _category(type_id: str, said: TypeSpec, entry: CatalogueEntry | None, findings: Findings, file: str) -> str:
    if said.category is not None:
        return said.category
    if entry is None:
        return "basic"
    if entry.category.value in ("basic", "quality"):
        return str(entry.category.value)
    field = f"types.{type_id}.category"
    findings.info("category_unclear", file=file, field=field, value=type_id, category="quality")
    return "quality"


def _cooks(type_id: str, said: TypeSpec, entry: CatalogueEntry | None, findings: Findings, file: str) -> bool:
    """Whether a kitchen smokes; where it depends on what is made, it is taken to smoke and the user is asked."""
    if said.cooks is not None:
        return said.cooks
    word = _word(entry, "cooks")
    if word == "ask":
        findings.info("cooks_unclear", file=file, field=f"types.{type_id}.cooks", value=type_id)
    return word in ("yes", "ask")


def _capacity(said: TypeSpec, area_m2: float) -> float:
    """People one outlet serves; nan = no limit."""
    if said.capacity_per_m2 is not None:
        return said.capacity_per_m2 * area_m2
    return np.nan if said.capacity is None else said.capacity


MARK_OF = {
    "category": "category",
    "sector": "sector",
    "theme": "theme",
    "owner": "bureau",
    "cooks": "cooks",
    "service": "service",
}
"""A type's field -> what the catalogue calls it."""


def _unverified(said: TypeSpec, entry: CatalogueEntry | None, area_has_source: bool) -> Iterator[str]:
    """The figures and classes in use that no text which was read, and not the user either, stands behind."""
    if not area_has_source:
        yield "area_m2"
    if _cost_is_illustrative(said):
        yield "cost"
    for field, mark in MARK_OF.items():
        figure: Figure | None = getattr(entry, mark) if entry and getattr(said, field) is None else None
        if figure is not None and not figure.verified:
            yield field


def _number(figure: Figure | None) -> float | None:
    return float(figure.value) if figure is not None and isinstance(figure.value, int | float) else None


def _word(entry: CatalogueEntry | None, mark: str) -> str:
    """What the catalogue puts a type down as; "" where it says nothing."""
    figure: Figure | None = getattr(entry, mark) if entry else None
    return "" if figure is None else str(figure.value)


def _cost_is_illustrative(said: TypeSpec) -> bool:
    """A cost that is not nothing and that no source stands behind."""
    if not isinstance(said.cost, Cost):
        return said.cost > 0
    per_m2 = said.cost.per_m2
    rates = per_m2.values() if isinstance(per_m2, Mapping) else (per_m2,)
    return said.cost.source is None and (said.cost.fixed > 0 or any(rate > 0 for rate in rates))


def _figure_words(figure: Figure) -> str:
    """A figure in signs that read the same in both languages: ``≥ 30 m² [S23]``."""
    sign = {"min": "≥ ", "max": "≤ "}.get(figure.sense or "", "")
    upper = f"–{figure.to:g}" if figure.to is not None else ""
    mark = "" if figure.verified else "?"
    return f"{sign}{figure.value:g}{upper} m² [{figure.source}{mark}]"


def _source_words(figure: Figure) -> str:
    source = references().get(figure.source or "")
    return f"{source.id}, {source.url}" if source and source.url else str(figure.source)


def _floats(values: Iterable[float]) -> np.ndarray:
    return np.asarray(read_only(list(values), np.float64))


def _bools(values: Iterable[bool]) -> np.ndarray:
    return np.asarray(read_only(list(values), np.bool_))


def _words(values: Iterable[str]) -> np.ndarray:
    return np.asarray(read_only(np.array(list(values), dtype=object)))
