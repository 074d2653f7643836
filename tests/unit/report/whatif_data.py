"""Alternatives, a frontier and an explained run as plain values, with names that would like to be more than text."""

from __future__ import annotations

from typing import Any

HOSTILE = '<script>alert("x")</script>'
FORMULA = "=HYPERLINK(1)"

ABOUT: dict[str, Any] = {
    "siteopt": "0",
    "scenario": "town",
    "title": f"Town {HOSTILE}",
    "language": "en",
    "illustrative": True,
    "currency": "CNY",
    "travel": {"mode": "straight_line", "network": False, "label": {"en": "straight lines", "zh": "直线距离"}},
    "types": [
        {"id": "market", "name": {"en": "Market", "zh": "菜市场"}},
        {"id": FORMULA, "name": {}},
    ],
    "engine": {"name": "highs", "version": "1"},
    "people": {"residents": 1000},
    "objective": {
        "name": "coverage",
        "sentence": {},
        "unit": "people",
        "counts_people": False,
        "counted_as": "services",
        "sense": "max",
        "tolerance": 0.0,
    },
}


def outlet(site_id: str, type_id: str, plans: list[str], kind: str, without: str | None) -> dict[str, Any]:
    return {
        "site_id": site_id,
        "name": "",
        "outlet_type": type_id,
        "community": HOSTILE,
        "cost": 1000,
        "plans": plans,
        "count": len(plans),
        "kind": kind,
        "without": without,
    }


def plan(number: int, value: float, **more: Any) -> dict[str, Any]:
    return {
        "plan": f"plan-{number}",
        "value": value,
        "below_best": 1000 - value,
        "cost": 3000 * number,
        "outlets": 3,
        "complete_after": 400,
        "distance": None,
        "distance_at_most": None,
        "distance_proven": None,
        "nearest": None,
        "rules_kept": True,
    } | more


ALTERNATIVES: dict[str, Any] = ABOUT | {
    "schema": "siteopt.alternatives/1",
    "slack": 0.01,
    "floor": 990,
    "asked": 3,
    "best": {"value": 1000, "bound": 1000, "gap": 0, "status": "proven"},
    "ended": "time",
    "next_at_most": 2,
    "plans": [
        plan(1, 1000),
        plan(2, 995, distance=3, distance_at_most=3, distance_proven=True, nearest="plan-1"),
        plan(3, 991.5, distance=1, distance_at_most=2, distance_proven=False, nearest="plan-2"),
    ],
    "pairs": [{"a": "plan-1", "b": "plan-2", "shared": 0, "only_a": 3, "only_b": 3}],
    "outlets": [
        outlet(HOSTILE, "market", ["plan-1", "plan-2", "plan-3"], "every", "needed"),
        outlet("s2", FORMULA, ["plan-1", "plan-2", "plan-3"], "every", "unknown"),
        outlet(FORMULA, "market", ["plan-1"], "one", None),
    ],
}


def point(budget: float, status: str, value: float | None, bound: float | None, **more: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "budget": budget,
        "own": False,
        "status": status,
        "value": value,
        "bound": bound,
        "gap": None if value is None or bound is None else (bound - value) / value,
        "spent": None if value is None else budget,
        "searched": True,
        "enough": False,
        "next": None,
    }
    if value is not None:
        entry |= {
            "cost": budget,
            "outlets": 2,
            "complete": 100,
            "coverage": {"market": 500, FORMULA: 20},
            "sites": [],
        }
    return entry | more


FRONTIER: dict[str, Any] = ABOUT | {
    "schema": "siteopt.frontier/1",
    "rule": {"label": HOSTILE, "title": {"en": "Budget", "zh": "预算"}, "amount": 300_000.0, "types": None},
    "today": {"value": 100, "complete": 0, "coverage": {"market": 0, FORMULA: 0}},
    "without_limit": {
        "value": 1000,
        "bound": 1000,
        "gap": 0,
        "status": "proven",
        "enough": 400_000,
        "enough_proven": True,
    },
    "least": {"amount": 50_000, "proven": True},
    "next_step": {"money": 10_000, "amount": 310_000, "gain": 25, "proven": True},
    "stopped": "interrupt",
    "points": [
        point(0, "infeasible", None, None),
        point(100_000, "no_plan", None, 700),
        point(200_000, "best_found", 600, 720.5, next={"to": 300_000, "money": 100_000, "least": 179.5, "most": 300}),
        point(
            300_000, "proven", 900, 900, own=True, next={"to": 400_000, "money": 100_000, "least": 100, "most": 100}
        ),
        point(400_000, "proven", 1000, 1000, enough=True),
    ],
}


def space(site_id: str, outcome: str, least: float | None, most: float | None, **more: Any) -> dict[str, Any]:
    value = None if most is None else 1000 - most
    return {
        "site_id": site_id,
        "name": "",
        "community": None,
        "outlets": [{"outlet_type": "market", "cost": 1000, "newly_covered": 5, "only_covered_by_this": 3.5}],
        "cost": 1000,
        "outcome": outcome,
        "value": value,
        "bound": None if least is None else 1000 - least,
        "loss_least": least,
        "loss_most": most,
        "cost_change": None if value is None else -500,
        "complete_change": None if value is None else -12,
        "opened": [],
        "closed": [],
        "moved": [],
    } | more


def named(site_id: str) -> dict[str, Any]:
    return {"site_id": site_id, "name": "", "outlet_type": "market", "cost": 1}


EXPLAINED: dict[str, Any] = ABOUT | {
    "schema": "siteopt.explain/1",
    "run": HOSTILE,
    "base": {"value": 1000, "bound": 1010, "gap": 0.01, "status": "best_found", "cost": 9000, "outlets": 6},
    "stopped": "",
    "sites": [
        space("free", "proven", 0, 0),
        space("costly", "proven", 120, 120, opened=[named(HOSTILE)], closed=[named("costly"), named("other")]),
        space("range", "best_found", 40, 90, moved=[{"from": named("range"), "to": named("x"), "distance_m": 12.0}]),
        space("must", "infeasible", None, None),
        space("dark", "unknown", 7, None),
        space("worse", "best_found", -10, -4),
        space(FORMULA, "best_found", -10, 30, opened=[named(f"n{k}") for k in range(6)]),
    ],
}


def fewer(data: dict[str, Any], counted: str = "person_minutes") -> dict[str, Any]:
    """The same where less is better: values fall from 2000 as they rose to 1000; losses and gains stay."""
    rising = {"value", "bound", "floor"}

    def turned(thing: Any) -> Any:
        if isinstance(thing, dict):
            return {
                k: 2000 - v if k in rising and isinstance(v, int | float) else turned(v) for k, v in thing.items()
            }
        return [turned(t) for t in thing] if isinstance(thing, list) else thing

    made: dict[str, Any] = turned(data)
    objective = data["objective"] | {"name": "minutes", "counted_as": counted, "sense": "min"}
    return made | {"objective": objective}
