"""Words in use for what a column means, in Chinese and English; none of them guessed."""

from __future__ import annotations

import pytest

from siteopt.layers import meanings
from siteopt.layers.meanings import meant, nearest_word
from siteopt.world import BUILDINGS, FORMS, GRADES, TIERS


@pytest.mark.parametrize(
    ("words", "said", "means"),
    [
        (meanings.FORM, "独栋", "detached"),
        (meanings.FORM, "连栋", "terraced"),
        (meanings.FORM, " Attached ", "attached"),
        (meanings.FORM, "附建", "attached"),
        (meanings.BUILDING, "商住", "mixed"),
        (meanings.BUILDING, "住宅", "residential"),
        (meanings.BUILDING, "商业", "commercial"),
        (meanings.BUILDING, "ＰＵＢＬＩＣ", "public"),
        (meanings.BUILDING, "公建", "public"),
        (meanings.FLUE, "有", "yes"),
        (meanings.FLUE, "无烟道", "no"),
        (meanings.FLUE, "共用烟道", "no"),
        (meanings.CHAIN, "连锁", "yes"),
        (meanings.CHAIN, "独立", "no"),
        (meanings.LOCKED, "必备", "yes"),
        (meanings.PILOT, "TRUE", "yes"),
        (meanings.PILOT, "0", "no"),
        (meanings.TIER, "邻里社区", "community"),
        (meanings.TIER, "center", "centre"),
        (meanings.GRADE, "提升型", "enhanced"),
        (meanings.GRADE, "", ""),
        (meanings.FORM, "独", None),
        (meanings.PILOT, "maybe", None),
    ],
)
def test_a_word_means_one_thing_or_nothing(words: meanings.Words, said: str, means: str | None) -> None:
    assert meant(said, words) == means


def test_what_words_mean_is_what_the_world_knows() -> None:
    assert tuple(meanings.BUILDING) == BUILDINGS and tuple(meanings.FORM) == FORMS
    assert tuple(meanings.TIER) == TIERS and tuple(meanings.GRADE) == GRADES


@pytest.mark.parametrize(
    "words",
    [
        meanings.CHAIN, meanings.FLUE, meanings.LOCKED, meanings.PILOT, meanings.BUILDING, meanings.FORM,
        meanings.TIER, meanings.GRADE,
    ],
)  # fmt: skip
def test_no_word_means_two_things(words: meanings.Words) -> None:
    every = [word for key, others in words.items() for word in (key, *others)]
    assert len(set(every)) == len(every) and all(meant(word, words) is not None for word in every)


def test_the_nearest_word_is_shown_as_it_is_written() -> None:
    assert nearest_word("detatched", meanings.FORM) == "detached"
    assert nearest_word("商住楼房", meanings.BUILDING) == "商住楼"
    assert nearest_word("?", meanings.FORM) == "—"
