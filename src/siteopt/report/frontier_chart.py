"""The frontier as a drawing: inline SVG that says in words what it shows, told by shape as well as by colour.

Between two budgets the curve is not known, only where it lies: not below the plan of the lower budget, not above the
bound of the higher one. That box is shaded; nothing is drawn as if it were known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10
from typing import Any

from siteopt.report import palette
from siteopt.report.safe import escape
from siteopt.report.sentences import number
from siteopt.report.whatif_words import WhatWords

WIDTH, HEIGHT = 860, 400
LEFT, RIGHT, TOP, BOTTOM = 84, 28, 22, 56
BOUND = "#b4531a"
NOTHING = {"infeasible": "M-5 -5l10 10m0 -10l-10 10", "no_plan": "M0 -6l6 6l-6 6l-6 -6z"}
"""A cross where no plan can be, a diamond where none was found."""
OWN = "#1d2733"

STYLE = f"""
.chart {{ margin: 10px 0 6px; overflow-x: auto; }}
.chart svg {{ width: 100%; min-width: 600px; height: auto; display: block; }}
.chart text {{ font-size: 13px; fill: var(--soft); font-variant-numeric: tabular-nums; }}
.chart text.strong {{ fill: var(--ink); font-weight: 600; }}
.chart .grid {{ stroke: var(--line); }} .chart .axis {{ stroke: var(--soft); }}
.chart .area {{ fill: {palette.TODAY}; opacity: .55; }}
.chart .join {{ fill: none; stroke: {palette.GAINED}; stroke-width: 1.6; }}
.chart .dot {{ fill: {palette.GAINED}; stroke: #fff; stroke-width: 1.5; }}
.chart .found {{ fill: #fff; stroke: {palette.GAINED}; stroke-width: 2.4; }}
.chart .bound {{ stroke: {BOUND}; stroke-width: 3; }} .chart .open {{ stroke: {BOUND}; stroke-dasharray: 3 3; }}
.chart .own {{ stroke: {OWN}; stroke-dasharray: 6 4; }}
.chart .today {{ stroke: var(--soft); stroke-dasharray: 2 4; }}
.chart .enough {{ stroke: {palette.GAINED}; stroke-dasharray: 1 3; stroke-width: 2; }}
.chart .none {{ stroke: {BOUND}; stroke-width: 2; fill: none; }}
.chart g.point:focus {{ outline: none; }}
.chart g.point:focus circle, .chart g.point:hover circle {{ stroke: {OWN}; stroke-width: 3; }}
.chart.legend {{ display: flex; overflow: visible; flex-wrap: wrap; gap: 4px 20px; margin: 0 0 14px;
  font-size: 13px; color: var(--soft); }}
.chart.legend svg {{ width: 26px; min-width: 26px; height: 14px; display: inline-block; vertical-align: -2px;
  margin-right: 5px; }}
"""


@dataclass(frozen=True)
class Scale:
    """From numbers to places in the drawing."""

    x: tuple[float, float]
    y: tuple[float, float]

    def at_x(self, value: float) -> float:
        """Budget to pixels from the left."""
        low, high = self.x
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def at_y(self, value: float) -> float:
        """Value to pixels from the top."""
        low, high = self.y
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def chart(data: Mapping[str, Any], w: WhatWords) -> str:
    """The drawing with its legend, as HTML; empty when there is nothing to draw."""
    known = [p for p in data["points"] if p["value"] is not None]
    if not known:
        return ""
    scale = _scale(data, known)
    parts = [
        _grid(scale, w, str(data["currency"])),
        _boxes(scale, known, w),
        _marks(scale, data, w),
        *(_point(scale, p, w) for p in data["points"]),
    ]
    low, high = known[0], known[-1]
    words = w.sought(
        "chart_text",
        low_budget=w.money(low["budget"]),
        high_budget=w.money(high["budget"]),
        low_value=w.value(low["value"]),
        high_value=w.amount(high["value"]),
        proven=sum(p["status"] == "proven" for p in known),
        all=len(known),
    )
    return (
        f'<div class="chart"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="chart-t chart-d">'
        f'<title id="chart-t">{escape(w("chart_title"))}</title><desc id="chart-d">{escape(words)}</desc>'
        f"{''.join(parts)}</svg></div>{_legend(data, known, w)}"
    )


def _scale(data: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> Scale:
    budgets = [p["budget"] for p in data["points"]]
    values = [p["value"] for p in known] + [p["bound"] for p in data["points"] if p["bound"] is not None]
    values += [data["today"]["value"]] if data["today"]["value"] is not None else []
    return Scale(_range(min(budgets), max(budgets)), _range(min(values), max(values)))


def _range(low: float, high: float) -> tuple[float, float]:
    """A range with room around it, and from 0 where 0 is near."""
    span = high - low if high > low else max(abs(high), 1.0)
    low = 0.0 if 0 <= low <= 0.35 * high else low - 0.06 * span
    return low, high + 0.06 * span


def ticks(low: float, high: float, about: int = 6) -> list[float]:
    """Round numbers in a range."""
    raw = (high - low) / about
    size = 10.0 ** floor(log10(raw))
    step = next(f * size for f in (1, 2, 2.5, 5, 10) if f * size >= raw * 0.999)
    first = int(-(-low // step))
    return [k * step for k in range(first, int(high // step) + 1)]


def _grid(scale: Scale, w: WhatWords, currency: str) -> str:
    wan = w.language == "zh" and currency == "CNY"
    per, unit, out = (10_000.0 if wan else 1.0), w("wan_cny") if wan else currency, []
    paid = w.counted == "money"
    for value in ticks(*scale.y):
        y = scale.at_y(value)
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        label = escape(number(value / per, 2) if paid else w.value(value))
        out.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for amount in ticks(*scale.x):
        x, base = scale.at_x(amount), HEIGHT - BOTTOM
        out.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{base}" y2="{base + 5}"/>')
        label = escape(number(amount / per, 2))
        out.append(f'<text x="{x:.1f}" y="{base + 20}" text-anchor="middle">{label}</text>')
    base = HEIGHT - BOTTOM
    out.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}"/>')
    below = escape(w("axis_budget", unit=unit))
    above = escape(w("axis_value", unit=f"{w.unit()}{w('comma')}{unit}" if paid else w.unit()))
    middle = (LEFT + WIDTH - RIGHT) / 2
    out.append(f'<text class="strong" x="{middle:.0f}" y="{HEIGHT - 12}" text-anchor="middle">{below}</text>')
    out.append(f'<text class="strong" x="4" y="14">{above}</text>')
    return "".join(out)


def _boxes(scale: Scale, known: Sequence[Mapping[str, Any]], w: WhatWords) -> str:
    """Where the curve lies between the points, and a line to lead the eye."""
    out = []
    for a, b in pairwise(known):
        if b["bound"] is None or (b["bound"] >= a["value"] if w.less else b["bound"] <= a["value"]):
            continue
        x0, x1 = scale.at_x(a["budget"]), scale.at_x(b["budget"])
        top, foot = sorted((scale.at_y(b["bound"]), scale.at_y(a["value"])))
        out.append(f'<rect class="area" x="{x0:.1f}" y="{top:.1f}" width="{x1 - x0:.1f}" height="{foot - top:.1f}"/>')
    line = " ".join(f"{scale.at_x(p['budget']):.1f},{scale.at_y(p['value']):.1f}" for p in known)
    return "".join([*out, f'<polyline class="join" points="{line}"/>'])


def _marks(scale: Scale, data: Mapping[str, Any], w: WhatWords) -> str:
    """The scenario's own budget, today's value, and where money stops buying."""
    today = data["today"]["value"]
    out = [] if today is None else [_level(scale, today)]
    own, enough = data["rule"]["amount"], data["without_limit"]["enough"]
    if scale.x[0] <= own <= scale.x[1]:
        out.append(_upright(scale, own, "own"))
    if data["without_limit"]["enough_proven"] and enough is not None and scale.x[0] <= enough <= scale.x[1]:
        out.append(_upright(scale, enough, "enough"))
    return "".join(out)


def _level(scale: Scale, value: float) -> str:
    y = scale.at_y(value)
    return f'<line class="today" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _upright(scale: Scale, amount: float, kind: str) -> str:
    x = scale.at_x(amount)
    return f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'


def _point(scale: Scale, p: Mapping[str, Any], w: WhatWords) -> str:
    """One budget: a full dot where proven, a ring and a bar for the bound where not, a cross where nothing is."""
    x = scale.at_x(p["budget"])
    if p["value"] is None:
        told = f"{w.money(p['budget'])}: {w.status(p)}"
        shape = NOTHING["infeasible" if p["status"] == "infeasible" else "no_plan"]
        drawn = f'<path class="none" transform="translate({x:.1f} {HEIGHT - BOTTOM - 10})" d="{shape}"/>'
        if p["bound"] is not None:
            told += f"; {w.sought('no_more_than')}: {w.value(p['bound'])}"
            drawn += _bar(x, scale.at_y(p["bound"]))
        return f'<g class="point" tabindex="0"><title>{escape(told)}</title>{drawn}</g>'
    y = scale.at_y(p["value"])
    told = f"{w.money(p['budget'])}: {w.amount(p['value'])}, {w.status(p)}"
    if p["status"] == "proven":
        drawn = f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="5.5"/>'
    else:
        drawn = f'<circle class="found" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
        if p["bound"] is not None:
            top = scale.at_y(p["bound"])
            told += f"; {w.sought('no_more_than')}: {w.value(p['bound'])}"
            drawn = f'<line class="open" x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{y:.1f}"/>{_bar(x, top)}{drawn}'
    return f'<g class="point" tabindex="0"><title>{escape(told)}</title>{drawn}</g>'


def _bar(x: float, y: float) -> str:
    """A bound: nothing is above it."""
    return f'<line class="bound" x1="{x - 7:.1f}" x2="{x + 7:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _legend(data: Mapping[str, Any], known: Sequence[Mapping[str, Any]], w: WhatWords) -> str:
    """What the marks mean; only those that are drawn."""
    across = '<line class="{0}" x1="2" x2="24" y1="7" y2="7"/>'
    marks = [("legend_proven", '<circle class="dot" cx="13" cy="7" r="5.5"/>')]
    if any(p["status"] != "proven" for p in known):
        marks.append(("legend_found", '<circle class="found" cx="13" cy="7" r="5"/>'))
        marks.append(("no_more_than", '<line class="bound" x1="6" x2="20" y1="7" y2="7"/>'))
    for status, shape in NOTHING.items():
        if any(p["status"] == status for p in data["points"]):
            key = "legend_infeasible" if status == "infeasible" else "legend_none"
            marks.append((key, f'<path class="none" transform="translate(13 7)" d="{shape}"/>'))
    marks += [("legend_own", across.format("own")), ("legend_today", across.format("today"))]
    if data["without_limit"]["enough_proven"]:
        marks.append(("legend_enough", across.format("enough")))
    marks.append(("legend_between", '<rect class="area" x="3" y="1" width="20" height="12"/>'))
    of = {"no_more_than": w.sought}
    items = "".join(
        f'<span><svg viewBox="0 0 26 14" aria-hidden="true">{mark}</svg>{escape(of.get(key, w)(key))}</span>'
        for key, mark in marks
    )
    return f'<div class="legend chart">{items}</div>'
