"""The scenario's outlet types as arrays: its own values first, then the catalogue's, never a made-up one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
        limit_min=_floats(said.limit_min or DEFAULT_LIMIT_MIN for said in spec.types.values()),
        area_m2=_floats(row.area_m2 for row in rows),
        weight=_floats(said.weight for said in spec.types.values()),
        category=tuple(row.category for row in rows),
        base=_bools(said.base for said in spec.types.values()),
        qualifies=_bools(said.qualifies for said in spec.types.values()),
        public_interest=_bools(row.public_interest for row in rows),
        capacity=_floats(np.nan for _ in spec.types),
        illustrative=_bools(row.illustrative for row in rows),
    )


@dataclass(frozen=True)
class _Row:
    name: dict[str, str]
    area_m2: float
    category: str
    public_interest: bool
    illustrative: bool


def _one(type_id: str, said: TypeSpec, findings: Findings, file: str) -> _Row:
    known = entries()
    if said.catalogue is not None and said.catalogue not in known:
        near = nearest(said.catalogue, known) or "—"
        field = f"types.{type_id}.catalogue"
        findings.error("catalogue_unknown", file=file, field=field, value=said.catalogue, nearest=near)
    entry = known.get(said.catalogue or type_id)
    area, area_has_source = _area(type_id, said, entry, findings, file)
    public = said.public_interest if said.public_interest is not None else entry and entry.public_interest is True
    return _Row(
        name=_name(type_id, said, entry),
        area_m2=area,
        category=_category(type_id, said, entry, findings, file),
        public_interest=bool(public),
        illustrative=not area_has_source or _cost_is_illustrative(said),
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
