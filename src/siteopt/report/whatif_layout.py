"""What the pages of alternatives, frontier, refusals and prices have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siteopt.report.safe import escape
from siteopt.report.sections import ROOMY, cards, document
from siteopt.report.whatif_words import WhatWords

Card = tuple[str, str, str]
"""What, figure, more."""


def whole_page(
    title: str, w: WhatWords, figures: Sequence[Card], sections: Sequence[str], *, links: str = "", style: str = ""
) -> str:
    """One HTML page, without script or network.

    Parameters
    ----------
    title : plain text
    w : words
    figures : what a reader should see first
    sections : HTML
    links : HTML under the figures
    style : CSS beyond that of all such pages
    """
    parts = [
        f"<h1>{escape(title)}</h1>",
        w.banners(),
        f'<section><div class="cards">{cards(figures)}</div>{links}</section>',
        *sections,
        w.footer(),
    ]
    return document(title, w.language, parts, more_style=style + ROOMY)


def plan_card(data: Mapping[str, Any], w: WhatWords) -> Card:
    """The plan of a stored run."""
    base = data["base"]
    text = w("card_run_text", outlets=base["outlets"], cost=w.money(base["cost"]), status=w.status(base))
    return w("card_run"), w.amount(base["value"]), text
