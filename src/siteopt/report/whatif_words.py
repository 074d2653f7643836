"""Numbers and names of alternatives, frontiers and refusals, as a reader sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from siteopt import __version__
from siteopt.report.comparison_words import NONE, with_sign
from siteopt.report.safe import escape
from siteopt.report.sentences import money, number, people, percent
from siteopt.text import say

TOPIC = "whatif"


class WhatWords:
    """Words of one result in one language.

    Parameters
    ----------
    data : mapping
        ``alternatives.json``, ``frontier.json`` or ``explain.json``.
    language : {"zh", "en"}
    """

    def __init__(self, data: Mapping[str, Any], language: str) -> None:
        self.language = language
        self._data = data
        self._types = {t["id"]: t for t in data["types"]}
        self._currency = str(data["currency"])

    def __call__(self, key: str, **facts: Any) -> str:
        """One entry of ``whatif.yaml``."""
        return say(TOPIC, key, self.language, **facts)

    def join(self, parts: Iterable[str], by: str = "comma") -> str:
        """Parts with this language's separator."""
        return self(by).join(parts)

    def type_name(self, type_id: str) -> str:
        """An outlet type's name, its id where it has none."""
        name = self._types.get(type_id, {}).get("name", {})
        return name.get(self.language) or name.get("en") or name.get("zh") or type_id

    def space(self, site: Mapping[str, Any]) -> str:
        """A space's name and id."""
        return f"{site['name']} ({site['site_id']})" if site["name"] else str(site["site_id"])

    def money(self, value: float | None) -> str:
        """An amount of money."""
        return NONE if value is None else money(value, self._currency, self.language)

    def money_change(self, value: float | None) -> str:
        """More or less money, signed."""
        if value is None:
            return NONE
        return "0" if abs(value) < 0.005 else with_sign(self.money(abs(value)), value)

    def value(self, value: float | None) -> str:
        """A value of the objective: money and shares as such, whole where it counts heads, else with a decimal."""
        if value is None:
            return NONE
        unit = self._data["objective"].get("unit")
        if unit == "share":
            return percent(value, 2)
        if unit == "money":
            return self.money(value)
        return number(value, 0 if abs(value - round(value)) < 5e-3 else 1)

    def people(self, value: float | None) -> str:
        """A head count."""
        return NONE if value is None else people(value)

    def change(self, value: float | None) -> str:
        """A change in people, signed."""
        return NONE if value is None else with_sign(people(abs(value)), value)

    def percent(self, value: float | None, digits: int = 2) -> str:
        """A share."""
        return NONE if value is None else percent(value, digits)

    def status(self, entry: Mapping[str, Any]) -> str:
        """How sure a value is."""
        gap = entry.get("gap")
        return self(f"status_{entry['status']}", gap=self.percent(gap))

    def unit(self) -> str:
        """What the value counts."""
        objective = self._data["objective"]
        if objective.get("unit", "people") == "people":
            return self("unit_people" if objective["counts_people"] else "unit_value")
        return self(f"unit_{objective['unit']}")

    def banners(self) -> str:
        """What limits all that the page says, as HTML."""
        out = []
        if self._data["illustrative"]:
            out.append(self("illustrative"))
        if not self._data["travel"]["network"]:
            out.append(self._data["travel"]["label"][self.language])
        if self._data.get("stopped"):
            out.append(self(f"stopped_{self._data['stopped']}"))
        return "".join(f'<div class="banner">{escape(words)}</div>' for words in out)

    def footer(self) -> str:
        """The last line of a page, as HTML."""
        return f"<footer>{escape(self('footer', version=__version__))}</footer>"
