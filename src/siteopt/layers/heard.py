"""What reading libraries say: kept off stderr, and told as findings where it matters."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow
import rasterio.errors
import shapely

from siteopt.findings import Findings
from siteopt.layers.words import shown

READER_ERRORS = (
    OSError, ValueError, RuntimeError, LookupError, UnboundLocalError, MemoryError,
    pyarrow.ArrowException, shapely.errors.ShapelyError, rasterio.errors.RasterioError,
)  # fmt: skip
"""What the reading libraries raise over a hostile file; AttributeError and TypeError stay what they are, bugs."""

_LOGGERS = ("rasterio", "pyogrio")
_HARMLESS = ("organizePolygons()", "more than 100 parts", "driver does not support open option")
_LONGEST = 200


@contextmanager
def heard(file: str, findings: Findings) -> Iterator[None]:
    """Turn what libraries warn of and log while they read into ``reader_warns``, each saying once."""
    said: set[str] = set()
    ear = _Ear(said)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(ear)
        logger.propagate = False
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
    finally:
        for logger, propagate in zip(loggers, before, strict=True):
            logger.removeHandler(ear)
            logger.propagate = propagate
    # Deprecations speak to the programmer, not about the file.
    about_code = (DeprecationWarning, PendingDeprecationWarning, FutureWarning, ResourceWarning)
    said |= {str(w.message) for w in caught if not issubclass(w.category, about_code)}
    for text in sorted(said):
        if not any(harmless in text for harmless in _HARMLESS):
            findings.warning("reader_warns", file=file, reason=shown(text, _LONGEST))


class _Ear(logging.Handler):
    """Collects what is logged as a warning or worse."""

    def __init__(self, said: set[str]) -> None:
        super().__init__(logging.WARNING)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.add(record.getMessage())


def reason(error: BaseException, path: Path) -> str:
    """Why a library could not read a file, in its words, without the folders of this machine."""
    root = error
    while root.__cause__ is not None:
        root = root.__cause__
    text = str(root) or type(root).__name__
    return str(shown(text.replace(f"{path.parent}/", ""), _LONGEST))
