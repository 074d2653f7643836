"""The example town with 1,300,000 CNY, which is too little: its diagnosis, worked out by hand.

Two new communities miss the 10 %: C10 by 550 m2, C11 by 980 m2. What can help there (in new buildings nine tenths
count, for they add to the total too):

=====================  ===========  ==================  ==================
outlet                 cost         in new buildings    in idle premises
=====================  ===========  ==================  ==================
market, 800 m2         540,000      720 m2              none is that large
pharmacy, 120 m2       140,000      108 m2              120 m2
convenience, 100 m2    110,000      90 m2               100 m2 (two in C11)
stall, 8 m2            30,000       7.2 m2              8 m2
=====================  ===========  ==================  ==================

C10: one market, 540,000. Without a market 550 m2 cost at least 1,100 a square metre: 605,000.
C11: one market leaves 260 m2. Two outlets give 240 at most, so there are three; three convenience stores are the
cheapest that help, 100 + 90 + 90 = 280 m2 for 330,000. With the market: 870,000. A second market would be dearer.

So the 10 % take 1,410,000 of 1,300,000: 110,000 too much (8.5 % of the budget). The other way out: 540,000 for C10
leave 760,000 for C11, a market and 220,000: two convenience stores in the idle premises, 720 + 200 = 920 of 980 m2,
60 short (6.1 % of what is missing), and so the easier way. C10 has nothing to give, for its market is needed whole.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from siteopt import pipeline
from siteopt.report.diagnosis import summary_diagnosis

QIANCHENG = Path(__file__).resolve().parents[2] / "scenarios" / "qiancheng" / "scenario.yaml"


def test_the_diagnosis_of_the_poor_town_is_the_one_worked_out_by_hand() -> None:
    run = pipeline.solve(pipeline.check(QIANCHENG, sets=("constraints.budget.amount=1300000",)))
    assert run.proof.status == "infeasible" and run.diagnosis is not None and run.diagnosis.searched
    told = summary_diagnosis(run)
    assert told is not None
    assert set(told["clashing"]) == {"budget", "commercial_area"} and told["complete"]
    assert {(s["rule"], s["subject"]) for s in told["subjects"]} == {
        ("budget", "budget"),
        ("commercial_area", "C10"),
        ("commercial_area", "C11"),
    }
    area, money = told["repairs"]
    assert area["rules"] == ["commercial_area"] and money["rules"] == ["budget"]
    (gap,), (more,) = area["changes"], money["changes"]
    assert (gap["subject"], gap["need"], gap["shortfall"]) == ("C11", pytest.approx(980), pytest.approx(60))
    assert (more["possible"], more["shortfall"]) == pytest.approx((1_410_000, 110_000))
    assert area["effort"] == pytest.approx(60 / 980) and money["effort"] == pytest.approx(110 / 1300)
    assert area["proven"] and money["proven"]
    kinds = sorted(o["outlet_type"] for o in more["outlets"])
    assert kinds == ["convenience_store"] * 3 + ["vegetable_market"] * 2
    assert "上限由130万元提高到141万元（增加11万元）" in money["in_words"]["zh"]


def test_what_is_too_little_even_in_parts_is_seen_before_any_search() -> None:
    run = pipeline.solve(pipeline.check(QIANCHENG, sets=("constraints.budget.amount=1100000",)))
    assert run.diagnosis is not None and not run.diagnosis.searched
    seen = next(o for o in run.diagnosis.outlooks if o.rule == "budget" and o.against == "commercial_area")
    assert (seen.need, seen.possible, seen.can, seen.exact) == (1_100_000, 1_410_000, False, True)
