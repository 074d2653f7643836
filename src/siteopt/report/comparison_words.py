"""Numbers and names of a comparison, as a reader sees them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from siteopt.report.safe import clean
from siteopt.report.sentences import money, number, people, percent, quantity
from siteopt.text import fill, finding_entries, say

TOPIC = "compare"
NONE = "—"
SENSES = {"ge": "≥", "le": "≤", "eq": "="}


class Words:
    """Words of one comparison in one language.

    Parameters
    ----------
    data : mapping
        ``Comparison.as_dict()`` of ``siteopt.runs.compare``.
    language : {"zh", "en"}
    """

    def __init__(self, data: Mapping[str, Any], language: str) -> None:
        self.language = language
        self._types = {t["id"]: t for t in data["types"]}
        self._communities = {c["id"]: c["name"] for c in data["communities"]}

    def __call__(self, key: str, **facts: Any) -> str:
        """One entry of ``compare.yaml``."""
        return say(TOPIC, key, self.language, **facts)

    def pick(self, both: Mapping[str, str], fallback: str) -> str:
        """The text of this language, or of the other, or the fallback."""
        return both.get(self.language) or both.get("en") or both.get("zh") or fallback

    def type_name(self, type_id: str, *, limit: bool = False) -> str:
        """An outlet type's name, with its walking limit when asked for."""
        found = self._types.get(type_id)
        if found is None:
            return type_id
        name = self.pick(found["name"], type_id)
        return self("type_limit", name=name, limit=number(found["limit_min"], 1)) if limit else name

    def community(self, community_id: str | None) -> str:
        """A community's name, its id where it has none."""
        return NONE if community_id is None else self._communities.get(community_id) or community_id

    def space(self, site: Mapping[str, Any]) -> str:
        """A space's name and id."""
        return f"{site['name']} ({site['site_id']})" if site["name"] else str(site["site_id"])

    def status(self, run: Mapping[str, Any]) -> str:
        """How sure a run is."""
        gap = run["objective"]["gap"]
        return self(f"status_{run['status']}", gap=NONE if gap is None else percent(gap, 2))

    def money(self, value: float | None, currency: str | None) -> str:
        """An amount of money."""
        return NONE if value is None else money(value, currency or "", self.language)

    def subject(self, subject: str, kind: str) -> str:
        """Whom a rule is about: a community or type by its name, a space by its id, else the whole plan.

        A rule about the whole plan has its own name as subject, which says something only when the planner gave it.
        """
        if subject in ("", "total", kind):
            return self("subject_total")
        if subject in self._communities:
            return self.community(subject)
        return self.type_name(subject)

    def amount(self, value: float | None, unit: str, currency: str) -> str:
        """A figure of a rule with its unit."""
        return quantity(value, unit, currency, self.language)

    def finding(self, found: Mapping[str, Any]) -> str:
        """A finding's sentence."""
        entry = finding_entries().get(found["code"])
        facts = {"value": found["value"], "file": found["file"], **found["facts"]}
        return clean(fill(entry, self.language, facts) if entry else found["code"])


def count(value: float | None) -> str:
    """A head count."""
    return NONE if value is None else people(value)


def share(value: float | None, digits: int = 1) -> str:
    """A share as per cent."""
    return NONE if value is None else percent(value, digits)


def with_sign(text: str, value: float) -> str:
    """A formatted amount of ``abs(value)`` with its sign; no sign on what reads as nothing."""
    if not any(c in "123456789" for c in text):
        return text
    return f"+{text}" if value > 0 else f"−{text}"


def change(value: float | None) -> str:
    """A change in people, signed."""
    return NONE if value is None or not math.isfinite(value) else with_sign(people(abs(value)), value)
