"""Names that the screens read out of a summary, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def outlet_names(summary: Mapping[str, Any], language: str) -> dict[str, str]:
    """Outlet type -> its name."""
    return {kind["id"]: kind["name"][language] for kind in summary["types"]}


def community_names(summary: Mapping[str, Any]) -> dict[str, str]:
    """Community -> its id and name."""
    return {c["id"]: community_name(c) for c in summary["communities"]}


def community_name(community: Mapping[str, Any]) -> str:
    """Its id and name, one of them where they are the same."""
    key, name = str(community["id"]), community["name"]
    return key if name in ("", None, key) else f"{key} {name}"
