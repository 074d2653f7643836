"""The price of each rule of a stored run: how much more its plan would be worth if the rule gave a step."""

from __future__ import annotations

import math
from typing import Any

from siteopt.report.safe import plain
from siteopt.solve.backend import Report, Stop, value_of
from siteopt.solve.prices import Price, price_each
from siteopt.solve.strategy import quiet
from siteopt.whatif import audit, claim, in_its_turn, question
from siteopt.whatif_reopen import Reopened, about_stored, base_of

SCHEMA = "siteopt.prices/1"


def price_rules(
    reopened: Reopened, *, time_limit_s: float | None = None, report: Report = quiet, stop: Stop | None = None
) -> dict[str, Any]:
    """Loosen each rule in turn, leave it out in turn, and solve again (``prices.json``).

    Parameters
    ----------
    reopened : Reopened
    time_limit_s : for all rules together; the scenario's when None
    report, stop : progress and Ctrl-C

    Raises
    ------
    InputError
        The plan, read again, is not worth what the run says.
    RefusedPlan
        When a plan found on the way breaks another rule than the one it may break, or is not worth what it says.
    """
    stop = stop if stop is not None else Stop()
    ready, asked = reopened.ready, question(reopened.ready)
    base, best = base_of(reopened, asked)
    with ready.clock.stage("prices"):
        found = price_each(
            asked.program,
            asked.backend,
            asked.limits(time_limit_s),
            best=best,
            value=in_its_turn(base.proof),
            bound=base.proof.bound,
            report=report,
            stop=stop,
        )
    for price in found:
        others = [rule for rule in ready.rules if rule.label != price.rule]
        for x in (price.point, price.free_point):
            if x is not None:
                value = value_of(asked.program.goals[0], x)
                audit(ready, asked.plan(x), claim(base.proof, value, value, 0.0), others)
    rules = {
        label: {"kind": rule["rule"], "title": dict(rule["title"]), "sentence": dict(rule["sentence"])}
        for label, rule in base.rules.items()
    }
    about = about_stored(reopened, asked, base, SCHEMA, stopped=bool(stop))
    told = [{"rule": p.rule, **rules.get(p.rule, {}), **_told(p)} for p in found]
    out: dict[str, Any] = plain({**about, "rules": told})
    return out


def _told(p: Price) -> dict[str, Any]:
    """A price as plain values; None where nothing is known."""
    return {
        "unit": p.unit,
        "step": p.step,
        "amount": p.amount if math.isfinite(p.amount) else None,
        "relative": p.relative,
        "whole": p.whole,
        "gain_least": p.least,
        "gain_most": p.most if math.isfinite(p.most) else None,
        "free_least": p.free_least,
        "free_most": p.free_most if math.isfinite(p.free_most) else None,
        "proven": p.proven,
        "how": p.how,
    }
