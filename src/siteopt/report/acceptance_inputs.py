"""A4, A6, A8 and A10 of the acceptance sheet: what people report, money, and figures that nobody verified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from siteopt.report.acceptance_line import Asked, Line, Result, both, joined, judged, line
from siteopt.report.sentences import Both
from siteopt.text import LANGUAGES, topic
from siteopt.units import MONEY_EPS

NO_MATTER = ("theme", "owner")
"""Of a type: neither decides anything."""
STEPS = ("planned", "built", "accepted", "delivered")
UNIT_OF = {"area_m2": "m2", "share": "share", "metres": "m", "metres_from_existing": "m"}
"""Units of figures that stand alone; others are shown as they are."""


def satisfaction(asked: Asked) -> Iterator[Line]:
    """The survey as brought; without one the line is not checked, whatever the plan does."""
    survey = asked.inputs.get("satisfaction")
    if not asked.policy and not survey:
        return
    target = float(asked.inputs.get("satisfaction_target", 0.9))
    if not isinstance(survey, Mapping):
        yield line(
            "A4", both("subject_satisfaction"), None, "share", source=both("source_plan_row7"), verdict="not_checked",
            target=target, sense="ge", note=both("note_no_survey"),
        )  # fmt: skip
        return
    share = float(survey["share"])
    yield line(
        "A4", both("subject_satisfaction"), share, "share", source=both("source_plan_row7"),
        verdict=judged(share, "ge", target), target=target, sense="ge",
        note=both("note_survey", n=int(survey["n"]), date=str(survey["date"]), method=str(survey["method"])),
    )  # fmt: skip


def four_sync(asked: Asked) -> Iterator[Line]:
    """Planned, built, accepted and delivered together with the housing, for every new community."""
    said = asked.inputs.get("four_sync") or {}
    communities = asked.run.world.communities
    for k, community in enumerate(map(str, communities.community_id)):
        steps = said.get(community)
        if steps is None and not (asked.policy and communities.age_class[k] == "new"):
            continue
        steps = steps if isinstance(steps, Mapping) else {}
        done = [step for step in STEPS if steps.get(step) is True]
        late = [step for step in STEPS if steps.get(step) is False]
        unsaid = [step for step in STEPS if steps.get(step) is None]
        result: Result = "not_met" if late else "not_checked" if unsaid else "met"
        told = (("note_late", late), ("note_unsaid", unsaid))
        notes = [both(key, steps=joined([both(f"step_{s}") for s in which])) for key, which in told if which]
        yield line(
            "A6", asked.community(k), None if len(unsaid) == len(STEPS) else float(len(done)), "steps",
            source=both("source_plan_sync"), verdict=result, target=float(len(STEPS)), sense="ge",
            note=joined(notes, "semicolon"),
        )  # fmt: skip


def funds(asked: Asked) -> Iterator[Line]:
    """Money against the caps that rules set, by source and period, and how far the work has come."""
    run = asked.run
    yield from asked.lines("A8", "H7", "H25")
    if run.plan is None:
        return
    planned = dict(zip(run.plan.sources, run.scores.cost_by_source.tolist(), strict=True))
    periods = dict(zip(run.plan.periods, run.scores.cost_by_period.tolist(), strict=True))
    measured = both("source_measured")
    yield line("A8", both("subject_cost_total"), run.scores.cost_total, "money", source=measured)
    if len(planned) > 1:
        for source, amount in planned.items():
            yield line("A8", both("subject_cost_source", source=fund(source)), amount, "money", source=measured)
    if len(periods) > 1:
        for period, amount in periods.items():
            yield line("A8", both("subject_cost_period", period=period), amount, "money", source=measured)
    yield from _progress(asked, planned)


def _progress(asked: Asked, planned: Mapping[str, float]) -> Iterator[Line]:
    """Money spent against money planned, and outlets open against outlets planned, as reported."""
    plan, progress = asked.run.plan, asked.inputs.get("progress")
    if plan is None:
        return
    if not isinstance(progress, Mapping):
        if asked.policy:
            yield line(
                "A8", both("subject_opened_undated"), None, "outlets", source=both("source_reported"),
                verdict="not_checked", target=float(plan.opened.sum()), sense="ge", note=both("note_no_progress"),
            )  # fmt: skip
        return
    date, opened = str(progress["date"]), progress.get("opened")
    target = float(plan.opened.sum())
    if opened is not None:
        yield line(
            "A8", both("subject_opened", date=date), float(opened), "outlets", source=both("source_reported"),
            verdict=judged(float(opened), "ge", target), target=target, sense="ge",
        )  # fmt: skip
    for source, spent in (progress.get("spent") or {}).items():
        known = source in planned
        most = planned.get(source, 0.0)
        yield line(
            "A8", both("subject_spent", source=fund(source), date=date), float(spent), "money",
            source=both("source_reported"), verdict=judged(float(spent), "le", most, MONEY_EPS), target=most,
            sense="le", note=both("note_planned") if known else both("note_no_such_source"),
        )  # fmt: skip


def fund(source: str) -> Both:
    """A source of money in words; its own name where nobody has words for it."""
    entry = topic("acceptance").get(f"fund_{source}")
    return dict(entry) if entry else dict.fromkeys(LANGUAGES, source)


def unverified(asked: Asked) -> Iterator[Line]:
    """Figures in use that nobody verified: each that bound a rule, never "met"; then the others by subject."""
    bound = [one for one in asked.run.unverified if one["bound"]]
    for one in bound:
        value = one["value"]
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        rules = joined([asked.title(label) for label in one["rules"]])
        yield line(
            "A10", both("subject_figure", subject=_owner(asked, one), figure=_figure(one["figure"])), number,
            UNIT_OF.get(one["figure"], ""), source=_mark(one), verdict="not_checked",
            note=both("note_unverified_bound", rules=rules),
        )  # fmt: skip
    others: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for one in asked.run.unverified:
        if not one["bound"] and one["figure"] not in NO_MATTER:
            others.setdefault((one["of"], one["subject"]), []).append(one)
    for found in others.values():
        figures = joined([_figure(one["figure"]) for one in found])
        note = both("note_unverified_free", figures=figures)
        yield line("A10", _owner(asked, found[0]), None, "", source=_mark(found[0]), note=note)


def _owner(asked: Asked, one: Mapping[str, Any]) -> Both:
    return asked.title(one["subject"]) if one["of"] == "rule" else asked.subjects[one["subject"]]


def _mark(one: Mapping[str, Any]) -> Both:
    """Where an unverified figure comes from."""
    named = one.get("source_title") or one["source"]
    return both("source_unverified", source=named) if named else both("source_nowhere")


def _figure(name: str) -> Both:
    """A figure in words: of a type as the catalogue calls it, of a rule by its parameter."""
    entry = topic("catalogue").get(f"unverified_{name}")
    return dict(entry) if entry else dict.fromkeys(LANGUAGES, name)
