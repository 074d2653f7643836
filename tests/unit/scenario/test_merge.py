from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from siteopt.scenario.marks import Mark, from_plain, plain
from siteopt.scenario.merge import merge

HERE, THERE = Mark("a.yaml", "1:1"), Mark("b.yaml", "1:1")

values = st.recursive(
    st.integers(-3, 3) | st.text("ab", max_size=2) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
items = st.fixed_dictionaries(
    {"rule": st.sampled_from(["budget", "spacing"])},
    optional={"name": st.sampled_from("xyz"), "amount": st.integers(0, 5), "off": st.booleans()},
)
scenarios = st.dictionaries(st.sampled_from(["types", "solver", "name"]), values, max_size=3).flatmap(
    lambda rest: st.lists(items, max_size=4).map(lambda listed: {**rest, "constraints": listed})
)


def laid(*parts: dict[str, Any]) -> Any:
    tree = from_plain(parts[0], HERE)
    for part in parts[1:]:
        tree = merge(tree, from_plain(part, THERE))
    return plain(tree)


def plain_merge(base: Any, over: Any) -> Any:
    """The same rule, written again without marks; constraints aside."""
    if isinstance(base, dict) and isinstance(over, dict):
        out = {k: over[k] for k in over if k not in base or (base[k] is None and over[k] is None)}
        return {
            k: plain_merge(base[k], over[k]) if k in over else base[k] for k in base if over.get(k, 0) is not None
        } | out
    return over


@given(scenarios, scenarios)
def test_a_merge_is_the_same_every_time_and_changes_neither_side(base: dict, over: dict) -> None:
    left, right = from_plain(base, HERE), from_plain(over, THERE)
    first, again = plain(merge(left, right)), plain(merge(left, right))
    assert first == again and list(first) == list(again)
    assert plain(left) == base and plain(right) == over


@given(scenarios, scenarios)
def test_mappings_are_merged_and_everything_else_is_replaced(base: dict, over: dict) -> None:
    base.pop("constraints"), over.pop("constraints")
    assert laid(base, over) == plain_merge(base, over)


@given(scenarios, scenarios)
def test_laying_the_same_over_twice_changes_nothing_more(base: dict, over: dict) -> None:
    once = laid(base, over)
    names = [c.get("name") or c["rule"] for c in over["constraints"]]
    if len(set(names)) == len(names):
        assert laid(base, over, over) == once


@given(scenarios)
def test_nothing_laid_over_nothing_changes_nothing(one: dict) -> None:
    assert laid(one, {}) == one and laid({}, one) == one


def test_constraints_meet_by_name_and_keep_their_order() -> None:
    base = {"constraints": [{"rule": "budget", "amount": 1, "types": ["a"]}, {"rule": "spacing", "name": "far"}]}
    over = {"constraints": [{"name": "far", "metres": 3}, {"rule": "budget", "amount": 2}, {"rule": "count"}]}
    assert laid(base, over)["constraints"] == [
        {"rule": "budget", "amount": 2, "types": ["a"]},
        {"rule": "spacing", "name": "far", "metres": 3},
        {"rule": "count"},
    ]


def test_another_rule_under_an_old_name_takes_none_of_its_parameters() -> None:
    base = {"constraints": [{"rule": "budget", "name": "x", "amount": 1}]}
    over = {"constraints": [{"rule": "spacing", "name": "x", "metres": 1}]}
    assert laid(base, over)["constraints"] == over["constraints"]


def test_lists_elsewhere_are_replaced_even_when_called_constraints() -> None:
    base = {"types": {"constraints": [{"rule": "a"}]}, "existing": [{"file": "a"}]}
    over = {"types": {"constraints": [{"rule": "b"}]}, "existing": [{"file": "b"}]}
    assert laid(base, over) == over


def test_null_takes_out_what_is_there_at_any_depth_and_stays_said() -> None:
    base = {"objective": {"name": "coverage", "weights": {"a": 1, "b": 2}}, "existing": [{"file": "a"}]}
    assert laid(base, {"objective": {"weights": None}, "existing": None}) == {"objective": {"name": "coverage"}}
    assert laid(base, {"objective": {"weights": {"a": None}}})["objective"]["weights"] == {"b": 2}
    # Said by a file that knows nothing of the value, it stands, and takes out what that file is laid over.
    assert laid({}, {"objective": {"weights": None}}) == {"objective": {"weights": None}}
    again = laid(base, {"objective": {"weights": None}}, {"objective": {"weights": {"c": 3}}})
    assert again["objective"] == {"name": "coverage", "weights": {"c": 3}}
    twice = merge(
        from_plain({"x": {"a": 1}}, HERE),
        merge(from_plain({"x": {"a": 2}}, HERE), from_plain({"x": {"a": None}}, THERE)),
    )
    assert plain(twice) == {"x": {}} and twice.fields["x"].gone == {"a": THERE}


def test_a_variant_without_a_value_is_one_that_changes_nothing() -> None:
    assert laid({"variants": {"today": {"name": "x"}}}, {"variants": {"today": None}}) == {
        "variants": {"today": None}
    }


def test_marks_come_with_the_later_word() -> None:
    tree = merge(from_plain({"a": {"x": 1, "y": 2}}, HERE), from_plain({"a": {"y": 3}}, THERE))
    assert tree.fields["a"].fields["x"].mark is HERE and tree.fields["a"].fields["y"].mark is THERE
