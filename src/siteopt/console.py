"""What the command line shows, as rich renderables made from plain values. Prints nothing itself."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from siteopt.findings import Finding
from siteopt.text import fill, finding_entries, say

if TYPE_CHECKING:  # numpy comes with it, and --help answers without
    from siteopt.report.comparison_tables import Table as PlainTable

LONGEST_FACT = 400
NARROWEST_SENTENCE = 40

NO_PLAN_SHOWN = ("assessed", "infeasible", "no_plan")
"""Statuses of a summary whose figures are today's."""

_STYLE = {"error": "bold red", "warning": "yellow", "info": "dim"}


def t(key: str, language: str, /, **facts: Any) -> str:
    """A sentence of the command line."""
    return say("cli", key, language, **facts)


def finding_sentence(finding: Finding, language: str) -> str:
    """A finding's sentence with its facts; falls back to the code for a code without a sentence."""
    entry = finding_entries().get(finding.code, {"en": finding.code})
    facts = {"file": finding.file, "row": finding.row, "field": finding.field, "value": finding.value}
    return fill(entry, language, {key: _short(fact) for key, fact in (facts | finding.facts).items()})


def _short(fact: Any) -> Any:
    """A fact that is no essay."""
    return fact if not isinstance(fact, str) or len(fact) <= LONGEST_FACT else f"{fact[:LONGEST_FACT]}…"


def findings_table(findings: Iterable[Finding], language: str, width: int) -> RenderableType:
    """File, row, field, code and sentence in columns; on a narrow screen the sentence stands below the place."""
    rows = [(_finding_cells(f, language), _STYLE[f.severity]) for f in findings]
    place_width = sum(max(cell_len(cells[n]) for cells, _ in rows) + 2 for n in range(4))
    if width - place_width < NARROWEST_SENTENCE:
        parts: list[RenderableType] = []
        for (*place, sentence), style in rows:
            parts += [Text("  ".join(place), style=style), Padding(Text(sentence), (0, 0, 0, 4))]
        return Group(*parts)
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for _ in range(4):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for (file, row, field, code, sentence), style in rows:
        table.add_row(Text(file), Text(row), Text(field), Text(code, style=style), Text(sentence))
    return table


def finding_line(finding: Finding, language: str) -> str:
    """One finding as one line of plain text."""
    return "  ".join(_finding_cells(finding, language))


def _finding_cells(f: Finding, language: str) -> tuple[str, str, str, str, str]:
    severity = "" if f.severity == "error" else f" ({t(f.severity, language)})"
    row = "—" if f.row is None else t("row", language, row=f.row) if isinstance(f.row, int) else str(f.row)
    sentence = one_line(finding_sentence(f, language))
    return one_line(_short(f.file)), one_line(row), one_line(_short(f.field) or "—"), f.code + severity, sentence


def one_line(value: object) -> str:
    """Control characters from data never reach the terminal."""
    return "".join(c if c.isprintable() or c == "\u3000" else "·" for c in str(value))


