"""What ``siteopt catalogue`` shows: outlet types and policy packs, as tables for a terminal and as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from siteopt.catalogue.entries import (
    MARKS,
    TOPICS,
    CatalogueEntry,
    Figure,
    references,
    themes,
    themes_announced,
)
from siteopt.catalogue.packs import Pack, PackRule
from siteopt.text import say
from siteopt.text import topic as entries_of

RUN = {True: "public_interest", False: "market", "mixed": "mixed", None: "unknown"}


def types_view(shown: Mapping[str, CatalogueEntry], language: str) -> RenderableType:
    """A list of all types, or one type with every figure, its source and how sure it is."""
    return _list(shown, language) if len(shown) > 1 else _one(next(iter(shown.values())), language)


def _list(shown: Mapping[str, CatalogueEntry], language: str) -> RenderableType:
    table = Table(pad_edge=False)
    heads = [_cli(k, language) for k in ("type_id", "outlet", "category")]
    heads += [_say(k, language) for k in ("run", "theme", "bureau")]
    heads += [_cli(k, language) for k in ("area", "source")]
    for n, head in enumerate(heads):
        table.add_column(head, overflow="fold", no_wrap=n == 0)  # an id is copied whole
    for key, entry in shown.items():
        area = entry.area_figure
        table.add_row(
            key,
            entry.name[language],
            _cli(f"category_{entry.category.value}", language) + _doubt(entry.category),
            _say(f"run_{RUN[entry.public_interest]}", language),
            _mark(entry.theme, "theme", language),
            _mark(entry.bureau, "bureau", language),
            "—" if area is None else f"{area.value:g} m²" + _doubt(area),
            "—" if area is None else str(area.source),
        )
    return Group(table, _themes(language), Text(_cli("catalogue_note", language), style="dim"))


def _themes(language: str) -> RenderableType:
    words = _say("themes_title", language, announced=themes_announced(), count=len(themes()))
    table = Table(title=words, title_justify="left", pad_edge=False)
    for key in ("theme_row", "theme", "bureau", "theme_due"):
        table.add_column(_say(key, language))
    for theme in themes().values():
        offices = _cli("comma", language).join(_say(f"bureau_{b}", language) for b in theme.bureaus)
        table.add_row(str(theme.row), _say(f"theme_{theme.id}", language), offices, theme.due)
    return table


def _one(entry: CatalogueEntry, language: str) -> RenderableType:
    table = Table(title=f"{entry.id}  {entry.name[language]}", title_justify="left", pad_edge=False, show_lines=True)
    for key in ("figure", "source", "verified"):
        table.add_column(_cli(key, language), overflow="fold")
    head = f"{_cli('category', language)}: {_cli(f'category_{entry.category.value}', language)}"
    _row(table, head, entry.category, language)
    table.add_row(f"{_say('run', language)}: {_say(f'run_{RUN[entry.public_interest]}', language)}", "—", "—")
    for mark in MARKS:
        figure: Figure | None = getattr(entry, mark)
        if figure is not None:
            _row(table, f"{_say(mark, language)}: {_words(figure, mark, language)}", figure, language)
    for topic in TOPICS:
        for f in getattr(entry, topic):
            room = "catalogue" if f"topic_{topic}" in entries_of("catalogue") else "cli"
            _row(table, f"{say(room, f'topic_{topic}', language)}: {_figure(f, language)}", f, language)
    return table


def _row(table: Table, head: str, figure: Figure, language: str) -> None:
    reference = references().get(figure.source or "")
    table.add_row(
        f"{head} {figure.note.get(language, '')}".strip(),
        "—" if reference is None else reference.title[language],
        _cli("yes" if figure.verified else "no", language),
    )


def packs_view(shown: Mapping[str, Pack], language: str, *, in_full: bool) -> RenderableType:
    """A list of the packs with what each turns on, or one pack with every rule, its words and its source."""
    return _pack(next(iter(shown.values())), language) if in_full else _pack_list(shown, language)


def _pack_list(shown: Mapping[str, Pack], language: str) -> RenderableType:
    table = Table(pad_edge=False, show_lines=True)
    for key in ("pack", "pack_title", "pack_issued", "pack_rules", "pack_off"):
        table.add_column(_say(key, language), overflow="fold")
    for pack in shown.values():
        on, off = ([_named(r) for r in pack.rules if r.in_force is there] for there in (True, False))
        title = " ".join(part for part in (pack.title[language], pack.number or "") if part)
        cells = (f"{title} [{pack.source}]", f"{pack.issued}\n→ {pack.until}", "\n".join(on), "\n".join(off))
        table.add_row(pack.id, *map(Text, cells))
    return Group(table, Text(_say("packs_note", language), style="dim"))


def _named(rule: PackRule) -> str:
    clauses = f" ({', '.join(rule.clauses)})" if rule.clauses else ""
    return f"{rule.name}{clauses}{'' if rule.verified else ' ?'}"


def _pack(pack: Pack, language: str) -> RenderableType:
    title = f"{pack.id}  {pack.title[language]}  {pack.number or ''}".rstrip()
    table = Table(title=title, title_justify="left", pad_edge=False, show_lines=True)
    for key in ("pack_rule", "pack_in_force", "pack_sentence", "pack_params", "force", "pack_source"):
        table.add_column(_say(key, language), overflow="fold")
    for rule in pack.rules:
        quote = None if rule.quote is None else _quoted(rule.quote[language], language)
        sentence = [part for part in (quote, (rule.says or {}).get(language), rule.note.get(language)) if part]
        figures = [f"{key}: {_plain(value)}" for key, value in rule.params.items()]
        reference = references()[rule.source]
        table.add_row(
            Text(_named(rule)),
            _cli("yes" if rule.in_force else "no", language),
            Text("\n".join(sentence)),
            Text("\n".join([rule.rule, *figures])),
            _say(f"force_{rule.force}", language),
            Text(f"{reference.title[language]}  {rule.place}".rstrip()),
        )
    return Group(table, Text(pack.note[language]), Text(_say("pack_note", language), style="dim"))


def _quoted(words: str, language: str) -> str:
    return f"“{words}”" if language == "en" else f"「{words}」"


def _plain(value: Any) -> str:
    """A parameter's value as a scenario writes it."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_plain, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_plain(v)}" for k, v in value.items()) + "}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _mark(figure: Figure | None, mark: str, language: str) -> str:
    return "—" if figure is None else _words(figure, mark, language) + _doubt(figure)


def _words(figure: Figure, mark: str, language: str) -> str:
    """What a type is put down as, in words; several with a comma."""
    return _cli("comma", language).join(_say(f"{mark}_{part}", language) for part in str(figure.value).split(";"))


def _doubt(figure: Figure) -> str:
    return "" if figure.verified else " ?"


def _figure(f: Figure, language: str) -> str:
    """A figure with its range, sense and unit; a dash where none was found."""
    if f.value is None:
        return "—"
    unit = _say(f"unit_{f.unit.replace(' ', '_')}", language) if f.unit else ""
    sense = {"min": "≥ ", "max": "≤ ", None: ""}[f.sense]
    upper = "" if f.to is None else f"–{f.to:g}"
    value = f"{f.value:g}" if isinstance(f.value, int | float) else f.value
    return f"{sense}{value}{upper} {unit}".strip()


def _say(key: str, language: str, **facts: Any) -> str:
    return say("catalogue", key, language, **facts)


def _cli(key: str, language: str) -> str:
    return say("cli", key, language)
