"""Arrow columns as numpy text and numbers, without losing a leading zero or a digit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from siteopt.units import Floats, Texts

_EXACT_WHOLE = 2.0**53


def is_text(column: Any) -> bool:
    """Whether the column holds text (dictionary-encoded text too)."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def as_texts(column: Any) -> Texts:
    """Every cell as trimmed text; an empty or null cell is "".

    Whole numbers have no ".0", whatever type the file stores them in: an id 13121705207 kept as a
    floating-point number reads "13121705207".

    Returns
    -------
    (N,) str objects
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
        values = column.drop_null().to_numpy()
        if len(values) and bool((values == np.rint(values)).all() and (np.abs(values) < _EXACT_WHOLE).all()):
            column = column.cast(pa.int64())
    if not is_text(column):
        try:
            column = column.cast(pa.string())
        except pa.ArrowException:  # lists, structs: shown as they print
            column = pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())
    column = pc.fill_null(pc.utf8_trim_whitespace(column), "")
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=object) if len(column) else _no_texts()


def _no_texts() -> Texts:
    return np.empty(0, dtype=object)


def as_numbers(column: Any) -> tuple[Floats, Callable[[Any], str]]:
    """Every cell as a number; nan where it is empty or no number.

    Returns
    -------
    values : (N,) float64
    text : callable(i) -> str
        What stands in cell i ("" when empty): for the finding about it.
    """
    if not is_text(column):
        if pa.types.is_boolean(column.type) or not (
            pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)
        ):
            texts = as_texts(column)
            return np.full(len(column), np.nan), lambda i: str(texts[i])
        nulls = np.asarray(pc.is_null(column).to_numpy(zero_copy_only=False), dtype=np.bool_)
        numbers = column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
        return numbers, lambda i: "" if nulls[i] else str(numbers[i])
    texts = as_texts(column)
    return parse_numbers(texts), lambda i: str(texts[i])


def parse_numbers(texts: Texts) -> Floats:
    """Numbers from text; nan where a text is empty or no number ("1,5", "12 m", "１２", "0x1f", "1_000")."""
    array = pa.array(texts, pa.string())
    try:
        blank = pc.equal(array, "")
        return np.asarray(pc.cast(pc.if_else(blank, None, array), pa.float64()).to_numpy(zero_copy_only=False))
    except pa.ArrowException:
        return np.asarray(pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce"), dtype=np.float64)
