"""Communities: boundaries, ages, tiers and grades, and the figures that rules compare."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from siteopt.findings import Findings
from siteopt.layers.columns import as_spec, one_of, read_ids, text_or
from siteopt.layers.dissolve import Merged, dissolve
from siteopt.layers.meanings import GRADE, PILOT, TIER, YES, Words, meant, nearest_word, read_meant, said_of
from siteopt.layers.numeric import read_numbers
from siteopt.layers.place import place
from siteopt.layers.table import Table, named, read_table
from siteopt.layers.words import NOT_ANY, closest, shown
from siteopt.scenario.schema import Column, CommunitiesSpec
from siteopt.units import MOST_AREA_M2, MOST_PEOPLE, Bools, Floats, Texts, read_only
from siteopt.world import AGE_CLASSES, Communities

SENSES = ("ge", "le", "off")
OVERLAP_SHARE = 0.01
"""Two communities may share this much of the smaller one: slivers of digitising are not told."""

_WORDS: dict[str, Words] = {"tier": TIER, "grade": GRADE, "pilot": PILOT}
_TEXTS = ("name", "age_class", "sense", "tier_reason", *_WORDS)
_SUMS = (
    "floor_area_m2", "commercial_area_m2", "service_area_m2", "households", "residential_m2",
    "community_service_m2", "elderly_m2",
)  # fmt: skip
_MOST = {"share": 1.0, "households": MOST_PEOPLE}


def no_communities() -> Communities:
    """What a scenario without communities has."""
    none, nothing = np.empty(0, dtype=object), np.empty(0)
    return Communities(none, none, none, none, nothing, nothing, none, nothing, none, "", none)


@dataclass(frozen=True, eq=False)
class _Rows:
    """Columns as read: texts by name, numbers by name (nan = not given)."""

    texts: dict[str, Texts]
    numbers: dict[str, Floats]


def read_communities(
    spec: CommunitiesSpec | None, base: Path, crs: str, findings: Findings, *, scenario: str = "scenario"
) -> Communities | None:
    """Read the communities; a scenario without any has zero of them.

    ``scenario`` names the scenario file in findings.

    Rows with one id are merged when ``dissolve`` is set; ``values`` in the scenario override the file; the sense
    of the rule is ``ge`` in new communities and ``off`` elsewhere unless something says otherwise. Tiers are those
    that are said; :mod:`siteopt.layers.tiers` finds the others.

    Takes the findings of table, place and columns, and ``unknown_age_class``, ``unknown_sense``, ``unknown_word``,
    ``dissolve_disagrees``, ``unknown_community``, ``no_floor_area``, ``no_commercial_area``,
    ``residential_above_total``, ``communities_overlap``. Whether the figures suffice for a rule is that rule's own
    check.

    Returns
    -------
    Communities or None
        None when an error was added.
    """
    if spec is None:
        return no_communities()
    wanted = named(spec.id, *(getattr(spec, f) for f in (*_TEXTS, *_SUMS, "share")))
    table = read_table(spec, base, findings, role="communities", columns=wanted)
    if table is None:
        return None
    ids = read_ids(table, spec.id, findings, field="communities.id", unique=not spec.dissolve)
    rows = _read_rows(table, spec, findings)
    placed = place(table, crs, findings, polygons_only=True)
    if ids is None or rows is None or placed is None:
        return None
    columns = {f: as_spec(getattr(spec, f)).column for f in (*_TEXTS, "share") if getattr(spec, f)}
    merged = dissolve(table, ids, rows.texts, rows.numbers, placed.geometry, columns, findings)
    said = None if merged is None else _overridden(spec, merged, scenario, findings)
    if merged is None or said is None:
        return None
    texts, numbers = said
    found = Communities(
        community_id=read_only(merged.ids),
        name=read_only(np.where(texts["name"] == "", merged.ids, texts["name"])),
        age_class=read_only(texts["age_class"]),
        tier=read_only(texts["tier"]),
        floor_area_m2=read_only(numbers["floor_area_m2"]),
        commercial_area_m2=read_only(
            np.nan_to_num(numbers["commercial_area_m2"]) + np.nan_to_num(numbers["service_area_m2"])
        ),
        sense=read_only(_with_default_sense(texts["sense"], texts["age_class"])),
        share=read_only(numbers["share"]),
        geometry=read_only(merged.geometry),
        file=spec.file,
        row=read_only(merged.row),
        households=read_only(numbers["households"]),
        residential_m2=read_only(numbers["residential_m2"]),
        service_m2=read_only(numbers["community_service_m2"]),
        elderly_m2=read_only(numbers["elderly_m2"]),
        pilot=read_only(texts["pilot"] == YES, dtype=np.bool_),
        grade=read_only(texts["grade"]),
        tier_reason=read_only(texts["tier_reason"]),
    )
    _tell_odd_tiers(found, findings)
    _tell_odd_areas(found, findings)
    _tell_unknown_areas(found, numbers["commercial_area_m2"], findings)
    good = _sound(found, texts["sense"], findings)
    _tell_overlaps(found, findings)
    return found if good else None


def _tell_odd_tiers(found: Communities, findings: Findings) -> None:
    """A tier may be any text, and rules that ask for a tier pass such a community by: a slip of the pen is told."""
    for k, tier in enumerate(found.tier):
        if tier and tier not in TIER and (near := nearest_word(tier, TIER)) != NOT_ANY:
            at = {"file": found.file, "row": found.row[k], "field": "tier", "value": shown(tier)}
            findings.warning("tier_near", nearest=near, id=shown(found.community_id[k]), **at)


def _read_rows(table: Table, spec: CommunitiesSpec, findings: Findings) -> _Rows | None:
    texts = {
        f: read_meant(table, getattr(spec, f), _WORDS[f], findings, field=f"communities.{f}", free=f == "tier")
        if f in _WORDS
        else text_or(table, getattr(spec, f), findings, field=f"communities.{f}")
        for f in _TEXTS
    }
    numbers = {
        f: _numbers_or_nan(table, getattr(spec, f), findings, field=f, high=_MOST.get(f, MOST_AREA_M2))
        for f in (*_SUMS, "share")
    }
    good_texts = {f: t for f, t in texts.items() if t is not None}
    good_numbers = {f: n for f, n in numbers.items() if n is not None}
    if len(good_texts) < len(texts) or len(good_numbers) < len(numbers):
        return None
    ages, senses = good_texts["age_class"], good_texts["sense"]
    ages[ages == ""] = "old"
    right = one_of(table, ages, AGE_CLASSES, findings, code="unknown_age_class", column=spec.age_class)
    if spec.sense is not None:
        right &= one_of(table, senses, (*SENSES, ""), findings, code="unknown_sense", column=spec.sense)
    return _Rows(good_texts, good_numbers) if right else None


def _numbers_or_nan(
    table: Table, column: Column | None, findings: Findings, *, field: str, high: float
) -> Floats | None:
    if column is None:
        return np.full(len(table), np.nan)
    return read_numbers(table, column, findings, field=f"communities.{field}", high=high, empty=np.nan)


def _overridden(
    spec: CommunitiesSpec, merged: Merged, scenario: str, findings: Findings
) -> tuple[dict[str, Texts], dict[str, Floats]] | None:
    """What the file says with what the scenario says by hand over it; None when a word has no meaning."""
    good = True
    index = {text: k for k, text in enumerate(merged.ids)}
    texts, numbers = {f: t.copy() for f, t in merged.texts.items()}, {f: n.copy() for f, n in merged.numbers.items()}
    for said, values in spec.values.items():
        k = index.get(said)
        if k is None:
            findings.error(
                "unknown_community", file=scenario, field="communities.values", value=shown(said),
                nearest=closest(said, index), other=spec.file,
            )  # fmt: skip
            continue
        for name, value in values.model_dump(exclude_none=True).items():
            if name == "grade" and (means := meant(value, GRADE)) is None:
                good = False
                at = f"communities.values.{said}.grade"
                findings.error(
                    "unknown_word", file=scenario, field=at, asked=at, value=shown(value),
                    nearest=nearest_word(value, GRADE), **said_of(GRADE),
                )  # fmt: skip
            elif name in _WORDS:
                means = meant({True: "yes", False: "no"}.get(value, value), _WORDS[name])
                texts[name][k] = value if means is None else means
            elif name in texts:
                texts[name][k] = value
            else:
                numbers[name][k] = value
                if name == "commercial_area_m2":  # a figure set by hand is the whole of it
                    numbers["service_area_m2"][k] = 0.0
    return (texts, numbers) if good else None


def _with_default_sense(sense: Texts, age_class: Texts) -> Texts:
    by_age = np.where(age_class == "new", "ge", "off").astype(object)
    return np.where(sense == "", by_age, sense).astype(object)


def _tell_odd_areas(found: Communities, findings: Findings) -> None:
    for k in np.flatnonzero(found.residential_m2 > found.floor_area_m2):
        findings.warning(
            "residential_above_total", file=found.file, row=found.row[k], field="residential_m2",
            value=shown(found.community_id[k]), residential_m2=float(found.residential_m2[k]),
            total_m2=float(found.floor_area_m2[k]),
        )  # fmt: skip


def _tell_unknown_areas(found: Communities, commercial_m2: Floats, findings: Findings) -> None:
    unknown = np.isnan(commercial_m2) & (found.sense != "off")
    for k in np.flatnonzero(unknown):
        findings.warning(
            "no_commercial_area", file=found.file, row=found.row[k], field="commercial_area_m2",
            value=shown(found.community_id[k]),
        )  # fmt: skip


def _sound(found: Communities, sense_said: Texts, findings: Findings) -> bool:
    """A community that is said to be under the rule needs a total; one that is so by default may do without it."""
    lacking: Bools = np.isin(sense_said.astype(str), ("ge", "le")) & ~(found.floor_area_m2 > 0)
    for k in np.flatnonzero(lacking):
        findings.error(
            "no_floor_area", file=found.file, row=found.row[k], field="floor_area_m2",
            value=shown(found.community_id[k]), sense=found.sense[k],
        )  # fmt: skip
    return not lacking.any()


def _tell_overlaps(found: Communities, findings: Findings) -> None:
    one, other = shapely.STRtree(found.geometry).query(found.geometry, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared_m2 = shapely.area(shapely.intersection(found.geometry[one], found.geometry[other]))
    smaller_m2 = np.minimum(shapely.area(found.geometry[one]), shapely.area(found.geometry[other]))
    for p in np.flatnonzero(shared_m2 > OVERLAP_SHARE * smaller_m2):
        findings.warning(
            "communities_overlap", file=found.file, row=found.row[other[p]],
            value=shown(found.community_id[other[p]]), other=shown(found.community_id[one[p]]),
            percent=float(100 * shared_m2[p] / smaller_m2[p]),
        )  # fmt: skip
