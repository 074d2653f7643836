"""Reading a scenario file and the files that it builds on (``extends:``)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from siteopt.findings import Findings, nearest
from siteopt.scenario.compose import compose
from siteopt.scenario.marks import Mark, Node
from siteopt.scenario.merge import check_names, merge
from siteopt.scenario.paths import folder_from, move_tree

MOST_BYTES = 1_048_576
EXTENDS = "extends"


def read(path: Path, findings: Findings) -> Node | None:
    """One scenario with everything it extends laid under it; paths relative to the first file's folder.

    Returns
    -------
    Node or None
        A mapping without ``extends``; None after an error in any of the files.
    """
    top = Path(os.path.abspath(path))  # noqa: PTH100 - a link's folder is where the user put the link
    before = len(findings.errors)
    reader = _Reader(top.parent, findings)
    tree = reader.whole(top, asked=Mark(top.name, ""), as_written=str(path))
    return tree if len(findings.errors) == before else None


@dataclass
class _Reader:
    base: Path
    findings: Findings
    done: dict[Path, Node | None] = field(default_factory=dict)
    under_way: list[Path] = field(default_factory=list)

    def whole(self, path: Path, asked: Mark, as_written: str) -> Node | None:
        """A file and what it extends, merged; each file is read once however many ask for it."""
        if path in self.under_way:
            circle = [*self.under_way[self.under_way.index(path) :], path]
            names = " → ".join(self.name(p) for p in circle)
            self.error("extends_circle", asked, as_written, circle=names)
            return None
        if path not in self.done:
            self.under_way.append(path)
            self.done[path] = self.one(path, asked, as_written)
            self.under_way.pop()
        return self.done[path]

    def one(self, path: Path, asked: Mark, as_written: str) -> Node | None:
        text = self.text(path, asked, as_written)
        name = self.name(path)
        own = compose(text, name, self.findings) if text is not None else None
        if own is None:
            return None
        if not isinstance(own.value, dict):
            code = "scenario_empty" if own.value is None else "scenario_not_a_mapping"
            self.error(code, own.mark, None)
            return None
        check_names(own, self.findings)
        bases = self.bases(own, path)
        own = own.with_value({key: child for key, child in own.value.items() if key != EXTENDS})
        tree: Node | None = None
        for part in (*bases, move_tree(own, folder_from(path.parent, self.base))):
            tree = part if tree is None else merge(tree, part)
        return tree

    def bases(self, own: Node, path: Path) -> list[Node]:
        said = own.child(EXTENDS)
        if said is None:
            return []
        found = []
        for item in said.items or (said,):
            if not isinstance(item.value, str) or not item.value:
                self.error("extends_not_a_path", item.mark, item.value if item.is_scalar else None, field=EXTENDS)
                continue
            other = Path(os.path.abspath(path.parent / item.value))  # noqa: PTH100
            found.append(self.whole(other, item.mark, item.value))
        return [tree for tree in found if tree is not None]

    def text(self, path: Path, asked: Mark, as_written: str) -> str | None:
        """A file's text; a finding and None when there is none."""
        try:
            if path.is_dir():
                inside = [f"{as_written}/{p.name}" for p in sorted(path.glob("*.yaml"))]
                self.error("scenario_is_a_folder", asked, as_written, nearest=", ".join(inside[:5]) or "—")
                return None
            if not path.exists():
                self.error("scenario_missing", asked, as_written, nearest=_neighbour(path))
                return None
            if not path.is_file():  # a device or a pipe: reading it may never end
                self.error("scenario_not_a_file", asked, as_written)
                return None
            with path.open("rb") as stream:
                raw = stream.read(MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            self.error(
                "scenario_unreadable", asked, as_written, reason=getattr(error, "strerror", None) or str(error)
            )
            return None
        if len(raw) > MOST_BYTES:
            self.error("scenario_too_large", asked, as_written, limit=MOST_BYTES)
            return None
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            lines = raw[: error.start].decode("utf-8-sig", "replace").split("\n")
            self.error("scenario_not_utf8", Mark(self.name(path), f"{len(lines)}:{len(lines[-1]) + 1}"), None)
            return None

    def name(self, path: Path) -> str:
        """The file as findings name it: seen from the first file's folder."""
        return folder_from(path, self.base)

    def error(self, code: str, mark: Mark, value: object, **facts: object) -> None:
        self.findings.error(code, file=mark.file, row=mark.row or None, value=value, **facts)


def _neighbour(path: Path) -> str:
    """The file beside a missing one whose name is closest."""
    try:
        names = sorted(p.name for p in path.parent.iterdir() if p.is_file())
    except (OSError, ValueError):
        return "—"
    return nearest(path.name, names) or "—"
