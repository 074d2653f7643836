"""Words in use for what a column means: 独栋 and detached are one. What means nothing here is told, never guessed."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from siteopt.findings import Findings
from siteopt.layers.columns import as_spec, read_texts
from siteopt.layers.table import Table
from siteopt.layers.words import closest, listed, shown
from siteopt.scenario.schema import Column
from siteopt.units import Bools, Texts

Words = Mapping[str, tuple[str, ...]]
"""What is meant -> the words for it, the first of them the one that is shown beside it."""

YES, NO = "yes", "no"

YES_NO: Words = {YES: ("是", "y", "true", "t", "1", "有"), NO: ("否", "n", "false", "f", "0", "无", "没有", "不是")}


def _yes_no(yes: tuple[str, ...], no: tuple[str, ...]) -> Words:
    return {YES: (*YES_NO[YES], *yes), NO: (*YES_NO[NO], *no)}


CHAIN = _yes_no(("连锁", "连锁店", "chain"), ("非连锁", "独立", "个体", "independent"))
FLUE = _yes_no(("有烟道", "独立烟道", "专用烟道"), ("无烟道", "没有烟道", "共用烟道", "公用烟道"))
LOCKED = _yes_no(("必备", "必备性", "essential", "locked"), ("非必备",))
PILOT = _yes_no(("试点", "pilot"), ("非试点",))
BUILDING: Words = {
    "residential": ("住宅", "住宅楼", "居住", "居住建筑"),
    "mixed": ("商住", "商住楼", "商住混合", "商住两用", "mixed use", "mixed-use"),
    "commercial": ("商业", "商业楼", "商业建筑", "商业用房"),
    "public": ("公建", "公共建筑", "公共服务设施"),
}
FORM: Words = {
    "detached": ("独栋", "独栋式"),
    "terraced": ("连栋", "连栋式", "联排"),
    "attached": ("附建", "附建式", "配建"),
}
TIER: Words = {"block": ("邻里街区",), "centre": ("邻里中心", "center"), "community": ("邻里社区",)}
GRADE: Words = {"basic": ("基础型", "基础"), "enhanced": ("提升型", "提升"), "quality": ("品质型", "品质")}


def meant(word: Any, words: Words) -> str | None:
    """What a word means: one of the keys, "" for an empty word, None for one that is not known."""
    said = _plain(word)
    if not said:
        return ""
    return next((key for key, others in words.items() if said in (key, *others)), None)


def said_of(words: Words) -> dict[str, str]:
    """The facts of a sentence about a word that is not known: all that may be written."""
    return {"known": listed(f"{key} {others[0]}" for key, others in words.items())}


def nearest_word(word: Any, words: Words) -> str:
    """The word in use that is closest to one that is not known; a dash when nothing is close."""
    return closest(_plain(word), [w for key, others in words.items() for w in (key, *others)])


def read_meant(
    table: Table, column: Column | None, words: Words, findings: Findings, *, field: str, free: bool = False
) -> Texts | None:
    """A column of words as what they mean; "" where a cell is empty or the scenario names no column.

    Parameters
    ----------
    field : str
        Path in the scenario.
    free : bool
        A word that is not known stays as it is; else it is ``unknown_word``, with row and nearest word.

    Returns
    -------
    (N,) str objects or None
        None when a finding was added.
    """
    if column is None:
        return np.full(len(table), "", dtype=object)
    texts = read_texts(table, column, findings, field=field)
    if texts is None:
        return None
    codes, distinct = pd.factorize(pd.Series(texts, dtype=object))
    means = [meant(text, words) for text in distinct]
    unknown = np.array([m is None for m in means], dtype=np.bool_)[codes]
    for i in np.flatnonzero(unknown & ~np.bool_(free)):
        findings.error(
            "unknown_word", file=table.file, row=table.label(i), field=as_spec(column).column, asked=field,
            value=shown(texts[i]), nearest=nearest_word(texts[i], words), **said_of(words),
        )  # fmt: skip
    if unknown.any() and not free:
        return None
    out = np.array([str(text) if m is None else m for text, m in zip(distinct, means, strict=True)], dtype=object)
    return np.asarray(out[codes], dtype=object)


def read_yes(
    table: Table, column: Column | None, findings: Findings, *, field: str, words: Words = YES_NO
) -> Bools | None:
    """A column of yes and no as bool; false where a cell is empty or the scenario names no column."""
    found = read_meant(table, column, words, findings, field=field)
    return None if found is None else np.asarray(found == YES, dtype=np.bool_)


def _plain(word: Any) -> str:
    """A word without case, outer blanks and full-width letters."""
    return unicodedata.normalize("NFKC", str(word)).strip().casefold()
