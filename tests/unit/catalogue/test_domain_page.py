"""The catalogue against the domain notes, line by line: every row, every figure, every source, and nothing more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from siteopt.catalogue.entries import TOPICS, CatalogueEntry, Figure, aggregates, entries

SPLIT = {
    "quality_other": {
        "specialty_dining", "bakery", "bookstore", "gym", "cafe", "tea_house", "pet_service", "training_education",
        "tourism_service", "wellness", "car_wash",
    },
}  # fmt: skip
"""A row that stands for several types, "one row each in data"."""

WITHOUT_NORM = {
    "培训教育": "training_education", "博物馆": "museum", "图书馆": "library", "科技馆": "science_museum",
    "剧院": "theatre", "文化广场": "cultural_square", "新式饮品": "new_style_drinks", "茶艺": "tea_house",
    "就业信息服务": "employment_service", "金融网点": "financial_outlet", "旅游服务": "tourism_service",
    "文旅驿站": "culture_tourism_station", "保洁": "cleaning_service", "网红店": "trending_shop",
}  # fmt: skip
"""The notes' last line of types, by their Chinese names."""

RUN = {"M": False, "P": True, "P/M": "mixed"}
CLASS = {"B": "basic", "Q": "quality", "B/Q": "mixed", "host": "host", "not in lists seen (set Q)": "quality"}

NOT_FIGURES = {
    "convenience_store": {1},  # "1 per 1000"
    "vegetable_market": {9e6, 2e6, 2001, 2020},  # millions in all, in words in the notes; years of a plan
    "breakfast_stall": {2025},  # year of the notice
    "pharmacy": {0},  # the program's default, no figure
    "courier_station": {1, 5, 10},  # housing in 10,000 m2, in words in the notes
    "recycling_point": {1},
    "elderly_care": {1},  # of a date
    "service_complex": {0.5, 1, 1.5, 10},  # kilometres, in metres in the entry; "10-15,000"
}
"""Numbers of a row that are no figures, and those that the entry has in another unit."""


