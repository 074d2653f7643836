"""A scenario as a tree that remembers where every key and every value was written.

The tree is built from YAML events on an explicit stack, never by recursion, and only plain values can come out of
it: no tag makes an object, an alias cannot grow without bound, and depth is limited.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Scalar = str | int | float | bool | None
Path = tuple[str | int, ...]
"""Keys and list positions from the top of the tree."""

AT_SET = "--set"
"""What the row reads for a value that was given on the command line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something was written: the file as findings name it, and ``line:column`` (or ``--set``)."""

    file: str
    row: str


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One value of the file.

    Attributes
    ----------
    value : mapping of str to Node, tuple of Node, or a scalar
    mark : where the value starts
    key : where the key that leads here starts; None for list items and the top
    raw : a scalar's text as written ("0101", "1.10"), so that ids are kept letter by letter
    size, depth : nodes in and levels below this node, itself included; they bound alias expansion
    gone : keys that a later word has taken out of this mapping, and where it says so
    """

    value: Mapping[str, Node] | tuple[Node, ...] | Scalar
    mark: Mark
    key: Mark | None = None
    raw: str | None = None
    size: int = 1
    depth: int = 1
    gone: Mapping[str, Mark] = field(default_factory=dict)

    @property
    def fields(self) -> Mapping[str, Node]:
        """The entries of a mapping; none for anything else."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def items(self) -> tuple[Node, ...]:
        """The items of a list; none for anything else."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def is_scalar(self) -> bool:
        """Neither a mapping nor a list."""
        return not isinstance(self.value, Mapping | tuple)

    @property
    def is_null(self) -> bool:
        """Written without a value, or as ``null``."""
        return self.value is None

    def with_value(self, value: Mapping[str, Node] | tuple[Node, ...] | Scalar) -> Node:
        """The same place with another value."""
        return replace(self, value=value, raw=None)

    def without(self, key: str, mark: Mark) -> Node:
        """The same mapping with one key taken out, as ``mark`` says."""
        left = {name: child for name, child in self.fields.items() if name != key}
        return replace(self.with_value(left), gone={**self.gone, key: mark})

    def child(self, step: str | int) -> Node | None:
        """The node one step down, or None."""
        if isinstance(step, int):
            return self.items[step] if 0 <= step < len(self.items) else None
        return self.fields.get(step)


def plain(node: Node) -> Any:
    """The tree as dicts, lists and scalars."""
    if isinstance(node.value, Mapping):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, tuple):
        return [plain(child) for child in node.value]
    return node.value


def from_plain(value: Any, mark: Mark, key: Mark | None = None) -> Node:
    """A tree from plain values, all of them marked with one place."""
    if isinstance(value, Mapping):
        return Node({str(k): from_plain(v, mark, mark) for k, v in value.items()}, mark, key)
    if isinstance(value, list | tuple):
        return Node(tuple(from_plain(v, mark) for v in value), mark, key)
    return Node(value, mark, key, None if value is None else str(value))


def find(tree: Node, path: Path) -> Node | None:
    """The node at a path, or None."""
    here: Node | None = tree
    for step in path:
        if here is None:
            return None
        here = here.child(step)
    return here


def nearest_mark(tree: Node, path: Path, *, of_key: bool = False) -> Mark:
    """Where a path is written; where its closest existing ancestor is, if the path itself is absent.

    Parameters
    ----------
    of_key : bool
        The key's place rather than the value's; an absent path always answers with the key of its ancestor.
    """
    here = tree
    for step in path:
        below = here.child(step)
        if below is None:
            return here.key or here.mark
        here = below
    return (here.key or here.mark) if of_key else here.mark


def scalars(tree: Node) -> Iterator[Node]:
    """Every scalar, in the order written."""
    if tree.is_scalar:
        yield tree
    for child in (*tree.fields.values(), *tree.items):
        yield from scalars(child)


def dotted(path: Path) -> str:
    """A path as a person writes it: ``travel.streets.file``."""
    return ".".join(str(step) for step in path)
