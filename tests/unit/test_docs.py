"""The pages say what the code does: commands, fields, keys, links, and the example of the architecture page."""

from __future__ import annotations

import json
import re
import runpy
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from siteopt import cli, commands, pipeline
from siteopt.model import constraint
from siteopt.report.summary import summarise

ROOT = Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "scenarios" / "quickstart" / "scenario.yaml"
BY_HAND = {"": 1280.0, "{rule: reuse_first, share: 0.5}": 1160.0}
"""Values that the quickstart's README works out: a market in s3, and stalls in s2, s4; with half of the outlets in
converted space, stalls in s1, s2."""


def pages() -> list[Path]:
    """Every page of the repository, not those of a virtual environment in it."""
    inside = ("docs", "scenarios", "benchmarks", "src")
    return sorted([*ROOT.glob("*.md"), *(page for name in inside for page in (ROOT / name).rglob("*.md"))])


def twins() -> list[tuple[Path, Path]]:
    """English pages that have a Chinese twin."""
    return [(page, page.with_suffix(".zh.md")) for page in pages() if page.with_suffix(".zh.md").is_file()]


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> list[tuple[str, str]]:
    """(language, code) of each fenced block."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text(page), re.MULTILINE | re.DOTALL)


def written(page: Path) -> Iterator[list[str]]:
    """Every command line of siteopt on a page, as words: in blocks and in the text."""
    lines = [line for language, code in blocks(page) if not language for line in code.splitlines()]
    prose = re.sub(r"^```.*?^```$", "", text(page), flags=re.MULTILINE | re.DOTALL)
    lines += [" ".join(said.split()) for said in re.findall(r"`([^`]+)`", prose)]
    for line in lines:
        for part in line.split("&&"):
            if part.split()[:1] in (["siteopt"], [".venv/bin/siteopt"]):
                words = [word.rstrip(",") for word in shlex.split(part, comments=True)]
                yield from [words[1:]] if len(words) > 1 else []


def test_made_pages_are_current() -> None:
    assert runpy.run_path(str(ROOT / "docs" / "make.py"))["stale"]() == [], "run python docs/make.py"


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    anchor = runpy.run_path(str(ROOT / "docs" / "make.py"))["anchor"]
    prose = re.sub(r"^```.*?^```$", "", text(page), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, part = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if part:
            headings = re.findall(r"^#+ (.+)$", text(target), re.MULTILINE)
            assert part in [anchor(heading) for heading in headings], link


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_command_on_a_page_is_one_that_siteopt_has(page: Path) -> None:
    for words in written(page):
        if words[0].startswith("-"):
            assert words[0] in ("--version", "--help", "-h"), words
            continue
        if words[0] == "COMMAND":
            continue
        assert words[0] in cli.cli.commands, words
        command = cli.cli.commands[words[0]]
        options = {name for p in command.params if isinstance(p, click.Option) for name in p.opts} | {"--help"}
        assert {word.split("=")[0] for word in words if word.startswith("--")} <= options, words


def test_every_command_is_on_the_page_of_commands() -> None:
    said = {words[0] for words in written(ROOT / "docs" / "run-folder.md")}
    assert set(cli.cli.commands) <= said


def test_every_exit_code_is_on_the_page_of_commands() -> None:
    codes = {cli.OK, cli.BUG, cli.USAGE, cli.INPUT, cli.INFEASIBLE, cli.NO_PLAN}
    rows = re.findall(r"^\| (\d) \|", text(ROOT / "docs" / "run-folder.md"), re.MULTILINE)
    assert [int(code) for code in rows] == sorted(codes)


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "README.zh.md"], ids=name_of)
def test_the_scenarios_of_the_readme_are_there(page: Path) -> None:
    said = set(re.findall(r"scenarios/[\w./-]+\.yaml", text(page)))
    assert said
    for path in said:
        assert (ROOT / path).is_file(), path


@pytest.mark.parametrize(("page", "twin"), twins(), ids=lambda page: name_of(page))
def test_a_page_and_its_chinese_twin_have_the_same_parts_and_commands(page: Path, twin: Path) -> None:
    def levels(of: Path) -> list[str]:
        outside = re.sub(r"^```.*?^```$", "", text(of), flags=re.MULTILINE | re.DOTALL)
        return re.findall(r"^(#+) ", outside, re.MULTILINE)

    def code(of: Path) -> list[str]:
        return [
            re.sub(r'\s*#.*$|"[^"]*"', "", line)
            for _, said in blocks(of)
            for line in said.splitlines()
            if line.strip()
        ]

    assert levels(page) == levels(twin)
    assert [line for line in code(page) if line.startswith((".venv", "python3", "siteopt"))] == [
        line for line in code(twin) if line.startswith((".venv", "python3", "siteopt"))
    ]


def test_both_readmes_hold_the_two_commands_that_set_everything_up() -> None:
    for page in (ROOT / "README.md", ROOT / "README.zh.md"):
        lines = [line for _, code in blocks(page) for line in code.splitlines() if line.startswith("python3 -m venv")]
        assert lines == [
            "python3 -m venv .venv && .venv/bin/pip install . && "
            ".venv/bin/siteopt solve scenarios/qiancheng/scenario.yaml",
            "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/python -m pytest",
        ]


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "README.zh.md"], ids=name_of)
def test_the_python_of_the_readme_runs(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    [code] = [code for language, code in blocks(page) if language == "python"]
    exec(compile(code, name_of(page), "exec"), {})
    assert capsys.readouterr().out.splitlines() == [
        "proven 1280.0",
        "s2 breakfast_stall",
        "s3 vegetable_market",
        "s4 breakfast_stall",
    ]


def summaries() -> Iterator[dict[str, Any]]:
    """A plan, a clash, and a run with a remark."""
    for sets in ((), ("constraints.budget.amount=200000",)):
        yield summarise(pipeline.solve(pipeline.check(QUICKSTART, sets=sets)))
    ready = pipeline.check(QUICKSTART)
    ready.findings.info("same_place", file="spaces.csv", row=2, count=1, value="s1")
    yield summarise(pipeline.solve(ready))


OWN_KEYS = {
    "coverage": "TYPE",
    "by_type": "TYPE",
    "existing": "TYPE",
    "by_group": "GROUP",
    "people": "GROUP",
    "by_source": "SOURCE",
    "by_period": "PERIOD",
    "timings_s": "STAGE",
    "rules": "RULE",
    "detail": "…",
    "facts": "…",
}
"""Tables whose keys are the scenario's: what stands for such a key on the page."""


