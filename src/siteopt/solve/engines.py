"""Engines by name."""

from __future__ import annotations

from siteopt.solve.backend import Backend, EngineUnavailable
from siteopt.solve.highs import Highs


def engine(name: str) -> Backend:
    """The engine of a name: ``highs``, ``pulp`` (CBC) or ``pulp:SOLVER``.

    Raises
    ------
    EngineUnavailable
        For an unknown name, or a solver that PuLP cannot run here.
    """
    if name == "highs":
        return Highs()
    # PuLP is imported only when asked for: it costs a third of a second.
    from siteopt.solve.pulp import CBC, Pulp

    if name == "pulp":
        return Pulp(CBC)
    if name.startswith("pulp:"):
        return Pulp(name.removeprefix("pulp:"))
    raise EngineUnavailable(name, ["highs", "pulp", "pulp:SOLVER"])
