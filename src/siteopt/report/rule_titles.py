"""What a rule is called, from ``Run.rules`` or the ``rules`` of ``summary.json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siteopt.text import say

Rules = Mapping[str, Mapping[str, Any]]
"""Label -> ``rule`` (its kind), ``title`` by language, and more."""


def plain_title(rules: Rules, label: str, language: str) -> str:
    """A rule's title; the label where it has none."""
    title = rules.get(label, {}).get("title", {})
    return str(title.get(language) or title.get("en") or label)


def has_namesake(rules: Rules, label: str) -> bool:
    """Whether another rule has the same title."""
    title = rules.get(label, {}).get("title")
    titles = [rule.get("title") for rule in rules.values()]
    return titles.count(title) > 1


def own_name(rules: Rules, label: str) -> str:
    """The scenario's name for a rule, where two have one title and this is not the one named like its kind."""
    named_like_kind = label == rules.get(label, {}).get("rule", label)
    return label if has_namesake(rules, label) and not named_like_kind else ""


def rule_title(rules: Rules, label: str, language: str) -> str:
    """A rule's title, told apart from others of the same title."""
    title, name = plain_title(rules, label, language), own_name(rules, label)
    return say("report", "rule_named", language, title=title, name=name) if name else title
