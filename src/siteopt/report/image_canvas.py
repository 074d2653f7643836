"""What every part of map.png needs: the run, the drawing, the words, the piece of ground shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from siteopt.plan import Run
from siteopt.report.fonts import Fonts
from siteopt.text import say
from siteopt.units import Floats
from siteopt.world import Streets

INCHES, DPI = (16.0, 12.0), 100
INK, QUIET, PAPER, GROUND = "#23211f", "#6a645c", "#faf8f4", "#f1eee8"
MARKERS = {
    "circle": "o", "square": "s", "triangle": "^", "diamond": "D", "hexagon": "h", "down": "v", "pentagon": "p",
    "plus": "P", "star": "*", "octagon": "8",
}  # fmt: skip
EQUAL_SIZE = {"square": 0.82, "triangle": 1.15, "down": 1.15, "diamond": 0.68, "star": 1.5, "hexagon": 1.05}
"""Factor on a marker's area that makes all shapes look equally large."""


@dataclass(frozen=True, eq=False)
class Canvas:
    """One drawing.

    Attributes
    ----------
    run, streets : what is drawn
    fonts, language : how words are written
    figure, axes : where
    outlets : new outlets in the order of the summary; the place in it is the number on the map
    low_m, high_m : (2,) corners of the ground shown, metric CRS
    """

    run: Run
    streets: Streets | None
    fonts: Fonts
    language: str
    figure: Figure
    axes: Axes
    outlets: list[dict[str, Any]]
    low_m: Floats
    high_m: Floats

    @property
    def size_m(self) -> Floats:
        """(2,) width and height of the ground shown."""
        return self.high_m - self.low_m

    def say(self, key: str, **facts: Any) -> str:
        """One of the report's texts, in letters that the fonts have."""
        return self.fonts.legible(say("report", key, self.language, **facts))

    def at(self, right: float, up: float) -> tuple[float, float]:
        """A place on the ground as a share of the width and height shown."""
        x, y = self.low_m + self.size_m * np.array([right, up])
        return float(x), float(y)

    def label(self, x: float, y: float, text: str, *, size: float, colour: str = INK, order: float = 6) -> None:
        """Words on the map, with a pale rim that keeps them legible on any colour."""
        words = self.axes.text(
            x, y, self.fonts.legible(text), fontsize=size, color=colour, ha="center", va="center", zorder=order
        )
        words.set_path_effects([withStroke(linewidth=3, foreground="white")])


def ground_shown(run: Run, shape: float) -> tuple[Floats, Floats]:
    """Corners around all inhabited cells and new outlets, with a margin, ``shape`` times as wide as high."""
    world = run.world
    lived_in = world.cells.residents > 0
    corners = [shapely.total_bounds(world.cells.geometry[lived_in if lived_in.any() else slice(None)]).reshape(2, 2)]
    if run.plan is not None:
        corners.append(world.sites.xy_m[run.plan.opened.any(axis=1)])
    xy = np.vstack(corners)
    low, high = xy.min(axis=0), xy.max(axis=0)
    margin = max(float((high - low).max()), 100.0) * 0.04 + 20.0
    low, high = low - margin, high + margin
    width, height = high - low
    grow = np.array([max(height * shape - width, 0.0), max(width / shape - height, 0.0)]) / 2
    return low - grow, high + grow
