"""``python -m siteopt.cli``."""

from __future__ import annotations

from siteopt.cli import main

main()
