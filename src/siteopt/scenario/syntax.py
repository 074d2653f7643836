"""What the YAML parser stumbled over, as a code that has a sentence in both languages."""

from __future__ import annotations

from typing import Any

import yaml

LONGEST_SHOWN = 60


class Fault(Exception):
    """A fault in the text, on its way to the findings; never leaves this room."""

    def __init__(self, code: str, mark: Any, value: str | None = None, facts: dict[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code, self.mark, self.value, self.facts = code, mark, value, facts or {}


def fault_of(error: yaml.YAMLError, text: str) -> Fault:
    """The fault behind a parser's error: its place, the line as written, and what is most likely meant."""
    if isinstance(error, yaml.reader.ReaderError):
        return Fault("yaml_control", _mark_at(text, error.position))
    if not isinstance(error, yaml.MarkedYAMLError):
        return Fault("yaml_syntax", None)
    problem, context = error.problem or "", error.context or ""
    mark, opened = error.problem_mark or error.context_mark, error.context_mark
    code = _code(problem, context)
    facts: dict[str, Any] = {}
    if code == "yaml_quote":
        mark = opened or mark  # the end of the file tells nobody where the quote is
    if code == "yaml_bracket" and opened is not None:
        facts["opened"] = f"{opened.line + 1}:{opened.column + 1}"
    return Fault(code, mark, _line(text, mark), facts)


def _code(problem: str, context: str) -> str:
    if "'\\t'" in problem:
        return "yaml_tab"
    if problem.startswith("mapping values are not allowed"):
        return "yaml_colon"
    if problem.startswith("could not find expected ':'"):
        return "yaml_no_colon"
    if "quoted scalar" in context:
        return "yaml_escape" if "end of stream" not in problem else "yaml_quote"
    if "flow sequence" in context or "flow mapping" in context or "flow node" in context:
        return "yaml_bracket"
    if problem.startswith("found character"):
        return "yaml_character"
    if "block mapping" in context or "block collection" in context or "block sequence" in context:
        return "yaml_indent"
    return "yaml_syntax"


def _line(text: str, mark: Any) -> str | None:
    """The line of a mark, shortened."""
    if mark is None:
        return None
    lines = text.splitlines()
    line = lines[mark.line].strip() if mark.line < len(lines) else ""
    return line if len(line) <= LONGEST_SHOWN else line[:LONGEST_SHOWN] + "…"


def _mark_at(text: str, position: int) -> Any:
    before = text[:position]
    line = before.count("\n")
    return yaml.Mark("", position, line, position - before.rfind("\n") - 1, None, 0)
