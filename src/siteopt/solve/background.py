"""Work in a thread of its own, whose failure is handed to whoever waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

LOOK_S = 0.05
"""Waiting is cut into pieces, so that Ctrl-C is heard on every system."""


class Background:
    """One piece of work, begun once.

    Waiting never joins the thread: in Python 3.11 an interrupted join takes it for finished.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._begun = False
        self._done = threading.Event()
        self._failed: BaseException | None = None

    def begin(self) -> None:
        """Start the work in a thread."""
        self._begun = True
        threading.Thread(target=self._guarded, daemon=True).start()

    @property
    def running(self) -> bool:
        """Whether it has begun and not ended."""
        return self._begun and not self._done.is_set()

    def wait(self, seconds: float = np.inf) -> bool:
        """Wait until it has ended, or for some seconds; whether it has. Work that never began is not waited for."""
        until = time.perf_counter() + seconds
        while self.running and time.perf_counter() < until:
            self._done.wait(min(LOOK_S, max(0.0, until - time.perf_counter())))
        return not self.running

    def raise_failure(self) -> None:
        """Raise here what went wrong in the thread."""
        if self._failed is not None:
            raise self._failed

    def _guarded(self) -> None:
        try:
            self._work()
        except BaseException as failure:  # handed over by raise_failure
            self._failed = failure
        finally:
            self._done.set()