def keys(value: Any, path: str = "") -> Iterator[str]:
    """Dotted paths of a summary as the page writes them."""
    table = path.rpartition(".")[2]
    if isinstance(value, dict):
        for key, inside in value.items():
            said = OWN_KEYS.get(table, key)
            yield from [f"{path}.…"] if said == "…" else keys(inside, f"{path}.{said}" if path else said)
    elif isinstance(value, list):
        yield f"{path}[]"
        for inside in value:
            if isinstance(inside, dict):
                yield from keys(inside, f"{path}[]")
    else:
        yield path


def documented() -> set[str]:
    """Keys on the page; ``….before`` continues the path before it, ``complete.…`` has the keys of a type."""
    said: set[str] = set()
    for row in re.findall(r"^\| (`.*)$", text(ROOT / "docs" / "run-folder.md"), re.MULTILINE):
        last = ""
        for key in re.findall(r"`([^`]+)`", row):
            last = last.rpartition(".")[0] + key[1:] if key.startswith("….") else key
            said.add(last)
    for like in ("complete", "nothing"):
        assert f"{like}.…" in said
        said |= {key.replace("coverage.TYPE", like) for key in said if key.startswith("coverage.TYPE.")}
    return said


def test_every_key_of_a_summary_is_on_its_page() -> None:
    found = {key for summary in summaries() for key in keys(json.loads(json.dumps(summary)))}
    assert {"diagnosis.relaxations[].shortfall", "findings[].message", "sites[].lon"} <= found
    assert sorted(found - documented()) == []


def test_every_file_of_a_run_folder_is_on_its_page(tmp_path: Path) -> None:
    ready = pipeline.check(QUICKSTART)
    _, folder = commands.write(pipeline.solve(ready), ready, tmp_path / "run")
    page = text(ROOT / "docs" / "run-folder.md")
    assert [file.name for file in sorted(folder.iterdir()) if f"| `{file.name}` |" not in page] == []


@pytest.mark.parametrize(("item", "value"), BY_HAND.items(), ids=["without it", "with it"])
def test_the_constraint_of_the_architecture_page_works(
    item: str, value: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [code] = [code for language, code in blocks(ROOT / "docs" / "architecture.md") if language == "python"]
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    (rooms / "reuse_first.py").write_text(code, encoding="utf-8")
    package = __import__("siteopt.model.constraints", fromlist=["constraints"])
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(rooms)])
    constraint.registry.cache_clear()
    try:
        scenario = tmp_path / "scenario.yaml"
        scenario.write_text(f"extends: {QUICKSTART}\nconstraints: [{item}]\n", encoding="utf-8")
        run = pipeline.solve(pipeline.check(scenario))
    finally:
        constraint.registry.cache_clear()
        monkeypatch.undo()
    assert run.proof.status == "proven"
    assert run.scores.objective == value
    assert [v.holds for v in run.verdicts if v.rule == "reuse_first"] == ([True] if item else [])
