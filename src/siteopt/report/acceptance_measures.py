"""A1, A3, A5, A7 and A9 of the acceptance sheet: counts, areas and shares that follow from the plan and the world."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from siteopt.plan import Verdict, areas
from siteopt.report.acceptance_line import Asked, Line, Result, both, joined, judged, line
from siteopt.report.sentences import Both
from siteopt.units import Bools, Floats, exact_share, whole_dm2
from siteopt.world import GRADES, SERVICES

HUNDRED_HOUSEHOLDS = 100.0


def _open(asked: Asked) -> Bools:
    """(J, T) outlets that stand or are opened by the plan."""
    standing, plan = asked.run.world.sites.standing, asked.run.plan
    return standing if plan is None else standing | plan.opened


def _new_areas(asked: Asked) -> Floats:
    """(J, T) m2 of new outlets."""
    world, plan = asked.run.world, asked.run.plan
    return np.zeros(world.sites.standing.shape) if plan is None else areas(world, plan)


# --- A1 -------------------------------------------------------------------------------------------------------


def types_present(asked: Asked) -> Iterator[Line]:
    """What rules of must-have types ask; then how many basic and quality types each community has, and which not.

    Of a pilot whose grade asks for numbers of types, they are the target.
    """
    yield from asked.lines("A1", "H3", "H4")
    asks = _asked_by_grade(asked)
    world = asked.run.world
    open_, home = _open(asked), world.sites.community
    places = [(k, asked.community(k), home == k) for k in range(len(world.communities))]
    for k, subject, here in places or [(-1, asked.subjects[""], np.ones(len(world.sites), dtype=np.bool_))]:
        present = open_[here].any(axis=0)
        for category in dict.fromkeys(sorted(world.types.category)):
            mine = [t for t, c in enumerate(world.types.category) if c == category]
            missing = [asked.subjects[world.types.type_id[t]] for t in mine if not present[t]]
            note = both("note_missing", types=joined(missing)) if missing else both("note_none_missing")
            words, value = both(f"subject_{category}", subject=subject, n=len(mine)), float(len(mine) - len(missing))
            if k not in asks:
                yield line("A1", words, value, "types", source=both("source_measured"), note=note)
                continue
            label, least = asks[k]
            target = float(least.get(category, 0))
            yield line(
                "A1", words, value, "types", source=asked.rule(label), verdict=judged(value, "ge", target),
                target=target, sense="ge", note=note,
            )  # fmt: skip


def _asked_by_grade(asked: Asked) -> dict[int, tuple[str, Mapping[str, float]]]:
    """Pilot -> the rule, and the numbers of types by class that the pilot's grade asks for."""
    ids = {str(c): k for k, c in enumerate(asked.run.world.communities.community_id)}
    out: dict[int, tuple[str, Mapping[str, float]]] = {}
    for label, chosen in _chosen(asked).items():
        table = asked.run.rules[label].get("params", {}).get("grades", {})
        out |= {ids[c]: (label, table[grade]) for c, grade in chosen.items() if c in ids and grade in table}
    return out


# --- A3 -------------------------------------------------------------------------------------------------------


def chains(asked: Asked) -> Iterator[Line]:
    """Share of chains among all outlets, standing ones included, where the rule looks, else in the pilots."""
    told = _chains_told(asked) or not asked.run.world.sites.standing.any()
    found = asked.verdicts("H13")
    if not found:
        chain, total, where = _count_chains(asked)
        share = chain / total if total else None
        note = both("note_chains", chain=int(chain), total=int(total), where=both(where))
        source = both("source_measured")
        yield line("A3", both("subject_chains"), share, "share", source=source, note=_unsaid(note, told))
    for verdict in found:
        made = asked.told("A3", verdict)
        part, whole = (verdict.detail.get(f"{of}_outlets") for of in ("part", "whole"))
        note = (
            both("note_share", part=f"{part:,.0f}", whole=f"{whole:,.0f}")
            if part is not None and whole
            else made.note
        )
        # independents by default: a share that is reached all the same is reached, one that is not may be
        unsure = not told and made.verdict == "not_met"
        yield replace(made, verdict="not_checked" if unsure else made.verdict, note=_unsaid(note, told))


def _count_chains(asked: Asked) -> tuple[float, float, str]:
    """Chains, all outlets, and where they were counted."""
    world, plan = asked.run.world, asked.run.plan
    pilots = pilots_of(asked)
    here = np.isin(world.sites.community, pilots) if pilots else np.ones(len(world.sites), dtype=np.bool_)
    standing = world.sites.standing[here]
    chain, total = float((standing & world.sites.chain[here][:, None]).sum()), float(standing.sum())
    if plan is not None:
        new = plan.opened[here] & ~standing
        chain, total = chain + float((new & world.types.chain).sum()), total + float(new.sum())
    return chain, total, "pilots" if pilots else "everywhere"


def _unsaid(note: Both, told: bool) -> Both:
    """The note, with a word on outlets of which nobody said whether they are chains."""
    return note if told else joined([n for n in (note, both("note_chain_unsaid")) if n["en"]], "semicolon")


def _chains_told(asked: Asked) -> bool:
    """Whether every layer of standing outlets has a column that says which are chains."""
    scenario = asked.run.scenario
    layers = scenario.get("existing") or ()
    candidates = scenario.get("candidates") or {}
    told = [source.get("chain") is not None for source in layers if isinstance(source, Mapping)]
    if isinstance(candidates, Mapping) and candidates.get("standing") is not None:
        told.append(candidates.get("standing_chain") is not None)
    return bool(told) and all(told)


# --- A5 -------------------------------------------------------------------------------------------------------


