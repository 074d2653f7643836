"""What a caller hands over: numbers, limits and sites; what could be read in two ways is refused with the way out."""

from __future__ import annotations

import decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

import siteopt
from siteopt.text import topic
from siteopt.textbook.arrays import BadArrays, amount, chosen, count, loosened, numbers
from siteopt.textbook.sites import read_sites


def refused(code: str, call: Any, *given: Any, **named: Any) -> BadArrays:
    with pytest.raises(BadArrays) as caught:
        call(*given, **named)
    assert caught.value.code == code, caught.value
    assert "…" not in caught.value.said("en") and "…" not in caught.value.said("zh"), "a fact is missing"
    return caught.value


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([True, False, True], [0, 2]),
        (np.array([False, True, False]), [1]),
        ([2], [2]),
        ((0, 2), [0, 2]),
        ({2, 1}, [1, 2]),
        (range(2), [0, 1]),
        (np.array([2], dtype=np.uint8), [2]),
        (pd.Series([0, 2]), [0, 2]),
        ([], []),
        (None, []),
    ],
)
def test_sites_are_a_mask_or_column_numbers(given: Any, expected: list[int]) -> None:
    assert np.flatnonzero(chosen("required", given, 3)).tolist() == expected


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("flags_or_sites", [0, 0, 1]),
        ("flags_or_sites", np.array([1, 0, 1])),
        ("flags_or_sites", [0, 1, 0]),
        ("not_sites", ["0", "0", "1"]),
        ("not_sites", ["store_2"]),
        ("not_sites", [1.0, 2.0]),
        ("not_sites", [None]),
        ("mixed_sites", [True, 2]),
        ("wrong_mask", [True, False]),
        ("wrong_mask", True),
        ("no_such_site", [3]),
        ("no_such_site", [-1]),
        ("site_twice", [2, 2]),
        ("not_a_list_of_sites", 2),
        ("not_a_list_of_sites", [[0, 2]]),
        ("ragged", [[0], [1, 2]]),
    ],
)
def test_sites_that_could_be_read_in_two_ways_are_refused(code: str, given: Any) -> None:
    assert refused(code, chosen, "required", given, 3).facts["argument"] == "required"


def test_two_columns_named_0_and_1_of_two_are_refused_for_they_could_be_flags() -> None:
    refused("flags_or_sites", chosen, "existing", [0, 1], 2)
    refused("flags_or_sites", chosen, "existing", [0], 1)


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("not_numbers", ["1", "2"]),
        ("not_numbers", [1, None]),
        ("not_numbers", [decimal.Decimal(1), 2]),
        ("not_numbers", np.array([1j, 2])),
        ("not_numbers", np.array(["2026-01-01", "2026-01-02"], dtype="datetime64[D]")),
        ("flags_for_numbers", [True, False]),
        ("ragged", [[1], [1, 2]]),
        ("wrong_length", [1, 2, 3]),
        ("wrong_length", [[1], [2]]),
        ("wrong_length", 1.0),
        ("wrong_length", []),
        ("below_zero", [1, -1]),
        ("not_finite", [1, np.nan]),
        ("not_finite", [1, np.inf]),
        ("not_finite", [1, 1e16]),
    ],
)
def test_weights_that_are_not_numbers_of_the_right_shape_and_size_are_refused(code: str, given: Any) -> None:
    refused(code, numbers, "weights", given, 2, of="rows")


def test_the_message_names_argument_place_value_and_remedy() -> None:
    said = str(refused("below_zero", numbers, "weights", [3, -2], 2, of="rows"))
    assert "weights[1]" in said and "-2" in said and "0 or more" in said
    assert isinstance(refused("below_zero", numbers, "weights", [-2.0], 1, of="rows"), ValueError)


@pytest.mark.parametrize("given", [4.0, "4", True, None, -1, np.float64(2)])
def test_a_count_is_a_whole_number(given: Any) -> None:
    refused("not_a_count", count, "p", given)
    assert count("p", np.int32(4)) == 4


@pytest.mark.parametrize("given", ["4", True, None, -1.0, np.nan, np.inf, [4]])
def test_an_amount_is_one_finite_number(given: Any) -> None:
    refused("not_an_amount", amount, "budget", given)
    assert amount("budget", np.float32(0.5)) == 0.5


def test_a_limit_is_inside_itself_up_to_float_noise() -> None:
    assert 0.1 + 0.2 <= loosened(0.3) < 0.3001
    assert loosened(0.0) == 0.0 and loosened(np.inf) == np.inf


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("no_limit", {"limited": True}),
        ("budget_without_cost", {"budget": 3.0}),
        ("site_in_two", {"required": [1], "forbidden": [1]}),
        ("site_in_two", {"existing": [2], "forbidden": [2]}),
        ("site_in_two", {"existing": [2], "required": [2]}),
    ],
)
def test_sites_and_limits_that_contradict_each_other_are_refused(code: str, named: Any) -> None:
    refused(code, read_sites, 4, **named)


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("not_an_amount", {"time_limit_s": 0}),
        ("not_an_amount", {"gap": -0.1}),
        ("not_an_amount", {"gap": 1.5}),
        ("not_a_count", {"threads": 0}),
        ("not_a_count", {"seed": "1"}),
        ("not_an_engine", {"engine": 3}),
    ],
)
def test_effort_that_means_nothing_is_refused(code: str, named: Any) -> None:
    refused(code, siteopt.max_coverage, [[True, False]], p=1, **named)


def test_an_unknown_argument_is_refused_as_python_does() -> None:
    with pytest.raises(TypeError, match="time_limt"):
        siteopt.max_coverage([[True]], p=1, time_limt=3)  # type: ignore[call-arg]


def test_every_sentence_is_used_and_every_code_has_one() -> None:
    from pathlib import Path

    import siteopt.textbook as room

    source = "".join(p.read_text(encoding="utf-8") for p in Path(room.__file__).parent.glob("*.py"))
    assert [key for key in topic("textbook") if f'"{key}"' not in source] == []
