"""Names from data are hostile: make them harmless in HTML, in a spreadsheet, in JSON and in a file name."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

DECIMALS = 6
"""People, shares and money are written with at most this many decimals: below any survey, above float noise."""

# A spreadsheet takes a cell that begins so for a formula; the wide forms are taken as well in East Asian locales.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
# XML 1.0 (XLSX, QML), terminals and text tools choke on these; a tab or a line end is ordinary text.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_A_NAME = re.compile(r"[^\w.\-]+")
_WINDOWS_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)


def clean(value: Any) -> str:
    """Text without control characters and lone surrogates; None is empty."""
    return "" if value is None else _CONTROL.sub("", str(value))


def escape(value: Any) -> str:
    """Text for HTML, inside an element or a quoted attribute."""
    return html.escape(clean(value), quote=True)


def neutral(value: Any) -> str:
    """Text for a CSV or XLSX cell that no spreadsheet takes for a formula.

    A leading apostrophe is put before ``= + - @``, a tab or a line end. Text that already has such apostrophes
    gets one more, so that :func:`as_it_was` gives back exactly what was there.
    """
    text = clean(value)
    return f"'{text}" if _FORMULA.match(text) else text


def as_it_was(cell: str) -> str:
    """The text that :func:`neutral` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def neutral_all(values: Iterable[Any]) -> list[str]:
    """:func:`neutral` of each value."""
    return [neutral(v) for v in values]


def safe_name(name: Any, fallback: str = "run") -> str:
    """A file or folder name that stays in its folder on any system.

    Letters of any script, digits, ``_ . -`` stay; anything else becomes ``-``. Never empty, hidden, ``..``, a
    Windows device, or longer than 80 characters.
    """
    text = _NOT_IN_A_NAME.sub("-", clean(name)).strip("-. ")
    text = text.encode("utf-8")[:160].decode("utf-8", "ignore")[:80].rstrip("-. ")
    if not text:
        return fallback
    return f"{fallback}-{text}" if _WINDOWS_DEVICES.match(text) else text


def plain(value: Any, decimals: int = DECIMALS) -> Any:
    """A value as JSON and YAML know it: plain numbers rounded, NaN and infinities None, arrays lists, keys text."""
    if value is None or isinstance(value, bool | str):
        return clean(value) if isinstance(value, str) else value
    if isinstance(value, np.generic):
        return plain(value.item(), decimals)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return rounded(value, decimals)
    if isinstance(value, Mapping):
        return {clean(k): plain(v, decimals) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist(), decimals)
    if isinstance(value, set | frozenset):
        return sorted((plain(v, decimals) for v in value), key=str)
    if isinstance(value, Iterable) and not isinstance(value, PurePath | bytes):
        return [plain(v, decimals) for v in value]
    return clean(value)


def rounded(value: Any, decimals: int = DECIMALS) -> float | int | None:
    """A number for JSON: None when there is none (NaN, infinite), whole numbers without a point, never -0."""
    number = float(value)
    if not math.isfinite(number):
        return None
    number = round(number, decimals)
    return int(number) if number == int(number) and abs(number) < 2**53 else number


def json_text(value: Any) -> str:
    """Readable JSON of plain values (see :func:`plain`), the same bytes for the same value, in UTF-8 letters."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def json_for_script(value: Any) -> str:
    """Compact JSON that may stand inside a ``<script>`` element: no ``<``, ``>`` or ``&``, no line separators."""
    text = json.dumps(plain(value, 7), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text
