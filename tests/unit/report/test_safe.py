"""Names that attack are harmless wherever they are printed."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from siteopt.report.safe import as_it_was, clean, escape, json_for_script, neutral, plain, rounded, safe_name

FORMULAS = ["=1+1", "+860745", "-2", "@x", "\tx", "\rx", "\nx", "'=1", "''=1", "＝1", "＋1", "－1", "＠1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe_and_can_be_read_back(text: str) -> None:
    assert neutral(text) == "'" + text
    assert as_it_was(neutral(text)) == text


@pytest.mark.parametrize("text", ["", "旧粮仓", "a=b", "007", "'quoted'", "O'Hara", "'"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text
    assert as_it_was(text) == text


def test_a_formula_behind_a_control_character_is_still_neutralised() -> None:
    assert neutral("\x00=1+1") == "'=1+1"


def test_html_is_escaped_in_text_and_attributes() -> None:
    assert escape("<script>\"'&\x07") == "&lt;script&gt;&quot;&#x27;&amp;"


def test_lone_surrogates_and_control_characters_vanish_so_that_files_can_be_written() -> None:
    assert clean("a\ud800\x0bb\x7f").encode("utf-8") == b"ab"
    assert clean(None) == ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("..", "run"),
        (".hidden", "hidden"),
        ("", "run"),
        ("a/b\\c:d", "a-b-c-d"),
        ("CON", "run-CON"),
        ("nul.txt", "run-nul.txt"),
        ("黔城 基准方案", "黔城-基准方案"),
        ("x\x00y\n", "xy"),
    ],
)
def test_a_name_stays_in_its_folder(name: str, expected: str) -> None:
    assert safe_name(name) == expected


def test_a_long_name_fits_any_file_system() -> None:
    name = safe_name("黔" * 500)
    assert name == "黔" * 53
    assert len(name.encode()) <= 160
    assert (Path("/x") / name).parent == Path("/x")


def test_a_number_that_does_not_exist_is_null() -> None:
    assert plain({"a": math.nan, "b": [math.inf, -math.inf], "c": np.float64("nan")}) == {
        "a": None,
        "b": [None, None],
        "c": None,
    }


def test_plain_turns_arrays_sets_tuples_paths_and_keys_into_json_values() -> None:
    value = {1: np.arange(2), "t": (np.bool_(True), np.int64(3)), "s": {"b", "a"}, "p": Path("x/y"), "n": None}
    assert plain(value) == {"1": [0, 1], "t": [True, 3], "s": ["a", "b"], "p": "x/y", "n": None}
    json.dumps(plain(value), allow_nan=False)


def test_numbers_are_rounded_whole_numbers_have_no_point_and_zero_has_no_sign() -> None:
    assert rounded(1 / 3) == 0.333333
    assert json.dumps(rounded(400.0)) == "400"
    assert json.dumps(rounded(-1e-9)) == "0"


def test_json_inside_a_script_element_cannot_end_it() -> None:
    value = {"name": "</script><!--\u2028&"}
    text = json_for_script(value)
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == value
