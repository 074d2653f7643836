"""What an unquoted YAML word means here: fewer surprises than YAML 1.1, and nothing that a standard YAML writer
would leave unquoted changes its meaning.

``off``, ``no`` and ``yes`` are words (``sense: off``), ``0101`` and numbers of 19 digits and more are ids kept as
text, ``9:30`` and ``2024-05-30`` are text. Booleans are ``true`` and ``false`` only; a field that asks for one
also takes yes and no.
"""

from __future__ import annotations

import re

from siteopt.scenario.marks import Scalar

INTEGER = re.compile(r"[-+]?(0|[1-9][0-9_]*)")
DECIMAL = re.compile(r"([-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)([eE][-+][0-9]+)?")
NOT_FINITE = {".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}
TRUE = frozenset({"true", "True", "TRUE"})
FALSE = frozenset({"false", "False", "FALSE"})
NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
MOST_DIGITS = 18

PREFIX = "tag:yaml.org,2002:"
TAGS = frozenset(PREFIX + name for name in ("str", "int", "float", "bool", "null", "map", "seq"))
"""Tags that may be written; none of them can make anything but a plain value."""


def meaning(text: str, *, quoted: bool, tag: str | None) -> Scalar:
    """The value of a scalar.

    Parameters
    ----------
    text : str
        As the parser hands it over.
    quoted : bool
        Written in quotes or as a block, and so text whatever it looks like.
    tag : str or None
        An explicit tag of ``TAGS``; ``!!str`` makes text of anything, the others change nothing.
    """
    if tag in ("!", PREFIX + "str") or (quoted and tag is None):
        return text
    if text in NOTHING:
        return None
    if text in TRUE or text in FALSE:
        return text in TRUE
    if text.lower() in NOT_FINITE:
        return NOT_FINITE[text.lower()]
    if INTEGER.fullmatch(text):
        return int(text.replace("_", "")) if len(text) <= MOST_DIGITS else text
    if DECIMAL.fullmatch(text) and any(c.isdigit() for c in text):
        return float(text.replace("_", ""))
    return text


def unprintable(text: str) -> bool:
    """Control characters and lone surrogates: they break paths, terminals and files, and nobody means them."""
    return any((ord(c) < 32 and c not in "\t\n\r") or ord(c) == 127 or 0xD800 <= ord(c) <= 0xDFFF for c in text)
