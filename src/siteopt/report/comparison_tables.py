"""The tables of a comparison: one list that both the terminal and the page show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from siteopt.report.comparison_words import NONE, SENSES, Words, change, count, share, with_sign
from siteopt.report.sentences import number
from siteopt.report.verdicts import outcome_told

MOST_ROWS = 60
"""Rows of one table on the page; a rule with a verdict per space can have thousands."""


@dataclass(frozen=True)
class Table:
    """One table: plain text in every cell, not yet escaped for anything.

    Attributes
    ----------
    key : which table it is (``runs``, ``coverage``, ``sites``, ``people``, ``communities``, ``money``, ``rules``)
    title, note : note may be empty
    header, rows : the first column names the row
    left : columns of words, to be set flush left; others hold numbers
    marks : what kind of row each is (``opened``, ``closed``, ``moved``, ``bad``), or empty
    """

    key: str
    title: str
    note: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: frozenset[int] = frozenset({0})
    marks: tuple[str, ...] = ()


def tables(data: Mapping[str, Any], language: str) -> list[Table]:
    """All tables of a comparison, those about two runs once per run held against the base.

    Parameters
    ----------
    data : mapping
        ``Comparison.as_dict()``.
    language : {"zh", "en"}
    """
    w = Words(data, language)
    out = [_runs(data, w), _coverage(data, w)]
    for difference in data["differences"]:
        out += [_sites(data, difference, w), _people(difference, w)]
    out += [_communities(data, w)] if data["communities"] else []
    out.append(_money(data, w))
    out += [_rules(data, difference, w) for difference in data["differences"]]
    return out


def _labels(data: Mapping[str, Any], w: Words) -> list[str]:
    labels = [run["label"] for run in data["runs"]]
    return [f"{labels[0]} ({w('base')})", *labels[1:]]


def _against(difference: Mapping[str, Any], w: Words, key: str) -> str:
    return f"{w(key)} · {w('against', run=difference['run'], base=difference['base'])}"


def _runs(data: Mapping[str, Any], w: Words) -> Table:
    runs = data["runs"]

    def row(key: str, value: Callable[[Mapping[str, Any]], str]) -> tuple[str, ...]:
        return (w(key), *(value(run) for run in runs))

    several = len({run["objective"]["name"] for run in runs}) > 1

    def objective(run: Mapping[str, Any]) -> str:
        found = run["objective"]
        if found["value"] is None:
            return NONE
        return number(found["value"]) + (f" ({found['name']})" if several else "")

    rows = (
        row("row_status", w.status),
        row("row_objective", objective),
        row("row_new_outlets", lambda run: str(run["new_outlets"])),
        row("row_cost", lambda run: w.money(run["cost"]["total"], run["currency"])),
        row("row_budget", lambda run: w.money(run["cost"]["budget"], run["currency"])),
    )
    return Table("runs", w("runs"), "", (w("measure"), *_labels(data, w)), rows)


def _coverage(data: Mapping[str, Any], w: Words) -> Table:
    def row(name: str, entries: list[Mapping[str, Any] | None]) -> tuple[str, ...]:
        today = next(e for e in entries if e is not None)
        cells = [_reached(today["before"], today["share_before"])]
        base = entries[0]
        for at, entry in enumerate(entries):
            if entry is None:
                cells.append(NONE)
                continue
            step = change(entry["after"] - base["after"]) if at and base is not None else ""
            step = w("unchanged") if step == "0" else step
            cells.append(f"{_reached(entry['after'], entry['share_after'])} {step}".rstrip())
        return (name, *cells)

    rows = [row(w.type_name(t, limit=True), entries) for t, entries in data["coverage"].items()]
    rows.append(row(w("row_complete"), data["complete"]))
    rows.append(row(w("row_nothing"), data["nothing"]))
    header = (w("type"), w("today"), *_labels(data, w))
    return Table("coverage", w("coverage"), w("coverage_note"), header, tuple(rows))


def _reached(people: float | None, part: float | None) -> str:
    return count(people) if part is None else f"{count(people)} ({share(part)})"


def _sites(data: Mapping[str, Any], difference: Mapping[str, Any], w: Words) -> Table:
    currency = {run["label"]: run["currency"] for run in data["runs"]}
    now, was = currency[difference["run"]], currency[difference["base"]]

    def row(key: str, site: Mapping[str, Any], money: str, where: str) -> tuple[str, ...]:
        return (
            w(key),
            w.type_name(site["outlet_type"]),
            where,
            w.community(site["community"]),
            w.money(site["cost"], money),
            count(site["newly_covered"]),
        )

    rows = [row("opened", s, now, w.space(s)) for s in difference["opened"]]
    rows += [row("closed", s, was, w.space(s)) for s in difference["closed"]]
    for move in difference["moved"]:
        metres = number(move["distance_m"], 0)
        where = w("to", from_site=w.space(move["from"]), to_site=w.space(move["to"]), metres=metres)
        rows.append(row("moved", move["to"], now, where))
    note = w("sites_note", kept=difference["kept"])
    return Table(
        "sites",
        _against(difference, w, "sites"),
        note if rows else w("sites_same"),
        (w("change"), w("type"), w("space"), w("community"), w("cost"), w("newly")),
        tuple(rows),
        frozenset({0, 1, 2, 3}),
        tuple(kind for kind in ("opened", "closed", "moved") for _ in difference[kind]),
    )


def _people(difference: Mapping[str, Any], w: Words) -> Table:
    header = tuple(w(key) for key in ("type", "gained", "lost", "shorter", "longer", "mean_minutes"))
    people, title = difference["people"], _against(difference, w, "people")
    if people is None:
        return Table("people", title, w("people_unknown"), header, ())
    rows = [
        (
            w.type_name(type_id),
            change(s["gained"]),
            change(-s["lost"]),
            count(s["shorter_walk"]),
            count(s["longer_walk"]),
            NONE
            if s["mean_min_base"] is None
            else f"{number(s['mean_min_base'], 2)} → {number(s['mean_min_other'], 2)}",
        )
        for type_id, s in people["by_type"].items()
    ]
    if people["complete"]:
        gained, lost = people["complete"]["gained"], people["complete"]["lost"]
        rows.append((w("all_basic"), change(gained), change(-lost), NONE, NONE, NONE))
    return Table("people", title, w("people_note"), header, tuple(rows))


def _communities(data: Mapping[str, Any], w: Words) -> Table:
    rows = []
    for community in data["communities"]:
        entries = community["runs"]
        base = entries[0]
        cells = [w.community(community["id"]), asked(community, w), _today(entries)]
        for at, entry in enumerate(entries):
            cells.append(NONE if entry is None else area_share(entry, base if at else None, w))
        rows.append(tuple(cells))
    header = (w("community"), w("required"), w("today"), *_labels(data, w))
    return Table("communities", w("communities"), w("communities_note"), header, tuple(rows))


def asked(community: Mapping[str, Any], w: Words) -> str:
    """What the commercial-area rule asks of a community, in the runs that have it."""
    said = [w(f"share_{e['sense']}", share=share(e["required"])) for e in community["runs"] if e and e["sense"]]
    return " / ".join(dict.fromkeys(said)) or NONE


def _today(entries: list[Mapping[str, Any] | None]) -> str:
    return share(next(e for e in entries if e is not None)["commercial_share_before"], 2)


def area_share(entry: Mapping[str, Any], base: Mapping[str, Any] | None, w: Words) -> str:
    """A community's commercial share in one run, its change in points, and what is missing."""
    now = entry["commercial_share_after"]
    if now is None:
        return w("unknown_share")
    text = share(now, 2)
    if base is not None and base["commercial_share_after"] is not None:
        step = 100 * (now - base["commercial_share_after"])
        shown = with_sign(number(abs(step), 2), step)
        text += f" ({w('points', points=shown)})" if shown != "0" else ""
    if entry["shortfall_m2"]:
        key = "short_by" if entry["sense"] == "ge" else "over_by"
        text += f", {w(key, area=number(entry['shortfall_m2'], 1))}"
    return text


