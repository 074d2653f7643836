"""The dossier's words: both languages whole, same fields, and none missing that the code asks for."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import siteopt.report.dossier
from siteopt.report.dossier import tables
from siteopt.report.dossier.shapes import fields
from siteopt.text import topic

PACKAGE = Path(siteopt.report.dossier.__file__).parent
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.glob("*.py")))


@pytest.mark.parametrize("name", ["dossier", "findings_dossier"])
def test_both_languages_say_the_same_fields(name: str) -> None:
    for key, entry in topic(name).items():
        assert set(entry) == {"zh", "en"}, key
        asked = [{f for _, f, _, _ in Formatter().parse(text) if f is not None} for text in entry.values()]
        assert asked[0] == asked[1], key
        assert all(text.strip() for text in entry.values()), key
        assert re.search(r"[\u4e00-\u9fff]", entry["zh"]) or key == "text_hash", key
        assert not re.search(r"[\u4e00-\u9fff]", entry["en"]), key


def test_every_finding_of_the_package_has_a_sentence_and_every_sentence_is_used() -> None:
    raised = set(re.findall(r'"(dossier_[a-z0-9_]+)"', CODE)) | {
        f"dossier_check_{name}" for name in ("closed", "valid", "no_duplicates", "oriented", "area_agrees", "spaced")
    }
    assert raised == set(topic("findings_dossier"))


def test_every_word_that_the_code_asks_for_is_there() -> None:
    asked = set(re.findall(r'words(?:\.both)?\(\s*"([a-z0-9_A-Z]+)"', CODE)) | set(
        re.findall(r'Column\("([a-z0-9_]+)"', CODE)
    )
    asked |= {f"field_{name}" for layer in ("plots", "points") for name in fields(layer)}
    assert len(asked) > 90
    assert asked <= set(topic("dossier"))


def test_no_sentence_is_in_the_code() -> None:
    strings = re.sub(r'"""(?:.|\n)*?"""|#.*', "", CODE)
    chinese = re.findall(r"[\u4e00-\u9fff]+", strings)
    assert chinese == []
    assert tables.TO_FILL is not None
