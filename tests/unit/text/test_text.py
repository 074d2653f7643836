"""Sentences: both languages, filled leniently, never a traceback."""

from __future__ import annotations

import pytest

from siteopt.text import fill, finding_entries, say, topic
from siteopt.world import SPACE_KINDS

ENTRY = {"en": "{count:,} cells ({people:,.0f} people)", "zh": "{count:,} 个单元（{people:,.0f} 人）"}


def test_facts_fill_the_fields_in_either_language() -> None:
    assert fill(ENTRY, "en", {"count": 1200, "people": 37.6}) == "1,200 cells (38 people)"
    assert fill(ENTRY, "zh", {"count": 1200, "people": 37.6}) == "1,200 个单元（38 人）"


def test_a_fact_that_is_missing_reads_as_an_ellipsis() -> None:
    assert fill({"en": "{a} and {b}"}, "en", {"a": 1}) == "1 and …"


def test_a_fact_of_another_type_than_its_format_is_shown_as_it_is() -> None:
    assert fill(ENTRY, "en", {"count": "many", "people": None}) == "many cells (None people)"


def test_a_language_that_is_absent_falls_back_to_english() -> None:
    assert fill({"en": "yes"}, "fr", {}) == "yes"


@pytest.mark.parametrize("value", ["{nested}", "{0}", "%s", "<b>", "{value.__class__}"])
def test_what_a_user_wrote_is_never_taken_for_a_template(value: str) -> None:
    assert fill({"en": "got {value}"}, "en", {"value": value}) == f"got {value}"


def test_an_entry_that_nobody_wrote_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError):
        say("cli", "no_such_entry", "en")


def test_the_findings_of_all_files_are_one_catalogue() -> None:
    entries = finding_entries()
    assert "rule_unknown_site" in entries and "more_of_the_same" in entries
    assert set(topic("findings_rules")) <= set(entries)


def test_a_kind_of_space_has_one_name_in_every_output() -> None:
    for kind in (*SPACE_KINDS, "existing_outlet"):
        names = [topic("cli")[kind], topic("report")[f"kind_{kind}"], topic("dossier")[f"kind_{kind}"]]
        assert names[0] == names[1] == names[2], kind
