"""What ``alternatives``, ``frontier`` and ``explain`` do, without a word printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from siteopt import commands
from siteopt.findings import Findings
from siteopt.ready import Ready
from siteopt.report import alternatives_page, explain_page, frontier_page, prices_page, whatif_csv
from siteopt.report.comparison import render
from siteopt.report.comparison_tables import Table
from siteopt.report.safe import json_text
from siteopt.runs.compare import compare
from siteopt.runs.family import check_family, default_family_folder, write_family
from siteopt.runs.store import open_run
from siteopt.text import say
from siteopt.whatif_alternatives import Alternatives
from siteopt.whatif_alternatives import find_alternatives as find_alternatives
from siteopt.whatif_frontier import budget_rule as budget_rule
from siteopt.whatif_frontier import find_frontier as find_frontier
from siteopt.whatif_prices import price_rules as price_rules
from siteopt.whatif_refusals import explain as explain
from siteopt.whatif_reopen import reopen as reopen

_PAGES = {
    "alternatives": alternatives_page,
    "frontier": frontier_page,
    "explain": explain_page,
    "prices": prices_page,
}


def family_folder(ready: Ready, out: Path | None, word: str) -> Path:
    """Where results will be written; found unwritable before any time is spent on solving."""
    loaded = ready.loaded
    folder = out or default_family_folder(Path(), loaded.spec.name, loaded.variant, word)
    check_folder(folder)
    return folder


def check_folder(folder: Path) -> None:
    """Find a folder unwritable before any work."""
    findings = Findings()
    check_family(folder, findings)
    findings.raise_errors()


def tables(word: str, data: Mapping[str, Any], language: str) -> Sequence[Table]:
    """The tables of a result, for the terminal."""
    made: Sequence[Table] = _PAGES[word].tables(data, language)
    return made


def write_alternatives(found: Alternatives, ready: Ready, folder: Path, language: str) -> Path:
    """Every plan as a run folder, the plans side by side, and what they have in common."""
    own = ready.loaded.spec.report.language

    def fill(into: Path) -> None:
        names = [p["plan"] for p in found.data["plans"]]
        for k, (name, run) in enumerate(zip(names, found.runs, strict=True)):
            title = say("whatif", "plan_title", own, title=run.title, number=k + 1) if k else run.title
            commands.write(replace(run, title=title), ready, into / name)
        if len(names) > 1:
            comparison = compare([open_run(into / name, verify=False) for name in names])
            _text(into / "comparison.html", render(comparison.as_dict(), language))
        whatif_csv.write_alternatives(found.data, into / "alternatives.csv")
        _results(into, "alternatives", found.data, language)

    return write_family(folder, "alternatives", fill)


def write_frontier(data: Mapping[str, Any], folder: Path, language: str) -> Path:
    """The page, the figures and the table of a frontier."""

    def fill(into: Path) -> None:
        whatif_csv.write_frontier(data, into / "frontier.csv")
        _results(into, "frontier", data, language)

    return write_family(folder, "frontier", fill)


def write_explained(data: Mapping[str, Any], folder: Path, language: str) -> Path:
    """The page, the figures and the table of an explained run."""

    def fill(into: Path) -> None:
        whatif_csv.write_explained(data, into / "explain.csv")
        _results(into, "explain", data, language)

    return write_family(folder, "explain", fill)


def write_prices(data: Mapping[str, Any], folder: Path, language: str) -> Path:
    """The page, the figures and the table of priced rules."""

    def fill(into: Path) -> None:
        whatif_csv.write_prices(data, into / "prices.csv")
        _results(into, "prices", data, language)

    return write_family(folder, "prices", fill)


def _results(into: Path, word: str, data: Mapping[str, Any], language: str) -> None:
    _text(into / f"{word}.json", json_text(data))
    _text(into / f"{word}.html", _PAGES[word].page(data, language))


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="replace")
