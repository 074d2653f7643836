"""Minutes written to disk batch by batch, for more pairs than memory holds; the files leave at the end."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa

from siteopt.access.walker import Walker
from siteopt.problem import TravelTimes
from siteopt.units import Floats, read_only


class OnDisk:
    """Walking minutes in files: one Arrow file per batch, one row per cell with its list of sites and of minutes.

    Use as a context: at its end the files are removed.

    Parameters
    ----------
    walker : Walker
    folder : Path, optional
        Where a temporary folder is made; the system's place for such things when left out.
    """

    def __init__(self, walker: Walker, folder: Path | None = None) -> None:
        self._walker = walker
        self._scratch = tempfile.TemporaryDirectory(prefix="siteopt-minutes-", dir=folder)
        self._files: list[Path] = []
        self.n_cells, self.n_pairs, self.n_bytes = 0, 0, 0

    def __enter__(self) -> OnDisk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scratch.cleanup()

    def write(self, batches: Iterable[Floats]) -> OnDisk:
        """Walk from batch after batch of cells, (N, 2) metres, and write what was found."""
        for cells_xy in batches:
            cells = self._walker.snapper(cells_xy, places=False)
            count, site, minutes = self._walker.pairs(cells_xy, cells)
            offsets = np.concatenate([[0], np.cumsum(count)])
            columns = [pa.LargeListArray.from_arrays(offsets, values) for values in (site, minutes)]
            path = Path(self._scratch.name) / f"{len(self._files):06d}.arrow"
            batch = pa.record_batch(columns, names=["site", "minutes"])
            with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as out:
                out.write_batch(batch)
            self._files.append(path)
            self.n_cells, self.n_pairs = self.n_cells + len(count), self.n_pairs + len(site)
            self.n_bytes += path.stat().st_size
        return self

    def batches(self) -> Iterator[TravelTimes]:
        """The batches again, in their order."""
        for path in self._files:
            indptr, site, minutes = _read(path)
            yield self._walker.noun(indptr, site, minutes)

    def whole(self) -> TravelTimes:
        """All batches as one, each in memory once."""
        indptr = np.zeros(self.n_cells + 1, dtype=np.int64)
        site, minutes = np.empty(self.n_pairs, dtype=np.int64), np.empty(self.n_pairs)
        cell = at = 0
        for path in self._files:
            rows, some, walk = _read(path)
            indptr[cell + 1 : cell + len(rows)] = at + rows[1:]
            site[at : at + len(some)], minutes[at : at + len(some)] = some, walk
            cell, at = cell + len(rows) - 1, at + len(some)
        return self._walker.noun(indptr, site, minutes)


def _read(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    with pa.memory_map(str(path)) as source:
        batch = pa.ipc.open_file(source).get_batch(0)
        lists = batch.column("site"), batch.column("minutes")
        return (
            read_only(lists[0].offsets.to_numpy()),
            read_only(lists[0].values.to_numpy()),
            read_only(lists[1].values.to_numpy()),
        )
