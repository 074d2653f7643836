"""YAML text to a marked tree: every fault a finding with line and column, never a traceback."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from siteopt.findings import Findings
from siteopt.scenario.marks import AT_SET, Mark, Node
from siteopt.scenario.scalars import TAGS, meaning, unprintable
from siteopt.scenario.syntax import Fault, fault_of

MOST_DEPTH = 40
MOST_NODES = 200_000
MERGE = "<<"


def compose(text: str, file: str, findings: Findings, *, given: bool = False) -> Node | None:
    """Parse YAML text.

    Parameters
    ----------
    text : str
        Decoded text.
    file : str
        The name that findings and marks carry.
    given : bool
        The text is a value of ``--set``: its marks say so, instead of a line that is in no file.

    Returns
    -------
    Node or None
        None after an error; an empty text is a node whose value is None.
    """
    before = len(findings.errors)
    builder = _Builder(file, findings, given)
    try:
        loader = yaml.SafeLoader(text)
        while loader.check_event():
            builder.take(loader.get_event())  # type: ignore[no-untyped-call]
    except Fault as fault:
        builder.report(fault)
    except yaml.YAMLError as error:
        builder.report(fault_of(error, text))
    except (ValueError, OverflowError, IndexError, RecursionError):
        # The parser's own slips on absurd input (an escape beyond Unicode, a version of 5,000 digits).
        builder.report(Fault("yaml_syntax", loader.get_mark()))
    if len(findings.errors) > before:
        return None
    return builder.root or Node(None, builder.mark_of(None))


@dataclass
class _Frame:
    """A mapping or list under construction."""

    start: Any
    is_map: bool
    anchor: str | None
    slot: tuple[str, Mark] | None
    entries: dict[str, Node] = field(default_factory=dict)
    merged: list[Node] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    key: tuple[str, Mark] | None = None
    size: int = 1
    depth: int = 1


class _Builder:
    """Turns events into nodes, one frame per open mapping or list."""

    def __init__(self, file: str, findings: Findings, given: bool) -> None:
        self.file, self.findings, self.given = file, findings, given
        self.root: Node | None = None
        self.documents = 0
        self.stack: list[_Frame] = []
        self.anchors: dict[str, Node | None] = {}
        self.nodes = 0

    def mark_of(self, mark: Any) -> Mark:
        """The mark that a node keeps."""
        if self.given:
            return Mark(self.file, AT_SET)
        return Mark(self.file, f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1")

    def report(self, fault: Fault) -> None:
        """Add a fault to the findings."""
        row = self.mark_of(fault.mark).row
        self.findings.error(fault.code, file=self.file, row=row, value=fault.value, **fault.facts)

    def take(self, event: Any) -> None:
        """One event of the parser."""
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise Fault("yaml_documents", event.start_mark)
            case yaml.ScalarEvent():
                self.scalar(event)
            case yaml.AliasEvent():
                self.alias(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self.open(event, is_map=isinstance(event, yaml.MappingStartEvent))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.close()
            case _:
                pass

    def scalar(self, event: Any) -> None:
        tag = self.tag(event)
        if unprintable(event.value):
            raise Fault("yaml_control", event.start_mark)
        if self.wants_key():
            self.take_key(event)
            return
        # implicit[0]: unquoted, so that the text may mean something else than text
        value = meaning(event.value, quoted=not event.implicit[0], tag=tag)
        self.put(Node(value, self.mark_of(event.start_mark), self.slot_mark(), event.value), event)

    def take_key(self, event: Any) -> None:
        frame = self.stack[-1]
        text = event.value
        if not text.strip() or (text == "~" and event.implicit[0]):
            raise Fault("yaml_key", event.start_mark)
        if text in frame.entries:
            first = frame.entries[text].key
            self.report(Fault("yaml_key_twice", event.start_mark, text, {"first": first.row if first else "?"}))
        frame.key = (text, self.mark_of(event.start_mark))

    def alias(self, event: Any) -> None:
        if self.wants_key():
            raise Fault("yaml_key", event.start_mark)
        target = self.anchors.get(event.anchor)
        if target is None:
            code = "yaml_alias_loop" if event.anchor in self.anchors else "yaml_alias_unknown"
            raise Fault(code, event.start_mark, event.anchor)
        if len(self.stack) + target.depth > MOST_DEPTH:
            raise Fault("yaml_deep", event.start_mark, None, {"limit": MOST_DEPTH})
        mark = self.mark_of(event.start_mark)
        self.put(Node(target.value, mark, self.slot_mark(), target.raw, target.size, target.depth), event)

    def open(self, event: Any, *, is_map: bool) -> None:
        self.tag(event)
        if self.wants_key():
            raise Fault("yaml_key", event.start_mark)
        if len(self.stack) >= MOST_DEPTH:
            raise Fault("yaml_deep", event.start_mark, None, {"limit": MOST_DEPTH})
        if event.anchor:
            self.anchors[event.anchor] = None  # an alias to it from inside would have no end
        slot = self.stack[-1].key if self.stack else None
        self.stack.append(_Frame(event.start_mark, is_map, event.anchor, slot))

    def close(self) -> None:
        frame = self.stack.pop()
        value: dict[str, Node] | tuple[Node, ...] = tuple(frame.items)
        if frame.is_map:
            value = {k: v for merged in frame.merged for k, v in merged.fields.items()} | frame.entries
        key = frame.slot[1] if frame.slot else None
        mark = self.mark_of(frame.start)
        self.put(Node(value, mark, key, None, frame.size, frame.depth), frame, counted=True)

    def put(self, node: Node, source: Any, *, counted: bool = False) -> None:
        """Hand a finished node to the mapping or list that is open, and to its anchor's name."""
        self.nodes += 1 if counted else node.size
        if self.nodes > MOST_NODES:
            mark = getattr(source, "start_mark", None) or source.start
            raise Fault("yaml_large", mark, None, {"limit": MOST_NODES})
        anchor = None if isinstance(source, yaml.AliasEvent) else source.anchor
        if anchor:
            self.anchors[anchor] = node
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        frame.size += node.size
        frame.depth = max(frame.depth, node.depth + 1)
        if frame.key is None:
            frame.items.append(node)
            return
        text, mark = frame.key
        frame.key = None
        if text == MERGE:
            # In "<<: [*a, *b]" the first one named wins, so it is laid down last.
            frame.merged.extend(reversed(node.items) if node.items else (node,))
            if any(not isinstance(n.value, dict) for n in frame.merged):
                raise Fault("yaml_merge", getattr(source, "start_mark", None) or source.start)
        else:
            frame.entries[text] = node

    def wants_key(self) -> bool:
        return bool(self.stack) and self.stack[-1].is_map and self.stack[-1].key is None

    def slot_mark(self) -> Mark | None:
        return self.stack[-1].key[1] if self.stack and self.stack[-1].key else None

    def tag(self, event: Any) -> str | None:
        tag: str | None = event.tag
        if tag is not None and tag != "!" and tag not in TAGS:
            raise Fault("yaml_tag", event.start_mark, tag)
        return tag
