"""What ``siteopt catalogue`` is asked for: outlet types and policy packs by name, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from siteopt.catalogue.entries import (
    MARKS,
    TOPICS,
    CatalogueEntry,
    bureaus,
    entries,
    references,
    themes,
    themes_announced,
)
from siteopt.catalogue.packs import Pack, packs
from siteopt.findings import Findings, nearest

RUN = {True: "public_interest", False: "market", "mixed": "mixed", None: "unknown"}


def asked_types(type_id: str | None) -> Mapping[str, CatalogueEntry]:
    """All entries, or one.

    Raises
    ------
    InputError
        With the nearest id, when there is none of that name.
    """
    return _asked(type_id, entries(), "catalogue_unknown_type")


def asked_packs(name: str | None) -> Mapping[str, Pack]:
    """All policy packs, or one.

    Raises
    ------
    InputError
        With the nearest name, when there is none of that name.
    """
    return _asked(name, packs(), "catalogue_unknown_pack")


def _asked(name: str | None, known: Mapping[str, Any], code: str) -> Mapping[str, Any]:
    if name is None:
        return known
    if name not in known:
        findings = Findings()
        findings.error(code, file="catalogue", value=name, nearest=nearest(name, known) or "—")
        findings.raise_errors()
    return {name: known[name]}


def types_json(shown: Mapping[str, CatalogueEntry]) -> dict[str, Any]:
    """Catalogue entries as plain values, with the circles, bureaus and sources that they name."""
    out = {key: asdict(entry) | {"run": RUN[entry.public_interest]} for key, entry in shown.items()}
    named = {f["source"] for entry in out.values() for topic in TOPICS for f in entry[topic]}
    named |= {entry[mark]["source"] for entry in out.values() for mark in ("category", *MARKS) if entry[mark]}
    return {
        "types": out,
        "themes": {key: asdict(theme) for key, theme in themes().items()},
        "themes_announced": themes_announced(),
        "bureaus": {key: dict(name) for key, name in bureaus().items()},
        "sources": _sources(named),
    }


def packs_json(shown: Mapping[str, Pack]) -> dict[str, Any]:
    """Policy packs as plain values, with the sources that they name."""
    out = {key: {k: v for k, v in asdict(pack).items() if k != "text"} for key, pack in shown.items()}
    named = {pack.source for pack in shown.values()} | {r.source for pack in shown.values() for r in pack.rules}
    return {"packs": out, "sources": _sources(named)}


def _sources(named: Iterable[str | None]) -> dict[str, Any]:
    return {key: asdict(references()[key]) for key in sorted(key for key in named if key)}
