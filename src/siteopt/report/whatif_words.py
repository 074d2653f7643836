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
DIGITS = {"points": 2}
"""Decimals of a value that is not whole; one of other units."""
NEARLY_NOTHING = 1e-6


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

    @property
    def less(self) -> bool:
        """Less of the value is better."""
        return bool(self._data["objective"].get("sense") == "min")

    def sought(self, key: str, **facts: Any) -> str:
        """One entry, in the words of a value of which less is better where that is so."""
        return self(f"{key}_min" if self.less else key, **facts)

    def value(self, value: float | None) -> str:
        """A value of the objective for a column: money and shares as such, whole where it counts heads."""
        if value is None:
            return NONE
        if self.counted == "share":
            return percent(value, 2)
        if self.counted == "money":
            return self.money(value)
        return number(value, 0 if abs(value - round(value)) < 5e-3 else DIGITS.get(self.counted, 1))

    def difference(self, value: float | None) -> str:
        """The difference of two values, for a column; of shares in percentage points."""
        if value is None or self.counted != "share":
            return self.value(value)
        return self("with_share_points", value=number(value * 100, 2))

    def amount(self, value: float | None, *, differs: bool = False) -> str:
        """A value, or a difference of two, with its unit: for a figure that stands alone."""
        if value is None or self.counted in ("share", "money"):
            return self.difference(value) if differs else self.value(value)
        return self(f"with_{self.counted}", value=self.value(value))

    def better(self, by: float, *, alone: bool = False) -> str:
        """By how much a value gets better, with the sign of what it does: up where more is better."""
        text = self.amount(by, differs=True) if alone else self.difference(by)
        return with_sign(text, -by if self.less else by)

    def against(self, value: float | None, than: float | None) -> str:
        """By how much a value is above or below another, signed."""
        return NONE if value is None or than is None else with_sign(self.difference(abs(value - than)), value - than)

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

    @property
    def counted(self) -> str:
        """What the value is counted in, as the texts ``unit_…`` and ``with_…`` name it."""
        return str(self._data["objective"]["counted_as"])

    def unit(self) -> str:
        """What the value counts."""
        return self(f"unit_{self.counted}")

    def about_value(self, page: str) -> str:
        """What the value is, and what a first goal that gives something up means for a page."""
        objective = self._data["objective"]
        parts = [self("value_note_money" if self.counted == "money" else "value_note", unit=self.unit())]
        if objective["name"] == "ordered":
            parts.append(self("value_note_first"))
        if objective.get("tolerance"):
            say_it = self.sought if page == "alternatives" else self
            parts.append(say_it(f"tolerance_{page}", tolerance=self.percent(objective["tolerance"])))
        return self.sentences(parts)

    def sentences(self, parts: Iterable[str]) -> str:
        """Whole sentences one after the other."""
        return ("" if self.language == "zh" else " ").join(filter(None, parts))

    def rule(self, label: str, kind: str, title: Mapping[str, str]) -> str:
        """A rule's title, with the planner's own name for it where that says more."""
        words = title.get(self.language) or title.get("en") or label
        return words if label == kind else f"{words} ({label})"

    def interval(self, least: float | None, most: float | None, nothing: str) -> str:
        """A difference of values that lies between two, in words that were earned."""
        if most is None:
            if least is None or least <= NEARLY_NOTHING:
                return self("loss_unknown")
            return self("loss_at_least", least=self.difference(least))
        if most <= NEARLY_NOTHING:
            return self(nothing)
        if least is not None and most - least <= NEARLY_NOTHING * max(1.0, abs(most)):
            return self.difference(most)
        floor = NONE if least is None else self.difference(max(least, 0.0))
        return self("loss_range", least=floor, most=self.difference(most))

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
