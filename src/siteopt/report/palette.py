"""Colours and symbols, one choice for the page and the picture; all tell apart under the common colour blindnesses.

Orange says "missing", pale blue "there today", dark blue "thanks to the plan", throughout.
"""

from __future__ import annotations

MISSING = "#eda678"
TODAY = "#a9cfe8"
GAINED = "#0b4f8a"

COUNT_RAMP = ("#dcebf2", "#b3d6e4", "#7fbcd2", "#4c9bbf", "#2a76a6", "#175587", "#0a3765")
"""One type within reach ... all types within reach, light to dark."""

GAIN_RAMP = ("#d5cce6", "#ab9bd0", "#7f66b5", "#593b93", "#3a1c71")
"""One type gained ... many."""
NO_GAIN = "#e9e6e1"

PEOPLE_RAMP = ("#f6ead2", "#eccb94", "#d9a154", "#b06f2b", "#75430f")
"""Fewest people ... most people, five classes."""

TYPE_COLOURS = (
    "#c4401c", "#7b3294", "#00755c", "#b07c00", "#1f4fb4", "#c2407e", "#4f6d0a", "#0a7a93", "#6b4a2b", "#444a54",
)  # fmt: skip
TYPE_SHAPES = (
    "circle", "square", "triangle", "diamond", "hexagon", "down", "pentagon", "plus", "star", "octagon",
)  # fmt: skip
"""A type is told by shape as well as by colour; the pairs repeat only after a hundred types."""


def type_style(index: int) -> tuple[str, str]:
    """Colour and shape of the outlet type with this index."""
    n = len(TYPE_COLOURS)
    return TYPE_COLOURS[index % n], TYPE_SHAPES[(index + index // n) % len(TYPE_SHAPES)]


def ramp(colours: tuple[str, ...], steps: int) -> list[str]:
    """``steps`` colours spread over a ramp, its dark end always included."""
    if steps <= 1:
        return [colours[-1]] * max(steps, 0)
    out = []
    for k in range(steps):
        place = k * (len(colours) - 1) / (steps - 1)
        low = min(int(place), len(colours) - 2)
        out.append(_mix(colours[low], colours[low + 1], place - low))
    return out


def _mix(first: str, second: str, share: float) -> str:
    pairs = ((int(first[k : k + 2], 16), int(second[k : k + 2], 16)) for k in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
