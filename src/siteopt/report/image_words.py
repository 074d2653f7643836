"""The words of map.png: title, credits, marks of caution, scale, north, legend."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from siteopt.report import palette
from siteopt.report.image_canvas import DPI, EQUAL_SIZE, INCHES, INK, MARKERS, QUIET, Canvas
from siteopt.report.sentences import number, type_name

MOST_NAMES = 24
LEGEND_WIDTH = 40
"""Latin letters that fit beside the map; a Chinese one counts as two."""

Keys = list[tuple[Any, str]]


def draw_words(canvas: Canvas) -> None:
    """Everything on the picture that is read."""
    _title(canvas)
    _caution(canvas)
    _scale(canvas)
    _north(canvas)
    _legend(canvas)


def _title(canvas: Canvas) -> None:
    run = canvas.run
    key = "image_title" if run.plan is not None else "image_title_today"
    text = shorten(canvas.say(key, title=_name_of(canvas)), 88)
    title = canvas.figure.text(0.02, 0.957, text, fontsize=20, color=INK, va="center")
    # Many Chinese fonts have no bold face; a rim of the same ink makes one.
    title.set_path_effects([withStroke(linewidth=0.8, foreground=INK)])
    credits = canvas.fonts.legible("; ".join(run.world.attribution))
    canvas.figure.text(0.02, 0.03, shorten(credits, 150), fontsize=10, color=QUIET, va="center")


def _name_of(canvas: Canvas) -> str:
    """The title in the picture's language, else the scenario's name where no font can write the title."""
    run, given = canvas.run, canvas.run.scenario.get("title")
    title = str(given.get(canvas.language) or run.title) if isinstance(given, dict) else run.title
    return title if title and canvas.fonts.can_write(title) else run.scenario_name


def _caution(canvas: Canvas) -> None:
    run, notes = canvas.run, []
    if run.plan is None and run.proof.engine:
        notes.append(canvas.say("image_no_plan"))
    if run.travel.mode == "straight_line":
        notes.append(canvas.say("image_straight_line", detour=number(run.travel.detour, 2)))
    canvas.figure.text(0.02, 0.929, "    ".join(notes), fontsize=12, color="#a8330f", va="center")
    if run.world.illustrative:
        canvas.axes.text(
            *canvas.at(0.5, 0.985),
            canvas.say("image_illustrative"),
            ha="center",
            va="top",
            fontsize=15,
            color="white",
            zorder=10,
            bbox={"facecolor": "#6d4594", "edgecolor": "none", "boxstyle": "round,pad=0.4"},
        )


def _scale(canvas: Canvas) -> None:
    length_m = nice_length(float(canvas.size_m[0]) * 0.18)
    x, y = canvas.at(0.025, 0.025)
    for colour, width in (("white", 8), (INK, 4)):
        canvas.axes.plot([x, x + length_m], [y, y], color=colour, linewidth=width, solid_capstyle="butt", zorder=9)
    key, n = ("km", length_m / 1000) if length_m >= 1000 else ("metres", length_m)
    above = y + float(canvas.size_m[1]) * 0.02
    canvas.label(x + length_m / 2, above, canvas.say(key, n=number(n, 1)), size=12.5, order=9)


def _north(canvas: Canvas) -> None:
    arrow = {"arrowstyle": "-|>,head_width=0.45,head_length=0.8", "color": INK, "linewidth": 2.2}
    canvas.axes.annotate("", xy=canvas.at(0.97, 0.975), xytext=canvas.at(0.97, 0.915), arrowprops=arrow, zorder=9)
    canvas.label(*canvas.at(0.97, 0.9), canvas.say("north"), size=14, order=9)


def _legend(canvas: Canvas) -> None:
    """One column beside the map: cells, new outlets by number, existing outlets by type."""
    world = canvas.run.world
    top = _block(canvas, 0.915, canvas.say("legend_types_within"), _cell_keys(canvas))
    if canvas.outlets:
        top = _block(canvas, top, canvas.say("image_new"), _outlet_keys(canvas))
    standing = np.flatnonzero(world.sites.standing.any(axis=0))
    if len(standing):
        keys = [(_mark(int(t), hollow=True), type_name(canvas.run, int(t), canvas.language)) for t in standing]
        _block(canvas, top, canvas.say("image_existing"), keys)


def _cell_keys(canvas: Canvas) -> Keys:
    n = len(canvas.run.world.types)
    names = [canvas.say("legend_none"), *(str(k) for k in range(1, n)), canvas.say("legend_all", n=n)]
    colours = [palette.MISSING, *palette.ramp(palette.COUNT_RAMP, n)]
    return [(Patch(facecolor=c, edgecolor="#c9c2b6"), name) for c, name in zip(colours, names, strict=True)]


def _outlet_keys(canvas: Canvas) -> Keys:
    sites, types = canvas.run.world.sites, canvas.run.world.types
    where, keys = {str(s): j for j, s in enumerate(sites.site_id)}, Keys()
    for n, row in enumerate(canvas.outlets[:MOST_NAMES], start=1):
        t = types.type_id.index(row["outlet_type"])
        name = str(sites.name[where[str(row["site_id"])]] or row["site_id"])
        name = name if canvas.fonts.can_write(name) else str(row["site_id"])
        keys.append((_mark(t, hollow=False), f"{n}  {type_name(canvas.run, t, canvas.language)} · {name}"))
    if len(canvas.outlets) > MOST_NAMES:
        keys.append((Line2D([], [], linestyle=""), canvas.say("image_more", n=len(canvas.outlets) - MOST_NAMES)))
    return keys


def _mark(t: int, *, hollow: bool) -> Line2D:
    colour, shape = palette.type_style(t)
    size = (7 if hollow else 11) * EQUAL_SIZE.get(shape, 1.0) ** 0.5
    fill = "white" if hollow else colour
    return Line2D(
        [],
        [],
        linestyle="",
        marker=MARKERS[shape],
        markersize=size,
        markerfacecolor=fill,
        markeredgecolor=colour,
        markeredgewidth=1.5,
    )


def _block(canvas: Canvas, top: float, title: str, keys: Keys) -> float:
    """Draws one block below ``top`` (share of the figure's height) and says where the next begins."""
    legend = canvas.figure.legend(
        [mark for mark, _ in keys],
        [shorten(canvas.fonts.legible(text), LEGEND_WIDTH) for _, text in keys],
        title=title,
        loc="upper left",
        bbox_to_anchor=(0.735, top),
        frameon=False,
        fontsize=11.5,
        title_fontsize=13,
        alignment="left",
        labelspacing=0.5,
        borderpad=0.2,
        handletextpad=0.7,
    )
    legend.get_title().set_path_effects([withStroke(linewidth=0.5, foreground=INK)])
    extent = legend.get_window_extent(canvas.figure.canvas.get_renderer())  # type: ignore[attr-defined]
    return float(extent.y0 / (INCHES[1] * DPI)) - 0.014


def nice_length(metres: float) -> float:
    """The largest of 1, 2, 5 x 10^n that is no longer."""
    power = 10.0 ** np.floor(np.log10(metres))
    return float(max(k * power for k in (1, 2, 5) if k * power <= metres))


def shorten(text: str, most: int) -> str:
    """Cut to a width in which a Chinese letter counts as two Latin ones."""
    width = 0
    for k, letter in enumerate(text):
        width += 2 if ord(letter) > 0x2E7F else 1
        if width > most:
            return text[:k] + "…"
    return text
