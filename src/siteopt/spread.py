"""One piece of work on many items (parts of a layer, variants): here, one after the other; ``cluster``: elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

J = TypeVar("J")
T = TypeVar("T")
R = TypeVar("R")


class Spread(Protocol):
    """Gives ``work(job, item)`` of every item, in the order of the items."""

    def __call__(self, work: Callable[[J, T], R], job: J, items: Sequence[T]) -> Iterator[R]:
        """The job is the same for all items; each result is let go once it was given."""
        ...


def here(work: Callable[[J, T], R], job: J, items: Sequence[T]) -> Iterator[R]:
    """On this machine, in this process."""
    for item in items:
        yield work(job, item)
