"""Whom a rule is about, by name."""

from __future__ import annotations

from collections.abc import Mapping

from siteopt.plan import Run, Verdict
from siteopt.report.sentences import TOPIC, Both, both, in_both, titles, type_name
from siteopt.text import LANGUAGES, topic
from siteopt.world import SECTORS


class Subjects:
    """Whom a rule is about, by name: a community, outlet type or space, else the words as they came."""

    def __init__(self, run: Run) -> None:
        world = run.world
        self._rules = {label: titles(run, label) for label in run.rules}
        self._known: dict[str, Both] = {}
        for ids, names in (
            (world.sites.site_id, world.sites.name),
            (world.communities.community_id, world.communities.name),
        ):
            for key, name in zip(ids, names, strict=True):
                label = f"{name} ({key})" if name and str(name) != str(key) else str(key)
                self._known[str(key)] = dict.fromkeys(LANGUAGES, label)
        for t, type_id in enumerate(world.types.type_id):
            self._known[type_id] = {lang: type_name(run, t, lang) for lang in LANGUAGES}
        for key, name in topic("zones").items():
            self._known.setdefault(key, name)
        for sector in SECTORS:
            self._known.setdefault(sector, topic("catalogue")[f"sector_{sector}"])

    def of(self, verdict: Verdict) -> Both:
        """Whom a verdict is about, in its own words where it brings some."""
        about = verdict.detail.get("about")
        return {lang: str(about[lang]) for lang in LANGUAGES} if isinstance(about, Mapping) else self[verdict.subject]

    def __getitem__(self, subject: str) -> Both:
        if subject in self._known:
            return self._known[subject]
        if subject in ("", "total", "all") or subject in self._rules:
            return both("subject_total")
        first, colon, second = subject.partition(": ")
        head = self._known.get(first) or self._rules.get(first)
        if colon and head:
            return in_both(TOPIC, "subject_of", head=head, tail=self[second])
        for sign in (" + ", " / "):  # types that are counted together, or of which any one is enough
            words = subject.split(sign)
            if len(words) > 1 and all(part in self._known for word in words for part in word.split(" / ")):
                named = [self[word] for word in words]
                return {lang: sign.join(word[lang] for word in named) for lang in LANGUAGES}
        return dict.fromkeys(LANGUAGES, subject)
