"""Compiled loops where they pay, the same loops interpreted where they cannot be compiled; the same results."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def available() -> bool:
    """Whether loops are compiled here: numba can be imported and ``SITEOPT_COMPILED=0`` is not set."""
    if os.environ.get("SITEOPT_COMPILED") == "0":
        return False
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return True


def compiled(loop: F) -> F:
    """A loop over arrays, compiled once and kept on disk; it lets other threads run meanwhile.

    Files that use this are named ``*_kernel.py`` and imported only when a run is large enough: importing numba
    takes half a second.
    """
    if not available():
        return loop
    import numba

    try:
        return numba.njit(cache=True, nogil=True)(loop)  # type: ignore[no-any-return]
    except RuntimeError:  # no folder that can be written to keep it in
        return numba.njit(nogil=True)(loop)  # type: ignore[no-any-return]
