"""report.html: one file, no network, both languages.

Facts travel as JSON inside inert ``<script type="application/json">`` blocks; the page's own scripts build the
document with ``textContent`` only. A content-security policy allows exactly these scripts and styles, by hash,
and no request at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from siteopt.plan import Run
from siteopt.report.mapdata import map_data
from siteopt.report.page import page_facts, words
from siteopt.report.safe import clean, escape, json_for_script
from siteopt.text import LANGUAGES, topic
from siteopt.world import Streets

SCRIPTS = ("leaflet/leaflet.js", "core.js", "cells.js", "map.js", "tables.js", "acceptance.js", "stages.js", "app.js")
STYLES = ("leaflet/leaflet.css", "style.css")
TAG = {"zh": "zh-CN", "en": "en"}


def render_html(run: Run, summary: Mapping[str, Any], streets: Streets | None = None) -> str:
    """The report as one self-contained HTML document.

    Parameters
    ----------
    run : Run
    summary : dict
        As :func:`siteopt.report.summary.summarise` gives it.
    streets : Streets, optional
        Drawn under the map.

    Returns
    -------
    str
        The same run gives the same text.
    """
    facts = page_facts(run, summary)
    scripts, styles = [_asset(name) for name in SCRIPTS], [_asset(name) for name in STYLES]
    parts = {
        "lang": TAG[run.language],
        "policy": escape(_policy(scripts, styles)),
        "title": escape(facts["title"][run.language]),
        "styles": "\n".join(f"<style>{text}</style>" for text in styles),
        "no_script": "".join(
            f'<p lang="{TAG[lang]}">{escape(topic("report")["no_script"][lang])}</p>' for lang in LANGUAGES
        ),
        "facts": json_for_script(facts),
        "words": json_for_script(words()),
        "map": _large_json(map_data(run, streets)),
        "scripts": "\n".join(f"<script>{text}</script>" for text in scripts),
    }
    # One pass: a value that looks like a placeholder (a site named "{{map}}") stays text.
    return re.sub(r"\{\{(\w+)\}\}", lambda m: parts[m.group(1)], _asset("page.html"))


@cache
def _asset(name: str) -> str:
    """A file beside this one, without what would make a browser ask for another file."""
    text = files(__package__).joinpath("assets", *name.split("/")).read_text(encoding="utf-8")
    text = re.sub(r"/[/*]# sourceMappingURL=.*", "", text)
    return re.sub(r"url\((?!#)[^)]*\)", "none", text) if name.endswith(".css") else text


def _policy(scripts: list[str], styles: list[str]) -> str:
    def hashes(texts: list[str]) -> str:
        digests = (base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in texts)
        return " ".join(f"'sha256-{d}'" for d in digests)

    return (
        f"default-src 'none'; script-src {hashes(scripts)}; style-src {hashes(styles)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _large_json(value: Mapping[str, Any]) -> str:
    """Like :func:`json_for_script` for what is plain already: half a million numbers are not walked one by one."""
    text = clean(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text
