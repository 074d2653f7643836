from __future__ import annotations

from itertools import pairwise

import pytest

from siteopt.findings import Findings
from siteopt.scenario.compose import MOST_DEPTH, compose
from siteopt.scenario.marks import find, plain
from siteopt.text import finding_entries


def parse(text: str) -> tuple[object, list[tuple[str, object, object]]]:
    findings = Findings()
    node = compose(text, "s.yaml", findings)
    return (plain(node) if node else None), [(f.code, f.row, f.value) for f in findings]


def test_every_key_and_value_knows_its_line_and_column() -> None:
    node = compose("a: 1\nb:\n  - x\n  - {c: yes, d: [2]}\n", "s.yaml", Findings())
    assert node is not None
    places = {
        path: (n.key.row if n.key else None, n.mark.row)
        for path in [("a",), ("b",), ("b", 0), ("b", 1), ("b", 1, "c"), ("b", 1, "d"), ("b", 1, "d", 0)]
        if (n := find(node, path)) is not None
    }
    assert places == {
        ("a",): ("1:1", "1:4"),
        ("b",): ("2:1", "3:3"),
        ("b", 0): (None, "3:5"),
        ("b", 1): (None, "4:5"),
        ("b", 1, "c"): ("4:6", "4:9"),
        ("b", 1, "d"): ("4:14", "4:17"),
        ("b", 1, "d", 0): (None, "4:18"),
    }


def test_columns_count_characters_not_bytes() -> None:
    node = compose("名称: {甲: 1, 乙: 2}\n", "s.yaml", Findings())
    assert node is not None
    second = find(node, ("名称", "乙"))
    assert second is not None and second.key is not None and second.key.row == "1:12"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("off", "off"),
        ("no", "no"),
        ("true", True),
        ("0101", "0101"),
        ("12345678901234567890", "12345678901234567890"),
        ("9:30", "9:30"),
        ("2024-05-30", "2024-05-30"),
        ("1_000", 1000),
        ("-40", -40),
        ("2.5", 2.5),
        ("1.0e-07", 1e-7),
        (".", "."),
        ("~", None),
        ("", None),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("! 5", "5"),
        ("!!int 5", 5),
    ],
)
def test_an_unquoted_word_means_what_a_planner_means(text: str, value: object) -> None:
    got, findings = parse(f"a: {text}")
    assert got == {"a": value} and type(got["a"]) is type(value) and findings == []  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("a:\n\tb: 1", "yaml_tab", "2:1"),
        ("a: 1\n  b: 2\n", "yaml_colon", "2:4"),
        ("a: b: c", "yaml_colon", "1:5"),
        ("a: 1\nword\nb: 2\n", "yaml_no_colon", "3:1"),
        ("a: 1\nb: 'x\nc: 1\n", "yaml_quote", "2:4"),
        ('a: "C:\\data"', "yaml_escape", "1:8"),
        ("a: [1, 2\nb: 3\n", "yaml_bracket", "2:2"),
        ("a: {b: 1", "yaml_bracket", "1:9"),
        ("a: @x", "yaml_character", "1:4"),
        ("a: %5", "yaml_character", "1:4"),
        ("a: 'x'y", "yaml_indent", "1:7"),
        ("a: x\nb: \x01", "yaml_control", "2:4"),
        ('a: "\\0"', "yaml_control", "1:4"),
        ('a: "\\ud800"', "yaml_control", "1:4"),
        ('a: "\\UFFFFFFFF"', "yaml_syntax", "1:7"),
        ("%YAML " + "9" * 6000 + ".1\n---\na: 1", "yaml_syntax", "1:7"),
        ("a: !!python/object/apply:os.system ['true']", "yaml_tag", "1:4"),
        ("a: !!python/object:x.Y {}", "yaml_tag", "1:4"),
        ("!!python/name:os.system", "yaml_tag", "1:1"),
        ("a: !!binary aGk=", "yaml_tag", "1:4"),
        ("? [a, b]\n: 1", "yaml_key", "1:3"),
        ("~: 1", "yaml_key", "1:1"),
        ("'': 1", "yaml_key", "1:1"),
        ("*x : 1", "yaml_key", "1:1"),
        ("a: 1\nb: 2\na: 3", "yaml_key_twice", "3:1"),
        ("a: *x", "yaml_alias_unknown", "1:4"),
        ("a: &x [1, *x]", "yaml_alias_loop", "1:11"),
        ("a: 1\n---\nb: 1", "yaml_documents", "2:1"),
        ("<<: 5", "yaml_merge", "1:5"),
        ("[" * 100_000, "yaml_deep", f"1:{MOST_DEPTH + 1}"),
        ("- " * 100_000, "yaml_deep", f"1:{2 * MOST_DEPTH + 1}"),
        ("{a: " * 5000, "yaml_deep", f"1:{4 * MOST_DEPTH + 1}"),
    ],
)
def test_a_fault_in_the_text_is_one_finding_with_its_place(text: str, code: str, row: str) -> None:
    value, findings = parse(text)
    assert value is None
    assert [(c, r) for c, r, _ in findings] == [(code, row)]
    assert code in finding_entries()


def test_all_double_keys_are_found_at_once() -> None:
    _, findings = parse("a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert findings == [("yaml_key_twice", "2:11", "c"), ("yaml_key_twice", "3:1", "a")]


def test_a_bomb_of_aliases_is_refused_before_it_unfolds() -> None:
    levels = "abcdefghijklmnop"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join(['*' + old] * 10)}]" for old, new in pairwise(levels)]
    value, findings = parse("\n".join(lines))
    assert value is None and [c for c, _, _ in findings] == ["yaml_large"]


def test_aliases_cannot_build_depth_either() -> None:
    lines = ["a: &a [[[[[[[[[1]]]]]]]]]"]
    lines += [f"{n}: &{n} [[[[[[[[[*{o}]]]]]]]]]" for o, n in zip("abcde", "bcdef", strict=True)]
    _, findings = parse("\n".join(lines))
    assert [c for c, _, _ in findings] == ["yaml_deep"]


def test_anchors_and_merge_keys_work_and_an_alias_is_marked_where_it_stands() -> None:
    text = "base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\nown:\n  <<: [*b, *m]\n  x: 9\nsame: *b\n"
    node = compose(text, "s.yaml", Findings())
    assert node is not None
    assert plain(node)["own"] == {"x": 9, "y": 2, "z": 4} and plain(node)["same"] == {"x": 1, "y": 2}
    alias, inner = find(node, ("same",)), find(node, ("same", "x"))
    assert alias is not None and alias.mark.row == "6:7"
    assert inner is not None and inner.mark.row == "1:14"


def test_an_empty_text_is_a_node_without_value() -> None:
    assert parse("") == (None, []) and parse("# nothing\n") == (None, [])
    assert compose("", "s.yaml", Findings()) is not None
