"""``python -m benchmarks.one NAME [--tiny]``: one row, once, in this process; its figures as JSON."""

from __future__ import annotations

import importlib
import json
import math
import sys
from collections.abc import Mapping
from typing import Any

from benchmarks.instances import ROOT, ROWS


def figures(name: str, *, tiny: bool = False) -> dict[str, Any]:
    """What a row measures: plain numbers, with ``details`` a list of plain rows."""
    row = ROWS[name]
    module, _, function = row.call.partition(":")
    args: dict[str, Any] = dict(row.tiny if tiny else row.args)
    if row.needs:
        args["folder"] = str((ROOT / row.needs).resolve())
    found: Mapping[str, Any] = getattr(importlib.import_module(module), function)(**args)
    return {key: _plain(value) for key, value in found.items()}


def _plain(value: Any) -> Any:
    """Without numpy's kinds, and without what JSON cannot say."""
    if isinstance(value, Mapping):
        return {str(key): _plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


if __name__ == "__main__":
    print(json.dumps(figures(sys.argv[1], tiny="--tiny" in sys.argv[2:])))
