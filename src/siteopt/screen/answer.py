"""An answer on one screen, made from a summary: reach, outlets, money, phases, pilots, goals, and how sure we are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from siteopt.report.rule_titles import rule_title
from siteopt.screen.clash import clash_view
from siteopt.screen.console import plain_table, t, text
from siteopt.screen.names import community_name, outlet_names
from siteopt.screen.stages import goals_table, phases_table, pilots_table

NO_PLAN_SHOWN = ("assessed", "infeasible", "no_plan")
"""Statuses of a summary whose figures are today's."""


def summary_view(summary: Mapping[str, Any], language: str, *, brief: bool = False) -> RenderableType:
    """The answer on one screen: headline, reach by type, money, rules, how sure we are.

    ``brief`` leaves out how the plan unfolds: phases, pilots, goals.
    """
    parts: list[RenderableType] = [
        text(summary["title"], style="bold"),
        text(_how_sure(summary, language)),
    ]
    if summary["illustrative"]:
        parts.append(text(t("illustrative", language), style="yellow"))
    if not summary["travel"]["network"]:
        parts.append(text(summary["travel"]["label"][language], style="yellow"))
    parts.append(_coverage(summary, language))
    if summary["status"] == "infeasible":
        parts.append(clash_view(summary, language))
    elif summary["status"] != "assessed":
        parts += [_sites(summary, language), text(_money(summary, language))]
        if not brief:
            stages = (view(summary, language) for view in (phases_table, pilots_table, goals_table))
            parts += [table for table in stages if table is not None]
    parts += [table for table in (_commercial_shares(summary, language),) if table is not None]
    unchecked = _not_checked(summary, language)
    return Group(*parts, *([text(unchecked, style="yellow")] if unchecked else []))


def assessment_view(summary: Mapping[str, Any], language: str) -> RenderableType:
    """Today's coverage by type, by community, and who has nothing."""
    nothing = summary["nothing"]
    facts = {"people": nothing["before"], "share": (nothing["share_before"] or 0.0) * 100}
    parts = [summary_view(summary, language), text(t("nothing_today", language, **facts))]
    if summary["communities"]:
        header = [t("community", language), t("unit_people", language), *outlet_names(summary, language).values()]
        parts.append(
            plain_table(
                t("by_community", language), header, [_community_today(summary, c) for c in summary["communities"]]
            )
        )
    return Group(*parts)


def _community_today(summary: Mapping[str, Any], community: Mapping[str, Any]) -> list[str]:
    people = next(iter(community["people"].values()))
    reached = [community["coverage"][kind["id"]]["before"] for kind in summary["types"]]
    shares = [f"{count / people:.0%}" if people else "—" for count in reached]
    return [community["name"] or community["id"], f"{people:,.0f}", *shares]


def _how_sure(summary: Mapping[str, Any], language: str) -> str:
    if summary["status"] == "assessed":
        return t("assessed", language)
    return str(summary["objective"]["in_words"][language])


def _not_checked(summary: Mapping[str, Any], language: str) -> str:
    """The rules that could not be checked for want of data, by name; nothing where all were."""
    unknown = Counter(v["rule"] for v in summary["verdicts"] if not v["checked"])
    titles = ((rule_title(summary["rules"], label, language), n) for label, n in unknown.items())
    rules = t("comma", language).join(title if n == 1 else f"{title} ×{n}" for title, n in titles)
    return t("rules_not_checked", language, rules=rules) if unknown else ""


def _coverage(summary: Mapping[str, Any], language: str) -> Table:
    """People within reach by type, before and after."""
    names, solved = outlet_names(summary, language), summary["status"] not in NO_PLAN_SHOWN
    limits = {kind["id"]: f"{kind['limit_min']:g}" for kind in summary["types"]}
    rows = [(names[kind], limits[kind], reach) for kind, reach in summary["coverage"].items()]
    rows.append((t("complete", language), "", summary["complete"]))
    keys = ("outlet", "minutes", "today", *(("plan", "gain") if solved else ()))
    return plain_table(
        t("reach_title", language),
        [t(key, language) for key in keys],
        [(name, limit, *_reach(reach)[: len(keys) - 2]) for name, limit, reach in rows],
    )


def _reach(reach: Mapping[str, Any]) -> tuple[str, str, str]:
    before, after = reach["before"], reach["after"]
    return _people(before, reach["share_before"]), _people(after, reach["share_after"]), f"{after - before:+,.0f}"


def _people(count: float, share: float | None) -> str:
    return f"{count:,.0f}" if share is None else f"{count:,.0f} ({share:.1%})"


def _sites(summary: Mapping[str, Any], language: str) -> RenderableType:
    """New outlets, with the phase that each opens in where there are phases."""
    if not summary["sites"]:
        return text(t("nothing_opens", language))
    names, phased = outlet_names(summary, language), bool(summary["phases"])
    words = ("space", "outlet", "kind", *(("phase",) if phased else ()))
    return plain_table(
        t("sites_title", language, count=len(summary["sites"])),
        [t(key, language) for key in (*words, "cost", "newly", "only")],
        [
            (
                f"{s['site_id']} {s['name']}".strip(),
                names[s["outlet_type"]],
                t(s["kind"], language),
                *((s["period"],) if phased else ()),
                f"{s['cost']:,.0f}",
                f"{s['newly_covered']:,.0f}",
                f"{s['only_covered_by_this']:,.0f}",
            )
            for s in summary["sites"]
        ],
        left=range(len(words)),
    )


def _money(summary: Mapping[str, Any], language: str) -> str:
    cost = summary["cost"]
    key = "money" if cost["budget"] is None else "money_of_budget"
    return t(key, language, total=cost["total"], budget=cost["budget"], currency=cost["currency"])


def _commercial_shares(summary: Mapping[str, Any], language: str) -> Table | None:
    """The commercial share of the communities that a rule binds."""
    bound = [c for c in summary["communities"] if c["sense"] != "off" and c["required"] is not None]
    if not bound:
        return None
    solved = summary["status"] not in NO_PLAN_SHOWN
    keys = ("community", "today", *(("plan",) if solved else ()), "required", "shortfall")
    rows = [
        (
            community_name(c),
            _percent(c["commercial_share_before"]),
            *((_percent(c["commercial_share_after"]),) if solved else ()),
            ("≥ " if c["sense"] == "ge" else "≤ ") + _percent(c["required"]),
            t("not_checked", language) if c["shortfall_m2"] is None else f"{c['shortfall_m2']:,.0f} m²",
        )
        for c in bound
    ]
    return plain_table(t("share_title", language), [t(key, language) for key in keys], rows)


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.2%}"