def _money(data: Mapping[str, Any], w: Words) -> Table:
    runs, names = data["runs"], [t["id"] for t in data["types"]]
    base = runs[0]
    rows = []
    for type_id in [*names, None]:
        cells = [w("total") if type_id is None else w.type_name(type_id)]
        for run in runs:
            cost = run["cost"]
            value = cost["total"] if type_id is None else cost["by_type"].get(type_id)
            cells.append(w.money(value, run["currency"]))
        for difference in data["differences"]:
            money = difference["money"]
            step = money["total"] if type_id is None else money["by_type"].get(type_id)
            cells.append(NONE if step is None else with_sign(w.money(abs(step), money["currency"]), step))
        rows.append(tuple(cells))
    steps = [f"{d['run']} − {d['base']}" for d in data["differences"]]
    if len(steps) == 1:
        steps = [w("difference", base=base["label"])]
    return Table("money", w("money"), "", (w("type"), *_labels(data, w), *steps), tuple(rows))


def _rules(data: Mapping[str, Any], difference: Mapping[str, Any], w: Words) -> Table:
    run_of = {run["label"]: run for run in data["runs"]}

    def side(verdict: Mapping[str, Any], which: str, run: Mapping[str, Any]) -> str:
        found = verdict[which]
        if not found:
            return w("absent" if run["has_plan"] else "no_plan")
        return w(
            "got_of_need",
            got=w.amount(found["got"], verdict["unit"], run["currency"]),
            need=w.amount(found["need"], verdict["unit"], run["currency"]),
            sense=SENSES.get(verdict["sense"], verdict["sense"]),
            holds=w(outcome_told(found)),
        )

    subjects = Counter(verdict["rule"] for verdict in difference["verdicts"])

    def least_first(verdict: Mapping[str, Any]) -> tuple[bool, int]:
        """Outcomes that turned, then rules about the whole plan, then those with a verdict per space."""
        a, b = verdict["base"], verdict["other"]
        return bool(a) == bool(b) and outcome_told(a) == outcome_told(b), subjects[verdict["rule"]]

    base, other = run_of[difference["base"]], run_of[difference["run"]]
    ordered = sorted(difference["verdicts"], key=least_first)
    rows = [
        (
            w.pick(verdict["title"], verdict["rule"]),
            w.subject(verdict["subject"], verdict["kind"]),
            side(verdict, "base", base),
            side(verdict, "other", other),
        )
        for verdict in ordered
    ]
    marks = tuple("bad" if v["other"] and outcome_told(v["other"]) == "fails" else "" for v in ordered)
    note = "" if rows else w("rules_same")
    if len(rows) > MOST_ROWS:
        note, rows = w("more_rows", count=len(rows) - MOST_ROWS), rows[:MOST_ROWS]
    header = (w("rule"), w("subject"), difference["base"], difference["run"])
    return Table("rules", _against(difference, w, "rules"), note, header, tuple(rows), frozenset({0, 1, 2, 3}), marks)
