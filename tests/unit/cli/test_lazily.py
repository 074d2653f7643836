"""The command line answers at once: what commands need is imported when one runs."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("rich", "numpy", "pydantic", "geopandas", "siteopt.commands", "siteopt.screen")


def test_help_imports_nothing_that_only_commands_need() -> None:
    code = f"import sys, siteopt.cli; print([m for m in {HEAVY!r} if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
