"""The page of a comparison: one HTML file, no script, no network; every name from the data is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siteopt import __version__
from siteopt.report import palette
from siteopt.report.comparison_tables import area_share, tables
from siteopt.report.comparison_words import Words, change, share, with_sign
from siteopt.report.safe import escape
from siteopt.report.sections import cards, document, section

RUN_COLOURS = ("#7a8794", "#0b4f8a", "#8a3b76", "#00755c", "#a86b00", "#444a54")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_BARS = 40
"""Communities drawn as bars; the table has them all."""


def render(data: Mapping[str, Any], language: str) -> str:
    """The page of a comparison.

    Parameters
    ----------
    data : mapping
        ``Comparison.as_dict()`` of ``siteopt.runs.compare``.
    language : {"zh", "en"}

    Returns
    -------
    str
        A whole HTML document.
    """
    w = Words(data, language)
    parts = [f"<h1>{escape(w('title'))}</h1>", _plans(data, w), _banners(data, w)]
    for at, difference in enumerate(data["differences"], start=1):
        parts.append(_headline(data, at, difference, w))
    differences = iter(data["differences"])
    for table in tables(data, language):
        drawing = ""
        if table.key == "coverage":
            drawing = _coverage_bars(data, w)
        elif table.key == "people":
            drawing = _gain_bars(next(differences), w)
        elif table.key == "communities":
            drawing = _community_bars(data, w)
        parts.append(section(table, drawing))
    parts.append(f"<footer>{escape(w('footer', version=__version__))}</footer>")
    return document(w("title"), language, parts)


def _colour(at: int) -> str:
    return RUN_COLOURS[at % len(RUN_COLOURS)]


def _letter(at: int) -> str:
    return LETTERS[at] if at < len(LETTERS) else str(at + 1)


def _badge(at: int) -> str:
    return f'<span class="letter" style="--run:{_colour(at)}">{_letter(at)}</span>'


def _plans(data: Mapping[str, Any], w: Words) -> str:
    plans = []
    for at, run in enumerate(data["runs"]):
        base = f" · {w('base')}" if at == 0 else ""
        plans.append(
            f'<div class="plan" style="--run:{_colour(at)}"><h3>{_badge(at)}{escape(run["label"])}</h3>'
            f"<p>{escape(run['title'] or run['scenario'])}</p><p>{escape(w.status(run) + base)}</p></div>"
        )
    return f'<div class="plans">{"".join(plans)}</div>'


def _banners(data: Mapping[str, Any], w: Words) -> str:
    out = []
    if any(run["illustrative"] for run in data["runs"]):
        out.append(f'<div class="banner">{escape(w("illustrative"))}</div>')
    straight = [run["label"] for run in data["runs"] if not run["travel"]["network"]]
    if straight:
        out.append(f'<div class="banner">{escape(w("no_network", runs=", ".join(straight)))}</div>')
    if data["findings"]:
        items = "".join(f"<li>{escape(w.finding(f))}</li>" for f in data["findings"])
        out.append(f'<div class="banner"><b>{escape(w("notes"))}</b><ul>{items}</ul></div>')
    return "".join(out)


def _headline(data: Mapping[str, Any], at: int, difference: Mapping[str, Any], w: Words) -> str:
    """Four figures that say what changes."""
    money, complete = difference["money"], data["complete"]
    step = complete[at]["after"] - complete[0]["after"]
    total = money["total"]
    figures = [
        (
            w("card_sites"),
            with_sign(str(abs(_new(data, at) - _new(data, 0))), _new(data, at) - _new(data, 0)),
            w(
                "card_sites_text",
                opened=len(difference["opened"]),
                closed=len(difference["closed"]),
                moved=len(difference["moved"]),
                kept=difference["kept"],
            ),
        ),
        (
            w("card_money"),
            "—" if total is None else with_sign(w.money(abs(total), money["currency"]), total),
            f"{w.money(data['runs'][0]['cost']['total'], data['runs'][0]['currency'])} → "
            f"{w.money(data['runs'][at]['cost']['total'], data['runs'][at]['currency'])}",
        ),
        (
            w("card_complete"),
            f"{change(step)} {w('card_people')}",
            f"{share(complete[0]['share_after'])} → {share(complete[at]['share_after'])}",
        ),
    ]
    bound = [c["runs"] for c in data["communities"] if c["runs"][0] and c["runs"][at] and c["runs"][at]["sense"]]
    if bound:
        met = [sum(1 for runs in bound if not runs[i]["shortfall_m2"]) for i in (0, at)]
        text = w("card_share_text", met=met[1], all=len(bound), base=met[0])
        figures.append((w("card_share"), f"{met[1]} / {len(bound)}", text))
    title = escape(w("against", run=difference["run"], base=difference["base"]))
    return f'<section><h2>{_badge(at)}{title}</h2><div class="cards">{cards(figures)}</div></section>'


def _new(data: Mapping[str, Any], at: int) -> int:
    return int(data["runs"][at]["new_outlets"])


def _bar(part: float | None, colour: str, mark: float | None = None, side: str = "") -> str:
    width = 100 * min(max(part or 0.0, 0.0), 1.0)
    tick = "" if mark is None else f'<u style="left:{100 * min(mark, 1.0):.2f}%"></u>'
    return f'<div class="track{side}"><i style="width:{width:.2f}%;background:{colour}"></i>{tick}</div>'


def _lane(bar: str, text: str) -> str:
    return f'<div class="lane">{bar}<span>{escape(text)}</span></div>'


def _group(name: str, lanes: Sequence[str]) -> str:
    return f'<div class="of"><div>{escape(name)}</div><div>{"".join(lanes)}</div></div>'


def _coverage_bars(data: Mapping[str, Any], w: Words) -> str:
    """Today, then each run, for every type and for all basic types together."""
    rows = [(w.type_name(t, limit=True), entries) for t, entries in data["coverage"].items()]
    groups = []
    for name, entries in [*rows, (w("row_complete"), data["complete"])]:
        today = next(e for e in entries if e is not None)
        lanes = [_lane(_bar(today["share_before"], palette.TODAY), f"{w('today')} {share(today['share_before'])}")]
        for at, entry in enumerate(entries):
            if entry is not None:
                lanes.append(
                    _lane(_bar(entry["share_after"], _colour(at)), f"{_letter(at)} {share(entry['share_after'])}")
                )
        groups.append(_group(name, lanes))
    return f'<div class="bars">{"".join(groups)}</div>'


def _gain_bars(difference: Mapping[str, Any], w: Words) -> str:
    """People who lose to the left, people who gain to the right, one scale for all types."""
    people = difference["people"]
    if people is None:
        return ""
    rows = [(w.type_name(t), s) for t, s in people["by_type"].items()]
    rows += [(w("all_basic"), people["complete"])] if people["complete"] else []
    most = max((max(s["gained"], s["lost"]) for _, s in rows), default=0.0)
    if most <= 0:
        return ""
    groups = []
    for name, s in rows:
        either = (
            f'<div class="either">{_bar(s["lost"] / most, "var(--loss)", side=" minus")}'
            f"{_bar(s['gained'] / most, 'var(--gain)')}</div>"
        )
        groups.append(_group(name, [_lane(either, f"{change(-s['lost'])} / {change(s['gained'])}")]))
    return f'<div class="bars">{"".join(groups)}</div>'


def _community_bars(data: Mapping[str, Any], w: Words) -> str:
    """Commercial share of the communities that a rule binds, with what it asks as a mark."""
    bound = [c for c in data["communities"] if any(e and e["sense"] for e in c["runs"])][:MOST_BARS]
    shares = [e["commercial_share_after"] or 0.0 for c in bound for e in c["runs"] if e]
    marks = [e["required"] or 0.0 for c in bound for e in c["runs"] if e]
    most = 1.1 * max([*shares, *marks], default=0.0)
    if most <= 0:
        return ""
    groups = []
    for community in bound:
        entries = community["runs"]
        lanes = []
        for at, entry in enumerate(entries):
            if entry is None or entry["commercial_share_after"] is None:
                continue
            mark = None if entry["required"] is None else entry["required"] / most
            bar = _bar(entry["commercial_share_after"] / most, _colour(at), mark)
            lanes.append(_lane(bar, f"{_letter(at)} {area_share(entry, None, w)}"))
        if lanes:
            groups.append(_group(w.community(community["id"]), lanes))
    return f'<div class="bars">{"".join(groups)}</div>'
