"""Every sentence a person reads, in Chinese and English side by side, one YAML file per topic.

An entry is ``key: {en: "...", zh: "..."}`` with ``str.format`` fields. A test holds both languages complete and
their fields equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

import yaml

LANGUAGES = ("zh", "en")


@cache
def topic(name: str) -> dict[str, dict[str, str]]:
    """All entries of one topic file, e.g. ``topic("report")``."""
    raw = files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = yaml.load(raw, Loader=yaml.CSafeLoader) or {}
    return loaded


def say(topic_name: str, key: str, language: str, /, **facts: Any) -> str:
    """One sentence, filled in. A fact that the caller did not give reads as an ellipsis, never as a traceback.

    Parameters
    ----------
    topic_name, key : str
        File and entry; an unknown entry raises KeyError (a test keeps that from happening).
    language : {"zh", "en"}
    **facts
        Values of the fields.
    """
    return fill(topic(topic_name)[key], language, facts)


def fill(entry: Mapping[str, str], language: str, facts: Mapping[str, Any]) -> str:
    """Fill one bilingual entry; English where the asked language is absent."""
    template = entry.get(language) or entry["en"]
    return _Lenient().vformat(template, (), facts)


class _Lenient(Formatter):
    """Formats what it has; a missing or oddly typed fact is shown as it is."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), "…")

    def format_field(self, value: Any, format_spec: str) -> str:
        try:
            return str(format(value, format_spec))
        except (ValueError, TypeError):
            return str(value)


@cache
def finding_entries() -> dict[str, dict[str, str]]:
    """Every finding's sentence, of all ``findings*.yaml`` files."""
    names = sorted(f.name[:-5] for f in files(__package__).iterdir() if f.name.startswith("findings"))
    return {code: entry for name in names for code, entry in topic(name).items()}
