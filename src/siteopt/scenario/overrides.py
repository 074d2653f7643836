"""``--set path=value``: one value of the scenario, from the command line."""

from __future__ import annotations

from collections.abc import Mapping

from siteopt.findings import Findings, nearest
from siteopt.scenario.compose import compose
from siteopt.scenario.marks import AT_SET, Mark, Node
from siteopt.scenario.merge import CONSTRAINTS, name_of

MOST_STEPS = 20
CLOSED = frozenset({("types",)})
"""Mappings of the user's own keys in which a new key would be a slip of the pen, not a wish."""


def override(tree: Node, setting: str, file: str, findings: Findings) -> Node:
    """The tree with one setting applied; unchanged, with a finding, when the setting cannot be.

    Parameters
    ----------
    setting : str
        ``a.b.c=value``; the value is YAML. A list item goes by its position from 0, a constraint by its name.
        ``null`` takes out what is there: a key, an item of a list; a constraint is switched off.
    file : str
        The scenario's name, for findings.
    """
    path, equals, text = setting.partition("=")
    steps = [step.strip() for step in path.split(".")]
    if not equals or not all(steps) or len(steps) > MOST_STEPS:
        findings.error("set_syntax", file=file, row=AT_SET, value=setting)
        return tree
    value = compose(text, file, findings, given=True)
    if value is None:
        return tree
    changed = _put(tree, steps, (), value, _Where(file, setting, findings))
    return tree if changed is None else changed


class _Where:
    def __init__(self, file: str, setting: str, findings: Findings) -> None:
        self.mark, self.setting, self.findings = Mark(file, AT_SET), setting, findings

    def lost(self, done: tuple[str, ...], step: str, known: list[str]) -> None:
        """Report that the path ends before its last step."""
        self.findings.error(
            "set_path",
            file=self.mark.file,
            row=AT_SET,
            field=".".join((*done, step)),
            value=step,
            nearest=nearest(step, known) or "—",
            expected=", ".join(known) or "—",
        )


def _put(node: Node, steps: list[str], done: tuple[str, ...], value: Node, where: _Where) -> Node | None:
    if not steps:
        return Node(value.value, where.mark, where.mark, value.raw)
    if isinstance(node.value, tuple):
        return _put_item(node, steps, done, value, where)
    if not isinstance(node.value, Mapping) and node.value is not None:
        where.lost(done, steps[0], [])
        return None
    key, rest = _longest(steps, node.fields)
    if key not in node.fields and done in CLOSED:
        where.lost(done, key, list(node.fields))
        return None
    if not rest and value.is_null and (key in node.fields or key in node.gone):
        return node.without(key, where.mark)
    below = node.fields.get(key) or Node(None, where.mark, where.mark)
    changed = _put(below, rest, (*done, key), value, where)
    return None if changed is None else node.with_value({**node.fields, key: changed})


def _put_item(node: Node, steps: list[str], done: tuple[str, ...], value: Node, where: _Where) -> Node | None:
    names = {str(n): n for n in range(len(node.items))}
    if done == (CONSTRAINTS,):
        names |= {name: n for n, item in enumerate(node.items) if (name := name_of(item)) is not None}
    key, rest = _longest(steps, names)
    if key not in names:
        where.lost(done, key, list(names))
        return None
    at = names[key]
    put: tuple[Node, ...] = ()
    if rest or not value.is_null:
        changed = _put(node.items[at], rest, (*done, key), value, where)
        if changed is None:
            return None
        put = (changed,)
    elif done == (CONSTRAINTS,):
        off = Node(True, where.mark, where.mark)
        put = (node.items[at].with_value({**node.items[at].fields, "off": off}),)
    return node.with_value((*node.items[:at], *put, *node.items[at + 1 :]))


def _longest(steps: list[str], known: Mapping[str, object]) -> tuple[str, list[str]]:
    """The next key and the steps after it; a key may hold dots itself."""
    for n in range(len(steps), 1, -1):
        key = ".".join(steps[:n])
        if key in known:
            return key, steps[n:]
    return steps[0], steps[1:]