def commercial_area(asked: Asked) -> Iterator[Line]:
    """The commercial-area sheet of every community that the rule binds, and of every new one."""
    run = asked.run
    communities, scores = run.world.communities, run.scores
    by_subject: dict[str, list[Verdict]] = {}
    for verdict in asked.verdicts("H8"):
        by_subject.setdefault(verdict.subject, []).append(verdict)
    whole = asked.inputs.get("floor_area_all_m2") or {}
    for k, community in enumerate(map(str, communities.community_id)):
        found = by_subject.pop(community, [])
        if not found and communities.age_class[k] != "new":
            continue
        subject, area = asked.community(k), float(scores.commercial_after_m2[k])
        floor = float(scores.floor_after_m2[k])
        note = both("note_areas", part=f"{area:,.1f}", whole=f"{floor:,.1f}" if math.isfinite(floor) else "—")
        if not found:
            share = area / floor if floor > 0 else None
            yield line("A5", subject, share, "share", source=both("source_measured"), note=note)
        for verdict in found:
            made = asked.told("A5", verdict)
            yield line(
                "A5", subject, made.value, "share", source=made.source, verdict=made.verdict, target=verdict.need,
                sense=verdict.sense, note=note,
            )  # fmt: skip
        if community in whole:
            built = floor - float(scores.floor_before_m2[k])
            yield _second_reading(asked, subject, area, float(whole[community]) + (built if built > 0 else 0), found)
    for rest in by_subject.values():
        yield from (asked.told("A5", verdict) for verdict in rest)


def _second_reading(asked: Asked, subject: Both, part: float, whole: float, found: list[Verdict]) -> Line:
    """The share with the floor area below ground in the denominator; the rule itself uses the area as approved."""
    note = both("note_areas", part=f"{part:,.1f}", whole=f"{whole:,.1f}")
    words, share = both("subject_all_floors", subject=subject), part / whole if whole > 0 else None
    if not found or share is None:
        return line("A5", words, share, "share", source=both("source_all_floors"), note=note)
    need, sense = found[0].need, found[0].sense
    gap = int(whole_dm2(part)) - exact_share(need) * int(whole_dm2(whole))
    kept = gap >= 0 if sense == "ge" else gap <= 0
    result: Result = "met" if kept else "not_met"
    return line(
        "A5", words, share, "share", source=both("source_all_floors"), verdict=result, target=need, sense=sense,
        note=note,
    )  # fmt: skip


# --- A7 -------------------------------------------------------------------------------------------------------


def pilots_of(asked: Asked) -> list[int]:
    """Indices of the pilots: chosen by the plan, else by hand."""
    communities = asked.run.world.communities
    chosen = {community for told in _chosen(asked).values() for community in told}
    if chosen:
        return [k for k, c in enumerate(communities.community_id) if str(c) in chosen]
    return [int(k) for k in np.flatnonzero(communities.pilot)]


def _chosen(asked: Asked) -> dict[str, Mapping[str, str]]:
    """Rule that chooses pilots -> community's id -> its grade, as the plan decides."""
    plan = asked.run.plan
    decided = {} if plan is None else plan.decided
    return {
        label: decided[label]
        for label, rule in asked.run.rules.items()
        if rule.get("rule") == "pilots" and label in decided
    }


def grades(asked: Asked) -> Iterator[Line]:
    """At least one pilot of each grade: as the plan decides, else as set by hand."""
    communities = asked.run.world.communities
    decided = {c: grade for told in _chosen(asked).values() for c, grade in told.items()}
    yield from asked.lines("A7", "H19")
    pilots = pilots_of(asked)
    graded = {k: decided.get(str(communities.community_id[k])) or str(communities.grade[k]) for k in pilots}
    if not (asked.policy or any(graded.values())):
        return
    for grade in GRADES:
        mine = [k for k, g in graded.items() if g == grade]
        unknown = not mine and not (pilots and all(graded.values()))
        value = None if unknown else float(len(mine))
        result: Result = judged(value, "ge", 1.0) if asked.policy else "not_asked"
        note = both("note_no_grades") if unknown else joined([asked.community(k) for k in mine])
        source = both("source_plan_decided" if decided else "source_plan_grades")
        yield line(
            "A7", both(f"grade_{grade}"), value, "communities", source=source, verdict=result,
            target=1.0, sense="ge", note=note,
        )  # fmt: skip


# --- A9 -------------------------------------------------------------------------------------------------------


def service_area(asked: Asked) -> Iterator[Line]:
    """What norms of service area ask; then service and elderly-care area by 100 households in each community."""
    yield from asked.lines("A9", "H14", "H15")
    world = asked.run.world
    new, home, kinds = _new_areas(asked), world.sites.community, world.types.service
    elderly = new[:, kinds == SERVICES[1]].sum(axis=1)
    service = new[:, np.isin(kinds.astype(str), SERVICES)].sum(axis=1)
    communities = world.communities
    for k in range(len(communities)):
        households, here = float(communities.households[k]), home == k
        for name, today, added in (
            ("service", communities.service_m2[k], service[here].sum()),
            ("elderly", communities.elderly_m2[k], elderly[here].sum()),
        ):
            if math.isnan(households) and math.isnan(float(today)) and not added:
                continue
            area = float(today) + float(added)
            value = area / households * HUNDRED_HOUSEHOLDS if households > 0 else None
            known = value is not None and math.isfinite(value)
            yield line(
                "A9", both(f"subject_area_{name}", subject=asked.community(k)), value, "m2_per_100_households",
                source=both("source_measured"),
                note=both("note_area", area=f"{area:,.1f}", households=f"{households:,.0f}")
                if known
                else both("note_no_service_data"),
            )  # fmt: skip
