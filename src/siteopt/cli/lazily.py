"""What commands do, imported when first used: --help answers at once, and Ctrl-C is heard meanwhile."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from siteopt import catalogue_commands, commands, whatif_commands
    from siteopt.screen import answer, catalogue, console, findings
else:

    class _Module:
        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, name: str) -> Any:
            return getattr(import_module(self._name), name)

    commands = _Module("siteopt.commands")
    catalogue_commands = _Module("siteopt.catalogue_commands")
    whatif_commands = _Module("siteopt.whatif_commands")
    answer = _Module("siteopt.screen.answer")
    catalogue = _Module("siteopt.screen.catalogue")
    console = _Module("siteopt.screen.console")
    findings = _Module("siteopt.screen.findings")

__all__ = ["answer", "catalogue", "catalogue_commands", "commands", "console", "findings", "whatif_commands"]
