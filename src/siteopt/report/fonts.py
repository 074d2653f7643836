"""A font for pictures that knows Chinese, wherever this machine keeps one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

LATIN = "DejaVu Sans"
"""Comes with matplotlib."""

FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "Microsoft YaHei", "SimHei", "PingFang SC", "Hiragino Sans GB", "Heiti SC",
    "Noto Sans CJK JP", "Droid Sans Fallback", "Arial Unicode MS",
)  # fmt: skip

PLACES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simhei.ttf",
)
"""Tried when matplotlib's own list, which it keeps from an earlier day, knows none of the families."""


@dataclass(frozen=True)
class Fonts:
    """What a picture may write.

    Attributes
    ----------
    families : in the order in which a letter is looked for
    letters : every code point that one of them can draw
    chinese : whether one of them knows Chinese
    """

    families: tuple[str, ...]
    letters: frozenset[int]
    chinese: bool

    def legible(self, text: str) -> str:
        """The text on one line; a letter that no font has becomes a small square instead of a warning."""
        line = " ".join(str(text).split())
        return "".join(c if ord(c) in self.letters else "▯" for c in line)

    def can_write(self, text: str) -> bool:
        """Whether every letter can be drawn."""
        return all(ord(c) in self.letters or c.isspace() for c in text)


@cache
def picture_fonts() -> Fonts:
    """The fonts of this machine that a picture uses: a Latin one and, if there is one, a Chinese one."""
    latin = font_manager.findfont(LATIN)
    chinese = _installed() or _in_known_places()
    paths = [latin] if chinese is None else [chinese[1], latin]
    letters = frozenset(code for path in paths for code in FT2Font(path).get_charmap())
    families = (LATIN,) if chinese is None else (chinese[0], LATIN)
    return Fonts(families, letters, chinese is not None)


def _installed() -> tuple[str, str] | None:
    listed = {entry.name: entry.fname for entry in reversed(font_manager.fontManager.ttflist)}
    for family in FAMILIES:
        if family in listed and Path(listed[family]).exists():
            return family, listed[family]
    return None


def _in_known_places() -> tuple[str, str] | None:
    for place in PLACES:
        if Path(place).exists():
            font_manager.fontManager.addfont(place)
            return font_manager.FontProperties(fname=place).get_name(), place
    return None
