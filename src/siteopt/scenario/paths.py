"""Relative paths in a scenario: they mean the folder of the file that says them.

When one scenario builds on another in a different folder, the paths of the other are rewritten so that all of
them are relative to the first one's folder. Nothing is expanded: no ``~``, no environment variable.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from siteopt.scenario.marks import Node

PATH_FIELDS = frozenset({"file", "within"})
"""Keys whose text is a path, wherever they are."""

NOT_PATHS_BELOW = frozenset({"where", "map", "values", "constraints", "objective"})
"""Mappings whose keys are the user's own words (a column may well be called ``file``), or the parameters of rules."""

NAMED_LAYERS = "zones"
"""Layers by a name of the user's own, which may be one of these words as well."""


def moved(path: str, prefix: str) -> str:
    """A path said in the folder ``prefix`` (itself relative, posix; "." is here), as said from here."""
    if prefix in ("", ".") or not path or is_absolute(path):
        return path
    return os.path.normpath(PurePosixPath(prefix) / path.replace(os.sep, "/")).replace(os.sep, "/")


def is_absolute(path: str) -> bool:
    """Absolute on any system: a scenario travels between them."""
    return PurePosixPath(path).is_absolute() or bool(PureWindowsPath(path).drive)


def folder_from(folder: Path, base: Path) -> str:
    """The way from ``base`` to ``folder`` as a posix path; absolute where there is no relative one."""
    try:
        return Path(os.path.relpath(folder, base)).as_posix()
    except ValueError:  # another drive
        return folder.as_posix()


def move_tree(node: Node, prefix: str) -> Node:
    """The tree with every path in it rewritten by :func:`moved`."""
    if isinstance(node.value, Mapping):
        return node.with_value({key: _move_field(key, child, prefix) for key, child in node.value.items()})
    if isinstance(node.value, tuple):
        return node.with_value(tuple(move_tree(child, prefix) for child in node.value))
    return node


def _move_field(key: str, child: Node, prefix: str) -> Node:
    if key in NOT_PATHS_BELOW:
        return child
    if key == NAMED_LAYERS and isinstance(child.value, Mapping):
        return child.with_value({name: move_tree(layer, prefix) for name, layer in child.value.items()})
    if key in PATH_FIELDS and isinstance(child.value, str):
        return child.with_value(moved(child.value, prefix))
    return move_tree(child, prefix)


def rebased(values: Any, prefix: str) -> Any:
    """Plain resolved values with every path rewritten, e.g. for a copy of the scenario in a run folder.

    Parameters
    ----------
    values : dict
        As in ``Loaded.resolved``.
    prefix : str
        The way from the new folder to the scenario's (see :func:`folder_from`).
    """
    if isinstance(values, Mapping):
        return {
            key: child
            if key in NOT_PATHS_BELOW
            else {name: rebased(layer, prefix) for name, layer in child.items()}
            if key == NAMED_LAYERS and isinstance(child, Mapping)
            else moved(child, prefix)
            if key in PATH_FIELDS and isinstance(child, str)
            else rebased(child, prefix)
            for key, child in values.items()
        }
    if isinstance(values, list | tuple):
        return [rebased(child, prefix) for child in values]
    return values