@pytest.fixture(scope="module")
def page(shared: Path) -> str:
    return (shared.parent / "domain" / "outlet-catalogue.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows(page: str) -> dict[str, dict[str, str]]:
    heads = ("id", "name", "class", "reach", "area", "norm", "capex", "run", "siting", "source")
    found = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and re.fullmatch(r"[a-z0-9_]+", cells[0]) and cells[0] != "id":
            found[cells[0]] = dict(zip(heads, cells, strict=True))
    return found


def figures(entry: CatalogueEntry) -> list[Figure]:
    return [f for topic in TOPICS for f in getattr(entry, topic)]


def numbers_of(entry: CatalogueEntry) -> set[float]:
    found = {float(n) for f in figures(entry) for n in (f.value, f.to) if isinstance(n, int | float)}
    notes = " ".join(f"{f.note.get('en', '')} {f.unit or ''}" for f in figures(entry))
    return found | {float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", notes)}


def written(cell: str) -> set[float]:
    """The numbers of a cell, thousands and percent signs understood; sources and codes of documents are none."""
    cell = re.sub(r"\b(S\d\d|[A-Z]+/T [\d.\-]+|GB/T|TJ\d\d|JGJ \d+|H\d+)\b", "", cell)
    found = set()
    for text, unit in re.findall(r"(\d[\d,]*(?:\.\d+)?)( M\b| ?%)?", cell):
        number = float(text.rstrip(",").replace(",", ""))
        found.add(number * 1e6 if unit.strip() == "M" else number / 100 if unit.strip() == "%" else number)
    return found


def test_every_row_of_the_notes_is_an_entry_and_every_entry_is_of_the_notes_or_of_the_plan(rows) -> None:
    listed = (set(rows) - set(SPLIT)) | {name for names in SPLIT.values() for name in names}
    listed |= set(WITHOUT_NORM.values())
    assert len(rows) == 30
    assert listed - set(entries()) == set()
    # 三(四) of the plan stacks 政务 on stores; the notes have it among the add-ons only.
    assert set(entries()) - listed == {"government_service"}


def test_the_types_without_any_norm_have_no_figure(page: str) -> None:
    line = next(line for line in page.splitlines() if line.startswith("Other plan types"))
    named = re.split(r"[、, /]+", line.split(":", 1)[1].strip().rstrip("."))
    named = [name.strip() for name in named if name.strip()]
    assert set(named) == set(WITHOUT_NORM)
    for id_ in set(WITHOUT_NORM.values()) - SPLIT["quality_other"]:
        assert figures(entries()[id_]) == [], id_


def test_class_and_run_are_those_of_the_row(rows) -> None:
    for id_, row in rows.items():
        for name in SPLIT.get(id_, {id_}):
            entry = entries()[name]
            said = re.sub(r"\s*(\(.*\)|\[K\]|in 2021.*)$", "", row["class"]) if "set Q" not in row["class"] else "Q"
            assert entry.category.value == CLASS[said], id_
            assert entry.public_interest == RUN[row["run"]], id_


def test_the_chinese_name_is_that_of_the_row(rows) -> None:
    for id_, row in rows.items():
        if id_ in SPLIT:
            continue
        han = set(re.findall(r"[一-鿿]", row["name"]))
        own = set(re.findall(r"[一-鿿]", entries()[id_].name["zh"]))
        assert own <= han or han <= own, (id_, row["name"], entries()[id_].name["zh"])


def test_every_number_of_a_row_is_in_its_entry(rows) -> None:
    for id_, row in rows.items():
        if id_ in SPLIT:
            continue
        has, lost = numbers_of(entries()[id_]), set()
        for column in ("reach", "area", "norm", "capex", "siting"):
            lost |= {n for n in written(row[column]) if n not in has}
        assert lost == NOT_FIGURES.get(id_, set()), id_


def test_every_number_of_an_entry_is_in_its_row(rows) -> None:
    """Nothing is made up: a figure that the notes do not have would be found here."""
    for id_, row in rows.items():
        if id_ in SPLIT:
            continue
        everything = " ".join(row.values())
        there = written(everything) | {n * 1000 for n in written(everything)} | {n / 100 for n in written(everything)}
        made_up = {f.value for f in figures(entries()[id_]) if isinstance(f.value, int | float)} - there
        made_up -= {1.0, 3.0} if id_ in ("community_supermarket", "service_complex", "parcel_locker") else set()
        assert made_up == set(), (id_, made_up)


def test_every_source_of_a_row_stands_behind_a_figure_of_its_entry(rows) -> None:
    recalled = {"GB50180", "GUIDE_K", "COMPLETE_K", "K"}
    for id_, row in rows.items():
        if id_ in SPLIT:
            continue
        entry = entries()[id_]
        behind = {f.source for f in figures(entry)} | {entry.category.source}
        behind |= {m.source for m in (entry.theme, entry.bureau, entry.service, entry.role) if m is not None}
        for source in re.findall(r"S\d\d", row["source"]):
            assert source in behind, (id_, source)
        assert (re.search(r"\bK\b", row["source"]) is None) or behind & recalled, id_


def test_the_aggregate_norms_are_those_of_the_notes(page: str) -> None:
    has = {n for _, listed in aggregates().values() for f in listed for n in (f.value, f.to) if n is not None}
    lines = [line for line in page.splitlines() if line.startswith(("Aggregate norms", "GB 50180-2018 circles"))]
    assert len(lines) == 2
    for n in (600, 700, 535, 625, 800, 1000, 0.4, 0.3, 30, 80, 0.1, 50000, 100000, 17000, 32000, 15000, 25000, 5000):
        assert n in has
    for n in (8000, 500, 12000, 1500, 4000, 300, 3000, 320, 450, 460, 1070, 1820, 90, 53, 67, 1200):
        assert n in has
    assert any(f.value is None and f.source is None for f in aggregates()["rent"][1])  # Hongjiang's: not found
