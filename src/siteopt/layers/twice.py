"""Ids that occur twice in a layer too large to hold them: found by a hash, decided by the ids themselves.

Eight bytes of each id are kept, in memory while they are few, then in a temporary file in as many slices as fit in
memory one by one.
"""

from __future__ import annotations

import tempfile
from typing import IO

import numpy as np
import numpy.typing as npt
import pandas as pd

from siteopt.units import Bools, Texts

Hashes = npt.NDArray[np.uint64]

_IN_MEMORY = 4_000_000
_SLICES_BITS = 6
_KEY = "siteopt-ids-0001"  # any 16 letters, the same on every machine


def hashes_of(ids: Texts) -> Hashes:
    """(N,) hashes of texts, the same in every process."""
    return np.asarray(pd.util.hash_array(ids, hash_key=_KEY, categorize=False), dtype=np.uint64)


class Hashed:
    """Takes the hashes of a layer's ids and tells which came twice."""

    def __init__(self, in_memory: int = _IN_MEMORY) -> None:
        self._most = in_memory
        self._waiting: list[Hashes] = []
        self._count = 0
        self._slices: list[IO[bytes]] = []

    def add(self, hashes: Hashes) -> None:
        """Take some more."""
        self._waiting.append(hashes)
        self._count += len(hashes)
        if self._count > self._most:
            self._spill()

    def twice(self) -> Hashes:
        """The hashes that came more than once, ascending."""
        if not self._slices:
            return _repeated(np.concatenate(self._waiting)) if self._waiting else np.empty(0, dtype=np.uint64)
        self._spill()
        found = []
        for file in self._slices:
            file.seek(0)
            found.append(_repeated(np.frombuffer(file.read(), dtype=np.uint64)))
            file.close()
        self._slices = []
        return np.concatenate(found)

    def _spill(self) -> None:
        if not self._slices:
            self._slices = [tempfile.TemporaryFile() for _ in range(1 << _SLICES_BITS)]  # noqa: SIM115
        together = np.sort(np.concatenate(self._waiting)) if self._waiting else np.empty(0, dtype=np.uint64)
        cuts = np.searchsorted(together >> np.uint64(64 - _SLICES_BITS), np.arange(1, len(self._slices)))
        for file, some in zip(self._slices, np.split(together, cuts), strict=True):
            file.write(some.tobytes())
        self._waiting, self._count = [], 0


def among(hashes: Hashes, wanted: Hashes) -> Bools:
    """(N,) bool: the hash is one of the wanted (ascending)."""
    if not len(wanted):
        return np.zeros(len(hashes), dtype=np.bool_)
    at = np.minimum(np.searchsorted(wanted, hashes), len(wanted) - 1)
    return np.asarray(wanted[at] == hashes, dtype=np.bool_)


def _repeated(hashes: Hashes) -> Hashes:
    together = np.sort(hashes)
    return np.unique(together[1:][together[1:] == together[:-1]])