def json_screen(value: object) -> str:
    """JSON for a person or a program: readable text, but what a terminal would obey is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return "".join(c if c.isprintable() or c in "\n\u3000" else json.dumps(c)[1:-1] for c in text)


class Screen(Console):
    """A console that is safe for text from data, and goes on silently when its reader has gone (``| head``)."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Segments without control characters, whoever made them."""
        for s in super().render(renderable, options):
            yield s if s.control or s.text.isprintable() or s.text == "\n" else Segment(_clean(s.text), s.style)

    def on_broken_pipe(self) -> None:
        """Nobody reads any more: keep the exit code, say no more."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _clean(text: str) -> str:
    return "\n".join(one_line(line) for line in text.split("\n"))


def summary_view(summary: Mapping[str, Any], language: str) -> RenderableType:
    """The answer on one screen: headline, reach by type, money, rules, how sure we are."""
    parts: list[RenderableType] = [
        Text(one_line(summary["title"]), style="bold"),
        Text(status_line(summary, language)),
    ]
    if summary["illustrative"]:
        parts.append(Text(t("illustrative", language), style="yellow"))
    if not summary["travel"]["network"]:
        parts.append(Text(summary["travel"]["label"][language], style="yellow"))
    parts.append(coverage_table(summary, language))
    if summary["status"] == "infeasible":
        parts.append(diagnosis_view(summary, language))
    elif summary["status"] != "assessed":
        parts.append(sites_table(summary, language))
        parts.append(_money(summary, language))
    if summary["communities"]:
        parts.append(communities_table(summary, language))
    parts += not_checked(summary, language)
    return Group(*parts)


def not_checked(summary: Mapping[str, Any], language: str) -> list[RenderableType]:
    """The rules that could not be checked for want of data, by name; nothing where all were."""
    open_ = Counter(v["rule"] for v in summary["verdicts"] if not v["checked"])
    if not open_:
        return []
    comma = t("comma", language)
    rules = comma.join(f"{_rule(summary, label, language)} ({n})" for label, n in open_.items())
    return [Text(one_line(t("rules_not_checked", language, rules=rules)), style="yellow")]


def status_line(summary: Mapping[str, Any], language: str) -> str:
    """How sure we are, in words."""
    if summary["status"] == "assessed":
        return t("assessed", language)
    return str(summary["objective"]["in_words"][language])


def coverage_table(summary: Mapping[str, Any], language: str) -> Table:
    """People within reach by type, before and after."""
    names = {kind["id"]: kind for kind in summary["types"]}
    solved = summary["status"] not in NO_PLAN_SHOWN
    table = Table(title=t("reach_title", language), title_justify="left", pad_edge=False)
    table.add_column(t("outlet", language))
    table.add_column(t("minutes", language), justify="right")
    table.add_column(t("today", language), justify="right")
    if solved:
        table.add_column(t("plan", language), justify="right")
        table.add_column(t("gain", language), justify="right")
    rows = [(names[k]["name"][language], f"{names[k]['limit_min']:g}", v) for k, v in summary["coverage"].items()]
    rows.append((t("complete", language), "", summary["complete"]))
    for name, limit, reach in rows:
        cells = [one_line(name), limit, _people(reach["before"], reach["share_before"])]
        if solved:
            cells += [_people(reach["after"], reach["share_after"]), f"{reach['after'] - reach['before']:+,.0f}"]
        table.add_row(*(Text(c) for c in cells))
    return table


def _people(count: float, share: float | None) -> str:
    return f"{count:,.0f}" if share is None else f"{count:,.0f} ({share:.1%})"


def sites_table(summary: Mapping[str, Any], language: str) -> RenderableType:
    """New outlets."""
    if not summary["sites"]:
        return Text(t("nothing_opens", language))
    names = {kind["id"]: kind["name"][language] for kind in summary["types"]}
    table = Table(title=t("sites_title", language, count=len(summary["sites"])), title_justify="left", pad_edge=False)
    for key, justify in (
        ("space", "left"),
        ("outlet", "left"),
        ("kind", "left"),
        ("cost", "right"),
        ("newly", "right"),
        ("only", "right"),
    ):
        table.add_column(t(key, language), justify=justify)  # type: ignore[arg-type]
    for s in summary["sites"]:
        table.add_row(
            *(
                Text(one_line(c))
                for c in (
                    f"{s['site_id']} {s['name']}".strip(),
                    names[s["outlet_type"]],
                    t(s["kind"], language),
                    f"{s['cost']:,.0f}",
                    f"{s['newly_covered']:,.0f}",
                    f"{s['only_covered_by_this']:,.0f}",
                )
            )
        )
    return table


def _money(summary: Mapping[str, Any], language: str) -> Text:
    cost = summary["cost"]
    key = "money" if cost["budget"] is None else "money_of_budget"
    return Text(t(key, language, total=cost["total"], budget=cost["budget"], currency=cost["currency"]))


def communities_table(summary: Mapping[str, Any], language: str) -> RenderableType:
    """The commercial share of the communities that a rule binds."""
    bound = [c for c in summary["communities"] if c["sense"] != "off" and c["required"] is not None]
    if not bound:
        return Text("")
    table = Table(title=t("share_title", language), title_justify="left", pad_edge=False)
    solved = summary["status"] not in NO_PLAN_SHOWN
    for key in ("community", "today", *(["plan"] if solved else []), "required", "shortfall"):
        table.add_column(t(key, language), justify="left" if key == "community" else "right")
    for c in bound:
        table.add_row(
            Text(one_line(f"{c['id']} {c['name']}" if c["name"] != c["id"] else c["id"])),
            _percent(c["commercial_share_before"]),
            *([_percent(c["commercial_share_after"])] if solved else []),
            ("≥ " if c["sense"] == "ge" else "≤ ") + _percent(c["required"]),
            t("not_checked", language) if c["shortfall_m2"] is None else f"{c['shortfall_m2']:,.0f} m²",
        )
    return table


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.2%}"


def _rule(summary: Mapping[str, Any], label: str, language: str) -> str:
    """A rule's title, with the scenario's own name for it where that says more."""
    rule = summary["rules"].get(label)
    if rule is None:
        return label
    title = str(rule["title"][language])
    return title if label == rule["rule"] else f"{title} ({label})"


def _amount(value: float) -> str:
    """A number without meaningless decimals."""
    return f"{value:,.0f}" if abs(value - round(value)) < 5e-3 else f"{value:,.2f}"


def tables_view(tables: Iterable[PlainTable]) -> RenderableType:
    """Tables of plain text, as pages show them too, for the terminal."""
    parts: list[RenderableType] = []
    for made in tables:
        table = Table(title=Text(one_line(made.title)), title_justify="left", pad_edge=False)
        for n, head in enumerate(made.header):
            table.add_column(Text(one_line(head)), justify="left" if n in made.left else "right", overflow="fold")
        for row in made.rows:
            table.add_row(*(Text(one_line(cell)) for cell in row))
        parts.append(table if made.rows else Text(f"{one_line(made.title)}: —"))
    return Group(*parts)


def diagnosis_view(summary: Mapping[str, Any], language: str) -> RenderableType:
    """Which rules clash, and by how much."""
    diagnosis = summary["diagnosis"] or {"clashing": [], "relaxations": [], "complete": False}
    parts: list[RenderableType] = [
        Text(
            t(
                "clash_incomplete"
                if not diagnosis["complete"]
                else "clash"
                if len(diagnosis["clashing"]) > 1
                else "clash_alone",
                language,
                rules=t("comma", language).join(_rule(summary, label, language) for label in diagnosis["clashing"]),
            ),
            style="bold red",
        )
    ]
    known = [o["in_words"][language] for o in diagnosis.get("outlooks", ()) if not o["can"]]
    ways = [r["in_words"][language] for r in diagnosis.get("repairs", ())]
    parts += _listed(t("audit_title", language), known)
    parts += _listed(t("repairs_title", language), ways)
    names = {kind["id"]: kind["name"][language] for kind in summary["types"]}
    if diagnosis["relaxations"]:
        table = Table(title=t("relax_title", language), title_justify="left", pad_edge=False)
        for key in ("rule", "subject", "needed", "possible", "apart"):
            table.add_column(t(key, language), justify="left" if key in ("rule", "subject") else "right")
        for r in diagnosis["relaxations"]:
            unit = summary["cost"]["currency"] if r["unit"] == "money" else t(f"unit_{r['unit']}", language)
            table.add_row(
                *(
                    Text(one_line(c))
                    for c in (
                        _rule(summary, r["rule"], language),
                        "—" if r["subject"] == r["rule"] else names.get(r["subject"], r["subject"]),
                        f"{_amount(r['need'])} {unit}",
                        _amount(r["possible"]),
                        _amount(r["shortfall"]),
                    )
                )
            )
        parts.append(table)
    return Group(*parts)


def _listed(title: str, lines: list[str]) -> list[RenderableType]:
    """A title and its lines, one below the other; nothing where there are none."""
    return [Text(title, style="bold"), *(Text(one_line(f"  · {line}")) for line in lines)] if lines else []
