"""Names of outlet types in a policy pack, and the scenario's own types that they stand for."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from siteopt.scenario.marks import Node

TYPES = "types"


def catalogue_id(own: str, node: Node) -> str:
    """The catalogue's name of one of the scenario's types."""
    said = node.child("catalogue")
    return said.value if said is not None and isinstance(said.value, str) else own


class TypeNames:
    """A pack's names of outlet types, and the scenario's own types that they stand for."""

    def __init__(self, tree: Node, known: Collection[str]) -> None:
        types = tree.child(TYPES)
        self.known = known
        self.ids = frozenset(types.fields if types else ())
        self.own: dict[str, list[str]] = {}
        for own, node in (types.fields if types else {}).items():
            self.own.setdefault(catalogue_id(own, node), []).append(own)

    def absent(self, node: Node) -> list[str]:
        """The pack's types in a value that the scenario does not have."""
        found = [key for key in node.fields if self._lacks(key)]
        found += [str(node.value)] if node.is_scalar and self._lacks(node.value) else []
        for child in (*node.fields.values(), *node.items):
            found += self.absent(child)
        return found

    def _lacks(self, name: object) -> bool:
        return isinstance(name, str) and name in self.known and name not in self.own

    def renamed(self, node: Node) -> Node:
        """A value with the scenario's own names; a name in a list or a key stands for all types of that kind."""
        if isinstance(node.value, tuple):
            return node.with_value(tuple(n for child in node.items for n in self._one_or_more(child)))
        if isinstance(node.value, Mapping):
            return node.with_value(
                {own: self.renamed(child) for key, child in node.fields.items() for own in self.own.get(key, [key])}
            )
        return self._one_or_more(node)[0]

    def _one_or_more(self, node: Node) -> list[Node]:
        if not node.is_scalar:
            return [self.renamed(node)]
        if not isinstance(node.value, str) or node.value not in self.known or node.value not in self.own:
            return [node]
        return [node.with_value(own) for own in self.own[node.value]]

    def pruned(self, node: Node, file: str | None = None) -> Node | None:
        """A value without the types that the scenario does not have; None when nothing is left of it.

        Parameters
        ----------
        file : str, optional
            Only what this file says is left out: who names a type himself wants it.
        """
        said = file is None or node.mark.file == file
        if node.is_scalar:
            return None if said and self._lacks(node.value) and node.value not in self.ids else node
        if isinstance(node.value, tuple):
            items = tuple(left for child in node.items if (left := self.pruned(child, file)) is not None)
            return None if node.items and not items else node.with_value(items)
        fields: dict[str, Node] = {}
        for key, value in node.fields.items():
            left = self.pruned(value, file)
            if left is not None or value.items:  # what a list allows, when none of it is there, is nothing
                fields[key] = value.with_value(()) if left is None else left
        fields = {
            key: value
            for key, value in fields.items()
            if not self._lacks(key) or key in self.ids or (file is not None and value.mark.file != file)
        }
        return None if node.fields and not fields else node.with_value(fields)
