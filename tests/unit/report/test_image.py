"""map.png: same bytes, no missing letters, something drawn, English where no font knows Chinese."""

from __future__ import annotations

import io
import logging
import warnings
from dataclasses import replace

import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font
from matplotlib.image import imread

from siteopt.report.fonts import LATIN, Fonts, picture_fonts
from siteopt.report.image import draw_map, render_map
from siteopt.report.image_words import nice_length, shorten
from siteopt.report.palette import COUNT_RAMP, GAINED, MISSING, ramp, type_style
from siteopt.units import Floats
from tests.browser.town import make_town
from tests.runs_builder import make_run


def pixels(png: bytes) -> Floats:
    return np.asarray(imread(io.BytesIO(png), format="png"))


def latin_only() -> Fonts:
    letters = FT2Font(font_manager.findfont(LATIN)).get_charmap()
    return Fonts((LATIN,), frozenset(letters), chinese=False)


def colour_of(text: str) -> Floats:
    return np.array([int(text[k : k + 2], 16) / 255 for k in (1, 3, 5)])


def share_of(image: Floats, colour: str) -> float:
    return float((np.abs(image[..., :3] - colour_of(colour)).max(axis=-1) < 0.03).mean())


def test_this_machine_has_a_chinese_font() -> None:
    assert picture_fonts().chinese
    assert picture_fonts().can_write("一刻钟便民生活圈选址方案")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_map_is_drawn_without_a_warning(language: str, caplog: pytest.LogCaptureFixture) -> None:
    run, streets = make_town(side=20, n_sites=12, n_open=4, language=language)
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING, logger="matplotlib"):
        warnings.simplefilter("error")
        image = pixels(render_map(run, streets))
    assert image.shape[:2] == (1200, 1600)
    assert share_of(image, COUNT_RAMP[-1]) > 0.01  # everything within reach: the town's middle
    assert not [r for r in caplog.records if r.name.startswith("matplotlib")]


def test_the_same_run_gives_the_same_bytes() -> None:
    run, streets = make_town(side=10, n_sites=6, n_open=2)
    first = render_map(run, streets)
    assert first == render_map(run, streets)
    assert b"Software" not in first and b"tIME" not in first


def test_chinese_words_are_really_drawn() -> None:
    """The same picture with the Chinese letters replaced by boxes differs: they were not boxes before."""
    run, _ = make_town(side=10, n_sites=6, n_open=2)
    fonts = picture_fonts()
    boxes = replace(fonts, letters=frozenset(c for c in fonts.letters if c < 0x2E80))
    assert draw_map(run, fonts=fonts).png != draw_map(run, fonts=boxes).png


def test_without_a_chinese_font_the_words_are_english_and_the_caller_is_told() -> None:
    run, _ = make_town(side=10, n_sites=6, n_open=2, language="zh")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = draw_map(run, fonts=latin_only())
    assert (drawn.language, drawn.chinese_font) == ("en", False)
    assert pixels(drawn.png).shape[:2] == (1200, 1600)


def test_hostile_names_and_dollar_signs_are_only_letters() -> None:
    assert render_map(make_run(title=r"$\frac{1}{0$ <script>" + "\n\u202e\U0001f600\u0007"))


def test_a_run_without_a_plan_shows_today() -> None:
    assert pixels(render_map(make_run(feasible=False, language="zh"))).std() > 0.05


def test_a_town_without_people_still_has_a_picture() -> None:
    assert render_map(make_run(cell_people=[0.0] * 12))


def test_a_scale_bar_has_a_round_length() -> None:
    assert [nice_length(v) for v in (1.0, 4.9, 5.0, 1999.0, 2000.0)] == [1.0, 2.0, 5.0, 1000.0, 2000.0]


def test_a_chinese_letter_takes_the_width_of_two() -> None:
    assert shorten("便利店abc", 9) == "便利店abc" and shorten("便利店abc", 8) == "便利店ab…"


def test_ramps_end_dark_and_types_differ() -> None:
    assert ramp(("#000000", "#ffffff"), 3) == ["#000000", "#808080", "#ffffff"]
    assert ramp((MISSING, GAINED), 1) == [GAINED] and ramp((MISSING, GAINED), 0) == []
    assert len({type_style(k) for k in range(100)}) == 100
