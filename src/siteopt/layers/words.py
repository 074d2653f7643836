"""Small helpers for the facts of a finding: the nearest known word, a value short enough to print."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from siteopt.findings import nearest

NOT_ANY = "—"
"""Stands for "none" in both languages."""

_MOST_SHOWN = 80
_MOST_LISTED = 25


def closest(word: Any, known: Iterable[Any]) -> str:
    """The known word closest to a mistyped one, case aside; a dash when nothing is close."""
    by_folded = {str(k).casefold().strip(): str(k) for k in reversed(list(known))}
    folded = str(word).casefold().strip()
    hit = nearest(folded[:200], by_folded)
    return by_folded[folded] if folded in by_folded else by_folded[hit] if hit else NOT_ANY


def listed(words: Iterable[Any]) -> str:
    """Words in one line, the list cut short where it is long; a dash when there are none."""
    all_words = [shown(w) for w in words]
    text = ", ".join(all_words[:_MOST_LISTED])
    return (text + ", …" if len(all_words) > _MOST_LISTED else text) or NOT_ANY


def shown(value: Any, longest: int = _MOST_SHOWN) -> Any:
    """A value as a finding shows it: long text is cut, control characters are made visible."""
    if value is None or isinstance(value, int | float):
        return value
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(value)[: longest + 1])
    return text[:longest] + "…" if len(text) > longest else text
