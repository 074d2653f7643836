"""map.png: the plan on one picture, for a slide or a printed file."""

from __future__ import annotations

import io
from dataclasses import dataclass

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from siteopt.plan import Run
from siteopt.report.fonts import Fonts, picture_fonts
from siteopt.report.image_canvas import DPI, GROUND, INCHES, PAPER, Canvas, ground_shown
from siteopt.report.image_layers import draw_layers
from siteopt.report.image_words import draw_words
from siteopt.report.summary import new_outlets
from siteopt.world import Streets

FRAME = (0.02, 0.055, 0.705, 0.86)
"""The map on the sheet: left, bottom, width, height, as shares."""


@dataclass(frozen=True)
class MapImage:
    """The picture; its words are English where Chinese was asked for and no font here knows Chinese."""

    png: bytes
    language: str
    chinese_font: bool


def render_map(run: Run, streets: Streets | None = None) -> bytes:
    """The map as PNG, 1600 x 1200; the same run on the same machine gives the same bytes."""
    return draw_map(run, streets).png


def draw_map(run: Run, streets: Streets | None = None, fonts: Fonts | None = None) -> MapImage:
    """The map, with what became of its words.

    Parameters
    ----------
    run : Run
    streets : Streets, optional
        Drawn as thin grey lines.
    fonts : Fonts, optional
        Default: those of this machine.
    """
    fonts = fonts or picture_fonts()
    language = run.language if fonts.chinese or run.language != "zh" else "en"
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({"font.family": list(fonts.families), "text.parse_math": False})
        figure = Figure(figsize=INCHES, dpi=DPI, facecolor=PAPER)
        FigureCanvasAgg(figure)
        canvas = _canvas(run, streets, fonts, language, figure)
        draw_layers(canvas)
        draw_words(canvas)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=DPI, facecolor=PAPER, metadata={"Software": None})
    return MapImage(buffer.getvalue(), language, fonts.chinese)


def _canvas(run: Run, streets: Streets | None, fonts: Fonts, language: str, figure: Figure) -> Canvas:
    low, high = ground_shown(run, FRAME[2] * INCHES[0] / (FRAME[3] * INCHES[1]))
    axes = figure.add_axes(
        FRAME, facecolor=GROUND, xticks=[], yticks=[], xlim=(low[0], high[0]), ylim=(low[1], high[1])
    )
    axes.set_autoscale_on(False)
    for spine in axes.spines.values():
        spine.set_color("#dcd6cc")
    return Canvas(run, streets, fonts, language, figure, axes, new_outlets(run), low, high)
